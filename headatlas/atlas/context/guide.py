"""What pages say to whoever comes for the first time: a head to read, what a model needs, terms in plain words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from headatlas.atlas.context.heatmaps import MapSet, WildPiece
from headatlas.atlas.context.labels import Chip


@dataclass(frozen=True, kw_only=True)
class ReadingExample:
    """A real head on a short text, with the row that shows best what it does."""

    maps: Annotated[MapSet, "Its map."]
    head: Annotated[str, "L18H6."]
    href: Annotated[str, "Its page."]
    model: Annotated[str, "Its model."]
    slug: Annotated[str, "Folder of the model's pages."]
    label: Annotated[Chip, "Its first label."]
    sentence: Annotated[str, "What it does, in words; may be empty."]
    effect: Annotated[str, "What its removal does, in words; empty where it was not removed."]
    query: Annotated[str, "The token that looks, every character visible."]
    row: Annotated[int, "Its position."]
    key: Annotated[str, "The token that it looks at most."]
    column: Annotated[int, "Its position."]
    weight: Annotated[float, "How much attention goes there."]
    context: Annotated[Sequence[WildPiece], "Both in the text, the token that looks marked."]
    causal: Annotated[bool, "True when queries cannot look at later tokens."]


@dataclass(frozen=True, kw_only=True)
class NeededHeads:
    """Heads of a model that carry a label, and whether the model needs them."""

    model: Annotated[str, "The model."]
    slug: Annotated[str, "Folder of its pages."]
    heads: Annotated[Sequence[tuple[str, str]], "Names of those that carry it most strongly, with strength."]
    more: Annotated[int, "How many others carry it."]
    n_needed: Annotated[int, "How many of all of them the model is shown to need on the pattern's own texts."]
    n_tested: Annotated[int, "How many of them were removed."]
    verdict: Annotated[str, "Verdict on the strongest; empty where it was not removed."]
    tone: Annotated[str, "Colour of that verdict: 'good', 'bad' or 'open'."]
    sentence: Annotated[str, "The same as a sentence; empty where it was not tested."]


@dataclass(frozen=True, kw_only=True)
class Term:
    """A word of these pages, explained."""

    anchor: Annotated[str, "Its anchor on the page."]
    name: Annotated[str, "The word."]
    also: Annotated[str, "What else it is called; may be empty."]
    text: Annotated[str, "What it means."]
    see: Annotated[Sequence[tuple[str, str]], "Where there is more: text and link from the site's root."]


@dataclass(frozen=True, kw_only=True)
class OtherName:
    """A name of a kind of head in the literature."""

    name: Annotated[str, "The name."]
    by: Annotated[str, "Who uses it."]
    address: Annotated[str, "Where on the web it is from."]
    patterns: Annotated[Sequence[tuple[str, str]], "Patterns that say the same or nearly so, with links from the root."]
    evidence: Annotated[str, "Types of evidence that measure it, as they are called; may be empty."]
    fit: Annotated[str, "same, near, or empty where nothing measures it."]
