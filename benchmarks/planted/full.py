"""`python -m benchmarks.planted.full`: what the full set of probes adds to labels; written into benchmarks/README.md.

The same heads as in the report, with the same trees, scored on the texts of either set.
"""

from __future__ import annotations

import re
from itertools import combinations

import numpy as np

from benchmarks.planted import nulls
from benchmarks.planted.calibrate import bench_cases, claimed_error, plantings
from benchmarks.planted.cases import Cases, cases_of, joined
from benchmarks.planted.composed import STRONG
from benchmarks.planted.fit import ABSENT, confidence_of, f1_by_pattern
from benchmarks.planted.measure import target_patterns
from benchmarks.planted.report import README
from benchmarks.planted.scanned import Scanned, scanned
from headatlas.bench.heads import BenchHead
from headatlas.labels.calibration import calibration
from headatlas.labels.thresholds import HIGH_CONFIDENCE, STRENGTH
from headatlas.patterns import PATTERNS
from headatlas.scanning.options import ScanSettings

BEGIN, END = "<!-- full set: begin -->", "<!-- full set: end -->"
SEEDS = (0, 1, 2)


def main() -> None:
    """Measures and writes."""
    columns = [_column(full=full) for full in (False, True)]
    lines = ["| | standard set | full set |", "| --- | ---: | ---: |"]
    lines += [f"| {row} | {columns[0][row]} | {columns[1][row]} |" for row in columns[0]]
    block = "\n".join([BEGIN, "", *lines, "", END])
    text = README.read_text("utf8")
    README.write_text(re.sub(f"{BEGIN}.*{END}", lambda _: block, text, flags=re.S), "utf8")
    print("\n".join(lines))


def _column(*, full: bool) -> dict[str, str]:
    return _of_planted(full=full) | _of_bench(full=full) | _of_scans(full=full)


def _of_planted(*, full: bool) -> dict[str, str]:
    patterns = target_patterns()
    strong, weak = (
        [cases_of(measured, patterns) for _, _, measured in plantings(judging=True, weak=weak, full=full)]
        for weak in (False, True)
    )
    cases, every = joined(strong), joined([*strong, *weak])
    given, of_every = (confidence_of(calibration())(part) for part in (cases, every))
    present = (every.truth >= STRENGTH) & (every.truth < STRONG)
    return {
        f"macro F1 of planted patterns from {STRONG} on": f"{_mean(f1_by_pattern(given, cases, STRONG)):.3f}",
        f"from {STRENGTH} to {STRONG}": f"{_mean(f1_by_pattern(of_every, every, STRENGTH, STRONG)):.3f}",
        "of these found": f"{(of_every[present] >= 0.5).mean():.1%}",
        "wrong labels in 1,000 pairs": f"{1000 * (of_every[every.truth < ABSENT] >= 0.5).mean():.2f}",
        "calibration error": f"{claimed_error(given, cases):.4f}",
    }


def _mean(f1: dict[str, float]) -> float:
    return float(np.mean(list(f1.values())))


def _of_bench(*, full: bool) -> dict[str, str]:
    heads, cases = bench_cases("judge", full=full)
    given = confidence_of(calibration())(cases)
    asleep = _rows(heads, cases, "asleep") & (cases.truth >= STRENGTH)
    unlisted = _rows(heads, cases, "unlisted") & (cases.truth == 0)
    n_unlisted = sum(head.kind == "unlisted" for head in heads)
    wrong = [len(np.unique(cases.head[unlisted & (given >= least)])) for least in (0.5, HIGH_CONFIDENCE)]
    return {
        "patterns of heads asleep that are found": f"{(given[asleep] >= 0.5).mean():.1%} of {asleep.sum()}",
        "heads with unlisted rules that have a wrong name": f"{wrong[0]} of {n_unlisted} ({wrong[0] / n_unlisted:.1%})",
        f"at {HIGH_CONFIDENCE}": f"{wrong[1]} ({wrong[1] / n_unlisted:.1%})",
        "calibration error with these": f"{claimed_error(given, cases):.4f}",
    }


def _rows(heads: list[BenchHead], cases: Cases, kind: str) -> np.ndarray:
    """Which cases are those of heads of a kind."""
    return np.isin(cases.head, [number for number, head in enumerate(heads) if head.kind == kind])


def _of_scans(*, full: bool) -> dict[str, str]:
    scans = [
        scanned(f"{'full-' * full}seed{seed}", ScanSettings(seed=seed, probe_set="full" if full else None))
        for seed in SEEDS
    ]
    resting = {pattern.name for pattern in PATTERNS if pattern.label_last}
    named = [sum(label not in (None, *resting) for label in scan.first.values()) for scan in scans]
    other = [_n_other(*pair) for pair in combinations(scans, 2)]
    n_heads, model = len(scans[0].first), nulls.DEMO
    return {
        f"heads of {model} with a name besides resting, seeds 0, 1, 2": ", ".join(map(str, named)),
        f"of {n_heads} heads another first label, seeds 0 and 1, 0 and 2, 1 and 2": ", ".join(map(str, other)),
        "on average the same": f"{1 - np.mean(other) / n_heads:.1%}",
    }


def _n_other(a: Scanned, b: Scanned) -> int:
    return sum(b.first[head] != label for head, label in a.first.items())


if __name__ == "__main__":
    main()
