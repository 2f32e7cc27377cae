"""Edges between heads, as pages list them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated


@dataclass(frozen=True, kw_only=True)
class EdgeEnd:
    """A head at one end of an edge."""

    name: Annotated[str, "L5H1."]
    labels: Annotated[str, "What it is called, in words; empty for a head without a label."]
    hue: Annotated[str, "CSS class of its family."]


@dataclass(frozen=True, kw_only=True)
class EdgeLine:
    """An edge as a line of a table."""

    earlier: Annotated[EdgeEnd, "The head that is read."]
    later: Annotated[EdgeEnd, "The head that reads."]
    what: Annotated[str, "What was looked at: 'induction score, 0.811 → 0.242', 'keys'."]
    value: Annotated[str, "The number that edges are ordered by."]


@dataclass(frozen=True, kw_only=True)
class EdgeTable:
    """The strongest edges of one sort."""

    anchor: Annotated[str, "Id of the section."]
    title: Annotated[str, "What they are called."]
    what: Annotated[str, "Heading of the column `what`."]
    value: Annotated[str, "Heading of the column `value`."]
    n_edges: Annotated[int, "How many there are in all."]
    lines: Annotated[Sequence[EdgeLine], "The strongest, in order."]
    caption: Annotated[str, "How the numbers are made."]


@dataclass(frozen=True, kw_only=True)
class EdgeKind:
    """All edges from heads of one label to heads of another."""

    sender: Annotated[str, "Label of the heads that are read; 'none' for heads without a label."]
    receiver: Annotated[str, "Label of the heads that read."]
    sender_text: Annotated[str, "The same in words."]
    receiver_text: Annotated[str, "The same in words."]
    n_edges: Annotated[int, "Edges that take some of the score away."]
    strongest: Annotated[str, "The strongest of them in a sentence."]


@dataclass(frozen=True, kw_only=True)
class EdgeSentence:
    """An edge of a head in a sentence, split where the other head's name stands."""

    before: Annotated[str, "What stands before the name."]
    name: Annotated[str, "The other head."]
    labels: Annotated[str, "Its labels in words; may be empty."]
    after: Annotated[str, "What stands after it."]


@dataclass(frozen=True, kw_only=True)
class WeightEdges:
    """Heads that one input of a head reads by its weights, or whose input reads it."""

    title: Annotated[str, "'Its keys read'."]
    heads: Annotated[Sequence[tuple[str, str, float]], "Name of the head, its labels in words, strength."]


@dataclass(frozen=True, kw_only=True)
class HeadEdges:
    """What a head reads from, or is read by."""

    title: Annotated[str, "'Reads from', 'Is read by'."]
    sentences: Annotated[Sequence[EdgeSentence], "What was measured, the largest first."]
    weights: Annotated[Sequence[WeightEdges], "By weights, the strongest of each input."]
