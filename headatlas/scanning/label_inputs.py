"""What labels, budgets and sentences are made of, read from a stored scan."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping
from typing import Any

import numpy as np

from headatlas.heads import RECORDED
from headatlas.labels.probe_scores import PER_HEAD, ProbeScores
from headatlas.store.scans import Store

_PLAIN = ("score", "ci_low", "half_a", "half_b")


def own_probes(store: Store, scan: int, *, recorded: bool) -> dict[str, str]:
    """The probe that each pattern of a scan was made for.

    Of recorded attention there is no other text than the recorded one, and what a pattern's own probe would rule out is
    taken off by unmixing the scores.
    """
    rows = store.db.query(
        """select name, probe from patterns
           where kind = 'target' and id in (select distinct pattern_id from overlaps where scan_id = ?)""",
        [scan],
    )
    return {row["name"]: RECORDED if recorded else row["probe"] for row in rows}


def scores_by_probe(store: Store, scan: int, kind: str, heads: list[int]) -> dict[str, ProbeScores]:
    """Scores of some heads (of one kind of attention) on each probe, as labels need them."""
    index_of = {head: index for index, head in enumerate(heads)}
    off: dict[str, dict[int, list[dict[str, Any]]]] = defaultdict(lambda: defaultdict(list))
    plain: dict[str, dict[int, list[dict[str, Any]]]] = defaultdict(lambda: defaultdict(list))
    for row in store.db.query(
        f"""select head_id, pattern_id, patterns.name as pattern, probes.name as probe, chance, n_queries,
                   {", ".join(f"off_sink.{name}" for name in PER_HEAD)}
            from off_sink join heads on heads.id = head_id
            join patterns on patterns.id = pattern_id join probes on probes.id = probe_id
            where heads.scan_id = ?""",
        [scan],
    ):
        if row["head_id"] in index_of:
            off[row["probe"]][row["pattern_id"]].append(row)
    n_sequences: dict[tuple[str, int], int] = {}
    for row in store.db.query(
        f"""select head_id, pattern_id, patterns.name as pattern, probes.name as probe, chance, n_queries, n_sequences,
                   {", ".join(f"scores.{name}" for name in _PLAIN)}
            from scores join heads on heads.id = head_id
            join patterns on patterns.id = pattern_id join probes on probes.id = probe_id
            where heads.scan_id = ? and patterns.kind = 'target'""",
        [scan],
    ):
        if row["head_id"] in index_of:
            n_sequences[row["probe"], row["pattern_id"]] = row["n_sequences"]
            if row["pattern_id"] not in off[row["probe"]]:
                plain[row["probe"]][row["pattern_id"]].append(row)
    overlaps = _overlaps(store, scan, kind)
    by_probe: dict[str, ProbeScores] = {}
    for probe in sorted({*off, *plain}):
        rows = {**plain[probe], **off[probe]}
        if not rows:
            continue
        ids = sorted(rows)
        on_first = np.array([pattern not in off[probe] for pattern in ids])
        arrays = {name: np.full((len(heads), len(ids)), np.nan) for name in PER_HEAD}
        for column, pattern in enumerate(ids):
            for row in rows[pattern]:
                for name in PER_HEAD:
                    if row.get(name) is not None:
                        arrays[name][index_of[int(row["head_id"])], column] = row[name]
        arrays["mass"][:, on_first], arrays["control"][:, on_first] = 1, 0
        firsts = [rows[pattern][0] for pattern in ids]
        known = overlaps.get(probe, {})
        shared = [[known.get((pattern, other), (0.0, 0.0)) for other in ids] for pattern in ids]
        plain_overlaps, off_overlaps = np.array(shared, dtype=float).transpose(2, 0, 1)
        most = max((n_sequences.get((probe, pattern), 0) for pattern in ids), default=0)
        by_probe[probe] = ProbeScores(
            patterns=tuple(str(first["pattern"]) for first in firsts),
            on_first=on_first,
            **arrays,
            chance=np.array([first["chance"] for first in firsts], dtype=float),
            n_queries=np.array([first["n_queries"] for first in firsts], dtype=float),
            # Rivals have no scores of their own, and sequences of everybody's.
            n_sequences=np.array([n_sequences.get((probe, pattern), most) for pattern in ids], dtype=float),
            overlaps=np.where(np.outer(on_first, on_first), plain_overlaps, off_overlaps),
        )
    return by_probe


def _overlaps(store: Store, scan: int, kind: str) -> Mapping[str, Mapping[tuple[int, int | None], tuple[float, float]]]:
    """Of each probe the overlaps of two patterns, of all attention and off the sink."""
    overlaps: dict[str, dict[tuple[int, int | None], tuple[float, float]]] = defaultdict(dict)
    for row in store.db.query(
        """select name, pattern_id, other_id, score, off_sink from overlaps join probes on probes.id = probe_id
           where scan_id = ? and attention = ?""",
        [scan, kind],
    ):
        overlaps[row["name"]][row["pattern_id"], row["other_id"]] = row["score"], row["off_sink"] or 0.0
    return overlaps


def first_shares(store: Store, scan: int) -> dict[int, dict[str, float]]:
    """How much each head leaves on the first position, by probe."""
    shares: dict[int, dict[str, float]] = defaultdict(dict)
    for row in store.db.query(
        """select head_id, probes.name as probe, first from sinks join heads on heads.id = head_id
           join probes on probes.id = probe_id where scan_id = ?""",
        [scan],
    ):
        shares[row["head_id"]][row["probe"]] = row["first"]
    return shares


def n_tokens(store: Store, scan: int) -> dict[str, int]:
    """How many tokens a scan read on each probe."""
    rows = store.db.query(
        "select name, n_tokens from scan_probes join probes on probes.id = probe_id where scan_id = ?", [scan]
    )
    return {row["name"]: row["n_tokens"] for row in rows}


def examples_of(store: Store, head: int) -> list[tuple[list[str], list[int], bytes]]:
    """The tokens of a head's examples, which of them are special, and its attention on them as it is stored."""
    return [
        (json.loads(row["tokens"]), json.loads(row["special"]), row["weights"])
        for row in store.db.query(
            """select tokens, special, weights from heatmaps join examples on examples.id = example_id
               join probes on probes.id = probe_id where head_id = ? and key_tokens is null order by examples.id""",
            [head],
        )
    ]
