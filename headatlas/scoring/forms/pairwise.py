"""Target keys that have no smaller form than all pairs of query and key."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from jaxtyping import Bool, Float, Int, Int64
from torch import Tensor

from headatlas.inputs.pair_batch import Batch
from headatlas.scoring.forms.base import Accumulator, BlockRows, ListedTargets, TargetGroup, Targets


class PairwiseTargets(ListedTargets):
    """Targets as `targets` [batch, query, key], true for each pair of a query and its target."""

    def __init__(self, targets: Bool[Tensor, "batch query key"], batch: Batch) -> None:
        self.targets = targets
        counts = torch.from_numpy(np.count_nonzero(targets.numpy(), axis=-1))
        super().__init__(batch, counts, on_first=targets[:, :, 0].clone())

    def offset_hits(self, n_offsets: int) -> Int[Tensor, "batch offset"]:
        """How many queries have a target 0, 1, 2, ... positions before them."""
        hits = torch.zeros(self.targets.shape[0], n_offsets, dtype=torch.long)
        for offset in range(min(n_offsets, self.targets.shape[1])):
            hits[:, offset] = self.targets.diagonal(-offset, 1, 2).sum(-1)
        return hits

    def without_first(self) -> PairwiseTargets:
        """The same targets without the first position, which is then no query's target."""
        targets = self.targets.clone()
        targets[:, :, 0] = False
        return PairwiseTargets(targets, self.batch)

    def same_as(self, other: Targets) -> bool:
        """True where `other` is of the same form and has the same pairs of query and key."""
        return isinstance(other, PairwiseTargets) and torch.equal(self.targets, other.targets)

    def contains(
        self, row: Int64[np.ndarray, "*pair"], query: Int64[np.ndarray, "*pair"], key: Int64[np.ndarray, "*pair"]
    ) -> Bool[np.ndarray, "*pair"]:
        """Which of some pairs of query and key are targets."""
        return self.targets.numpy()[row, query, key]

    def pairs(self, queries: slice) -> Int64[np.ndarray, " pair"]:
        """The pairs of some queries in order, each as an index into the flattened [batch, query, key]."""
        n_queries, n_keys = self.batch.shape[1:]
        row, query, key = np.nonzero(self.targets[:, queries].numpy())
        return (row * n_queries + query + queries.start) * n_keys + key

    @classmethod
    def group(cls, members: Sequence[PairwiseTargets], device: torch.device | str) -> PairwiseGroup:
        """Several patterns' targets of this form."""
        return PairwiseGroup([targets.targets for targets in members], device)


class PairwiseGroup(TargetGroup):
    """The pairs of each pattern, one tensor each."""

    def __init__(self, members: Sequence[Bool[Tensor, "batch query key"]], device: torch.device | str) -> None:
        self.members = [targets[:, None].to(device) for targets in members]

    def accumulator(self, weights: Float[Tensor, "batch head weighting query"]) -> PairwiseSums:
        """Sums of one layer."""
        return PairwiseSums(self, weights)


class PairwiseSums(Accumulator):
    """The product of attention and targets, pattern by pattern."""

    def __init__(self, group: PairwiseGroup, weights: Float[Tensor, "batch head weighting query"]) -> None:
        self._group = group
        self._sums = weights.new_zeros(*weights.shape[:3], len(group.members))

    def add(self, rows: BlockRows) -> None:
        """Adds a block, which must not have been added before."""
        at, queries = rows.block.rows, rows.block.queries
        for column, targets in enumerate(self._group.members):
            part = targets[at, :, queries, : rows.attention.shape[3]]
            self._sums[at, ..., column] += _on_pairs(rows.attention, part, rows.weights)

    def sums(self) -> Float[Tensor, "batch head weighting column"]:
        """The sums over all queries when every block has been added, a column for each pattern of the group."""
        return self._sums


def _on_pairs(
    attention: Float[Tensor, "batch head query key"],
    targets: Bool[Tensor, "batch 1 query key"],
    weights: Float[Tensor, "batch head weighting query"],
) -> Float[Tensor, "batch head weighting"]:
    mass = (attention * targets).sum(-1)
    excluding_sink = mass - attention[..., 0] * targets[..., 0]
    sums = [mass, *[excluding_sink] * (weights.shape[2] - 1)]
    return (torch.stack(sums, 2) * weights).sum(-1)
