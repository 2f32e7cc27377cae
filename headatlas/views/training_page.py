"""The page of a run over its training: one small curve a head, all on one scale, drawn without scripts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import groupby, pairwise
from math import log1p

from headatlas.atlas.build.templating import render
from headatlas.atlas.draw.colours import family_class
from headatlas.atlas.draw.wording import plural, score, words
from headatlas.catalog.training import HeadCurve, Point, Training
from headatlas.views.contexts import Curve, LayerCurves, TrainingPage
from headatlas.views.single_page import inline_style

# Steps that lie unevenly (0, 1, 2, 4, ..., 143000) are spread by their logarithm.
MIN_UNEVENNESS = 8
MAX_X_TICKS = 10
MAX_STRONGEST = 3


def training_page(training: Training) -> bytes:
    """A run over training as one HTML file."""
    across, by_logarithm = _across(training.steps)
    top = _top(training)
    layers = [
        LayerCurves(name=name, curves=[_curve(curve, across, top) for curve in curves])
        for name, curves in groupby(training.curves, key=lambda curve: curve.layer_name)
    ]
    pattern = words(training.pattern)
    description = (
        f"{pattern} in {plural(len(training.curves), 'head')} of {training.run} at "
        f"{plural(len(training.steps), 'checkpoint')}, steps {training.steps[0]:,} to {training.steps[-1]:,}."
    )
    return render(
        TrainingPage(
            title=f"{training.run}: {pattern} over training",
            description=description[0].upper() + description[1:],
            style=inline_style(),
            training=training,
            hue=family_class(training.family),
            layers=layers,
            strongest=_strongest(training),
            x_ticks=_x_ticks(training.steps, across),
            y_ticks=[(_fixed(100 * (1 - share)), f"{top * share:.3g}") for share in (0, 0.5, 1)],
            by_logarithm=by_logarithm,
            box=(Curve.WIDTH, Curve.HEIGHT),
        )
    )


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
