"""Attention at each lag beyond those that `Distances` keeps, up to the length of the text, in causal attention.

A slash head looks a certain number of tokens back, near or far (Cheng et al. 2026, arXiv:2601.08297): its score at a
lag is the mean of A[q, q - lag]. Sums by lag are sums along diagonals, read in the memory as it lies.
"""

from __future__ import annotations

import torch
from jaxtyping import Float, Int
from torch import Tensor

from headatlas.inputs.block import Block
from headatlas.inputs.pair_batch import Batch
from headatlas.inputs.token_batch import TokenBatch
from headatlas.scoring.tally import N_DISTANCES


class FarLags:
    """Lags from `N_DISTANCES` on in one batch: `n_lags` of them, none where attention may look ahead.

    `counts` has the number of queries at each lag whose key is not the first position: many heads rest there, and a
    text has one query that is so far from it.
    """

    def __init__(self, batch: Batch) -> None:
        causal = isinstance(batch, TokenBatch) and batch.causal
        self.n_lags = max(0, batch.shape[1] - N_DISTANCES) if causal else 0
        lengths = torch.tensor([batch.shape_of(row)[0] for row in range(batch.shape[0])], dtype=torch.long)
        lags = torch.arange(N_DISTANCES, N_DISTANCES + self.n_lags)
        self.counts: Int[Tensor, " far_lag"] = (lengths[:, None] - 1 - lags).clamp(min=0).sum(0)

    def add(
        self,
        sums: Float[Tensor, "batch head 1 far_lag"],
        attention: Float[Tensor, "batch head query key"],
        weights: Float[Tensor, "batch head 1 query"],
        block: Block,
    ) -> None:
        """Adds a block's attention, times the weights of its queries, to sums of the same sequences."""
        first = max(block.queries.start, N_DISTANCES)  # the first query that has a key so far back
        if first >= block.queries.stop or not self.n_lags:
            return
        far = attention[:, :, first - block.queries.start :]
        if far.stride(3) != 1 or far.stride(2) < far.shape[3]:
            far = far.contiguous()
        weights = weights[..., first - block.queries.start :]
        shape, n_queries, width = far.shape[:2], far.shape[2], far.stride(2)
        strides, start = (far.stride(0), far.stride(1), width + 1, 1), far.storage_offset()
        # From one query to the next a diagonal is one key further. Lags that the first query has begin in its own row:
        n_own = first - N_DISTANCES + 1
        by_lag = weights @ far.as_strided((*shape, n_queries, n_own), strides, start)
        # Longer ones begin in later rows. What is read instead in the rows before lies above the diagonal and is 0.
        n_longer = n_queries - 1
        if n_longer:
            longer = far.as_strided((*shape, n_longer, n_longer), strides, start + width + 2 - n_queries)
            by_lag = torch.cat([weights[..., 1:] @ longer, by_lag], -1)
        n = min(by_lag.shape[-1], self.n_lags)
        sums[..., :n] += by_lag.flip(-1)[..., :n]

    def without_first(
        self, sums: Float[Tensor, "batch head 1 far_lag"], on_first: Float[Tensor, "batch head query"]
    ) -> Float[Tensor, "head far_lag"]:
        """The sums over sequences without attention on the first position, as far back as the number of the query.

        `on_first` is that of each query, 0 where it is padding.
        """
        far = on_first[:, :, N_DISTANCES : N_DISTANCES + self.n_lags]
        return (sums[:, :, 0] - far).sum(0).clamp(min=0)
