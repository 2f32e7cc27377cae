"""Opening the SQLite file for writing, and transactions that leave it worth reading."""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, cast

import sqlite_utils

from headatlas.errors import DatabaseError
from headatlas.store import profiles, readonly
from headatlas.store.schema import describe, migrations

if TYPE_CHECKING:
    from sqlite_utils.db import Table

# Seconds for which another program's writing is waited for.
PATIENCE = 60.0


class WritableDatabase:
    """A headatlas database opened for writing; made, or brought up to date, when needed.

    Raises:
        DatabaseError: the file is something else, comes from a newer version, or cannot be written.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        if self.path.is_dir():
            raise DatabaseError(f"{self.path} is a folder. Give the path of a file with --db.")
        if not self.path.parent.is_dir():
            raise DatabaseError(f"The folder {self.path.parent} does not exist. Make it, or choose another --db.")
        if not self.path.exists():
            self._make()
        try:
            connection = sqlite3.connect(self.path, timeout=PATIENCE)
        except sqlite3.Error as error:
            raise DatabaseError(f"{self.path} cannot be opened for writing: {error}.") from error
        try:
            known = None
            if self.path.stat().st_size:
                known = readonly.applied_migrations(connection, self.path)
                if known is None and connection.execute("select 1 from sqlite_master").fetchone():
                    raise DatabaseError(
                        f"{self.path} is a SQLite database of something else; headatlas does not write into it. "
                        "Choose another --db."
                    )
            self.db = sqlite_utils.Database(connection)
            with self.explained():
                # Readers go on reading while a scan writes.
                connection.execute("pragma journal_mode = wal")
                if known is None or set(known) != set(readonly.MIGRATIONS):
                    self._bring_up_to_date()
                connection.execute("pragma foreign_keys = on")
        except BaseException:
            connection.close()
            raise

    def _bring_up_to_date(self) -> None:
        """All that is missing, at once; where another process has been quicker, that is nothing.

        Migrations that copy tables need foreign keys to be off, which inside a transaction is too late.
        """
        with self.transaction():
            migrations.apply(self.db)
            describe(self.db)
            profiles.write_missing(self.db)

    def _make(self) -> None:
        """Makes the file under another name and puts it in place whole: another process may be making it too."""
        part = self.path.with_name(f"{self.path.name}.{os.getpid()}-{threading.get_ident()}.part")
        try:
            part.touch(exist_ok=False)
            WritableDatabase(part).close()
            with suppress(FileExistsError):  # the other was first
                try:
                    os.link(part, self.path)
                except PermissionError:  # a file system without links
                    part.rename(self.path)
        except OSError as error:
            raise DatabaseError(f"{self.path} cannot be opened for writing: {error.strerror}.") from error
        except DatabaseError as error:
            raise DatabaseError(str(error).replace(str(part), str(self.path))) from error
        finally:
            for left in (part, *(part.with_name(part.name + end) for end in ("-wal", "-shm", "-journal"))):
                left.unlink(missing_ok=True)

    def close(self) -> None:
        """Closes the file."""
        self.db.conn.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing.

        Raises:
            DatabaseError: the disk is full, the file is locked or read-only.
        """
        with self.explained():
            if self.db.conn.in_transaction:
                with self.db.atomic():
                    yield
                return
            # At once for writing: what is read here must not be overtaken by another process before it is written.
            self.db.execute("begin immediate")
            try:
                yield
                self.db.commit()
            except BaseException:
                self.db.rollback()
                raise

    @contextmanager
    def explained(self) -> Iterator[None]:
        """Turns what SQLite raises into a DatabaseError that says what to do."""
        try:
            yield
        except sqlite3.Error as error:
            text = str(error)
            if "full" in text or "disk I/O" in text:
                advice = "The disk is full or failing; free some space and run the same command again to go on."
            elif "locked" in text:
                advice = "Another program is writing to it; run the same command again when it is done."
            elif "readonly" in text or "unable to open" in text:
                advice = "It cannot be written; check its permissions, or choose another --db."
            else:
                advice = "Check the file, or choose another --db."
            raise DatabaseError(f"{self.path}: {text}. {advice}") from error

    def table(self, name: str) -> Table:
        """A table, for rows."""
        return cast("Table", self.db[name])

    def one(self, sql: str, values: Sequence[Any] = ()) -> dict[str, Any] | None:
        """The first row of a query, or None."""
        return next(self.db.query(sql, values), None)
