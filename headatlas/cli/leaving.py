"""The end of a command's process."""

from __future__ import annotations

import atexit
import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

INTERRUPTED = 130


@contextmanager
def left_at_once() -> Iterator[None]:
    """Inside, and until the process ends, nothing is prepared that would hold up its end; for one that is ours alone.

    Python would look for garbage among all that transformers has imported, and torch's compiler tell nobody how long
    it has worked: together a fifth of a process that loads a model. What is held as usual is closed as ever.
    """
    atexit.unregister(gc.freeze)  # within one process this may happen twice
    atexit.register(gc.freeze)
    try:
        yield
    finally:
        told = getattr(sys.modules.get("torch._dynamo.utils"), "dump_compile_times", None)
        if told is not None:
            atexit.unregister(told)


def leave_stopped() -> NoReturn:
    """Ends the process with the exit code of one that was interrupted.

    Python remembers a Ctrl-C that went through a program it was given as text, as libraries do to make classes. It then
    has the signal end `python -m headatlas`, whatever exit code is asked for, unless another such program went well.
    """
    exec("")
    sys.exit(INTERRUPTED)
