"""How many rows the tables of a database may have: far more than ours have, and few enough to be read."""

from __future__ import annotations

import math
import sqlite3

from headatlas.store.limits import MAX_DEFINITIONS, MAX_ROWS, MAX_ROWS_A_HEAD, MAX_SCANS
from headatlas.store.own_sql import TABLES

# Tables that say what names mean; the others have rows of heads and of scans.
DEFINITIONS = frozenset({"patterns", "probes", "evidence_kinds", "descriptions", "_sqlite_migrations"})


def too_many(connection: sqlite3.Connection) -> tuple[str, int, int] | None:
    """A table of more rows than it may have, how many these are, and how many are allowed; None where none has."""
    there = {row[0] for row in connection.execute("select name from sqlite_master where type = 'table'")}
    n_scans, n_heads = (_count(connection, table) if table in there else 0 for table in ("scans", "heads"))
    if n_scans > MAX_SCANS:
        return "scans", n_scans, MAX_SCANS
    most = MAX_ROWS * (1 + n_scans) + MAX_ROWS_A_HEAD * n_heads
    for table in sorted(TABLES & there):
        allowed = MAX_DEFINITIONS if table in DEFINITIONS else most
        # Numbers of rows are not given twice, and their ends are found at once; those deleted between are rows no more.
        if _span(connection, table) > allowed:
            n_rows = _count(connection, table)
            if n_rows > allowed:
                return table, n_rows, allowed
    return None


def _count(connection: sqlite3.Connection, table: str) -> int:
    return int(connection.execute(f'select count(*) from "{table}"').fetchone()[0])


def _span(connection: sqlite3.Connection, table: str) -> float:
    """The most rows that a table can have; infinite where they have no numbers."""
    # One after the other: together they would be looked for among all rows.
    first, last = (connection.execute(f'select {end}(rowid) from "{table}"').fetchone()[0] for end in ("min", "max"))
    if first is None:
        return 0
    return last - first + 1 if isinstance(first, int) and isinstance(last, int) else math.inf
