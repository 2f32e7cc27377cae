"""One finished scan outside its database, with names in place of numbers: reading it from a database."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import TYPE_CHECKING, Any

from headatlas.heads import head_name
from headatlas.share.layout import Layout, Table, layout_of

if TYPE_CHECKING:
    from headatlas.catalog.reader import Reader

Row = dict[str, Any]


@dataclass
class ScanRecord:
    """A finished scan.

    `scan` is the row of `scans` without its number; `heads` are names in order; `definitions` hold the patterns,
    probes and other definitions that occur; `tables` hold rows by table, with names where the database has numbers.
    """

    scan: Row
    heads: list[str]
    definitions: dict[str, list[Row]]
    tables: dict[str, list[Row]] = field(default_factory=dict)

    @property
    def model(self) -> str:
        """Name of the model."""
        return str(self.scan["model"])


def read_record(reader: Reader, model: str) -> ScanRecord:
    """Reads a finished scan.

    Raises:
        UnknownNameError: a model that the database does not hold.
        DatabaseError: the database cannot be read.
    """
    row = reader.scan(model)
    number = row["id"]
    # Where the model lies on this machine is nobody else's business.
    scan = {name: row[name] for name in row.keys() if name not in ("id", "location")}  # noqa: SIM118
    heads = {
        head["id"]: head_name(head["attention"], head["layer"], head["head"])
        for head in reader.rows("select id, attention, layer, head from heads where scan_id = ? order by id", [number])
    }
    kept = layout_of(reader.connection)
    names: dict[str, dict[int, str]] = {"heads": heads}
    definitions = {}
    for name in kept.definitions:
        used = _used(reader, name, number, kept)
        every = reader.rows(f"select * from {name} order by name, version")
        rows = [dict(definition) for definition in every if definition["id"] in used]
        names[name] = {row["id"]: key for row, key in zip(rows, definition_keys(rows), strict=True)}
        definitions[name] = [{key: value for key, value in row.items() if key != "id"} for row in rows]
    record = ScanRecord(scan, list(heads.values()), definitions)
    positions = {name: position for position, name in enumerate(record.heads)}
    for table in kept.tables.values():
        rows = [
            dict(row)
            for row in reader.rows(f'select * from "{table.name}" where {table.where} order by rowid', [number])
        ]
        named = _named(rows, names, table)
        if "id" in table.types:
            keys = [row_key(table.name, row, position) for position, row in enumerate(named, start=1)]
            names[table.name] = {row["id"]: key for row, key in zip(rows, keys, strict=True)}
        if "head" in table.short.values():
            named = _in_order(named, positions, table, kept.definitions)
        record.tables[table.name] = named
    return record


def definition_keys(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """Names of definitions; with their version where a name has several."""
    times = Counter(row["name"] for row in rows)
    return [row["name"] if times[row["name"]] == 1 else f"{row['name']}@{row['version']}" for row in rows]


def row_key(table: str, row: Mapping[str, Any], position: int) -> str:
    """How other rows refer to one: to an example by probe and sequence ("natural_text:3"), to others by position."""
    return f"{row['probe']}:{row['sequence']}" if table == "examples" else str(position)


def _used(reader: Reader, definitions: str, scan: int, kept: Layout) -> set[int]:
    used: set[int] = set()
    for table in kept.tables.values():
        for column in (column for column, to in table.references.items() if to == definitions):
            rows = reader.rows(f'select distinct "{column}" from "{table.name}" where {table.where}', [scan])
            used |= {row[0] for row in rows if row[0] is not None}
    return used


def _named(rows: Sequence[Row], names: Mapping[str, Mapping[int, str]], table: Table) -> list[Row]:
    """Rows with names for numbers, keys first, without their own numbers and that of the scan."""
    keys = [(column, short, names[table.references[column]]) for column, short in table.short.items()]
    left_out = {"id", *table.short, *(column for column, to in table.references.items() if to == "scans")}
    kept = [name for name in rows[0] if name not in left_out] if rows else []
    return [
        {short: own[row[column]] if row[column] is not None else None for column, short, own in keys}
        | {name: row[name] for name in kept}
        for row in rows
    ]


def _in_order(rows: list[Row], positions: Mapping[str, int], table: Table, definitions: Sequence[str]) -> list[Row]:
    """Rows by definitions, example, head, then by whatever else tells rows apart, where these do not."""
    first = [short for column, short in table.short.items() if table.references[column] in (*definitions, "examples")]

    def rank(row: Row) -> tuple[Any, ...]:
        return (*[row[short] or "" for short in first], positions[row["head"]])

    ordered: list[Row] = []
    for _, same in groupby(sorted(rows, key=rank), key=rank):
        group = list(same)
        ordered += sorted(group, key=_rest) if len(group) > 1 else group
    return ordered


def _rest(row: Row) -> tuple[tuple[bool, str], ...]:
    # Maps are told apart by example and head; as text each would be several times as long.
    told = [value for name, value in row.items() if name != "head" and not isinstance(value, bytes)]
    return tuple((value is not None, str(value)) for value in told)
