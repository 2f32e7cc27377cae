"""A database's file: made whole under another name and put in its place, or removed where nothing came of it."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from headatlas.errors import DatabaseError
from headatlas.files.whole import part_name


def try_to_make(path: Path) -> None:
    """Raises DatabaseError if there can be no file in the folder."""
    with _part_of(path) as part:
        part.touch(exist_ok=False)


def make(database: sqlite3.Connection, path: Path) -> None:
    """Makes the file of a database in memory whole, then puts it in place: another process may be making it too.

    Raises:
        DatabaseError: there can be no file in the folder.
        sqlite3.Error: the disk is full.
    """
    with _part_of(path) as part:
        part.touch(exist_ok=False)
        with closing(sqlite3.connect(part)) as file:
            database.backup(file)
            file.execute("pragma journal_mode = wal")
            # Closing would do this too, but without a word where the disk is full.
            file.execute("pragma wal_checkpoint(truncate)").fetchone()
        with suppress(FileExistsError):  # the other was first
            try:
                os.link(part, path)
            except PermissionError:  # a file system without links
                part.rename(path)


def remove(database: sqlite3.Connection, path: Path) -> None:
    """Removes a file that was made for what then failed, unless another process has begun to use it."""
    with suppress(sqlite3.Error, OSError):
        # Where another has it open this fails; where none has, nothing but the file itself is left.
        database.execute("pragma journal_mode = delete")
        # Anew: what this connection remembers of the file is older than what another may have written.
        with closing(sqlite3.connect(path)) as anew:
            is_empty = anew.execute("select 1 from scans limit 1").fetchone() is None
        if is_empty:
            path.unlink()


@contextmanager
def _part_of(path: Path) -> Iterator[Path]:
    """A name for a file that becomes the database; whatever has it is gone afterwards."""
    part = path.with_name(part_name())
    try:
        yield part
    except OSError as error:
        raise DatabaseError(f"{path} cannot be opened for writing: {error.strerror}.") from error
    finally:
        for left in (part, *(part.with_name(part.name + end) for end in ("-wal", "-shm", "-journal"))):
            left.unlink(missing_ok=True)
