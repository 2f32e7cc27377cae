"""A scan as plain files that diff well, and back: `catalog/<model>/`.

    scan.json         the scan, its certificate, layers, probes, examples, warnings
    definitions.json  the patterns and probes that its scores refer to
    scores.csv        one row a head, pattern and probe; labels.csv and other tables of heads likewise
    heatmaps.csv      attention on the examples, as the database keeps it (compressed, in base64)
    README.md         the card: made from the other files, for people

Numbers are rounded: scores to four decimals, which is far below their intervals, p-values to three digits, others to
six. Rounding what is rounded changes nothing, so that export, import, export gives the same bytes. Heatmaps are not
unpacked: a picture's numbers say nothing in a diff, and the compressed bytes, carried unchanged, are a tenth of the
size and the same everywhere.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import csv
import io
import json
import re
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace as replaced
from pathlib import Path
from typing import TYPE_CHECKING, Any

from headatlas.errors import HeadatlasError, OutputError
from headatlas.heads import layer_name, parse_head
from headatlas.share.record import ScanRecord, definition_keys, layout_of, read_record, write_record

if TYPE_CHECKING:
    from headatlas.catalog.catalog import Catalog
    from headatlas.share.record import Layout, Row, Table
    from headatlas.store.scans import Store

FORMAT = 1
SCAN, DEFINITIONS, CARD = "scan.json", "definitions.json", "README.md"
# Tables whose numbers are shares of attention, and such numbers.
_SHARES = ("scores", "overlaps")
# Lists of numbers inside a text column, rounded like scores.
_LISTS = {("distances", "attention")}
_ESCAPES = {"\\": "\\\\", "\n": "\\n", "\r": "\\r", "\0": "\\0"}
_UNESCAPED = {"\\\\": "\\", "\\n": "\n", "\\r": "\r", "\\0": "\0", "\\e": ""}


def export(
    catalog: Catalog,
    out: Path,
    models: Sequence[str] = (),
    *,
    own_probes: bool = False,
    heatmaps: bool = True,
) -> Iterator[Path]:
    """Writes scans into folders of `out`, one a model, and yields each folder when it is written.

    `own_probes` leaves out scores of patterns on probes they were not made for, which are most of the bytes.

    Raises:
        UnknownNameError: a model that the database does not hold.
        OutputError: a folder cannot be written, or holds something else.
    """
    from headatlas.share.card import card

    for model in models:
        catalog.scan(model)  # before anything is written
    for model in models or [row["model"] for row in catalog.scans()]:
        record = read_record(catalog, model)
        if own_probes:
            record = only_own_probes(record)
        if not heatmaps:
            record.tables["heatmaps"] = []
        layout = layout_of(catalog.connection)
        files = to_files(record, layout)
        files[CARD] = card(from_files(files, layout)).encode()
        yield _write_folder(out, model, files)


def import_folder(store: Store, folder: Path, *, replace: bool = False) -> tuple[str, bool]:
    """Reads a folder written by `export` into a database: the model's name, and False when it was there already.

    Raises:
        HeadatlasError: it is no such folder, is damaged, or another scan of this name is in the database.
    """
    record = from_files(_read_folder(folder), layout_of(store.db), folder)
    return record.model, write_record(store, record, replace=replace)


def folders(paths: Sequence[Path]) -> list[Path]:
    """Folders of scans: those given, or all within a given catalogue folder.

    Raises:
        HeadatlasError: a path with no scan in it.
    """
    found: list[Path] = []
    for path in paths:
        inside = [path] if (path / SCAN).is_file() else sorted(one.parent for one in path.glob(f"*/{SCAN}"))
        if not inside:
            raise HeadatlasError(f"{path} holds no exported scan ({SCAN}). Write some with `headatlas export`.")
        found += inside
    return found


@contextlib.contextmanager
def temporary_database(paths: Sequence[Path]) -> Iterator[Path]:
    """A database of exported scans that is gone afterwards.

    Raises:
        HeadatlasError: a path holds no exported scan, or a damaged one.
    """
    from headatlas.store.scans import Store

    found = folders(paths)
    with tempfile.TemporaryDirectory(prefix="headatlas-") as place:
        path = Path(place) / "catalog.db"
        with Store(path) as store:
            for folder in found:
                import_folder(store, folder)
        yield path


def only_own_probes(record: ScanRecord) -> ScanRecord:
    """The record without scores of patterns on other probes than their own; a pattern without any keeps all."""
    made_for = {
        key: row["probe"]
        for key, row in zip(
            definition_keys(record.definitions["patterns"]), record.definitions["patterns"], strict=True
        )
    }
    probes = {
        key: row["name"]
        for key, row in zip(definition_keys(record.definitions["probes"]), record.definitions["probes"], strict=True)
    }
    scores = record.tables["scores"]
    have = {row["pattern"] for row in scores if made_for[row["pattern"]] == probes[row["probe"]]}
    kept = [row for row in scores if row["pattern"] not in have or made_for[row["pattern"]] == probes[row["probe"]]]
    return replaced(record, tables={**record.tables, "scores": kept})


def to_files(record: ScanRecord, layout: Layout) -> dict[str, bytes]:
    """A record as files, without the card."""
    # What is empty is left out, so that a table added to the schema changes no file.
    tables = {name: rows for name, rows in record.tables.items() if rows}
    small = {name: rows for name, rows in tables.items() if not layout.tables[name].listed}
    scan = {"format": FORMAT, "scan": record.scan, "heads": _heads_by_layer(record.heads), **small}
    definitions = {name: rows for name, rows in record.definitions.items() if rows}
    files = {SCAN: _json(scan), DEFINITIONS: _json(definitions)}
    for table, rows in tables.items():
        if table not in small:
            files[f"{table}.csv"] = _csv(table, rows)
    return files


def from_files(files: Mapping[str, bytes], layout: Layout, folder: Path | None = None) -> ScanRecord:
    """A record from files; `layout` says which type a column has.

    Raises:
        HeadatlasError: a file is damaged or was written by a newer version.
    """
    where = folder or Path()
    try:
        scan = json.loads(files[SCAN])
        definitions = json.loads(files[DEFINITIONS])
        if scan["format"] > FORMAT:
            raise HeadatlasError(f"{where} was exported by a newer headatlas. Upgrade headatlas to read it.")
        heads = [
            f"{layer}H{head}"
            for layer, count in scan["heads"].items()
            for head in (range(count) if isinstance(count, int) else count)
        ]
        for head in heads:
            parse_head(head)
        tables = {name: rows for name, rows in scan.items() if name not in ("format", "scan", "heads")}
        _read_bytes(tables, layout)
        record = ScanRecord(scan["scan"], heads, {name: definitions[name] for name in definitions}, tables)
        if not isinstance(record.scan["model"], str):
            raise TypeError("no model")
        for rows in (*definitions.values(), *tables.values()):
            if not all(isinstance(row, dict) for row in rows):
                raise TypeError
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise HeadatlasError(
            f"{where / SCAN} or {where / DEFINITIONS} is damaged, or not of headatlas "
            f"({type(error).__name__}: {error})."
        ) from error
    for name, content in files.items():
        table = name.removesuffix(".csv")
        if name.endswith(".csv"):
            if table not in layout.tables:
                raise HeadatlasError(f"{where / name} was exported by a newer headatlas. Upgrade headatlas to read it.")
            record.tables[table] = list(_rows(where / name, content, layout.tables[table]))
    for table in layout.tables:
        record.tables.setdefault(table, [])
    for table in layout.definitions:
        record.definitions.setdefault(table, [])
    return record


def _json(value: Any) -> bytes:
    text = json.dumps(value, indent=1, ensure_ascii=False, allow_nan=False, default=_base64)
    return (text + "\n").encode()


def _base64(value: bytes) -> str:
    return base64.b64encode(value).decode()


def _read_bytes(tables: Mapping[str, list[Row]], layout: Layout) -> None:
    """Turns what JSON has as base64 into bytes again."""
    for name in tables.keys() & layout.tables.keys():
        for column, kind in layout.tables[name].types.items():
            for row in tables[name] if kind == "BLOB" else ():
                if row.get(column) is not None:
                    row[column] = base64.b64decode(row[column], validate=True)


def _heads_by_layer(heads: Sequence[str]) -> dict[str, int | list[int]]:
    """`["L0H0", "L0H1"]` is `{"L0": 2}`; other numbers than 0, 1, 2 ... are listed."""
    layers: dict[str, list[int]] = {}
    for name in heads:
        attention, layer, head = parse_head(name)
        layers.setdefault(layer_name(attention, layer), []).append(head)
    return {name: len(some) if some == list(range(len(some))) else some for name, some in layers.items()}


def _csv(table: str, rows: Sequence[Row]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(rows[0])
    for row in rows:
        writer.writerow([_written(table, column, value) for column, value in row.items()])
    return text.getvalue().encode()


def _written(table: str, column: str, value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bytes):
        return _base64(value)
    if isinstance(value, float):
        if table in _SHARES and column not in ("p_value", "q_value"):
            return f"{round(value, 4) + 0:.4f}".rstrip("0").rstrip(".")
        return f"{value:.3g}" if table == "scores" else f"{value:.6g}"
    if (table, column) in _LISTS:
        with contextlib.suppress(ValueError, TypeError):
            value = json.dumps([round(one, 4) for one in json.loads(value)], separators=(",", ":"))
    text = str(value)
    return "".join(_ESCAPES.get(letter, letter) for letter in text) or ("\\e" if isinstance(value, str) else "")


def _rows(path: Path, content: bytes, table: Table) -> Iterator[Row]:
    """Rows of a CSV file in the types of the database's columns."""
    keys, types = set(table.short.values()), table.types
    try:
        reader = csv.DictReader(io.StringIO(content.decode(), newline=""), strict=True)
        for row in reader:
            if None in row or None in row.values():
                raise ValueError("a row of another length")
            yield {
                column: _unescaped(text) if column in keys else _read(text, types.get(column, ""))
                for column, text in row.items()
            }
    except (ValueError, csv.Error, binascii.Error) as error:
        line = f", line {reader.line_num}" if "reader" in locals() else ""
        raise HeadatlasError(f"{path}{line} cannot be read: {error}.") from error


def _read(text: str, kind: str) -> Any:
    if text == "":
        return None
    if kind == "INTEGER":
        return int(text)
    if kind in ("FLOAT", "REAL"):
        return float(text)
    if kind == "BLOB":
        return base64.b64decode(text, validate=True)
    return _unescaped(text)


def _unescaped(text: str) -> str | None:
    return re.sub(r"\\.", lambda found: _UNESCAPED.get(found[0], found[0]), text) if text else None


def _write_folder(out: Path, model: str, files: Mapping[str, bytes]) -> Path:
    folder = _folder_for(out, model)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        others = [one.name for one in folder.iterdir()]
        if others and not (folder / SCAN).is_file():
            raise OutputError(f"{folder} holds other files. Give another place with --out.")
        for name, content in files.items():
            part = folder / f"{name}.part"
            part.write_bytes(content)
            part.replace(folder / name)
        for name in others:  # tables that this scan does not have
            if name.endswith((".csv", ".part")) and name not in files:
                (folder / name).unlink(missing_ok=True)
    except OSError as error:
        raise OutputError(f"{folder} cannot be written: {error.strerror}. Give another place with --out.") from error
    return folder


def _folder_for(out: Path, model: str) -> Path:
    """The folder of a model: its name without what file systems mind; with a number when another model has it."""
    slug = re.sub(r"[^a-z0-9._]+", "-", model.lower())[:80].strip("-._") or "model"
    number, folder = 2, out / slug
    while folder.exists() and _model_in(folder) not in (None, model):
        folder = out / f"{slug}-{number}"
        number += 1
    return folder


def _model_in(folder: Path) -> str | None:
    try:
        return str(json.loads((folder / SCAN).read_bytes())["scan"]["model"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _read_folder(folder: Path) -> dict[str, bytes]:
    try:
        names = [SCAN, DEFINITIONS, *sorted(one.name for one in folder.glob("*.csv"))]
        return {name: (folder / name).read_bytes() for name in names}
    except OSError as error:
        raise HeadatlasError(f"{folder} is not an exported scan: {error.filename} {error.strerror}.") from error
