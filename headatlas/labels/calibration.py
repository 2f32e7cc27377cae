"""The calibrated model: how likely a label is, given what was measured of the head and the pattern.

Boosted trees (Friedman 2001), which may only rise with what speaks for a label and fall with what speaks against it,
fitted on heads whose truth is known (benchmarks/planted); `calibration.json` holds them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
from jaxtyping import Float

from headatlas.labels.thresholds import MAX_CONFIDENCE

# What the model sees of a head and a pattern, and whether it speaks for a label (1), against it (-1) or depends (0).
# Explained is what other patterns would score, control what the head's own habits would.
FEATURES: Mapping[str, int] = {
    "strength": 1,  # unmixed share of the attention off the sink
    "excess": 1,  # score less what is explained
    "above_control": 1,  # score less the control
    "strength_above_control": 1,  # the smaller of strength and that
    "control_ratio": -1,  # the control as a share of the score
    "low": 1,  # lower end of the interval less the larger of explained and control
    "worse_half": 1,  # the same of the worse of two halves of the probe, as the interval lets one expect it
    "halves_apart": -1,  # how far two halves disagree, expected likewise
    "contrast": 1,  # how much more right keys are looked at than wrong ones, at least; `low` where there are none
    "elsewhere": 1,  # mean over other probes of the score less the control, as a share of the score
    "off_sink": 0,  # attention off the sink
    "needed": 1,  # how much worse the head's scores are explained without the pattern, beside what is left with it
    "blur": -1,  # redundancy: share of the pattern that a mixture of the others can imitate
    "few": 0,  # one over the square root of the number of sequences
}

# A leaf is [value]; any other node is [feature, threshold, left, right]: left where the feature is at most that.
Node = Sequence[float]


@dataclass(frozen=True)
class Calibration:
    """Trees of the calibrated model: confidence = 1 / (1 + exp(-(bias + sum over trees of the leaf reached)))."""

    version: str
    bias: float
    trees: Sequence[Sequence[Node]]

    @classmethod
    def from_json(cls, text: str) -> Calibration:
        """Reads what `make calibrate` writes.

        Raises:
            KeyError: a part is missing, or it is a model of other features.
        """
        parts = json.loads(text)
        if parts["features"] != list(FEATURES):
            raise KeyError(f"the model's features are {parts['features']}")
        return cls(parts["version"], parts["bias"], parts["trees"])

    def to_json(self) -> str:
        """The text of `calibration.json`, a line a tree."""
        head = {"version": self.version, "features": list(FEATURES), "bias": self.bias}
        trees = ",\n  ".join(json.dumps(tree, separators=(",", ":")) for tree in self.trees)
        return f'{json.dumps(head, indent=1)[:-2]},\n "trees": [\n  {trees}\n ]\n}}\n'

    def confidence(self, values: Float[np.ndarray, "*cases feature"]) -> Float[np.ndarray, "*cases"]:
        """Probability that the claim holds."""
        cases = values.reshape(-1, values.shape[-1])
        logit = np.full(len(cases), self.bias)
        for tree in self.trees:
            _add_leaves(logit, tree, 0, cases, np.arange(len(cases)))
        confidence = np.clip(1 / (1 + np.exp(-np.clip(logit, -50, 50))), 0, MAX_CONFIDENCE)
        shaped: np.ndarray = confidence.reshape(values.shape[:-1])
        return shaped


def _add_leaves(logit: np.ndarray, tree: Sequence[Any], node: int, cases: np.ndarray, rows: np.ndarray) -> None:
    """Adds to the logit of some rows the leaves that they reach from a node on."""
    if not len(rows):
        return
    if len(tree[node]) == 1:
        logit[rows] += tree[node][0]
        return
    feature, threshold, left, right = tree[node]
    at_most = cases[rows, int(feature)] <= threshold
    _add_leaves(logit, tree, int(left), cases, rows[at_most])
    _add_leaves(logit, tree, int(right), cases, rows[~at_most])


@cache
def calibration() -> Calibration:
    """The calibration that comes with headatlas."""
    return Calibration.from_json(files("headatlas.labels").joinpath("calibration.json").read_text("utf8"))
