"""What labels, budgets and sentences are made of, read from a stored scan."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from headatlas.heads import RECORDED
from headatlas.labels.probe_scores import PER_HEAD, ProbeScores
from headatlas.patterns import PATTERNS
from headatlas.patterns.captions import PICTURE_SINK
from headatlas.store.scans import Store

_PLAIN = ("score", "ci_low", "half_a", "half_b")

# Rows of a table by pattern, one a head.
_Rows = dict[int, list[dict[str, Any]]]
# Of two patterns, of all attention and off the sink.
_Overlaps = Mapping[tuple[int, int | None], tuple[float, float]]


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


def lacks_scores(store: Store, scan: int) -> bool:
    """Whether scores are missing that labels were made from: `export --own-probes` leaves most of them out."""
    missing = store.first_row(
        """select 1 from overlaps where scan_id = ? and other_id = pattern_id and off_sink is not null and not exists
               (select 1 from off_sink join heads on heads.id = head_id
                where heads.scan_id = overlaps.scan_id and heads.attention = overlaps.attention
                      and off_sink.pattern_id = overlaps.pattern_id and off_sink.probe_id = overlaps.probe_id)""",
        [scan],
    )
    return missing is not None


def by_window(store: Store, scan: int, kind: str) -> dict[int | None, list[int]]:
    """The heads of a kind of attention by how far their layers see; under None those that see everything."""
    heads: dict[int | None, list[int]] = defaultdict(list)
    for row in store.db.query(
        """select heads.id, window from heads left join layers using (scan_id, attention, layer)
           where scan_id = ? and attention = ? order by heads.layer, heads.head""",
        [scan, kind],
    ):
        heads[row["window"]].append(row["id"])
    return heads


def scores_by_probe(
    store: Store, scan: int, kind: str, heads: list[int], window: int | None = None
) -> dict[str, ProbeScores]:
    """Scores of some heads (of one kind of attention, and of layers with one window) on each probe, as labels need."""
    index_of = {head: index for index, head in enumerate(heads)}
    off = _rows(store, scan, index_of, "off_sink", PER_HEAD)
    plain = _rows(store, scan, index_of, "scores", (*_PLAIN, "n_sequences"))
    overlaps = _overlaps(store, scan, kind, window)
    return {
        probe: _probe_scores(plain.get(probe, {}), off.get(probe, {}), index_of, overlaps.get(probe, {}))
        for probe in sorted({*off, *plain})
    }


def _rows(store: Store, scan: int, index_of: Mapping[int, int], table: str, columns: Sequence[str]) -> dict[str, _Rows]:
    """Some columns of a table of scores for patterns with targets, and for rivals, by probe and pattern.

    What is read along keys has no overlaps, since there is nothing to unmix it with.
    """
    rows: dict[str, _Rows] = defaultdict(lambda: defaultdict(list))
    for row in store.db.query(
        f"""select head_id, pattern_id, patterns.name as pattern, probes.name as probe, chance, n_queries,
                   {", ".join(f"{table}.{name}" for name in columns)}
            from {table} join heads on heads.id = head_id
            join patterns on patterns.id = pattern_id join probes on probes.id = probe_id
            where heads.scan_id = ? and patterns.kind <> 'statistic' and pattern_id in
                  (select pattern_id from overlaps where overlaps.scan_id = ?)""",
        [scan, scan],
    ):
        if row["head_id"] in index_of:
            rows[row["probe"]][row["pattern_id"]].append(row)
    return rows


def _probe_scores(
    plain: _Rows,
    off: _Rows,
    index_of: Mapping[int, int],
    overlaps: Mapping[tuple[int, int | None], tuple[float, float]],
) -> ProbeScores:
    """What is known on one probe: off the sink, or of all attention for patterns that have no other target."""
    rows = {**plain, **off}
    ids = sorted(rows)
    on_first = np.array([pattern not in off for pattern in ids])
    arrays = {name: np.full((len(index_of), len(ids)), np.nan) for name in PER_HEAD}
    for column, pattern in enumerate(ids):
        for row in rows[pattern]:
            for name in PER_HEAD:
                if row.get(name) is not None:
                    arrays[name][index_of[row["head_id"]], column] = row[name]
    arrays["mass"][:, on_first], arrays["control"][:, on_first] = 1, 0
    firsts = [rows[pattern][0] for pattern in ids]
    shared = [[overlaps.get((pattern, other), (0.0, 0.0)) for other in ids] for pattern in ids]
    of_all, off_sink = np.array(shared, dtype=float).transpose(2, 0, 1)
    n_sequences = {pattern: of_pattern[0]["n_sequences"] for pattern, of_pattern in plain.items()}
    # Rivals have no scores of all attention; they are found in the sequences of everybody.
    most = max(n_sequences.values(), default=0)
    return ProbeScores(
        patterns=tuple(str(first["pattern"]) for first in firsts),
        on_first=on_first,
        **arrays,
        chance=np.array([first["chance"] for first in firsts], dtype=float),
        n_queries=np.array([first["n_queries"] for first in firsts], dtype=float),
        n_sequences=np.array([n_sequences.get(pattern, most) for pattern in ids], dtype=float),
        overlaps=np.where(np.outer(on_first, on_first), of_all, off_sink),
    )


def _overlaps(store: Store, scan: int, kind: str, window: int | None) -> Mapping[str, _Overlaps]:
    """Of each probe the overlaps of two patterns, of all attention and off the sink.

    Where no text of a probe is longer than the window, its layers see what others see.
    """
    overlaps: dict[str, dict[tuple[int, int | None], tuple[float, float]]] = defaultdict(dict)
    for row in store.db.query(
        """select name, pattern_id, other_id, score, off_sink from overlaps join probes on probes.id = probe_id
           where scan_id = ? and attention = ? and window is (
               select window from overlaps as own where own.scan_id = ? and own.attention = ?
                      and own.probe_id = probes.id and own.window = ? limit 1)""",
        [scan, kind, scan, kind, window],
    ):
        overlaps[row["name"]][row["pattern_id"], row["other_id"]] = row["score"], row["off_sink"] or 0.0
    return overlaps


def sink_shares(store: Store, scan: int) -> dict[int, dict[str, tuple[float, float]]]:
    """How much each head leaves on the first position and on other sinks, by probe."""
    shares: dict[int, dict[str, tuple[float, float]]] = defaultdict(dict)
    for row in store.db.query(
        """select head_id, probes.name as probe, first, others from sinks join heads on heads.id = head_id
           join probes on probes.id = probe_id where scan_id = ?""",
        [scan],
    ):
        shares[row["head_id"]][row["probe"]] = row["first"], row["others"]
    return shares


def picture_sinks(store: Store, scan: int) -> dict[int, float]:
    """What words leave on sinks within pictures, of each head of a model that is shown pictures within text."""
    known = PATTERNS.get(PICTURE_SINK)
    if known is None:  # somebody took it out
        return {}
    rows = store.db.query(
        """select head_id, score from scores join heads on heads.id = head_id
           join patterns on patterns.id = pattern_id join probes on probes.id = probe_id
           where scan_id = ? and patterns.name = ? and probes.name = ?""",
        [scan, known.name, known.probe],
    )
    return {row["head_id"]: row["score"] or 0.0 for row in rows}


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
