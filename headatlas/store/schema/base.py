"""What all migrations share: their list, the words that describe tables and columns, and common keys."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, cast

from sqlite_utils import Migrations
from sqlite_utils.db import ForeignKey

if TYPE_CHECKING:
    from sqlite_utils import Database
    from sqlite_utils.db import Table

# Siblings register their migrations here, in the order in which the package imports them.
migrations = Migrations("headatlas")

# One sentence for every table and column; `describe` stores them and a test compares them with the schema.
DESCRIPTIONS: dict[str, dict[str, str]] = {}

# Column, table, and the column there.
Key = tuple[str, str, str]
SCAN: Key = ("scan_id", "scans", "id")
HEAD: Key = ("head_id", "heads", "id")
PROBE: Key = ("probe_id", "probes", "id")

# Tables whose rows own what refers to them: it is deleted with them.
OWNERS = frozenset({"scans", "heads", "examples", "kinds", "evidence_runs", "tasks", "task_runs"})


def table_of(db: Database, name: str) -> Table:
    """A table of the database, for its columns and rows."""
    return cast("Table", db[name])


def foreign_keys(table: str, keys: Iterable[Key]) -> list[ForeignKey]:
    """The keys of a table, with `ON DELETE CASCADE` where they refer to what owns its rows."""
    return [
        ForeignKey(table, column, other, there, on_delete="CASCADE" if other in OWNERS else "NO ACTION")
        for column, other, there in keys
    ]


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
