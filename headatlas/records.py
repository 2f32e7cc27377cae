"""One finished scan outside its database: read from one, written into another, with names in place of numbers.

Works on whatever tables a database has: rows with a `head_id` or a `scan_id` belong to a scan, and references to
heads, patterns, probes and examples become their names. A table added to the schema is thus carried along.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from headatlas.errors import HeadatlasError
from headatlas.names import head_name, parse_head

if TYPE_CHECKING:
    from headatlas.catalog import Catalog
    from headatlas.store import Store

# Not carried: what is carried otherwise, belongs to the file, or is made anew.
_NOT_CARRIED = {"scans", "heads", "patterns", "probes", "descriptions", "chunks", "profiles"}
_REFERENCES = {"head_id": "head", "pattern_id": "pattern", "probe_id": "probe", "example_id": "example"}
_DEFINED = ("patterns", "probes")

Row = dict[str, Any]


class Connection(Protocol):
    """What reading and writing connections share."""

    def execute(self, sql: str, parameters: Sequence[Any] = ...) -> sqlite3.Cursor: ...


@dataclass
class ScanRecord:
    """A finished scan.

    `scan` is the row of `scans` without its number; `heads` are names in order; `definitions` hold the patterns and
    probes that occur; `of_scan` and `of_heads` hold rows by table, with names where the database has numbers.
    """

    scan: Row
    heads: list[str]
    definitions: dict[str, list[Row]]
    of_scan: dict[str, list[Row]] = field(default_factory=dict)
    of_heads: dict[str, list[Row]] = field(default_factory=dict)

    @property
    def model(self) -> str:
        """Name of the model."""
        return str(self.scan["model"])


def columns(connection: Connection, table: str) -> dict[str, str]:
    """Column names of a table with their declared types, in order."""
    return {row[1]: row[2].upper() for row in connection.execute(f'pragma table_info("{table}")')}


def carried_tables(connection: Connection) -> tuple[list[str], list[str]]:
    """Tables whose rows belong to a scan, and tables whose rows belong to heads."""
    names = [
        row[0]
        for row in connection.execute("select name from sqlite_master where type = 'table' order by name")
        if row[0] not in _NOT_CARRIED and not row[0].startswith(("sqlite_", "_sqlite_"))
    ]
    of_heads = [name for name in names if "head_id" in columns(connection, name)]
    of_scan = [name for name in names if "scan_id" in columns(connection, name) and name not in of_heads]
    # Examples first: other tables refer to them.
    return sorted(of_scan, key=lambda name: name != "examples"), of_heads


def read(catalog: Catalog, model: str) -> ScanRecord:
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
    of_scan, of_heads = carried_tables(catalog.connection)
    names: dict[str, dict[int, str]] = {"head_id": heads}
    definitions = {}
    for table in _DEFINED:
        used = _used(catalog, table, number, of_scan, of_heads)
        rows = [dict(one) for one in catalog.rows(f"select * from {table} order by name, version") if one["id"] in used]
        names[table.removesuffix("s") + "_id"] = {
            row["id"]: key for row, key in zip(rows, definition_keys(rows), strict=True)
        }
        definitions[table] = [{key: value for key, value in row.items() if key != "id"} for row in rows]
    names["example_id"] = {
        one["id"]: example_key(names["probe_id"][one["probe_id"]], one["sequence"])
        for one in catalog.rows("select id, probe_id, sequence from examples where scan_id = ?", [number])
    }
    record = ScanRecord(scan, list(heads.values()), definitions)
    for table in of_scan:
        rows_ = catalog.rows(f'select * from "{table}" where scan_id = ? order by rowid', [number])
        record.of_scan[table] = [_named(dict(one), names) for one in rows_]
    places = {name: place for place, name in enumerate(record.heads)}
    for table in of_heads:
        rows_ = catalog.rows(
            f'select * from "{table}" where head_id in (select id from heads where scan_id = ?)', [number]
        )
        record.of_heads[table] = sorted(
            (_named(dict(one), names) for one in rows_), key=lambda one: _order(one, places)
        )
    return record


def write(store: Store, record: ScanRecord, *, replace: bool = False) -> bool:
    """Writes a scan into a database, all or nothing; False when the very same scan is already there.

    Raises:
        HeadatlasError: another scan of the same name is there and `replace` is not set, or the record does not fit.
        DatabaseError: the database cannot be written.
    """
    with store.transaction():
        before = store.finished(record.model)
        if before is not None:
            if all(before.get(name) == record.scan.get(name) for name in ("plan", "digest", "started", "finished")):
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
        ids: dict[str, dict[str, int]] = {"head_id": {}, "pattern_id": {}, "probe_id": {}, "example_id": {}}
        for table in _DEFINED:
            for row, key in zip(record.definitions[table], definition_keys(record.definitions[table]), strict=True):
                ids[table.removesuffix("s") + "_id"][key] = _define(connection, table, row)
        for name in record.heads:
            attention, layer, head = parse_head(name)
            place = {"scan_id": number, "attention": attention, "layer": layer, "head": head}
            ids["head_id"][name] = _insert(connection, "heads", [place])
        of_scan, of_heads = carried_tables(connection)
        for known, given in ((of_scan, record.of_scan), (of_heads, record.of_heads)):
            for table in sorted(given, key=lambda name: name != "examples"):
                if table not in known:
                    raise _newer(f"table '{table}'")
                has = columns(connection, table)
                own = {"scan_id": number} if "scan_id" in has else {}
                numbered = (_numbered(row, ids, own, table, has) for row in given[table])
                if table != "examples":
                    _insert(connection, table, numbered)
                    continue
                for row, one in zip(given[table], numbered, strict=True):
                    key = example_key(row["probe"], row["sequence"])
                    ids["example_id"][key] = _insert(connection, table, [one])
        store.complete(number)
    return True


def definition_keys(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """Names of definitions; with their version where a name has several."""
    names = [row["name"] for row in rows]
    return [row["name"] if names.count(row["name"]) == 1 else f"{row['name']}@{row['version']}" for row in rows]


def example_key(probe: str, sequence: int) -> str:
    """`example_key("natural_text", 3)` is "natural_text:3"."""
    return f"{probe}:{sequence}"


def _used(catalog: Catalog, table: str, scan: int, of_scan: list[str], of_heads: list[str]) -> set[int]:
    column = table.removesuffix("s") + "_id"
    found: set[int] = set()
    for name in (*of_scan, *of_heads):
        if column in columns(catalog.connection, name):
            where = "scan_id = ?" if name in of_scan else "head_id in (select id from heads where scan_id = ?)"
            found |= {row[0] for row in catalog.rows(f'select distinct {column} from "{name}" where {where}', [scan])}
    return found


def _named(row: Row, names: Mapping[str, Mapping[int, str]]) -> Row:
    """A row with names for numbers, keys first, without its own number and that of the scan."""
    keys = {
        short: names[column][row[column]] if row[column] is not None else None
        for column, short in _REFERENCES.items()
        if column in row
    }
    rest = {name: value for name, value in row.items() if name not in _REFERENCES and name not in ("id", "scan_id")}
    return {**keys, **rest}


def _numbered(row: Row, ids: Mapping[str, Mapping[str, int]], own: Row, table: str, known: Mapping[str, str]) -> Row:
    """A row with numbers for names; a table may have a column `probe` of its own, which stays as it is."""
    found = dict(own)
    for name, value in row.items():
        column = f"{name}_id"
        if name in known or column not in _REFERENCES:
            found[name] = value
        elif value is None:
            found[column] = None
        elif value not in ids[column]:
            raise HeadatlasError(f"A row of '{table}' names a {name} that the scan does not have: '{value}'.")
        else:
            found[column] = ids[column][value]
    return found


def _order(row: Row, places: Mapping[str, int]) -> tuple[Any, ...]:
    """Pattern, probe, example, head, then whatever else tells rows apart."""
    keys = tuple(row.get(name) or "" for name in ("pattern", "probe", "example"))
    rest = tuple((value is not None, str(value)) for name, value in row.items() if name not in _REFERENCES.values())
    return (*keys, places[row["head"]], rest)


def _insert(connection: Connection, table: str, rows: Any) -> int:
    """Inserts rows that have the same columns; returns the number of the last."""
    iterator: Iterator[Row] = iter(rows)
    last = 0
    known = set(columns(connection, table))
    statement, names = "", ()
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
