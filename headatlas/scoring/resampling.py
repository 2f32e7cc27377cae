"""Units drawn again and again: the bootstrap and the corrections that all scores share."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from jaxtyping import Float64, Int64
from scipy import stats

N_RESAMPLES = 1000


def draws_of(n_units: int, seed: int) -> Int64[np.ndarray, "resample unit"]:
    """How often each unit is drawn in each resample (Efron & Tibshirani 1993, chapter 13)."""
    return np.random.default_rng(seed).multinomial(n_units, np.full(n_units, 1 / n_units), size=N_RESAMPLES)


def corrected(p_value: Float64[np.ndarray, "head pattern"]) -> Float64[np.ndarray, "head pattern"]:
    """Benjamini & Hochberg's correction over all heads, pattern by pattern (1995)."""
    q_value = np.full_like(p_value, np.nan)
    columns = np.flatnonzero(~np.isnan(p_value).any(0))
    if len(columns):
        q_value[:, columns] = stats.false_discovery_control(p_value[:, columns], axis=0)
    return q_value


def same_units(
    counts: Int64[np.ndarray, "unit pattern"],
) -> Iterator[tuple[Int64[np.ndarray, " unit"], Int64[np.ndarray, " pattern"]]]:
    """Groups of patterns counted on the same two or more units: those units, those patterns."""
    used_by = counts > 0
    for used in np.unique(used_by, axis=1).T:
        if used.sum() >= 2:
            yield np.flatnonzero(used), np.flatnonzero((used_by == used[:, None]).all(0))
