"""What is known of examples that are pictures with a sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headatlas.store.schema.base import DESCRIPTIONS, migrations, table_of

if TYPE_CHECKING:
    from sqlite_utils import Database

DESCRIPTIONS["examples"] |= {
    "prompt": "The sentence that a model that draws was given with the picture; else null.",
    "noise": "The share of diffusion's time, from 0 (the clean picture) to 1 (nothing but noise); else null.",
    "step": "The step, counted from 0, of a picture that the model drew itself; null for one it was given.",
}


@migrations(name="drawings")
def drawings(db: Database) -> None:
    """Adds the columns."""
    for name, kind in dict(prompt=str, noise=float, step=int).items():
        table_of(db, "examples").add_column(name, kind)
