"""What the pages need from the database: SQL in, plain rows out."""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from headatlas.atlas.colours import family_rank
from headatlas.atlas.images import unpack
from headatlas.catalog import Catalog
from headatlas.evidence.reading import ScanEvidence, evidence_of
from headatlas.names import head_name, layer_name


@dataclass(frozen=True)
class Pattern:
    """A pattern or statistic as the database defines it."""

    id: int
    name: str
    version: int
    kind: str
    family: str
    probe: str
    summary: str
    description: str
    example: str
    formula: str
    unit: str
    source: str
    rivals: tuple[str, ...]

    @property
    def is_target(self) -> bool:
        """True for a share of attention on target keys, False for a statistic of rows."""
        return self.kind == "target"


@dataclass(frozen=True)
class Probe:
    """Input texts; `n_sequences`, `n_tokens` and `note` say how a scan ran them."""

    name: str
    version: int
    summary: str
    description: str
    n_sequences: int = 0
    n_tokens: int = 0
    note: str = ""


@dataclass(frozen=True)
class Score:
    """One head, one pattern, one probe."""

    score: float | None
    sink_free: float | None
    chance: float | None
    low: float | None
    high: float | None
    n_queries: int
    n_sequences: int
    n_sunk: int
    null: float | None
    q: float | None
    rival: str | None
    rival_score: float | None
    half_a: float | None
    half_b: float | None


@dataclass(frozen=True)
class Label:
    """What a head is called, and what else could explain it; see the table `labels`."""

    name: str
    confidence: float | None
    strength: float | None
    explained: float | None
    explained_by: str | None


@dataclass(frozen=True)
class Kind:
    """Heads grouped by profile; `heads` ids, the most typical first."""

    name: str
    label: str | None
    share: float
    marks: tuple[tuple[str, str, float, float], ...]
    heads: tuple[int, ...]


@dataclass(frozen=True)
class Head:
    """A head; `place` is its position in the model's order (kind, layer, head)."""

    id: int
    place: int
    attention: str
    layer: int
    head: int

    @property
    def name(self) -> str:
        """L5H1."""
        return head_name(self.attention, self.layer, self.head)

    @property
    def layer_name(self) -> str:
        """L5."""
        return layer_name(self.attention, self.layer)


@dataclass(frozen=True)
class Layer:
    """An attention module and its part of the certificate."""

    attention: str
    layer: int
    hook: str
    n_heads: int
    causal: bool
    scored: bool
    max_difference: float | None
    row_sum_min: float | None
    row_sum_max: float | None
    above_diagonal: float | None
    heads: tuple[Head, ...]

    @property
    def name(self) -> str:
        """L5."""
        return layer_name(self.attention, self.layer)


@dataclass(frozen=True)
class Example:
    """A sequence whose attention is kept."""

    id: int
    probe: str
    sequence: int
    tokens: tuple[str, ...]
    special: tuple[bool, ...]
    source: tuple[str, ...] = ()
    image: bytes | None = None
    grid: tuple[int, int] | None = None

    def sides(self, attention: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Query and key tokens of a kind of attention; `source` is what the encoder of an encoder-decoder reads."""
        queries = self.source if self.source and attention == "encoder" else self.tokens
        return queries, self.source if self.source and attention == "cross" else queries


@dataclass
class ModelData:
    """Everything of one finished scan except the heatmaps."""

    scan: sqlite3.Row
    slug: str
    layers: list[Layer]
    patterns: list[Pattern]
    probes: list[Probe]
    examples: list[Example]
    certificate: sqlite3.Row | None
    warnings: list[str]
    labels: dict[int, list[Label]]
    grouped: list[Kind]
    places: dict[int, tuple[float, float]]
    evidence: ScanEvidence
    scores: dict[tuple[str, str], dict[int, Score]] = field(repr=False)

    @property
    def name(self) -> str:
        """The model's name."""
        return str(self.scan["model"])

    @cached_property
    def heads(self) -> list[Head]:
        """All heads of scored layers, in order."""
        return [head for layer in self.layers for head in layer.heads]

    @cached_property
    def kinds(self) -> list[str]:
        """Kinds of attention, in order."""
        return list(dict.fromkeys(layer.attention for layer in self.layers))

    def probes_of(self, pattern: Pattern) -> list[str]:
        """Probes a pattern was measured on; the one it is meant to be read on comes first."""
        measured = [probe.name for probe in self.probes if (pattern.name, probe.name) in self.scores]
        return sorted(measured, key=lambda name: name != pattern.probe)

    def ranking(self, pattern: str, probe: str) -> dict[int, int]:
        """Head id -> rank by score, 1 for the highest; equal scores share a rank."""
        key = (pattern, probe)
        if key not in self._rankings:
            known = [(one.score, head) for head, one in self.scores[key].items() if one.score is not None]
            ranks: dict[int, int] = {}
            previous, last = None, 0
            for place, (score, head) in enumerate(sorted(known, key=lambda pair: -pair[0]), start=1):
                ranks[head] = ranks[last] if score == previous else place
                previous, last = score, head
            self._rankings[key] = ranks
        return self._rankings[key]

    def largest(self, pattern: Pattern, probe: str) -> float:
        """Upper end of a pattern's scale: 1 for shares, else the largest score or interval seen."""
        key = (pattern.name, probe)
        if key not in self._largest:
            found = [value for one in self.scores[key].values() for value in (one.score, one.high, one.sink_free)]
            most = max([value for value in found if value is not None], default=1.0)
            self._largest[key] = 1.0 if pattern.is_target or most <= 1 else most
        return self._largest[key]

    @cached_property
    def _largest(self) -> dict[tuple[str, str], float]:
        return {}

    @cached_property
    def _rankings(self) -> dict[tuple[str, str], dict[int, int]]:
        return {}


def load_model(catalog: Catalog, scan: sqlite3.Row, slug: str) -> ModelData:
    """Reads one scan."""
    number = [scan["id"]]
    certificates = catalog.rows("select * from certificates where scan_id = ?", number)
    scores, pattern_ids = _scores(catalog, scan["id"])
    return ModelData(
        scan=scan,
        slug=slug,
        layers=_layers(catalog, scan["id"]),
        patterns=[pattern for pattern in all_patterns(catalog) if pattern.id in pattern_ids],
        probes=_probes(catalog, scan["id"]),
        examples=_examples(catalog, scan["id"]),
        certificate=certificates[0] if certificates else None,
        warnings=[row[0] for row in catalog.rows("select warning from warnings where scan_id = ? order by 1", number)],
        labels=_labels(catalog, scan["id"]),
        grouped=_kinds(catalog, scan["id"]),
        places=_places(catalog, scan["id"]),
        evidence=evidence_of(catalog, scan["model"]),
        scores=scores,
    )


def all_patterns(catalog: Catalog) -> list[Pattern]:
    """Every pattern, by family and then in the order it was first stored."""
    patterns = [
        Pattern(
            id=row["id"],
            name=row["name"],
            version=row["version"],
            kind=row["kind"] or "",
            family=row["family"] or "",
            probe=row["probe"] or "",
            summary=row["summary"] or "",
            description=row["description"] or "",
            example=row["example"] or "",
            formula=row["formula"] or "",
            unit=row["unit"] or "",
            source=row["source"] or "",
            rivals=tuple(json.loads(row["rivals"] or "[]")),
        )
        for row in catalog.rows("select * from patterns order by id")
    ]
    return sorted(patterns, key=lambda one: (*family_rank(one.family), one.id))


def all_probes(catalog: Catalog) -> list[Probe]:
    """Every version of every probe."""
    rows = catalog.rows("select name, version, summary, description from probes order by id")
    return [Probe(row["name"], row["version"], row["summary"] or "", row["description"] or "") for row in rows]


def column_descriptions(catalog: Catalog, table: str) -> dict[str, str]:
    """What the database itself says about a table's columns."""
    rows = catalog.rows("select column_name, description from descriptions where table_name = ?", [table])
    return {row["column_name"]: row["description"] for row in rows}


def heatmaps(catalog: Catalog, layer: Layer, examples: Sequence[Example]) -> dict[tuple[int, int], np.ndarray]:
    """Maps of one layer's heads: (example id, head id) -> [query, key] bytes."""
    sides = {example.id: example.sides(layer.attention) for example in examples}
    shapes = {number: (len(queries), len(keys)) for number, (queries, keys) in sides.items()}
    return {
        (row["example_id"], row["head_id"]): unpack(row["weights"], shapes[row["example_id"]])
        for head in layer.heads
        for row in catalog.rows("select example_id, head_id, weights from heatmaps where head_id = ?", [head.id])
    }


def _layers(catalog: Catalog, scan: int) -> list[Layer]:
    heads: dict[tuple[str, int], list[Head]] = defaultdict(list)
    order = {kind: place for place, kind in enumerate(("self", "encoder", "decoder", "cross", "vision"))}
    rows = catalog.rows("select * from layers where scan_id = ? order by layer", [scan])
    rows.sort(key=lambda row: (order.get(row["attention"], len(order)), row["layer"]))
    found = catalog.rows("select * from heads where scan_id = ? order by layer, head", [scan])
    found.sort(key=lambda row: (order.get(row["attention"], len(order)), row["layer"], row["head"]))
    for place, row in enumerate(found):
        heads[row["attention"], row["layer"]].append(
            Head(row["id"], place, row["attention"], row["layer"], row["head"])
        )
    return [
        Layer(
            row["attention"],
            row["layer"],
            row["hook"] or "",
            row["n_heads"] or 0,
            bool(row["causal"]),
            bool(row["scored"]),
            row["max_difference"],
            row["row_sum_min"],
            row["row_sum_max"],
            row["above_diagonal"],
            tuple(heads[row["attention"], row["layer"]]),
        )
        for row in rows
    ]


def _probes(catalog: Catalog, scan: int) -> list[Probe]:
    rows = catalog.rows(
        "select probes.*, n_sequences, n_tokens, note from scan_probes join probes on probes.id = probe_id"
        " where scan_id = ? order by probes.id",
        [scan],
    )
    return [
        Probe(
            row["name"],
            row["version"],
            row["summary"] or "",
            row["description"] or "",
            row["n_sequences"] or 0,
            row["n_tokens"] or 0,
            row["note"] or "",
        )
        for row in rows
    ]


def _scores(catalog: Catalog, scan: int) -> tuple[dict[tuple[str, str], dict[int, Score]], set[int]]:
    scores: dict[tuple[str, str], dict[int, Score]] = defaultdict(dict)
    patterns: set[int] = set()
    for row in catalog.rows(
        "select scores.*, patterns.name as pattern, probes.name as probe from scores"
        " join heads on heads.id = head_id join patterns on patterns.id = pattern_id"
        " join probes on probes.id = probe_id where scan_id = ?",
        [scan],
    ):
        patterns.add(row["pattern_id"])
        scores[row["pattern"], row["probe"]][row["head_id"]] = Score(
            row["score"],
            row["score_nosink"],
            row["chance"],
            row["ci_low"],
            row["ci_high"],
            row["n_queries"] or 0,
            row["n_sequences"] or 0,
            row["n_sunk"] or 0,
            row["null_score"],
            row["q_value"],
            row["rival"],
            row["rival_score"],
            row["half_a"],
            row["half_b"],
        )
    return dict(scores), patterns


def _labels(catalog: Catalog, scan: int) -> dict[int, list[Label]]:
    labels: dict[int, list[Label]] = defaultdict(list)
    for row in catalog.rows(
        "select labels.* from labels join heads on heads.id = head_id where scan_id = ? order by head_id, rank, label",
        [scan],
    ):
        labels[row["head_id"]].append(
            Label(row["label"], row["confidence"], row["strength"], row["explained"], row["explained_by"])
        )
    return dict(labels)


def _kinds(catalog: Catalog, scan: int) -> list[Kind]:
    members: dict[int, list[int]] = defaultdict(list)
    for row in catalog.rows(
        "select head_id, kind_id from head_map join kinds on kinds.id = kind_id where scan_id = ?"
        " order by typicality desc, head_id",
        [scan],
    ):
        members[row["kind_id"]].append(row["head_id"])
    return [
        Kind(
            row["name"],
            row["label"],
            row["share"] or 0.0,
            tuple(tuple(mark) for mark in json.loads(row["marks"] or "[]")),
            tuple(members[row["id"]]),
        )
        for row in catalog.rows("select * from kinds where scan_id = ? order by id", [scan])
    ]


def _places(catalog: Catalog, scan: int) -> dict[int, tuple[float, float]]:
    rows = catalog.rows("select head_map.* from head_map join heads on heads.id = head_id where scan_id = ?", [scan])
    return {row["head_id"]: (row["x"], row["y"]) for row in rows}


def _examples(catalog: Catalog, scan: int) -> list[Example]:
    rows = catalog.rows(
        "select examples.*, probes.name as probe from examples join probes on probes.id = probe_id"
        " where scan_id = ? order by probes.id, sequence",
        [scan],
    )
    return list(_each_example(rows))


def _each_example(rows: Sequence[sqlite3.Row]) -> Iterator[Example]:
    for row in rows:
        tokens = tuple(str(token) for token in json.loads(row["tokens"]))
        special = tuple(bool(one) for one in json.loads(row["special"] or "[]"))
        source = tuple(str(token) for token in json.loads(row["key_tokens"] or "[]"))
        grid = None if row["grid_rows"] is None else (row["grid_rows"], row["grid_columns"])
        yield Example(
            row["id"], row["probe"], row["sequence"], tokens, special or (False,) * len(tokens), source,
            row["image"], grid,
        )  # fmt: skip
