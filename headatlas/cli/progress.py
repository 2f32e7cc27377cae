"""A bar on a terminal while something long is done."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from headatlas.cli.terminal_text import spelled_out

if TYPE_CHECKING:
    from headatlas.store.job import Progress


@contextmanager
def progress_bar(task: str, quiet: bool) -> Iterator[Progress | None]:
    """A bar with the time left on a terminal; nothing in a pipe."""
    if quiet or not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}", markup=False), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        number = bar.add_task(spelled_out(task), total=None)
        yield lambda done, total: bar.update(number, completed=done, total=total)
