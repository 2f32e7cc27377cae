"""Lines to read of a layer's heads, as the scan kept them; see the tables `head_lines` and `line_texts`."""

from __future__ import annotations

import json
from collections import defaultdict
from typing import NamedTuple

from headatlas.atlas.data.model_data import Layer
from headatlas.catalog.reader import Reader
from headatlas.store.limits import MAX_LIST


class StoredLine(NamedTuple):
    """A token that looks, in its text; `band` 0 is of those with most off the sink, 1 to 4 of a quarter of all."""

    probe: str
    band: int
    sequence: int
    query: int
    off_sink: float
    keys: tuple[int, ...]
    weights: tuple[float, ...]
    tokens: tuple[str, ...]


def lines_of(reader: Reader, layer: Layer) -> dict[int, list[StoredLine]]:
    """Head id -> its lines, by probe, band and rank; no head where the scan kept none."""
    rows = _rows(reader, layer)
    texts: dict[tuple[str, int], tuple[str, ...]] = {}
    lines: dict[int, list[StoredLine]] = defaultdict(list)
    for head, probe, band, _, sequence, query, off_sink, keys, weights in rows:
        if (probe, sequence) not in texts:
            texts[probe, sequence] = _tokens(reader, layer, probe, sequence)
        positions, tokens = tuple(json.loads(keys)), texts[probe, sequence]
        if query < len(tokens) and (not positions or max(positions) < len(tokens)):
            lines[head].append(
                StoredLine(probe, band, sequence, query, off_sink, positions, tuple(json.loads(weights)), tokens)
            )
    return dict(lines)


def lines_digest(reader: Reader, layer: Layer) -> str:
    """All that is stored of them, but for the texts, which are those of the scan."""
    return repr([tuple(row)[1:] for row in _rows(reader, layer)])


def _rows(reader: Reader, layer: Layer) -> list[tuple[int, str, int, int, int, int, float, str, str]]:
    if not layer.heads or not reader.rows("select 1 from sqlite_master where name = 'head_lines'"):
        return []
    marks = ", ".join("?" * len(layer.heads))
    return [
        tuple(row)
        for row in reader.rows(
            "select head_id, probes.name, band, rank, sequence, query, off_sink,"
            f" substr(keys, 1, {MAX_LIST + 1}), substr(weights, 1, {MAX_LIST + 1}) from head_lines"
            f" join probes on probes.id = probe_id where head_id in ({marks}) order by head_id, probe_id, band, rank",
            [head.id for head in layer.heads],
        )
    ]


def _tokens(reader: Reader, layer: Layer, probe: str, sequence: int) -> tuple[str, ...]:
    rows = reader.rows(
        "select tokens from line_texts join probes on probes.id = probe_id where probes.name = ? and attention = ?"
        " and sequence = ? and scan_id = (select scan_id from heads where id = ?)",
        [probe, layer.attention, sequence, layer.heads[0].id],
    )
    return tuple(json.loads(rows[0][0])) if rows else ()
