"""How sure a label is: what is measured of a head and a pattern, put before the calibrated model."""

from __future__ import annotations

from collections.abc import Mapping
from statistics import NormalDist

import numpy as np
from jaxtyping import Bool, Float

from headatlas.labels.calibration import FEATURES, Calibration, calibration
from headatlas.labels.probe_scores import ProbeScores
from headatlas.labels.unmixing import Unmixed
from headatlas.patterns import PATTERNS

# Of a head that leaves less than this off the sink, on a pattern's queries, nothing is claimed.
MIN_MASS = 0.005
# Controls are shares of the score, and of this where there is less of it.
LEAST_SCORE = 0.02
# Another probe says something of a pattern from so many queries on.
MIN_QUERIES = 100
# With more attention off the sink than this a head is not less sure of what it does.
MUCH = 0.3
# More than this share of a pattern that others can imitate is seen as this: planted heads say little of how much more.
MOST_BLURRED = 0.95
# Standard errors from a score to an end of its interval.
INTERVAL = 1.96
# Standard errors of the worse of two halves below the whole, and of how far they lie apart, on average.
WORSE_HALF, HALVES_APART = 0.798, 1.596
# Scores that a head may have as well, in standard errors from its own: equally likely ones.
LIKELY = tuple(NormalDist().inv_cdf((number + 0.5) / 7) for number in range(7))
# Raised when the same trees are read in another way: then databases are labelled again.
READING = 4


def labels_version() -> str:
    """By which labels are told apart from those of other models, or of the same one read in another way."""
    return f"{calibration().version}.{READING}"


def counted_control(scores: ProbeScores) -> Float[np.ndarray, "head pattern"]:
    """What heads' habits would score, as far as labels have to exceed it: nothing where the pattern is one distance.

    What a query spends on a distance beyond the head's mean is irregular, which tells looking nearby from a rule whose
    keys happen to be near. Such keys lie at many distances: a window gathers them, a single distance gets few. A head
    that looks four tokens back on a third of the queries, and there with all of its attention, does look there.
    """
    patterns = [PATTERNS.get(name) for name in scores.patterns]
    one_distance = [pattern is not None and pattern.offset != 0 for pattern in patterns]
    counted: np.ndarray = np.where(one_distance, 0.0, scores.control)
    return counted


def elsewhere(by_probe: Mapping[str, ProbeScores]) -> dict[str, Float[np.ndarray, "head pattern"]]:
    """By probe, how far heads exceed their controls for the same patterns on other probes, as a share of their scores.

    A rule that is no pattern may give a pattern's score on the probe made for it, where the two look at the same keys.
    It is the mean over the other probes with enough queries, and where there is none that of the probe itself.
    """
    own = {
        probe: (scores.score - counted_control(scores)) / np.maximum(scores.score, LEAST_SCORE)
        for probe, scores in by_probe.items()
    }
    shares: dict[str, dict[str, np.ndarray]] = {}  # by pattern and probe, [head]
    for probe, scores in by_probe.items():
        for column in np.flatnonzero(~scores.on_first & (scores.n_queries >= MIN_QUERIES)).tolist():
            shares.setdefault(scores.patterns[column], {})[probe] = own[probe][:, column]
    means = {probe: share.copy() for probe, share in own.items()}
    for probe, scores in by_probe.items():
        for column, pattern in enumerate(scores.patterns):
            others = [share for other, share in shares.get(pattern, {}).items() if other != probe]
            if others:
                n_known = (~np.isnan(others)).sum(0)
                mean = np.nansum(others, 0) / np.maximum(n_known, 1)
                means[probe][:, column] = np.where(n_known > 0, mean, own[probe][:, column])
    return means


def features(
    scores: ProbeScores, unmixed: Unmixed, other: Float[np.ndarray, "head pattern"]
) -> Float[np.ndarray, "head pattern feature"]:
    """What the calibrated model sees, in the order of `FEATURES`; 0 where there is no number.

    `other` is what `elsewhere` says of the probe.
    """
    error = np.maximum(scores.score - scores.ci_low, 0) / INTERVAL
    control = counted_control(scores)
    beyond = np.maximum(unmixed.explained, control)
    above_control = scores.score - control
    values = {
        "strength": unmixed.strength,
        "excess": scores.score - unmixed.explained,
        "above_control": above_control,
        "strength_above_control": np.minimum(unmixed.strength, above_control),
        "control_ratio": control / np.maximum(scores.score, LEAST_SCORE),
        "low": scores.ci_low - beyond,
        # Not those of the two halves that happened to be drawn: the interval says with less noise how far any differ.
        "worse_half": scores.score - WORSE_HALF * error - beyond,
        "halves_apart": HALVES_APART * error,
        "contrast": np.where(np.isnan(scores.contrast_low), scores.ci_low - beyond, scores.contrast_low),
        "elsewhere": other,
        "off_sink": np.minimum(scores.mass, MUCH),
        "needed": unmixed.needed,
        "blur": np.broadcast_to(np.minimum(unmixed.redundancy, MOST_BLURRED), scores.score.shape),
        "few": np.broadcast_to(1 / np.sqrt(np.maximum(scores.n_sequences, 1)), scores.score.shape),
    }
    return np.nan_to_num(np.stack([values[name] for name in FEATURES], -1))


def passes_criteria(scores: ProbeScores, unmixed: Unmixed) -> Bool[np.ndarray, "head pattern"]:
    """Heads that may carry a label: the interval and each half lie above chance, what others explain and the control.

    Where a pattern names wrong keys beside the right ones, these have to be looked at less, by the whole interval.
    """
    floor = np.maximum(np.maximum(scores.chance, unmixed.explained), counted_control(scores))
    with np.errstate(invalid="ignore"):
        above = (scores.ci_low > floor) & (scores.half_a > floor) & (scores.half_b > floor)
        return above & (scores.mass >= MIN_MASS) & ~(scores.contrast_low <= 0)


def steady(model: Calibration, values: Float[np.ndarray, "case feature"]) -> Float[np.ndarray, " case"]:
    """Calibrated probability of each claim, the mean over the scores that its head may have as well.

    Trees have thresholds. A head whose score lies near one would have another confidence on other texts, though it does
    the same; how near is near, its interval says.
    """
    columns = dict(zip(FEATURES, values.T, strict=True))
    beside = np.minimum(columns["excess"], columns["above_control"])  # the score less the larger of the two
    error = np.maximum(beside - columns["low"], 0) / INTERVAL
    moved = np.stack([_moved(columns, likely * error) for likely in LIKELY])  # [likely, case, feature]
    mean: np.ndarray = np.mean(model.confidence(moved), axis=0)
    return mean


def _moved(columns: Mapping[str, Float[np.ndarray, " case"]], by: Float[np.ndarray, " case"]) -> np.ndarray:
    """The features that heads would have whose scores are larger `by` that much, [case, feature]."""
    moved = dict(columns)
    for name in ("strength", "excess", "above_control", "low", "worse_half", "contrast"):
        moved[name] = columns[name] + by
    moved["strength_above_control"] = np.minimum(moved["strength"], moved["above_control"])
    # The control stays: it is what the score has, less what it has above the control.
    score = columns["above_control"] / np.maximum(1 - columns["control_ratio"], 1e-3)
    moved["control_ratio"] = (score - columns["above_control"]) / np.maximum(score + by, LEAST_SCORE)
    return np.stack([moved[name] for name in FEATURES], -1)


def confidences(
    scores: ProbeScores, unmixed: Unmixed, other: Float[np.ndarray, "head pattern"], model: Calibration
) -> Float[np.ndarray, "head pattern"]:
    """Calibrated probability of every claim; 0 where a head may not carry the label."""
    allowed = passes_criteria(scores, unmixed)
    confidence = np.zeros(allowed.shape)
    confidence[allowed] = steady(model, features(scores, unmixed, other)[allowed])
    return confidence
