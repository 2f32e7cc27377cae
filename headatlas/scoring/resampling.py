"""Units drawn again and again: the bootstrap and the corrections that all scores share."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

import numpy as np
from jaxtyping import Bool, Float64, Int64
from scipy import stats

N_RESAMPLES = 1000
# Numbers of resamples that are held at once, over heads and patterns: 16 MB.
_MOST_AT_ONCE = 2**21


@lru_cache(maxsize=64)
def draws_of(n_units: int, seed: int) -> Float64[np.ndarray, "resample unit"]:
    """How often each unit is drawn in each resample (Efron & Tibshirani 1993, chapter 13); not to be written to."""
    counts = np.random.default_rng(seed).multinomial(n_units, np.full(n_units, 1 / n_units), size=N_RESAMPLES)
    draws = counts.astype(np.float64)
    draws.flags.writeable = False
    return draws


def ratio_interval(
    above: Float64[np.ndarray, "unit head pattern"],
    below: Float64[np.ndarray, "unit _ pattern"],
    draws: Float64[np.ndarray, "resample unit"],
    scale: Float64[np.ndarray, "head resample"] | None = None,
) -> tuple[Float64[np.ndarray, "head pattern"], Float64[np.ndarray, "head pattern"]]:
    """The ends of a 95% percentile interval of a ratio of two sums (Efron & Tibshirani 1993, chapter 13).

    The sums are over the units of each resample; `below` may be the same for all heads. Where `scale` is given, the
    ratios are divided by it.
    """
    _, n_heads, n_patterns = above.shape
    low, high = np.empty((2, n_heads, n_patterns))
    step = max(1, _MOST_AT_ONCE // (len(draws) * max(1, n_patterns)))
    for start in range(0, n_heads, step):
        heads = slice(start, start + step)
        under = np.tensordot(below if below.shape[1] == 1 else below[:, heads], draws, (0, 1))
        if scale is not None:
            under = under * scale[heads, None]
        resampled = np.tensordot(above[:, heads], draws, (0, 1)) / under
        low[heads], high[heads] = np.quantile(resampled, (0.025, 0.975), axis=-1, overwrite_input=True)
    return low, high


def corrected(p_value: Float64[np.ndarray, "head pattern"]) -> Float64[np.ndarray, "head pattern"]:
    """Benjamini & Hochberg's correction over all heads, pattern by pattern (1995)."""
    q_value = np.full_like(p_value, np.nan)
    columns = np.flatnonzero(~np.isnan(p_value).any(0))
    if len(columns):
        q_value[:, columns] = stats.false_discovery_control(p_value[:, columns], axis=0)
    return q_value


def halves(counts: Int64[np.ndarray, "unit pattern"]) -> Bool[np.ndarray, "half unit pattern"]:
    """Two halves of the units on which each pattern counts: every other one, whatever lies between them."""
    used = counts > 0
    odd = (np.cumsum(used, 0) - 1) % 2 == 1
    return np.stack([used & ~odd, used & odd])


def half_ratios(
    over: Float64[np.ndarray, "unit head pattern"],
    under: Float64[np.ndarray, "unit _ pattern"],
    counts: Int64[np.ndarray, "unit pattern"],
) -> Float64[np.ndarray, "half head pattern"]:
    """A ratio of two sums on each half of the units; not a number where nothing was counted."""
    ratios = []
    for half in halves(counts):
        with np.errstate(invalid="ignore", divide="ignore"):
            ratios.append((over * half[:, None]).sum(0) / (under * half[:, None]).sum(0))
    return np.stack(ratios)


def same_units(
    counts: Int64[np.ndarray, "unit pattern"],
) -> Iterator[tuple[Int64[np.ndarray, " unit"], Int64[np.ndarray, " pattern"]]]:
    """Groups of patterns counted on the same two or more units: those units, those patterns."""
    used_by = counts > 0
    for used in np.unique(used_by, axis=1).T:
        if used.sum() >= 2:
            yield np.flatnonzero(used), np.flatnonzero((used_by == used[:, None]).all(0))
