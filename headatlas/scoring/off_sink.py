"""What heads do off the sink, as shares of the attention that they spend there, with controls and contrasts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64, Int64

from headatlas.scoring.resampling import draws_of, half_ratios, ratio_interval, same_units
from headatlas.scoring.tally import Tally


@dataclass(frozen=True)
class OffSink:
    """Scores of attention besides the first position, over the queries that have a target there.

    What a layer's heads share as a sink near the start of a text is left out as well (see `early_sinks`). `score`
    is the attention on targets over all attention off the sink, with its 95% bootstrap interval and the scores on
    every other sequence that has targets; it is not a number where there is no attention off the sink. `mass` is
    the mean attention off the sink and `awake` the share of queries with more than `AWAKE` of it. `control` is what
    the head's own distances and favourite keys would score, `chance` what uniform attention would. `contrast` is
    what the head would score if it looked at the right keys as at the wrong ones, and `contrast_low` the lower end
    of the interval of how far it looks at them more; not a number where the pattern names none. `overlaps` are as
    in `Scores`.
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
        low[:, columns], high[:, columns] = ratio_interval(
            over[used][..., columns], under[used][..., columns], draws_of(len(used), seed)
        )
    return low, high
