"""Heads of the whole atlas that behave most like each head, by the distance that `headatlas similar` gives."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from headatlas.atlas.data.model_data import Head, ModelData
from headatlas.catalog.head_distances import DECIMALS, nearest, points, roughly, to_candidates
from headatlas.catalog.head_table import head_table, read_scan
from headatlas.catalog.reader import Reader

if TYPE_CHECKING:
    from jaxtyping import Float, Int

TOP_K = 8
TOP_K_OF_OWN_MODEL = 5  # when there are others


@dataclass(frozen=True)
class NearestHeads:
    """By number of a head (`heads.id`) the numbers and distances of those nearest to it; -1 where there are fewer."""

    row_of: dict[int, int]
    ids: Int[np.ndarray, "head nearest"]
    distances: Float[np.ndarray, "head nearest"]


def nearest_heads(reader: Reader, models: Sequence[str]) -> NearestHeads:
    """The heads nearest to each head of some models: five of its own model and three of others, if there are."""
    table = head_table([read_scan(reader, name) for name in models])
    n_own = TOP_K_OF_OWN_MODEL if len(models) > 1 else TOP_K
    ids = np.full((len(table), TOP_K), -1)
    away_from = np.full((len(table), TOP_K), np.inf)
    # Heads of a model lie together: where each model's begin, and where the last one's end.
    starts = np.searchsorted(table.model_of, np.arange(len(models) + 1))
    heads = points(reader, table, range(len(table)))
    away = np.full(len(table), np.inf)
    for rows, squares, slack in roughly(heads):
        owns = [slice(*starts[model : model + 2].tolist()) for model in table.model_of[rows].tolist()]
        # What may be among the nearest; only of those it takes time to say how far they are.
        near = [_perhaps(some, slack, own, n_own) for some, own in zip(squares, owns, strict=True)]
        exact = to_candidates(heads, rows, near)
        for row, own, some, distances in zip(range(rows.start, rows.stop), owns, near, exact, strict=True):
            away[some] = distances
            chosen = _choose(away, some, own, n_own)
            ids[row, : len(chosen)], away_from[row, : len(chosen)] = table.ids[chosen], away[chosen]
    return NearestHeads({head: row for row, head in enumerate(table.ids.tolist())}, ids, away_from)


class Neighbours:
    """The heads nearest to each head, as heads of their models."""

    def __init__(self, near: NearestHeads, models: Sequence[ModelData]) -> None:
        self._near = near
        self._heads = {head.id: (model, head) for model in models for head in model.heads}
        self._said: dict[int, str] = {}

    def of(self, model: ModelData, head: Head) -> list[tuple[ModelData, Head, float]]:
        """Model, head and distance of the heads nearest to one, the nearest first."""
        row = self._near.row_of[head.id]
        both = zip(self._near.ids[row].tolist(), self._near.distances[row].tolist(), strict=True)
        return [(*self._heads[other], distance) for other, distance in both if other >= 0]

    def said(self, model: ModelData, head: Head) -> str:
        """All that pages say of the heads nearest to one."""
        return repr([(self._said_of(other, near), distance) for other, near, distance in self.of(model, head)])

    def _said_of(self, model: ModelData, head: Head) -> str:
        """What is said of a head where it is near another, which it is of eight; as a digest, since all are kept."""
        if head.id not in self._said:
            said = repr((model.name, model.slug, head.name, model.labels.get(head.id)))
            self._said[head.id] = hashlib.sha256(said.encode("utf-8", "surrogatepass")).hexdigest()[:24]
        return self._said[head.id]


def _perhaps(
    squares: Float[np.ndarray, " head"], slack: float, own: slice, n_own: int
) -> Int[np.ndarray, " candidate"]:
    """Rows of all heads that may be among the nearest of the own model or of others, by squares that are off a bit."""
    others = squares.copy()
    others[own] = np.inf
    rows = [own.start + _lowest(squares[own], n_own, slack), _lowest(others, TOP_K - n_own, slack)]
    return np.concatenate(rows)


def _lowest(squares: Float[np.ndarray, " head"], limit: int, slack: float) -> Int[np.ndarray, " candidate"]:
    limit = min(limit, len(squares))
    if not limit:
        return np.empty(0, dtype=int)
    last = np.partition(squares, limit - 1)[limit - 1]
    off = 2 * (slack + 10.0**-DECIMALS)  # distances are rounded too
    return np.flatnonzero((squares <= last + off) & np.isfinite(squares))


def _choose(
    away: Float[np.ndarray, " head"], among: Int[np.ndarray, " candidate"], own: slice, n_own: int
) -> Int[np.ndarray, " nearest"]:
    """Rows of the `n_own` nearest heads of the own model and of the nearest others, `TOP_K` in all, nearest first."""
    is_own = (among >= own.start) & (among < own.stop)
    chosen = [nearest(away, among[is_own], n_own), nearest(away, among[~is_own], TOP_K - n_own)]
    return nearest(away, np.concatenate(chosen), TOP_K)
