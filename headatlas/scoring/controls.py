"""Controls: what a head's habits alone would put on a pattern's keys.

A head that often looks three tokens back lands on subjects of verbs, and one that looks at names lands on indirect
objects, without knowing either. The control of a pattern is the attention that its keys would get if each query spread
its attention off the sink by the head's own attention by distance, times how much other queries look at that very key
(indirect standardisation, as in epidemiology: Breslow & Day 1987, chapter 2): expected and observed column sums. A
score counts for the pattern only where it lies above that.

What a pattern of positions says *is* a distance, so that it has no such control (see `irregular`). To look at a class
of tokens is to look at popular keys, so that there only the distance counts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import torch
from jaxtyping import Float, Int
from torch import Tensor

from headatlas.inputs.block import Block
from headatlas.inputs.pair_batch import Batch
from headatlas.inputs.token_batch import TokenBatch
from headatlas.patterns.families import Control
from headatlas.scoring.blocks import blocks
from headatlas.scoring.forms.base import Targets
from headatlas.scoring.tally import N_DISTANCES
from headatlas.scoring.target_sums import TargetAccumulator, TargetSums

# Keys are taken to have got this share of a query's mean attention beside what they got: few queries say little.
PRIOR = 0.3
# What is divided by is at least this much.
EPSILON = 1e-9


class Controls:
    """The controls of some patterns on one batch; made once a batch, used for all layers.

    `targets` has the targets of each column that has any, `kinds` what its control is. Distances are those to
    `N_DISTANCES - 1` tokens, and one for all that lie farther; cross-attention, whose queries and keys are of two
    texts, has no distance. `asking` [batch, group, query] marks the queries of patterns whose popular keys are counted:
    those with the same queries are a group.
    """

    def __init__(
        self, batch: Batch, targets: Mapping[int, Targets], kinds: Mapping[int, Control], device: torch.device
    ) -> None:
        self._shape, self._causal, self._device = batch.shape, batch.causal, device
        self._is_text = isinstance(batch, TokenBatch)
        self._by_distance_alone = _Group(
            [column for column in targets if kinds[column] is Control.DISTANCE], targets, device
        )
        by_queries: dict[bytes, list[int]] = {}
        for column, own in targets.items():
            if kinds[column] is Control.POPULARITY and bool(own.excluding_sink.any()):
                by_queries.setdefault(own.excluding_sink.numpy().tobytes(), []).append(column)
        self._groups = [_Group(columns, targets, device) for columns in by_queries.values()]
        n_sequences, n_queries, _ = batch.shape
        self.asking: Float[Tensor, "batch group query"] = torch.zeros(
            n_sequences, len(self._groups), n_queries, device=device
        )
        for number, columns in enumerate(by_queries.values()):
            self.asking[:, number] = targets[columns[0]].excluding_sink.float().to(device)
        keys = batch.real_keys if isinstance(batch, TokenBatch) else batch.keys.real
        # Keys that may be looked at besides the first position.
        self._keys = keys.float().to(device)
        self._keys[:, 0] = 0
        self._n_real = batch.real.sum(-1).float().to(device)
        self._n_near, self._n_far = self._pairs(batch)

    def _pairs(self, batch: Batch) -> tuple[Int[Tensor, " distance"], int]:
        """How many pairs of query and key besides the first position there are at each near distance, and beyond."""
        reach = N_DISTANCES - 1
        near = torch.zeros(2 * reach + 1, dtype=torch.long)
        total = 0
        if self._is_text:
            for row in range(batch.shape[0]):
                n, n_keys = batch.shape_of(row)
                distance = torch.arange(-reach, reach + 1)
                pairs = ((n_keys + distance).clamp(max=n) - distance.clamp(min=0)).clamp(min=0)
                # Of the pairs at a distance, the one whose key is the first position is left out.
                pairs -= ((distance >= 0) & (distance < n)).long()
                if batch.causal:
                    pairs = pairs.where(distance >= 0, 0)
                near += pairs
                total += (n * (n - 1)) // 2 if batch.causal else n * (n_keys - 1)
        return near.to(self._device), total - int(near.sum())

    def __call__(
        self,
        off: Float[Tensor, "batch head query"],
        on_keys: Float[Tensor, "batch head key"],
        on_keys_asking: Float[Tensor, "batch head group key"],
        near: Float[Tensor, "head near"],
        n_columns: int,
    ) -> Float[Tensor, "head column"]:
        """Summed over the queries of all sequences, for one layer.

        Args:
            off: each query's attention off the sink, 0 for padding.
            on_keys: the same attention summed over queries, key by key.
            on_keys_asking: the same summed over the queries that `asking` marks.
            near: the same summed by distance, from `N_DISTANCES - 1` tokens ahead to as many back.
            n_columns: of the result; columns without a control are 0.
        """
        sums = off.new_zeros(off.shape[1], n_columns)
        habit = self._habit(off, near)
        # By distance alone; on the way, the attention that each key is expected to get, in all and from some queries.
        weights, expected = torch.zeros_like(off), torch.zeros_like(on_keys)
        asking = torch.zeros_like(on_keys_asking)
        by_distance = TargetAccumulator(self._by_distance_alone.targets, weights[:, :, None])
        for block, part in self._by_distance(habit, off.shape[1]):
            at, queries = block.rows, block.queries
            keys = self._keys[at, : block.n_keys]
            possible = torch.einsum("hqk,bk->bhq", part, keys)
            weights[at, :, queries] = off[at, :, queries] / possible.clamp(min=EPSILON)
            expected[at, :, : block.n_keys] += torch.einsum("bhq,hqk->bhk", weights[at, :, queries], part)
            if self._groups:
                weighed = weights[at, :, None, queries] * self.asking[at, None, :, queries]
                asking[at, :, :, : block.n_keys] += torch.einsum("bhgq,hqk->bhgk", weighed, part)
            if len(self._by_distance_alone.columns):
                by_distance.add((part[None] * keys[:, None, None]), block)
        sums[:, self._by_distance_alone.columns] = by_distance.sums()[:, :, 0].sum(0)
        if self._groups:
            mean = PRIOR * (off.sum(-1) / self._n_real[:, None])[..., None, None]
            popular = (on_keys[:, :, None] - on_keys_asking).clamp(min=0) + mean
            popular /= ((expected[:, :, None] - asking).clamp(min=0) + mean).clamp(min=EPSILON)
            popular *= self._keys[:, None, None]
            self._add_popular(sums, off, popular, habit)
        return sums

    def _add_popular(
        self,
        sums: Float[Tensor, "head column"],
        off: Float[Tensor, "batch head query"],
        popular: Float[Tensor, "batch head group key"],
        habit: Float[Tensor, "head distance"],
    ) -> None:
        """Adds the controls of all groups: each query's attention by distance times how popular keys are."""
        weights = [torch.zeros_like(off) for _ in self._groups]
        accumulators = [
            TargetAccumulator(group.targets, own[:, :, None]) for group, own in zip(self._groups, weights, strict=True)
        ]
        for block, part in self._by_distance(habit, off.shape[1]):
            at, queries = block.rows, block.queries
            # Rows of other queries have no target and the weight 0: what stands there does not matter.
            weighed = part.new_zeros(len(off[at]), *part.shape)
            for number, accumulator in enumerate(accumulators):
                rows = self.asking[at, number, queries].any(0).nonzero()[:, 0]
                own = part[:, rows][None] * popular[at, :, number, None, : block.n_keys]
                own_off = off[at, :, queries][:, :, rows]
                weights[number][at, :, queries][:, :, rows] = own_off / own.sum(-1).clamp(min=EPSILON)
                weighed[:, :, rows] = own
                accumulator.add(weighed, block)
        for group, accumulator in zip(self._groups, accumulators, strict=True):
            sums[:, group.columns] = accumulator.sums()[:, :, 0].sum(0)

    def _habit(
        self, off: Float[Tensor, "batch head query"], near: Float[Tensor, "head near"]
    ) -> Float[Tensor, "head distance"]:
        """Mean attention on a key by distance, from the farthest key ahead that there can be to the farthest back."""
        n_queries, n_keys = self._shape[1:]
        if not self._is_text:
            return off.new_ones(off.shape[1], n_queries + n_keys - 1)
        far = (off.sum((0, 2)) - near.sum(-1)).clamp(min=0) / max(1, self._n_far)
        habit = far[:, None].repeat(1, n_queries + n_keys - 1)
        middle, reach = n_keys - 1, min(N_DISTANCES, n_keys) - 1
        mean = near / self._n_near.clamp(min=1)
        centre = N_DISTANCES - 1
        habit[:, middle - reach : middle + reach + 1] = mean[:, centre - reach : centre + reach + 1]
        if self._causal:
            habit[:, :middle] = 0
        return habit

    def _by_distance(
        self, habit: Float[Tensor, "head distance"], n_heads: int
    ) -> Iterator[tuple[Block, Float[Tensor, "head query key"]]]:
        """Each block, and the habit at the distance of each of its pairs of query and key."""
        reversed_habit = habit.flip(-1)
        for block in blocks(self._shape, n_heads, causal=self._causal, device=self._device):
            windows = reversed_habit.unfold(-1, block.n_keys, 1)
            # The last query's keys begin at the first entry: the row of query q at the number of queries - 1 - q.
            rows = self._shape[1] - 1 - torch.arange(block.queries.start, block.queries.stop, device=self._device)
            yield block, windows[:, rows]


class _Group:
    """Patterns whose control is computed together: their targets, and the column of each of the targets' sums."""

    def __init__(self, columns: Sequence[int], targets: Mapping[int, Targets], device: torch.device) -> None:
        self.targets = TargetSums([targets[column] for column in columns], device)
        self.columns: Int[Tensor, " column"] = torch.tensor(
            [columns[number] for number in self.targets.columns], dtype=torch.long, device=device
        )
