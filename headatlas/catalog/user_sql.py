"""Running SQL that someone typed: it can read this one database, for a while, and nothing else."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from headatlas.errors import DatabaseError
from headatlas.store import readonly

SECONDS = 10.0
ROWS = 1000
# Bytes of one value: `zeroblob(1e9)` must not fill the memory.
_LARGEST_VALUE = 20_000_000
# Virtual machine steps between two looks at the clock, and at Ctrl-C: a tenth of a millisecond.
_STEPS = 2_000

_ALLOWED = {sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_RECURSIVE}
# What could reach beyond the file, were SQLite built with it.
_REFUSED_FUNCTIONS = {"load_extension", "readfile", "writefile", "edit", "fts3_tokenizer"}


@dataclass(frozen=True)
class Answer:
    """Columns and rows of a query; `cut` when there were more rows than asked for."""

    columns: list[str]
    rows: list[tuple[Any, ...]]
    cut: bool = False


def run(
    path: str | Path,
    sql: str,
    parameters: Mapping[str, Any] | None = None,
    *,
    limit: int | None = None,
    seconds: float = SECONDS,
) -> Answer:
    """Answers one statement of a user on a connection of its own that can do nothing but read.

    The file is opened read-only, an authorizer lets only SELECT (with functions and recursion) pass, and a
    progress handler ends what takes longer than `seconds`. At most `limit` rows are fetched.

    Raises:
        DatabaseError: the SQL is wrong, would do something else than read, or takes too long.
    """
    deadline = time.monotonic() + seconds
    with closing(readonly.open_readonly(path)) as connection, _explained(seconds, deadline):
        connection.row_factory = None
        connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _LARGEST_VALUE)
        connection.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
        # Table-valued functions declare a table when first used, which the authorizer would refuse.
        connection.execute("select 1 from json_each('[]'), json_tree('[]')").fetchall()
        connection.set_authorizer(_authorize)
        connection.looks = False  # at the clock of other statements, nor for Ctrl-C, which is explained here
        connection.set_progress_handler(lambda: time.monotonic() > deadline, _STEPS)
        cursor = connection.execute(sql, parameters or {})
        columns = [column[0] for column in cursor.description or ()]
        if limit is None:
            return Answer(columns, cursor.fetchall())
        rows = cursor.fetchmany(limit + 1)
        return Answer(columns, rows[:limit], cut=len(rows) > limit)


def _authorize(action: int, first: str | None, second: str | None, *_: str | None) -> int:
    if action in _ALLOWED:
        return sqlite3.SQLITE_OK
    if action == sqlite3.SQLITE_FUNCTION and (second or "").lower() not in _REFUSED_FUNCTIONS:
        return sqlite3.SQLITE_OK
    return sqlite3.SQLITE_DENY


@contextmanager
def _explained(seconds: float, deadline: float) -> Iterator[None]:
    try:
        yield
    except (sqlite3.Error, sqlite3.Warning) as error:
        text = str(error)
        if "interrupted" in text and time.monotonic() <= deadline:
            # Ctrl-C came while SQLite was at work, where Python's own exception is lost.
            raise KeyboardInterrupt from error
        if "interrupted" in text:
            raise DatabaseError(
                f"The query took longer than {seconds:g} seconds and was stopped. "
                "Ask for less, or give it more with --seconds."
            ) from error
        if any(
            word in text
            for word in ("not authorized", "authorization denied", "prohibited", "readonly", "attached databases")
        ):
            raise DatabaseError(
                f"`headatlas query` only reads: one SELECT on this database, nothing else ({text})."
            ) from error
        if "one statement" in text:
            raise DatabaseError("Give one statement at a time.") from error
        if "did not supply a value for binding" in text or "Binding" in text:
            raise DatabaseError(f"The query has a parameter without a value: {text}") from error
        raise DatabaseError(
            f'The query failed: {text}. `headatlas query "select * from descriptions"` lists tables and columns.'
        ) from error
    except OverflowError as error:
        raise DatabaseError(f"The query failed: {error}.") from error
