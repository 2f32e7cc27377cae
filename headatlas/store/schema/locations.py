"""Where a scan's model was, so that it can be loaded again by the scan's name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headatlas.store.schema.base import DESCRIPTIONS, migrations, table_of

if TYPE_CHECKING:
    from sqlite_utils import Database

DESCRIPTIONS["scans"]["location"] = (
    "Where the model was loaded from: the full path of a folder or file, or its name on the hub; null where it was "
    "held in Python, recorded, or scanned before this was kept. It stays in this file: exported scans do not have it."
)


@migrations(name="locations")
def locations(db: Database) -> None:
    """Adds the column; of models on the hub it is known."""
    table_of(db, "scans").add_column("location", str)
