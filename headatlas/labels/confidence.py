"""How sure a label is: a logistic model, fitted on heads whose truth is known."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Bool, Float

from headatlas.labels.unmixing import ProbeScores, Unmixed

if TYPE_CHECKING:
    pass


# The calibration has too few cases to tell certainty from this.
SUREST = 0.999

# What the calibrated model sees of a head and a pattern, in the order of its weights.
FEATURES = (
    "strength",  # unmixed share of attention
    "excess",  # score less what everything else explains
    "excess_low",  # the same at the lower end of the interval
    "excess_half",  # the same on the worse half of the probe
    "halves_apart",  # how far the two halves disagree
    "blur",  # share of the pattern that a mixture of the others can imitate
    "few",  # one over the square root of the number of sequences
)


@dataclass(frozen=True)
class Calibration:
    """Weights of the calibrated model: confidence = 1 / (1 + exp(-(bias + weights . features)))."""

    version: str
    bias: float
    weights: Mapping[str, float]

    @classmethod
    def from_json(cls, text: str) -> Calibration:
        """Reads what `make calibrate` writes."""
        parts = json.loads(text)
        return cls(parts["version"], parts["bias"], {name: parts["weights"][name] for name in FEATURES})

    def confidence(self, values: Float[np.ndarray, "head pattern feature"]) -> Float[np.ndarray, "head pattern"]:
        """Probability that the claim holds."""
        logit = self.bias + values @ np.array([self.weights[name] for name in FEATURES])
        return np.clip(1 / (1 + np.exp(-np.clip(logit, -50, 50))), 0, SUREST)


@cache
def calibration() -> Calibration:
    """The calibration that comes with headatlas."""
    return Calibration.from_json(files("headatlas.labels").joinpath("calibration.json").read_text("utf8"))


def features(scores: ProbeScores, unmixed: Unmixed) -> Float[np.ndarray, "head pattern feature"]:
    """What the calibrated model sees, in the order of `FEATURES`."""
    worse = np.minimum(scores.half_a, scores.half_b)
    found = {
        "strength": unmixed.strength,
        "excess": scores.score - unmixed.explained,
        "excess_low": scores.ci_low - unmixed.explained,
        "excess_half": worse - unmixed.explained,
        "halves_apart": np.abs(scores.half_a - scores.half_b),
        "blur": np.broadcast_to(unmixed.blur, scores.score.shape),
        "few": np.broadcast_to(1 / np.sqrt(scores.n_sequences), scores.score.shape),
    }
    return np.nan_to_num(np.stack([found[name] for name in FEATURES], -1))


def deserving(scores: ProbeScores, unmixed: Unmixed) -> Bool[np.ndarray, "head pattern"]:
    """Heads that may carry a label: the interval and each half lie above chance and above what others explain."""
    floor = np.maximum(scores.chance, unmixed.explained)
    with np.errstate(invalid="ignore"):
        return (scores.ci_low > floor) & (scores.half_a > floor) & (scores.half_b > floor)


def confidences(scores: ProbeScores, unmixed: Unmixed, model: Calibration) -> Float[np.ndarray, "head pattern"]:
    """Calibrated probability of every claim; 0 where a head may not carry the label."""
    return np.where(deserving(scores, unmixed), model.confidence(features(scores, unmixed)), 0.0)
