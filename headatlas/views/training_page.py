"""The page of a run over its training: one small curve a head, all on one scale, drawn without scripts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from math import log1p
from typing import Annotated, ClassVar

from headatlas.atlas.draw.colours import family_class
from headatlas.atlas.draw.wording import plural, score, words
from headatlas.catalog.training import HeadCurve, Point, Training
from headatlas.views.single_page import render_alone

# Steps that lie unevenly (0, 1, 2, 4, ..., 143000) are spread by their logarithm.
_UNEVEN = 8
_X_TICKS = 10


@dataclass(frozen=True, kw_only=True)
class Curve:
    """One head over training, in a box of `WIDTH` by `HEIGHT` whose scale all heads share."""

    WIDTH: ClassVar[int] = 140
    HEIGHT: ClassVar[int] = 56

    name: Annotated[str, "L5H1."]
    lines: Annotated[Sequence[str], "Points of SVG polylines; more than one where a step in between has no score."]
    band: Annotated[Sequence[str], "Points of SVG polygons: the 95% intervals."]
    dots: Annotated[Sequence[tuple[str, str]], "Scores that have no neighbour to draw a line to."]
    chance: Annotated[str, "Height of the score of a head that looks everywhere alike; empty where there is none."]
    first: Annotated[float | None, "Its first score."]
    last: Annotated[float | None, "Its last."]
    said: Annotated[str, "The curve in words."]
    scores: Annotated[Sequence[float | None], "Its score at every step."]


@dataclass(frozen=True, kw_only=True)
class Layer:
    """The heads of one layer."""

    name: Annotated[str, "L5."]
    curves: Annotated[Sequence[Curve], "One a head."]


def training_page(training: Training) -> bytes:
    """A run over training as one HTML file."""
    across, by_logarithm = _across(training.steps)
    top = _top(training)
    layers = [
        Layer(name=name, curves=[_curve(one, across, top) for one in curves])
        for name, curves in groupby(training.curves, key=lambda one: one.layer_name)
    ]
    pattern = words(training.pattern)
    description = (
        f"{pattern} in {plural(len(training.curves), 'head')} of {training.run} at "
        f"{plural(len(training.steps), 'checkpoint')}, steps {training.steps[0]:,} to {training.steps[-1]:,}."
    )
    return render_alone(
        "training.html",
        title=f"{training.run}: {pattern} over training",
        description=description[0].upper() + description[1:],
        training=training,
        hue=family_class(training.family),
        layers=layers,
        strongest=_strongest(training),
        x_ticks=_x_ticks(training.steps, across),
        y_ticks=[(_fixed(100 * (1 - share)), f"{top * share:.3g}") for share in (0, 0.5, 1)],
        by_logarithm=by_logarithm,
        box=(Curve.WIDTH, Curve.HEIGHT),
    )


def _across(steps: Sequence[int]) -> tuple[Callable[[int], float], bool]:
    """Where a step lies, 0 to `Curve.WIDTH`, and whether by the logarithm."""
    gaps = [after - before for before, after in pairwise(steps)]
    if not gaps:
        return (lambda step: Curve.WIDTH / 2), False
    uneven = max(gaps) >= _UNEVEN * min(gaps)

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
    for known, some in groupby(head.points, key=lambda one: one.score is not None):
        points = list(some)
        if not known:
            continue
        places = [at(one.step, one.score) for one in points if one.score is not None]
        if len(points) == 1:
            dots += places
            continue
        lines.append(_joined(places))
        upper = [at(one.step, one.high) for one in points if one.high is not None and one.low is not None]
        lower = [at(one.step, one.low) for one in points if one.high is not None and one.low is not None]
        if len(upper) == len(points):
            bands.append(_joined([*upper, *reversed(lower)]))
    chances = [one.chance for one in head.points if one.chance is not None]
    return Curve(
        name=head.name,
        lines=lines,
        band=bands,
        dots=dots,
        chance=at(head.points[-1].step, chances[-1])[1] if chances else "",
        first=head.points[0].score,
        last=head.points[-1].score,
        said=_said(head, head.points),
        scores=[one.score for one in head.points],
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
    """Heads that end highest, for the sentence on top: at most three."""
    ended = [(one.points[-1].score, one) for one in training.curves]
    known = [(value, one) for value, one in ended if value is not None]
    return [one for _, one in sorted(known, key=lambda pair: -pair[0])[:3]]


def _x_ticks(steps: Sequence[int], across: Callable[[int], float]) -> list[tuple[str, str]]:
    """Steps that stand far enough apart to be written under the scale."""
    room = Curve.WIDTH / _X_TICKS
    placed: list[tuple[float, int]] = []
    for step in steps[:-1]:
        if (not placed or across(step) - placed[-1][0] >= room) and across(steps[-1]) - across(step) >= room:
            placed.append((across(step), step))
    placed.append((across(steps[-1]), steps[-1]))
    return [(_fixed(100 * place / Curve.WIDTH), f"{step:,}") for place, step in placed]


def _joined(places: Sequence[tuple[str, str]]) -> str:
    return " ".join(f"{x},{y}" for x, y in places)


def _fixed(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
