"""What is wrong with a database whose values end a command: the first that ours never hold, by table, row and column.

Reading commands do not look at every value first, which would take longer than what they are asked. Where one of them
cannot go on, whatever it was that failed, the whole file is looked through by the rules for catalogue folders.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Sequence
from contextlib import closing
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

from headatlas.catalog.reader import Reader
from headatlas.errors import DatabaseError, HeadatlasError
from headatlas.files.given import exists
from headatlas.share.check import check_record
from headatlas.share.layout import columns, layout_of
from headatlas.share.record import read_record
from headatlas.store import guard, profiles, readonly, rules

# Rows that are looked at together, the bytes after which no more are taken, and seconds after which none are looked at.
_BATCH, _BATCH_BYTES = 2_000, 2**26
SECONDS = 60.0
# Tables that `layout_of` leaves out, as they are not carried.
_OTHERS = ("scans", "heads", "profiles", "chunks")
_ADVICE = (
    "It is not what headatlas writes: mend it with `sqlite3`, import a catalogue folder of the scan, or scan again."
)


def refusal(path: Path, error: BaseException) -> DatabaseError | None:
    """What to say in the place of an error that a command ended in; None where the database is not to blame.

    Args:
        path: the database that was read.
        error: what was raised.
    """
    if not exists(path) or not path.is_file():
        return None
    try:
        _check(path, time.monotonic() + SECONDS)
    except sqlite3.Error as reason:
        return DatabaseError(guard.unreadable(path, reason))
    except DatabaseError as reason:
        return reason
    except HeadatlasError as reason:
        return DatabaseError(f"{reason} {_ADVICE}")
    except MemoryError:
        return DatabaseError(f"{path} holds more than the memory of this machine can.")
    return DatabaseError(guard.unreadable(path, error)) if isinstance(error, sqlite3.Error) else None


def _check(path: Path, deadline: float) -> None:
    with closing(readonly.open_readonly(path)) as connection:
        connection.row_factory = None
        # Text that is not UTF-8 shows as halves of surrogate pairs, which the rules refuse.
        connection.text_factory = lambda data: data.decode("utf-8", "surrogateescape")
        layout = layout_of(connection)
        sizes = {
            name: connection.execute(f'select count(*) from "{name}"').fetchone()[0]
            for name in (*_OTHERS, *layout.definitions, *layout.tables)
        }
        # Small tables first: what ends a command soonest stands in them.
        for name in sorted(sizes, key=lambda name: sizes[name]):
            _check_table(connection, path, name, deadline)
        _check_references(connection, path)
    with Reader(path) as reader:
        for row in reader.scans():
            if time.monotonic() < deadline:
                check_record(read_record(reader, row["model"]), layout, path)
                profiles.read(reader.connection, row["id"])  # unpacks the one that is stored


def _check_table(connection: sqlite3.Connection, path: Path, table: str, deadline: float) -> None:
    types = columns(connection, table)
    needed = {row[1] for row in connection.execute(f'pragma table_info("{table}")') if row[3] or row[5]}
    for column, kind in types.items():
        if kind == "BLOB":
            _check_lengths(connection, path, table, column)
    cursor = connection.execute(f'select rowid, * from "{table}"')
    while time.monotonic() < deadline and (rows := _some(cursor)):
        numbers = [row[0] for row in rows]
        for position, (column, kind) in enumerate(types.items(), start=1):
            rule = rules.rule_of(table, column, kind, needed=column in needed)
            rules.check_column(rule, [row[position] for row in rows], partial(_row, path, table, column, numbers))


def _check_lengths(connection: sqlite3.Connection, path: Path, table: str, column: str) -> None:
    """Refuses a value whose length alone is too large, without reading it."""
    rule = rules.rule_of(table, column, "BLOB")
    if rule.most_bytes is None:
        return
    longer = f'select rowid, length("{column}") from "{table}" where length("{column}") > ? limit 1'
    row = connection.execute(longer, [rule.most_bytes]).fetchone()
    if row is not None:
        where = _row(path, table, column, row, 0)
        raise HeadatlasError(f"{where}: a value of {row[1]:,} bytes is not allowed. Allowed is {rule.words}.")


def _some(cursor: sqlite3.Cursor) -> list[tuple[Any, ...]]:
    """The next rows, fewer where they are long."""
    rows: list[tuple[Any, ...]] = []
    n_bytes = 0
    for row in islice(cursor, _BATCH):
        rows.append(row)
        n_bytes += sum(len(value) for value in row if isinstance(value, str | bytes))
        if n_bytes > _BATCH_BYTES:
            break
    return rows


def _row(path: Path, table: str, column: str, numbers: Sequence[Any], position: int) -> str:
    return f"{path}, table {table}, row {numbers[position]}, column '{column}'"


def _check_references(connection: sqlite3.Connection, path: Path) -> None:
    broken = connection.execute("pragma foreign_key_check").fetchone()
    if broken is not None:
        table, row, other, _ = broken
        raise HeadatlasError(f"{path}, table {table}, row {row} refers to a row of {other} that is not there.")
