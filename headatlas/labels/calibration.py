"""The calibrated model: how likely a label is, given what was measured of the head and the pattern.

A logistic model, fitted on heads whose truth is known (benchmarks/planted); `calibration.json` holds its weights.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np
from jaxtyping import Float

from headatlas.labels.thresholds import MAX_CONFIDENCE

# What the model sees of a head and a pattern, in the order of its weights; the names are those of `calibration.json`.
FEATURES = (
    "strength",  # unmixed share of attention
    "excess",  # score less what everything else explains
    "excess_low",  # the same at the lower end of the interval
    "excess_half",  # the same on the worse half of the probe
    "halves_apart",  # how far the two halves disagree
    "blur",  # redundancy: share of the pattern that a mixture of the others can imitate
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
        """Reads what `make calibrate` writes.

        Raises:
            KeyError: a weight is missing.
        """
        parts = json.loads(text)
        return cls(parts["version"], parts["bias"], {name: parts["weights"][name] for name in FEATURES})

    def confidence(self, values: Float[np.ndarray, "head pattern feature"]) -> Float[np.ndarray, "head pattern"]:
        """Probability that the claim holds."""
        logit = self.bias + values @ np.array([self.weights[name] for name in FEATURES])
        return np.clip(1 / (1 + np.exp(-np.clip(logit, -50, 50))), 0, MAX_CONFIDENCE)


@cache
def calibration() -> Calibration:
    """The calibration that comes with headatlas."""
    return Calibration.from_json(files("headatlas.labels").joinpath("calibration.json").read_text("utf8"))
