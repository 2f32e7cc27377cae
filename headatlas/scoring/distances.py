"""Attention by distance: how much of it goes to keys 0, 1, 2, ... tokens away."""

from __future__ import annotations

import torch
from jaxtyping import Float, Int
from torch import Tensor

from headatlas.inputs.block import Block
from headatlas.inputs.pair_batch import Batch
from headatlas.inputs.token_batch import TokenBatch
from headatlas.scoring.tally import N_DISTANCES

# Queries of a text at most for which a table of distances is kept.
MOST_IN_TABLE = 8192


class Distances:
    """Distances between the queries and keys of one batch.

    `counts` has the number of pairs at each distance from `N_DISTANCES - 1` tokens ahead to as many back; `kept` are
    those that the batch can have: causal attention looks at nothing ahead.
    """

    def __init__(self, batch: Batch, device: torch.device) -> None:
        self._shape = batch.shape
        self._causal = batch.causal
        self._device = device
        self.kept = slice(N_DISTANCES - 1 if batch.causal else 0, None)
        self.counts = _counts(batch)
        self.n_kept = len(self.counts[self.kept])
        self.n_back = N_DISTANCES - 1
        self.to_first = torch.arange(batch.shape[1], dtype=torch.float32, device=device)
        self._table: Float[Tensor, "query key"] | None = None

    def between(self, block: Block, n_keys: int) -> Float[Tensor, "query key"]:
        """How many tokens lie between a block's queries and its keys: a part of one table for all blocks.

        Of a long text the table would be large, and a block takes long enough to make its own.
        """
        n, (_, n_queries, all_keys) = block.queries.stop - block.queries.start, self._shape
        if n_queries > MOST_IN_TABLE:
            return (self.to_first[block.queries, None] - self.to_first[:n_keys]).abs_()
        if self._table is None or len(self._table) < n:
            positions = torch.arange(n_queries + all_keys, dtype=torch.float32, device=self._device)
            self._table = (positions[:n, None] + n_queries - positions).abs_()
        first = n_queries - block.queries.start
        return self._table[:n, first : first + n_keys]

    def sums(
        self,
        attention: Float[Tensor, "batch head query key"],
        weights: Float[Tensor, "batch head 1 query"],
        block: Block,
    ) -> Float[Tensor, "batch head 1 distance"]:
        """Attention of a block's queries at each kept distance, from the farthest key back to the farthest ahead."""
        return weights @ self.by_distance(attention, block)

    def by_distance(
        self, attention: Float[Tensor, "batch head query key"], block: Block
    ) -> Float[Tensor, "batch head query distance"]:
        """The same query by query, as a view: the first of `n_kept` is `n_back` tokens back; 0 where no key is."""
        # A row begins one key later than the one before it; keys before the first and behind the last are made up.
        reach, n_keys = N_DISTANCES - 1, attention.shape[3]
        width = reach + 1 if self._causal else 2 * reach + 1
        before = max(0, reach - block.queries.start)
        behind = max(0, block.queries.stop - 1 - reach + width - n_keys)
        if before or behind:
            attention = torch.nn.functional.pad(attention, (before, behind))
        first = block.queries.start - reach + before
        of_sequence, of_head, of_query, of_key = attention.stride()
        shape, strides = (*attention.shape[:3], width), (of_sequence, of_head, of_query + of_key, of_key)
        return attention.as_strided(shape, strides, attention.storage_offset() + first * of_key)


def _counts(batch: Batch) -> Int[Tensor, " distance"]:
    """How many pairs of query and key there are at each distance."""
    back = torch.arange(1 - N_DISTANCES, N_DISTANCES)
    counts = torch.zeros(2 * N_DISTANCES - 1, dtype=torch.long)
    if isinstance(batch, TokenBatch) and batch.two_way is not None:
        _, query, key = batch.allowed.nonzero().T
        near = (query - key)[(query - key).abs() < N_DISTANCES]
        return counts + torch.bincount(near + N_DISTANCES - 1, minlength=len(counts))
    for row in range(batch.shape[0]):
        n_queries, n_keys = batch.shape_of(row)
        pairs = (n_keys + back).clamp(max=n_queries) - back.clamp(min=0)
        counts += pairs.clamp(min=0)
    if batch.causal:
        counts[: N_DISTANCES - 1] = 0
    return counts
