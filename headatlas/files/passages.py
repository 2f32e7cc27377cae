"""Passages of a dataset, read by a process of their own, which is stopped where a file makes it take too much.

The datasets library unpacks what a file packs, looks through whole folders and reads values nested to any depth, with
no bounds of its own, and while it does so it hears no Ctrl-C.
"""

from __future__ import annotations

import itertools
import json
import math
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import IO, Any

import psutil

from headatlas.errors import HeadatlasError, brief, one_line
from headatlas.files.given import exists

# Bytes that the process may hold, of which 300 MB are the library's own.
MOST_MEMORY = 1_200_000_000
# Seconds of processors that it may read, once the library is loaded, and by the clock, in which a file may keep it
# waiting. What comes from the hub is unpacked as the network brings it, which has its own patience.
MOST_SECONDS, MOST_SECONDS_OF_HUB = 8, 120
MOST_WAIT = 60
_EVERY = 0.02
# Names of columns in a sentence.
_COLUMNS_NAMED = 20
# Files that the datasets library reads, and what it calls their formats.
_FORMATS = {".jsonl": "json", ".json": "json", ".csv": "csv", ".parquet": "parquet", ".txt": "text"}
_PROGRAM = "from headatlas.files.passages import answer; answer()"


@dataclass(frozen=True)
class Passages:
    """The first passages of a dataset, or None where it has no such column; `columns` are the names of those it has."""

    passages: list[str] | None
    columns: str


def read_passages(name: str, column: str, number: int, most_letters: int) -> Passages:
    """What stands in a column of the first `number` rows of a dataset, up to the passage with which it is too much.

    Raises:
        HeadatlasError: it cannot be read, or takes more memory or time than a dataset does.
    """
    words = [sys.executable, "-c", _PROGRAM, name, column, str(number), str(most_letters)]
    # What this process finds its modules with, that one finds them with too.
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    with tempfile.TemporaryFile() as given:
        nothing = subprocess.DEVNULL
        with subprocess.Popen(words, env=environment, stdin=nothing, stdout=given, stderr=nothing) as process:
            try:
                _wait(process, given, name)
            finally:
                process.kill()
        given.seek(0)
        content = given.read()
    if process.returncode:
        raise HeadatlasError(f"The dataset '{brief(name)}' could not be read: the library that reads it broke off.")
    said = json.loads(content)
    if "error" in said:
        raise HeadatlasError(f"The dataset '{brief(name)}' could not be read: {said['error']}")
    return Passages(**said)


def _wait(process: subprocess.Popen[bytes], given: IO[bytes], name: str) -> None:
    """Waits for a process, which writes what it has into `given`.

    Raises:
        HeadatlasError: it takes too much.
    """
    is_here = exists(name)
    most_seconds = MOST_SECONDS if is_here else MOST_SECONDS_OF_HUB
    most_wait = MOST_WAIT if is_here else math.inf
    began, loading = time.monotonic(), 0.0
    watched = psutil.Process(process.pid)
    while True:
        with suppress(subprocess.TimeoutExpired):
            process.wait(_EVERY)
            return
        with suppress(psutil.NoSuchProcess):
            seconds = sum(watched.cpu_times()[:2])
            if os.fstat(given.fileno()).st_size == 0:
                began, loading = time.monotonic(), seconds
            if watched.memory_info().rss > MOST_MEMORY:
                takes = f"takes more than {MOST_MEMORY / 1e6:,.0f} MB of memory"
            elif seconds - loading > most_seconds:
                takes = f"takes more than {most_seconds} seconds of a processor"
            elif time.monotonic() - began > most_wait:
                takes = f"takes more than {most_wait} seconds"
            else:
                continue
            raise HeadatlasError(
                f"To read the first rows of the dataset '{brief(name)}' {takes}. Write some of its passages into a "
                ".jsonl file, and give that."
            )


def answer() -> None:
    """What the process does: reads the dataset that its words name, and writes what it has as JSON."""
    name, column, number, most_letters = sys.argv[1:]
    with os.fdopen(os.dup(1), "w", encoding="utf-8") as given:
        os.dup2(2, 1)  # whatever the library prints
        try:
            import_module("datasets")
            given.write("\n")
            given.flush()  # from here on it is the dataset that takes time
            said = _read(name, column, int(number), int(most_letters))
        except Exception as error:  # the library raises its own and everybody else's errors
            said = {"error": one_line(error)}
        json.dump(said, given)
    os._exit(0)  # threads of the library may still be reading ahead


def _read(name: str, column: str, number: int, most_letters: int) -> dict[str, Any]:
    passages: list[str] = []
    columns: list[str] | None = None
    n_letters = 0
    for row in itertools.islice(_rows(name), number):
        columns = list(row) if columns is None else columns
        if column not in columns:
            break
        if row.get(column) is not None and (passage := str(row[column])).strip():
            passages.append(passage)
            n_letters += len(passage)
        if n_letters > most_letters:
            break
    if columns is None or column not in columns:
        return {"passages": None, "columns": _listed(columns or [])}
    return {"passages": passages, "columns": _listed(columns)}


def _listed(columns: list[str]) -> str:
    more = f" and {len(columns) - _COLUMNS_NAMED} more" if len(columns) > _COLUMNS_NAMED else ""
    return (", ".join(map(brief, columns[:_COLUMNS_NAMED])) or "none") + more


def _rows(name: str) -> Iterable[dict[str, Any]]:
    """The rows of a dataset, one after the other."""
    import datasets

    path = Path(name).resolve()
    if path.is_file() and path.suffix in _FORMATS:
        return datasets.load_dataset(_FORMATS[path.suffix], data_files=str(path), split="train", streaming=True)
    return datasets.load_dataset(str(path) if path.exists() else name, split="train", streaming=True)
