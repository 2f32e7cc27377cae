"""Patterns of models whose words look at a picture by cross-attention (Idefics 1, Mllama): from words to patches.

In the examples the picture's tokens stand before the arrow: its class token and its patches (`picture`), of which those
on a thing have its number (`shape`). Behind it stands the text, with the words that name a thing (`noun`, `adjective`)
and, at the end of a question, the one that is asked for (`asked`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from headatlas.patterns import pattern
from headatlas.patterns.families import Family

if TYPE_CHECKING:
    from jaxtyping import Bool
    from torch import Tensor

    from headatlas.inputs.pair_batch import PairBatch

_FLAMINGO = "Alayrac et al. 2022, arXiv:2204.14198 (Flamingo's gated cross-attention)"
_SINK = "Kang et al. 2025, arXiv:2503.03321 (visual attention sinks)"
_LOCALISATION = "Kang et al. 2025, arXiv:2503.06287 (localisation heads)"
_OCR = "Baek et al. 2025, arXiv:2505.15865 (OCR heads)"
_CROSS = ("cross",)


def _words(seq: PairBatch) -> Bool[Tensor, "batch query 1"]:
    return (seq.queries.ordinary & seq.real)[:, :, None]


def _patches(seq: PairBatch) -> Bool[Tensor, "batch query key"]:
    return (seq.keys.role("picture") >= 0)[:, None] & seq.allowed


def _other_thing(seq: PairBatch, role: str) -> Bool[Tensor, "batch query key"]:
    """From words that speak of a thing, the patches of the other one."""
    words, things = seq.queries.role(role)[:, :, None], seq.keys.role("shape")[:, None, :]
    there = seq.link(role, "shape").any(-1, keepdim=True)
    return (words >= 0) & (things >= 0) & (words != things) & there


def _coming(seq: PairBatch, targets: Bool[Tensor, "batch query key"]) -> Bool[Tensor, "batch query key"]:
    """The targets of the query after each."""
    return seq.shift_to_next_query(targets) & seq.allowed


@pattern(
    "picture_class_token", family=Family.LAYOUT, probe="captions", version=1, attention=_CROSS, source=_FLAMINGO,
    resting=True, on_sink=True, rivals=("empty_patches",),
    formula="mean over words q of sum over the picture's class token k of A[q, k]",
)  # fmt: skip
def picture_class_token(seq: PairBatch) -> Bool[Tensor, "batch query key"]:
    """Attends from words to the picture's class token, which has no place: where cross-attention to pictures rests.

    C* p[picture0] q[picture0] → a red circle: query 1 (red) looks at key 0 (C).
    """
    return seq.keys.special[:, None, :] & _words(seq) & seq.allowed


@pattern(
    "empty_patches", family=Family.LAYOUT, probe="captions", version=1, attention=_CROSS, source=_SINK, resting=True,
    rivals=("picture_class_token", "word_to_patches"),
    formula="mean over words q of sum over patches k on which no thing is drawn of A[q, k]",
)  # fmt: skip
def empty_patches(seq: PairBatch) -> Bool[Tensor, "batch query key"]:
    """Attends from words to patches on which nothing is drawn.

    p[picture0] q[picture0,shape0] → a red circle: query 1 (red) looks at key 0 (p).
    """
    known = (seq.keys.role("shape") >= 0).any(-1)[:, None, None]
    return _patches(seq) & (seq.keys.role("shape") < 0)[:, None] & _words(seq) & known


@pattern(
    "word_to_patches", family=Family.LAYOUT, probe="captions", version=1, attention=_CROSS, source=_LOCALISATION,
    rivals=("empty_patches", "adjective_to_patches"), contrast=lambda seq: _other_thing(seq, "noun"), prominence=1,
    formula="mean over nouns q of sum over the patches k of the thing that q names of A[q, k]",
)  # fmt: skip
def word_to_patches(seq: PairBatch) -> Bool[Tensor, "batch query key"]:
    """Attends from a noun to the patches of the thing that it names, not to those of the other thing.

    p[picture0,shape0] q[picture0,shape1] → circle[noun0] square[noun1]: query 1 (square) looks at key 1 (q).
    """
    return seq.link("noun", "shape")


@pattern(
    "adjective_to_patches", family=Family.LAYOUT, probe="captions", version=1, attention=_CROSS, source=_LOCALISATION,
    rivals=("empty_patches", "word_to_patches"), contrast=lambda seq: _other_thing(seq, "adjective"),
    formula="mean over adjectives q of sum over the patches k of the thing that q describes of A[q, k]",
)  # fmt: skip
def adjective_to_patches(seq: PairBatch) -> Bool[Tensor, "batch query key"]:
    """Attends from an adjective to the patches of the thing that it describes, not to those of the other thing.

    p[picture0,shape0] q[picture0,shape1] → red[adjective0] blue[adjective1]: query 0 (red) looks at key 0 (p).
    """
    return seq.link("adjective", "shape")


@pattern(
    "question_to_patches", family=Family.LAYOUT, probe="captions", version=1, attention=_CROSS, source=_LOCALISATION,
    rivals=("empty_patches",), contrast=lambda seq: _other_thing(seq, "asked"),
    formula="mean over questions of sum over the patches k of the thing asked for of A[last token, k]",
)  # fmt: skip
def question_to_patches(seq: PairBatch) -> Bool[Tensor, "batch query key"]:
    """Attends from the end of a question to the patches of the thing that it asks for, not to the other thing's.

    p[picture0,shape0] q[picture0,shape1] → what is square ?[asked1]: query 3 (?) looks at key 1 (q).
    """
    return seq.link("asked", "shape")


@pattern(
    "word_in_picture", family=Family.LAYOUT, probe="captions", version=1, attention=_CROSS, source=_LOCALISATION,
    within=_patches,
    formula="mean over texts of: sum of A[noun q, k] over patches k of its thing / over all patches k",
)  # fmt: skip
def word_in_picture(seq: PairBatch) -> Bool[Tensor, "batch query key"]:
    """Of all that nouns give patches, the share on the thing that each names; chance is its area.

    p[picture0,shape0] q[picture0] → red circle[noun0]: query 1 (circle) looks at key 0 (p).
    """
    return seq.link("noun", "shape")


@pattern(
    "coming_word_to_patches", family=Family.LAYOUT, probe="written_words", version=1, attention=_CROSS, source=_OCR,
    rivals=("empty_patches",), contrast=lambda seq: _coming(seq, _other_thing(seq, "written:first")),
    formula="mean over q before a word of sum over the patches k on which the word is written of A[q, k]",
)  # fmt: skip
def coming_word_to_patches(seq: PairBatch) -> Bool[Tensor, "batch query key"]:
    """Attends to the patches on which the word is written that comes next: reading it off the picture.

    p[picture0,shape0] q[picture0,shape1] → upper is RIVER[written0]: query 1 (is) looks at key 0 (p).
    """
    return _coming(seq, seq.link("written:first", "shape"))
