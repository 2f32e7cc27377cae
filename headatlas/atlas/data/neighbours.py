"""Heads of the whole atlas that behave alike: the nearest by their scores on each pattern's own probe."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from headatlas.atlas.data.model_data import Head, ModelData

LISTED = 8
LISTED_OF_OWN = 5  # of the head's own model, when there are others
_BLOCK = 512


class Neighbours:
    """For each head the heads that differ least from it.

    The difference of two heads is the root mean square difference of their scores, over the patterns that both were
    scored on (each on its own probe; what is no share is divided by the largest value in the atlas).
    """

    def __init__(self, models: Sequence[ModelData]) -> None:
        self._heads = [(model, head) for model in models for head in model.heads]
        self._places = {(model.slug, head.id): place for place, (model, head) in enumerate(self._heads)}
        self._models = np.array([number for number, model in enumerate(models) for _ in model.heads])
        profiles = _profiles(models)
        self._nearest = self._find(profiles, alone=len(models) < 2)

    def of(self, model: ModelData, head: Head) -> list[tuple[ModelData, Head, float]]:
        """Model, head and difference of the nearest heads, the nearest first."""
        found = self._nearest[self._places[model.slug, head.id]]
        return [(*self._heads[place], difference) for place, difference in found]

    def _find(self, profiles: np.ndarray, alone: bool) -> list[list[tuple[int, float]]]:
        known = ~np.isnan(profiles)
        filled, counted = np.where(known, profiles, 0.0), known.astype(np.float64)
        found: list[list[tuple[int, float]]] = []
        for start in range(0, len(profiles), _BLOCK):
            rows = slice(start, start + _BLOCK)
            shared = counted[rows] @ counted.T
            squares = (filled[rows] ** 2) @ counted.T + counted[rows] @ (filled**2).T - 2 * filled[rows] @ filled.T
            with np.errstate(divide="ignore", invalid="ignore"):
                away = np.sqrt(np.maximum(squares, 0) / shared)
            away[(shared == 0) | np.isnan(away)] = np.inf
            away[np.arange(len(away)), np.arange(start, start + len(away))] = np.inf
            found += [self._choose(start + place, row, alone) for place, row in enumerate(away)]
        return found

    def _choose(self, place: int, away: np.ndarray, alone: bool) -> list[tuple[int, float]]:
        own = self._models == self._models[place]
        if alone:
            return _nearest(away, np.flatnonzero(own), LISTED)
        near = _nearest(away, np.flatnonzero(own), LISTED_OF_OWN)
        near += _nearest(away, np.flatnonzero(~own), LISTED - LISTED_OF_OWN)
        return sorted(near, key=lambda pair: pair[1])


def _nearest(away: np.ndarray, among: np.ndarray, limit: int) -> list[tuple[int, float]]:
    # Rounded, so that heads equally far away stay in the order of the atlas whatever the processor.
    rounded = np.round(away[among], 6)
    order = np.argsort(rounded, kind="stable")[:limit]
    return [(int(among[one]), float(rounded[one])) for one in order if np.isfinite(rounded[one])]


def _profiles(models: Sequence[ModelData]) -> np.ndarray:
    """[head, pattern] scores; not a number where a head has none."""
    names = {(pattern.name, pattern.probe): pattern for model in models for pattern in model.patterns}
    columns = []
    for (name, probe), pattern in names.items():
        values = np.array(
            [_value(model, name, probe, head) for model in models for head in model.heads], dtype=np.float64
        )
        largest = float(np.nanmax(np.abs(values))) if np.isfinite(values).any() else 1.0
        columns.append(values if pattern.is_target or largest <= 1 else values / largest)
    return np.stack(columns, axis=1) if columns else np.zeros((sum(len(model.heads) for model in models), 0))


def _value(model: ModelData, name: str, probe: str, head: Head) -> float:
    one = model.scores.get((name, probe), {}).get(head.id)
    return float("nan") if one is None or one.score is None else one.score
