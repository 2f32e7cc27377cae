"""Scores from tallies: means, bootstrap intervals, halves, p-values.

The bootstrap draws units: whole sequences, or whole groups of them when there are more than `N_UNITS`.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64, Int64
from scipy import stats

from headatlas.scoring.off_sink import OffSink, off_sink
from headatlas.scoring.resampling import corrected, draws_of, half_ratios, ratio_interval, same_units
from headatlas.scoring.tally import Tally


@dataclass(frozen=True)
class Scores:
    """The scores of a tally; not a number where nothing was counted.

    `ci` is the 95% bootstrap interval. `null` is the score against shuffled tokens. `p_value` is one-sided, of the
    units' scores against their chance (t-test), `q_value` the same corrected over all heads (Benjamini & Hochberg
    1995). `offset_score` is what the best fixed-offset head would score, looking `best_offset` tokens back. `overlaps`,
    `distance` and `far` are the means of what a `Tally` sums under these names, `n_far` as there. `n_sink_dominated`
    queries were left out of `score_nosink`, since nearly all of their attention is on the first position. `off_sink` is
    what heads do off it.
    """

    score: Float64[np.ndarray, "head pattern"]
    score_nosink: Float64[np.ndarray, "head pattern"]
    chance: Float64[np.ndarray, " pattern"]
    ci_low: Float64[np.ndarray, "head pattern"]
    ci_high: Float64[np.ndarray, "head pattern"]
    half_a: Float64[np.ndarray, "head pattern"]
    half_b: Float64[np.ndarray, "head pattern"]
    null: Float64[np.ndarray, "head pattern"]
    value_weighted: Float64[np.ndarray, "head pattern"]
    p_value: Float64[np.ndarray, "head pattern"]
    q_value: Float64[np.ndarray, "head pattern"]
    best_offset: Int64[np.ndarray, " pattern"]
    offset_score: Float64[np.ndarray, " pattern"]
    overlaps: Float64[np.ndarray, "pattern other"]
    distance: Float64[np.ndarray, "head distance"]
    far: Float64[np.ndarray, "head far_lag"]
    n_far: Int64[np.ndarray, " far_lag"]
    n_queries: Int64[np.ndarray, " pattern"]
    n_sequences: Int64[np.ndarray, " pattern"]
    n_sink_dominated: Int64[np.ndarray, "head pattern"]
    off_sink: OffSink


def summarise(tally: Tally, seed: int) -> Scores:
    """Scores, intervals and halves of a tally; the same seed draws the same resamples for every head."""
    with np.errstate(invalid="ignore", divide="ignore"):
        n_queries = tally.n_queries.sum(0)
        n_sink_free = tally.n_sink_free
        low, high = bootstrap_interval(tally.scores, tally.n_queries, seed)
        half_a, half_b = half_ratios(tally.scores, tally.n_queries[:, None].astype(float), tally.n_queries)
        p_value = above_chance(tally)
        hits = tally.offset_hits.sum(0)
        return Scores(
            score=tally.scores.sum(0) / n_queries,
            score_nosink=tally.sink_free / n_sink_free,
            chance=tally.chance.sum(0) / n_queries,
            ci_low=low,
            ci_high=high,
            half_a=half_a,
            half_b=half_b,
            null=tally.null / tally.n_null.sum(0),
            value_weighted=tally.value_weighted / n_queries,
            p_value=p_value,
            q_value=corrected(p_value),
            best_offset=hits.argmax(-1),
            offset_score=hits.max(-1) / n_queries,
            overlaps=tally.overlaps / n_queries[:, None],
            distance=tally.distance / tally.n_distance,
            far=tally.far / tally.n_far,
            n_far=tally.n_far,
            n_queries=n_queries,
            n_sequences=tally.n_sequences.sum(0),
            n_sink_dominated=(tally.n_possible.sum(0) - n_sink_free).round().astype(np.int64),
            off_sink=off_sink(tally, seed),
        )


def above_chance(tally: Tally) -> Float64[np.ndarray, "head pattern"]:
    """One-sided p-value of each head's scores against chance, over units; not a number with fewer than two.

    Units, not queries, are what is independent: positions of one sequence are not.
    """
    p_value = np.full(tally.scores.shape[1:], np.nan)
    for units, columns in same_units(tally.n_queries):
        counts = tally.n_queries[np.ix_(units, columns)]
        scores = tally.scores[units][:, :, columns] / counts[:, None]
        chance = tally.chance[np.ix_(units, columns)] / counts
        with warnings.catch_warnings():  # of units that all score alike, as those of a perfect head do
            warnings.simplefilter("ignore", RuntimeWarning)
            test = stats.ttest_1samp(scores - chance[:, None], 0, axis=0, alternative="greater")
        # Units that all score exactly chance have no variance and no p-value: nothing speaks against chance.
        p_value[:, columns] = np.nan_to_num(test.pvalue, nan=1.0)
    return p_value


def bootstrap_interval(
    sums: Float64[np.ndarray, "unit head pattern"], counts: Int64[np.ndarray, "unit pattern"], seed: int
) -> tuple[Float64[np.ndarray, "head pattern"], Float64[np.ndarray, "head pattern"]]:
    """95% percentile bootstrap of sum/count over units (Efron & Tibshirani 1993, chapter 13).

    Units without a count are not drawn; with fewer than two units there is no interval (not a number).
    """
    low = np.full(sums.shape[1:], np.nan)
    high = low.copy()
    # Patterns counted on the same units share their resamples.
    for used, columns in same_units(counts):
        of_units = counts[np.ix_(used, columns)].astype(np.float64)
        low[:, columns], high[:, columns] = ratio_interval(
            sums[used][..., columns], of_units[:, None], draws_of(len(used), seed)
        )
    return low, high
