"""The calibrated model: how likely a label is, given what was measured of the head and the pattern.

Boosted trees (Friedman 2001), which may only rise with what speaks for a label and fall with what speaks against it,
fitted on heads whose truth is known (benchmarks/planted); `calibration.json` holds them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.resources import files
from typing import NamedTuple

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
        logit = np.empty(len(cases))
        for start in range(0, len(cases), _AT_ONCE):
            block = slice(start, start + _AT_ONCE)
            logit[block] = self._logit(cases[block])
        confidence = np.clip(1 / (1 + np.exp(-np.clip(logit, -50, 50))), 0, MAX_CONFIDENCE)
        shaped: np.ndarray = confidence.reshape(values.shape[:-1])
        return shaped

    def _logit(self, cases: Float[np.ndarray, "case feature"]) -> Float[np.ndarray, " case"]:
        """Bias and leaves of each case, added in the order of the trees."""
        left = np.full((len(cases), len(self.trees)), 255, np.uint8)
        for feature, (thresholds, masks) in self._tables.leaves_left.items():
            left &= masks[np.searchsorted(thresholds, cases[:, feature])]
        terms = np.empty((len(cases), 1 + len(self.trees)))
        terms[:, 0] = self.bias
        terms[:, 1:] = self._tables.first_leaf[np.arange(len(self.trees)), left]
        logit: np.ndarray = np.cumsum(terms, axis=1)[:, -1]
        return logit

    @cached_property
    def _tables(self) -> _Tables:
        masks: dict[int, list[tuple[float, int, int]]] = {}  # of a feature: threshold, tree, leaves left above it
        first_leaf = np.zeros((len(self.trees), 256))
        for number, tree in enumerate(self.trees):
            leaves: list[float] = []
            for feature, threshold, mask in _splits(tree, 0, leaves):
                masks.setdefault(feature, []).append((threshold, number, mask))
            first_leaf[number] = np.resize(leaves, 8)[_LOWEST_BIT]
        leaves_left = {}
        for feature, splits in masks.items():
            thresholds = np.unique([threshold for threshold, *_ in splits])
            above = np.full((len(thresholds) + 1, len(self.trees)), 255, np.uint8)
            for threshold, number, mask in splits:
                above[np.searchsorted(thresholds, threshold) + 1, number] &= mask
            leaves_left[feature] = thresholds, np.bitwise_and.accumulate(above)
        return _Tables(leaves_left, first_leaf)


# Cases that go through all trees together; more would leave the cache.
_AT_ONCE = 256
_LOWEST_BIT = np.array([(byte & -byte).bit_length() - 1 for byte in range(256)])


class _Tables(NamedTuple):
    """All trees as tables, which takes a quarter of the time of walking them (QuickScorer, Lucchese et al. 2015).

    A tree's leaves, at most eight, are the bits of a byte, the leftmost the lowest. Where a feature is more than a
    split's threshold the leaves on the left of the split are left out; the first of those that remain is reached.
    """

    # Of each feature its thresholds [n], rising, and the leaves left by it [1 + thresholds that are exceeded, tree].
    leaves_left: Mapping[int, tuple[np.ndarray, np.ndarray]]
    first_leaf: np.ndarray  # value of the first leaf of those left [tree, byte]


def _splits(tree: Sequence[Node], node: int, leaves: list[float]) -> list[tuple[int, float, int]]:
    """Feature, threshold and the leaves that remain above it, of each split from a node on; adds leaves to `leaves`.

    Raises:
        ValueError: the tree has more than eight leaves.
    """
    if len(tree[node]) == 1:
        if len(leaves) == 8:
            raise ValueError("A tree of the calibration has more than eight leaves.")
        leaves.append(tree[node][0])
        return []
    feature, threshold, left, right = tree[node]
    before = len(leaves)
    on_the_left = _splits(tree, int(left), leaves)
    out = (1 << len(leaves)) - (1 << before)
    return [(int(feature), threshold, 255 & ~out), *on_the_left, *_splits(tree, int(right), leaves)]


@cache
def calibration() -> Calibration:
    """The calibration that comes with headatlas."""
    return Calibration.from_json(files("headatlas.labels").joinpath("calibration.json").read_text("utf8"))
