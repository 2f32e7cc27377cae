"""What heads do off the sink, as shares of the attention that they spend there, with controls and contrasts."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64, Int64
from scipy import stats

from headatlas.scoring.resampling import draws_of, half_ratios, same_units
from headatlas.scoring.tally import Tally

# The class of all queries, with which the others are compared.
EVERY_QUERY = "any"


@dataclass(frozen=True)
class OffSink:
    """Scores of attention besides the first position, over the queries that have a target there.

    `score` is the attention on targets over all attention off the sink, with its 95% bootstrap interval and the scores
    on every other sequence that has targets; it is not a number where there is no attention off the sink. `mass` is the
    mean attention off the sink and `awake` the share of queries with more than `AWAKE` of it. `control` is what the
    head's own distances and favourite keys would score, `chance` what uniform attention would. `contrast` is what the
    head would score if it looked at the right keys as at the wrong ones, and `contrast_low` the lower end of the
    interval of how far it looks at them more; not a number where the pattern names none. `overlaps` are as in `Scores`.
    """

    score: Float64[np.ndarray, "head pattern"]
    ci_low: Float64[np.ndarray, "head pattern"]
    ci_high: Float64[np.ndarray, "head pattern"]
    half_a: Float64[np.ndarray, "head pattern"]
    half_b: Float64[np.ndarray, "head pattern"]
    mass: Float64[np.ndarray, "head pattern"]
    awake: Float64[np.ndarray, "head pattern"]
    control: Float64[np.ndarray, "head pattern"]
    contrast: Float64[np.ndarray, "head pattern"]
    contrast_low: Float64[np.ndarray, "head pattern"]
    chance: Float64[np.ndarray, " pattern"]
    n_queries: Int64[np.ndarray, " pattern"]
    overlaps: Float64[np.ndarray, "pattern pattern"]


@dataclass(frozen=True)
class Waking:
    """How much more attention each head spends off the sink on a class of queries than on all.

    `lift` is the ratio of the two means, with its 95% bootstrap interval; `q_value` of a paired t-test over units,
    corrected over all heads and classes (Benjamini & Hochberg 1995). `off_sink` is the mean over all queries.
    """

    lift: Float64[np.ndarray, "head class"]
    ci_low: Float64[np.ndarray, "head class"]
    ci_high: Float64[np.ndarray, "head class"]
    q_value: Float64[np.ndarray, "head class"]
    n_queries: Int64[np.ndarray, " class"]
    off_sink: Float64[np.ndarray, " head"]


def off_sink(tally: Tally, seed: int) -> OffSink:
    """The scores of a tally off the sink; the same seed draws the same resamples for every head."""
    with np.errstate(invalid="ignore", divide="ignore"):
        n_possible = tally.n_possible.sum(0)
        mass = tally.off_mass.sum(0)
        # As much as wrong keys get, on as many keys as are right.
        as_wrong = tally.contrast * _right_per_wrong(tally)
        score, contrast = tally.off_sink.sum(0) / mass, as_wrong.sum(0) / mass
        ci_low, ci_high = _ratio_interval(tally.off_sink, tally.off_mass, tally.n_possible, seed)
        contrast_low, _ = _ratio_interval(
            tally.off_sink - as_wrong, tally.off_mass, tally.n_possible * (tally.n_contrast.sum(0) > 0), seed
        )
        half_a, half_b = half_ratios(tally.off_sink, tally.off_mass, tally.n_possible)
        return OffSink(
            score=score,
            ci_low=ci_low,
            ci_high=ci_high,
            half_a=half_a,
            half_b=half_b,
            mass=mass / n_possible,
            awake=tally.awake / n_possible,
            control=tally.control / mass,
            contrast=contrast,
            contrast_low=contrast_low,
            chance=tally.chance_off / n_possible,
            n_queries=n_possible,
            overlaps=tally.overlaps_off / n_possible[:, None],
        )


def _right_per_wrong(tally: Tally) -> Float64[np.ndarray, " pattern"]:
    return tally.n_targets.sum(0) / tally.n_contrast.sum(0)


def _ratio_interval(
    over: Float64[np.ndarray, "unit head pattern"],
    under: Float64[np.ndarray, "unit head pattern"],
    counts: Int64[np.ndarray, "unit pattern"],
    seed: int,
) -> tuple[Float64[np.ndarray, "head pattern"], Float64[np.ndarray, "head pattern"]]:
    """95% percentile bootstrap over units of a ratio of two sums, each of which differs from head to head."""
    low = np.full(over.shape[1:], np.nan)
    high = low.copy()
    for used, columns in same_units(counts):
        draws = draws_of(len(used), seed)
        for head in range(over.shape[1]):
            resampled = (draws @ over[used, head][:, columns]) / (draws @ under[used, head][:, columns])
            low[head, columns], high[head, columns] = np.quantile(resampled, (0.025, 0.975), axis=0)
    return low, high


def waking(tally: Tally, seed: int, classes: Sequence[str]) -> Waking:
    """What wakes heads, among `classes` of queries; there may be none."""
    lift, low, high, p_value = np.full((4, *tally.waking.shape[1:]), np.nan)
    if classes:
        column = classes.index(EVERY_QUERY)
        n_all, off = tally.n_waking[:, column], tally.waking[:, :, column]
        with np.errstate(invalid="ignore", divide="ignore"):
            lift = tally.waking.sum(0) / tally.n_waking.sum(0) / (off.sum(0) / n_all.sum())[:, None]
            for used, columns in same_units(tally.n_waking):
                counts, of_class = tally.n_waking[np.ix_(used, columns)], tally.waking[used][:, :, columns]
                of_all = off[used] / n_all[used, None]
                with warnings.catch_warnings():  # of units that all are alike, as those of a head that never wakes are
                    warnings.simplefilter("ignore", RuntimeWarning)
                    test = stats.ttest_1samp(
                        of_class / counts[:, None] - of_all[..., None], 0, axis=0, alternative="greater"
                    )
                p_value[:, columns] = np.nan_to_num(test.pvalue, nan=1.0)
                draws = draws_of(len(used), seed)
                mean = (draws @ off[used]) / (draws @ n_all[used])[:, None]
                drawn = draws @ counts
                for head in range(lift.shape[0]):
                    resampled = (draws @ of_class[:, head]) / drawn / mean[:, head, None]
                    low[head, columns], high[head, columns] = np.quantile(resampled, (0.025, 0.975), axis=0)
    q_value = p_value.copy()
    known = ~np.isnan(p_value)
    if known.any():
        q_value[known] = stats.false_discovery_control(p_value[known])
    return Waking(lift, low, high, q_value, tally.n_waking.sum(0), tally.rows_off / max(1, int(tally.n_rows)))
