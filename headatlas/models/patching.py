"""Keeping other libraries quiet while they load a model, and Python from looking for garbage meanwhile."""

from __future__ import annotations

import gc
import logging
import os
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

# What `quiet` changes is the whole process's: of two threads at once, one would restore what the other has set.
_QUIET = threading.RLock()


@contextmanager
def uncollected() -> Iterator[None]:
    """Puts off garbage collection: among the objects of a load it finds none, in a fifth of the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


@contextmanager
def quiet() -> Iterator[None]:
    """Keeps the bars, warnings and log lines of transformers and TransformerLens off the terminal.

    One thread at a time: models are loaded and wrapped one after the other, whoever asks.
    """
    with _QUIET, _quiet():
        yield


@contextmanager
def aloud() -> Iterator[None]:
    """Inside, what we say ourselves is logged, also within `quiet`."""
    disabled = logging.root.manager.disable
    logging.disable(logging.NOTSET)
    try:
        yield
    finally:
        logging.disable(disabled)


@contextmanager
def _quiet() -> Iterator[None]:
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    from transformers.utils import logging as transformers_logging

    bars = transformers_logging.is_progress_bar_enabled()
    level = transformers_logging.get_verbosity()
    disabled = logging.root.manager.disable
    transformers_logging.disable_progress_bar()
    transformers_logging.set_verbosity_error()
    logging.disable(logging.WARNING)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(disabled)
        transformers_logging.set_verbosity(level)
        if bars:
            transformers_logging.enable_progress_bar()
