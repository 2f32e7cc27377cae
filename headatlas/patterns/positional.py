"""Positional patterns: the target depends on where the query stands, not on what it says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headatlas.patterns import pattern
from headatlas.patterns.definition import MAX_REACH
from headatlas.patterns.families import Family
from headatlas.patterns.words import ends_sentence

if TYPE_CHECKING:
    from jaxtyping import Bool
    from torch import Tensor

    from headatlas.inputs.token_batch import TokenBatch


@pattern(
    "previous_token", family=Family.POSITIONAL, probe="natural_text", version=1,
    source="Vig & Belinkov 2019, arXiv:1906.04284; Olsson et al. 2022, arXiv:2209.11895",
    rivals=("current_token", "fixed_offset"), formula="mean over q >= 1 of A[q, q-1]",
    prominence=1,
    synonyms=("prev_token", "preceding_token", "previous_position"),
)  # fmt: skip
def previous_token(seq: TokenBatch) -> Bool[Tensor, "batch query key"]:
    """Attends to the token just before the current one.

    A B C: query 2 (C) looks at key 1 (B).
    """
    return seq.at_offset(1)


@pattern(
    "current_token", family=Family.POSITIONAL, probe="natural_text", version=1,
    source="Clark et al. 2019, arXiv:1906.04341",
    rivals=("previous_token",), formula="mean over q >= 1 of A[q, q]",
    synonyms=("self_token", "same_position", "diagonal"),
)  # fmt: skip
def current_token(seq: TokenBatch) -> Bool[Tensor, "batch query key"]:
    """Attends to the current token itself.

    Query 0 is not counted: in a causal model it has nothing else to look at, so every head would score 1 there.

    A B C: query 2 (C) looks at key 2 (C).
    """
    return seq.at_offset(0) & (seq.positions >= 1)[:, None]


@pattern(
    "first_token", family=Family.POSITIONAL, probe="natural_text", version=1,
    source="Xiao et al. 2023, arXiv:2309.17453; Gu et al. 2024, arXiv:2410.10781 (sink above 0.3)",
    formula="mean over q >= 1 of A[q, 0]",
    on_sink=True, resting=True, label_last=True, prominence=1,
    synonyms=("attention_sink", "sink", "BOS", "beginning_of_sequence", "first_position", "null_attention"),
)  # fmt: skip
def first_token(seq: TokenBatch) -> Bool[Tensor, "batch query key"]:
    """Attends to the first position: an attention sink, where a head rests when it has nothing to do.

    It has no sink-free score: the sink is what it measures.

    A B C: query 2 (C) looks at key 0 (A).
    """
    return seq.at((seq.positions >= 1).long().expand_as(seq.tokens) - 1)


@pattern(
    "next_token", family=Family.POSITIONAL, probe="natural_text", version=1, bidirectional=True,
    source="Clark et al. 2019, arXiv:1906.04341",
    rivals=("current_token", "previous_token"), formula="mean over q of A[q, q+1]",
    synonyms=("following_token", "next_position"),
)  # fmt: skip
def next_token(seq: TokenBatch) -> Bool[Tensor, "batch query key"]:
    """Attends to the token just after the current one; only bidirectional attention can.

    A B C: query 1 (B) looks at key 2 (C).
    """
    return seq.at_offset(-1)


@pattern(
    "last_token", family=Family.POSITIONAL, probe="natural_text", version=1, bidirectional=True,
    source="Kovaleva et al. 2019, arXiv:1908.08593",
    rivals=("next_token", "separator"), formula="mean over q before the last of A[q, last]",
)  # fmt: skip
def last_token(seq: TokenBatch) -> Bool[Tensor, "batch query key"]:
    """Attends to the last token of the sequence, special tokens included; only bidirectional attention can.

    A B C: query 0 (A) looks at key 2 (C).
    """
    last = seq.real.sum(-1, keepdim=True) - 1
    return seq.at(last.where(seq.positions < last, -1))


@pattern(
    "local_window", family=Family.POSITIONAL, probe="natural_text", version=1,
    source="Pande et al. 2021, arXiv:2101.09115",
    rivals=("previous_token", "current_token", "fixed_offset_2"),
    formula="mean over q of sum over |q-k| <= 2 of A[q, k]",
    synonyms=("local_attention", "sliding_window", "band"),
    reach=2,
)  # fmt: skip
def local_window(seq: TokenBatch) -> Bool[Tensor, "batch query key"]:
    """Attends to the tokens at most two positions away, itself included.

    The first three queries are not counted: everything they may look at is near.

    A B C D E F: query 5 (F) looks at keys 3, 4, 5.
    """
    return seq.within(2) & (seq.positions >= 3)[:, None]


@pattern(
    "nearby_tokens", family=Family.POSITIONAL, probe="natural_text", version=1,
    source="Clark et al. 2019, arXiv:1906.04341; Sukhbaatar et al. 2019, arXiv:1905.07799 (attention spans)",
    rivals=("previous_token", "current_token", "local_window", "fixed_offset"),
    formula="mean over q >= 9 of sum over |q-k| <= 8 of A[q, k]",
    synonyms=("local_context", "recent_tokens", "short_span", "recency"),
    reach=MAX_REACH,
)  # fmt: skip
def nearby_tokens(seq: TokenBatch) -> Bool[Tensor, "batch query key"]:
    """Attends to the tokens at most eight positions away, whatever they say.

    The first nine queries are not counted: everything they may look at is near, or the first position.

    A B C D E F G H I J K: query 10 (K) looks at keys 2, 3, 4, 5, 6, 7, 8, 9, 10.
    """
    return seq.within(MAX_REACH) & (seq.positions > MAX_REACH)[:, None]


@pattern(
    "start_of_sentence", family=Family.POSITIONAL, probe="natural_text", version=1,
    source="Kovaleva et al. 2019, arXiv:1908.08593 (block pattern)",
    rivals=("first_token", "punctuation", "capitalised"), formula="mean over q of A[q, first token of q's sentence]",
    on_sink=True,
)  # fmt: skip
def start_of_sentence(seq: TokenBatch) -> Bool[Tensor, "batch query key"]:
    """Attends to the first token of the current sentence or line, from the second sentence on.

    The first sentence is not counted: its start is the sink. A sentence ends with . ! ? or a line break.

    A b . C d e: query 5 (e) looks at key 3 (C).
    """
    ends = seq.where_text(ends_sentence)
    starts = ends.roll(1, -1) & ~ends & seq.ordinary
    starts[:, 0] = False
    start = (seq.positions * starts).cummax(-1).values
    inside = (start > 0) & (start < seq.positions) & seq.ordinary
    return seq.at(start.where(inside, -1))


def _register_fixed_offset(offset: int) -> None:
    def fixed_offset(seq: TokenBatch) -> Bool[Tensor, "batch query key"]:
        return seq.at_offset(offset)

    fixed_offset.__doc__ = f"""Attends to the token {offset} positions back, whatever it says.

    A B C D E F G H I J: query 9 looks at key {9 - offset}.
    """
    pattern(
        f"fixed_offset_{offset}", family=Family.POSITIONAL, probe="natural_text", version=1,
        source="Voita et al. 2019, arXiv:1905.09418; Kovaleva et al. 2019, arXiv:1908.08593",
        rivals=("previous_token",), formula=f"mean over q >= {offset} of A[q, q-{offset}]",
        offset=offset,
    )(fixed_offset)  # fmt: skip


for _offset in range(2, 9):
    _register_fixed_offset(_offset)
