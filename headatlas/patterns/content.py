"""Content patterns: the target depends on which tokens came before."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headatlas.patterns import pattern
from headatlas.patterns.families import Family

if TYPE_CHECKING:
    from jaxtyping import Bool
    from torch import Tensor

    from headatlas.inputs.token_batch import TokenBatch

# How many earlier copies a token has for which a head may look at all of them: with one there is no choice, and with
# more than these it is a frequent token.
COPIES = (2, 8)


@pattern(
    "duplicate_token", family=Family.CONTENT, probe="repeated_random_tokens", version=1,
    source="Wang et al. 2022, arXiv:2211.00593",
    rivals=("induction", "fixed_offset", "first_token"),
    formula="mean over q with an earlier copy of A[q, previous occurrence of token q]",
    prominence=1,
    synonyms=("repeated_token", "same_token"),
)  # fmt: skip
def duplicate_token(seq: TokenBatch) -> Bool[Tensor, "batch query key"]:
    """Attends to the previous occurrence of the current token.

    A B C A: query 3 (the second A) looks at key 0 (the first A).
    """
    return seq.at(seq.previous_occurrence)


@pattern(
    "induction", family=Family.CONTENT, probe="repeated_random_tokens", version=1,
    source="Elhage et al. 2021, transformer-circuits.pub/2021/framework; Olsson et al. 2022, arXiv:2209.11895",
    rivals=("duplicate_token", "fixed_offset", "previous_token", "first_token"),
    formula="mean over q with an earlier copy of A[q, previous occurrence of token q + 1]",
    copies=True, built_on="previous_token", prominence=2,
    synonyms=("prefix_matching", "strict_induction"),
)  # fmt: skip
def induction(seq: TokenBatch) -> Bool[Tensor, "batch query key"]:
    """Attends to the token that followed an earlier copy of the current one (prefix matching).

    A token that repeats at once (A A) has no target: what followed its copy is the query itself.

    A B C A: query 3 (the second A) looks at key 1 (B).
    """
    previous = seq.previous_occurrence
    followed = (previous >= 0) & (previous + 1 < seq.positions)
    return seq.at((previous + 1).where(followed, -1))


@pattern(
    "duplicate_token_any", family=Family.CONTENT, probe="ambiguous_repeats", version=1,
    source="duplicate_token for all copies alike; no standard reference",
    rivals=("duplicate_token", "induction_any", "preceding_copy", "frequent_token", "fixed_offset", "first_token"),
    formula="mean over q with two to eight earlier copies of sum over these copies k of A[q, k]",
)  # fmt: skip
def duplicate_token_any(seq: TokenBatch) -> Bool[Tensor, "batch query key"]:
    """Attends to all earlier copies of the current token alike, where there are several.

    Tokens with a single earlier copy do not count, since there `duplicate_token` is the same; nor do those with more
    than eight.

    A B A C A: query 4 (the third A) looks at keys 0, 2.
    """
    return seq.at_each(seq.earlier_copies(*COPIES))


@pattern(
    "induction_any", family=Family.CONTENT, probe="ambiguous_repeats", version=1,
    source="induction for all copies alike, as Bansal et al. 2022, arXiv:2212.09095, sum over them",
    rivals=("induction", "longer_prefix_induction", "duplicate_token_any", "fixed_offset", "first_token"),
    formula="mean over q with two to eight earlier copies of sum over the tokens k after these copies of A[q, k]",
    copies=True, built_on="previous_token",
)  # fmt: skip
def induction_any(seq: TokenBatch) -> Bool[Tensor, "batch query key"]:
    """Attends to what followed all earlier copies of the current token alike, where there are several.

    A head that prefers the latest copy gets this score too, and one that matches two tokens; `induction` and
    `longer_prefix_induction` tell them apart. Tokens with one earlier copy or more than eight do not count.

    A B A C A: query 4 (the third A) looks at keys 1, 3.
    """
    copies = seq.earlier_copies(*COPIES)
    followed = (copies >= 0) & (copies + 1 < seq.positions[:, None])
    return seq.at_each((copies + 1).where(followed, -1))


@pattern(
    "duplicate_token_ahead", family=Family.CONTENT, probe="repeated_random_tokens", version=1, bidirectional=True,
    source="headatlas; looking back: Wang et al. 2022, arXiv:2211.00593",
    rivals=("induction_ahead", "last_token", "first_token"),
    formula="mean over q with a later copy of A[q, next occurrence of token q]",
)  # fmt: skip
def duplicate_token_ahead(seq: TokenBatch) -> Bool[Tensor, "batch query key"]:
    """Attends to the next occurrence of the current token, as only bidirectional attention can.

    A B C A: query 0 (the first A) looks at key 3 (the second A).
    """
    return seq.at(seq.next_occurrence)


@pattern(
    "induction_ahead", family=Family.CONTENT, probe="repeated_random_tokens", version=1, bidirectional=True,
    source="headatlas; looking back: Olsson et al. 2022, arXiv:2209.11895",
    rivals=("duplicate_token_ahead", "next_token", "last_token", "first_token"),
    formula="mean over q with a later copy of A[q, next occurrence of token q - 1]",
)  # fmt: skip
def induction_ahead(seq: TokenBatch) -> Bool[Tensor, "batch query key"]:
    """Attends to the token that precedes a later copy of the current one: induction seen in a mirror.

    A token that repeats at once (A A) has no target: what precedes its copy is the query itself.

    A B C A: query 0 (the first A) looks at key 2 (C).
    """
    later = seq.next_occurrence
    preceded = later - 1 > seq.positions
    return seq.at((later - 1).where(preceded, -1))
