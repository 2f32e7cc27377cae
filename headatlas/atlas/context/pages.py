"""What each template receives: one dataclass a kind of page, every field described.

A test requires that the fields of a page and the variables of its template are the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from headatlas.atlas.context.charts import DepthChart, DotGroup, LayerStack
from headatlas.atlas.context.circuits import EdgeKind, EdgeTable
from headatlas.atlas.context.definitions import Definition, Ideal, PatternChoice, ProbeFacts, ProbeRun
from headatlas.atlas.context.depth import DepthFigure
from headatlas.atlas.context.evidence import EffectColumn, EvidenceSection, MissedHeads
from headatlas.atlas.context.guide import NeededHeads, OtherName, ReadingExample, Term
from headatlas.atlas.context.heatmaps import ExampleSection, MapSet, WildText
from headatlas.atlas.context.labels import Budget, Chip, LabelCount, LabelKey, LabelReason, UnnamedKind
from headatlas.atlas.context.literature import Published
from headatlas.atlas.context.models import (
    ExplorerRow,
    Fact,
    Localisation,
    Measure,
    ModelCard,
    ModelFacts,
    ModelLine,
    PictureChoice,
    PictureHead,
    SimilarHead,
)
from headatlas.atlas.context.mosaics import ModelMosaic, Mosaic, SmallMap, Thumbnail
from headatlas.atlas.context.scores import RankedHead, ScoreLine, TopHeads
from headatlas.atlas.context.template import Template


@dataclass(frozen=True, kw_only=True)
class Page(Template):
    """What every page of the site has."""

    of_site = True

    title: Annotated[str, "Title of the page."]
    description: Annotated[str, "The page in a sentence, for search engines and previews."]
    root: Annotated[str, "Way back to the site's root: '', '../' or '../../'."]
    trail: Annotated[Sequence[tuple[str, str]], "Pages above this one: name and link."]
    preview: Annotated[
        str, "Picture shown where the page is linked to; from the site's root until the builder makes it whole."
    ]
    comparable: Annotated[bool, "Whether the site has a second model to compare with; the builder sets it."] = False
    own_model: Annotated[str, "Folder of the model whose page it is, empty for others'; the builder sets it."] = ""
    table: Annotated[str, "Where one looks for a head without scripts, from the root; the builder sets it."] = ""
    address: Annotated[str, "Where the page will stand; empty where that is not known; the builder sets it."] = ""


@dataclass(frozen=True, kw_only=True)
class IndexPage(Page):
    """The front page."""

    template = "index.html"

    models: Annotated[Sequence[ModelCard], "Models; without pictures where there are `lines`."]
    lines: Annotated[Sequence[ModelLine], "Models as lines of a table, where they are too many for cards."]
    runs: Annotated[Sequence[tuple[str, str, str]], "Runs over training: name, page in training/, a sentence."]
    n_heads: Annotated[int, "Heads in the whole atlas."]
    drawn: Annotated[tuple[str, str], "A head drawn at random, as folder and name; empty where there are none."]
    newest: Annotated[Sequence[tuple[str, str, str]], "Models scanned last: name, folder, day."]
    families: Annotated[Sequence[tuple[str, str, Sequence[Definition]]], "Family, CSS class, its patterns."]
    probes: Annotated[Sequence[ProbeFacts], "Probes."]
    example: Annotated[ReadingExample | None, "A real head to read; None where no map shows a label."]
    worked: Annotated[MapSet | None, "In its place a small invented map; None where there is a real one."]
    label: Annotated[str, "The label the page begins with; empty where no head has one."]
    label_file: Annotated[str, "Page of its pattern in the folder patterns/; may be empty."]
    depth: Annotated[DepthFigure | None, "Kinds against depth; None where no head has a label."]
    needed: Annotated[Sequence[NeededHeads], "Models with heads that carry it, and whether they need them."]
    n_without: Annotated[int, "Other models, of which no head carries it."]
    data: Annotated[Any, "Tokens of that map, for the script."]


@dataclass(frozen=True, kw_only=True)
class ModelPage(Page):
    """A model."""

    template = "model.html"

    model: Annotated[ModelFacts, "The model."]
    run: Annotated[str, "Page of the run that it is a checkpoint of, in training/; empty for none."]
    drawn: Annotated[str, "A head drawn at random; empty where there are none."]
    mosaics: Annotated[Sequence[Mosaic], "One a kind of attention."]
    lettered: Annotated[bool, "Whether cells are wide enough for the letters of a label."]
    choices: Annotated[Sequence[PatternChoice], "Patterns one can colour by, family after family."]
    causes: Annotated[Sequence[tuple[str, str]], "Types of evidence one can colour by, with what they are called."]
    probes: Annotated[Sequence[Any], "Probes with how the scan ran them (data.Probe)."]
    hue: Annotated[str, "CSS class of the family the mosaic starts with; empty when it starts with labels."]
    chosen: Annotated[str, "Pattern the mosaic starts with; empty when it starts with labels."]
    chosen_probe: Annotated[str, "Probe of that pattern."]
    legend: Annotated[Sequence[LabelKey], "Labels, by family."]
    thumbnails: Annotated[Sequence[Thumbnail], "Every pattern as a small mosaic."]
    tops: Annotated[Sequence[TopHeads], "Top heads of every pattern."]
    counts: Annotated[Sequence[LabelCount], "Labels, the commonest first."]
    stacks: Annotated[Sequence[LayerStack], "Labels by layer."]
    pictures: Annotated[bool, "Whether there is a page of words and places of pictures."]
    circuits: Annotated[bool, "Whether there is a page of edges between heads."]
    edges: Annotated[Sequence[EdgeKind], "The kinds of edges by cause with the largest losses."]
    stack_width: Annotated[int, "Heads in the widest layer."]
    n_unclassified: Annotated[int, "Heads without a label."]
    n_resting: Annotated[int, "Heads whose only label says where they rest."]
    labelled: Annotated[bool, "False when the scan's heads have not been labelled at all."]
    dots: Annotated[Sequence[DotGroup], "The map of all heads; empty when there is none."]
    unnamed: Annotated[Sequence[UnnamedKind], "Kinds of heads without a name."]
    small_maps: Annotated[Sequence[tuple[str, int, SmallMap]], "Layers, how many heads they have, the first one's map."]
    depths: Annotated[Sequence[DepthChart], "Statistics by layer."]
    warnings: Annotated[Sequence[str], "Warnings of the scan."]
    data: Annotated[Any, "Names of patterns and their files, places on the map, for the script."]


@dataclass(frozen=True, kw_only=True)
class HeadPage(Page):
    """A head."""

    template = "head.html"

    model: Annotated[ModelFacts, "The model."]
    name: Annotated[str, "L5H1."]
    words: Annotated[str, "The head in words: 'Layer 5, head 1'."]
    layer: Annotated[str, "Name of its layer."]
    layer_file: Annotated[int, "Number of the data file with its layer's maps and tables."]
    previous: Annotated[str, "Name of the head before; empty for the first."]
    next: Annotated[str, "Name of the head after; empty for the last."]
    claims: Annotated[Sequence[Chip], "Labels, the primary one first."]
    labelled: Annotated[bool, "False when the scan's heads have not been labelled at all."]
    reasons: Annotated[Sequence[LabelReason], "What each label rests on; a script draws the same as a table."]
    sentence: Annotated[str, "What it does, in words; may be empty."]
    budget: Annotated[Budget | None, "What it divides its attention among, on natural text if there is any."]
    evidence: Annotated[EvidenceSection | None, "What its weights and its removal say; None where not gathered."]
    highlights: Annotated[Sequence[Chip], "Where it scores furthest above chance."]
    wild: Annotated[Sequence[WildText], "Lines of natural text and of a user's own, the latter first; may be empty."]
    examples: Annotated[Sequence[ExampleSection], "Heatmaps."]
    pictures: Annotated[bool, "Whether the page of words and places of pictures shows it."]
    clearest: Annotated[str, "Anchor of the sequence on which the head shows itself best; may be empty."]
    similar: Annotated[Sequence[SimilarHead], "Heads that behave most like it, in the whole atlas."]
    strongest: Annotated[Sequence[ScoreLine], "Scores furthest above chance; a script draws all."]
    n_scores: Annotated[int, "Patterns that the model was scored for."]
    published: Annotated[Sequence[Published], "What papers say of it."]
    n_heads: Annotated[int, "Heads it is ranked among."]
    causal: Annotated[bool, "True when queries cannot look at later tokens."]
    kind: Annotated[str, "Kind of attention, which names the file with the tokens of the heatmaps."]


@dataclass(frozen=True, kw_only=True)
class LayerPage(Page):
    """A layer: all its heads side by side."""

    template = "layer.html"

    model: Annotated[ModelFacts, "The model."]
    layer: Annotated[Any, "The attention module (data.Layer)."]
    layer_file: Annotated[int, "Number of the data file with its maps and tables."]
    words: Annotated[str, "The layer in words: 'Layer 5'."]
    previous: Annotated[str, "Name of the layer before; empty for the first."]
    next: Annotated[str, "Name of the layer after; empty for the last."]
    labels: Annotated[
        Sequence[tuple[str, Sequence[Chip], Sequence[str], SmallMap | None]], "Heads: name, labels, effects, map."
    ]
    effects: Annotated[Sequence[EffectColumn], "Evidence shown beside the labels; empty where none was gathered."]
    examples: Annotated[Sequence[ExampleSection], "Heatmaps of all heads, the mean last."]
    kind: Annotated[str, "Kind of attention, which names the file with the tokens of the heatmaps."]


@dataclass(frozen=True, kw_only=True)
class PatternPage(Page):
    """A pattern or statistic."""

    template = "pattern.html"

    definition: Annotated[Definition, "The newest definition."]
    introduction: Annotated[str, "What such heads do, in plain sentences; empty where nobody has written any."]
    older: Annotated[Sequence[Definition], "Older versions that some scan here was made with."]
    ideal: Annotated[Ideal | None, "The worked example as a heatmap; None where it cannot be drawn."]
    mosaics: Annotated[Sequence[ModelMosaic], "Every model's heads."]
    largest: Annotated[str, "Upper end of the scale of the mosaics."]
    heads: Annotated[Sequence[RankedHead], "The heads that score highest, over all models."]
    labels: Annotated[bool, "Whether any of them carries the label; of statistics, none can."]
    effects: Annotated[Sequence[EffectColumn], "Evidence shown beside them; empty where no model has any."]
    n_heads: Annotated[int, "Heads measured, over all models."]
    chance: Annotated[Sequence[tuple[str, str]], "What chance scores, and in which models."]
    real: Annotated[RankedHead | None, "The head that follows it most, to be shown beside a perfect one."]


@dataclass(frozen=True, kw_only=True)
class ProbePage(Page):
    """A probe."""

    template = "probe.html"

    probe: Annotated[ProbeFacts, "The probe."]
    paragraphs: Annotated[Sequence[str], "Its description, without the first line."]
    runs: Annotated[Sequence[ProbeRun], "How each scan ran it, with the sequences that were kept."]
    tops: Annotated[Sequence[tuple[str, str, str, Sequence[RankedHead]]], "Pattern, page, CSS class, its top heads."]
    missed: Annotated[Sequence[MissedHeads], "Which heads each model does worse without on it, where measured."]


@dataclass(frozen=True, kw_only=True)
class ExplorerPage(Page):
    """Every head of a model in a table."""

    template = "explorer.html"

    model: Annotated[ModelFacts, "The model."]
    columns: Annotated[Sequence[str], "Patterns whose scores are columns of the table as it comes."]
    effects: Annotated[Sequence[EffectColumn], "Evidence that is shown after them."]
    measures: Annotated[Sequence[Measure], "Every type of evidence on every probe, to add as a column."]
    rows: Annotated[Sequence[ExplorerRow], "The first heads, in order; a script draws all."]
    choices: Annotated[Sequence[PatternChoice], "Patterns one can add as columns."]
    labels: Annotated[Sequence[str], "Labels one can filter by."]
    probes: Annotated[Sequence[str], "Probes one can show the scores of."]
    data: Annotated[Any, "What the script needs to know before it loads the scores."]


@dataclass(frozen=True, kw_only=True)
class ScatterPage(Page):
    """Every head of a model between two numbers of one's choice."""

    template = "scatter.html"

    model: Annotated[ModelFacts, "The model."]
    measures: Annotated[Sequence[Measure], "What one can choose for either axis."]
    x: Annotated[str, "The number that lies across as the page comes."]
    y: Annotated[str, "The number that stands up."]


@dataclass(frozen=True, kw_only=True)
class CircuitsPage(Page):
    """Which heads of a model read which."""

    template = "circuits.html"

    model: Annotated[ModelFacts, "The model."]
    tables: Annotated[Sequence[EdgeTable], "The strongest edges of each sort that there is."]
    senders: Annotated[Sequence[tuple[str, str]], "Labels of heads that are read, as spelled and in words."]
    receivers: Annotated[Sequence[tuple[str, str]], "Labels of heads that read."]
    kinds: Annotated[Sequence[EdgeKind], "Edges by cause from label to label, the largest loss first."]


@dataclass(frozen=True, kw_only=True)
class PicturesPage(Page):
    """Where in a picture each word of its sentence is looked at, head by head."""

    template = "pictures.html"

    model: Annotated[ModelFacts, "The model."]
    pictures: Annotated[Sequence[PictureChoice], "Pictures one can choose, those that the model drew first."]
    patterns: Annotated[Sequence[Localisation], "What heads are ranked by, the first of them as the page comes."]
    heads: Annotated[Sequence[PictureHead], "Heads that look at the sentence, the best first."]
    effects: Annotated[bool, "Whether it is known what the things lose without a head."]


@dataclass(frozen=True, kw_only=True)
class GlossaryPage(Page):
    """Terms in plain words."""

    template = "glossary.html"

    terms: Annotated[Sequence[Term], "The terms, in the order in which one needs them."]
    names: Annotated[Sequence[OtherName], "What others call heads."]


@dataclass(frozen=True, kw_only=True)
class PairPage(Page):
    """Two models compared."""

    template = "compare.html"

    pair: Annotated[tuple[str, str], "Folders of the two that the page begins with."]

    models: Annotated[Sequence[ModelFacts], "Models to choose from."]
    rows: Annotated[Sequence[tuple[Chip, Sequence[str]]], "A label and how many heads of each model carry it first."]
    data: Annotated[Any, "Models and patterns, for the script."]


@dataclass(frozen=True, kw_only=True)
class HeadsPage(Page):
    """Two heads side by side."""

    template = "heads.html"

    models: Annotated[Sequence[ModelFacts], "Models to choose from."]


@dataclass(frozen=True, kw_only=True)
class AboutPage(Page):
    """How a scan was made."""

    template = "about.html"

    model: Annotated[ModelFacts, "The model."]
    certificate: Annotated[Mapping[str, Any] | None, "The correctness certificate; None when the scan has none."]
    warnings: Annotated[Sequence[str], "Warnings of the scan."]
    layers: Annotated[Sequence[Any], "Attention modules (data.Layer)."]
    probes: Annotated[Sequence[tuple[Any, str]], "Probes with how the scan ran them (data.Probe), and their pages."]
    provenance: Annotated[Sequence[Fact], "Every column of the scan."]
    versions: Annotated[Sequence[tuple[str, str]], "Packages and their versions."]
    citation: Annotated[str, "How to cite the scan, as BibTeX."]
    downloads: Annotated[Sequence[str], "The scan as files: a zip and a database; none where the site has none."]


@dataclass(frozen=True, kw_only=True)
class MethodsPage(Page):
    """How every number is made."""

    template = "methods.html"

    families: Annotated[Sequence[tuple[str, str, Sequence[Definition]]], "Family, CSS class, definitions."]
    probes: Annotated[Sequence[ProbeFacts], "Probes."]
    verdicts: Annotated[Sequence[tuple[str, str, str]], "Word of a verdict on a label, its colour, what it says."]
    copies: Annotated[float, "Copying scores further from 0 are named."]
    gives: Annotated[float, "Relations that weights give in this share of pairs above chance are named."]
    suppresses: Annotated[float, "Copy suppression is named where both halves hold in this share of pairs."]
    fast: Annotated[int, "Tokens within which a fast rotary pair turns once."]
    slow: Annotated[int, "Tokens within which a slow rotary pair does not."]
    sure: Annotated[float, "Confidence of a label below which 'perhaps' stands before it."]
    tolerance: Annotated[float | None, "Largest difference the certificates allow; None when there is no certificate."]
