"""Work for several processes at a time: copies of this one, which have all that it has read.

Where a process cannot be copied safely, which is so but on Linux, and where there is one core, all is done here.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from typing import Any, TypeVar

from headatlas.errors import HeadatlasError

MOST = 8  # processes: each holds a model
_POLL = 0.5  # seconds between two looks at how far all are

T = TypeVar("T")
Submit = Callable[[str], "Future[T]"]

_work: Callable[[str], Any]  # of this process, where it is a copy
_at_work = False  # whether it is doing that


def n_copies(n_items: int) -> int:
    """How many copies to work with, 0 for none: as many as there are cores that we may use, and things to do."""
    if sys.platform != "linux":
        return 0
    n = min(len(os.sched_getaffinity(0)), n_items, MOST)
    return n if n > 1 else 0


class Counter:
    """A number that copies of the process add to together."""

    def __init__(self) -> None:
        self._number = multiprocessing.get_context("fork").Value("q", 0) if sys.platform == "linux" else None
        self._own = 0

    def add(self, number: int) -> None:
        """Adds to the number."""
        if self._number is None:
            self._own += number
            return
        with self._number.get_lock():
            self._number.value += number

    @property
    def value(self) -> int:
        """The number as it is now."""
        return self._own if self._number is None else self._number.value


@contextmanager
def working(work: Callable[[str], T], n: int) -> Iterator[Submit[T]]:
    """Gives `submit(item)`, which has one of `n` copies of this process do `work(item)`; at once and here where n is 0.

    What `work` uses is copied when the first item comes; what it returns is pickled. When this is left with an error,
    the copies are ended.
    """
    if not n:
        yield lambda item: _done(work, item)
        return
    others = {*multiprocessing.active_children()}
    pool = ProcessPoolExecutor(n, multiprocessing.get_context("fork"), _begin, (work,))
    try:
        yield lambda item: pool.submit(_do, item)
    except BaseException:
        for process in {*multiprocessing.active_children()} - others:
            process.terminate()
        raise
    finally:
        pool.shutdown(cancel_futures=True)


def results(futures: Sequence[Future[T]]) -> Iterator[T | None]:
    """Yields what each piece of work returned, in the order in which they end, and None every half second meanwhile.

    Raises:
        HeadatlasError: a process was ended from outside.
    """
    left = {*futures}
    while left:
        done, left = wait(left, _POLL, FIRST_COMPLETED)
        for future in done:
            yield result(future)
        yield None


def result(future: Future[T]) -> T:
    """Waits for one piece of work and returns what it returned.

    Raises:
        HeadatlasError: its process was ended from outside.
    """
    try:
        return future.result()
    except BrokenProcessPool as error:
        raise HeadatlasError(
            "A process that wrote pages was ended from outside, most often because memory ran out. What it wrote is "
            "kept: run this again, on fewer cores where memory is short (`taskset -c 0 headatlas atlas ...`)."
        ) from error


class _Ended(BaseException):
    """This copy is to end: what it has begun is cleared away on the way out."""


def _begin(work: Callable[[str], Any]) -> None:
    global _work
    _work = work

    def end(*_: object) -> None:
        if _at_work:
            raise _Ended
        os._exit(0)

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the process that was copied ends us


def _do(item: str) -> Any:
    global _at_work
    _at_work = True
    try:
        return _work(item)
    finally:
        _at_work = False


def _done(work: Callable[[str], T], item: str) -> Future[T]:
    future: Future[T] = Future()
    future.set_result(work(item))
    return future
