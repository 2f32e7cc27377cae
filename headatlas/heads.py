"""The kinds of attention, and how a head of each is written: L5H1; E5H1 in an encoder, D5H1, X5H1 (cross), V5H1."""

from __future__ import annotations

import re
from typing import NamedTuple

from headatlas.errors import HeadatlasError

# The probe of attention that was recorded elsewhere, on whatever text that was.
RECORDED = "recorded"
# Where the numbers of a scan came from that was read from the files of HeadVis.
HEADVIS = "headvis"


class AttentionKind(NamedTuple):
    """A kind of attention: the letter that its heads' names begin with, what it and one of its layers are called."""

    letter: str
    title: str
    layer: str


# By the name in the database, in the order in which they are listed; "self" is that of a decoder-only model.
ATTENTION_KINDS = {
    "self": AttentionKind("L", "Self-attention", "Layer"),
    "encoder": AttentionKind("E", "Encoder self-attention", "Encoder layer"),
    "decoder": AttentionKind("D", "Decoder self-attention", "Decoder layer"),
    "cross": AttentionKind("X", "Cross-attention", "Cross-attention layer"),
    "vision": AttentionKind("V", "Vision", "Vision layer"),
}


class Head(NamedTuple):
    """A head of a model; layers and heads are counted from 0."""

    attention: str
    layer: int
    head: int

    def __str__(self) -> str:
        return head_name(*self)


class OfHead:
    """What belongs to the head that its `attention`, `layer` and `head` say, and goes by that head's name."""

    attention: str
    layer: int
    head: int

    @property
    def name(self) -> str:
        """L5H1."""
        return head_name(self.attention, self.layer, self.head)


def head_name(attention: str, layer: int, head: int) -> str:
    """`head_name("self", 5, 1)` is "L5H1"."""
    return f"{ATTENTION_KINDS[attention].letter}{layer}H{head}"


def layer_name(attention: str, layer: int) -> str:
    """`layer_name("self", 5)` is "L5"."""
    return f"{ATTENTION_KINDS[attention].letter}{layer}"


def parse_head(text: str) -> Head:
    """`parse_head("L5H1")` is ("self", 5, 1); "5.1", as papers write it, is the same head.

    Raises:
        HeadatlasError: it is not a head's name.
    """
    # Numbers that a database can hold.
    match = re.fullmatch(r"([A-Za-z]?)(\d{1,9})[Hh.](\d{1,9})", text.strip())
    kinds = {kind.letter: attention for attention, kind in ATTENTION_KINDS.items()}
    if match is None or (match[1] or "L").upper() not in kinds:
        shown = f"'{text[:40]}'{'...' if len(text) > 40 else ''}"
        raise HeadatlasError(
            f"{shown} is not a head. Write L5H1 for layer 5, head 1 (X cross, E encoder, D decoder, V vision)."
        )
    return Head(kinds[(match[1] or "L").upper()], int(match[2]), int(match[3]))
