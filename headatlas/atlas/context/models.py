"""What pages say of a model and of its heads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from headatlas.atlas.context.labels import Chip
from headatlas.atlas.context.mosaics import Thumbnail


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
class ModelCard:
    """A model on the front page."""

    facts: Annotated[ModelFacts, "The model."]
    thumbnails: Annotated[Sequence[Thumbnail], "Mosaics of the patterns it follows most."]
    labels: Annotated[Sequence[Chip], "Its commonest labels."]
    coverage: Annotated[str, "How many of its heads have a name; may be empty."]


@dataclass(frozen=True, kw_only=True)
class ModelLine:
    """A model in the table of many."""

    facts: Annotated[ModelFacts, "The model."]
    mosaic: Annotated[str, "Its heads by label, a pixel each, as a data URI."]
    width: Annotated[int, "Width of that picture in CSS pixels."]
    n_named: Annotated[int, "Heads of which more is known than where they rest."]
    commonest: Annotated[str, "The commonest label with its heads: 'induction 12'; empty for none."]


@dataclass(frozen=True, kw_only=True)
class Fact:
    """A line of provenance."""

    name: Annotated[str, "Column."]
    value: Annotated[str, "What it holds."]
    description: Annotated[str, "What it means."]


@dataclass(frozen=True, kw_only=True)
class ExplorerRow:
    """A head in the explorer's table as it comes."""

    name: Annotated[str, "L5H1."]
    layer: Annotated[int, "Layer."]
    chips: Annotated[Sequence[Chip], "Labels with confidence."]
    strongest: Annotated[str, "Pattern it is furthest above chance for."]
    values: Annotated[Sequence[str], "Values of the columns: patterns, then evidence."]


@dataclass(frozen=True, kw_only=True)
class Measure:
    """A number that every head has, to be set against another."""

    id: Annotated[str, "How the address spells it: 'induction', or an effect and its probe with a colon between."]
    group: Annotated[str, "Family of the pattern, or 'evidence'."]
    title: Annotated[str, "What it is called."]
    unit: Annotated[str, "Its unit."]
    probe: Annotated[str, "Probe it is read on; empty for what is read off weights."]
    file: Annotated[str, "Name of its data file among those of evidence; empty for patterns."]
    cause: Annotated[bool, "Whether it says what changes without the head."] = False


@dataclass(frozen=True, kw_only=True)
class SimilarHead:
    """A head that behaves like another."""

    model: Annotated[str, "Its model."]
    name: Annotated[str, "L5H1."]
    href: Annotated[str, "Its page."]
    difference: Annotated[float, "Distance from it, as `headatlas similar` gives it."]


@dataclass(frozen=True, kw_only=True)
class TokenShare:
    """A token and how much attention it gets."""

    token: Annotated[str, "The token, every character visible."]
    share: Annotated[float, "Share of the attention off the sink of the queries that may look at it."]
    even: Annotated[float, "What it would be if they spread that attention evenly."]
    times: Annotated[int, "How often it stands in the kept sequences."]
    width: Annotated[str, "Length of its bar, 0 to 100."]


@dataclass(frozen=True, kw_only=True)
class PictureChoice:
    """A picture with its sentence, to be looked at word by word."""

    file: Annotated[str, "Name of its data file, without the folder."]
    sentence: Annotated[str, "The sentence."]
    own: Annotated[bool, "Whether the model drew it itself; else it was given the picture with noise in it."]


@dataclass(frozen=True, kw_only=True)
class Localisation:
    """One score of how much of what words get comes from inside the things they are about."""

    pattern: Annotated[str, "The pattern."]
    file: Annotated[str, "Its page."]
    chance: Annotated[float | None, "What even attention scores: the things' area."]


@dataclass(frozen=True, kw_only=True)
class PictureHead:
    """A head that looks from a picture at its sentence."""

    name: Annotated[str, "X5H1."]
    chips: Annotated[Sequence[Chip], "Its labels."]
    scores: Annotated[Sequence[tuple[float, float, float] | None], "Score and interval for each `Localisation`."]
    effect: Annotated[tuple[float, float, float] | None, "What the things lose without it, with its interval."]
    similar: Annotated[Sequence[str], "The heads of its model that behave most like it, the nearest first."]
