"""Runs over training: one small curve a head, all on one scale, drawn without scripts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import groupby, pairwise
from math import log1p
from types import MappingProxyType
from typing import Any

from headatlas.atlas.context.training import Curve, LayerCurves, RunPage
from headatlas.atlas.data.atlas import Atlas, file_names
from headatlas.atlas.draw.colours import family_class
from headatlas.atlas.draw.wording import plural, score, words
from headatlas.catalog.reader import Reader
from headatlas.catalog.training import HeadCurve, Point, Training, runs, training
from headatlas.errors import HeadatlasError
from headatlas.models.checkpoints import scan_name

# Steps that lie unevenly (0, 1, 2, 4, ..., 143000) are spread by their logarithm.
MIN_UNEVENNESS = 8
MAX_X_TICKS = 10
MAX_STRONGEST = 3


def trainings(reader: Reader, atlas: Atlas) -> dict[str, Training]:
    """The runs of which a site shows two checkpoints or more and all that are stored, by the name of their page.

    In the most prominent pattern. A run that was not scored for it, or with several versions of it, is left out.
    """
    shown = {model.name for model in atlas.models}
    whole = {
        run: steps
        for run, steps in runs(reader).items()
        if len(steps) > 1 and all(scan_name(run, step) in shown for step in steps)
    }
    drawn = {}
    for run, file in file_names(whole).items():
        try:
            drawn[file] = training(reader, run)
        except HeadatlasError:
            continue
    return drawn


def pages_of(drawn: Mapping[str, Training]) -> dict[str, str]:
    """The page of each checkpoint's run, by the checkpoint's name as a model."""
    return {scan_name(run.run, step): file for file, run in drawn.items() for step in run.steps}


def run_page(atlas: Atlas, drawn: Training) -> RunPage:
    """The page of a run in a site."""
    slugs = {model.name: model.slug for model in atlas.models}
    folders = {step: slugs[scan_name(drawn.run, step)] for step in drawn.steps}
    return RunPage(
        title=f"{drawn.run}: {words(drawn.pattern)} over training",
        description=description(drawn),
        root="../",
        trail=[],
        preview="previews/atlas.png",
        **curves(drawn, folders),
    )


def description(drawn: Training) -> str:
    """A run in a sentence."""
    said = (
        f"{words(drawn.pattern)} in {plural(len(drawn.curves), 'head')} of {drawn.run} at "
        f"{plural(len(drawn.steps), 'checkpoint')}, steps {drawn.steps[0]:,} to {drawn.steps[-1]:,}."
    )
    return said[0].upper() + said[1:]


def curves(drawn: Training, folders: Mapping[int, str] = MappingProxyType({})) -> dict[str, Any]:
    """The fields of `RunCurves`."""
    across, by_logarithm = _across(drawn.steps)
    top = _top(drawn)
    return {
        "training": drawn,
        "hue": family_class(drawn.family),
        "layers": [
            LayerCurves(name=name, curves=[_curve(curve, across, top) for curve in of_layer])
            for name, of_layer in groupby(drawn.curves, key=lambda curve: curve.layer_name)
        ],
        "strongest": _strongest(drawn),
        "x_ticks": _x_ticks(drawn.steps, across),
        "y_ticks": [(_fixed(100 * (1 - share)), f"{top * share:.3g}") for share in (0, 0.5, 1)],
        "by_logarithm": by_logarithm,
        "box": (Curve.WIDTH, Curve.HEIGHT),
        "folders": folders,
    }


def _across(steps: Sequence[int]) -> tuple[Callable[[int], float], bool]:
    """Where a step lies, 0 to `Curve.WIDTH`, and whether by the logarithm."""
    gaps = [after - before for before, after in pairwise(steps)]
    if not gaps:
        return (lambda step: Curve.WIDTH / 2), False
    uneven = max(gaps) >= MIN_UNEVENNESS * min(gaps)

    def along(step: int) -> float:
        return log1p((step - steps[0]) / min(gaps)) if uneven else float(step - steps[0])

    return (lambda step: Curve.WIDTH * along(step) / along(steps[-1])), uneven


def _top(training: Training) -> float:
    """Shares of attention are drawn from 0 to 1; statistics up to the largest."""
    values = [value for curve in training.curves for _, value in curve.known]
    largest = max(values, default=1.0)
    return 1.0 if training.kind == "target" or largest <= 0 else largest


def _curve(head: HeadCurve, across: Callable[[int], float], top: float) -> Curve:
    def at(step: int, value: float) -> tuple[str, str]:
        return _fixed(across(step)), _fixed(Curve.HEIGHT * (1 - min(max(value / top, 0.0), 1.0)))

    lines, bands, dots = [], [], []
    for known, run in groupby(head.points, key=lambda point: point.score is not None):
        points = list(run)
        if not known:
            continue
        positions = [at(point.step, point.score) for point in points if point.score is not None]
        if len(points) == 1:
            dots += positions
            continue
        lines.append(_joined(positions))
        upper = [at(point.step, point.high) for point in points if point.high is not None and point.low is not None]
        lower = [at(point.step, point.low) for point in points if point.high is not None and point.low is not None]
        if len(upper) == len(points):
            bands.append(_joined([*upper, *reversed(lower)]))
    chances = [point.chance for point in head.points if point.chance is not None]
    return Curve(
        name=head.name,
        lines=lines,
        band=bands,
        dots=dots,
        chance=at(head.points[-1].step, chances[-1])[1] if chances else "",
        first=head.points[0].score,
        last=head.points[-1].score,
        said=_said(head, head.points),
        scores=[point.score for point in head.points],
    )


def _said(head: HeadCurve, points: Sequence[Point]) -> str:
    highest = head.highest
    if highest is None:
        return f"{head.name}: no score"
    return (
        f"{head.name}: {score(points[0].score, 2)} at step {points[0].step:,}, {score(points[-1].score, 2)} at step "
        f"{points[-1].step:,}, highest {score(highest[1], 2)} at step {highest[0]:,}"
    )


def _strongest(training: Training) -> list[HeadCurve]:
    """Heads that end highest, for the sentence on top."""
    ended = [(curve.points[-1].score, curve) for curve in training.curves]
    known = [(value, curve) for value, curve in ended if value is not None]
    return [curve for _, curve in sorted(known, key=lambda pair: -pair[0])[:MAX_STRONGEST]]


def _x_ticks(steps: Sequence[int], across: Callable[[int], float]) -> list[tuple[str, str]]:
    """Steps that stand far enough apart to be written under the scale."""
    room = Curve.WIDTH / MAX_X_TICKS
    placed: list[tuple[float, int]] = []
    for step in steps[:-1]:
        if (not placed or across(step) - placed[-1][0] >= room) and across(steps[-1]) - across(step) >= room:
            placed.append((across(step), step))
    placed.append((across(steps[-1]), steps[-1]))
    return [(_fixed(100 * x / Curve.WIDTH), f"{step:,}") for x, step in placed]


def _joined(points: Sequence[tuple[str, str]]) -> str:
    return " ".join(f"{x},{y}" for x, y in points)


def _fixed(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
