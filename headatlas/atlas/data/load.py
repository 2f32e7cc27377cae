"""What the pages need from the database: SQL in, plain values out."""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence

import numpy as np

from headatlas.atlas.data.budgets import BudgetsByHead
from headatlas.atlas.data.edges import read_edges
from headatlas.atlas.data.model_data import (
    DistancesByHead,
    Example,
    Head,
    Kind,
    Label,
    Layer,
    ModelData,
    Pattern,
    Probe,
)
from headatlas.atlas.data.scores import BRIEF, DETAILS, Batch, Pair, PatternScores, read_scores
from headatlas.atlas.draw.colours import family_rank
from headatlas.atlas.draw.images import unpack
from headatlas.catalog.reader import Reader
from headatlas.errors import WrongValueError
from headatlas.evidence.load import evidence_of
from headatlas.heads import ATTENTION_KINDS
from headatlas.store.limits import MAX_LIST

# Of the maps of all heads of a layer, which are held together: three pictures of 4,096 patches for 20 heads.
_MAX_CELLS_OF_LAYER = 2**30


def load_model(reader: Reader, scan: sqlite3.Row, slug: str) -> ModelData:
    """Reads one scan."""
    number = [scan["id"]]
    certificates = reader.rows("select * from certificates where scan_id = ?", number)
    layers = _layers(reader, scan["id"])
    examples = _examples(reader, scan["id"])
    scores, pattern_ids = _scores(reader, scan["id"], [head.id for layer in layers for head in layer.heads])
    return ModelData(
        scan=scan,
        slug=slug,
        layers=layers,
        patterns=[pattern for pattern in all_patterns(reader) if pattern.id in pattern_ids],
        probes=_probes(reader, scan["id"]),
        examples=[example for example in examples if example.step is None],
        paintings=[example for example in examples if example.step is not None],
        certificate=certificates[0] if certificates else None,
        warnings=[row[0] for row in reader.rows("select warning from warnings where scan_id = ? order by 1", number)],
        labels=_labels(reader, scan["id"]),
        sentences=_sentences(reader, scan["id"]),
        budgets=_budgets(reader, scan["id"]),
        grouped=_kinds(reader, scan["id"]),
        positions=_positions(reader, scan["id"]),
        distances=_distances(reader, scan["id"]),
        evidence=evidence_of(reader, scan["model"]),
        edges=read_edges(reader, scan["id"]),
        scores=scores,
    )


def all_patterns(reader: Reader) -> list[Pattern]:
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
        for row in reader.rows("select * from patterns where kind <> 'rival' order by id")
    ]
    return sorted(patterns, key=lambda pattern: (*family_rank(pattern.family), pattern.id))


def all_probes(reader: Reader) -> list[Probe]:
    """Every version of every probe."""
    rows = reader.rows("select name, version, summary, description from probes order by id")
    return [Probe(row["name"], row["version"], row["summary"] or "", row["description"] or "") for row in rows]


def column_descriptions(reader: Reader, table: str) -> dict[str, str]:
    """What the database itself says about a table's columns."""
    rows = reader.rows("select column_name, description from descriptions where table_name = ?", [table])
    return {row["column_name"]: row["description"] for row in rows}


def heatmaps(reader: Reader, layer: Layer, examples: Sequence[Example]) -> dict[tuple[int, int], np.ndarray]:
    """Maps of one layer's heads: (example id, head id) -> [query, key] bytes."""
    sides = {example.id: example.sides(layer.attention) for example in examples}
    shapes = {number: (len(queries), len(keys)) for number, (queries, keys) in sides.items()}
    maps: dict[tuple[int, int], np.ndarray] = {}
    n_cells = 0
    for head in layer.heads:
        for row in reader.rows("select example_id, head_id, weights from heatmaps where head_id = ?", [head.id]):
            if row["example_id"] not in shapes:
                continue
            maps[row["example_id"], row["head_id"]] = unpack(row["weights"], shapes[row["example_id"]])
            n_cells += maps[row["example_id"], row["head_id"]].size
            if n_cells > _MAX_CELLS_OF_LAYER:
                raise WrongValueError(
                    f"The maps of the layer {layer.name} in {reader.path} have more than {_MAX_CELLS_OF_LAYER:,} "
                    "weights together, which no scan keeps."
                )
    return maps


def prompt_maps(reader: Reader, example: Example, heads: Sequence[Head]) -> np.ndarray:
    """Attention of heads to the prompt of a picture: [head, place, token] bytes, zeros where none was kept."""
    shape = (len(example.tokens), len(example.source))
    maps = np.zeros((len(heads), *shape), dtype=np.uint8)
    positions = {head.id: position for position, head in enumerate(heads)}
    for row in reader.each("select head_id, weights from heatmaps where example_id = ?", [example.id]):
        if row["head_id"] in positions:
            maps[positions[row["head_id"]]] = unpack(row["weights"], shape)
    return maps


def _layers(reader: Reader, scan: int) -> list[Layer]:
    heads: dict[tuple[str, int], list[Head]] = defaultdict(list)
    kinds = list(ATTENTION_KINDS)
    layer_rows = reader.rows("select * from layers where scan_id = ?", [scan])
    layer_rows.sort(key=lambda row: (kinds.index(row["attention"]), row["layer"]))
    head_rows = reader.rows("select * from heads where scan_id = ?", [scan])
    head_rows.sort(key=lambda row: (kinds.index(row["attention"]), row["layer"], row["head"]))
    for position, row in enumerate(head_rows):
        heads[row["attention"], row["layer"]].append(
            Head(row["id"], position, row["attention"], row["layer"], row["head"])
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
        for row in layer_rows
    ]


def _probes(reader: Reader, scan: int) -> list[Probe]:
    rows = reader.rows(
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


def _scores(reader: Reader, scan: int, heads: Sequence[int]) -> tuple[dict[tuple[str, str], PatternScores], set[int]]:
    """Scores by pattern and probe, and the ids of the patterns."""
    patterns = {row["id"]: row for row in reader.rows("select id, name, kind, probe from patterns")}
    probes = {row["id"]: row["name"] for row in reader.rows("select id, name from probes")}
    of_scan = reader.rows_of_scan("scores", scan)

    def details(pairs: Collection[Pair]) -> Iterator[Batch]:
        """Pages show all of a pattern on the probe it is read on, of a statistic, and of what a label rests on."""
        of_labels = {
            tuple(row)
            for row in reader.rows(
                "select distinct patterns.id, probes.id from heads join labels on heads.id = labels.head_id"
                " join patterns on patterns.name = label join probes on probes.name = labels.probe where scan_id = ?",
                [scan],
            )
        }
        own = {pattern for pattern, probe in pairs if patterns[pattern]["probe"] == probes[probe]}
        whole = [
            (pattern, probe)
            for pattern, probe in pairs
            if patterns[pattern]["probe"] == probes[probe]
            or pattern not in own
            or patterns[pattern]["kind"] != "target"
            or (pattern, probe) in of_labels
        ]
        return reader.batches(
            f"select {', '.join(DETAILS)} {of_scan} and (pattern_id, probe_id) in"
            " (select json_extract(value, '$[0]'), json_extract(value, '$[1]') from json_each(?))",
            [json.dumps(whole)],
        )

    brief = reader.batches(f"select {', '.join(BRIEF)} {of_scan}")
    return read_scores(brief, details, heads, {id_: row["name"] for id_, row in patterns.items()}, probes)


def _labels(reader: Reader, scan: int) -> dict[int, list[Label]]:
    labels: dict[int, list[Label]] = defaultdict(list)
    for row in reader.rows(
        """select labels.*, off.ci_low, off.ci_high, off.half_a, off.half_b, off.chance, off.contrast
           from labels join heads on heads.id = labels.head_id
           left join probes on probes.name = labels.probe and probes.id in
               (select probe_id from scan_probes where scan_probes.scan_id = heads.scan_id)
           left join off_sink as off on off.head_id = labels.head_id and off.probe_id = probes.id and off.pattern_id in
               (select id from patterns where patterns.name = labels.label)
           where heads.scan_id = ? order by labels.head_id, rank, label""",
        [scan],
    ):
        labels[row["head_id"]].append(
            Label(
                name=row["label"],
                confidence=row["confidence"],
                strength=row["strength"],
                explained=row["explained"],
                explained_by=row["explained_by"],
                basis=row["basis"],
                awake=row["awake"],
                score=row["score"],
                low=row["ci_low"],
                high=row["ci_high"],
                half_a=row["half_a"],
                half_b=row["half_b"],
                chance=row["chance"],
                control=row["control"],
                contrast=row["contrast"],
                probe=row["probe"],
            )
        )
    return dict(labels)


def _sentences(reader: Reader, scan: int) -> dict[int, str]:
    rows = reader.rows("select sentences.* from sentences join heads on heads.id = head_id where scan_id = ?", [scan])
    return {row["head_id"]: row["sentence"] for row in rows}


def _budgets(reader: Reader, scan: int) -> BudgetsByHead:
    return BudgetsByHead(
        reader.each(
            """select head_id, probes.name, part, share from budgets join heads on heads.id = head_id
               join probes on probes.id = probe_id where scan_id = ? order by budgets.rowid""",
            [scan],
        )
    )


def _kinds(reader: Reader, scan: int) -> list[Kind]:
    members: dict[int, list[int]] = defaultdict(list)
    for row in reader.rows(
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
        for row in reader.rows("select * from kinds where scan_id = ? order by id", [scan])
    ]


def _positions(reader: Reader, scan: int) -> dict[int, tuple[float, float]]:
    rows = reader.rows("select head_map.* from head_map join heads on heads.id = head_id where scan_id = ?", [scan])
    return {row["head_id"]: (row["x"], row["y"]) for row in rows}


def _distances(reader: Reader, scan: int) -> DistancesByHead:
    rows: dict[int, list[tuple[str, int, str]]] = defaultdict(list)
    for row in reader.each(
        f"select head_id, probes.name as probe, first, substr(distances.attention, 1, {MAX_LIST + 1}) as attention"
        " from distances"
        " join heads on heads.id = head_id join probes on probes.id = probe_id where scan_id = ? order by probes.id",
        [scan],
    ):
        rows[row["head_id"]].append((row["probe"], row["first"], row["attention"]))
    return DistancesByHead(dict(rows))


def _examples(reader: Reader, scan: int) -> list[Example]:
    rows = reader.rows(
        "select examples.*, probes.name as probe from examples join probes on probes.id = probe_id"
        " where scan_id = ? order by probes.id, sequence",
        [scan],
    )
    return list(_each_example(rows))


def _each_example(rows: Sequence[sqlite3.Row]) -> Iterator[Example]:
    # Files made before models that draw were scanned, and not opened for writing since, do not have the columns.
    drawn = bool(rows) and "step" in rows[0].keys()  # noqa: SIM118 - a row is no mapping
    for row in rows:
        tokens = tuple(str(token) for token in json.loads(row["tokens"]))
        special = tuple(bool(mark) for mark in json.loads(row["special"] or "[]"))
        source = tuple(str(token) for token in json.loads(row["key_tokens"] or "[]"))
        grid = None if row["grid_rows"] is None else (row["grid_rows"], row["grid_columns"])
        yield Example(
            row["id"], row["probe"], row["sequence"], tokens, special or (False,) * len(tokens), source,
            row["image"], grid, (), *(row[name] if drawn else None for name in ("prompt", "noise", "step")),
        )  # fmt: skip
