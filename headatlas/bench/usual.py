"""The usual ways to name heads, on the same scores: a threshold on the score, plain or less chance."""

from __future__ import annotations

from collections.abc import Callable

from headatlas.bench.report import GivenLabel
from headatlas.patterns import PATTERNS
from headatlas.patterns.lookup import comes_last
from headatlas.store.scans import Store

Position = tuple[int, int]

# As with the usual ways in benchmarks/planted; the same for what is above chance.
THRESHOLD = 0.4
WAYS: dict[str, Callable[[float, float], float]] = {
    f"score above {THRESHOLD}": lambda score, chance: score,
    f"score minus chance above {THRESHOLD}": lambda score, chance: score - chance,
}


def usual_labels(store: Store, name: str) -> dict[str, dict[Position, tuple[GivenLabel, ...]]]:
    """What each of the usual ways calls the heads of a scan, by layer and head, the highest score first.

    Each pattern is read on its own probe. A threshold says no confidence: each label has 1. Where a head rests is no
    name here either.
    """
    scores: dict[Position, list[tuple[str, float, float]]] = {}
    for row in store.db.query(
        """select layer, head, patterns.name as pattern, probes.name as probe, score, chance
           from scores join heads on heads.id = head_id join patterns on patterns.id = pattern_id
           join probes on probes.id = probe_id join scans on scans.id = scan_id
           where status = 'done' and model = ? and score is not null and chance is not null""",
        [name],
    ):
        pattern = PATTERNS.get(row["pattern"])
        if pattern and pattern.kind == "target" and pattern.probe == row["probe"] and not comes_last(pattern.name):
            scores.setdefault((row["layer"], row["head"]), []).append((pattern.name, row["score"], row["chance"]))
    return {way: {position: _above(own, measure) for position, own in scores.items()} for way, measure in WAYS.items()}


def _above(scores: list[tuple[str, float, float]], measure: Callable[[float, float], float]) -> tuple[GivenLabel, ...]:
    order = {name: number for number, name in enumerate(PATTERNS.names())}  # equal scores stay in this one
    values = [(measure(score, chance), name) for name, score, chance in scores]
    values.sort(key=lambda pair: (-pair[0], order[pair[1]]))
    named = [(name, value) for value, name in values if value > THRESHOLD]
    return tuple(
        GivenLabel(name, 1.0, rank, "always", None, value, None) for rank, (name, value) in enumerate(named, 1)
    )
