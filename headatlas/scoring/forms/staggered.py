"""Target keys that each start with a query of their own, such as tokens said for the third time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Float, Int
from torch import Tensor

from headatlas.inputs.block import Block
from headatlas.inputs.pair_batch import Batch
from headatlas.scoring.forms.base import Accumulator, BlockRows, TargetGroup, Targets, times
from headatlas.scoring.forms.keys import KeyTargets


class StaggeredTargets(KeyTargets):
    """Each key is a target of all queries from its `first_query` on."""

    def __init__(self, first_query: Int[Tensor, "batch key"], batch: Batch) -> None:
        super().__init__(first_query, excludes_self=False, batch=batch)

    def without_first(self) -> StaggeredTargets:
        """The same targets without the first position, which is then no query's target."""
        first_query = self.first_query.clone()
        first_query[:, 0] = first_query.shape[1]
        return StaggeredTargets(first_query, self.batch)

    def same_as(self, other: Targets) -> bool:
        """True where `other` is of the same form and has the same pairs of query and key."""
        return isinstance(other, StaggeredTargets) and torch.equal(self.first_query, other.first_query)

    @classmethod
    def group(cls, members: Sequence[StaggeredTargets], device: torch.device | str) -> StaggeredGroup:
        """Several patterns' targets of this form."""
        return StaggeredGroup(members, device)


@dataclass(frozen=True)
class _Starting:
    """The keys that start among one block's queries.

    Each of `keys` belongs to the pattern of one `column`, and `pairs` says which queries look at it. Those with an
    index in `first` are the first position.
    """

    keys: Int[Tensor, " starting"]
    pairs: Float[Tensor, "batch 1 query starting"]
    column: Float[Tensor, "starting column"]
    first: list[int]


class StaggeredGroup(TargetGroup):
    """The first queries of each pattern's keys as a column."""

    def __init__(self, members: Sequence[StaggeredTargets], device: torch.device | str) -> None:
        self._device = device
        self._first_query: Int[Tensor, "batch key column"] = torch.stack([own.first_query for own in members], -1)
        self.first_query = self._first_query.to(device)
        self._starting: dict[tuple[int, int, int, int], _Starting] = {}

    def accumulator(self, weights: Float[Tensor, "batch head weighting query"]) -> StaggeredSums:
        """Sums of one layer."""
        return StaggeredSums(self, weights)

    def starting(self, block: Block) -> _Starting:
        """The keys that start after a block's first query and within the block; found once for all layers."""
        start, stop = block.queries.start, block.queries.stop
        name = (block.rows.start, block.rows.stop, start, stop)
        if name not in self._starting:
            first_query = self._first_query[block.rows, : block.n_keys]
            starts = (first_query > start) & (first_query < stop)
            keys, column = starts.any(0).nonzero(as_tuple=True)
            queries = torch.arange(start, stop)[:, None]
            pairs = starts[:, None, keys, column] & (queries >= first_query[:, None, keys, column])
            self._starting[name] = _Starting(
                keys=keys.to(self._device),
                pairs=pairs[:, None].float().to(self._device),
                column=(column[:, None] == torch.arange(first_query.shape[2])).float().to(self._device),
                first=torch.nonzero(keys == 0)[:, 0].tolist(),
            )
        return self._starting[name]


class StaggeredSums(Accumulator):
    """Attention summed over queries on keys that all of a block look at; pair by pair on keys that start within it."""

    def __init__(self, group: StaggeredGroup, weights: Float[Tensor, "batch head weighting query"]) -> None:
        self._group = group
        self._sums = weights.new_zeros(*weights.shape[:3], group.first_query.shape[2])

    def add(self, rows: BlockRows) -> None:
        """Adds a block, which must not have been added before."""
        block, attention = rows.block, rows.attention
        started = self._group.first_query[block.rows, : block.n_keys] <= block.queries.start
        sums = times(rows.on_keys, started.float())
        starting = self._group.starting(block)
        if len(starting.keys):
            # Two dimensions are several times faster than four.
            on_keys = attention.flatten(0, 2).index_select(1, starting.keys).unflatten(0, attention.shape[:3])
            on_starting = rows.weights @ (on_keys * starting.pairs)
            if starting.first:
                on_starting[:, :, 1:, starting.first] = 0
            sums += on_starting @ starting.column
        self._sums[block.rows] += sums

    def sums(self) -> Float[Tensor, "batch head weighting column"]:
        """The sums over all queries when every block has been added, a column for each pattern of the group."""
        return self._sums
