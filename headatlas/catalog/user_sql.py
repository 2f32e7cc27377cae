"""Running SQL that someone typed: it can read this one database, for a while, and nothing else."""

from __future__ import annotations

import queue
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from headatlas.errors import DatabaseError
from headatlas.store import readonly
from headatlas.store.guard import GuardedConnection

SECONDS = 10.0
ROWS = 1000
# Bytes of one value: `zeroblob(1e9)` must not fill the memory. Nor must many of those that are longer than others.
LARGEST_VALUE = 20_000_000
_LONG, _LONG_IN_ALL = 1_000, 200_000_000
# Virtual machine steps between two looks at the clock: a tenth of a millisecond, where no step takes long.
_STEPS = 2_000
# Seconds after its time for which a statement is waited for: a single step, as `instr` of long texts, may take hours.
_GRACE = 1.0

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
    if not seconds > 0:  # nor is it, for a number that is none
        raise DatabaseError(f"A query may take some seconds, not {seconds:g}.")
    connection = readonly.open_readonly(path)
    deadline, left = time.monotonic() + seconds, threading.Event()
    answers: queue.SimpleQueue[Answer | BaseException] = queue.SimpleQueue()

    def answer() -> None:
        try:
            with closing(connection), _explained(seconds):
                answers.put(
                    _answer(connection, sql, parameters or {}, limit, lambda: left.is_set() or _is_past(deadline))
                )
        except BaseException as error:
            answers.put(error)

    # Apart, so that the end of its time and Ctrl-C are heard whatever SQLite does.
    threading.Thread(target=answer, daemon=True).start()
    try:
        result = answers.get(timeout=min(seconds + _GRACE, threading.TIMEOUT_MAX))
    except queue.Empty:
        raise DatabaseError(_too_long(seconds)) from None
    finally:
        left.set()
    if isinstance(result, BaseException):
        raise result
    return result


def _answer(
    connection: GuardedConnection,
    sql: str,
    parameters: Mapping[str, Any],
    limit: int | None,
    is_over: Callable[[], bool],
) -> Answer:
    connection.row_factory = None
    connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, LARGEST_VALUE)
    connection.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
    # Table-valued functions declare a table when first used, which the authorizer would refuse.
    connection.execute("select 1 from json_each('[]'), json_tree('[]')").fetchall()
    connection.set_authorizer(_authorize)
    connection.looks = False  # at the clock of other statements
    connection.set_progress_handler(is_over, _STEPS)
    cursor = connection.execute(sql, parameters)
    if cursor.description is None:
        raise DatabaseError("There is no statement in that SQL. Give one SELECT.")
    columns = [column[0] for column in cursor.description]
    rows: list[tuple[Any, ...]] = []
    n_long = 0
    for row in cursor:
        if len(rows) == limit:
            return Answer(columns, rows, cut=True)
        n_long += sum(len(value) for value in row if type(value) in (str, bytes) and len(value) > _LONG)
        if n_long > _LONG_IN_ALL:
            raise DatabaseError(
                f"The answer has more than {_LONG_IN_ALL // 1_000_000} MB in long values. Ask for less, as with "
                "--limit, or for length(...) or substr(...) of them."
            )
        rows.append(row)
    return Answer(columns, rows)


def _is_past(deadline: float) -> bool:
    return time.monotonic() > deadline


def _too_long(seconds: float) -> str:
    return (
        f"The query took longer than {seconds:g} seconds and was stopped. Ask for less, or give it more with --seconds."
    )


def _authorize(action: int, first: str | None, second: str | None, *_: str | None) -> int:
    if action in _ALLOWED:
        return sqlite3.SQLITE_OK
    if action == sqlite3.SQLITE_FUNCTION and (second or "").lower() not in _REFUSED_FUNCTIONS:
        return sqlite3.SQLITE_OK
    return sqlite3.SQLITE_DENY


@contextmanager
def _explained(seconds: float) -> Iterator[None]:
    try:
        yield
    except (sqlite3.Error, sqlite3.Warning) as error:
        text = str(error)
        if "interrupted" in text:
            raise DatabaseError(_too_long(seconds)) from error
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
