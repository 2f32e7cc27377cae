"""Which labels a model lost and won since an older export of its scan, and why: a table for benchmarks/history.md.

    git worktree add /tmp/older 2790d1d
    python -m benchmarks.lost_and_won smollm2-135m headatlas.db /tmp/older/catalog/smollm2-135m

The database holds a whole scan of today. A label was lost for the first of these reasons that holds of the head today:
the wrong keys are looked at as much (contrast), its habits alone score as much (control), other patterns and rivals
explain it (rival), its strength is below a quarter (strength), or its confidence is below 0.5 (confidence).
"""

from __future__ import annotations

import argparse
import csv
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path

from headatlas.heads import ATTENTION_KINDS, head_name
from headatlas.labels.confidence import counted_control, passes_criteria
from headatlas.labels.label import label, reading_probes
from headatlas.labels.probe_scores import ProbeScores
from headatlas.labels.thresholds import STRENGTH
from headatlas.labels.unmixing import Unmixed, unmix
from headatlas.patterns.lookup import comes_last
from headatlas.scanning.label_inputs import own_probes
from headatlas.scanning.stored_scores import scores_by_probe
from headatlas.store.scans import Store

Claim = tuple[str, str]  # a head's name, a label


def reason(scores: ProbeScores, unmixed: Unmixed, head: int, pattern: str) -> str:
    """Why a head has no label of a pattern."""
    column = scores.patterns.index(pattern)
    least = min(getattr(scores, name)[head, column] for name in ("ci_low", "half_a", "half_b"))
    if scores.contrast_low[head, column] <= 0:
        return "contrast"
    if least <= counted_control(scores)[head, column]:
        return "control"
    if least <= unmixed.explained[head, column]:
        return "rival"
    if unmixed.strength[head, column] < STRENGTH or not passes_criteria(scores, unmixed)[head, column]:
        return "strength"
    return "confidence"


def table(model: str, db: Path, older: Path) -> Iterator[str]:
    """The lines of the table, and what it comes to."""
    with (older / "labels.csv").open(encoding="utf8", newline="") as file:
        before: dict[Claim, str] = {(row["head"], row["label"]): row["rank"] for row in csv.DictReader(file)}
    now: dict[Claim, tuple[str, str]] = {}  # rank and basis
    why: dict[Claim, str] = {}
    with Store(db) as store:
        scan = store.finished(model)
        assert scan is not None, f"{db} has no scan of {model}"
        own = own_probes(store, scan["id"], recorded=False)
        for kind in ATTENTION_KINDS:
            rows = store.db.execute(
                "select id, layer, head from heads where scan_id = ? and attention = ? order by layer, head",
                [scan["id"], kind],
            ).fetchall()
            names = [head_name(kind, layer, head) for _, layer, head in rows]
            by_probe = scores_by_probe(store, scan["id"], kind, [row[0] for row in rows]) if rows else {}
            unmixed = {probe: unmix(scores) for probe, scores in by_probe.items()}
            for claim in label(by_probe, own, unmixed=unmixed):
                now[names[claim.head], claim.label] = str(claim.rank), claim.basis
            probe_of = reading_probes(by_probe, own)
            for head, pattern in set(before) - set(now):
                if head in names:
                    probe = probe_of[pattern]
                    why[head, pattern] = reason(by_probe[probe], unmixed[probe], names.index(head), pattern)
    yield f"| {model} | before | kept | lost | won |"
    yield "| --- | ---: | ---: | --- | ---: |"
    yield from _rows(before, now, why)
    named = [{head for head, pattern in claims if not comes_last(pattern)} for claims in (before, now)]
    first = [
        {head: pattern for (head, pattern), rank in ranks.items() if rank == "1"}
        for ranks in (before, {claim: rank for claim, (rank, _) in now.items()})
    ]
    changed = Counter(
        why.get((head, first[0].get(head, "")), "")
        or ("rank" if (head, first[1].get(head, "")) in before else "another label won")
        for head in first[0].keys() | first[1].keys()
        if first[0].get(head) != first[1].get(head)
    )
    of_first = ", ".join(f"{n} {name}" for name, n in changed.most_common())
    yield ""
    yield f"In all {len(before)} labels before and {len(now)} now."
    yield f"Heads with a name besides where they rest: {len(named[0])} and {len(named[1])}."
    lost = sorted(named[0] - named[1])
    yield f"{len(named[1] - named[0])} won one, {len(lost)} lost theirs: {', '.join(lost)}."
    yield f"The first label changed of {sum(changed.values())} heads: {of_first}."


def _rows(before: Mapping[Claim, str], now: Mapping[Claim, tuple[str, str]], why: Mapping[Claim, str]) -> Iterator[str]:
    lost: dict[str, Counter[str]] = defaultdict(Counter)
    for (_, pattern), of_claim in why.items():
        lost[pattern][of_claim] += 1
    n_before, n_now = (Counter(pattern for _, pattern in claims) for claims in (before, now))
    kept = Counter(pattern for head, pattern in before if (head, pattern) in now)
    for pattern in sorted(n_before | n_now, key=lambda name: (-n_before[name], name)):
        awake = sum(own[1] == pattern and own not in before and now[own][1] == "awake" for own in now)
        reasons = ", ".join(f"{n} {name}" for name, n in lost[pattern].most_common())
        won = n_now[pattern] - kept[pattern]
        if reasons or won:
            won_awake = f"{won} ({awake})" if awake else str(won)
            yield f"| {pattern} | {n_before[pattern]} | {kept[pattern]} | {reasons} | {won_awake} |"


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", help="name of the scan")
    parser.add_argument("db", type=Path, help="database with a whole scan of today")
    parser.add_argument("older", type=Path, help="folder of an older export of it")
    arguments = parser.parse_args()
    print("\n".join(table(arguments.model, arguments.db, arguments.older)))


if __name__ == "__main__":
    main()
