"""Rows of attention reduced to numbers: the only code that touches a layer's attention, once, and lets it go."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields

import numpy as np
import torch
from jaxtyping import Float, Float64, Int
from torch import Tensor

from headatlas.accumulate import N_DISTANCES, N_OFFSETS
from headatlas.pairs import PairBatch
from headatlas.patterns import Pattern
from headatlas.row_statistics import Rows, RowsBesidesFirst
from headatlas.targets import Targets, TargetSums, overlaps, targets_of
from headatlas.tokens import TokenBatch

# Above this share on the sink, what is left of a row is rounding noise.
SUNK = 0.99
# Weights looked at together: on a processor they and what is made of them stay in its cache.
BLOCK = {"cpu": 2**20, "other": 2**26}
# Queries looked at together in causal attention, so that keys behind all of them are left out.
QUERIES = 128


@dataclass(frozen=True)
class Block:
    """Some queries of some sequences, and how many keys they may attend to at most."""

    rows: slice
    queries: slice
    n_keys: int


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
        self._shape = tuple(batch.allowed.shape)
        self._causal = batch.causal
        n_sequences, n_queries, _ = self._shape
        n_keys = batch.allowed.sum(-1)
        shared = (n_sequences, len(patterns))
        counted = torch.zeros(n_sequences, n_queries, len(patterns), dtype=torch.bool)
        possible = torch.zeros_like(counted)
        self.n_null: Int[Tensor, "batch pattern"] = torch.zeros(shared, dtype=torch.long)
        self.chance: Float[Tensor, "batch pattern"] = torch.zeros(shared, dtype=torch.float64)
        self.offset_hits: Int[Tensor, "batch pattern offset"] = torch.zeros(*shared, N_OFFSETS, dtype=torch.long)
        self._on_targets, self._on_null = TargetSums(batch, device), TargetSums(null_batch or batch, device)
        found: dict[int, Targets] = {}
        for column in self.target_columns:
            targets = Targets(targets_of(patterns[column], batch))
            counted[:, :, column] = targets.counts > 0
            possible[:, :, column] = targets.besides_first
            self.chance[:, column] = (targets.counts / n_keys.clamp(min=1)).double().sum(-1)
            self.offset_hits[:, column] = targets.offset_hits(N_OFFSETS)
            self._on_targets.add(targets)
            if targets.most:
                found[column] = targets
            if null_batch is not None:
                elsewhere = Targets(targets_of(patterns[column], null_batch))
                self.n_null[:, column] = (elsewhere.counts > 0).sum(-1)
                self._on_null.add(elsewhere)
        first_allowed = batch.allowed[:, :, 0]
        for column in self.statistic_columns:
            counted[:, :, column] = n_keys > 1
            if patterns[column].sink_free:
                possible[:, :, column] = n_keys - first_allowed.long() > 1
        self.overlaps: Float64[np.ndarray, "pattern other"] = np.zeros((len(patterns), len(patterns) + 1))
        self.overlaps[np.ix_(list(found), [*found, len(patterns)])] = overlaps(list(found.values()))
        self.n_queries: Int[Tensor, "batch pattern"] = counted.sum(1)
        self.n_possible: Int[Tensor, "batch pattern"] = possible.sum(1)
        self._on_targets.ready()
        self._on_null.ready()
        columns = torch.tensor(self.target_columns, dtype=torch.long)
        self._columns = columns[self._on_targets.order].to(device)
        self._null_columns = columns[self._on_null.order].to(device)
        self._counted, self._possible = counted.to(device), possible.to(device)
        self._prepare_distances(batch)
        self._n_keys = n_keys[:, None].float().to(device)
        self._n_keys_besides_first = (n_keys - first_allowed.long())[:, None].float().to(device)
        self._distance = batch.distance.float().to(device)

    def _prepare_distances(self, batch: TokenBatch | PairBatch) -> None:
        """The keys at every distance from each query, and whether there is one."""
        _, n_queries, n_keys = self._shape
        back = torch.arange(1 - N_DISTANCES, N_DISTANCES)
        self._kept = slice(N_DISTANCES - 1 if self._causal else 0, None)
        keys = torch.arange(n_queries)[:, None] - back[self._kept]
        self._keys_at = keys.clamp(0, n_keys - 1).to(self.device)
        self._there = ((keys >= 0) & (keys < n_keys)).float().to(self.device)
        self._real = batch.real.float().to(self.device)
        self.n_distance: Int[Tensor, " distance"] = torch.zeros(2 * N_DISTANCES - 1, dtype=torch.long)
        for place, one in enumerate(back.tolist()):
            if -n_keys < one < n_queries:
                self.n_distance[place] = batch.allowed.diagonal(-one, 1, 2).sum()

    def empty(self, n_heads: int) -> Sums:
        """Sums of no attention yet."""
        n_sequences = self._shape[0]
        shape = (n_sequences, n_heads, len(self.patterns))
        parts = {one.name: torch.zeros(shape, device=self.device) for one in fields(Sums) if one.name != "distance"}
        return Sums(**parts, distance=torch.zeros(n_heads, 2 * N_DISTANCES - 1, device=self.device))

    def blocks(self, n_heads: int) -> Iterator[Block]:
        """Parts of the batch that are small enough to be held with what is made of them."""
        n_sequences, n_queries, n_keys = self._shape
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
        sums = self.empty(attention.shape[1])
        for block in self.blocks(attention.shape[1]):
            part = attention[block.rows, :, block.queries, : block.n_keys]
            norms = None if value_norms is None else value_norms[block.rows, :, : block.n_keys]
            self.add(sums, block, part, norms)
        return sums

    def add(
        self,
        sums: Sums,
        block: Block,
        attention: Float[Tensor, "batch head query key"],
        value_norms: Float[Tensor, "batch head key"] | None = None,
    ) -> None:
        """Adds the attention of one block."""
        # A model may be spread over devices; sums are those of float32 whatever the model computes in.
        attention = attention.to(self._n_keys.device, torch.float32)
        rows = Rows(
            attention, self._n_keys[block.rows, :, block.queries], self._distance[block.queries, : block.n_keys]
        )
        awake = (rows.on_first <= SUNK) & (rows.besides_first > 0)
        share_of_rest = torch.where(awake, 1 / rows.besides_first, 0)
        sums.n_sink_free[block.rows] += awake.float() @ self._possible[block.rows, block.queries].float()
        start = block.queries.start
        if len(self._columns):
            plain, scaled = self._on_targets(attention, block.rows, start, share_of_rest)
            sums.scores[block.rows, :, self._columns] += plain
            assert scaled is not None
            sums.sink_free[block.rows, :, self._columns] += scaled
            if value_norms is not None:
                weighted = attention * value_norms[:, :, None].to(attention)
                weighted /= weighted.sum(-1, keepdim=True).clamp(min=torch.finfo(weighted.dtype).tiny)
                sums.value_weighted[block.rows, :, self._columns] += self._on_targets(weighted, block.rows, start)[0]
        if len(self._null_columns):
            sums.null[block.rows, :, self._null_columns] += self._on_null(attention, block.rows, start)[0]
        self._add_statistics(sums, block, rows, awake, share_of_rest)
        self._add_distances(sums, block, attention)

    def _add_statistics(
        self,
        sums: Sums,
        block: Block,
        rows: Rows,
        awake: Tensor,
        share_of_rest: Float[Tensor, "batch head query"],
    ) -> None:
        rest = RowsBesidesFirst(rows, self._n_keys_besides_first[block.rows, :, block.queries], share_of_rest)
        counted, possible = (one[block.rows, block.queries] for one in (self._counted, self._possible))
        for column in self.statistic_columns:
            one = self.patterns[column]
            assert one.statistic is not None
            values = one.statistic(rows)
            sums.scores[block.rows, :, column] += values.where(counted[:, None, :, column], 0).sum(-1)
            if one.sink_free:
                values = one.statistic(rest)
                there = awake & possible[:, None, :, column]
                sums.sink_free[block.rows, :, column] += values.where(there, 0).sum(-1)

    def _add_distances(self, sums: Sums, block: Block, attention: Float[Tensor, "batch head query key"]) -> None:
        found = attention.gather(-1, self._keys_at[block.queries].expand(*attention.shape[:2], -1, -1))
        # Padded queries count for nothing.
        there = self._there[block.queries] * self._real[block.rows, None, block.queries, None]
        sums.distance[:, self._kept] += (found * there).sum((0, 2))
