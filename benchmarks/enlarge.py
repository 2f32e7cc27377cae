"""A made-up database of any size, in seconds: `python -m benchmarks.enlarge DATABASE OUT --heads 5120 --models 1`.

The heads of a real scan are repeated until there are enough, layer by layer, with everything that belongs to them;
scores are shifted a little from copy to copy, so that no two heads are alike. What pages of such a database say of its
heads is worth nothing; how large they are, and what it costs to write them, is that of real ones.
"""

from __future__ import annotations

import argparse
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

from sqlite_utils import Database

from headatlas.store import profiles
from headatlas.store.schema import migrations

# Tables of a scan that are copied as they are, and tables of its heads.
_OF_SCANS = ("warnings", "certificates", "scan_probes", "line_texts")
_OF_HEADS = (
    "labels", "distances", "evidence", "off_sink", "awakenings", "budgets", "sentences", "sinks", "head_map", "scores",
    "head_lines",
)  # fmt: skip
_OF_PAIRS = ("compositions", "edges", "paths")  # of a head and an earlier one
# How far scores are shifted: by up to this share of themselves.
_SHIFT = 0.1


def enlarge(source: Path, out: Path, *, model: str, heads: int, models: int = 1, of_layer: int = 32) -> Path:
    """Writes a database with made-up scans `made-up-1`, ... of so many heads each.

    Args:
        source: a database with a finished scan of `model`.
        out: where; what is there is replaced.
        model: the scan whose heads are repeated.
        heads: heads of each scan, a multiple of `of_layer`.
        models: scans.
        of_layer: heads in a layer.

    Raises:
        ValueError: `heads` is no multiple of `of_layer`, or `source` has no such scan.
    """
    if heads % of_layer:
        raise ValueError(f"{heads} heads are no whole number of layers of {of_layer}.")
    shutil.copyfile(source, out)
    with closing(sqlite3.connect(out)) as db:
        db.executescript("pragma journal_mode = off; pragma synchronous = off; pragma foreign_keys = off;")
        migrations.apply(Database(db))  # a file made before has not all of the tables
        own = db.execute("select id from scans where model = ? and status = 'done'", [model]).fetchone()
        if own is None:
            raise ValueError(f"{source} holds no finished scan of {model}.")
        with db:
            for number in range(1, models + 1):
                _add(db, own[0], f"made-up-{number}", heads, of_layer)
            for (scan,) in db.execute("select id from scans where model not like 'made-up-%'").fetchall():
                _remove(db, scan)
        with db:
            for (scan,) in db.execute("select id from scans").fetchall():
                profiles.write(db, scan)
        db.execute("vacuum")
    return out


def _columns(db: sqlite3.Connection, table: str, *left_out: str) -> list[str]:
    return [row[1] for row in db.execute(f"pragma table_info({table})") if row[1] not in left_out]


def _copy(db: sqlite3.Connection, table: str, new: dict[str, str], source: str, *, left_out: str = "id") -> None:
    """Rows of a table once more, some columns given by SQL; `source` is what follows "from"."""
    columns = _columns(db, table, left_out)
    values = ", ".join(new.get(column, f"{table}.{column}") for column in columns)
    db.execute(f"insert into {table} ({', '.join(columns)}) select {values} from {source}")


def _add(db: sqlite3.Connection, own: int, name: str, heads: int, of_layer: int) -> None:
    _copy(
        db, "scans",
        {"model": f"'{name}'", "n_layers": str(heads // of_layer), "n_heads": str(of_layer)},
        f"scans where id = {own}",
    )  # fmt: skip
    scan = db.execute("select max(id) from scans").fetchone()[0]
    for table in _OF_SCANS:
        _copy(db, table, {"scan_id": str(scan)}, f"{table} where scan_id = {own}")
    first = db.execute("select * from layers where scan_id = ? limit 1", [own]).fetchone()
    columns = _columns(db, "layers")
    for layer in range(heads // of_layer):
        row = dict(zip(columns, first, strict=True)) | {"scan_id": scan, "layer": layer, "n_heads": of_layer}
        db.execute(f"insert into layers values ({', '.join('?' * len(row))})", list(row.values()))
    olds = [head for (head,) in db.execute("select id from heads where scan_id = ? order by id", [own])]
    attention = first[columns.index("attention")]
    db.execute("create temp table copies (old integer, head_id integer primary key, number integer)")
    for number in range(heads):
        new = db.execute(
            "insert into heads (scan_id, attention, layer, head) values (?, ?, ?, ?)",
            [scan, attention, number // of_layer, number % of_layer],
        ).lastrowid
        db.execute("insert into copies values (?, ?, ?)", [olds[number % len(olds)], new, number])
    db.execute("create index temp.by_old on copies (old)")
    shift = f"(1 - {_SHIFT} * ((copies.number * 7919) % 1000) / 1000.0)"
    shifted = {column: f"scores.{column} * {shift}" for column in ("score", "score_nosink", "ci_low", "ci_high")}
    for table in _OF_HEADS:
        new_values = {"head_id": "copies.head_id"} | (shifted if table == "scores" else {})
        if table == "head_map":
            new_values["kind_id"] = "null"
        _copy(db, table, new_values, f"copies join {table} on {table}.head_id = copies.old order by copies.head_id")
    for table in _OF_PAIRS:
        _copy(
            db, table, {"head_id": "copies.head_id", "earlier_id": "earlier.head_id"},
            f"copies join {table} on {table}.head_id = copies.old"
            f" join copies as earlier on earlier.old = {table}.earlier_id and earlier.number / {len(olds)}"
            f" = copies.number / {len(olds)}",
        )  # fmt: skip
    _copy(db, "evidence_runs", {"scan_id": str(scan)}, f"evidence_runs where scan_id = {own}")
    for (example,) in db.execute("select id from examples where scan_id = ?", [own]).fetchall():
        _copy(db, "examples", {"scan_id": str(scan)}, f"examples where id = {example}")
        db.execute(
            "insert into heatmaps (example_id, head_id, weights) select (select max(id) from examples), copies.head_id,"
            " weights from copies join heatmaps on heatmaps.head_id = copies.old where example_id = ?",
            [example],
        )
    db.execute("drop table copies")


def _remove(db: sqlite3.Connection, scan: int) -> None:
    of_scan = f"(select id from heads where scan_id = {scan})"
    for table in (*_OF_HEADS, *_OF_PAIRS, "heatmaps"):
        db.execute(f"delete from {table} where head_id in {of_scan}")
    for table in (*_OF_SCANS, "examples", "evidence_runs", "kinds", "overlaps", "profiles", "layers", "heads"):
        db.execute(f"delete from {table} where scan_id = {scan}")
    db.execute(f"delete from scans where id = {scan}")


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("database", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--model", default="smollm2-135m", help="the scan whose heads are repeated")
    parser.add_argument("--heads", type=int, default=5120)
    parser.add_argument("--models", type=int, default=1)
    given = parser.parse_args()
    enlarge(given.database, given.out, model=given.model, heads=given.heads, models=given.models)


if __name__ == "__main__":
    main()
