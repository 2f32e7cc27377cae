"""Rows of attention reduced to numbers: the only code that touches a layer's attention, once, and lets it go."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float, Float64, Int
from torch import Tensor

from headatlas.inputs.block import Block
from headatlas.inputs.pair_batch import PairBatch
from headatlas.inputs.token_batch import TokenBatch
from headatlas.patterns import Pattern
from headatlas.patterns.rows import Rows, RowSums, SinkFreeRows
from headatlas.scoring.row_sums import row_sums
from headatlas.scoring.tally import N_DISTANCES, N_OFFSETS
from headatlas.scoring.target_sums import Collected, TargetSums
from headatlas.scoring.targets import Targets, overlaps

# Above this share on the sink, what is left of a row is rounding noise.
SUNK = 0.99
# What is divided by is at least this much.
LEAST = 1e-30
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
        # The sums of `RowSums`, of which two are needed in any case, and statistics of whole rows.
        self.sums = real.new_zeros(len(RowSums._fields) if reducer.statistic_columns else 2, *place)
        self.of_whole_rows = real.new_zeros(len(reducer.whole_rows), *place)
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
        # Statistics by column, and whether they are those of rows without the first position.
        both = [(i, False) for i in self.statistic_columns]
        both += [(i, True) for i in self.statistic_columns if patterns[i].sink_free]
        self._of_sums = [one for one in both if not patterns[one[0]].full_rows]
        self.whole_rows = [one for one in both if patterns[one[0]].full_rows]
        self._possible = possible.float().to(device)
        self._numbers = [*self._of_sums, *self.whole_rows]
        self._counted = torch.zeros(len(self._numbers), n_sequences, 1, n_queries, dtype=torch.bool, device=device)
        for number, (column, free) in enumerate(self._numbers):
            self._counted[number, :, 0] = (possible if free else counted)[:, :, column]
        whole = torch.tensor([not free for _, free in self._numbers], dtype=torch.bool, device=device)
        self._whole_row = whole[:, None, None, None]
        # Queries of padding are never awake.
        self._most_on_first = torch.where(batch.real, SUNK, -1.0)[:, None].to(device)
        self._count_distances(batch)
        self._n_keys = n_keys[:, None].float().to(device)
        self._n_besides = (n_keys - batch.real.long())[:, None].float().to(device)
        self._to_first = torch.arange(n_queries, dtype=torch.float32, device=device)
        self._table: Float[Tensor, "query key"] | None = None

    def _count_distances(self, batch: TokenBatch | PairBatch) -> None:
        """How many pairs of query and key there are at each distance."""
        back = torch.arange(1 - N_DISTANCES, N_DISTANCES)
        self.kept = slice(N_DISTANCES - 1 if self._causal else 0, None)
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
        for number, (column, free) in enumerate(self._numbers):
            (sink_free if free else scores)[:, :, column] = found.statistics[:, :, number]
        distance = torch.zeros(n_heads, len(self.n_distance), device=self.device)
        distance[:, self.kept] = found.distance.sum(0)
        return Sums(scores, sink_free, found.n_sink_free, null, value_weighted, distance)

    def blocks(self, n_heads: int) -> Iterator[Block]:
        """Parts of the batch that are small enough to be held with what is made of them."""
        n_sequences, n_queries, n_keys = self.shape
        most = BLOCK["cpu" if self.device.type == "cpu" else "other"]
        on_processor = self._causal and self.device.type == "cpu"
        longest = min(n_queries, QUERIES) if on_processor else n_queries
        rows = max(1, most // (n_heads * n_keys * longest))
        for row in range(0, n_sequences, rows):
            query = 0
            while query < n_queries:
                n = most // (n_heads * n_keys)
                if self._causal:  # the first queries have few keys
                    n = int((-query + (query**2 + 4 * most / n_heads) ** 0.5) / 2)
                end = min(query + max(1, min(n, longest)), n_queries)
                keys = min(end, n_keys) if self._causal else n_keys
                yield Block(slice(row, min(row + rows, n_sequences)), slice(query, end), keys)
                query = end

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
        on_first, besides_first = attention[..., 0], attention[..., 1:].sum(-1)
        # A row that is nothing but noise besides its sink is left out, by scaling it to nothing.
        awake = on_first <= self._most_on_first[at, :, queries]
        share_of_rest = layer.weights[at, :, 1, queries]
        torch.div(awake, besides_first.clamp(min=LEAST), out=share_of_rest)
        layer.on_targets.add(attention, block)
        if value_norms is not None:
            weighted = attention * value_norms[:, :, None].to(attention)
            weighted /= weighted.sum(-1, keepdim=True).clamp(min=LEAST)
            if layer.value_weighted is None:
                layer.value_weighted = Collected(self.on_targets, layer.weights[:, :, :1])
            layer.value_weighted.add(weighted, block)
        if not self.statistic_columns:
            torch.stack([on_first, besides_first], out=layer.sums[:, at, :, queries])
        else:
            n_keys, n_besides = self._n_keys[at, :, queries], self._n_besides[at, :, queries]
            distance = self._distances(block, attention.shape[3])
            sums = row_sums(attention, besides_first, n_keys, n_besides, distance, scores)
            if self.whole_rows:
                rows = Rows(sums, n_keys, distance[:, 0], attention)
                numbers = self._statistics(rows, n_besides, share_of_rest, self.whole_rows)
                torch.stack(numbers, out=layer.of_whole_rows[:, at, :, queries])
            torch.stack(sums, out=layer.sums[:, at, :, queries])
        self._add_distances(layer, block, attention)

    def finish(self, layer: Layer) -> Found:
        """What a layer comes to when all of its blocks have been added."""
        assert not layer.n_left
        on_first, besides_first = layer.sums[:2]
        awake = (on_first <= self._most_on_first) & (besides_first > 0)
        share_of_rest, weighted = layer.weights[:, :, 1], layer.value_weighted
        statistics = layer.of_whole_rows
        if self.statistic_columns:
            rows = Rows(RowSums(*layer.sums), self._n_keys, self._to_first)
            numbers = self._statistics(rows, self._n_besides, share_of_rest, self._of_sums)
            statistics = torch.cat([torch.stack(numbers), statistics]) if numbers else statistics
        counted = self._counted & (awake | self._whole_row)
        return Found(
            targets=layer.on_targets.sums(),
            value_weighted=None if weighted is None else weighted.sums(),
            statistics=statistics.where(counted, 0).sum(-1).movedim(0, -1),
            n_sink_free=awake.float() @ self._possible,
            distance=layer.distance[:, :, 0].flip(-1),
        )

    def _statistics(
        self,
        rows: Rows,
        n_besides: Float[Tensor, "batch 1 query"],
        share_of_rest: Float[Tensor, "batch head query"],
        which: Sequence[tuple[int, bool]],
    ) -> list[Float[Tensor, "batch head query"]]:
        rest = SinkFreeRows(rows, n_besides, share_of_rest) if any(free for _, free in which) else rows
        numbers = []
        for column, sink_free in which:
            statistic = self.patterns[column].statistic
            assert statistic is not None
            numbers.append(statistic(rest if sink_free else rows))
        return numbers

    def _distances(self, block: Block, n_keys: int) -> Float[Tensor, "query key"]:
        """How many tokens lie between a block's queries and its keys: a part of one table for all blocks."""
        n, (_, n_queries, all_keys) = block.queries.stop - block.queries.start, self.shape
        if self._table is None or len(self._table) < n:
            places = torch.arange(n_queries + all_keys, dtype=torch.float32, device=self.device)
            self._table = (places[:n, None] + n_queries - places).abs_()
        first = n_queries - block.queries.start
        return self._table[:n, first : first + n_keys]

    def _add_distances(self, layer: Layer, block: Block, attention: Float[Tensor, "batch head query key"]) -> None:
        # A row begins one key later than the one before it; keys before the first and behind the last are made up.
        reach, n_keys = N_DISTANCES - 1, attention.shape[3]
        width = reach + 1 if self._causal else 2 * reach + 1
        before = max(0, reach - block.queries.start)
        behind = max(0, block.queries.stop - 1 - reach + width - n_keys)
        if before or behind:
            attention = torch.nn.functional.pad(attention, (before, behind))
        first = block.queries.start - reach + before
        whole, each, row, key = attention.stride()
        shape, strides = (*attention.shape[:3], width), (whole, each, row + key, key)
        found = attention.as_strided(shape, strides, attention.storage_offset() + first * key)
        # Padded queries count for nothing.
        layer.distance[block.rows] += layer.weights[block.rows, :, :1, block.queries] @ found
