"""How sure a label is: what is measured of a head and a pattern, put before the calibrated model."""

from __future__ import annotations

import numpy as np
from jaxtyping import Bool, Float

from headatlas.labels.calibration import FEATURES, Calibration
from headatlas.labels.probe_scores import ProbeScores
from headatlas.labels.unmixing import Unmixed


def features(scores: ProbeScores, unmixed: Unmixed) -> Float[np.ndarray, "head pattern feature"]:
    """What the calibrated model sees, in the order of `FEATURES`; 0 where there is no number."""
    worse = np.minimum(scores.half_a, scores.half_b)
    values = {
        "strength": unmixed.strength,
        "excess": scores.score - unmixed.explained,
        "excess_low": scores.ci_low - unmixed.explained,
        "excess_half": worse - unmixed.explained,
        "halves_apart": np.abs(scores.half_a - scores.half_b),
        "blur": np.broadcast_to(unmixed.redundancy, scores.score.shape),
        "few": np.broadcast_to(1 / np.sqrt(scores.n_sequences), scores.score.shape),
    }
    return np.nan_to_num(np.stack([values[name] for name in FEATURES], -1))


def passes_criteria(scores: ProbeScores, unmixed: Unmixed) -> Bool[np.ndarray, "head pattern"]:
    """Heads that may carry a label: the interval and each half lie above chance and above what others explain."""
    floor = np.maximum(scores.chance, unmixed.explained)
    with np.errstate(invalid="ignore"):
        return (scores.ci_low > floor) & (scores.half_a > floor) & (scores.half_b > floor)


def confidences(scores: ProbeScores, unmixed: Unmixed, model: Calibration) -> Float[np.ndarray, "head pattern"]:
    """Calibrated probability of every claim; 0 where a head may not carry the label."""
    return np.where(passes_criteria(scores, unmixed), model.confidence(features(scores, unmixed)), 0.0)
