"""What labels, budgets and sentences are made of, read from a stored scan."""

from __future__ import annotations

import json
from collections import defaultdict

from headatlas.heads import RECORDED
from headatlas.patterns import PATTERNS
from headatlas.patterns.captions import PICTURE_SINK
from headatlas.store.scans import Store


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
