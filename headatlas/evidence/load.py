"""Evidence about every head of a scan, ready for pages and listings. No torch."""

from __future__ import annotations

import json
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from headatlas.evidence.verdicts import Line, Verdict, besides, describe
from headatlas.heads import head_name

if TYPE_CHECKING:
    from headatlas.catalog.reader import Reader

# Where a scan holds no text, earlier heads that look at the token before this much are previous-token heads.
PREVIOUS_TOKEN = 0.4
BUILT_ON = frozenset({"induction", "longer_prefix_induction", "fuzzy_induction", "name_induction"})


@dataclass(frozen=True)
class Link:
    """An earlier head whose output this one's query, key or value reads (`kind`); `labels` of the earlier head."""

    kind: str
    earlier: str
    labels: tuple[str, ...]
    value: float
    rank: int


@dataclass(frozen=True)
class HeadEvidence:
    """What is known of one head: its evidence, a verdict on each label, the primary one first, and its links.

    A head without labels has one verdict, whose label is None. `besides` says in sentences what else is known;
    `built_on` names the previous-token heads that its
    keys read, the strongest first.
    """

    attention: str
    layer: int
    head: int
    lines: tuple[Line, ...]
    verdicts: tuple[Verdict, ...]
    besides: tuple[str, ...]
    links: tuple[Link, ...]
    built_on: tuple[str, ...]

    @property
    def name(self) -> str:
        """L5H1."""
        return head_name(self.attention, self.layer, self.head)


@dataclass(frozen=True)
class Spread:
    """How one kind of evidence is spread over all heads: the extremes, and where the middle 90% begin and end."""

    least: float
    low: float
    high: float
    most: float


@dataclass(frozen=True)
class ScanEvidence:
    """The evidence of a scan by head number (`heads.id`), and what was left out; empty where none was gathered."""

    heads: dict[int, HeadEvidence]
    notes: tuple[str, ...]

    @cached_property
    def spreads(self) -> dict[tuple[str, str | None], Spread]:
        """By kind and probe."""
        values = defaultdict(list)
        for head in self.heads.values():
            for line in head.lines:
                values[line.kind, line.probe].append(line.value)
        return {key: _spread(sorted(some)) for key, some in values.items()}


def evidence_of(catalog: Reader, model: str) -> ScanEvidence:
    """Rows and sentences for every head of a model's finished scan.

    Raises:
        UnknownNameError: no finished scan under this name.
    """
    scan = catalog.scan(model)["id"]
    runs = catalog.rows("select notes from evidence_runs where scan_id = ? and status = 'done'", [scan])
    if not runs:
        return ScanEvidence({}, ())
    read = defaultdict(list)
    for row in catalog.rows(
        """select head_id, kinds.name as kind, probes.name as probe, basis, unit, value, ci_low, ci_high, percentile,
                  intact
           from evidence join evidence_kinds as kinds on kinds.id = kind_id
           left join probes on probes.id = probe_id
           where head_id in (select id from heads where scan_id = ?) order by kinds.id, evidence.id""",
        [scan],
    ):
        read[row["head_id"]].append(
            Line(row["kind"], row["probe"], row["basis"], row["unit"], row["value"], row["ci_low"], row["ci_high"],
                 row["percentile"], row["intact"])
        )  # fmt: skip
    lines = _ranked(read)
    labels = _labels(catalog, scan)
    own_probe = {row["name"]: row["probe"] for row in catalog.rows("select name, probe from patterns order by version")}
    links = _links(catalog, scan, labels)
    previous = _previous_token_heads(catalog, scan)
    found = {}
    for row in catalog.rows("select * from heads where scan_id = ? order by attention, layer, head", [scan]):
        number = row["id"]
        if number not in lines:
            continue
        keys = [(one, earlier) for one, earlier in links[number] if one.kind == "key" and earlier in previous]
        own = labels.get(number, [])
        built_on = tuple(one.earlier for one, _ in keys) if any(name in BUILT_ON for name, _ in own) else ()
        verdicts = [
            describe(name, confidence, own_probe.get(name), lines[number], primary=place == 0)
            for place, (name, confidence) in enumerate(own)
        ] or [describe(None, None, None, lines[number])]
        found[number] = HeadEvidence(
            row["attention"],
            row["layer"],
            row["head"],
            tuple(lines[number]),
            tuple(verdicts),
            tuple(besides(verdicts, lines[number], built_on)),
            tuple(one for one, _ in links[number]),
            built_on,
        )
    return ScanEvidence(found, tuple(json.loads(runs[0]["notes"] or "[]")))


def _ranked(lines: Mapping[int, Sequence[Line]]) -> dict[int, list[Line]]:
    """The same lines, each with the percent of the other heads whose value is smaller in size; ties count half."""
    sizes = defaultdict(list)
    for some in lines.values():
        for one in some:
            sizes[one.kind, one.probe].append(abs(one.value))
    for values in sizes.values():
        values.sort()

    def rank(one: Line) -> float | None:
        values = sizes[one.kind, one.probe]
        below, above = bisect_left(values, abs(one.value)), bisect_right(values, abs(one.value))
        return 100 * (below + (above - below - 1) / 2) / (len(values) - 1) if len(values) > 1 else None

    return {head: [replace(one, rank=rank(one)) for one in some] for head, some in lines.items()}


def _spread(ordered: Sequence[float]) -> Spread:
    last = len(ordered) - 1
    return Spread(ordered[0], ordered[round(0.05 * last)], ordered[round(0.95 * last)], ordered[-1])


def _labels(catalog: Reader, scan: int) -> dict[int, list[tuple[str, float | None]]]:
    """The labels of each head that has any, with their confidence, the primary one first."""
    found = defaultdict(list)
    for row in catalog.rows(
        """select head_id, label, confidence from labels where head_id in (select id from heads where scan_id = ?)
           order by rank, label""",
        [scan],
    ):
        found[row["head_id"]].append((row["label"], row["confidence"]))
    return dict(found)


def _links(
    catalog: Reader, scan: int, labels: Mapping[int, Sequence[tuple[str, float | None]]]
) -> dict[int, list[tuple[Link, int]]]:
    """What each head reads, the strongest first, with the earlier head's number."""
    found = defaultdict(list)
    for row in catalog.rows(
        """select head_id, earlier_id, kind, value, rank, attention, layer, head
           from compositions join heads on heads.id = earlier_id
           where head_id in (select id from heads where scan_id = ?) order by kind, rank""",
        [scan],
    ):
        earlier = head_name(row["attention"], row["layer"], row["head"])
        names = tuple(name for name, _ in labels.get(row["earlier_id"], ()))
        link = Link(row["kind"], earlier, names, row["value"], row["rank"])
        found[row["head_id"]].append((link, row["earlier_id"]))
    return found


def _previous_token_heads(catalog: Reader, scan: int) -> set[int]:
    """Heads with that label or, where a scan holds no text to read it on, those that look so at random tokens."""
    of_scan = "head_id in (select id from heads where scan_id = ?)"
    rows = catalog.rows(f"select head_id from labels where label = 'previous_token' and {of_scan}", [scan])
    scores = f"""from scores join patterns on patterns.id = pattern_id join probes on probes.id = probe_id
                 where patterns.name = 'previous_token' and {of_scan}"""
    if not catalog.rows(f"select 1 {scores} and probes.name = patterns.probe limit 1", [scan]):
        rows += catalog.rows(
            f"select head_id {scores} and score >= ? and probes.name = 'repeated_random_tokens'", [scan, PREVIOUS_TOKEN]
        )
    return {row["head_id"] for row in rows}
