"""Writing a scan that was read from another database, or from files, into a database: numbers for names again."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby, islice
from typing import TYPE_CHECKING

from headatlas.errors import HeadatlasError, ScanConflictError
from headatlas.heads import parse_head
from headatlas.share.layout import Table, columns, layout_of, newer
from headatlas.share.record import Row, ScanRecord, definition_keys, row_key
from headatlas.store import row_counts

if TYPE_CHECKING:
    from headatlas.store.scans import Store

# What says that a finished scan is the same one.
_IDENTITY = ("plan", "digest", "started", "finished", "calibration")
# Rows to a statement: as many as its time is enough for on the slowest of disks.
_AT_ONCE = 1000


def write_record(store: Store, record: ScanRecord, *, replace: bool = False) -> bool:
    """Writes a scan into a database, all or nothing; False when the very same scan is already there.

    Raises:
        ScanConflictError: another scan of the same name is there and `replace` is not set.
        HeadatlasError: the record does not fit, or not together with what is there.
        DatabaseError: the database cannot be written.
    """
    if not replace and _is_there(store, record):
        return False  # before the file is touched; asked again below, for another process may write it meanwhile
    with store.transaction():
        if not replace and _is_there(store, record):
            return False
        before = store.finished(record.model)
        if before is not None:
            store.remove(before["id"])
        connection = store.db.conn
        unknown = set(record.scan) - set(columns(connection, "scans"))
        if unknown:
            raise newer(f"column '{min(unknown)}' of scans")
        number = _insert(connection, "scans", {**record.scan, "status": "done"})
        kept = layout_of(connection)
        ids: dict[str, dict[str, int]] = {"heads": {}}
        for table, rows in record.definitions.items():
            if table not in kept.definitions:
                raise newer(f"table '{table}'")
            ids[table] = {
                key: _define(connection, table, row) for row, key in zip(rows, definition_keys(rows), strict=True)
            }
        for name in record.heads:
            attention, layer, head = parse_head(name)
            row = {"scan_id": number, "attention": attention, "layer": layer, "head": head}
            ids["heads"][name] = _insert(connection, "heads", row)
        for table in record.tables:
            if table not in kept.tables:
                raise newer(f"table '{table}'")
        for known in kept.tables.values():
            rows = record.tables.get(known.name, [])
            own = {column: number for column, to in known.references.items() if to == "scans"}
            numbered = _numbered(rows, ids, own, known)
            if "id" not in known.types:
                _insert_all(connection, known.name, numbered)
                continue
            numbers = _insert_each(connection, known.name, numbered)
            ids[known.name] = {
                row_key(known.name, row, position): last
                for position, (row, last) in enumerate(zip(rows, numbers, strict=True), start=1)
            }
        store.complete(number)
        # Together with the scans that are there already it may be more than a database is opened with.
        if over := row_counts.too_many(connection):
            name, n_rows, most = over
            raise HeadatlasError(
                f"{store.path} would have {n_rows:,} rows of {name}, and at most {most:,} are read. Give another --db."
            )
    return True


def _is_there(store: Store, record: ScanRecord) -> bool:
    """Whether the very same scan is in a database.

    Raises:
        ScanConflictError: another of the same name is.
    """
    before = store.finished(record.model)
    if before is None:
        return False
    if all(before.get(name) == record.scan.get(name) for name in _IDENTITY):
        return True
    raise ScanConflictError(f"{store.path} already holds another scan of '{record.model}' (of {before['finished']}).")


def _numbered(rows: Iterable[Row], ids: Mapping[str, Mapping[str, int]], own: Row, table: Table) -> Iterator[Row]:
    """Rows with numbers for names."""
    numbers = {short: (column, ids.get(table.references[column], {})) for column, short in table.short.items()}
    for row in rows:
        numbered = dict(own)
        for name, value in row.items():
            column, number_of = numbers.get(name, (name, None))
            if number_of is None or value is None:
                numbered[column] = value
            elif value in number_of:
                numbered[column] = number_of[value]
            else:
                raise HeadatlasError(f"A row of '{table.name}' names a {name} that the scan does not have: '{value}'.")
        yield numbered


def _insert(connection: sqlite3.Connection, table: str, row: Row) -> int:
    """Inserts a row; returns its number."""
    [number] = _insert_each(connection, table, [row])
    return number


def _insert_each(connection: sqlite3.Connection, table: str, rows: Iterable[Row]) -> Iterator[int]:
    """Inserts rows one by one, and gives the number of each."""
    known = columns(connection, table)
    for names, alike in groupby(rows, tuple):
        statement = _statement(table, names, known)
        for row in alike:
            yield connection.execute(statement, list(row.values())).lastrowid or 0


def _insert_all(connection: sqlite3.Connection, table: str, rows: Iterable[Row]) -> None:
    """Inserts rows whose numbers nobody needs."""
    known = columns(connection, table)
    for names, alike in groupby(rows, tuple):
        statement = _statement(table, names, known)
        while some := [list(row.values()) for row in islice(alike, _AT_ONCE)]:
            connection.executemany(statement, some)


def _statement(table: str, names: tuple[str, ...], known: Mapping[str, str]) -> str:
    """What inserts a row of these columns; `known` are all of the table."""
    unknown = set(names) - known.keys()
    if unknown:
        raise newer(f"column '{min(unknown)}' of {table}")
    quoted = ", ".join(f'"{name}"' for name in names)
    return f'insert into "{table}" ({quoted}) values ({", ".join("?" * len(names))})'


def _define(connection: sqlite3.Connection, table: str, row: Row) -> int:
    """Number of a definition; its words are kept where the database has it already."""
    where = f"select id from {table} where name = ? and version = ?"
    known = connection.execute(where, [row["name"], row["version"]]).fetchone()
    return known[0] if known else _insert(connection, table, row)
