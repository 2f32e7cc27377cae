"""A scan as the bytes of plain files that diff well, and back.

Numbers are rounded: scores to four decimals, which is far below their intervals, p-values to three digits, others to
six. Rounding what is rounded changes nothing, so that export, import, export gives the same bytes. Heatmaps are not
unpacked: a picture's numbers say nothing in a diff, and the compressed bytes, carried unchanged, are a tenth of the
size and the same everywhere.
"""

from __future__ import annotations

import base64
import contextlib
import csv
import io
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, StrictInt, TypeAdapter, ValidationError
from typing_extensions import TypedDict

from headatlas.errors import HeadatlasError, brief, one_line
from headatlas.files.given import read_values
from headatlas.heads import layer_name, parse_head
from headatlas.share.check import check_heads
from headatlas.share.layout import Layout, Table
from headatlas.share.record import Row, ScanRecord
from headatlas.store import limits
from headatlas.store.rules import refusal, shown

FORMAT = 1
SCAN, DEFINITIONS = "scan.json", "definitions.json"
# Characters of a field in CSV: of the largest map in base64, which a database may have.
_MOST_FIELD = 48_000_000
# Tables whose numbers are shares of attention, and such numbers.
_SHARES = ("scores", "overlaps")
# Lists of numbers inside a text column, rounded like scores.
_LISTS = {("distances", "attention")}
_ESCAPES = str.maketrans({"\\": "\\\\", "\n": "\\n", "\r": "\\r", "\0": "\\0"})
_ROWS = list[dict[str, Any]]


class _ScanFile(TypedDict, extra_items=_ROWS):  # type: ignore[call-arg]
    """The shape of scan.json: besides these, rows by the name of their table."""

    format: Annotated[StrictInt, Field(ge=1)]
    scan: dict[str, Any]
    heads: dict[str, StrictInt | list[StrictInt]]


_SCAN_FILE: TypeAdapter[Any] = TypeAdapter(_ScanFile)
_DEFINITIONS_FILE: TypeAdapter[Any] = TypeAdapter(dict[str, _ROWS])
_UNESCAPED = {"\\\\": "\\", "\\n": "\n", "\\r": "\r", "\\0": "\0", "\\e": ""}


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

    Values are not checked; `headatlas.share.check` does that.
    """
    where = folder or Path()
    scan = _object(where / SCAN, files[SCAN], _SCAN_FILE)
    if scan["format"] > FORMAT:
        raise HeadatlasError(f"{where / SCAN} was exported by a newer headatlas. Upgrade headatlas to read it.")
    definitions = _object(where / DEFINITIONS, files[DEFINITIONS], _DEFINITIONS_FILE)
    heads = check_heads(scan["heads"], str(where / SCAN))
    tables = {name: rows for name, rows in scan.items() if name not in ("format", "scan", "heads")}
    _read_bytes(tables, layout, where / SCAN)
    record = ScanRecord(scan["scan"], heads, definitions, tables)
    most = limits.MAX_ROWS + limits.MAX_ROWS_A_HEAD * len(heads)
    for name, content in files.items():
        table = name.removesuffix(".csv")
        if name.endswith(".csv"):
            if table not in layout.tables:
                raise HeadatlasError(f"{where / name} was exported by a newer headatlas. Upgrade headatlas to read it.")
            record.tables[table] = list(_rows(where / name, content, layout.tables[table], most))
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


def _object(path: Path, content: bytes, shape: TypeAdapter[Any]) -> Any:
    """The content of a JSON file, of a shape."""
    try:
        value = read_values(content)
        shape.validate_python(value)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        at = ", ".join(str(part)[:40] for part in first["loc"] if part not in ("list[int]", "int"))
        raise HeadatlasError(f"{path} is damaged, or not of headatlas: {at or 'the whole'}: {first['msg']}.") from error
    except (ValueError, RecursionError) as error:
        raise HeadatlasError(f"{path} is damaged, or not of headatlas: {one_line(error)}.") from error
    return value


def _read_bytes(tables: Mapping[str, list[Row]], layout: Layout, path: Path) -> None:
    """Turns what JSON has as base64 into bytes again."""
    for name in tables.keys() & layout.tables.keys():
        for column, kind in layout.tables[name].types.items():
            for position, row in enumerate(tables[name] if kind == "BLOB" else ()):
                if row.get(column) is not None:
                    try:
                        row[column] = base64.b64decode(row[column], validate=True)
                    except (ValueError, TypeError) as error:
                        here = f"{path}, row {position + 1} of {name}, column '{column}'"
                        raise HeadatlasError(refusal(here, row[column], "bytes in base64")) from error


def _heads_by_layer(heads: Sequence[str]) -> dict[str, int | list[int]]:
    """`["L0H0", "L0H1"]` is `{"L0": 2}`; other numbers than 0, 1, 2 ... are listed."""
    layers: dict[str, list[int]] = {}
    for name in heads:
        attention, layer, head = parse_head(name)
        layers.setdefault(layer_name(attention, layer), []).append(head)
    return {name: len(numbers) if numbers == list(range(len(numbers))) else numbers for name, numbers in layers.items()}


def _csv(table: str, rows: Sequence[Row]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(rows[0])
    writer.writerows(zip(*(_column(table, name, [row[name] for row in rows]) for name in rows[0]), strict=True))
    return text.getvalue().encode()


def _column(table: str, column: str, values: Sequence[Any]) -> list[str]:
    """What a column's cells say."""
    if table in _SHARES and column not in ("p_value", "q_value"):
        number = _share
    else:
        number = ("{:.3g}" if table == "scores" else "{:.6g}").format
    if (table, column) in _LISTS:
        values = [_rounded_list(value) for value in values]
    return [number(value) if isinstance(value, float) else _written(value) for value in values]


def _share(value: float) -> str:
    return f"{round(value, 4) + 0:.4f}".rstrip("0").rstrip(".")


def _rounded_list(value: Any) -> Any:
    """A list of numbers that is spelled in JSON, rounded like scores; anything else as it is."""
    if not isinstance(value, str):
        return value
    with contextlib.suppress(ValueError, TypeError):
        return json.dumps([round(number, 4) for number in json.loads(value)], separators=(",", ":"))
    return value


def _written(value: Any) -> str:
    """What a cell says that holds no fraction."""
    if value is None:
        return ""
    if isinstance(value, bytes):
        return _base64(value)
    if isinstance(value, str):
        return value.translate(_ESCAPES) or "\\e"
    return str(value)


def _rows(path: Path, content: bytes, table: Table, most: int) -> Iterator[Row]:
    """Rows of a CSV file in the types of the database's columns, `most` of them."""
    keys, types = set(table.short.values()), table.types
    limit = csv.field_size_limit(_MOST_FIELD)
    try:
        # Decoded as it is read: as one text it would take up to five times its bytes. Spreadsheets begin with a mark.
        reader = csv.reader(io.TextIOWrapper(io.BytesIO(content), "utf-8-sig", newline=""), strict=True)
        names = next(reader, [])
        if len(set(names)) < len(names):
            raise ValueError(f"it has two columns '{brief(max(names, key=names.count))}'")
        read = [_unescaped if name in keys else _READ.get(types.get(name, ""), _unescaped) for name in names]
        number = 0
        for number, texts in enumerate(filter(None, reader), 1):  # a blank line is none
            if number > most:
                raise ValueError(f"it has more than {most:,} rows")
            if len(texts) != len(names):
                raise ValueError("a row of another length")
            try:
                yield {name: own(text) for name, own, text in zip(names, read, texts, strict=True)}
            except ValueError as error:
                raise ValueError(_wrong_cell(names, read, texts)) from error
        if not number:  # cut off, or emptied by hand: without rows no file is written
            raise ValueError("it holds no rows. Where there are none, leave the file out")
    except UnicodeDecodeError as error:
        raise HeadatlasError(f"{path} cannot be read: it is no text in UTF-8.") from error
    except (ValueError, csv.Error) as error:
        raise HeadatlasError(f"{path}, line {reader.line_num} cannot be read: {error}.") from error
    finally:
        csv.field_size_limit(limit)


def _wrong_cell(names: Sequence[str], read: Sequence[Callable[[str], Any]], texts: Sequence[str]) -> str:
    """Which value of a row cannot be read, and as what."""
    for name, own, text in zip(names, read, texts, strict=True):
        try:
            own(text)
        except ValueError:
            return f"{shown(text)} in the column '{name}' is not {_WORDS[own]}"
    raise AssertionError("every value can be read")


def _unescaped(text: str) -> str | None:
    if "\\" in text:
        return re.sub(r"\\.", lambda match: _UNESCAPED.get(match[0], match[0]), text)
    return text or None


def _integer(text: str) -> int | None:
    return int(_plain(text)) if text else None


def _number(text: str) -> float | None:
    return float(_plain(text)) if text else None


def _plain(text: str) -> str:
    """A number's text, if it has what numbers have elsewhere: Python also reads 0_7 and the digits of other scripts."""
    if "_" in text or not text.isascii():
        raise ValueError("no number")
    return text


def _bytes(text: str) -> bytes | None:
    return base64.b64decode(text, validate=True) if text else None


# What reads a column of a type; any other is text.
_READ: Mapping[str, Callable[[str], Any]] = {
    "INTEGER": _integer, "FLOAT": _number, "REAL": _number, "BLOB": _bytes,
}  # fmt: skip
_WORDS: Mapping[Callable[[str], Any], str] = {
    _integer: "a whole number",
    _number: "a number",
    _bytes: "bytes in base64",
}
