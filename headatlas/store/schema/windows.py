"""How far the layers of a model see whose attention slides."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headatlas.store.schema.base import DESCRIPTIONS, migrations, table_of

if TYPE_CHECKING:
    from sqlite_utils import Database

DESCRIPTIONS["layers"]["window"] = (
    "How many tokens away the farthest key is that a query may attend to, where attention slides; null where it does "
    "not, and in scans of before."
)
DESCRIPTIONS["overlaps"]["window"] = (
    "The window of the layers for which it holds, where attention slides and the probe has longer texts; else null."
)


@migrations(name="windows")
def windows(db: Database) -> None:
    """Adds the columns."""
    for table in ("layers", "overlaps"):
        table_of(db, table).add_column("window", int)
