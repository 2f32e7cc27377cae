"""How many threads of torch run: no more than there are cores that other processes leave free.

Threads that share an operation wait for the slowest of them, and so for the one whose core another process uses:
with two cores and one such process, two threads are slower than one.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

import psutil
import torch

Result = TypeVar("Result")

# Processor times are counted in hundredths of a second: over less than this they say little.
MIN_SECONDS = 0.5


class ThreadShare:
    """A context in which torch uses the cores that are free, which each call measures for those after it.

    Where `OMP_NUM_THREADS` is set, and on exit, the number of threads is what it was. Numbers that a model computes do
    not depend on it beyond rounding.
    """

    def __init__(self) -> None:
        self.most = torch.get_num_threads()
        self._fixed = self.most == 1 or "OMP_NUM_THREADS" in os.environ
        self._total, self._n_parts = self.most, 1

    def __enter__(self) -> ThreadShare:
        self._before = torch.get_num_threads()
        self._since = _times()
        return self

    def __exit__(self, *error: object) -> None:
        torch.set_num_threads(self._before)

    def __call__(self, compute: Callable[[], Result]) -> Result:
        """What `compute` gives."""
        result = compute()
        self.adjust()
        return result

    @contextmanager
    def split(self, n_parts: int) -> Iterator[int]:
        """Inside, so many pieces of work run side by side; yields how many threads each is to use."""
        self._total, self._n_parts = torch.get_num_threads(), n_parts
        n_threads = max(1, self._total // n_parts)
        torch.set_num_threads(n_threads)
        try:
            yield n_threads
        finally:
            self._n_parts = 1
            torch.set_num_threads(self._total)

    def adjust(self) -> None:
        """Measures how many cores are free, once enough time has passed for it."""
        if self._fixed:
            return
        now = _times()
        elapsed, own, everyone = (after - before for after, before in zip(now, self._since, strict=True))
        if elapsed < MIN_SECONDS:
            return
        self._since = now
        n_free = (psutil.cpu_count() or self.most) - max(0.0, everyone - own) / elapsed
        self._total = max(1, min(self.most, round(n_free)))
        torch.set_num_threads(max(1, self._total // self._n_parts))


def _times() -> tuple[float, float, float]:
    """Seconds: the clock's, this process's on processors, and everybody's on all processors."""
    times = psutil.cpu_times()
    # `guest` is in `user` already.
    everyone = sum(getattr(times, name, 0.0) for name in ("user", "nice", "system", "irq", "softirq", "steal"))
    return time.perf_counter(), time.process_time(), everyone
