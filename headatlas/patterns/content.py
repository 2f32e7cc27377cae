"""Content patterns: the target depends on which tokens came before."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headatlas.patterns import pattern
from headatlas.patterns.families import Family

if TYPE_CHECKING:
    from jaxtyping import Bool
    from torch import Tensor

    from headatlas.inputs.token_batch import TokenBatch


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
