"""`make calibrate`: fits the calibrated model on planted heads and writes headatlas/labels/calibration.json."""

from __future__ import annotations

import hashlib
import json
import pickle
from dataclasses import asdict
from pathlib import Path

import numpy as np
from joblib import Parallel, delayed

from benchmarks.planted.composed import Planted, plant, pure
from benchmarks.planted.fit import (
    Cases,
    calibration_error,
    cases_of,
    confidence_of,
    f1_by_pattern,
    joined,
    logistic,
    per_pattern,
)
from benchmarks.planted.measure import Measured, Setting, measure, target_patterns
from benchmarks.planted.settings import for_fitting, for_judging
from headatlas import labels
from headatlas.labels.thresholds import STRENGTH
from headatlas.patterns import rivals_of
from headatlas.scanning.options import METHOD_VERSION

PARAMETERS = Path(labels.__file__).with_name("calibration.json")
CACHE = Path("build/planted")
HEADS_EACH = 10  # for every pattern, in every setting
PURE_EACH = 2
# Goes up when planted heads are drawn or composed in another way.
GENERATOR_VERSION = 1

Planting = tuple[str, list[Planted], Measured]


def plantings(*, judging: bool) -> list[Planting]:
    """Planted heads and their scores in every setting, from the cache where nothing has changed since."""
    settings = for_judging() if judging else for_fitting()
    made = Parallel(n_jobs=2)(delayed(_planting)(one, number, judging) for number, one in enumerate(settings))
    return list(made)


def _planting(setting: Setting, number: int, judging: bool) -> Planting:
    patterns = target_patterns()
    path = CACHE / f"{'judging' if judging else 'fitting'}-{number}-{version()}.pkl"
    if path.exists():
        return pickle.loads(path.read_bytes())  # our own file
    rng = np.random.default_rng([int(judging), number])
    names = [one.name for one in patterns]
    heads = plant(rng, names, {one.name: rivals_of(one) for one in patterns}, HEADS_EACH, unlike=judging)
    if judging:
        heads += pure(names, rng, PURE_EACH)
    found = setting.name, heads, measure(setting, heads, patterns, int(judging))
    CACHE.mkdir(parents=True, exist_ok=True)
    path.write_bytes(pickle.dumps(found))
    return found


def version() -> str:
    """Digest of what the planted heads' scores depend on: patterns, method, generator."""
    parts = [METHOD_VERSION, GENERATOR_VERSION, HEADS_EACH, [(one.name, one.version) for one in target_patterns()]]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:12]


def compared(parts: list[Cases]) -> list[tuple[str, float, float]]:
    """Candidates, each fitted on all settings but one and judged on that one: macro F1 at 0.3, calibration error."""
    candidates = {
        "strength alone": lambda cases: confidence_of(logistic(cases, ("strength",))),
        "all features": lambda cases: confidence_of(logistic(cases)),
        "a model for each pattern": per_pattern,
    }
    rows = []
    for name, fit in candidates.items():
        f1, error = [], []
        for left_out, judged in enumerate(parts):
            confidence = fit(joined([one for number, one in enumerate(parts) if number != left_out]))(judged)
            f1.append(np.mean(list(f1_by_pattern(confidence, judged, 0.3).values())))
            error.append(claimed_error(confidence, judged))
        rows.append((name, float(np.mean(f1)), float(np.mean(error))))
    return rows


def claimed_error(confidence: np.ndarray, cases: Cases) -> float:
    """Calibration error where there is something to claim: confidences of at least 0.05.

    Over all cases it would be flattered by the many pairs of head and pattern that have nothing to do with each other.
    """
    rows = confidence >= 0.05
    return calibration_error(confidence[rows], cases.truth[rows] >= STRENGTH)


def main() -> None:
    """Fits and writes."""
    patterns = target_patterns()
    parts = [cases_of(measured, patterns) for _, _, measured in plantings(judging=False)]
    for name, f1, error in compared(parts):
        print(f"{name:26} F1 {f1:.4f}  calibration error {error:.4f}")
    fitted = asdict(logistic(joined(parts), version=version()))
    fitted["bias"] = round(fitted["bias"], 4)
    fitted["weights"] = {name: round(value, 4) for name, value in fitted["weights"].items()}
    PARAMETERS.write_text(json.dumps(fitted, indent=2) + "\n", "utf8")
    print(f"written: {PARAMETERS}")


if __name__ == "__main__":
    main()
