"""A run over training: its curves, and its page in a site."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, ClassVar

from headatlas.atlas.context.pages import Page
from headatlas.catalog.training import HeadCurve, Training


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
class LayerCurves:
    """The heads of one layer over training."""

    name: Annotated[str, "L5."]
    curves: Annotated[Sequence[Curve], "One a head."]


@dataclass(frozen=True, kw_only=True)
class RunCurves:
    """What is shown of a run, in a site and on a page of its own."""

    training: Annotated[Training, "The run."]
    hue: Annotated[str, "CSS class of the pattern's family."]
    layers: Annotated[Sequence[LayerCurves], "Curves, layer by layer."]
    strongest: Annotated[Sequence[HeadCurve], "The heads that end highest."]
    x_ticks: Annotated[Sequence[tuple[str, str]], "Position in percent and text of the marks of the step axis."]
    y_ticks: Annotated[Sequence[tuple[str, str]], "Position in percent and text of the marks of the score axis."]
    by_logarithm: Annotated[bool, "True when steps are spread by their logarithm."]
    box: Annotated[tuple[int, int], "Width and height of a curve's box."]
    folders: Annotated[Mapping[int, str], "Folder of each step's model; empty where no site is around the page."]


@dataclass(frozen=True, kw_only=True)
class RunPage(Page, RunCurves):
    """A run over training, in a site."""

    template = "run.html"
