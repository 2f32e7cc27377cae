"""Evidence about every head of a scan, ready for pages and listings. No torch."""

from __future__ import annotations

import json
import sqlite3
import sys
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import TYPE_CHECKING

import numpy as np

from headatlas.evidence.types import CAUSES
from headatlas.evidence.words.effect_words import Line
from headatlas.evidence.words.verdicts import Verdict, besides, describe
from headatlas.heads import OfHead, head_name
from headatlas.patterns import PATTERNS

if TYPE_CHECKING:
    from headatlas.catalog.reader import Reader

# Where a pattern was not scored on its own probe, heads that score this much elsewhere are taken to follow it.
FOLLOWS = 0.4


@dataclass(frozen=True, slots=True)
class Link:
    """An earlier head whose output this one's "query", "key" or "value" reads; `labels` of the earlier head."""

    reads: str
    earlier: str
    labels: tuple[str, ...]
    value: float
    rank: int


@dataclass(frozen=True)
class HeadEvidence(OfHead):
    """What is known of one head: its evidence, a verdict on each label, the primary one first, and its links.

    A head without labels has one verdict, whose label is None. `besides` says in sentences what else is known;
    `built_on` names the earlier heads that its keys read and that its labels' patterns are built on, the strongest
    first.
    """

    attention: str
    layer: int
    head: int
    lines: tuple[Line, ...]
    verdicts: tuple[Verdict, ...]
    besides: tuple[str, ...]
    links: tuple[Link, ...]
    built_on: tuple[str, ...]


@dataclass(frozen=True)
class Spread:
    """How one type of evidence is spread over all heads: the extremes, and where the middle 90% begin and end."""

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
        """By type and probe."""
        values = defaultdict(list)
        for head in self.heads.values():
            for line in head.lines:
                values[line.type, line.probe].append(line.value)
        return {key: _spread(sorted(some)) for key, some in values.items()}

    @cached_property
    def by_type(self) -> dict[str, dict[str, dict[int, Line]]]:
        """Type -> probe ("" for weights) -> head number -> its line."""
        by_type: dict[str, dict[str, dict[int, Line]]] = {}
        for number, head in self.heads.items():
            for line in head.lines:
                by_type.setdefault(line.type, {}).setdefault(line.probe or "", {})[number] = line
        return by_type

    @cached_property
    def readers(self) -> dict[str, list[tuple[int, Link]]]:
        """Name of a head -> the heads (by number) of whose strongest links it is one, the strongest first."""
        readers = defaultdict(list)
        for number, head in self.heads.items():
            for link in head.links:
                readers[link.earlier].append((number, link))
        return {name: sorted(some, key=lambda pair: -pair[1].value) for name, some in readers.items()}


def evidence_of(catalog: Reader, model: str) -> ScanEvidence:
    """Rows and sentences for every head of a model's finished scan.

    Raises:
        UnknownNameError: no finished scan under this name.
    """
    scan = catalog.scan(model)["id"]
    runs = catalog.rows("select notes from evidence_runs where scan_id = ? and status = 'done'", [scan])
    if not runs:
        return ScanEvidence({}, ())
    lines = _lines(catalog, scan)
    labels = _labels(catalog, scan)
    own_probe = {row["name"]: row["probe"] for row in catalog.rows("select name, probe from patterns order by version")}
    links = _links(catalog, scan, labels)
    foundations = _Foundations(catalog, scan)
    heads = {}
    rows = catalog.rows("select * from heads where scan_id = ? order by attention, layer, head", [scan])
    controls = _Controls(rows, lines, labels)
    for row in rows:
        number = row["id"]
        if number not in lines:
            continue
        own = labels.get(number, [])
        keys = [(link, earlier) for link, earlier in links[number] if link.reads == "key"]
        built_on = foundations.read_by([name for name, _ in own], keys)
        verdicts = [
            describe(
                name,
                confidence,
                own_probe.get(name),
                lines[number],
                primary=rank == 0,
                others=partial(controls.others, number),
            )
            for rank, (name, confidence) in enumerate(own)
        ] or [describe(None, None, None, lines[number])]
        heads[number] = HeadEvidence(
            row["attention"],
            row["layer"],
            row["head"],
            tuple(lines[number]),
            tuple(verdicts),
            tuple(besides(verdicts, lines[number], built_on)),
            tuple(link for link, _ in links[number]),
            tuple(dict.fromkeys(name for names in built_on.values() for name in names)),
        )
    return ScanEvidence(heads, tuple(json.loads(runs[0]["notes"] or "[]")))


def _lines(catalog: Reader, scan: int) -> dict[int, list[Line]]:
    """The rows of evidence about each head, by its number, each with its rank (see `_ranks`)."""
    # Files made before anything was estimated, and not opened for writing since, do not have the column.
    has_exact = bool(catalog.rows("select 1 from pragma_table_info('evidence') where name = 'exact'"))
    exact = "coalesce(exact, 1)" if has_exact else "1"
    # There are hundreds of thousands of rows: names are read once, and a line is made once.
    kinds = {row["id"]: row for row in catalog.rows("select id, name, basis, unit from evidence_kinds")}
    probes = {row["id"]: _shared(row["name"]) for row in catalog.rows("select id, name from probes")}
    rows = [
        tuple(row)
        for row in catalog.each(
            f"""select kind_id, probe_id, head_id, value, ci_low, ci_high, percentile, intact, {exact} from evidence
                where head_id in (select id from heads where scan_id = ?) order by kind_id, id""",
            [scan],
        )
    ]
    facts: dict[tuple[int, int | None], tuple[str, str | None, str, str]] = {}
    for kind, probe in dict.fromkeys(row[:2] for row in rows):
        if kind in kinds:
            name, basis, unit = (_shared(kinds[kind][column]) for column in ("name", "basis", "unit"))
            facts[kind, probe] = name, probes.get(probe), basis, unit
    rows = [row for row in rows if row[:2] in facts]
    groups: dict[tuple[str, str | None], list[int]] = defaultdict(list)
    for at, row in enumerate(rows):
        groups[facts[row[:2]][:2]].append(at)
    ranks: list[float | None] = [None] * len(rows)
    for members in groups.values():
        by_size = facts[rows[members[0]][:2]][2] == CAUSES
        for at, rank in zip(members, _ranks([rows[at][3] for at in members], by_size=by_size), strict=True):
            ranks[at] = rank
    lines = defaultdict(list)
    for (kind, probe, head, value, low, high, percentile, intact, is_exact), rank in zip(rows, ranks, strict=True):
        shown = None if percentile is None else rank
        lines[head].append(Line(*facts[kind, probe], value, low, high, percentile, intact, shown, bool(is_exact)))
    return lines


def _shared(text: str) -> str:
    """The same text, of which there is one copy."""
    return sys.intern(text) if type(text) is str else text


def _ranks(values: Sequence[float], *, by_size: bool) -> list[float | None]:
    """Of each value the percent of the others that are smaller; ties count half. None where there are no others.

    Of effects the size counts: to lower a loss much is as much as to raise it. Of weights the sign is what they say.
    """
    if len(values) < 2:
        return [None] * len(values)
    counted = np.abs(values) if by_size else np.asarray(values, dtype=float)
    ordered = np.sort(counted)
    below, above = np.searchsorted(ordered, counted), np.searchsorted(ordered, counted, side="right")
    shares: list[float | None] = (100 * (below + (above - below - 1) / 2) / (len(values) - 1)).tolist()
    return shares


def _spread(ordered: Sequence[float]) -> Spread:
    last = len(ordered) - 1
    return Spread(ordered[0], ordered[round(0.05 * last)], ordered[round(0.95 * last)], ordered[-1])


def _labels(catalog: Reader, scan: int) -> dict[int, list[tuple[str, float | None]]]:
    """The labels of each head that has any, with their confidence, the primary one first."""
    labels = defaultdict(list)
    for row in catalog.rows(
        """select head_id, label, confidence from labels where head_id in (select id from heads where scan_id = ?)
           order by rank, label""",
        [scan],
    ):
        labels[row["head_id"]].append((_shared(row["label"]), row["confidence"]))
    return dict(labels)


def _links(
    catalog: Reader, scan: int, labels: Mapping[int, Sequence[tuple[str, float | None]]]
) -> dict[int, list[tuple[Link, int]]]:
    """What each head reads, the strongest first, with the earlier head's number."""
    links = defaultdict(list)
    names: dict[int, tuple[str, ...]] = {}
    for row in catalog.each(
        """select head_id, earlier_id, kind, value, rank, attention, layer, head
           from compositions join heads on heads.id = earlier_id
           where head_id in (select id from heads where scan_id = ?) order by kind, rank""",
        [scan],
    ):
        earlier = head_name(row["attention"], row["layer"], row["head"])
        if row["earlier_id"] not in names:
            names[row["earlier_id"]] = tuple(name for name, _ in labels.get(row["earlier_id"], ()))
        link = Link(_shared(row["kind"]), _shared(earlier), names[row["earlier_id"]], row["value"], row["rank"])
        links[row["head_id"]].append((link, row["earlier_id"]))
    return links


class _Controls:
    """Effects of other heads of a head's layer, as controls."""

    def __init__(
        self,
        rows: Sequence[sqlite3.Row],
        lines: Mapping[int, Sequence[Line]],
        labels: Mapping[int, Sequence[tuple[str, float | None]]],
    ) -> None:
        self.layer_of = {row["id"]: (row["attention"], row["layer"]) for row in rows}
        self.layers = defaultdict(list)
        for number, layer in self.layer_of.items():
            self.layers[layer].append(number)
        self.values = {
            (number, line.type, line.probe): line.value for number, of_head in lines.items() for line in of_head
        }
        self.labels = {number: {name for name, _ in own} for number, own in labels.items()}

    def others(self, head: int, line: Line, label: str) -> list[float]:
        """The same effect of the other heads of the layer that do not carry the label."""
        values = []
        for other in self.layers[self.layer_of[head]]:
            value = self.values.get((other, line.type, line.probe))
            if other != head and value is not None and label not in self.labels.get(other, ()):
                values.append(value)
        return values


class _Foundations:
    """Heads of a scan that follow the patterns which other patterns are built on."""

    def __init__(self, catalog: Reader, scan: int) -> None:
        self.catalog = catalog
        self.scan = scan
        self._heads: dict[tuple[str, str], set[int]] = {}

    def read_by(self, labels: Sequence[str], keys: Sequence[tuple[Link, int]]) -> dict[str, list[str]]:
        """Names of earlier heads that a head with these labels is built on, by the pattern that they follow.

        `keys` are the links of its keys, with the numbers of the earlier heads; names come in the same order.
        """
        names: dict[str, list[str]] = {}
        for label in labels:
            pattern = PATTERNS.get(label)
            if pattern is not None and pattern.built_on and pattern.built_on not in names:
                heads = self._followers(pattern.built_on, pattern.probe)
                names[pattern.built_on] = [link.earlier for link, earlier in keys if earlier in heads]
        return names

    def _followers(self, pattern: str, probe: str) -> set[int]:
        """Heads with this label or, where it could not be given, those that follow the pattern on the other probe.

        A label takes scores on the pattern's own probe, which not every scan has.
        """
        if (pattern, probe) not in self._heads:
            of_scan = "head_id in (select id from heads where scan_id = ?)"
            rows = self.catalog.rows(f"select head_id from labels where label = ? and {of_scan}", [pattern, self.scan])
            scores = f"""from scores join patterns on patterns.id = pattern_id join probes on probes.id = probe_id
                         where patterns.name = ? and {of_scan}"""
            own = f"select 1 {scores} and probes.name = patterns.probe limit 1"
            if not self.catalog.rows(own, [pattern, self.scan]):
                elsewhere = f"select head_id {scores} and score >= ? and probes.name = ?"
                rows += self.catalog.rows(elsewhere, [pattern, self.scan, FOLLOWS, probe])
            self._heads[pattern, probe] = {row["head_id"] for row in rows}
        return self._heads[pattern, probe]
