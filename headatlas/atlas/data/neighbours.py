"""Heads of the whole atlas that behave most like each head, by the distance that `headatlas similar` gives."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from headatlas.atlas.data.model_data import Head, ModelData
from headatlas.catalog.head_distances import blocks, nearest, points
from headatlas.catalog.head_table import head_table, read_scan
from headatlas.catalog.reader import Reader

TOP_K = 8
TOP_K_OF_OWN_MODEL = 5  # when there are others


class Neighbours:
    """For each head of some models the heads nearest to it: five of its own model and three of others, if there are."""

    def __init__(self, reader: Reader, models: Sequence[ModelData]) -> None:
        self._heads = {head.id: (model, head) for model in models for head in model.heads}
        table = head_table([read_scan(reader, model.name) for model in models])
        self._ids = table.ids.tolist()
        self._nearest: dict[int, list[tuple[int, float]]] = {}
        n_own = TOP_K_OF_OWN_MODEL if len(models) > 1 else TOP_K
        for rows, distances in blocks(points(reader, table, range(len(table)))):
            for row, away in zip(range(rows.start, rows.stop), distances, strict=True):
                is_own = table.model_of == table.model_of[row]
                self._nearest[self._ids[row]] = _choose(away, is_own, n_own)

    def of(self, model: ModelData, head: Head) -> list[tuple[ModelData, Head, float]]:
        """Model, head and distance of the heads nearest to one, the nearest first."""
        return [(*self._heads[self._ids[row]], distance) for row, distance in self._nearest[head.id]]


def _choose(away: np.ndarray, is_own: np.ndarray, n_own: int) -> list[tuple[int, float]]:
    """Rows and distances of the `n_own` nearest heads of the own model and of the nearest others, `TOP_K` in all."""
    own = nearest(away, np.flatnonzero(is_own), n_own)
    others = nearest(away, np.flatnonzero(~is_own), TOP_K - n_own)
    rows = np.concatenate([own, others])
    return [(int(row), float(away[row])) for row in nearest(away, rows, TOP_K)]
