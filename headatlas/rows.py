"""Rows of attention reduced to numbers: the only code that touches a layer's attention, once, and lets it go."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Bool, Float, Float64, Int
from torch import Tensor

from headatlas.accumulate import N_DISTANCES, N_OFFSETS
from headatlas.errors import HeadatlasError
from headatlas.patterns import Pattern
from headatlas.tokens import TokenBatch

# Above this share on the sink, what is left of a row is rounding noise.
SUNK = 0.99
# Patterns with at most this many targets a query are gathered; the others are one matrix product.
GATHERED = 4


@dataclass(frozen=True)
class Rows:
    """What a row statistic gets: float32 attention, the number of keys, and |query - key| in tokens."""

    attention: Float[Tensor, "batch head query key"]
    n_keys: Float[Tensor, "batch 1 query"]
    distance: Float[Tensor, "query key"]


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
    value_weighted: Float[Tensor, "batch head pattern"] | None
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
        batch: TokenBatch,
        patterns: Sequence[Pattern],
        device: torch.device | str = "cpu",
        null_batch: TokenBatch | None = None,
    ) -> None:
        self.patterns = tuple(patterns)
        self.target_columns = [i for i, one in enumerate(patterns) if one.targets is not None]
        self.statistic_columns = [i for i, one in enumerate(patterns) if one.statistic is not None]
        n_sequences, size = batch.tokens.shape
        n_keys = batch.allowed.sum(-1)
        n_keys_besides_first = batch.allowed[:, :, 1:].sum(-1)
        shared = (n_sequences, len(patterns))
        counted = torch.zeros(n_sequences, size, len(patterns), dtype=torch.bool)
        possible = torch.zeros_like(counted)
        self.chance: Float[Tensor, "batch pattern"] = torch.zeros(shared, dtype=torch.float64)
        self.n_null: Int[Tensor, "batch pattern"] = torch.zeros(shared, dtype=torch.long)
        self.offset_hits: Int[Tensor, "batch pattern offset"] = torch.zeros(*shared, N_OFFSETS, dtype=torch.long)
        self._mass = _TargetMass(device)
        self._null_mass = _TargetMass(device)
        hits_first: list[Tensor] = []
        found: dict[int, Tensor] = {}
        for column in self.target_columns:
            targets = targets_of(patterns[column], batch)
            hits = targets.sum(-1)
            counted[:, :, column] = hits > 0
            possible[:, :, column] = targets[:, :, 1:].any(-1)
            self.chance[:, column] = (hits / n_keys.clamp(min=1)).double().sum(-1)
            self.offset_hits[:, column] = _offset_hits(targets)
            hits_first.append(targets[:, :, 0])
            self._mass.add(targets)
            if counted[:, :, column].any():
                found[column] = targets
            if null_batch is not None:
                shuffled = targets_of(patterns[column], null_batch)
                self.n_null[:, column] = shuffled.any(-1).sum(-1)
                self._null_mass.add(shuffled)
        for column in self.statistic_columns:
            counted[:, :, column] = n_keys > 1
            if patterns[column].sink_free:
                possible[:, :, column] = n_keys_besides_first > 1
        self.overlaps = _overlaps(found, len(patterns))
        self._diagonals = [
            (N_DISTANCES - 1 + back, back)
            for back in range(1 - N_DISTANCES, N_DISTANCES)
            if abs(back) < size and (back >= 0 or not batch.causal)
        ]
        self.n_distance: Int[Tensor, " distance"] = torch.zeros(2 * N_DISTANCES - 1, dtype=torch.long)
        for place, back in self._diagonals:
            self.n_distance[place] = batch.allowed.diagonal(-back, 1, 2).sum()
        self._real = batch.real.to(device)
        self.n_queries: Int[Tensor, "batch pattern"] = counted.sum(1)
        self.n_possible: Int[Tensor, "batch pattern"] = possible.sum(1)

        self._counted = counted.to(device)
        self._possible = possible.to(device)
        self._hits_first = torch.stack(hits_first, -1).to(device) if hits_first else None
        self._n_keys = n_keys[:, None].float().to(device)
        self._n_keys_besides_first = n_keys_besides_first[:, None].float().to(device)
        positions = batch.positions.to(device)
        self._distance = (positions[:, None] - positions).abs().float()

    def __call__(
        self,
        attention: Float[Tensor, "batch head query key"],
        value_norms: Float[Tensor, "batch head key"] | None = None,
    ) -> Sums:
        """Sums over the counted queries of each sequence.

        With `value_norms` the attention is also weighted by the norm of each key's value vector and
        renormalised (Kobayashi et al. 2020, arXiv:2004.10102; Feucht et al. 2025).
        """
        attention = attention.float()
        on_first = attention[..., 0]
        rest = attention.sum(-1) - on_first
        awake = (on_first <= SUNK) & (rest > 0)
        share_of_rest = torch.where(awake, 1 / rest, 0)

        n_batch, n_heads = attention.shape[:2]
        scores = attention.new_zeros(n_batch, n_heads, len(self.patterns))
        sink_free = torch.zeros_like(scores)
        null = torch.zeros_like(scores)
        value_weighted = None if value_norms is None else torch.zeros_like(scores)
        n_sink_free = torch.einsum("bqp,bhq->bhp", self._possible.float(), awake.float())
        if self._hits_first is not None:
            mass = self._mass(attention)
            scores[..., self.target_columns] = mass.sum(2)
            besides_first = mass - on_first[..., None] * self._hits_first[:, None]
            besides_first *= self._possible[:, None, :, self.target_columns]
            sink_free[..., self.target_columns] = torch.einsum("bhqp,bhq->bhp", besides_first, share_of_rest)
            if self._null_mass.n_patterns:
                null[..., self.target_columns] = self._null_mass(attention).sum(2)
            if value_norms is not None and value_weighted is not None:
                weighted = attention * value_norms[:, :, None].float()
                weighted /= weighted.sum(-1, keepdim=True).clamp(min=torch.finfo(weighted.dtype).tiny)
                value_weighted[..., self.target_columns] = self._mass(weighted).sum(2)
        if self.statistic_columns:
            self._add_statistics(attention, share_of_rest, scores, sink_free)
        return Sums(scores, sink_free, n_sink_free, null, value_weighted, self._by_distance(attention))

    def _by_distance(self, attention: Float[Tensor, "batch head query key"]) -> Float[Tensor, "head distance"]:
        """Attention along the diagonals, padded queries left out."""
        sums = attention.new_zeros(attention.shape[1], len(self.n_distance))
        for place, back in self._diagonals:
            queries = self._real[:, back:] if back >= 0 else self._real[:, :back]
            sums[:, place] = torch.einsum("bhd,bd->h", attention.diagonal(-back, 2, 3), queries.float())
        return sums

    def _add_statistics(
        self,
        attention: Float[Tensor, "batch head query key"],
        share_of_rest: Float[Tensor, "batch head query"],
        scores: Float[Tensor, "batch head pattern"],
        sink_free: Float[Tensor, "batch head pattern"],
    ) -> None:
        rows = Rows(attention, self._n_keys, self._distance)
        without_first = attention * share_of_rest[..., None]
        without_first[..., 0] = 0
        rest = Rows(without_first, self._n_keys_besides_first, self._distance)
        awake = share_of_rest > 0
        for column in self.statistic_columns:
            one = self.patterns[column]
            assert one.statistic is not None
            values = one.statistic(rows)
            scores[..., column] = values.where(self._counted[:, None, :, column], 0).sum(-1)
            if one.sink_free:
                values = one.statistic(rest)
                sink_free[..., column] = values.where(self._possible[:, None, :, column] & awake, 0).sum(-1)


class _TargetMass:
    """The attention on several patterns' targets, in two ways: few targets a query are gathered, many multiplied."""

    def __init__(self, device: torch.device | str) -> None:
        self.device = device
        self.n_patterns = 0
        self._gathered: list[tuple[int, Int[Tensor, "batch query few"]]] = []  # place, keys (-1 for none)
        self._dense: list[tuple[int, Bool[Tensor, "batch query key"]]] = []
        self._ready: tuple[Tensor, Tensor, Tensor | None] | None = None

    def add(self, targets: Bool[Tensor, "batch query key"]) -> None:
        """One more pattern; one without targets here costs nothing more."""
        most = int(targets.sum(-1).max())
        if 0 < most <= GATHERED:
            self._gathered.append((self.n_patterns, _keys(targets, most)))
        elif most:
            self._dense.append((self.n_patterns, targets))
        self.n_patterns += 1

    def __call__(self, attention: Float[Tensor, "batch head query key"]) -> Float[Tensor, "batch head query target"]:
        """Attention on the targets of every query; 0 where it has none."""
        if self._ready is None:
            self._ready = self._on_device()
        keys, there, dense = self._ready
        mass = attention.new_zeros(*attention.shape[:3], self.n_patterns)
        if self._gathered:
            found = attention.gather(-1, keys[:, None].expand(-1, attention.shape[1], -1, -1)) * there[:, None]
            widths = [own.shape[-1] for _, own in self._gathered]
            for (place, _), part in zip(self._gathered, found.split(widths, -1), strict=True):
                mass[..., place] = part.sum(-1)
        if dense is not None:
            mass[..., [place for place, _ in self._dense]] = torch.einsum("bhqk,bqkp->bhqp", attention, dense)
        return mass

    def _on_device(self) -> tuple[Tensor, Tensor, Tensor | None]:
        keys = torch.cat([own for _, own in self._gathered], -1) if self._gathered else torch.zeros(0)
        dense = torch.stack([one for _, one in self._dense], -1).float().to(self.device) if self._dense else None
        return keys.clamp(min=0).to(self.device), (keys >= 0).to(self.device), dense


def targets_of(pattern: Pattern, batch: TokenBatch) -> Bool[Tensor, "batch query key"]:
    """A pattern's target keys, kept to the keys that each query may attend to.

    Raises:
        HeadatlasError: the pattern's function did not give a boolean [batch, query, key] tensor.
    """
    assert pattern.targets is not None
    targets = pattern.targets(batch)
    if not isinstance(targets, Tensor) or targets.dtype != torch.bool or targets.shape != batch.allowed.shape:
        raise HeadatlasError(
            f"Pattern '{pattern.name}' ({pattern.defined_in}) must return a boolean tensor [batch, query, key] "
            f"of shape {tuple(batch.allowed.shape)}."
        )
    return targets & batch.allowed


def _overlaps(
    found: dict[int, Bool[Tensor, "batch query key"]], n_patterns: int
) -> Float64[np.ndarray, "pattern other"]:
    """What heads that follow one pattern perfectly get on another, summed over that other's queries.

    A head that finds no target of its own is taken to rest outside the other's targets; the last column is a
    head that always rests on the first position.
    """
    sums = np.zeros((n_patterns, n_patterns + 1))
    columns = list(found)
    if columns:
        targets = torch.stack(list(found.values())).float()
        sums[columns, -1] = targets[..., 0].sum((1, 2)).numpy()
        perfect = targets / targets.sum(-1, keepdim=True).clamp(min=1)
        sums[np.ix_(columns, columns)] = (targets.flatten(1) @ perfect.flatten(1).T).numpy()
    return sums


def _offset_hits(targets: Bool[Tensor, "batch query key"]) -> Int[Tensor, "batch offset"]:
    """How many queries have a target 0, 1, 2, ... positions back."""
    row, query, key = targets.nonzero().T
    back = query - key
    within = (back >= 0) & (back < N_OFFSETS)
    counts = torch.bincount(row[within] * N_OFFSETS + back[within], minlength=len(targets) * N_OFFSETS)
    return counts.reshape(len(targets), N_OFFSETS)


def _keys(targets: Bool[Tensor, "batch query key"], most: int) -> Int[Tensor, "batch query {most}"]:
    """Positions of the targets of each query, -1 where there are fewer than `most`."""
    found, keys = targets.to(torch.uint8).sort(dim=-1, descending=True, stable=True)
    return keys[..., :most].where(found[..., :most].bool(), -1)
