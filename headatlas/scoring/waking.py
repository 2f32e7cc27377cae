"""What wakes heads: classes of queries on which they spend more attention off the sink than on others."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64, Int64
from scipy import stats

from headatlas.scoring.resampling import draws_of, ratio_interval, same_units
from headatlas.scoring.tally import Tally

# The class of all queries, with which the others are compared.
EVERY_QUERY = "any"


@dataclass(frozen=True)
class Waking:
    """How much more attention each head spends off the sink on a class of queries than on all.

    `lift` is the ratio of the two means, with its 95% bootstrap interval; `q_value` of a paired t-test over units,
    corrected over all heads and classes (Benjamini & Hochberg 1995). `off_sink` is the mean over all queries,
    `other_sinks` the part of it on positions besides the first where the layer's heads rest.
    """

    lift: Float64[np.ndarray, "head class"]
    ci_low: Float64[np.ndarray, "head class"]
    ci_high: Float64[np.ndarray, "head class"]
    q_value: Float64[np.ndarray, "head class"]
    n_queries: Int64[np.ndarray, " class"]
    off_sink: Float64[np.ndarray, " head"]
    other_sinks: Float64[np.ndarray, " head"]


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
                low[:, columns], high[:, columns] = ratio_interval(
                    of_class, counts[:, None].astype(np.float64), draws, mean.T
                )
    q_value = p_value.copy()
    known = ~np.isnan(p_value)
    if known.any():
        q_value[known] = stats.false_discovery_control(p_value[known])
    n_rows = max(1, int(tally.n_rows))
    return Waking(lift, low, high, q_value, tally.n_waking.sum(0), tally.rows_off / n_rows, tally.other_sinks / n_rows)
