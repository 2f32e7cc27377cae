"""Opening the SQLite file for reading, with a clear word when it is not what it should be.

Kept apart from `schema` and `store` so that reading commands start quickly: no sqlite-utils, no torch.
"""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path
from urllib.parse import quote

from headatlas.errors import DatabaseError, one_line
from headatlas.files.given import exists, is_link, regular, shown
from headatlas.store import guard
from headatlas.store.patience import MOMENT

# Names of the migrations this version knows, in order; a test compares them with `schema.migrations`.
MIGRATIONS = (
    "first_tables", "labels_and_profiles", "key_tokens", "evidence", "catalogue_indexes", "cascade", "locations",
    "off_sink", "tasks", "screens", "groups", "edges", "outputs", "paths", "drawings", "claims",
    "far_lags", "windows", "lines",
)  # fmt: skip
# Those that a reader can do without: a file that has not seen them is read as it is.
FOR_WRITING = frozenset(
    {
        "cascade",
        "locations",
        "tasks",
        "screens",
        "groups",
        "edges",
        "outputs",
        "paths",
        "drawings",
        "claims",
        "far_lags",
        "windows",
        "lines",
    }
)

# Seconds for which another program that has locked a file is waited for.
PATIENCE = 8.0
# Bytes of a file that are read without asking how many of them are on the disk, and how far file systems pack others.
_SURELY_READ, _MOST_PACKED = 2**30, 64
_HEADER = b"SQLite format 3\0"
# How a journal ends that names another file, and how each begins.
_NAMES_ANOTHER = b"\xd9\xd5\x05\xf9\x20\xa1\x63\xd7"
_MADE_BY_SCAN = "Give the path of a database made by `headatlas scan`."


def open_readonly(path: str | Path, *, patience: float | None = None) -> guard.GuardedConnection:
    """Opens a headatlas database that cannot be written through this connection.

    A file that another program has locked is waited for, `PATIENCE` seconds unless `patience` says how many.

    Raises:
        DatabaseError: no such file, not a headatlas database, or one from another version.
    """
    path = Path(path)
    check_name(path)
    if path.is_dir():
        raise DatabaseError(f"{path} is a folder, not a database. {_MADE_BY_SCAN}")
    if not path.exists():
        raise DatabaseError(f"There is no database {path}. Make one with `headatlas scan MODEL --db {path}`.")
    if not path.is_file():
        raise DatabaseError(f"{path} is no file, so it is no database. {_MADE_BY_SCAN}")
    check_header(path)
    connection = connect(path, PATIENCE if patience is None else patience)
    connection.row_factory = sqlite3.Row
    try:
        check_version(connection, path)
        guard.check_ours(connection, path)
    except BaseException:
        connection.close()
        raise
    return connection


def connect(path: Path, patience: float) -> guard.GuardedConnection:
    """A connection to any file that cannot write, with the limits on what a foreign one may cost."""
    connection = sqlite3.connect(
        f"file:{quote(os.fsencode(path.resolve()))}?mode=ro", uri=True, timeout=MOMENT, factory=guard.GuardedConnection,
        check_same_thread=False,
    )  # fmt: skip
    connection.patience = patience
    guard.limit(connection)
    return connection


def check_name(path: Path) -> None:
    """Raises DatabaseError where no file can have the name, or nobody may look whether one has it.

    Nor may what SQLite keeps beside a database be anything but files: it would wait for a pipe for ever.
    """
    try:
        target = path.resolve()
        for end in ("-journal", "-wal", "-shm"):
            beside = target.with_name(f"{target.name}{end}")
            advice = f"It would be read with the database {shown(path.name)}; move it away."
            if target.name and is_link(beside):  # what it leads to would be written into
                raise DatabaseError(f"{shown(beside)} is a link, which SQLite never makes there. {advice}")
            if target.name and exists(beside):
                regular(beside, advice, DatabaseError)
                _check_hole(beside)
                if end == "-journal":
                    _check_journal(beside, advice)
        path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return
    except RuntimeError as error:  # a loop of links, before Python 3.13
        raise DatabaseError(f"{shown(path)} cannot be a database: {one_line(error)}. Choose another --db.") from error
    except (OSError, ValueError) as error:  # a name of 300 bytes, a loop of links; a NUL
        reason = (isinstance(error, OSError) and error.strerror) or str(error)
        raise DatabaseError(f"{shown(path)} cannot be a database: {reason}. Choose another --db.") from error


def check_header(path: Path) -> None:
    """Raises DatabaseError unless a file begins as SQLite's do: it takes the shortest for databases that are empty."""
    _check_hole(path)
    try:
        with path.open("rb") as file:
            begins = file.read(len(_HEADER))
    except OSError as error:
        raise DatabaseError(f"{shown(path)} cannot be read: {error.strerror}.") from error
    if begins != _HEADER:
        what = "is empty" if not begins else "is not a SQLite database, or is damaged"
        raise DatabaseError(f"{shown(path)} {what}. {_MADE_BY_SCAN}")


def _check_hole(path: Path) -> None:
    """Raises DatabaseError where a file claims a size of which the disk holds next to nothing: all of it is read."""
    about = path.stat()
    blocks = getattr(about, "st_blocks", None)  # of 512 bytes; not on Windows
    if blocks is not None and about.st_size > _SURELY_READ and 512 * blocks * _MOST_PACKED < about.st_size:
        raise DatabaseError(
            f"{shown(path)} has {about.st_size / 1e9:,.1f} GB, of which {512 * blocks / 1e6:,.1f} MB are on the disk: "
            "it is mostly a hole, and not read."
        )


def _check_journal(journal: Path, advice: str) -> None:
    """Raises DatabaseError where a journal ends with the name of another file: SQLite would delete that one.

    It is how SQLite writes into several databases at once, which headatlas never does.
    """
    with journal.open("rb") as file:
        file.seek(max(journal.stat().st_size - len(_NAMES_ANOTHER), 0))
        ends = file.read()
    if ends == _NAMES_ANOTHER:
        raise DatabaseError(
            f"{shown(journal)} is of a change to several databases at once, and names a file that would be deleted. "
            f"{advice}"
        )


def check_version(connection: sqlite3.Connection, path: Path) -> None:
    """Raises DatabaseError unless the file is a headatlas database that this version can read."""
    applied = applied_migrations(connection, path)
    if applied is None:
        raise DatabaseError(f"{path} is a SQLite database, but not one of headatlas. {_MADE_BY_SCAN}")
    missing = [name for name in MIGRATIONS if name not in applied and name not in FOR_WRITING]
    if missing:
        raise DatabaseError(
            f"{path} was made by an older headatlas. Run any `headatlas scan` on it to bring it up to date."
        )


def applied_migrations(connection: sqlite3.Connection, path: Path) -> set[str] | None:
    """Names of the migrations a file has seen; None when it is not a headatlas database.

    Raises:
        DatabaseError: the file cannot be read, is not a SQLite database, or comes from a newer version.
    """
    try:
        tables = {row[0] for row in connection.execute("select name from sqlite_master where type = 'table'")}
        if "_sqlite_migrations" not in tables:
            return None
        rows = connection.execute("select name from _sqlite_migrations where migration_set = 'headatlas'")
        applied = {row[0] for row in rows}
    except sqlite3.DatabaseError as error:
        if "not a database" in str(error) or "malformed" in str(error):
            raise DatabaseError(f"{path} is not a SQLite database, or is damaged. {_MADE_BY_SCAN}") from error
        raise DatabaseError(guard.unreadable(path, error)) from error
    newer = applied - set(MIGRATIONS)
    if newer:
        raise DatabaseError(f"{path} was made by a newer headatlas. Upgrade headatlas to read it.")
    return applied or None
