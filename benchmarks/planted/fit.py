"""The calibrated model, fitted on planted heads, beside simpler ones that it has to beat."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from benchmarks.planted.measure import Measured
from headatlas.labels.calibration import FEATURES, Calibration
from headatlas.labels.confidence import features, passes_criteria
from headatlas.labels.thresholds import STRENGTH
from headatlas.labels.unmixing import identical_patterns, unmix
from headatlas.patterns import Pattern


@dataclass(frozen=True)
class Cases:
    """One row a head and pattern, over all patterns on their own probes.

    `truth` is the planted strength, `raw` the score, `allowed` whether the head may carry the label at all;
    `pattern` its name, `head` a number that is the same for all rows of a head.
    """

    values: Float[np.ndarray, "case feature"]
    raw: Float[np.ndarray, " case"]
    allowed: Bool[np.ndarray, " case"]
    truth: Float[np.ndarray, " case"]
    pattern: np.ndarray
    head: np.ndarray

    def __getitem__(self, rows: np.ndarray) -> Cases:
        return Cases(*(getattr(self, name)[rows] for name in self.__dataclass_fields__))


def joined(parts: Sequence[Cases]) -> Cases:
    """Several settings' cases, their heads numbered on."""
    shift, moved = 0, []
    for part in parts:
        moved.append(Cases(**{**vars(part), "head": part.head + shift}))
        shift += int(part.head.max()) + 1
    return Cases(*(np.concatenate([getattr(one, name) for one in moved]) for name in Cases.__dataclass_fields__))


def cases_of(measured: Measured, patterns: Sequence[Pattern]) -> Cases:
    """Every planted head with every pattern that has targets in its setting."""
    found: list[Cases] = []
    for column, one in enumerate(patterns):
        scores = measured.scores.get(one.probe)
        if scores is None or one.name not in scores.patterns:
            continue
        if one.name not in identical_patterns(scores):  # what cannot be told apart is one case
            found.append(_column(measured, one, column, patterns))
    return Cases(*(np.concatenate([getattr(one, name) for one in found]) for name in Cases.__dataclass_fields__))


_UNMIXED: dict[int, tuple[np.ndarray, np.ndarray]] = {}


def _column(measured: Measured, one: Pattern, column: int, patterns: Sequence[Pattern]) -> Cases:
    scores = measured.scores[one.probe]
    if id(scores) not in _UNMIXED:
        unmixed = unmix(scores)
        _UNMIXED[id(scores)] = features(scores, unmixed), passes_criteria(scores, unmixed)
    values, allowed = _UNMIXED[id(scores)]
    there = scores.patterns.index(one.name)
    n_heads = len(scores.score)
    truth = measured.truth[:, column].copy()
    for name, earlier in identical_patterns(scores).items():
        if earlier == one.name:
            truth += np.nan_to_num(measured.truth[:, [each.name for each in patterns].index(name)])
    return Cases(
        values=values[:, there],
        raw=scores.score[:, there],
        allowed=allowed[:, there],
        truth=truth,
        pattern=np.full(n_heads, one.name),
        head=np.arange(n_heads),
    )


Confidence = Callable[[Cases], Float[np.ndarray, " case"]]


def logistic(cases: Cases, names: Sequence[str] = FEATURES, version: str = "") -> Calibration:
    """A logistic model of `names` on the cases that may carry a label; standardising is folded into the weights."""
    columns = [FEATURES.index(name) for name in names]
    positive = cases.truth >= STRENGTH
    # The model is asked only about these; a single pattern may have no others to be told apart.
    rows = cases.allowed if len(np.unique(positive[cases.allowed])) == 2 else np.full(len(positive), True)
    scaler = StandardScaler().fit(cases.values[rows][:, columns])
    model = LogisticRegression(C=100.0, max_iter=5000)
    model.fit(scaler.transform(cases.values[rows][:, columns]), positive[rows])
    scale = np.where(scaler.scale_ > 0, scaler.scale_, 1)
    weights = dict.fromkeys(FEATURES, 0.0)
    weights |= {name: float(value) for name, value in zip(names, model.coef_[0] / scale, strict=True)}
    bias = float(model.intercept_[0] - (model.coef_[0] * scaler.mean_ / scale).sum())
    return Calibration(version, bias, weights)


def confidence_of(model: Calibration) -> Confidence:
    """What labels are given by."""
    return lambda cases: np.where(cases.allowed, model.confidence(cases.values), 0.0)


def per_pattern(cases: Cases) -> Confidence:
    """A model for each pattern."""
    models: Mapping[str, Calibration] = {
        name: logistic(cases[cases.pattern == name], ("strength", "excess_half")) for name in np.unique(cases.pattern)
    }

    def confidence(cases: Cases) -> Float[np.ndarray, " case"]:
        found = np.zeros(len(cases.raw))
        for name, model in models.items():
            rows = cases.pattern == name
            found[rows] = model.confidence(cases.values[rows])
        return np.where(cases.allowed, found, 0.0)

    return confidence


def threshold(cases: Cases) -> Float[np.ndarray, " case"]:
    """The usual way: a raw score above 0.4, taken as certain."""
    return (cases.raw > 0.4).astype(float)


def f1_by_pattern(confidence: Float[np.ndarray, " case"], cases: Cases, least: float) -> dict[str, float]:
    """F1 of the label for each pattern: heads planted with at least `least` against heads without it.

    Heads in between, planted more weakly, are neither.
    """
    found = {}
    for name in np.unique(cases.pattern):
        rows = cases.pattern == name
        positive = cases.truth[rows] >= least
        negative = cases.truth[rows] < ABSENT
        given = confidence[rows] >= 0.5
        hits, misses, wrong = (given & positive).sum(), (~given & positive).sum(), (given & negative).sum()
        if positive.any():
            found[str(name)] = float(2 * hits / (2 * hits + misses + wrong))
    return found


# A pattern that takes less than this of the attention is not there; noise puts as much on anything.
ABSENT = 0.05


def calibration_error(
    confidence: Float[np.ndarray, " case"], right: Bool[np.ndarray, " case"], bins: int = 10
) -> float:
    """Expected calibration error (Naeini et al. 2015): mean distance between confidence and how often it is right."""
    place = np.minimum((confidence * bins).astype(int), bins - 1)
    error = 0.0
    for one in range(bins):
        rows = place == one
        if rows.any():
            error += rows.mean() * abs(confidence[rows].mean() - right[rows].mean())
    return float(error)
