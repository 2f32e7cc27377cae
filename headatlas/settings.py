"""What holds for the whole program: its version, and where the database is unless said otherwise."""

from __future__ import annotations

import os
from importlib.metadata import PackageNotFoundError, version

try:
    __version__ = version("headatlas")
except PackageNotFoundError:  # run from a checkout that is not installed
    __version__ = "0"


def default_database() -> str:
    """`$HEADATLAS_DB`, or headatlas.db in the current folder."""
    return os.environ.get("HEADATLAS_DB") or "headatlas.db"
