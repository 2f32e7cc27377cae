"""The same target keys for every query: a class of tokens, with or without the query itself."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from headatlas.inputs.pair_batch import Batch
from headatlas.inputs.token_batch import TokenBatch
from headatlas.scoring.forms.base import Accumulator, BlockRows, TargetGroup, Targets, times
from headatlas.scoring.forms.keys import KeyTargets, first_allowed


class SharedTargets(KeyTargets):
    """The `marked` keys are targets of every query that may attend to them; with `excludes_self`, not of themselves."""

    def __init__(self, marked: Bool[Tensor, "batch key"], excludes_self: bool, batch: Batch) -> None:
        self.marked = marked
        _, n_queries, n_keys = batch.shape
        first_query = torch.where(marked, first_allowed(batch, n_keys), n_queries)
        if excludes_self and batch.causal:
            first_query = (first_query + 1).clamp(max=n_queries)
        super().__init__(first_query, excludes_self, batch)

    def without_first(self) -> SharedTargets:
        """The same targets without the first position, which is then no query's target."""
        marked = self.marked.clone()
        marked[:, 0] = False
        return SharedTargets(marked, self.excludes_self, self.batch)

    def same_as(self, other: Targets) -> bool:
        """True where `other` is of the same form and has the same pairs of query and key."""
        return (
            isinstance(other, SharedTargets)
            and self.excludes_self == other.excludes_self
            and torch.equal(self.marked, other.marked)
        )

    @classmethod
    def group(cls, members: Sequence[SharedTargets], device: torch.device | str) -> SharedGroup:
        """Several patterns' targets of this form."""
        return SharedGroup(members, device)


class SharedGroup(TargetGroup):
    """The marked keys of each pattern as a column, and those of them that are no target of their own position."""

    def __init__(self, members: Sequence[SharedTargets], device: torch.device | str) -> None:
        self.marked = torch.stack([targets.marked for targets in members], -1).float().to(device)
        excludes_self = torch.tensor([targets.excludes_self for targets in members])
        self.not_from_self = self.marked * excludes_self.to(device)
        self.is_square = isinstance(members[0].batch, TokenBatch)

    def accumulator(self, weights: Float[Tensor, "batch head weighting query"]) -> SharedSums:
        """Sums of one layer."""
        return SharedSums(self, weights)


class SharedSums(Accumulator):
    """Attention summed over queries, key by key, which is enough for all patterns; and each query's on itself."""

    def __init__(self, group: SharedGroup, weights: Float[Tensor, "batch head weighting query"]) -> None:
        n_sequences, n_heads, n_weightings, n_queries = weights.shape
        self._group = group
        self._weights = weights
        self._on_keys = weights.new_zeros(n_sequences, n_heads, n_weightings, group.marked.shape[1])
        self._on_self = weights.new_zeros(n_sequences, n_heads, 1, n_queries)

    def add(self, rows: BlockRows) -> None:
        """Adds a block, which must not have been added before."""
        at, queries = rows.block.rows, rows.block.queries
        self._on_keys[at, ..., : rows.attention.shape[3]] += rows.on_keys
        if self._group.is_square:
            self._on_self[at, :, 0, queries] = rows.attention.diagonal(queries.start, 2, 3)

    def sums(self) -> Float[Tensor, "batch head weighting column"]:
        """The sums over all queries when every block has been added, a column for each pattern of the group."""
        sums = times(self._on_keys, self._group.marked)
        if self._group.is_square:
            on_self = self._on_self * self._weights
            on_self[:, :, 1:, 0] = 0  # the first query's own key is the first position
            sums -= times(on_self, self._group.not_from_self)
        return sums
