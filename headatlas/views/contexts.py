"""What the templates of pages of one file receive, every field described, as in `headatlas.atlas.context.pages`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar

from markupsafe import Markup

from headatlas.atlas.context.heatmaps import ExampleSection, MapImage
from headatlas.atlas.context.template import Template
from headatlas.atlas.context.training import RunCurves
from headatlas.catalog.compare import Comparison, Match
from headatlas.catalog.score_changes import Change
from headatlas.evidence.tasks.result import TaskHead, TaskResult
from headatlas.views.surprise import Drop


@dataclass(frozen=True, kw_only=True)
class SinglePage(Template):
    """What every page in the site's style has that needs no site around it."""

    title: Annotated[str, "Title of the page."]
    description: Annotated[str, "The page in a sentence."]
    style: Annotated[Markup, "The style sheet."]


@dataclass(frozen=True, kw_only=True)
class HeatmapPage(SinglePage):
    """A model on a text, or a head of a scan."""

    template = "view.html"

    script: Annotated[Markup, "The scripts."]
    name: Annotated[str, "What the first map shows."]
    sentence: Annotated[str, "What a head of a scan does; empty for a text of one's own."]
    examples: Annotated[Sequence[ExampleSection], "Heatmaps, one sequence each."]
    rows: Annotated[Sequence[tuple[str, Sequence[MapImage]]], "Layers and their heads, to choose from."]
    columns: Annotated[Sequence[str], "Heads of the columns there: numbers, and 'mean' last."]
    called: Annotated[
        Mapping[str, str], "Labels of heads with their strength, by the head's name; of those that have any."
    ]
    called_of: Annotated[str, "The scan that they are of; empty for none."]
    thumb: Annotated[int, "Width of a head there, in CSS pixels."]
    labels: Annotated[Sequence[str], "Labels in words, with confidence."]
    scores: Annotated[Sequence[tuple[str, str, float, float]], "Pattern, probe, score, chance."]
    data: Annotated[Any, "Tokens of the heatmaps, for the script."]


@dataclass(frozen=True, kw_only=True)
class ComparePage(SinglePage):
    """Two scans side by side."""

    template = "comparison.html"

    comparison: Annotated[Comparison, "The comparison."]
    changes: Annotated[Sequence[Change], "The largest changes of scores that are more than chance."]
    matches: Annotated[Sequence[Match], "Nearest heads; empty where the scans are compared head by head."]


@dataclass(frozen=True, kw_only=True)
class TrainingPage(SinglePage, RunCurves):
    """A run over training."""

    template = "training.html"


@dataclass(frozen=True, kw_only=True)
class Token:
    """One token of a sequence of log-probabilities."""

    text: Annotated[str, "What it says, every character visible."]
    step: Annotated[str, "CSS class of its surprise: s0 to s8, or none where it is not known."]
    repeated: Annotated[bool, "True where an induction head could have known it."]
    title: Annotated[str, "Its surprise in words."]


@dataclass(frozen=True, kw_only=True)
class SurprisePage(Template):
    """Surprise, token by token; in a style of its own, so that it is not taken for a page about attention."""

    template = "surprise.html"

    name: Annotated[str, "What the log-probabilities are of."]
    n_tokens: Annotated[int, "Tokens in all sequences."]
    mean: Annotated[float | None, "Mean surprise of a token in bits; None where none is known."]
    drops: Annotated[Sequence[Drop], "Drops of surprise at repetitions: over all of them, then by their length."]
    sequences: Annotated[Sequence[Sequence[Token]], "The tokens of each sequence."]
    darkest: Annotated[int, "Bits from which on a token is drawn darkest."]


@dataclass(frozen=True, kw_only=True)
class TaskRow:
    """One head on a task, with a bar on a scale that all heads of the page share, `WIDTH` wide."""

    WIDTH: ClassVar[int] = 160

    head: Annotated[TaskHead, "The head and its numbers."]
    labels: Annotated[Sequence[str], "Its labels in words, the primary one first."]
    hue: Annotated[str, "CSS class of the primary label's family."]
    bar: Annotated[str, "SVG path from zero to the effect."]
    interval: Annotated[str, "SVG path along the interval; empty where there is none."]
    estimate: Annotated[str, "SVG path of the mark at the attribution."]
    said: Annotated[str, "The bar in words."]


@dataclass(frozen=True, kw_only=True)
class TaskCell:
    """One head in the map of all heads, in a square of one unit."""

    x: Annotated[int, "Column: the head's number."]
    y: Annotated[int, "Row: which of the layers."]
    tone: Annotated[str, "CSS class: helps, hinders or unknown."]
    strength: Annotated[str, "Opacity of the colour, 0 to 1."]
    taken: Annotated[bool, "True where the effect was measured rather than estimated."]
    title: Annotated[str, "The head and its effect."]


@dataclass(frozen=True, kw_only=True)
class TaskPage(SinglePage):
    """A task: which heads of a model it rests on."""

    template = "task.html"

    result: Annotated[TaskResult, "The result."]
    sentences: Annotated[Sequence[str], "What there is to say of it."]
    unit: Annotated[str, "Unit of effects."]
    measure: Annotated[str, "What gets worse, in words."]
    rows: Annotated[Sequence[TaskRow], "The heads that were taken out, the largest effect first."]
    zero: Annotated[str, "SVG path of the line at zero in the bars."]
    cells: Annotated[Sequence[TaskCell], "All heads."]
    layers: Annotated[Sequence[int], "The layers, as the rows of the map."]
    size: Annotated[tuple[int, int], "Columns and rows of the map."]
