"""What a model's own settings say of its heads."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headatlas.store.schema.base import DESCRIPTIONS, migrations, table_of

if TYPE_CHECKING:
    from sqlite_utils import Database

DESCRIPTIONS["scans"]["alignment_heads"] = (
    "The heads of cross-attention from which a model of speech takes the times of words, as its generation settings "
    "name them: JSON, a list of [layer, head]; null where they name none."
)


@migrations(name="claims")
def claims(db: Database) -> None:
    """Adds the column."""
    table_of(db, "scans").add_column("alignment_heads", str)
