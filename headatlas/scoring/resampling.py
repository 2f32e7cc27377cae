"""Units drawn again and again: the bootstrap and the corrections that all scores share."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache, lru_cache

import numpy as np
from jaxtyping import Bool, Float64, Int64
from scipy import stats
from threadpoolctl import ThreadpoolController

N_RESAMPLES = 1000
# Numbers of resamples that a thread holds at once, over heads and patterns: 2 MB stay in its cache.
_MOST_AT_ONCE = 2**18
# Threads at most: what is left to do beside them takes one.
MAX_THREADS = 8


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

    def resample(start: int) -> None:
        heads = slice(start, start + step)
        under = np.tensordot(below if below.shape[1] == 1 else below[:, heads], draws, (0, 1))
        if scale is not None:
            under = under * scale[heads, None]
        with np.errstate(invalid="ignore", divide="ignore"):  # each thread has its own
            resampled = np.tensordot(above[:, heads], draws, (0, 1))
            resampled /= under
            low[heads], high[heads] = _quantiles(resampled, (0.025, 0.975))

    # Products and sorting leave other threads their turn; each product is then one thread's.
    with _libraries().limit(limits=1, user_api="blas"), ThreadPoolExecutor(_n_threads()) as threads:
        for _ in threads.map(resample, range(0, n_heads, step)):
            pass
    return low, high


def _quantiles(
    values: Float64[np.ndarray, "head pattern resample"], shares: Sequence[float]
) -> list[Float64[np.ndarray, "head pattern"]]:
    """As `np.quantile` gives them, to the last bit; the values are sorted in place, which takes less than selecting."""
    values.sort(-1)
    unknown = np.isnan(values[..., -1])
    quantiles = []
    for share in shares:
        position = share * (values.shape[-1] - 1)
        first = int(position)
        left, right = values[..., first], values[..., min(first + 1, values.shape[-1] - 1)]
        beyond = position - first
        between = left + (right - left) * beyond if beyond < 0.5 else right - (right - left) * (1 - beyond)
        quantiles.append(np.where(unknown, np.nan, between))
    return quantiles


def _n_threads() -> int:
    given = os.environ.get("OMP_NUM_THREADS", "")
    return int(given) if given.isdigit() and int(given) else min(MAX_THREADS, os.cpu_count() or 1)


@cache
def _libraries() -> ThreadpoolController:
    return ThreadpoolController()


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
