"""Evidence about every head of a scan, ready for pages and listings. No torch."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from headatlas.evidence.words import Line, Verdict, describe
from headatlas.names import head_name

if TYPE_CHECKING:
    from headatlas.catalog import Catalog

# A head without a label is said to look like the pattern it follows most, from this score on and this far above chance.
LOOKS_LIKE = 0.4
ABOVE_CHANCE = 0.2
# Earlier heads that follow previous_token this much are named as what an induction head is built on.
PREVIOUS_TOKEN = 0.4
BUILT_ON = frozenset({"induction", "longer_prefix_induction", "fuzzy_induction", "name_induction"})


@dataclass(frozen=True)
class HeadEvidence:
    """What is known of one head: its evidence, the verdict in words, and the earlier heads its keys are built on."""

    attention: str
    layer: int
    head: int
    looks_like: str | None
    labelled: bool
    lines: tuple[Line, ...]
    verdict: Verdict
    built_on: tuple[str, ...]

    @property
    def name(self) -> str:
        """L5H1."""
        return head_name(self.attention, self.layer, self.head)


@dataclass(frozen=True)
class ScanEvidence:
    """The evidence of a scan by head number (`heads.id`), and what was left out; empty where none was gathered."""

    heads: dict[int, HeadEvidence]
    notes: tuple[str, ...]


def evidence_of(catalog: Catalog, model: str) -> ScanEvidence:
    """Rows and sentences for every head of a model's finished scan.

    Raises:
        UnknownNameError: no finished scan under this name.
    """
    import json

    scan = catalog.scan(model)["id"]
    runs = catalog.rows("select notes from evidence_runs where scan_id = ? and status = 'done'", [scan])
    if not runs:
        return ScanEvidence({}, ())
    lines = defaultdict(list)
    for row in catalog.rows(
        """select head_id, kinds.name as kind, probes.name as probe, basis, unit, value, ci_low, ci_high, percentile,
                  intact
           from evidence join evidence_kinds as kinds on kinds.id = kind_id
           left join probes on probes.id = probe_id
           where head_id in (select id from heads where scan_id = ?) order by kinds.id, evidence.id""",
        [scan],
    ):
        lines[row["head_id"]].append(
            Line(row["kind"], row["probe"], row["basis"], row["unit"], row["value"], row["ci_low"], row["ci_high"],
                 row["percentile"], row["intact"])
        )  # fmt: skip
    looks = _looks_like(catalog, scan)
    labelled = _labels(catalog, scan)
    own_probe = {row["name"]: row["probe"] for row in catalog.rows("select name, probe from patterns order by version")}
    built_on = _built_on(catalog, scan)
    found = {}
    for row in catalog.rows("select * from heads where scan_id = ? order by attention, layer, head", [scan]):
        number = row["id"]
        if number not in lines:
            continue
        name = labelled.get(number) or looks.get(number)
        earlier = built_on.get(number, ()) if name in BUILT_ON else ()
        verdict = describe(
            name, own_probe.get(name or ""), lines[number], labelled=number in labelled, built_on=earlier
        )
        found[number] = HeadEvidence(
            row["attention"],
            row["layer"],
            row["head"],
            name,
            number in labelled,
            tuple(lines[number]),
            verdict,
            earlier,
        )
    return ScanEvidence(found, tuple(json.loads(runs[0]["notes"] or "[]")))


def _labels(catalog: Catalog, scan: int) -> dict[int, str]:
    """The primary label of each head that has one."""
    rows = catalog.rows(
        """select head_id, label from labels where head_id in (select id from heads where scan_id = ?)
           order by rank desc""",
        [scan],
    )
    return {row["head_id"]: row["label"] for row in rows}


def _looks_like(catalog: Catalog, scan: int) -> dict[int, str]:
    """The target pattern each head follows furthest above chance on the pattern's own probe."""
    rows = catalog.rows(
        """select head_id, patterns.name, score - chance as lift
           from scores join patterns on patterns.id = pattern_id join probes on probes.id = probe_id
           where patterns.probe = probes.name and patterns.kind = 'target' and score >= ? and score - chance >= ?
             and head_id in (select id from heads where scan_id = ?)
           order by lift""",
        [LOOKS_LIKE, ABOVE_CHANCE, scan],
    )
    return {row["head_id"]: row["name"] for row in rows}


def _built_on(catalog: Catalog, scan: int) -> dict[int, tuple[str, ...]]:
    """Previous-token heads among the earlier heads that each head's keys read most, strongest first.

    A previous-token head is one with that label or, where a scan has no labels, with that score on text or on random tokens.
    """
    of_scan = "head_id in (select id from heads where scan_id = ?)"
    named = {
        row["head_id"]
        for row in catalog.rows(f"select head_id from labels where label = 'previous_token' and {of_scan}", [scan])
    }
    if not catalog.rows(f"select 1 from labels where {of_scan} limit 1", [scan]):
        named = {
            row["head_id"]
            for row in catalog.rows(
                f"""select head_id from scores join patterns on patterns.id = pattern_id
                    join probes on probes.id = probe_id
                    where patterns.name = 'previous_token' and score >= ?
                      and probes.name in (patterns.probe, 'repeated_random_tokens')
                      and {of_scan}""",
                [PREVIOUS_TOKEN, scan],
            )
        }
    found = defaultdict(list)
    for row in catalog.rows(
        f"""select head_id, earlier_id, attention, layer, head from compositions join heads on heads.id = earlier_id
            where kind = 'key' and {of_scan} order by rank""",
        [scan],
    ):
        if row["earlier_id"] in named:
            found[row["head_id"]].append(head_name(row["attention"], row["layer"], row["head"]))
    return {head: tuple(names) for head, names in found.items()}
