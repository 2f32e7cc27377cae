"""`make calibrate`: fits the calibrated model on heads of known truth and writes headatlas/labels/calibration.json."""

from __future__ import annotations

import hashlib
import json
import pickle
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from joblib import Parallel, delayed

from benchmarks.planted.cases import Cases, cases_of, cases_of_bench, joined
from benchmarks.planted.composed import Planted, plant, plant_weak, pure
from benchmarks.planted.fit import (
    Confidence,
    boosted,
    calibration_error,
    confidence_of,
    f1_by_pattern,
    known,
    logistic,
)
from benchmarks.planted.measure import Measured, Setting, measure, target_patterns
from benchmarks.planted.settings import for_fitting, for_judging
from headatlas import labels
from headatlas.bench.heads import BenchHead, Split, heads_of
from headatlas.bench.judge import run
from headatlas.labels.thresholds import STRENGTH
from headatlas.patterns.lookup import rivals_of, scored_patterns
from headatlas.probes import PROBES
from headatlas.scanning.options import METHOD_VERSION
from headatlas.scanning.stored_scores import scores_by_probe
from headatlas.store.scans import Store

PARAMETERS = Path(labels.__file__).with_name("calibration.json")
CACHE = Path("build/planted")
BENCH = Path("benchmarks/labels")
BENCH_FILES = ("planted", "asleep", "unlisted", "narrow", "content", "nulls")
HEADS_EACH = 9  # for every pattern, in every setting
PURE_EACH = 2
# Weak ones for every pattern, in every setting: few of the others are.
WEAK_EACH = 4
# Goes up when planted heads are drawn or composed in another way.
GENERATOR_VERSION = 4

Planting = tuple[str, list[Planted], Measured]


def plantings(*, judging: bool, weak: bool = False, full: bool = False) -> list[Planting]:
    """Planted heads and their scores in every setting, from the cache where nothing has changed since.

    With `weak`, others, which follow their patterns with 0.25 to 0.4 of the attention off the sink. With `full` they
    are scored on the full set of probes.
    """
    settings = for_judging() if judging else for_fitting()
    made = Parallel(n_jobs=2)(
        delayed(_planting)(setting, number, judging, weak, full) for number, setting in enumerate(settings)
    )
    return list(made)


def _planting(setting: Setting, number: int, judging: bool, weak: bool, full: bool) -> Planting:
    patterns = target_patterns()
    name = f"{'judging' if judging else 'fitting'}{'-weak' * weak}{_full_mark() * full}-{number}-{version()}"
    path = CACHE / f"{name}.pkl"
    if path.exists():
        return pickle.loads(path.read_bytes())  # our own file
    rng = np.random.default_rng([int(judging), number, *[1] * weak])
    names = [pattern.name for pattern in patterns]
    rivals = {pattern.name: rivals_of(pattern) for pattern in patterns}
    if weak:
        heads = plant_weak(rng, names, rivals, WEAK_EACH, unlike=judging)
    else:
        heads = plant(rng, names, rivals, HEADS_EACH, unlike=judging)
        if judging:
            heads += pure(names, rng, PURE_EACH)
    planting = setting.name, heads, measure(setting, heads, patterns, int(judging), full=full)
    CACHE.mkdir(parents=True, exist_ok=True)
    path.write_bytes(pickle.dumps(planting))
    return planting


def version() -> str:
    """Digest of what the heads' scores depend on: patterns, rivals, probes, method, generator."""
    parts = [METHOD_VERSION, GENERATOR_VERSION, HEADS_EACH]
    parts += [(definition.name, definition.version) for definition in (*scored_patterns(), *PROBES)]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:12]


def _full_mark() -> str:
    """What the full set draws, as a part of files' names."""
    return "-full-" + "".join(str(probe.draws_in_full) for probe in PROBES)


def bench_heads(split: Split) -> list[BenchHead]:
    """The heads of benchmarks/labels that are for fitting, or for judging; nulls, of no split, are for judging."""
    return [
        head
        for file in BENCH_FILES
        for head in heads_of(BENCH / f"{file}.py")
        if head.split == split or (head.split is None and split == "judge")
    ]


def bench_cases(split: Split, *, full: bool = False) -> tuple[list[BenchHead], Cases]:
    """These heads and their cases, on the demonstration model's texts; the scan of them is kept in the cache."""
    heads = bench_heads(split)
    digest = hashlib.sha256(json.dumps([head.name for head in heads]).encode()).hexdigest()[:8]
    db = CACHE / f"bench-{split}{_full_mark() * full}-{digest}-{version()}.db"
    if not db.exists():
        CACHE.mkdir(parents=True, exist_ok=True)
        part = db.with_suffix(".part")
        run(heads, db=part, probe_set="full" if full else None)
        part.replace(db)
    with Store(db) as store:
        scan = store.finished("bench")
        assert scan is not None
        rows = store.db.execute("select id from heads where scan_id = ? order by layer, head", [scan["id"]])
        scores = scores_by_probe(store, scan["id"], "self", [row[0] for row in rows.fetchall()])
    return heads, cases_of_bench(scores, heads, target_patterns())


def compared(parts: Sequence[Cases], unlisted: Cases) -> list[tuple[str, float, float]]:
    """Candidates, each fitted on all settings but one and judged on that one: macro F1 at 0.3, calibration error.

    `unlisted` are the bench's cases for fitting, which all are fitted on as well.
    """
    candidates: dict[str, Callable[[Cases], Confidence]] = {
        "logistic model of strength alone": lambda cases: logistic(cases, ("strength",)),
        "logistic model of all features": logistic,
        "boosted trees": lambda cases: confidence_of(boosted(cases)),
        "boosted trees, without the bench": lambda cases: confidence_of(boosted(cases[: -len(unlisted.raw)])),
    }
    rows = []
    for name, fit in candidates.items():
        f1, error = [], []
        for left_out, judged in enumerate(parts):
            others = [part for number, part in enumerate(parts) if number != left_out]
            confidence = fit(joined([*others, unlisted]))(judged)
            f1.append(np.mean(list(f1_by_pattern(confidence, judged, 0.3).values())))
            error.append(claimed_error(confidence, judged))
        rows.append((name, float(np.mean(f1)), float(np.mean(error))))
    return rows


def claimed_error(confidence: np.ndarray, cases: Cases) -> float:
    """Calibration error where there is something to claim: confidences of at least 0.05.

    Over all cases it would be flattered by the many pairs of head and pattern that have nothing to do with each other.
    """
    rows = (confidence >= 0.05) & known(cases)
    return calibration_error(confidence[rows], cases.truth[rows] >= STRENGTH)


def main() -> None:
    """Fits and writes."""
    patterns = target_patterns()
    parts = [cases_of(measured, patterns) for _, _, measured in plantings(judging=False)]
    _, unlisted = bench_cases("fit")
    for name, f1, error in compared(parts, unlisted):
        print(f"{name:38} F1 {f1:.4f}  calibration error {error:.4f}")
    fitted = boosted(joined([*parts, unlisted]), version=version())
    PARAMETERS.write_text(fitted.to_json(), "utf8")
    print(f"written: {PARAMETERS}")


if __name__ == "__main__":
    main()
