"""Writing a scan that was read from another database, or from files, into a database: numbers for names again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from headatlas.errors import HeadatlasError, ScanConflictError
from headatlas.heads import parse_head
from headatlas.share.layout import Connection, Table, columns, layout_of, newer
from headatlas.share.record import Row, ScanRecord, definition_keys, row_key

if TYPE_CHECKING:
    from headatlas.store.scans import Store

# What says that a finished scan is the same one.
_IDENTITY = ("plan", "digest", "started", "finished", "calibration")


def write_record(store: Store, record: ScanRecord, *, replace: bool = False) -> bool:
    """Writes a scan into a database, all or nothing; False when the very same scan is already there.

    Raises:
        ScanConflictError: another scan of the same name is there and `replace` is not set.
        HeadatlasError: the record does not fit.
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
        connection: Connection = store.db
        unknown = set(record.scan) - set(columns(connection, "scans"))
        if unknown:
            raise newer(f"column '{min(unknown)}' of scans")
        number = _insert(connection, "scans", [{**record.scan, "status": "done"}])
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
            ids["heads"][name] = _insert(connection, "heads", [row])
        for table in record.tables:
            if table not in kept.tables:
                raise newer(f"table '{table}'")
        for known in kept.tables.values():
            rows = record.tables.get(known.name, [])
            own = {column: number for column, to in known.references.items() if to == "scans"}
            numbered = (_numbered(row, ids, own, known) for row in rows)
            if "id" not in known.types:
                _insert(connection, known.name, numbered)
                continue
            ids[known.name] = {
                row_key(known.name, named, position): _insert(connection, known.name, [row])
                for position, (named, row) in enumerate(zip(rows, numbered, strict=True), start=1)
            }
        store.complete(number)
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


def _numbered(row: Row, ids: Mapping[str, Mapping[str, int]], own: Row, table: Table) -> Row:
    """A row with numbers for names."""
    columns_of = {short: column for column, short in table.short.items()}
    numbered = dict(own)
    for name, value in row.items():
        column = columns_of.get(name)
        if column is None:
            numbered[name] = value
        elif value is None:
            numbered[column] = None
        elif value not in ids[table.references[column]]:
            raise HeadatlasError(f"A row of '{table.name}' names a {name} that the scan does not have: '{value}'.")
        else:
            numbered[column] = ids[table.references[column]][value]
    return numbered


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
                raise newer(f"column '{min(unknown)}' of {table}")
            quoted = ", ".join(f'"{name}"' for name in names)
            statement = f'insert into "{table}" ({quoted}) values ({", ".join("?" * len(names))})'
        last = connection.execute(statement, list(row.values())).lastrowid or 0
    return last


def _define(connection: Connection, table: str, row: Row) -> int:
    """Number of a definition; its words are kept where the database has it already."""
    where = f"select id from {table} where name = ? and version = ?"
    known = connection.execute(where, [row["name"], row["version"]]).fetchone()
    return known[0] if known else _insert(connection, table, [row])
