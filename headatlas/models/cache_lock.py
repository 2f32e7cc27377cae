"""Taking turns at the cache of converted models: what is waited for is said after some seconds, and Ctrl-C ends it."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from headatlas.models.patching import aloud

log = logging.getLogger("headatlas")

# Seconds in which another process renames two folders, as a rule; on a slow network's disk it may take so many.
TOLD_AFTER, PATIENCE = 5.0, 60.0


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Inside, no other process holds the lock of this file.

    Raises:
        filelock.Timeout: one has held it for too long.
    """
    lock = FileLock(path)
    try:
        lock.acquire(timeout=TOLD_AFTER)
    except Timeout:
        with aloud():  # a model is being loaded, which silences the log
            log.warning(
                "Another headatlas is putting a converted model in its place in %s. It is waited for, up to %.0f "
                "seconds in all; Ctrl-C ends that.",
                path.parent,
                PATIENCE,
            )
        lock.acquire(timeout=PATIENCE - TOLD_AFTER)
    try:
        yield
    finally:
        lock.release()
