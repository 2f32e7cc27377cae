"""Of which layers it is known what each head gives."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headatlas.store.schema.base import DESCRIPTIONS, migrations, table_of

if TYPE_CHECKING:
    from sqlite_utils import Database

DESCRIPTIONS["layers"]["outputs"] = (
    "1 when what each head gives could be read, so that its loudness was measured if all scored layers have it; null "
    "in scans of before."
)


@migrations(name="outputs")
def outputs(db: Database) -> None:
    """Adds the column."""
    table_of(db, "layers").add_column("outputs", int)
