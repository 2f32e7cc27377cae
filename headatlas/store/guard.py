"""What a database that anyone may have made can do to its reader: nothing but hold rows, for a bounded time and memory.

The limits are far above what ours need: the longest statement on a database of 36,000 heads takes seconds.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from headatlas.errors import DatabaseError, WrongValueError
from headatlas.heads import ATTENTION_KINDS
from headatlas.store import lengths, own_sql, row_counts
from headatlas.store.limits import MAX_HEADS, MAX_HEADS_A_LAYER, MAX_LAYERS
from headatlas.store.patience import PatientConnection

# Of one statement that reads, counting only what SQLite spends; the longest of ours is far below a tenth.
SECONDS = 120.0
# Of one that writes: deleting the largest scans, or bringing their file up to date, takes minutes.
WRITING_SECONDS = 1200.0
# Of all connections together. Ours stay below 100 MB; sorting goes to the disk.
HEAP_BYTES = 1_000_000_000
# Of one value: the largest of ours, the sums of a chunk, have some 50 MB.
LARGEST_VALUE = 256_000_000
# Heads of all scans together.
MAX_HEADS_IN_ALL = 1_000_000
# Virtual machine steps between two looks at the clock, and the most that one look counts: what lies between may be
# the reader's own work.
_STEPS = 50_000
_MOST = 0.25

# Tables that every reader needs, with columns without which nothing can be read.
_NEEDED = {
    "scans": {"id", "model", "status", "plan", "n_layers", "n_heads", "versions", "started", "finished", "seconds"},
    "heads": {"id", "scan_id", "attention", "layer", "head"},
    "layers": {"scan_id", "attention", "layer", "n_heads", "causal", "scored"},
    "scores": {"head_id", "pattern_id", "probe_id", "score", "score_nosink", "chance", "ci_low", "ci_high"},
    "patterns": {"id", "name", "version", "kind", "family", "probe", "rivals"},
    "probes": {"id", "name", "version"},
    "scan_probes": {"scan_id", "probe_id", "n_sequences", "n_tokens", "note"},
    "examples": {"id", "scan_id", "probe_id", "sequence", "tokens", "special"},
    "heatmaps": {"example_id", "head_id", "weights"},
    "labels": {"head_id", "label", "confidence", "rank", "strength", "explained", "explained_by"},
    "certificates": {"scan_id", "passed"},
    "warnings": {"scan_id", "warning"},
    "evidence": {"head_id", "kind_id", "probe_id", "value"},
    "compositions": {"head_id", "earlier_id", "kind", "value", "rank"},
    "kinds": {"id", "scan_id", "name", "label", "share", "marks"},
    "head_map": {"head_id", "kind_id", "typicality", "x", "y"},
}
_VIEWS = {"head_scores", "head_labels"}
# Those that files of earlier versions may lack: what needs one says so.
_LATER_VIEWS = {
    "head_evidence", "head_compositions", "head_budget", "head_sentences", "head_groups", "head_edges", "head_paths",
}  # fmt: skip


class GuardedConnection(PatientConnection):
    """A connection each of whose statements may take `SECONDS`, or `WRITING_SECONDS` where it does not only read."""

    spent = 0.0
    looked = 0.0
    allowed = SECONDS
    looks = False

    def execute(self, sql: str, parameters: Any = (), /) -> sqlite3.Cursor:
        """Runs one statement, with all the time there is."""
        self._begin(sql)
        with self.stopped():
            return super().execute(sql, parameters)

    def executemany(self, sql: str, parameters: Any, /) -> sqlite3.Cursor:
        """Runs one statement for each row, with all the time there is for all together."""
        self._begin(sql)
        with self.stopped():
            return super().executemany(sql, parameters)

    def executescript(self, sql: str, /) -> sqlite3.Cursor:
        """Runs some statements, with the time there is for one of them."""
        self._begin(sql)
        with self.stopped():
            return super().executescript(sql)

    @contextmanager
    def stopped(self) -> Iterator[None]:
        """Raises what stopped a statement: Ctrl-C, where Python's own exception is lost inside SQLite's `look`."""
        try:
            yield
        except UnicodeDecodeError as error:  # SQLite quotes names of a damaged file in what it says
            raise sqlite3.DatabaseError("malformed: names in it are no text") from error
        except sqlite3.OperationalError as error:
            if self.looks and error.sqlite_errorcode == sqlite3.SQLITE_INTERRUPT and self.spent <= self.allowed:
                raise KeyboardInterrupt from error
            raise

    def _begin(self, sql: str) -> None:
        self.spent, self.looked = 0.0, time.monotonic()
        self.allowed = SECONDS if sql.lstrip()[:6].lower() == "select" else WRITING_SECONDS

    def look(self) -> bool:
        """Whether the statement's time is up."""
        now = time.monotonic()
        self.spent += min(now - self.looked, _MOST)
        self.looked = now
        return self.spent > self.allowed


def limit(connection: GuardedConnection | sqlite3.Connection) -> None:
    """Bounds the time, the memory and the values of a connection."""
    connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, LARGEST_VALUE)
    for pragma in (f"hard_heap_limit = {HEAP_BYTES}", "trusted_schema = off", "cell_size_check = on"):
        connection.execute(f"pragma {pragma}")
    if isinstance(connection, GuardedConnection):
        connection.set_progress_handler(connection.look, _STEPS)
        connection.looks = True


def check_ours(connection: sqlite3.Connection, path: Path, *, older: bool = False) -> None:
    """Checks that tables are tables, with their columns, and that what they claim is of a size that models have.

    A file of an `older` version, which is about to be brought up to date, may lack some.

    Raises:
        DatabaseError: something else bears the name of one, or a trigger would run; says which.
    """
    try:
        kinds = {row[0]: (row[1], row[2]) for row in connection.execute("select name, type, sql from sqlite_master")}
        for name, (kind, sql) in kinds.items():
            if kind == "trigger":
                raise _foreign(path, f"the trigger '{name}'")
            if kind == "table" and not str(sql).upper().startswith("CREATE TABLE"):
                raise _foreign(path, f"the virtual table '{name}'")
            own = str(name).lower()
            if own in own_sql.TABLES and (kind != "table" or name != own):
                raise _foreign(path, f"no table '{own}'")
            if own in own_sql.TABLES and any(row[6] for row in connection.execute(f'pragma table_xinfo("{own}")')):
                raise _foreign(path, f"computed columns in '{own}'")
        for table, needed in _NEEDED.items():
            kind = kinds.get(table, ("",))[0]
            if older and not kind:
                continue
            if kind != "table":
                raise _foreign(path, f"no table '{table}'")
            missing = needed - {row[1] for row in connection.execute(f'pragma table_xinfo("{table}")')}
            if missing and not older:
                raise _foreign(path, f"no column '{min(missing)}' in '{table}'")
        for view in _VIEWS | _LATER_VIEWS:
            kind, sql = kinds.get(view, ("", ""))
            if not kind and (older or view in _LATER_VIEWS):
                continue
            # Another one may spend minutes in a single step, between two looks at the clock.
            if kind != "view" or own_sql.digest(str(sql)) not in own_sql.KNOWN_VIEWS:
                raise _foreign(path, f"no view '{view}' of ours")
        if what := own_sql.computed(connection):
            raise _foreign(path, what)
        if over := row_counts.too_many(connection):
            table, n_rows, most = over
            raise DatabaseError(f"{path}, {table}: {n_rows:,} rows are not allowed. Allowed are {most:,} at most.")
        if too_long := lengths.too_long(connection):
            table, column, longest, most = too_long
            raise DatabaseError(
                f"{path}, {table}, column '{column}': a value of {longest:,} characters is not allowed. Allowed are "
                f"{most:,} at most."
            )
        for table, query in _HEADS_OF_SCANS.items():
            (most,) = connection.execute(query).fetchone()
            if isinstance(most, int) and most > MAX_HEADS:
                raise DatabaseError(
                    f"{path}, {table}: a scan claims {most:,} heads. Allowed are {MAX_HEADS:,} at most."
                )
        for table in _SIZES:
            _check_sizes(connection.execute(_SIZES[table]).fetchall(), path, table)
    except sqlite3.Error as error:
        raise DatabaseError(unreadable(path, error)) from error


_HEADS_OF_SCANS = {
    "heads": "select max(n) from (select count(*) as n from heads group by scan_id)",
    "layers": "select max(n) from (select sum(n_heads) as n from layers group by scan_id)",
}
_SIZES = {
    "heads": "select attention, count(*), min(layer), max(layer), min(head), max(head) from heads group by 1",
    "layers": "select attention, count(*), min(layer), max(layer), min(n_heads), max(n_heads) from layers group by 1",
}


def _check_sizes(rows: Sequence[Sequence[Any]], path: Path, table: str) -> None:
    for attention, n_rows, *ends in rows:
        limits = (MAX_LAYERS, MAX_LAYERS, MAX_HEADS_A_LAYER, MAX_HEADS_A_LAYER)
        if attention not in ATTENTION_KINDS:
            raise DatabaseError(
                f"{path}, {table}: attention of the kind {str(attention)[:40]!r} is not known. Known are "
                f"{', '.join(ATTENTION_KINDS)}."
            )
        if n_rows > MAX_HEADS_IN_ALL or not all(
            isinstance(end, int) and 0 <= end <= most for end, most in zip(ends, limits, strict=True)
        ):
            raise DatabaseError(
                f"{path}, {table}: numbers of layers and heads are not those of a model: allowed are whole numbers "
                f"from 0 to {MAX_LAYERS:,}, and {MAX_HEADS_IN_ALL:,} heads."
            )


def _foreign(path: Path, what: str) -> DatabaseError:
    return DatabaseError(f"{path} is not as headatlas makes its databases: it has {what}. It is not read.")


def refusal(path: Path, error: sqlite3.Error) -> DatabaseError:
    """What is raised where SQLite cannot read; text that is not UTF-8 is a value like others that are wrong."""
    kind = WrongValueError if "decode to UTF-8" in str(error) else DatabaseError
    return kind(unreadable(path, error))


def unreadable(path: Path, error: BaseException) -> str:
    """The sentence about what SQLite cannot read: what the matter is, and what can be saved."""
    said = str(error)
    if "malformed" in said or "not a database" in said:
        return (
            f"{path} is damaged ({said}). What can be saved: `headatlas export` writes each model that can still be "
            f"read, and `sqlite3 {path} .recover` whatever rows are left; else take a copy, or scan again."
        )
    if "interrupted" in said:
        return f"{path} cannot be read: a statement took longer than it may, and was stopped."
    if "readonly" in said:  # a journal lies beside it, of a transaction that has no end
        return (
            f"{path} cannot be read: a program that was writing to it was cut off, which a command that only reads "
            f"cannot undo. One that writes does, as `headatlas label --db {path}`."
        )
    if "locked" in said:
        return f"{path} cannot be read: {said}. Another program is writing to it; run the same command again later."
    return f"{path} cannot be read: {said}. Check the file, or choose another --db."


def unwritten(path: Path, error: BaseException) -> str:
    """The sentence about what SQLite cannot write: what the matter is, and what to do."""
    said = str(error)
    if "full" in said or "disk I/O" in said:
        advice = "The disk is full or failing; free some space and run the same command again to go on."
    elif "locked" in said:
        advice = "Another program is writing to it; run the same command again when it is done."
    elif "readonly" in said or "unable to open" in said:
        advice = "It cannot be written; check its permissions, or choose another --db."
    else:
        advice = "Check the file, or choose another --db."
    return f"{path}: {said}. {advice}"
