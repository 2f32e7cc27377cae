"""Rows of attention reduced to numbers: the only code that touches a layer's attention, once, and lets it go."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import torch
from jaxtyping import Float, Float64, Int
from torch import Tensor

from headatlas.accumulate import N_DISTANCES, N_OFFSETS
from headatlas.pairs import PairBatch
from headatlas.patterns import Pattern
from headatlas.row_statistics import Rows, RowsBesidesFirst
from headatlas.target_sums import Block, Collected, TargetSums
from headatlas.targets import Targets, overlaps
from headatlas.tokens import TokenBatch

# Above this share on the sink, what is left of a row is rounding noise.
SUNK = 0.99
# Weights looked at together: on a processor they and what is made of them stay in its cache.
BLOCK = {"cpu": 2**20, "other": 2**26}
# Queries looked at together in causal attention, so that keys behind all of them are left out.
QUERIES = 128


@dataclass(frozen=True)
class Sums:
    """Per sequence and head, summed over queries.

    `scores`; `sink_free` scores and the number of queries counted in them; `null`, the scores against the
    targets of shuffled tokens; `value_weighted` scores where the norms of the value vectors were given.
    `distance` is summed over sequences too.
    """

    scores: Float[Tensor, "batch head pattern"]
    sink_free: Float[Tensor, "batch head pattern"]
    n_sink_free: Float[Tensor, "batch head pattern"]
    null: Float[Tensor, "batch head pattern"]
    value_weighted: Float[Tensor, "batch head pattern"]
    distance: Float[Tensor, "head distance"]


@dataclass(frozen=True)
class Found:
    """What `RowReducer.finish` makes of a layer, with a column for each pattern that has targets and one for each with
    targets among shuffled tokens; `statistics` has two numbers for each statistic.
    """

    targets: Float[Tensor, "batch head weighting column"]
    value_weighted: Float[Tensor, "batch head 1 column"] | None
    statistics: Float[Tensor, "batch head number"]
    n_sink_free: Float[Tensor, "batch head pattern"]
    distance: Float[Tensor, "batch head distance"]


class Layer:
    """One layer while its blocks come in: what is summed over keys alone is kept query by query.

    Everything made of such numbers is made once a layer; a block costs little more than the reading of its weights.
    """

    def __init__(self, reducer: RowReducer, n_heads: int) -> None:
        n_sequences, n_queries, _ = reducer.shape
        place, real = (n_sequences, n_heads, n_queries), reducer.on_targets.real
        self.n_left = n_sequences * n_queries
        # The second weighting, that of rows without the first position, is known when the rows are.
        self.weights = real.new_zeros(n_sequences, n_heads, 2, n_queries)
        self.weights[:, :, 0] = real[:, None]
        self.awake = torch.zeros(place, dtype=torch.bool, device=real.device)
        self.statistics = real.new_zeros(reducer.n_numbers, *place)
        self.distance = real.new_zeros(n_sequences, n_heads, 1, len(reducer.n_distance[reducer.kept]))
        self.on_targets = Collected(reducer.on_targets, self.weights)
        self.value_weighted: Collected | None = None


class RowReducer:
    """Scores every pattern for one batch; made once a batch and used for all layers of one kind of attention.

    Attributes, one entry a sequence and pattern: `n_queries` counted queries, `chance` their summed chance,
    `n_possible` queries that have a target other than the first position, `n_null` queries that have a target
    in `null_batch`, the same sequences with their tokens shuffled. `offset_hits` [batch, pattern, offset] counts
    the queries that a head of that fixed offset would score on; `overlaps` and `n_distance` are summed over the
    batch, as in a `Tally`.
    """

    def __init__(
        self,
        batch: TokenBatch | PairBatch,
        patterns: Sequence[Pattern],
        device: torch.device | str = "cpu",
        null_batch: TokenBatch | PairBatch | None = None,
    ) -> None:
        self.patterns = tuple(patterns)
        self.device = torch.device(device)
        self.target_columns = [i for i, one in enumerate(patterns) if one.targets is not None]
        self.statistic_columns = [i for i, one in enumerate(patterns) if one.statistic is not None]
        self.shape = batch.shape
        self._causal = batch.causal
        n_sequences, n_queries, _ = self.shape
        n_keys = batch.n_allowed
        shared = (n_sequences, len(patterns))
        counted = torch.zeros(n_sequences, n_queries, len(patterns), dtype=torch.bool)
        possible = torch.zeros_like(counted)
        self.n_null: Int[Tensor, "batch pattern"] = torch.zeros(shared, dtype=torch.long)
        self.chance: Float[Tensor, "batch pattern"] = torch.zeros(shared, dtype=torch.float64)
        self.offset_hits: Int[Tensor, "batch pattern offset"] = torch.zeros(*shared, N_OFFSETS, dtype=torch.long)
        self.on_targets = TargetSums(batch, device)
        null: list[Targets] = []
        self._unmoved: list[int] = []  # columns whose targets are the same among shuffled tokens, and so their sums
        self._moved: list[int] = []
        found: dict[int, Targets] = {}
        for column in self.target_columns:
            targets = Targets(patterns[column], batch, N_OFFSETS)
            counted[:, :, column] = targets.counts > 0
            possible[:, :, column] = targets.besides_first
            self.chance[:, column] = (targets.counts / n_keys.clamp(min=1)).double().sum(-1)
            self.offset_hits[:, column] = targets.offset_hits
            self.on_targets.add(targets)
            if targets.most:
                found[column] = targets
            if null_batch is not None:
                elsewhere = Targets(patterns[column], null_batch)
                self.n_null[:, column] = (elsewhere.counts > 0).sum(-1)
                if elsewhere.same_as(targets):
                    self._unmoved.append(column)
                else:
                    self._moved.append(column)
                    null.append(elsewhere)
        for column in self.statistic_columns:
            counted[:, :, column] = n_keys > 1
            if patterns[column].sink_free:
                possible[:, :, column] = n_keys - batch.real.long() > 1
        self.overlaps: Float64[np.ndarray, "pattern other"] = np.zeros((len(patterns), len(patterns) + 1))
        self.overlaps[np.ix_(list(found), [*found, len(patterns)])] = overlaps(list(found.values()))
        self.n_queries: Int[Tensor, "batch pattern"] = counted.sum(1)
        self.n_possible: Int[Tensor, "batch pattern"] = possible.sum(1)
        for elsewhere in null:
            self.on_targets.add(elsewhere)
        self.on_targets.ready()
        self._sink_free_columns = [i for i in self.statistic_columns if patterns[i].sink_free]
        self._possible = possible.float().to(device)
        statistics = [counted[:, :, self.statistic_columns], possible[:, :, self._sink_free_columns]]
        self._counted = torch.cat(statistics, -1).movedim(-1, 0)[:, :, None].to(device)
        self.n_numbers = len(self._counted)
        self._prepare_distances(batch)
        self._n_keys = n_keys[:, None].float().to(device)
        self._n_keys_besides_first = (n_keys - batch.real.long())[:, None].float().to(device)
        self._distance_of = batch.distance_of

    def _prepare_distances(self, batch: TokenBatch | PairBatch) -> None:
        """The keys at every distance from each query, and whether there is one."""
        _, n_queries, n_keys = self.shape
        back = torch.arange(1 - N_DISTANCES, N_DISTANCES)
        self.kept = slice(N_DISTANCES - 1 if self._causal else 0, None)
        # In causal attention from far to near, as the keys stand.
        keys = torch.arange(n_queries)[:, None] - (back[self.kept].flip(0) if self._causal else back)
        self._keys_at = keys.clamp(0, n_keys - 1).to(self.device)
        self._there = ((keys >= 0) & (keys < n_keys)).float().to(self.device)
        self.n_distance: Int[Tensor, " distance"] = torch.zeros(2 * N_DISTANCES - 1, dtype=torch.long)
        for row in range(self.shape[0]):
            own_queries, own_keys = batch.shape_of(row)
            pairs = (own_keys + back).clamp(max=own_queries) - back.clamp(min=0)
            self.n_distance += pairs.clamp(min=0)
        if self._causal:
            self.n_distance[: N_DISTANCES - 1] = 0

    def sums(self, found: Found) -> Sums:
        """What was found, by pattern."""
        n_sequences, n_heads, *_ = found.targets.shape
        scores, sink_free, null, value_weighted = torch.zeros(
            4, n_sequences, n_heads, len(self.patterns), device=self.device
        )
        # Patterns among shuffled tokens were added after all others.
        order, columns = np.array(self.on_targets.order, dtype=int), np.array(self.target_columns, dtype=int)
        n = len(columns)
        own, shuffled = np.flatnonzero(order < n), np.flatnonzero(order >= n)
        null[:, :, np.array(self._moved, dtype=int)[order[shuffled] - n]] = found.targets[:, :, 0, shuffled]
        scores[:, :, columns[order[own]]] = found.targets[:, :, 0, own]
        sink_free[:, :, columns[order[own]]] = found.targets[:, :, 1, own]
        if found.value_weighted is not None:
            value_weighted[:, :, columns[order[own]]] = found.value_weighted[:, :, 0, own]
        null[:, :, self._unmoved] = scores[:, :, self._unmoved]
        n = len(self.statistic_columns)
        scores[:, :, self.statistic_columns] = found.statistics[:, :, :n]
        sink_free[:, :, self._sink_free_columns] = found.statistics[:, :, n:]
        distance = torch.zeros(n_heads, len(self.n_distance), device=self.device)
        distance[:, self.kept] = found.distance.sum(0)
        return Sums(scores, sink_free, found.n_sink_free, null, value_weighted, distance)

    def blocks(self, n_heads: int) -> Iterator[Block]:
        """Parts of the batch that are small enough to be held with what is made of them."""
        n_sequences, n_queries, n_keys = self.shape
        most = BLOCK["cpu" if self.device.type == "cpu" else "other"]
        queries = min(n_queries, max(1, most // (n_heads * n_keys)))
        if self._causal and self.device.type == "cpu":
            queries = min(queries, QUERIES)
        rows = max(1, most // (n_heads * n_keys * queries))
        for row in range(0, n_sequences, rows):
            for query in range(0, n_queries, queries):
                end = min(query + queries, n_queries)
                keys = min(end, n_keys) if self._causal else n_keys
                yield Block(slice(row, min(row + rows, n_sequences)), slice(query, end), keys)

    def __call__(
        self,
        attention: Float[Tensor, "batch head query key"],
        value_norms: Float[Tensor, "batch head key"] | None = None,
    ) -> Sums:
        """Sums over the counted queries of each sequence.

        With `value_norms` the attention is also weighted by the norm of each key's value vector and
        renormalised (Kobayashi et al. 2020, arXiv:2004.10102; Feucht et al. 2025).
        """
        layer = Layer(self, attention.shape[1])
        for block in self.blocks(attention.shape[1]):
            part = attention[block.rows, :, block.queries, : block.n_keys]
            norms = None if value_norms is None else value_norms[block.rows, :, : block.n_keys]
            self.add(layer, block, part, norms)
        return self.sums(self.finish(layer))

    def add(
        self,
        layer: Layer,
        block: Block,
        attention: Float[Tensor, "batch head query key"],
        value_norms: Float[Tensor, "batch head key"] | None = None,
        scores: Float[Tensor, "batch head query key"] | None = None,
    ) -> None:
        """Adds the attention of one block; see `Rows` for `scores`."""
        # A model may be spread over devices; sums are those of float32 whatever the model computes in.
        attention = attention.to(self.device, torch.float32)
        if scores is not None:
            scores = scores.to(self.device)
        at, queries = block.rows, block.queries
        layer.n_left -= attention.shape[0] * attention.shape[2]
        distance = partial(self._distance_of, queries, attention.shape[3], self.device)
        rows = Rows(attention, self._n_keys[at, :, queries], distance, scores)
        awake = (rows.on_first <= SUNK) & (rows.besides_first > 0)
        share_of_rest = torch.where(awake, 1 / rows.besides_first, 0)
        layer.awake[at, :, queries] = awake
        torch.mul(layer.weights[at, :, 0, queries], share_of_rest, out=layer.weights[at, :, 1, queries])
        layer.on_targets.add(attention, block)
        if value_norms is not None:
            weighted = attention * value_norms[:, :, None].to(attention)
            weighted /= weighted.sum(-1, keepdim=True).clamp(min=torch.finfo(weighted.dtype).tiny)
            if layer.value_weighted is None:
                layer.value_weighted = Collected(self.on_targets, layer.weights[:, :, :1])
            layer.value_weighted.add(weighted, block)
        if self.n_numbers:
            rest = RowsBesidesFirst(rows, self._n_keys_besides_first[at, :, queries], share_of_rest)
            numbers = [self._statistic(column, rows) for column in self.statistic_columns]
            numbers += [self._statistic(column, rest) for column in self._sink_free_columns]
            torch.stack(numbers, out=layer.statistics[:, at, :, queries])
        self._add_distances(layer, block, attention)

    def finish(self, layer: Layer) -> Found:
        """What a layer comes to when all of its blocks have been added."""
        assert not layer.n_left
        n = len(self.statistic_columns)
        # Where all of a row is on the first position there is nothing to scale.
        counted = self._counted.expand_as(layer.statistics).clone()
        counted[n:] &= layer.awake
        weighted = layer.value_weighted
        return Found(
            targets=layer.on_targets.sums(),
            value_weighted=None if weighted is None else weighted.sums(),
            statistics=layer.statistics.where(counted, 0).sum(-1).movedim(0, -1),
            n_sink_free=layer.awake.float() @ self._possible,
            distance=layer.distance[:, :, 0].flip(-1) if self._causal else layer.distance[:, :, 0],
        )

    def _statistic(self, column: int, rows: Rows) -> Float[Tensor, "batch head query"]:
        statistic = self.patterns[column].statistic
        assert statistic is not None
        return statistic(rows)

    def _add_distances(self, layer: Layer, block: Block, attention: Float[Tensor, "batch head query key"]) -> None:
        # Padded queries count for nothing.
        real = layer.weights[block.rows, :, :1, block.queries]
        first = block.queries.start - (N_DISTANCES - 1)
        if self._causal and first >= 0:  # a row begins one key later than the one before it
            whole, each, row, key = attention.stride()
            shape = (*attention.shape[:3], N_DISTANCES)
            found = attention.as_strided(shape, (whole, each, row + key, key), attention.storage_offset() + first * key)
        else:
            found = attention.gather(-1, self._keys_at[block.queries].expand(*attention.shape[:2], -1, -1))
            found *= self._there[block.queries]
        layer.distance[block.rows] += real @ found
