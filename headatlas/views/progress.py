"""The bar that calls from Python show: in a notebook, or on a terminal, by itself."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from headatlas.store.job import Progress


@contextmanager
def progress_of(task: str, wanted: bool | Progress | None) -> Iterator[Progress | None]:
    """What a call reports its work to.

    Args:
        task: what stands before the bar.
        wanted: True for a bar, False for none, None for one where somebody looks (a notebook, a terminal); or a
            function that is called with the work done and the work in all.
    """
    if callable(wanted):
        yield wanted
        return
    if not (_is_watched() if wanted is None else wanted):
        yield None
        return
    from tqdm.auto import tqdm

    # Shares of different work, tokens or rows, have no unit that says anything.
    with tqdm(desc=task, total=None, bar_format="{desc}: {percentage:3.0f}% |{bar}| {elapsed}<{remaining}") as bar:

        def show(done: int, total: int) -> None:
            bar.total = total
            bar.update(done - bar.n)

        yield show


def _is_watched() -> bool:
    """Whether this is a notebook, or standard error is a terminal."""
    shell = sys.modules.get("IPython")
    kernel = shell is not None and type(shell.get_ipython()).__name__ == "ZMQInteractiveShell"
    return kernel or sys.stderr.isatty()
