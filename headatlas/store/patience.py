"""Waiting for a database that another program has locked: said after some seconds, and left at once by Ctrl-C.

SQLite's own waiting is one long sleep inside its library, where Python does not hear Ctrl-C. It is given moments only,
between which Python tries again.
"""

from __future__ import annotations

import logging
import sqlite3
import time
from collections.abc import Callable
from typing import Any, TypeVar

log = logging.getLogger("headatlas")

Result = TypeVar("Result")

# Seconds for which SQLite waits by itself, and Ctrl-C may go unheard.
MOMENT = 0.2
# Seconds of waiting after which it is said what is waited for.
TOLD_AFTER = 5.0


class PatientConnection(sqlite3.Connection):
    """A connection whose statements wait `patience` seconds for a lock of another program.

    It is to be opened with `timeout=MOMENT`.
    """

    patience = 0.0
    _told = False

    def execute(self, sql: str, parameters: Any = (), /) -> sqlite3.Cursor:
        """Runs one statement; where the file is locked, again and again until it is free or patience has an end."""
        execute = super().execute
        return self._patiently(lambda: execute(sql, parameters))

    def executescript(self, sql: str, /) -> sqlite3.Cursor:
        """Runs some statements, likewise."""
        executescript = super().executescript
        return self._patiently(lambda: executescript(sql))

    def _patiently(self, statement: Callable[[], Result]) -> Result:
        began, in_transaction = time.monotonic(), self.in_transaction
        while True:
            try:
                return statement()
            except sqlite3.OperationalError as error:
                waited = time.monotonic() - began
                # Where SQLite has ended the transaction, the statement would be run outside of it.
                ended = in_transaction and not self.in_transaction
                if not _is_locked(error) or ended or waited >= self.patience:
                    raise
                # Not while a model is being loaded, perhaps, which silences the log: then after it.
                if waited >= TOLD_AFTER and not self._told and log.isEnabledFor(logging.WARNING):
                    self._told = True
                    log.warning(
                        "Another program has locked the database. It is waited for, up to %.0f seconds in all; Ctrl-C "
                        "ends that, and what is stored stays as it is.",
                        self.patience,
                    )


def _is_locked(error: sqlite3.OperationalError) -> bool:
    code = getattr(error, "sqlite_errorcode", 0)
    # What was read before another program wrote stays outdated, however long one waits.
    return code & 0xFF == sqlite3.SQLITE_BUSY and code != sqlite3.SQLITE_BUSY_SNAPSHOT
