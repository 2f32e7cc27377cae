"""A new database is a copy of the first: running all migrations takes as long as a tenth of a scan of a tiny model.

tests/test_database.py asks whether copies are what migrations make.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing

from sqlite_utils import Database

from headatlas.store.schema import describe, migrations
from headatlas.store.writable import WritableDatabase

_first: list[bytes] = []
_bring_up_to_date = WritableDatabase._bring_up_to_date


def made() -> Database:
    """A new database in memory, by all migrations."""
    db = Database(sqlite3.connect(":memory:"))
    db.execute("pragma auto_vacuum = incremental")
    migrations.apply(db)
    describe(db)
    return db


def install() -> None:
    """Has every database that is made for writing be such a copy."""
    WritableDatabase._bring_up_to_date = _copied  # type: ignore[method-assign]


def fill(db: Database) -> None:
    """Makes all tables in a database that has none."""
    if not _first:
        with closing(made().conn) as own:
            _first.append(own.serialize())
    with closing(sqlite3.connect(":memory:")) as first:
        first.deserialize(_first[0])
        first.backup(db.conn)


def _copied(store: WritableDatabase) -> None:
    blank = not store.db.execute("select 1 from sqlite_master").fetchone()
    in_memory = not store.db.execute("pragma database_list").fetchone()[2]
    if blank and in_memory:
        fill(store.db)
    else:  # a database of before, or a file of nothing
        _bring_up_to_date(store)
