"""One meaning of MODEL: the name of a stored scan, or what the model of one was loaded from. Imports no torch."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from headatlas.errors import DatabaseError, ModelError
from headatlas.files.given import exists
from headatlas.heads import HEADVIS, RECORDED
from headatlas.models.finding import location_of
from headatlas.store import readonly

_COLUMNS = ("model", "source", "location", "revision")


@dataclass(frozen=True)
class StoredModel:
    """The model of a scan: its name, where the weights came from, where exactly (None: not known), the commit."""

    model: str
    source: str
    location: str | None
    revision: str | None

    def to_load(self) -> str:
        """What to load: the folder, the file, or the name on the hub.

        Raises:
            ModelError: it was never anywhere, or is not there any longer.
        """
        elsewhere = {RECORDED: "recorded elsewhere", HEADVIS: "measured by HeadVis"}
        if self.source in ("bridge", "object", *elsewhere):
            how = elsewhere.get(self.source, "held in Python")
            raise ModelError(
                f"The model of the scan '{self.model}' was {how}, so it cannot be loaded by its name. Give the model "
                f"itself, with --as {self.model}."
            )
        if self.location is None:
            return self.model
        if self.source != "hub" and location_of(self.location) is None:
            raise ModelError(
                f"The model of the scan '{self.model}' was in {self.location}, where there is nothing now. Give its "
                f"present place, with --as {self.model}."
            )
        return self.location


def stored_model(db: str | Path, model: str) -> StoredModel | None:
    """The scan in a database that `model` means: by its name, or by where its model is.

    Of several scans of one folder it is the one that bears the folder's name; None where none does, where there is no
    such scan, and where the database cannot be read (whoever needs it will say so).
    """
    if not exists(db) or not Path(db).is_file():
        return None
    try:
        with closing(readonly.open_readonly(db)) as connection:
            if "locations" not in (readonly.applied_migrations(connection, Path(db)) or ()):
                return None
            return meant_by(connection, model)
    except (sqlite3.Error, DatabaseError):
        return None


def meant_by(connection: sqlite3.Connection, model: str) -> StoredModel | None:
    """The same in a database that is open, and up to date."""
    select = f"select {', '.join(_COLUMNS)} from scans"
    rows = connection.execute(f"{select} where model = ? order by status limit 1", [model]).fetchall()
    here = location_of(model)
    if not rows and here is not None:
        same = connection.execute(f"{select} where location = ? order by status, id desc", [here]).fetchall()
        rows = [row for row in same if Path(row[0]).name == Path(here).name] or same[:1] * (len(same) == 1)
    return StoredModel(*rows[0]) if rows else None
