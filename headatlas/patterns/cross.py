"""Cross-attention patterns: from what the decoder has said to what the encoder read.

The query is the decoder's newest token; what the model computes there is the token that comes next. Trained
models align either of the two with the source, so that each kind of alignment is measured for both.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from headatlas.patterns import pattern, words
from headatlas.patterns.families import Family

if TYPE_CHECKING:
    from jaxtyping import Bool
    from torch import Tensor

    from headatlas.inputs.pair_batch import PairBatch

_VOITA = "Voita et al. 2019, arXiv:1905.09418"
_ALIGNMENT = "Garg et al. 2019, arXiv:1909.02074; Chen et al. 2020, arXiv:2004.14837"
_MONOTONIC = "Raffel et al. 2017, arXiv:1704.00784"
_OURS = "headatlas; nearest: Vig & Belinkov 2019, arXiv:1906.04284"
_ALIGNED = ("gold_alignment", "coming_gold_alignment", "same_source_token", "coming_source_token")


@pattern(
    "same_source_position", family=Family.ALIGNMENT, probe="repeated_random_tokens", version=1, attention=("cross",),
    source=_OURS, rivals=("monotonic_alignment", "previous_source_position", "next_source_position", *_ALIGNED),
    formula="mean over q, the i-th word piece of the target, of A[q, i-th piece of the source]",
)  # fmt: skip
def same_source_position(seq: PairBatch) -> Bool[Tensor, "batch query key"]:
    """Attends to the source token with the same place in its text, special tokens not counted.

    la lune S* → S* a b: query 2 (b) looks at key 1 (lune).
    """
    return seq.at_source(seq.text_index)


@pattern(
    "previous_source_position", family=Family.ALIGNMENT, probe="repeated_random_tokens", version=1,
    attention=("cross",), source=_OURS, rivals=("same_source_position", "monotonic_alignment", *_ALIGNED),
    formula="mean over q, the i-th word piece of the target, of A[q, (i-1)-th piece of the source]",
)  # fmt: skip
def previous_source_position(seq: PairBatch) -> Bool[Tensor, "batch query key"]:
    """Attends to the source token one place before its own.

    la lune S* → S* a b: query 2 (b) looks at key 0 (la).
    """
    return seq.at_source((seq.text_index - 1).where(seq.text_index >= 1, -1))


@pattern(
    "next_source_position", family=Family.ALIGNMENT, probe="repeated_random_tokens", version=1, attention=("cross",),
    source=_OURS, rivals=("same_source_position", "monotonic_alignment", *_ALIGNED),
    formula="mean over q, the i-th word piece of the target, of A[q, (i+1)-th piece of the source]",
)  # fmt: skip
def next_source_position(seq: PairBatch) -> Bool[Tensor, "batch query key"]:
    """Attends to the source token one place after its own: where a copy goes on.

    la lune S* → S* a b: query 1 (a) looks at key 1 (lune).
    """
    return seq.at_source((seq.text_index + 1).where(seq.text_index >= 0, -1))


@pattern(
    "monotonic_alignment", family=Family.ALIGNMENT, probe="french_to_english", version=1, attention=("cross",),
    source=_MONOTONIC, rivals=("same_source_position", "next_source_position", "previous_source_position", *_ALIGNED),
    formula="mean over q, the i-th of N pieces of the target, of A[q, piece floor((i + 1/2) M / N) of M]",
)  # fmt: skip
def monotonic_alignment(seq: PairBatch) -> Bool[Tensor, "batch query key"]:
    """Attends as far into the source as the query is into the target: the diagonal, stretched to fit.

    le chat noir dort S* → S* a b: query 2 (b, the second half) looks at key 3 (dort).
    """
    return seq.at_source(seq.diagonal_index)


@pattern(
    "same_source_token", family=Family.ALIGNMENT, probe="repeated_random_tokens", version=1, attention=("cross",),
    source=_OURS, rivals=("same_source_position", "coming_source_token", "gold_alignment", "source_end"),
    formula="mean over q that the source says too of sum over its copies k in the source of A[q, k]",
)  # fmt: skip
def same_source_token(seq: PairBatch) -> Bool[Tensor, "batch query key"]:
    """Attends to the same token in the source: a name, a number, a word that stays as it is.

    a b c S* → S* b x: query 1 (b) looks at key 1 (b).
    """
    return seq.same_token()


@pattern(
    "coming_source_token", family=Family.ALIGNMENT, probe="repeated_random_tokens", version=1, attention=("cross",),
    source=_OURS, rivals=("next_source_position", "same_source_token", "coming_gold_alignment", "source_end"),
    formula="mean over q whose next token the source says too of sum over its copies k in the source of A[q, k]",
)  # fmt: skip
def coming_source_token(seq: PairBatch) -> Bool[Tensor, "batch query key"]:
    """Attends to the source's copy of the token that comes next in the target: copying from the source.

    a b c S* → S* b x: query 0 (S) looks at key 1 (b).
    """
    return seq.shift_to_next_query(seq.same_token())


@pattern(
    "gold_alignment", family=Family.ALIGNMENT, probe="french_to_english", version=1, attention=("cross",),
    source=_ALIGNMENT,
    rivals=("same_source_position", "monotonic_alignment", "next_source_position", "previous_source_position",
            "same_source_token", "coming_gold_alignment", "source_end"),
    formula="mean over q that translate a source word of sum over the pieces k of that word of A[q, k]",
)  # fmt: skip
def gold_alignment(seq: PairBatch) -> Bool[Tensor, "batch query key"]:
    """Attends to the source word of which the query is the translation.

    chat[source_word0] noir[source_word1] S* → S* black[target_word1] cat[target_word0]: query 1 (black) looks at key 1.
    """
    return seq.link("target_word", "source_word")


@pattern(
    "coming_gold_alignment", family=Family.ALIGNMENT, probe="french_to_english", version=1, attention=("cross",),
    source=_ALIGNMENT,
    rivals=("same_source_position", "monotonic_alignment", "next_source_position", "previous_source_position",
            "coming_source_token", "gold_alignment", "source_end"),
    formula="mean over q whose next token translates a source word of sum over the pieces k of that word of A[q, k]",
)  # fmt: skip
def coming_gold_alignment(seq: PairBatch) -> Bool[Tensor, "batch query key"]:
    """Attends to the source word whose translation comes next.

    chat[source_word0] noir[source_word1] S* → S* black[target_word1] cat[target_word0]: query 0 (S) looks at key 1.
    """
    return seq.shift_to_next_query(seq.link("target_word", "source_word"))


@pattern(
    "source_start", family=Family.TOKEN_CLASS, probe="natural_text", version=1, attention=("cross",),
    source=_VOITA, rivals=("same_source_position", "source_special"), formula="mean over q of A[q, first source token]",
)  # fmt: skip
def source_start(seq: PairBatch) -> Bool[Tensor, "batch query key"]:
    """Attends to the first token of the source, special or not.

    It has no sink-free score: the first position is what it measures.

    a b S* → S* x: query 1 (x) looks at key 0 (a).
    """
    return (seq.keys.positions == 0) & seq.allowed


@pattern(
    "source_end", family=Family.TOKEN_CLASS, probe="natural_text", version=1, attention=("cross",),
    source=_VOITA, rivals=("source_special", "source_punctuation", "monotonic_alignment"),
    formula="mean over q of A[q, last source token]",
)  # fmt: skip
def source_end(seq: PairBatch) -> Bool[Tensor, "batch query key"]:
    """Attends to the last token of the source, mostly its end-of-text token: where cross-attention rests.

    a b S* → S* x: query 1 (x) looks at key 2 (the second S of the line).
    """
    last = seq.keys.real.sum(-1)[:, None, None] - 1
    return (seq.keys.positions == last) & seq.allowed


@pattern(
    "source_special", family=Family.TOKEN_CLASS, probe="natural_text", version=1, attention=("cross",),
    source="Clark et al. 2019, arXiv:1906.04341 (for self-attention)", rivals=("source_end", "source_start"),
    formula="mean over q of sum over special tokens k of the source of A[q, k]",
)  # fmt: skip
def source_special(seq: PairBatch) -> Bool[Tensor, "batch query key"]:
    """Attends to the source's special tokens: separators, its end, a language's mark.

    S* a b S* → S* x: query 1 (x) looks at keys 0, 3.
    """
    return seq.keys.special[:, None] & seq.allowed


@pattern(
    "source_punctuation", family=Family.TOKEN_CLASS, probe="natural_text", version=1, attention=("cross",),
    source="Clark et al. 2019, arXiv:1906.04341 (for self-attention)", rivals=("source_end", "same_source_token"),
    formula="mean over q of sum over punctuation k of the source of A[q, k]",
)  # fmt: skip
def source_punctuation(seq: PairBatch) -> Bool[Tensor, "batch query key"]:
    """Attends to punctuation in the source.

    a , b . S* → S* x: query 1 (x) looks at keys 1, 3.
    """
    return seq.keys.where_text(words.is_punctuation)[:, None] & seq.allowed
