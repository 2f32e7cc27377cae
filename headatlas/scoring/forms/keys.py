"""Target keys that depend on little but the key: every query from some query on looks at them."""

from __future__ import annotations

import numpy as np
import torch
from jaxtyping import Bool, Int, Int64
from torch import Tensor

from headatlas.inputs.pair_batch import Batch
from headatlas.scoring.forms.base import Targets


class KeyTargets(Targets):
    """Each key from the query `first_query` [batch, key] on; the number of queries for keys that are no target.

    With `excludes_self` no query looks at its own position; in causal batches `first_query` says so already. Where the
    batch has a window, a key is no target of queries beyond it; attention that is summed has nothing there.
    """

    def __init__(self, first_query: Int[Tensor, "batch key"], excludes_self: bool, batch: Batch) -> None:
        self.first_query = first_query
        self.excludes_self = excludes_self
        on_first = (first_query[:, :1] <= torch.arange(batch.shape[1])) & batch.real
        on_first &= batch.sees_first
        if self._without_diagonal(batch):
            on_first[:, 0] = False
        super().__init__(batch, _counts(first_query, batch, self._without_diagonal(batch)), on_first)

    def _without_diagonal(self, batch: Batch) -> bool:
        """Whether pairs of a position with itself have to be taken out of what `first_query` says."""
        return self.excludes_self and not batch.causal

    def offset_hits(self, n_offsets: int) -> Int[Tensor, "batch offset"]:
        """How many queries have a target 0, 1, 2, ... positions before them."""
        queries = torch.arange(self.first_query.shape[1])[:, None] + torch.arange(n_offsets)
        hits = (queries >= self.first_query[:, :, None]) & (queries < self.batch.real.sum(-1)[:, None, None])
        if self.batch.window is not None:
            hits[:, :, self.batch.window + 1 :] = False
        if self._without_diagonal(self.batch):
            hits[:, :, :1] = False
        return hits.sum(1)

    def overlap(self, other: KeyTargets) -> float:
        """Attention that a head which follows `other` perfectly puts on these targets, summed over its queries."""
        first_query = self.first_query.maximum(other.first_query)
        excludes_self = self._without_diagonal(self.batch) or other._without_diagonal(self.batch)
        return float(_counts(first_query, self.batch, excludes_self).numpy().ravel() @ other.share)

    def contains(
        self, row: Int64[np.ndarray, "*pair"], query: Int64[np.ndarray, "*pair"], key: Int64[np.ndarray, "*pair"]
    ) -> Bool[np.ndarray, "*pair"]:
        """Which of some pairs of query and key, each of which may attend to each other, are targets."""
        inside = self.first_query.numpy()[row, key] <= query
        if self.excludes_self:
            inside &= key != query
        return inside


def first_allowed(batch: Batch, n_keys: int) -> Int[Tensor, " key"]:
    """The first query that may attend to each key, padding aside."""
    positions = torch.arange(n_keys)
    if batch.causal:
        return positions
    return torch.zeros_like(positions) if batch.window is None else (positions - batch.window).clamp(min=0)


def _counts(first_query: Int[Tensor, "batch key"], batch: Batch, excludes_self: bool) -> Int[Tensor, "batch query"]:
    """How many keys each query looks at, itself aside or not."""
    n_sequences, n_queries, _ = batch.shape
    starting = torch.zeros(n_sequences, n_queries + 1, dtype=torch.long)
    starting.scatter_add_(1, first_query, torch.ones_like(first_query))
    if batch.window is not None:
        beyond = (torch.arange(first_query.shape[1]) + batch.window + 1).clamp(max=n_queries)
        starting.scatter_add_(1, first_query.maximum(beyond), -torch.ones_like(first_query))
    counts = starting[:, :-1].cumsum(-1)
    if excludes_self:
        counts -= (first_query <= torch.arange(n_queries)).long()
    return torch.where(batch.real, counts, 0)
