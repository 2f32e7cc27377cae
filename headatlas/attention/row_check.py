"""Whether rows are attention: not negative, and no sum above 1."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from headatlas.attention.modules import AttentionModule
from headatlas.errors import AttentionError
from headatlas.inputs.pair_batch import Batch
from headatlas.inputs.token_batch import TokenBatch


@dataclass
class RowCheck:
    """What the rows of one module looked like, over everything seen of it."""

    row_sum_min: float = float("inf")
    row_sum_max: float = float("-inf")
    above_diagonal: float = 0.0
    farthest: int = 0


def check_rows(
    module: AttentionModule,
    attention: Float[Tensor, "*shape"],
    batch: Batch,
    check: RowCheck,
    *,
    diagonal: bool = False,
) -> None:
    """Notes the sums of real queries' rows in `check`, and with `diagonal` a row's largest mass on later positions and
    how many tokens away the farthest key with any weight is.

    Rows may sum to less than 1 (a learned sink).

    Raises:
        AttentionError: the tensor is not [batch, head, query, key], a weight is negative or not a number, or a row sums
            to more than 1.
    """
    n_sequences, n_queries, n_keys = batch.shape
    if attention.ndim != 4 or (attention.shape[0], *attention.shape[2:]) != (n_sequences, n_queries, n_keys):
        raise AttentionError(
            f"The hook of {module.name} ({module.hook}) gave a tensor of shape {tuple(attention.shape)}, "
            f"which is not [batch, head, query, key] of {n_sequences} x {n_queries} queries x {n_keys} keys."
        )
    real = batch.real.to(attention.device)
    sums = attention.sum(-1, dtype=torch.float32)
    padding = ~real[:, None]
    looked_at = [
        sums.masked_fill(padding, torch.inf).amin(), sums.masked_fill(padding, -torch.inf).amax(),
        attention.amin().float(),
    ]  # fmt: skip
    if diagonal:
        looked_at += [_later(attention, batch).masked_fill(padding, 0).amax(), _farthest(attention, real)]
    # One reading for all: each makes a GPU's queue run empty.
    low, high, smallest, *of_diagonal = torch.stack(looked_at).tolist()
    if not (smallest >= 0 and high <= 1 + sum_tolerance(attention.dtype)):  # also catches not-a-number
        raise AttentionError(
            f"{module.name} ({module.hook}) gave rows that are not attention: sums from {low:.4g} to {high:.4g}, "
            f"smallest weight {smallest:.4g}. No score is made from them."
        )
    check.row_sum_min = min(check.row_sum_min, low)
    check.row_sum_max = max(check.row_sum_max, high)
    if diagonal:
        later, farthest = of_diagonal
        check.above_diagonal = max(check.above_diagonal, later)
        check.farthest = max(check.farthest, int(farthest))


def _later(attention: Float[Tensor, "batch head query key"], batch: Batch) -> Float[Tensor, "batch head query"]:
    """What each query has on later positions, those that may look both ways aside."""
    ahead = attention.float().triu(1)
    if isinstance(batch, TokenBatch) and batch.two_way is not None:
        ahead = ahead.masked_fill(batch.two_way[:, None].to(attention.device), 0)
    return ahead.sum(-1)


def _farthest(attention: Float[Tensor, "batch head query key"], real: Bool[Tensor, "batch query"]) -> Float[Tensor, ""]:
    """How many tokens away the farthest key with any weight is."""
    seen = ((attention > 0).any(1) & real[:, :, None]).any(0)
    query, key = (torch.arange(n, device=attention.device) for n in seen.shape)
    return ((query[:, None] - key).abs() * seen).amax().float()


def sum_tolerance(dtype: torch.dtype) -> float:
    """How far from 1 rounding may take the sum of a row."""
    return {torch.float32: 1e-3, torch.float64: 1e-6}.get(dtype, 0.03)
