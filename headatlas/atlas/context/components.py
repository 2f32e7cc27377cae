"""The pieces that pages are made of: figures, chips, lines of tables. Every field is described."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated


@dataclass(frozen=True, kw_only=True)
class MapImage:
    """One heatmap."""

    title: Annotated[str, "Short name over the map: the head, or 'mean of layer 5'."]
    uri: Annotated[str, "The picture, one pixel a weight, as a data URI."]
    alternative: Annotated[str, "What the picture shows, for those who do not see it."]
    href: Annotated[str, "Page the title leads to; empty for none."] = ""


@dataclass(frozen=True, kw_only=True)
class MapSet:
    """Heatmaps of one sequence, on one scale, that are read together."""

    number: Annotated[int, "Position in the page's token data."]
    rows: Annotated[int, "Number of query tokens."]
    columns: Annotated[int, "Number of key tokens; differs from `rows` in cross-attention."]
    cell: Annotated[int, "Width of a cell in CSS pixels."]
    row_axis: Annotated[str, "One line a query token (or each tenth, ...); empty for none."]
    column_axis: Annotated[str, "One line a key token."]
    step: Annotated[int, "Tokens a line of an axis stands for."]
    maps: Annotated[Sequence[MapImage], "The maps, left to right."]


@dataclass(frozen=True, kw_only=True)
class Overlay:
    """Attention of one token over the image."""

    title: Annotated[str, "The token, and its largest weight on a patch."]
    uri: Annotated[str, "The picture as a data URI."]
    width: Annotated[int, "Pixels."]
    height: Annotated[int, "Pixels."]
    alternative: Annotated[str, "What the picture shows, for those who do not see it."]


@dataclass(frozen=True, kw_only=True)
class ExampleSection:
    """One sequence on a head or layer page."""

    anchor: Annotated[str, "Id of the section."]
    probe: Annotated[str, "Probe the sequence is from."]
    probe_file: Annotated[str, "Its page in the folder probes/."]
    sequence: Annotated[int, "Position of the sequence in the probe."]
    length: Annotated[str, "How many tokens look at how many."]
    reading: Annotated[str, "How rows and columns are to be read."]
    maps: Annotated[MapSet, "The heatmaps."]
    overlays: Annotated[Sequence[Overlay], "Attention over the image, for vision models."] = ()


@dataclass(frozen=True, kw_only=True)
class Bar:
    """A score with its interval on a scale of 100 units."""

    at: Annotated[str, "Place of the score."]
    low: Annotated[str, "Place of the lower end of the interval; empty when there is none."]
    high: Annotated[str, "Place of the upper end of the interval."]
    chance: Annotated[str, "Place of the chance mark; empty when there is none."]


@dataclass(frozen=True, kw_only=True)
class ScoreLine:
    """A head's score for one pattern on the probe it is meant to be read on."""

    name: Annotated[str, "Pattern."]
    file: Annotated[str, "Its page in the folder patterns/."]
    probe: Annotated[str, "Probe it was measured on."]
    bar: Annotated[Bar | None, "The score as a picture; None where there is no score."]
    score: Annotated[float | None, "The score."]
    low: Annotated[float | None, "Lower end of the 95% interval."]
    high: Annotated[float | None, "Upper end of the 95% interval."]
    sink_free: Annotated[float | None, "The score without the first position."]
    chance: Annotated[float | None, "What uniform attention scores."]
    null: Annotated[float | None, "The score against the targets of shuffled tokens."]
    q: Annotated[float | None, "p-value against chance, corrected over all heads."]
    rival: Annotated[str | None, "Of the patterns that could explain the score, the one the head follows most."]
    rival_score: Annotated[float | None, "The rival's score."]
    rank: Annotated[int | None, "Rank among the model's heads, 1 for the highest."]
    n_queries: Annotated[int, "Queries counted."]


@dataclass(frozen=True, kw_only=True)
class ScoreFamily:
    """A head's scores for the patterns of one family."""

    family: Annotated[str, "Family."]
    hue: Annotated[str, "CSS class of the family."]
    lines: Annotated[Sequence[ScoreLine], "One a pattern."]


@dataclass(frozen=True, kw_only=True)
class Chip:
    """A label or a score worth a chip."""

    text: Annotated[str, "What it says."]
    value: Annotated[str, "Number beside it; may be empty."]
    hue: Annotated[str, "CSS class of the family."]
    file: Annotated[str, "The pattern's page in the folder patterns/; empty for none."] = ""


@dataclass(frozen=True, kw_only=True)
class Claim:
    """A label and why the head carries it."""

    chip: Annotated[Chip, "The label with its confidence."]
    name: Annotated[str, "The label, as the database has it."]
    probe: Annotated[str, "Probe it was read on."]
    probe_file: Annotated[str, "The probe's page in the folder probes/; empty for none."]
    score: Annotated[float | None, "Score there."]
    low: Annotated[float | None, "Lower end of the 95% interval."]
    high: Annotated[float | None, "Upper end."]
    chance: Annotated[float | None, "What uniform attention scores."]
    half_a: Annotated[float | None, "Score on one half of the probe."]
    half_b: Annotated[float | None, "Score on the other half."]
    strength: Annotated[float | None, "Share of attention that only this label explains."]
    explained: Annotated[float | None, "What everything else would score."]
    explained_by: Annotated[str, "What explains most of it; may be empty."]
    rival: Annotated[str, "Strongest rival; may be empty."]
    rival_score: Annotated[float | None, "Its score."]


@dataclass(frozen=True, kw_only=True)
class LabelCount:
    """A label and the heads of a model that carry it first."""

    chip: Annotated[Chip, "The label with the number of heads."]
    name: Annotated[str, "The label."]
    heads: Annotated[Sequence[tuple[str, str]], "Names of heads, strongest first, with confidence."]
    more: Annotated[int, "Heads left out of the list."]
    by_layer: Annotated[Sequence[int], "Heads with this label in each layer."]


@dataclass(frozen=True, kw_only=True)
class DotGroup:
    """Heads on the map that carry the same primary label, drawn as one path."""

    text: Annotated[str, "The label in words, or 'unclassified'."]
    number: Annotated[int, "Position of the label in the model's list; -1 for none."]
    hue: Annotated[str, "CSS class of the label's family; 'nameless' for none."]
    n_heads: Annotated[int, "Heads."]
    path: Annotated[str, "SVG path of one dot a head."]


@dataclass(frozen=True, kw_only=True)
class LabelKey:
    """A label in the mosaic's legend."""

    number: Annotated[int, "Position in the list that cells refer to."]
    code: Annotated[str, "Two or three letters that stand in the cells."]
    text: Annotated[str, "The label in words."]
    hue: Annotated[str, "CSS class of its family."]
    first: Annotated[int, "Heads whose strongest label it is."]
    all: Annotated[int, "Heads that carry it at all."]
    summary: Annotated[str, "Its definition in a sentence."]


@dataclass(frozen=True, kw_only=True)
class LayerStack:
    """How many heads of a layer carry a label of each family, as a stacked bar."""

    name: Annotated[str, "L5."]
    parts: Annotated[Sequence[tuple[str, str, int, int]], "CSS class, family, first head and number of heads."]
    said: Annotated[str, "The bar in words."]


@dataclass(frozen=True, kw_only=True)
class DepthChart:
    """A statistic of all heads by layer."""

    name: Annotated[str, "Statistic."]
    file: Annotated[str, "Its page in the folder patterns/."]
    unit: Annotated[str, "Unit."]
    probe: Annotated[str, "Probe."]
    line: Annotated[str, "SVG path of the layers' means."]
    band: Annotated[str, "SVG path around the middle 80% of heads."]
    ticks: Annotated[Sequence[tuple[str, str]], "Place and text of the marks of the value axis."]
    said: Annotated[str, "The chart in words."]


@dataclass(frozen=True, kw_only=True)
class DistanceChart:
    """Mean attention by distance."""

    own: Annotated[str, "SVG path on the probe in front."]
    own_probe: Annotated[str, "That probe."]
    others: Annotated[Sequence[tuple[str, str]], "Probe and SVG path of the others."]
    x_ticks: Annotated[Sequence[tuple[str, str]], "Place and text of the marks of the distance axis."]
    y_ticks: Annotated[Sequence[tuple[str, str]], "Place and text of the marks of the attention axis."]
    peaks: Annotated[Sequence[tuple[int, float]], "The distances that get most on that probe, with their attention."]


@dataclass(frozen=True, kw_only=True)
class TokenShare:
    """A token and how much attention it gets."""

    token: Annotated[str, "The token, every character visible."]
    mean: Annotated[float, "Mean attention over the queries that may look at it."]
    times: Annotated[int, "How often it stands in the kept sequences."]
    width: Annotated[str, "Length of its bar, 0 to 100."]


@dataclass(frozen=True, kw_only=True)
class SimilarHead:
    """A head that behaves like another."""

    model: Annotated[str, "Its model."]
    name: Annotated[str, "L5H1."]
    href: Annotated[str, "Its page."]
    difference: Annotated[float, "Root mean square difference of the scores both have."]
    chips: Annotated[Sequence[Chip], "Its labels."]


@dataclass(frozen=True, kw_only=True)
class UnnamedKind:
    """Heads that are alike and carry no common label."""

    name: Annotated[str, "unnamed kind 1."]
    n_heads: Annotated[int, "Heads in it."]
    typical: Annotated[Sequence[str], "Names of its most typical heads."]
    marks: Annotated[Sequence[tuple[str, str, float, float]], "Pattern, probe, mean here, mean of all heads."]


@dataclass(frozen=True, kw_only=True)
class Mini:
    """A mosaic of a whole model in a few pixels."""

    pattern: Annotated[str, "Pattern it shows."]
    file: Annotated[str, "Page of the pattern in the folder patterns/."]
    hue: Annotated[str, "CSS class of the family."]
    uri: Annotated[str, "Pictures, one a kind of attention joined top to bottom, as a data URI."]
    width: Annotated[int, "Width in CSS pixels."]
    height: Annotated[int, "Height in CSS pixels."]
    alternative: Annotated[str, "What the picture shows."]
    most: Annotated[str, "Largest value in it."]


@dataclass(frozen=True, kw_only=True)
class ModelFacts:
    """What every page about a model says of it."""

    name: Annotated[str, "Name of the model."]
    slug: Annotated[str, "Folder of its pages."]
    architecture: Annotated[str, "Class of the Hugging Face model."]
    n_layers: Annotated[int, "Layers whose heads were scored or tried."]
    n_heads: Annotated[int, "Heads scored."]
    n_parameters: Annotated[int | None, "Parameters."]
    scanned: Annotated[str, "Day the scan ended."]
    verdict: Annotated[str, "'passed', 'failed' or 'not compared'."]
    n_warnings: Annotated[int, "Warnings of the scan."]


@dataclass(frozen=True, kw_only=True)
class MosaicCell:
    """A head in the mosaic."""

    name: Annotated[str, "L5H1."]
    step: Annotated[str, "CSS classes of its colour: the family where cells differ in it, v0 to v100 or 'none'."]
    text: Annotated[str, "The code of its label, or its value in two digits."]
    said: Annotated[str, "What the cell says in words."]
    labels: Annotated[str, "Labels as the script reads them: 'number:strength in percent', blanks between."]


@dataclass(frozen=True, kw_only=True)
class MosaicRow:
    """A layer in the mosaic."""

    name: Annotated[str, "L5."]
    scored: Annotated[bool, "False when the layer's attention could not be read."]
    cells: Annotated[Sequence[MosaicCell], "Its heads."]


@dataclass(frozen=True, kw_only=True)
class Mosaic:
    """Layers by heads of one kind of attention."""

    kind: Annotated[str, "self, encoder, ..."]
    title: Annotated[str, "Kind in words."]
    columns: Annotated[int, "Heads in the widest layer."]
    rows: Annotated[Sequence[MosaicRow], "Layers, the first on top."]


@dataclass(frozen=True, kw_only=True)
class PatternChoice:
    """A pattern in the list one picks from."""

    name: Annotated[str, "Pattern."]
    family: Annotated[str, "Its family."]


@dataclass(frozen=True, kw_only=True)
class TopHead:
    """A line of a pattern's table of top heads."""

    name: Annotated[str, "L5H1."]
    score: Annotated[float | None, "The score."]
    low: Annotated[float | None, "Lower end of the 95% interval."]
    high: Annotated[float | None, "Upper end of the 95% interval."]
    bar: Annotated[Bar | None, "The score as a picture."]


@dataclass(frozen=True, kw_only=True)
class TopHeads:
    """The heads that score highest for a pattern."""

    name: Annotated[str, "Pattern."]
    file: Annotated[str, "Its page in the folder patterns/."]
    family: Annotated[str, "Its family."]
    hue: Annotated[str, "CSS class of the family."]
    summary: Annotated[str, "Definition in a sentence."]
    probe: Annotated[str, "Probe."]
    unit: Annotated[str, "Unit of the score."]
    chance: Annotated[float | None, "What uniform attention scores."]
    scale: Annotated[str, "Upper end of the bars."]
    heads: Annotated[Sequence[TopHead], "Highest first."]


@dataclass(frozen=True, kw_only=True)
class Fact:
    """A line of provenance."""

    name: Annotated[str, "Column."]
    value: Annotated[str, "What it holds."]
    description: Annotated[str, "What it means."]


@dataclass(frozen=True, kw_only=True)
class Definition:
    """What a pattern is."""

    name: Annotated[str, "Pattern."]
    file: Annotated[str, "Its page in the folder patterns/."]
    version: Annotated[int, "Version of the definition."]
    family: Annotated[str, "Its family."]
    hue: Annotated[str, "CSS class of the family."]
    kind: Annotated[str, "target or statistic."]
    summary: Annotated[str, "First line."]
    description: Annotated[Sequence[str], "The other paragraphs, without the worked example."]
    example: Annotated[str, "Worked example in words."]
    formula: Annotated[str, "Formula."]
    unit: Annotated[str, "Unit."]
    source: Annotated[str, "Paper."]
    rivals: Annotated[Sequence[tuple[str, str]], "Patterns that could explain the same score, with their pages."]
    probe: Annotated[str, "Probe it is meant to be read on."]
    probe_file: Annotated[str, "That probe's page in the folder probes/; empty when it is not in this atlas."]


@dataclass(frozen=True, kw_only=True)
class Ideal:
    """The attention of a head that follows a pattern perfectly, on the worked example."""

    rows: Annotated[Sequence[str], "Tokens that look."]
    columns: Annotated[Sequence[str], "Tokens looked at; in cross-attention others than the rows."]
    targets: Annotated[Sequence[tuple[int, int, str]], "Row, column and CSS class of each cell that gets attention."]
    rests: Annotated[Sequence[tuple[int, int]], "Cells where a query without a target may rest."]
    query: Annotated[int, "The row that the example names; -1 for none."]
    causal: Annotated[bool, "True when later tokens cannot be seen."]
    side: Annotated[int, "Width of a cell."]
    margin: Annotated[int, "Room for the tokens beside the grid."]


@dataclass(frozen=True, kw_only=True)
class ModelMosaic:
    """A model's mosaic of one pattern, beside those of other models."""

    model: Annotated[str, "Model."]
    slug: Annotated[str, "Folder of its pages."]
    mini: Annotated[Mini, "The mosaic."]
    n_labelled: Annotated[int, "Heads that carry the pattern as a label."]


@dataclass(frozen=True, kw_only=True)
class RankedHead:
    """A head in a list over all models."""

    model: Annotated[str, "Model."]
    slug: Annotated[str, "Folder of the model's pages."]
    name: Annotated[str, "L5H1."]
    score: Annotated[float | None, "Score."]
    low: Annotated[float | None, "Lower end of the 95% interval."]
    high: Annotated[float | None, "Upper end of the 95% interval."]
    bar: Annotated[Bar | None, "The score as a picture."]
    confidence: Annotated[str, "Confidence of the label; empty without it."]


@dataclass(frozen=True, kw_only=True)
class ProbeFacts:
    """A probe in a list."""

    name: Annotated[str, "Probe."]
    file: Annotated[str, "Its page in the folder probes/."]
    version: Annotated[int, "Version."]
    summary: Annotated[str, "First line."]
    patterns: Annotated[Sequence[tuple[str, str, str]], "Patterns meant to be read on it: name, page, CSS class."]


@dataclass(frozen=True, kw_only=True)
class ProbeRun:
    """How a scan ran a probe, with the sequences it kept."""

    model: Annotated[str, "Model."]
    slug: Annotated[str, "Folder of the model's pages."]
    n_sequences: Annotated[int, "Sequences run."]
    n_tokens: Annotated[int, "Tokens run."]
    note: Annotated[str, "What was cut or left out."]
    sequences: Annotated[Sequence[tuple[int, Sequence[str]]], "Number and visible tokens of each kept sequence."]


@dataclass(frozen=True, kw_only=True)
class ExplorerRow:
    """A head in the explorer's table as it comes."""

    name: Annotated[str, "L5H1."]
    layer: Annotated[int, "Layer."]
    chips: Annotated[Sequence[Chip], "Labels with confidence."]
    strongest: Annotated[str, "Pattern it is furthest above chance for."]
    values: Annotated[Sequence[str], "Values of the columns."]


@dataclass(frozen=True, kw_only=True)
class ModelCard:
    """A model on the front page."""

    facts: Annotated[ModelFacts, "The model."]
    minis: Annotated[Sequence[Mini], "Mosaics of the patterns it follows most."]
    labels: Annotated[Sequence[Chip], "Its commonest labels."]
