"""The calibrated model, fitted on heads whose truth is known, beside simpler ones that it has to beat."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from jaxtyping import Bool, Float
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from benchmarks.planted.cases import Cases
from headatlas.labels.calibration import FEATURES, Calibration, Node
from headatlas.labels.confidence import steady
from headatlas.labels.thresholds import STRENGTH

Confidence = Callable[[Cases], Float[np.ndarray, " case"]]
# A pattern that takes less than this of the attention is not there; noise puts as much on anything.
ABSENT = 0.05
# From this strength to that of the claim a pattern is neither there nor absent, and nothing is fitted on it.
WEAK = 0.2
# Samples of heads, with replacement, whose fits are averaged (bagging, Breiman 1996): where a single fit has a
# threshold a head's confidence jumps, and texts of another seed put it on the other side.
N_SAMPLES = 8
N_TREES, DEPTH, LEARNING_RATE = 60, 3, 0.15
# Decimals of what is written: the file is to be read, and no measurement has more.
DECIMALS = 4


def boosted(cases: Cases, version: str = "") -> Calibration:
    """Boosted trees on the cases that may carry a label, monotone as `FEATURES` says."""
    rows = np.flatnonzero(cases.allowed & known(cases))
    rng = np.random.default_rng(0)
    n_heads = int(cases.head.max()) + 1
    models = []
    for _ in range(N_SAMPLES):
        drawn = np.bincount(rng.integers(0, n_heads, n_heads), minlength=n_heads)[cases.head]
        used = rows[drawn[rows] > 0]
        model = HistGradientBoostingClassifier(
            max_iter=N_TREES, max_depth=DEPTH, learning_rate=LEARNING_RATE, min_samples_leaf=20, l2_regularization=1.0,
            monotonic_cst=list(FEATURES.values()), early_stopping=False, random_state=0,
        )  # fmt: skip
        weight = cases.weight[used] * drawn[used]
        models.append(model.fit(cases.values[used], cases.truth[used] >= STRENGTH, sample_weight=weight))
    bias = round(float(np.mean([model._baseline_prediction.ravel()[0] for model in models])), DECIMALS)
    return Calibration(
        version, bias, [_tree(predictors[0].nodes) for model in models for predictors in model._predictors]
    )


def known(cases: Cases) -> Bool[np.ndarray, " case"]:
    """Cases of which it can be said whether the pattern is there."""
    return ~np.isnan(cases.truth) & ~((cases.truth >= WEAK) & (cases.truth < STRENGTH))


def _tree(nodes: np.ndarray) -> list[Node]:
    """A tree of scikit-learn as `Calibration` has it: children keep their places, and all samples' trees are added."""
    return [
        [round(float(node["value"]) / N_SAMPLES, DECIMALS)]
        if node["is_leaf"]
        else [
            int(node["feature_idx"]),
            round(float(node["num_threshold"]), DECIMALS),
            int(node["left"]),
            int(node["right"]),
        ]
        for node in nodes
    ]


def confidence_of(model: Calibration) -> Confidence:
    """What labels are given by."""

    def confidence(cases: Cases) -> Float[np.ndarray, " case"]:
        given = np.zeros(len(cases.values))
        given[cases.allowed] = steady(model, cases.values[cases.allowed])
        return given

    return confidence


def logistic(cases: Cases, names: Sequence[str] = tuple(FEATURES)) -> Confidence:
    """A logistic model of `names`, to compare with."""
    columns = [list(FEATURES).index(name) for name in names]
    rows = cases.allowed & known(cases)
    model = make_pipeline(StandardScaler(), LogisticRegression(C=100.0, max_iter=5000))
    model.fit(cases.values[rows][:, columns], cases.truth[rows] >= STRENGTH)
    return lambda given: np.where(given.allowed, model.predict_proba(given.values[:, columns])[:, 1], 0.0)


def threshold(cases: Cases) -> Float[np.ndarray, " case"]:
    """The usual way: a raw score above 0.4, taken as certain."""
    return (cases.raw > 0.4).astype(float)


def f1_by_pattern(
    confidence: Float[np.ndarray, " case"], cases: Cases, least: float, most: float = np.inf
) -> dict[str, float]:
    """F1 of the label for each pattern: heads planted with `least` to `most` against heads without it.

    Heads in between, planted more weakly, and those planted more strongly, are neither.
    """
    scores = {}
    for name in np.unique(cases.pattern):
        rows = cases.pattern == name
        positive = (cases.truth[rows] >= least) & (cases.truth[rows] < most)
        negative = cases.truth[rows] < ABSENT
        given = confidence[rows] >= 0.5
        hits, misses, wrong = (given & positive).sum(), (~given & positive).sum(), (given & negative).sum()
        if positive.any():
            scores[str(name)] = float(2 * hits / (2 * hits + misses + wrong))
    return scores


def calibration_error(
    confidence: Float[np.ndarray, " case"], right: Bool[np.ndarray, " case"], bins: int = 10
) -> float:
    """Expected calibration error (Naeini et al. 2015): mean distance between confidence and how often it is right."""
    number = np.minimum((confidence * bins).astype(int), bins - 1)
    return float(
        sum(
            (number == part).mean() * abs(confidence[number == part].mean() - right[number == part].mean())
            for part in np.unique(number)
        )
    )
