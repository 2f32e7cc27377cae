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

from collections.abc import Mapping, Sequence

import numpy as np
import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from headatlas.inputs.pair_batch import Batch
from headatlas.inputs.token_batch import TokenBatch
from headatlas.patterns.families import Control
from headatlas.scoring.by_distance import ByDistance
from headatlas.scoring.forms.base import Targets
from headatlas.scoring.forms.gathered import GatheredTargets
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
        # The first group is of patterns for which the distance counts alone, whichever queries they have.
        groups: dict[bytes | None, list[int]] = {None: []}
        for column, own in targets.items():
            if kinds[column] is Control.DISTANCE:
                groups[None].append(column)
            elif kinds[column] is Control.POPULARITY and bool(own.excluding_sink.any()):
                groups.setdefault(own.excluding_sink.numpy().tobytes(), []).append(column)
        n_sequences, n_queries, _ = batch.shape
        self.asking: Float[Tensor, "batch group query"] = torch.zeros(
            n_sequences, len(groups) - 1, n_queries, device=device
        )
        for number, columns in enumerate(list(groups.values())[1:]):
            self.asking[:, number] = targets[columns[0]].excluding_sink.float().to(device)
        group_of = {column: number for number, columns in enumerate(groups.values()) for column in columns}
        listed = {column: own for column in group_of if isinstance(own := targets[column], GatheredTargets)}
        self._listed = _Listed(listed, group_of, len(groups), batch.shape, device)
        self._others = {
            number: _Group(others, targets, device)
            for number, columns in enumerate(groups.values())
            if (others := [column for column in columns if column not in listed])
        }
        keys = batch.real_keys if isinstance(batch, TokenBatch) else batch.keys.real
        # Keys that may be looked at besides the first position.
        self._keys = keys.float().to(device)
        self._keys[:, 0] = 0
        self._window = batch.window
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
                if batch.window is not None:
                    pairs = pairs.where(distance.abs() <= batch.window, 0)
                near += pairs
                total += _n_pairs(n, n_keys, batch)
        return near.to(self._device), total - int(near.sum())

    def __call__(
        self,
        off: Float[Tensor, "batch head query"],
        on_keys: Float[Tensor, "batch head key"],
        on_keys_asking: Float[Tensor, "batch head group key"],
        near: Float[Tensor, "head near"],
        n_columns: int,
        sinks: Bool[Tensor, "batch early"] | None = None,
    ) -> Float[Tensor, "head column"]:
        """Summed over the queries of all sequences, for one layer.

        Args:
            off: each query's attention off the sink, 0 for padding.
            on_keys: the same attention summed over queries, key by key.
            on_keys_asking: the same summed over the queries that `asking` marks.
            near: the same summed by distance, from `N_DISTANCES - 1` tokens ahead to as many back.
            n_columns: of the result; columns without a control are 0.
            sinks: of the first keys, those that all the others are without.
        """
        sums = off.new_zeros(off.shape[1], n_columns)
        by_distance = ByDistance(self._habit(off, near), *self._shape[1:])
        possible_keys = self._keys
        if sinks is not None:
            possible_keys = possible_keys.clone()
            possible_keys[:, : sinks.shape[1]].masked_fill_(sinks, 0)
        keys = possible_keys[:, None, None].expand(-1, off.shape[1], -1, -1)
        off = off[:, :, None]
        # By distance alone; with it, the attention that each key is expected to get, in all and from some queries.
        weights = off / by_distance.on_queries(keys[:, :1]).clamp(min=EPSILON)
        if self.asking.shape[1]:
            asked = torch.cat([weights, weights * self.asking[:, None]], 2)
            expected, asking = by_distance.on_keys(asked).split([1, self.asking.shape[1]], 2)
            mean = PRIOR * (off.sum(-1) / self._n_real[:, None, None])[..., None]
            popular = (on_keys[:, :, None] - on_keys_asking).clamp(min=0) + mean
            popular /= ((expected - asking).clamp(min=0) + mean).clamp(min=EPSILON)
            popular *= possible_keys[:, None, None]
            possible = by_distance.on_queries(popular).clamp(min=EPSILON)
            weights = torch.cat([weights, off * self.asking[:, None] / possible], 2)
            keys = torch.cat([keys, popular], 2)
        self._listed.add_to(sums, weights, keys, by_distance.habit)
        self._add_others(sums, weights, keys, by_distance)
        return sums

    def _add_others(
        self,
        sums: Float[Tensor, "head column"],
        weights: Float[Tensor, "batch head group query"],
        keys: Float[Tensor, "batch head group key"],
        by_distance: ByDistance,
    ) -> None:
        """Adds the controls of patterns whose targets are not listed."""
        if not self._others:
            return
        accumulators = {
            number: TargetAccumulator(group.targets, weights[:, :, number, None])
            for number, group in self._others.items()
        }
        for block, part in by_distance.blocks(self._shape, causal=self._causal):
            for number, accumulator in accumulators.items():
                accumulator.add(part[None] * keys[block.rows, :, number, None, : block.n_keys], block)
        for number, group in self._others.items():
            sums[:, group.columns] = accumulators[number].sums()[:, :, 0].sum(0)

    def _habit(
        self, off: Float[Tensor, "batch head query"], near: Float[Tensor, "head near"]
    ) -> Float[Tensor, "head distance"]:
        """Mean attention on a key by distance, from the farthest key ahead that there can be to the farthest back."""
        n_queries, n_keys = self._shape[1:]
        if not self._is_text:
            return off.new_ones(off.shape[1], n_queries + n_keys - 1)
        far = (off.sum((0, 2)) - near.sum(-1)).clamp(min=0) / max(1, self._n_far)
        habit = far[:, None].repeat(1, n_queries + n_keys - 1)
        if self._window is not None:  # what is farther no query sees
            habit[:, : max(0, n_keys - 1 - self._window)] = 0
            habit[:, n_keys + self._window :] = 0
        middle, reach = n_keys - 1, min(N_DISTANCES, n_keys) - 1
        mean = near / self._n_near.clamp(min=1)
        centre = N_DISTANCES - 1
        habit[:, middle - reach : middle + reach + 1] = mean[:, centre - reach : centre + reach + 1]
        if self._causal:
            habit[:, :middle] = 0
        return habit


def _n_pairs(n: int, n_keys: int, batch: Batch) -> int:
    """Pairs of a query and a key besides the first position that it may attend to, of one text."""
    if batch.window is None:
        return (n * (n - 1)) // 2 if batch.causal else n * (n_keys - 1)
    queries = np.arange(n)
    ahead = 0 if batch.causal else np.minimum(n_keys - 1 - queries, batch.window)
    return int((np.minimum(queries, batch.window) + 1 + ahead - (queries <= batch.window)).sum())


class _Listed:
    """Patterns that list their target keys: what their pairs of query and key are, in the order of their columns.

    Numbers are looked up by place in [batch, group, query] and [batch, group, key], and by distance.
    """

    def __init__(
        self,
        targets: Mapping[int, GatheredTargets],
        group_of: Mapping[int, int],
        n_groups: int,
        shape: tuple[int, int, int],
        device: torch.device,
    ) -> None:
        n_queries, n_keys = shape[1:]
        self.columns, self._sizes = list(targets), []
        by_query, by_key, distance = [], [], []
        for column, own in targets.items():
            pairs = torch.from_numpy(own.pairs(slice(0, n_queries)))
            row, query, key = pairs // (n_queries * n_keys), pairs // n_keys % n_queries, pairs % n_keys
            row = row * n_groups + group_of[column]
            by_query.append(row * n_queries + query)
            by_key.append(row * n_keys + key)
            distance.append(query - key + n_keys - 1)
            self._sizes.append(len(pairs))
        if targets:
            self._by_query = torch.cat(by_query).to(device)
            self._by_key = torch.cat(by_key).to(device)
            self._distance = torch.cat(distance).to(device)

    def add_to(
        self,
        sums: Float[Tensor, "head column"],
        weights: Float[Tensor, "batch head group query"],
        keys: Float[Tensor, "batch head group key"],
        habit: Float[Tensor, "head distance"],
    ) -> None:
        """Sets the columns of `sums` to the sums over all pairs."""
        if not self.columns:
            return
        values = _by_place(weights).index_select(0, self._by_query)
        values *= _by_place(keys).index_select(0, self._by_key)
        values *= habit.T.contiguous().index_select(0, self._distance)
        for column, own in zip(self.columns, values.split(self._sizes), strict=True):
            sums[:, column] = own.sum(0)


def _by_place(values: Float[Tensor, "batch head group place"]) -> Float[Tensor, "place_in_all head"]:
    return values.permute(0, 2, 3, 1).reshape(-1, values.shape[1])


class _Group:
    """Patterns whose control is computed together: their targets, and the column of each of the targets' sums."""

    def __init__(self, columns: Sequence[int], targets: Mapping[int, Targets], device: torch.device) -> None:
        self.targets = TargetSums([targets[column] for column in columns], device)
        self.columns: Int[Tensor, " column"] = torch.tensor(
            [columns[number] for number in self.targets.columns], dtype=torch.long, device=device
        )
