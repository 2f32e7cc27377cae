"""What is left in a database of work that was cut off: whether there is anything to go on from."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from headatlas.errors import DatabaseError
from headatlas.store import readonly

# Tables of jobs (see `headatlas.store.job`), of their parts, and the column of a part with the number of its job.
_JOBS = (
    ("scans", "chunks", "scan_id"),
    ("evidence_runs", "evidence_parts", "run_id"),
    ("task_runs", "task_parts", "task_run_id"),
)


def has_work(path: Path, since: str) -> bool:
    """Whether parts of unfinished work are stored, or something was finished since a moment, "2026-01-31T12:00:00Z"."""
    try:
        with closing(readonly.open_readonly(path, patience=0.0)) as connection:  # it is asked after Ctrl-C
            return any(_has_work(connection, *tables, since) for tables in _JOBS)
    except (DatabaseError, sqlite3.Error):  # no such file, or none that could hold any
        return False


def _has_work(connection: sqlite3.Connection, jobs: str, parts: str, owner: str, since: str) -> bool:
    (there,) = connection.execute("select count(*) from sqlite_master where name in (?, ?)", [jobs, parts]).fetchone()
    if there < 2:  # made before there was work of this type
        return False
    query = f"select 1 from {parts} where {owner} in (select id from {jobs} where status = 'running') limit 1"
    finished = f"select 1 from {jobs} where finished >= ? limit 1"
    return bool(connection.execute(query).fetchone() or connection.execute(finished, [since]).fetchone())
