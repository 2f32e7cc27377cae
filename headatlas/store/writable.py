"""Opening the SQLite file for writing, and transactions that leave it worth reading."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from functools import cache
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, cast

import sqlite_utils

from headatlas.errors import DatabaseError, HeadatlasError, one_line
from headatlas.store import guard, new_file, profiles, readonly
from headatlas.store.patience import MOMENT
from headatlas.store.schema import describe, migrations

if TYPE_CHECKING:
    from sqlite_utils.db import Table

# Seconds for which another program's writing is waited for by work of minutes, and by commands that take seconds.
PATIENCE = 60.0
SHORT_PATIENCE = 8.0
# How many pages are given back to the disk at a time: what has to move is written down twice until the step ends.
PAGES_AT_ONCE = 1024


@cache
def empty_database() -> sqlite3.Connection:
    """A database in memory with all tables and nothing in them: made once, for it takes 80 ms. Only to be copied."""
    connection = sqlite3.connect(":memory:", check_same_thread=False)
    connection.execute("pragma auto_vacuum = incremental")
    database = sqlite_utils.Database(connection)
    migrations.apply(database)
    describe(database)
    return connection


class WritableDatabase:
    """A headatlas database opened for writing; made, or brought up to date, when needed.

    A file that is not there is made when the first transaction begins, or at the end where nothing went wrong: what
    fails before it has anything to store leaves no file. Until then there is an empty database in memory.

    A file of an earlier version is brought up to date with the first transaction, or when it is closed and nothing went
    wrong: what fails before leaves the file as it was. Until then other programs cannot write into it, which is for
    work of seconds (see `open_to_others`).

    Another program's writing is waited for, `PATIENCE` seconds unless `patience` says how many.

    Raises:
        DatabaseError: the file is something else, comes from a newer version, or cannot be written.
    """

    def __init__(self, path: str | Path, *, patience: float | None = None) -> None:
        self.path = Path(path)
        self._patience = PATIENCE if patience is None else patience
        self._to_settle = False
        readonly.check_name(self.path)
        if self.path.is_dir():
            raise DatabaseError(f"{self.path} is a folder. Give the path of a file with --db.")
        if self.path.exists() and not self.path.is_file():
            raise DatabaseError(f"{self.path} is no file, so it is no database. Choose another --db.")
        if not self.path.parent.is_dir():
            raise DatabaseError(f"The folder {self.path.parent} does not exist. Make it, or choose another --db.")
        self._in_memory = False
        self._to_no_use = False
        is_there = self.path.exists()
        if not is_there:
            new_file.try_to_make(self.path)  # now, rather than after a model has been loaded
        self._open(self.path if is_there else None)
        self._in_memory = not is_there

    def _open(self, path: Path | None) -> None:
        """Opens the file; None: a database in memory."""
        there = path is not None and path.stat().st_size > 0
        if there:
            readonly.check_header(self.path)
            self._look()
        try:
            # A file may have the name ":memory:" too.
            connection = sqlite3.connect(
                path.absolute() if path else ":memory:", timeout=MOMENT, factory=guard.GuardedConnection
            )
            connection.patience = self._patience
        except sqlite3.Error as error:
            raise DatabaseError(f"{self.path} cannot be opened for writing: {error}.") from error
        try:
            guard.limit(connection)
            known = self._migrations_of(connection) if there else None
            self.db = sqlite_utils.Database(connection)
            with self.translate_errors():
                if path is None:
                    empty_database().backup(connection)
                    known = set(readonly.MIGRATIONS)
                if known is None:  # later it would be too late
                    connection.execute("pragma auto_vacuum = incremental")
                # Some systems' SQLite writes zeros over what is deleted: the sums of a whole scan, to no one's use.
                connection.execute("pragma secure_delete = off")
                if known is None or set(known) != set(readonly.MIGRATIONS):
                    self._bring_up_to_date()
                else:
                    connection.execute("pragma foreign_keys = on")
        except BaseException:
            connection.close()
            raise

    def _look(self) -> None:
        """Checks the file through a connection that cannot write.

        One that can, when it is closed, puts the log beside the file into it: also that of another database, which
        somebody has copied there, and which makes this one look like no database of ours.

        Raises:
            DatabaseError: it is none of ours, or comes from a newer version.
        """
        with closing(readonly.connect(self.path, self._patience)) as connection:
            try:
                connection.execute("select 1 from sqlite_master").fetchone()
            except sqlite3.OperationalError as error:
                # What was cut off is to be undone first, or the folder cannot be written: whoever writes will say so.
                code = error.sqlite_errorcode & 0xFF
                if code in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN):
                    return
                if code == sqlite3.SQLITE_BUSY:  # it has been waited for, and is not again
                    raise DatabaseError(guard.unreadable(self.path, error)) from error
            except sqlite3.Error:
                pass  # in a sentence, below
            self._migrations_of(connection)

    def _migrations_of(self, connection: sqlite3.Connection) -> set[str] | None:
        """Names of the migrations that a file has seen, None where it is empty; before anything of it is run.

        Raises:
            DatabaseError: it is none of ours, or comes from a newer version.
        """
        known = readonly.applied_migrations(connection, self.path)
        if known is not None:
            older = bool(set(readonly.MIGRATIONS) - readonly.FOR_WRITING - known)
            guard.check_ours(connection, self.path, older=older)
        elif connection.execute("select 1 from sqlite_master").fetchone():
            raise DatabaseError(
                f"{self.path} is a SQLite database of something else; headatlas does not write into it. Choose "
                "another --db."
            )
        return known

    def _bring_up_to_date(self) -> None:
        """All that is missing, in a transaction that `settle` ends; where another process has been quicker, nothing.

        Migrations that copy tables need foreign keys to be off, which inside a transaction is too late. What turns out
        to be damaged meanwhile stays as it was to the last byte, and so is not put into another mode before.
        """
        self.db.execute("begin immediate")
        self._to_settle = True
        try:
            migrations.apply(self.db)
            describe(self.db)
            guard.check_ours(self.db.conn, self.path)
            profiles.write_missing(self.db)
        except (HeadatlasError, sqlite3.Error):
            raise
        except Exception as error:
            raise DatabaseError(
                f"{self.path} was made by an older headatlas, and cannot be brought up to date: something in it is not "
                f"as headatlas writes it ({one_line(error, named=True).rstrip('.')}). It is left as it was. Choose "
                "another --db, and scan again."
            ) from error

    def settle(self) -> None:
        """Keeps what an older file was brought up to date with, if that is still to be decided."""
        if self._to_settle:
            self._to_settle = False
            self.db.execute("commit")
            self.db.execute("pragma foreign_keys = on")
            self.db.execute("pragma journal_mode = wal")

    @contextmanager
    def open_to_others(self) -> Iterator[None]:
        """Inside, for work of minutes before there is anything to store, other programs can write into an older file.

        What it was brought up to date with is undone, and done again afterwards: nothing is read or stored inside.
        """
        again = self._to_settle
        if again:
            self._to_settle = False
            self.db.rollback()
        yield
        if again:
            with self.translate_errors():
                self._bring_up_to_date()

    def _put_in_place(self) -> None:
        """Makes the file that is not there yet, and opens it in the place of the database in memory."""
        if self._in_memory:
            if not self.path.exists():
                with self.translate_errors():
                    new_file.make(self.db.conn, self.path)
                self._to_no_use = True  # until something is in it
            self.db.conn.close()
            self._in_memory = False
            self._open(self.path)

    def close(self) -> None:
        """Closes the file."""
        self._put_in_place()
        with self.translate_errors():
            self.settle()
        self.db.conn.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None:
            self.close()
            return
        if self._to_no_use:
            cast(guard.GuardedConnection, self.db.conn).patience = 0.0
            new_file.remove(self.db.conn, self.path)
        self.db.conn.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing.

        Raises:
            DatabaseError: the disk is full, the file is locked or read-only.
        """
        with self.translate_errors():
            self.settle()
            if self.db.conn.in_transaction:
                with self.db.atomic():
                    yield
                return
            self._put_in_place()
            # At once for writing: what is read here must not be overtaken by another process before it is written.
            self.db.execute("begin immediate")
            try:
                yield
                self.db.execute("commit")  # which waits for who is reading
                self._to_no_use = False
            except BaseException:
                self.db.rollback()
                raise
            self._let_others_read()

    def _let_others_read(self) -> None:
        """Has readers go on reading while more is written.

        Not sooner: it changes the file, which stays as it was where the first thing to be stored is refused. Where
        another program is reading now, it is done with the next.
        """
        connection = cast(guard.GuardedConnection, self.db.conn)
        patience, connection.patience = connection.patience, 0.0
        try:
            with suppress(sqlite3.OperationalError):
                connection.execute("pragma journal_mode = wal")
        finally:
            connection.patience = patience

    def give_back(self) -> None:
        """Gives pages that nothing is in any longer back to the disk, in steps, so that it takes little of it.

        A file that was made before this could be done keeps its pages for what is written next. So does one that
        another program is reading or writing now, or whose disk is full: nothing is lost, and it is done another time.
        """
        with suppress(sqlite3.Error):
            free, before, busy = self._free_pages(), -1, False
            while free != before and not busy:
                # As a script: `execute` would stop after the first page.
                self.db.executescript(f"pragma incremental_vacuum({PAGES_AT_ONCE})")
                busy = bool(self.db.execute("pragma wal_checkpoint(truncate)").fetchone()[0])
                free, before = self._free_pages(), free

    def _free_pages(self) -> int:
        return cast(int, self.db.execute("pragma freelist_count").fetchone()[0])

    @contextmanager
    def translate_errors(self) -> Iterator[None]:
        """Turns what SQLite raises into a DatabaseError that says what to do."""
        try:
            yield
        except sqlite3.Error as error:
            raise DatabaseError(guard.unwritten(self.path, error)) from error

    def table(self, name: str) -> Table:
        """A table, for rows."""
        return cast("Table", self.db[name])

    def insert_rows(self, table: str, rows: Iterable[Mapping[str, Any]]) -> None:
        """Inserts rows that all have the columns of the first, of plain values.

        With a scan's half a million rows this takes a fifth of what `insert_all` takes, which looks at every value.
        """
        rows = iter(rows)
        first = next(rows, None)
        if first is not None:
            columns, values = ", ".join(f"[{name}]" for name in first), ", ".join(f":{name}" for name in first)
            self.db.conn.executemany(f"insert into [{table}] ({columns}) values ({values})", chain([first], rows))

    def insert_columns(self, table: str, parts: Iterable[Mapping[str, Sequence[Any]]]) -> None:
        """Inserts rows given as columns of plain values, some rows at a time; all parts have the columns of the first.

        No row is made into a dictionary: half a million of them take as long as SQLite's own work.
        """
        parts = iter(parts)
        first = next(parts, None)
        if first is not None:
            names = tuple(first)
            columns, marks = ", ".join(f"[{name}]" for name in names), ", ".join("?" * len(names))
            rows = (row for part in chain([first], parts) for row in zip(*(part[name] for name in names), strict=True))
            self.db.conn.executemany(f"insert into [{table}] ({columns}) values ({marks})", rows)

    def first_row(self, sql: str, values: Sequence[Any] = ()) -> dict[str, Any] | None:
        """The first row of a query, or None."""
        return next(self.db.query(sql, values), None)
