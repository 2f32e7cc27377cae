"""Mergeable sufficient statistics: everything a score needs, in memory that does not grow with the text.

Sequences are gathered in at most `N_UNITS` resampling units (sequence i belongs to unit i modulo N_UNITS), so
that the bootstrap draws whole sequences, or whole groups of them when there are more than N_UNITS. Adding two
tallies adds their numbers: any split of the work gives the same result, to rounding.
"""

from __future__ import annotations

import io
from dataclasses import dataclass, fields

import numpy as np
from jaxtyping import Float64, Int64

N_UNITS = 64
N_RESAMPLES = 1000


@dataclass
class Tally:
    """Sums over the sequences of each unit, for one probe and one kind of attention.

    Over counted queries: `scores` and, with the first position taken out, `sink_free`. `n_sink_free` counts
    the queries of the latter, head by head since heads differ in how often they rest on the sink;
    `n_possible` counts those that could have been. `chance` is summed like a score.
    """

    scores: Float64[np.ndarray, "unit head pattern"]
    sink_free: Float64[np.ndarray, "unit head pattern"]
    n_sink_free: Float64[np.ndarray, "unit head pattern"]
    chance: Float64[np.ndarray, "unit pattern"]
    n_queries: Int64[np.ndarray, "unit pattern"]
    n_possible: Int64[np.ndarray, "unit pattern"]
    n_sequences: Int64[np.ndarray, "unit pattern"]

    @classmethod
    def empty(cls, n_heads: int, n_patterns: int, n_units: int = N_UNITS) -> Tally:
        """A tally of nothing."""
        per_head, shared = (n_units, n_heads, n_patterns), (n_units, n_patterns)
        return cls(
            np.zeros(per_head), np.zeros(per_head), np.zeros(per_head), np.zeros(shared),
            np.zeros(shared, np.int64), np.zeros(shared, np.int64), np.zeros(shared, np.int64),
        )  # fmt: skip

    def add(self, other: Tally) -> None:
        """Adds another tally of the same shape to this one."""
        for one in fields(self):
            getattr(self, one.name)[...] += getattr(other, one.name)

    def to_bytes(self) -> bytes:
        """As compressed npz; units without sequences are left out."""
        used = np.flatnonzero(self.n_sequences.any(1))
        parts = {one.name: getattr(self, one.name)[used] for one in fields(self)}
        buffer = io.BytesIO()
        np.savez_compressed(buffer, n_units=len(self.n_sequences), used=used, **parts)
        return buffer.getvalue()

    @classmethod
    def from_bytes(cls, data: bytes) -> Tally:
        """Inverse of `to_bytes`."""
        with np.load(io.BytesIO(data), allow_pickle=False) as parts:
            _, n_heads, n_patterns = parts["scores"].shape
            tally = cls.empty(n_heads, n_patterns, int(parts["n_units"]))
            for one in fields(cls):
                getattr(tally, one.name)[parts["used"]] = parts[one.name]
        return tally


@dataclass(frozen=True)
class Scores:
    """What a tally says; not a number where nothing was counted. `ci` is the 95% bootstrap interval."""

    score: Float64[np.ndarray, "head pattern"]
    score_nosink: Float64[np.ndarray, "head pattern"]
    chance: Float64[np.ndarray, " pattern"]
    ci_low: Float64[np.ndarray, "head pattern"]
    ci_high: Float64[np.ndarray, "head pattern"]
    half_a: Float64[np.ndarray, "head pattern"]
    half_b: Float64[np.ndarray, "head pattern"]
    n_queries: Int64[np.ndarray, " pattern"]
    n_sequences: Int64[np.ndarray, " pattern"]
    n_sunk: Int64[np.ndarray, "head pattern"]


def summarise(tally: Tally, seed: int) -> Scores:
    """Scores, intervals and halves of a tally; the same seed draws the same resamples for every head."""
    with np.errstate(invalid="ignore", divide="ignore"):
        n_queries = tally.n_queries.sum(0)
        n_sink_free = tally.n_sink_free.sum(0)
        low, high = bootstrap_interval(tally.scores, tally.n_queries, seed)
        return Scores(
            score=tally.scores.sum(0) / n_queries,
            score_nosink=tally.sink_free.sum(0) / n_sink_free,
            chance=tally.chance.sum(0) / n_queries,
            ci_low=low,
            ci_high=high,
            half_a=tally.scores[0::2].sum(0) / tally.n_queries[0::2].sum(0),
            half_b=tally.scores[1::2].sum(0) / tally.n_queries[1::2].sum(0),
            n_queries=n_queries,
            n_sequences=tally.n_sequences.sum(0),
            n_sunk=(tally.n_possible.sum(0) - n_sink_free).round().astype(np.int64),
        )


def bootstrap_interval(
    sums: Float64[np.ndarray, "unit head pattern"], counts: Int64[np.ndarray, "unit pattern"], seed: int
) -> tuple[Float64[np.ndarray, "head pattern"], Float64[np.ndarray, "head pattern"]]:
    """95% percentile bootstrap of sum/count over units (Efron & Tibshirani 1993, chapter 13).

    Units without a count are not drawn; with fewer than two units there is no interval (not a number).
    """
    low = np.full(sums.shape[1:], np.nan)
    high = low.copy()
    used_by = counts > 0
    # Patterns counted on the same units share their resamples, and one matrix product does them all.
    for used in np.unique(used_by, axis=1).T:
        if used.sum() < 2:
            continue
        columns = np.flatnonzero((used_by == used[:, None]).all(0))
        n_units = int(used.sum())
        draws = np.random.default_rng(seed).multinomial(n_units, np.full(n_units, 1 / n_units), size=N_RESAMPLES)
        totals = draws @ counts[np.ix_(used, columns)]
        for head in range(sums.shape[1]):
            resampled = (draws @ sums[used, head][:, columns]) / totals
            low[head, columns], high[head, columns] = np.quantile(resampled, (0.025, 0.975), axis=0)
    return low, high
