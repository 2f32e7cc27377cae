"""How long questions take on a large catalogue: `python -m benchmarks.catalogue`.

Makes a database of 50 models by 1,000 heads by 40 patterns (2 million scores) with random but plausible contents,
through the real schema, and times every named query and `similar` over it, each in a fresh connection. Prints a table
for benchmarks/README.md.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

import headatlas
from headatlas.catalog.named_queries import QUERIES
from headatlas.catalog.similar import similar
from headatlas.patterns import PATTERNS
from headatlas.patterns.definition import Pattern
from headatlas.scoring.tally import N_DISTANCES
from headatlas.store import profiles
from headatlas.store.scans import Store

LAYERS = 25
NEEDED = ("induction", "previous_token", "first_token", "entropy", "mean_distance", "sink_mass")
# Kinds of evidence and the probes they are taken on; None: from the weights.
EVIDENCE = (
    ("ov_copying", "weights", None),
    *((kind, "causes", probe) for kind in ("ablation_loss", "ablation_logit_difference")
      for probe in ("repeated_random_tokens", "natural_text", "indirect_object")),
)  # fmt: skip


def chosen(number: int) -> list[Pattern]:
    """Patterns of the scanner's own: those the queries name, then the others in order."""
    known = sorted(PATTERNS, key=lambda pattern: pattern.name not in NEEDED)
    return known[:number]


def make(path: Path, models: int, heads: int, patterns: int, seed: int = 0) -> None:
    """Writes the made-up catalogue."""
    rng = np.random.default_rng(seed)
    kinds = chosen(patterns)
    probes = {name: number for number, name in enumerate(sorted({pattern.probe for pattern in kinds} | {"natural_text",
              "repeated_random_tokens", "indirect_object"}), start=1)}  # fmt: skip
    with Store(path) as store:
        db = store.db.conn
        with store.transaction():
            db.executemany(
                "insert into patterns(id, name, version, kind, family, probe, summary, rivals) "
                "values (?,?,?,?,?,?,?,?)",
                [(number, pattern.name, pattern.version, pattern.kind, pattern.family, pattern.probe, pattern.name,
                  json.dumps(pattern.rivals)) for number, pattern in enumerate(kinds, start=1)],
            )  # fmt: skip
            db.executemany("insert into probes(id, name, version) values (?, ?, 1)",
                           [(number, name) for name, number in probes.items()])  # fmt: skip
            names = list(dict.fromkeys((kind, basis) for kind, basis, _ in EVIDENCE))
            db.executemany("insert into evidence_kinds(id, name, version, basis) values (?, ?, 1, ?)",
                           [(number, name, basis) for number, (name, basis) in enumerate(names, start=1)])  # fmt: skip
        for scan in range(1, models + 1):
            with store.transaction():
                _scan(db, rng, scan, heads, kinds, probes)
                if scan % 2:
                    _evidence(db, rng, scan, heads, {name: n for n, (name, _) in enumerate(names, start=1)}, probes)
                profiles.write(db, scan)


def _scan(db, rng: np.random.Generator, scan: int, heads: int, kinds: list[Pattern], probes: dict[str, int]) -> None:
    db.execute(
        "insert into scans(id, model, status, plan, n_layers, n_heads, n_parameters, finished, seconds) "
        "values (?, ?, 'done', ?, ?, ?, 1000000, '2026-01-02T03:04:05+00:00', 60)",
        (scan, f"maker/model-{scan:02}", f"plan {scan}", LAYERS, heads // LAYERS),
    )
    db.execute("insert into certificates(scan_id, passed, compared_with, max_difference, tolerance) "
               "values (?, 1, 'made up', 1e-7, 1e-4)", (scan,))  # fmt: skip
    db.executemany("insert into scan_probes(scan_id, probe_id, n_sequences, n_tokens) values (?, ?, 20, 3000)",
                   [(scan, probe) for probe in probes.values()])  # fmt: skip
    ids = _heads(scan, heads)
    db.executemany("insert into heads(id, scan_id, attention, layer, head) values (?, ?, 'self', ?, ?)",
                   [(head, scan, number % LAYERS, number // LAYERS) for number, head in enumerate(ids)])  # fmt: skip
    scores = []
    for pattern_id, pattern in enumerate(kinds, start=1):
        target = pattern.kind == "target"
        # Most heads do little of anything; one in twenty follows a pattern.
        values = rng.beta(0.4, 5, heads) + (rng.random(heads) < 0.05) * rng.uniform(0, 0.6, heads)
        values = np.minimum(values, 1) * (40 if pattern.name == "mean_distance" else 1)
        free = np.minimum(1, values * rng.choice([1.02, 1.3, 2.5], heads, p=[0.6, 0.35, 0.05]))
        halves = values + rng.normal(0, 0.05, (2, heads))
        rival = rng.beta(0.4, 5, heads)
        name = pattern.rivals[0] if pattern.rivals else None
        scores += [
            (head, pattern_id, probes[pattern.probe], score, bare, 0.05 if target else None, 0.9 * score, 1.1 * score,
             a, b, name, other if name else None, 900, 20, 3)
            for head, score, bare, a, b, other in zip(
                ids, values.tolist(), free.tolist(), *halves.tolist(), rival.tolist(), strict=True)
        ]  # fmt: skip
    db.executemany(
        "insert into scores(head_id, pattern_id, probe_id, score, score_nosink, chance, ci_low, ci_high, half_a, "
        "half_b, rival, rival_score, n_queries, n_sequences, n_sunk) values (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
        sorted(scores),
    )
    targets = [pattern.name for pattern in kinds if pattern.kind == "target"]
    labels = []
    for head in ids:
        own = rng.choice(len(targets), rng.choice(4, p=[0.4, 0.35, 0.2, 0.05]), replace=False)
        labels += [
            (head, targets[number], float(rng.uniform(0.5, 1)), rank) for rank, number in enumerate(own, start=1)
        ]
    db.executemany("insert into labels(head_id, label, confidence, rank) values (?, ?, ?, ?)", labels)
    shares = rng.dirichlet(np.full(N_DISTANCES, 0.1), heads).round(5)
    texts = [json.dumps(row) for row in shares.tolist()]
    for probe in ("natural_text", "repeated_random_tokens"):
        db.executemany("insert into distances(head_id, probe_id, first, attention) values (?, ?, 0, ?)",
                       [(head, probes[probe], text) for head, text in zip(ids, texts, strict=True)])  # fmt: skip


def _evidence(
    db, rng: np.random.Generator, scan: int, heads: int, kinds: dict[str, int], probes: dict[str, int]
) -> None:
    rows = []
    for kind, _, probe in EVIDENCE:
        values = rng.normal(0.02, 0.1, heads)
        percent = 100 * values.argsort().argsort() / heads
        rows += [
            (head, kinds[kind], probe and probes[probe], value, value - 0.1, value + 0.1, rank)
            for head, value, rank in zip(_heads(scan, heads), values.tolist(), percent.tolist(), strict=True)
        ]
    db.executemany(
        "insert into evidence(head_id, kind_id, probe_id, value, ci_low, ci_high, percentile) values (?,?,?,?,?,?,?)",
        rows,
    )


def _heads(scan: int, heads: int) -> range:
    return range((scan - 1) * heads + 1, scan * heads + 1)


def times(path: Path, repeats: int) -> list[tuple[str, int, list[float], float]]:
    """What was asked, rows of the answer, seconds of each try, the goal in seconds."""

    def timed(ask: Callable[[headatlas.Catalog], int]) -> tuple[int, list[float]]:
        seconds = []
        for _ in range(repeats):
            start = time.perf_counter()
            with headatlas.open(path) as catalog:
                rows = ask(catalog)
            seconds.append(time.perf_counter() - start)
        return rows, seconds

    measured = []
    for name in QUERIES:
        measured.append((f"`query {name}`", *timed(lambda catalog, name=name: len(catalog.query(name)[1])), 1.0))
    with headatlas.open(path) as catalog:
        model = catalog.models()[0]["model"]
    measured.append((f"`similar {model} L5H1`", *timed(lambda it: len(similar(it, model, "self", 5, 1))), 2.0))
    return measured


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--models", type=int, default=50)
    parser.add_argument("--heads", type=int, default=1000)
    parser.add_argument("--patterns", type=int, default=40)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--keep", type=Path, help="Make the database here, or use the one that is here.")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = given.keep or Path(folder) / "catalogue.db"
        if not path.exists():
            start = time.perf_counter()
            make(path, given.models, given.heads, given.patterns)
            print(f"made in {time.perf_counter() - start:.0f} s")
        with headatlas.open(path) as catalog:
            size = catalog.rows("select count(*) from scores")[0][0]
        print(f"{size:,} scores, {path.stat().st_size / 1e6:,.0f} MB, load {os.getloadavg()[0]:.1f}\n")
        print("| question | rows | median | range | goal |\n| --- | ---: | ---: | ---: | ---: |")
        for name, rows, seconds, goal in times(path, given.repeats):
            median = statistics.median(seconds)
            missed = ", missed" if median >= goal else ""
            print(f"| {name} | {rows:,} | {median:.2f} s | {min(seconds):.2f}-{max(seconds):.2f} s "
                  f"| {goal:.0f} s{missed} |")  # fmt: skip


if __name__ == "__main__":
    main()
