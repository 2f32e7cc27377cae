"""Positional patterns: the target depends on where the query stands, not on what it says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headatlas.patterns import pattern

if TYPE_CHECKING:
    from jaxtyping import Bool
    from torch import Tensor

    from headatlas.tokens import TokenBatch


@pattern(
    "previous_token", family="positional", probe="natural_text", version=1,
    source="Vig & Belinkov 2019, arXiv:1906.04284; Olsson et al. 2022, arXiv:2209.11895",
    rivals=("current_token", "fixed_offset"), formula="mean over q >= 1 of A[q, q-1]",
)  # fmt: skip
def previous_token(seq: TokenBatch) -> Bool[Tensor, "batch query key"]:
    """Attends to the token just before the current one.

    A B C: query 2 (C) looks at key 1 (B).
    """
    return seq.at_offset(1)


@pattern(
    "current_token", family="positional", probe="natural_text", version=1,
    source="Clark et al. 2019, arXiv:1906.04341",
    rivals=("previous_token",), formula="mean over q >= 1 of A[q, q]",
)  # fmt: skip
def current_token(seq: TokenBatch) -> Bool[Tensor, "batch query key"]:
    """Attends to the current token itself.

    Query 0 is not counted: in a causal model it has nothing else to look at, so every head would score 1 there.

    A B C: query 2 (C) looks at key 2 (C).
    """
    return seq.at_offset(0) & (seq.positions >= 1)[:, None]


@pattern(
    "first_token", family="positional", probe="natural_text", version=1,
    source="Xiao et al. 2023, arXiv:2309.17453; Gu et al. 2024, arXiv:2410.10781 (sink above 0.3)",
    formula="mean over q >= 1 of A[q, 0]",
)  # fmt: skip
def first_token(seq: TokenBatch) -> Bool[Tensor, "batch query key"]:
    """Attends to the first position: an attention sink, where a head rests when it has nothing to do.

    It has no sink-free score: the sink is what it measures.

    A B C: query 2 (C) looks at key 0 (A).
    """
    return ((seq.positions == 0) & (seq.positions >= 1)[:, None]).expand(len(seq.sequences), -1, -1)


def _register_fixed_offset(offset: int) -> None:
    def fixed_offset(seq: TokenBatch) -> Bool[Tensor, "batch query key"]:
        return seq.at_offset(offset)

    fixed_offset.__doc__ = f"""Attends to the token {offset} positions back, whatever it says.

    A B C D E F G H I J: query 9 looks at key {9 - offset}.
    """
    pattern(
        f"fixed_offset_{offset}", family="positional", probe="natural_text", version=1,
        source="Voita et al. 2019, arXiv:1905.09418; Kovaleva et al. 2019, arXiv:1908.08593",
        rivals=("previous_token",), formula=f"mean over q >= {offset} of A[q, q-{offset}]",
    )(fixed_offset)  # fmt: skip


for _offset in (2, 3, 4):
    _register_fixed_offset(_offset)
