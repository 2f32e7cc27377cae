"""What all migrations share: their list, the words that describe tables and columns, and common keys."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from sqlite_utils import Migrations

if TYPE_CHECKING:
    from sqlite_utils import Database
    from sqlite_utils.db import Table


# Register their migrations, in this order, after the ones above.


migrations = Migrations("headatlas")

# One sentence for every table and column; `describe` stores them and a test compares them with the schema.
DESCRIPTIONS: dict[str, dict[str, str]] = {}

SCAN = ("scan_id", "scans", "id")
HEAD = ("head_id", "heads", "id")
PROBE = ("probe_id", "probes", "id")


def table_of(db: Database, name: str) -> Table:
    """A table of the database, for its columns and rows."""
    return cast("Table", db[name])


def describe(db: Database) -> None:
    """Writes `DESCRIPTIONS` into the file, once all migrations have run."""
    table = table_of(db, "descriptions")
    table.drop(ignore=True)
    rows = [
        {"table_name": name, "column_name": column, "description": text}
        for name, columns in DESCRIPTIONS.items()
        for column, text in columns.items()
    ]
    table.insert_all(rows, pk=("table_name", "column_name"))
