"""Rows of attention reduced to numbers: the only code that touches a layer's attention, once, and lets it go."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

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
    """Per sequence and head: summed scores, summed sink-free scores, and queries counted in the latter."""

    scores: Float[Tensor, "batch head pattern"]
    sink_free: Float[Tensor, "batch head pattern"]
    n_sink_free: Float[Tensor, "batch head pattern"]


class RowReducer:
    """Scores every pattern for one batch; made once a batch and used for all layers of one kind of attention.

    Attributes, one entry a sequence and pattern: `n_queries` counted queries, `chance` their summed chance,
    `n_possible` queries that have a target other than the first position.
    """

    def __init__(self, batch: TokenBatch, patterns: Sequence[Pattern], device: torch.device | str = "cpu") -> None:
        self.patterns = tuple(patterns)
        self.target_columns = [i for i, one in enumerate(patterns) if one.targets is not None]
        self.statistic_columns = [i for i, one in enumerate(patterns) if one.statistic is not None]
        n_sequences, size = batch.tokens.shape
        n_keys = batch.allowed.sum(-1)
        n_keys_besides_first = batch.allowed[:, :, 1:].sum(-1)

        counted = torch.zeros(n_sequences, size, len(patterns), dtype=torch.bool)
        possible = torch.zeros_like(counted)
        self.chance: Float[Tensor, "batch pattern"] = torch.zeros(n_sequences, len(patterns), dtype=torch.float64)
        hits_first: list[Tensor] = []
        gathers: list[Tensor] = []
        self._gather_spans: list[tuple[int, int, int]] = []  # (place among the targets, from, to)
        dense: list[Tensor] = []
        self._dense_places: list[int] = []
        for place, column in enumerate(self.target_columns):
            targets = targets_of(patterns[column], batch)
            hits = targets.sum(-1)
            counted[:, :, column] = hits > 0
            possible[:, :, column] = targets[:, :, 1:].any(-1)
            self.chance[:, column] = (hits / n_keys.clamp(min=1)).double().sum(-1)
            hits_first.append(targets[:, :, 0])
            most = int(hits.max())
            if most <= GATHERED:
                start = sum(keys.shape[-1] for keys in gathers)
                gathers.append(_keys(targets, max(most, 1)))
                self._gather_spans.append((place, start, start + gathers[-1].shape[-1]))
            else:
                dense.append(targets)
                self._dense_places.append(place)
        for column in self.statistic_columns:
            counted[:, :, column] = n_keys > 1
            if patterns[column].sink_free:
                possible[:, :, column] = n_keys_besides_first > 1
        self.n_queries: Int[Tensor, "batch pattern"] = counted.sum(1)
        self.n_possible: Int[Tensor, "batch pattern"] = possible.sum(1)

        self._counted = counted.to(device)
        self._possible = possible.to(device)
        self._hits_first = torch.stack(hits_first, -1).to(device) if hits_first else None
        keys = torch.cat(gathers, -1) if gathers else torch.zeros(n_sequences, size, 0, dtype=torch.long)
        self._gather_keys = keys.clamp(min=0).to(device)
        self._gather_mask = (keys >= 0).to(device)
        self._dense = torch.stack(dense, -1).float().to(device) if dense else None
        self._n_keys = n_keys[:, None].float().to(device)
        self._n_keys_besides_first = n_keys_besides_first[:, None].float().to(device)
        positions = batch.positions.to(device)
        self._distance = (positions[:, None] - positions).abs().float()

    def __call__(self, attention: Float[Tensor, "batch head query key"]) -> Sums:
        """Sums over the counted queries of each sequence."""
        attention = attention.float()
        on_first = attention[..., 0]
        rest = attention.sum(-1) - on_first
        awake = (on_first <= SUNK) & (rest > 0)
        share_of_rest = torch.where(awake, 1 / rest, 0)

        n_batch, n_heads = attention.shape[:2]
        scores = attention.new_zeros(n_batch, n_heads, len(self.patterns))
        sink_free = torch.zeros_like(scores)
        n_sink_free = torch.einsum("bqp,bhq->bhp", self._possible.float(), awake.float())
        if self._hits_first is not None:
            mass = self._target_mass(attention)
            scores[..., self.target_columns] = mass.sum(2)
            besides_first = mass - on_first[..., None] * self._hits_first[:, None]
            besides_first *= self._possible[:, None, :, self.target_columns]
            sink_free[..., self.target_columns] = torch.einsum("bhqp,bhq->bhp", besides_first, share_of_rest)
        if self.statistic_columns:
            self._add_statistics(attention, share_of_rest, scores, sink_free)
        return Sums(scores, sink_free, n_sink_free)

    def _target_mass(
        self, attention: Float[Tensor, "batch head query key"]
    ) -> Float[Tensor, "batch head query target"]:
        mass = attention.new_zeros(*attention.shape[:3], len(self.target_columns))
        if self._gather_spans:
            keys = self._gather_keys[:, None].expand(-1, attention.shape[1], -1, -1)
            found = attention.gather(-1, keys) * self._gather_mask[:, None]
            for place, start, end in self._gather_spans:
                mass[..., place] = found[..., start:end].sum(-1)
        if self._dense is not None:
            mass[..., self._dense_places] = torch.einsum("bhqk,bqkp->bhqp", attention, self._dense)
        return mass

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


def _keys(targets: Bool[Tensor, "batch query key"], most: int) -> Int[Tensor, "batch query {most}"]:
    """Positions of the targets of each query, -1 where there are fewer than `most`."""
    found, keys = targets.to(torch.uint8).sort(dim=-1, descending=True, stable=True)
    return keys[..., :most].where(found[..., :most].bool(), -1)
