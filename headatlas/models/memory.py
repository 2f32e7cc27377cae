"""Memory that is kept between passes, and what is done when it runs out."""

from __future__ import annotations

import ctypes
import gc
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

import torch

from headatlas.errors import ModelError

# What allocators say without a class of their own.
_MESSAGES = ("not enough memory", "can't allocate memory", "cannot allocate memory", "out of memory", "bad_alloc")

# Parameters of glibc's mallopt, and what they are set to.
_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3
_KEPT_BYTES = 256 * 2**20
_MAX_ON_HEAP = 32 * 2**20  # more is not taken
_SPARING = 6 * 2**20, 32 * 2**20  # a block of attention, of 4 MB, is still kept

# The C library's function that gives memory back, inside `sparing`.
_TRIM: ContextVar[Callable[[int], int] | None] = ContextVar("headatlas_trim", default=None)


def keep_freed() -> None:
    """Has the process keep what it frees, up to 256 MB, for what it takes next.

    Otherwise glibc, layer after layer, gives memory back to the system and takes it again page by page. Other C
    libraries, and processes whose environment says something about it, are left alone.
    """
    _set_thresholds(_MAX_ON_HEAP, _KEPT_BYTES)


@contextmanager
def sparing() -> Iterator[None]:
    """Inside, large tensors are given back to the system as soon as they are freed, and so is what was kept before.

    For passes in which a layer's tensors are so large that keeping them for the next would be what takes the most.
    """
    trim = _set_thresholds(*_SPARING)
    token = _TRIM.set(trim)
    give_back()
    try:
        yield
    finally:
        _TRIM.reset(token)
        keep_freed()


def give_back() -> None:
    """Inside `sparing`, gives the system what small tensors have left free between those that are still held."""
    trim = _TRIM.get()
    if trim is not None:
        trim(0)


def _set_thresholds(most_on_heap: int, kept: int) -> Callable[[int], int] | None:
    """Sets what glibc keeps; its function that gives back what it holds, None where it is left alone."""
    if any(name.startswith("MALLOC_") for name in os.environ):
        return None
    library = ctypes.CDLL(None) if os.name == "posix" else None
    mallopt = getattr(library, "mallopt", None)
    if mallopt is not None:
        mallopt(_MMAP_THRESHOLD, most_on_heap)
        mallopt(_TRIM_THRESHOLD, kept)
    return getattr(library, "malloc_trim", None)


def out_of_memory(error: BaseException) -> bool:
    """Whether an error, of Python or of torch on any device, is that memory ran out."""
    if isinstance(error, MemoryError | torch.OutOfMemoryError):
        return True
    return isinstance(error, RuntimeError) and any(message in str(error).lower() for message in _MESSAGES)


def not_enough_memory(doing: str) -> ModelError:
    """The sentence for the user, when there is no smaller part to try."""
    return ModelError(
        f"There is not enough memory to {doing}. Use --dtype bfloat16, another --device, or a machine with more "
        "memory; the same command goes on from here."
    )


@contextmanager
def oom_as_sentence(doing: str) -> Iterator[None]:
    """Turns running out of memory into a sentence, around what cannot be halved.

    Raises:
        ModelError: memory ran out.
    """
    try:
        yield
    except (MemoryError, RuntimeError) as error:
        if not out_of_memory(error):
            raise
        raise not_enough_memory(doing) from error


def release() -> None:
    """Gives back what failed passes left behind."""
    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
