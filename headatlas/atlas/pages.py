"""What each template receives: one dataclass a kind of page, every field described.

A test requires that the fields of a page and the variables of its template are the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar

from headatlas.atlas.evidence import EvidenceSection
from headatlas.atlas.published import Published


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
    size: Annotated[int, "Number of tokens that look."]
    columns: Annotated[int, "Number of tokens looked at."]
    cell: Annotated[int, "Width of a cell in CSS pixels."]
    axis: Annotated[str, "One line a token (or each tenth, ...): the labels of the rows; empty for none."]
    column_axis: Annotated[str, "The same for the columns."]
    step: Annotated[int, "Tokens a line of `axis` stands for."]
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
    """A head's score for one pattern on one probe."""

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
    n_sequences: Annotated[int, "Sequences they come from."]


@dataclass(frozen=True, kw_only=True)
class PatternLines:
    """All scores of a head for one pattern."""

    name: Annotated[str, "Pattern."]
    family: Annotated[str, "Its family."]
    hue: Annotated[str, "CSS class of the family."]
    lines: Annotated[Sequence[ScoreLine], "One a probe, the pattern's own probe first."]


@dataclass(frozen=True, kw_only=True)
class Chip:
    """A label or a score worth a chip."""

    text: Annotated[str, "What it says."]
    value: Annotated[str, "Number beside it; may be empty."]
    hue: Annotated[str, "CSS class of the family."]


@dataclass(frozen=True, kw_only=True)
class Claim:
    """A label and why the head carries it."""

    chip: Annotated[Chip, "The label with its confidence."]
    name: Annotated[str, "The label, as the database has it."]
    probe: Annotated[str, "Probe it was read on."]
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
class Dot:
    """A head on the map."""

    name: Annotated[str, "L5H1."]
    x: Annotated[str, "Horizontal place."]
    y: Annotated[str, "Vertical place."]
    hue: Annotated[str, "CSS class of its primary label's family; empty for none."]
    text: Annotated[str, "What it is called."]


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
    step: Annotated[str, "CSS class of its colour: v0 to v100, or 'none'."]
    text: Annotated[str, "Its value, two digits."]


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
    """A pattern on the methods page."""

    anchor: Annotated[str, "Id of the section."]
    name: Annotated[str, "Pattern."]
    version: Annotated[int, "Version of the definition."]
    family: Annotated[str, "Its family."]
    hue: Annotated[str, "CSS class of the family."]
    kind: Annotated[str, "target or statistic."]
    summary: Annotated[str, "First line."]
    description: Annotated[Sequence[str], "The other paragraphs, without the worked example."]
    example: Annotated[str, "Worked example in words."]
    drawing: Annotated[ExampleDrawing | None, "The worked example as a small map."]
    formula: Annotated[str, "Formula."]
    unit: Annotated[str, "Unit."]
    source: Annotated[str, "Paper."]
    rivals: Annotated[Sequence[str], "Patterns that could explain the same score."]
    probe: Annotated[str, "Probe it is meant to be read on."]


@dataclass(frozen=True, kw_only=True)
class ExampleDrawing:
    """A worked example as a grid: which keys one query looks at."""

    rows: Annotated[Sequence[str], "Tokens that look."]
    columns: Annotated[Sequence[str], "Tokens looked at; in cross-attention others than the rows'."]
    query: Annotated[int, "The row."]
    keys: Annotated[Sequence[int], "The columns."]
    side: Annotated[int, "Room for the longest token, in CSS pixels."]


@dataclass(frozen=True, kw_only=True)
class ProbeText:
    """A probe on the methods page."""

    anchor: Annotated[str, "Id of the section."]
    name: Annotated[str, "Probe."]
    version: Annotated[int, "Version."]
    summary: Annotated[str, "First line."]
    description: Annotated[Sequence[str], "The other paragraphs."]
    patterns: Annotated[Sequence[str], "Patterns meant to be read on it."]


@dataclass(frozen=True, kw_only=True)
class Page:
    """What every page has."""

    template: ClassVar[str]

    title: Annotated[str, "Title of the page."]
    description: Annotated[str, "The page in a sentence, for search engines and previews."]
    root: Annotated[str, "Way back to the site's root: '', '../' or '../../'."]
    trail: Annotated[Sequence[tuple[str, str]], "Pages above this one: name and link."]


@dataclass(frozen=True, kw_only=True)
class IndexPage(Page):
    """The front page."""

    template = "index.html"

    models: Annotated[Sequence[tuple[ModelFacts, Sequence[Mini], Sequence[Chip]]], "Models, mosaics, commonest labels."]
    n_heads: Annotated[int, "Heads in the whole atlas."]
    worked: Annotated[MapSet, "A small invented map that shows how to read one."]
    data: Annotated[Any, "Tokens of that map, for the script."]


@dataclass(frozen=True, kw_only=True)
class ModelPage(Page):
    """A model."""

    template = "model.html"

    model: Annotated[ModelFacts, "The model."]
    mosaics: Annotated[Sequence[Mosaic], "One a kind of attention."]
    choices: Annotated[Sequence[PatternChoice], "Patterns one can colour by, family after family."]
    probes: Annotated[Sequence[Any], "Probes with how the scan ran them (data.Probe)."]
    chosen: Annotated[PatternChoice, "Pattern the page starts with."]
    chosen_probe: Annotated[str, "Probe it starts with."]
    hue: Annotated[str, "CSS class of its family."]
    ticks: Annotated[Sequence[str], "Numbers under the legend."]
    chance: Annotated[float | None, "Chance of that pattern on that probe."]
    minis: Annotated[Sequence[Mini], "Every pattern as a small mosaic."]
    tops: Annotated[Sequence[TopHeads], "Top heads of every pattern."]
    counts: Annotated[Sequence[LabelCount], "Labels, the commonest first."]
    n_unclassified: Annotated[int, "Heads without a label."]
    labelled: Annotated[bool, "False when the scan's heads have not been labelled at all."]
    dots: Annotated[Sequence[Dot], "The map of all heads; empty when there is none."]
    unnamed: Annotated[Sequence[UnnamedKind], "Kinds of heads without a name."]
    certificate: Annotated[Mapping[str, Any] | None, "The correctness certificate; None when the scan has none."]
    warnings: Annotated[Sequence[str], "Warnings of the scan."]
    layers: Annotated[Sequence[Any], "Attention modules (data.Layer)."]
    provenance: Annotated[Sequence[Fact], "Every column of the scan."]
    versions: Annotated[Sequence[tuple[str, str]], "Packages and their versions."]
    data: Annotated[Any, "Scores of all heads, for the script."]


@dataclass(frozen=True, kw_only=True)
class HeadPage(Page):
    """A head."""

    template = "head.html"

    model: Annotated[ModelFacts, "The model."]
    name: Annotated[str, "L5H1."]
    words: Annotated[str, "The head in words: 'Layer 5, head 1'."]
    layer: Annotated[str, "Name of its layer."]
    previous: Annotated[str, "Name of the head before; empty for the first."]
    next: Annotated[str, "Name of the head after; empty for the last."]
    claims: Annotated[Sequence[Claim], "Labels, the primary one first."]
    labelled: Annotated[bool, "False when the scan's heads have not been labelled at all."]
    evidence: Annotated[EvidenceSection | None, "What its weights and its removal say; None where not gathered."]
    highlights: Annotated[Sequence[Chip], "Where it scores furthest above chance."]
    examples: Annotated[Sequence[ExampleSection], "Heatmaps."]
    start: Annotated[str, "Anchor of the sequence to begin with, where the head shows itself best; may be empty."]
    patterns: Annotated[Sequence[PatternLines], "Every score."]
    published: Annotated[Sequence[Published], "What papers say of it."]
    n_heads: Annotated[int, "Heads it is ranked among."]
    causal: Annotated[bool, "True when queries cannot look at later tokens."]
    data: Annotated[Any, "Tokens of the heatmaps, for the script."]


@dataclass(frozen=True, kw_only=True)
class LayerPage(Page):
    """A layer: all its heads side by side."""

    template = "layer.html"

    model: Annotated[ModelFacts, "The model."]
    layer: Annotated[Any, "The attention module (data.Layer)."]
    words: Annotated[str, "The layer in words: 'Layer 5'."]
    previous: Annotated[str, "Name of the layer before; empty for the first."]
    next: Annotated[str, "Name of the layer after; empty for the last."]
    labels: Annotated[Sequence[tuple[str, Sequence[Chip]]], "Names of heads with their labels."]
    examples: Annotated[Sequence[ExampleSection], "Heatmaps of all heads, the mean last."]
    data: Annotated[Any, "Tokens of the heatmaps, for the script."]


@dataclass(frozen=True, kw_only=True)
class MethodsPage(Page):
    """How every number is made."""

    template = "methods.html"

    families: Annotated[Sequence[tuple[str, str, Sequence[Definition]]], "Family, CSS class, definitions."]
    probes: Annotated[Sequence[ProbeText], "Probes."]
    tolerance: Annotated[float | None, "Largest difference the certificates allow; None when there is no certificate."]
