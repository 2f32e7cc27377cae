"""What belongs to a scan is deleted with it, by the database itself."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from headatlas.store.schema.base import OWNERS, migrations, table_of

if TYPE_CHECKING:
    from sqlite_utils import Database


@migrations(name="cascade")
def cascade(db: Database) -> None:
    """Adds `ON DELETE CASCADE` to the keys of files made without it, and an index for each key that has none.

    SQLite cannot change a key, so those tables are copied; foreign keys have to be off, or dropping the old table
    would delete what refers to it. On 2 million scores this takes 10 s of processor time and 1 GB of disk.
    """
    for name in db.table_names():
        table = table_of(db, name)
        keys = [replace(key, on_delete="CASCADE") if key.other_table in OWNERS else key for key in table.foreign_keys]
        if keys != table.foreign_keys:
            table.transform(foreign_keys=keys)
    # The other keys are the first columns of a primary key or of an index.
    table_of(db, "compositions").create_index(["earlier_id"])
    table_of(db, "head_map").create_index(["kind_id"])
    table_of(db, "evidence_runs").create_index(["scan_id"])
