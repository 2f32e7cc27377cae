"""One finished scan outside its database: read from one, written into another, with names in place of numbers.

Works on whatever tables a database has: rows that refer to a scan, to its heads or to other rows of a scan belong to
it, and references become names. A table added to the schema, with its foreign keys, is thus carried along.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from headatlas.errors import HeadatlasError
from headatlas.heads import head_name, parse_head

if TYPE_CHECKING:
    from headatlas.catalog.catalog import Catalog
    from headatlas.store.scans import Store

# Not carried: what is carried otherwise, belongs to the file, or is made anew.
_NOT_CARRIED = {"scans", "heads", "descriptions", "chunks", "profiles"}
# What says that a finished scan is the same one.
_IDENTITY = ("plan", "digest", "started", "finished", "calibration")

Row = dict[str, Any]


class Connection(Protocol):
    """What reading and writing connections share."""

    def execute(self, sql: str, parameters: Sequence[Any] = ...) -> sqlite3.Cursor:
        """Runs one statement."""
        ...


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


@dataclass(frozen=True)
class Table:
    """A table of a scan's rows: `types` of its columns, `references` of columns to tables, `where` its rows are."""

    name: str
    types: Mapping[str, str]
    references: Mapping[str, str]
    where: str

    @property
    def short(self) -> dict[str, str]:
        """Names of references outside the database, by column: `pattern` for `pattern_id`."""
        return {
            column: column.removesuffix("_id")
            for column, table in self.references.items()
            if table != "scans" and column.removesuffix("_id") not in self.types
        }

    @property
    def listed(self) -> bool:
        """Whether its rows are so many, one a head or pattern, that they make a list of their own."""
        return bool({"heads", "patterns"} & set(self.references.values()))


@dataclass(frozen=True)
class Layout:
    """Tables of definitions (rows with a name and a version), and of rows of scans, those referred to first."""

    definitions: tuple[str, ...]
    tables: Mapping[str, Table]


def columns(connection: Connection, table: str) -> dict[str, str]:
    """Column names of a table with their declared types, in order."""
    return {row[1]: row[2].upper() for row in connection.execute(f'pragma table_info("{table}")')}


def layout_of(connection: Connection) -> Layout:
    """What the tables of a database hold, from their foreign keys."""
    names = [
        row[0]
        for row in connection.execute("select name from sqlite_master where type = 'table' order by name")
        if row[0] not in _NOT_CARRIED and not row[0].startswith(("sqlite_", "_sqlite_"))
    ]
    references = {
        name: {row[3]: row[2] for row in connection.execute(f'pragma foreign_key_list("{name}")')} for name in names
    }
    types = {name: columns(connection, name) for name in names}
    definitions = tuple(name for name in names if not references[name] and {"name", "version"} <= set(types[name]))
    # A column that leads to the scan, and the rows of the table it leads to.
    ways = {"scans": "select ?1", "heads": "select id from heads where scan_id = ?1"}
    found: dict[str, Table] = {}
    waiting = [name for name in names if name not in definitions]
    while waiting:
        ready = [name for name in waiting if not set(references[name].values()) & set(waiting)]
        for name in ready:
            waiting.remove(name)
            leads = [column for to in ways for column in types[name] if references[name].get(column) == to]
            if leads:
                column = leads[0]
                where = f'"{column}" in ({ways[references[name][column]]})'
                if "status" in types[name]:  # what is still being made is not carried
                    where += " and status = 'done'"
                found[name] = Table(name, types[name], {c: references[name][c] for c in types[name]
                                                        if c in references[name]}, where)  # fmt: skip
                if "id" in types[name]:
                    ways[name] = f'select id from "{name}" where {where}'
        if not ready:
            break
    return Layout(definitions, found)


def read_record(catalog: Catalog, model: str) -> ScanRecord:
    """Reads a finished scan.

    Raises:
        UnknownNameError: a model that the database does not hold.
        DatabaseError: the database cannot be read.
    """
    row = catalog.scan(model)
    number = row["id"]
    scan = {name: row[name] for name in row.keys() if name != "id"}  # noqa: SIM118
    heads = {
        one["id"]: head_name(one["attention"], one["layer"], one["head"])
        for one in catalog.rows("select id, attention, layer, head from heads where scan_id = ? order by id", [number])
    }
    kept = layout_of(catalog.connection)
    names: dict[str, dict[int, str]] = {"heads": heads}
    definitions = {}
    for name in kept.definitions:
        used = _used(catalog, name, number, kept)
        rows = [dict(one) for one in catalog.rows(f"select * from {name} order by name, version") if one["id"] in used]
        names[name] = {row["id"]: key for row, key in zip(rows, definition_keys(rows), strict=True)}
        definitions[name] = [{key: value for key, value in row.items() if key != "id"} for row in rows]
    record = ScanRecord(scan, list(heads.values()), definitions)
    places = {name: place for place, name in enumerate(record.heads)}
    for table in kept.tables.values():
        rows = [
            dict(one)
            for one in catalog.rows(f'select * from "{table.name}" where {table.where} order by rowid', [number])
        ]
        named = [_named(one, names, table) for one in rows]
        if "id" in table.types:
            keys = [row_key(table.name, one, place) for place, one in enumerate(named, start=1)]
            names[table.name] = {one["id"]: key for one, key in zip(rows, keys, strict=True)}
        if "head" in table.short.values():
            named.sort(key=lambda one, table=table: _order(one, places, table, kept.definitions))  # type: ignore[misc]
        record.tables[table.name] = named
    return record


def write_record(store: Store, record: ScanRecord, *, replace: bool = False) -> bool:
    """Writes a scan into a database, all or nothing; False when the very same scan is already there.

    Raises:
        HeadatlasError: another scan of the same name is there and `replace` is not set, or the record does not fit.
        DatabaseError: the database cannot be written.
    """
    with store.transaction():
        before = store.finished(record.model)
        if before is not None:
            if all(before.get(name) == record.scan.get(name) for name in _IDENTITY):
                if not replace:
                    return False
            elif not replace:
                raise HeadatlasError(
                    f"{store.path} already holds another scan of '{record.model}' (of {before['finished']}). "
                    "Give --replace to put this one in its place."
                )
            store.remove(before["id"])
        connection: Connection = store.db
        unknown = set(record.scan) - set(columns(connection, "scans"))
        if unknown:
            raise _newer(f"column '{min(unknown)}' of scans")
        number = _insert(connection, "scans", [{**record.scan, "status": "done"}])
        kept = layout_of(connection)
        ids: dict[str, dict[str, int]] = {"heads": {}}
        for table, rows in record.definitions.items():
            if table not in kept.definitions:
                raise _newer(f"table '{table}'")
            ids[table] = {
                key: _define(connection, table, row) for row, key in zip(rows, definition_keys(rows), strict=True)
            }
        for name in record.heads:
            attention, layer, head = parse_head(name)
            place = {"scan_id": number, "attention": attention, "layer": layer, "head": head}
            ids["heads"][name] = _insert(connection, "heads", [place])
        for table in record.tables:
            if table not in kept.tables:
                raise _newer(f"table '{table}'")
        for known in kept.tables.values():
            rows = record.tables.get(known.name, [])
            own = {column: number for column, to in known.references.items() if to == "scans"}
            numbered = (_numbered(row, ids, own, known) for row in rows)
            if "id" not in known.types:
                _insert(connection, known.name, numbered)
                continue
            ids[known.name] = {
                row_key(known.name, row, place): _insert(connection, known.name, [one])
                for place, (row, one) in enumerate(zip(rows, numbered, strict=True), start=1)
            }
        store.complete(number)
    return True


def definition_keys(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """Names of definitions; with their version where a name has several."""
    names = [row["name"] for row in rows]
    return [row["name"] if names.count(row["name"]) == 1 else f"{row['name']}@{row['version']}" for row in rows]


def row_key(table: str, row: Mapping[str, Any], place: int) -> str:
    """How other rows refer to a row: an example by its probe and sequence ("natural_text:3"), others by their place."""
    return f"{row['probe']}:{row['sequence']}" if table == "examples" else str(place)


def _used(catalog: Catalog, definitions: str, scan: int, kept: Layout) -> set[int]:
    found: set[int] = set()
    for table in kept.tables.values():
        for column in (column for column, to in table.references.items() if to == definitions):
            rows = catalog.rows(f'select distinct "{column}" from "{table.name}" where {table.where}', [scan])
            found |= {row[0] for row in rows if row[0] is not None}
    return found


def _named(row: Row, names: Mapping[str, Mapping[int, str]], table: Table) -> Row:
    """A row with names for numbers, keys first, without its own number and that of the scan."""
    keys = {
        short: names[table.references[column]][row[column]] if row[column] is not None else None
        for column, short in table.short.items()
    }
    left_out = {"id", *table.short, *(column for column, to in table.references.items() if to == "scans")}
    return {**keys, **{name: value for name, value in row.items() if name not in left_out}}


def _numbered(row: Row, ids: Mapping[str, Mapping[str, int]], own: Row, table: Table) -> Row:
    """A row with numbers for names."""
    columns_of = {short: column for column, short in table.short.items()}
    found = dict(own)
    for name, value in row.items():
        column = columns_of.get(name)
        if column is None:
            found[name] = value
        elif value is None:
            found[column] = None
        elif value not in ids[table.references[column]]:
            raise HeadatlasError(f"A row of '{table.name}' names a {name} that the scan does not have: '{value}'.")
        else:
            found[column] = ids[table.references[column]][value]
    return found


def _order(row: Row, places: Mapping[str, int], table: Table, definitions: Sequence[str]) -> tuple[Any, ...]:
    """Definitions, example, head, then whatever else tells rows apart."""
    before = [
        row[short] or ""
        for column, short in table.short.items()
        if table.references[column] in (*definitions, "examples")
    ]
    rest = tuple((value is not None, str(value)) for name, value in row.items() if name != "head")
    return (*before, places[row["head"]], rest)


def _insert(connection: Connection, table: str, rows: Any) -> int:
    """Inserts rows that have the same columns; returns the number of the last."""
    iterator: Iterator[Row] = iter(rows)
    last = 0
    known = set(columns(connection, table))
    statement = ""
    names: tuple[str, ...] = ()
    for row in iterator:
        if tuple(row) != names:
            names = tuple(row)
            unknown = set(names) - known
            if unknown:
                raise _newer(f"column '{min(unknown)}' of {table}")
            quoted = ", ".join(f'"{name}"' for name in names)
            statement = f'insert into "{table}" ({quoted}) values ({", ".join("?" * len(names))})'
        last = connection.execute(statement, list(row.values())).lastrowid or 0
    return last


def _define(connection: Connection, table: str, row: Row) -> int:
    """Number of a definition; its words are kept where the database has it already."""
    where = f"select id from {table} where name = ? and version = ?"
    known = connection.execute(where, [row["name"], row["version"]]).fetchone()
    return known[0] if known else _insert(connection, table, [row])


def _newer(what: str) -> HeadatlasError:
    return HeadatlasError(f"This scan was written by a newer headatlas: it has a {what} that this one does not know.")
