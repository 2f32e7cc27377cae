"""Memory that is kept between passes, and what is done when it runs out."""

from __future__ import annotations

import ctypes
import gc
import mmap
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from itertools import accumulate
from pathlib import Path

import torch
from jaxtyping import Shaped
from torch import Tensor

from headatlas.errors import ModelError

# What allocators say without a class of their own.
_MESSAGES = ("not enough memory", "can't allocate memory", "cannot allocate memory", "out of memory", "bad_alloc")

# Pages of the process that are in memory, and those of them that belong to files; Linux alone has it.
_STATM = Path("/proc/self/statm")

# Parameters of glibc's mallopt, and what they are set to.
_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3
_KEPT_BYTES = 256 * 2**20
_MAX_ON_HEAP = 32 * 2**20  # more is not taken
_SPARING = 6 * 2**20, 32 * 2**20  # a block of attention, of 4 MB, is still kept

# Bytes at whose multiples tensors begin.
_ALIGNED = 64

# Inside `sparing`, where the C library is glibc.
_HEAP: ContextVar[_Heap | None] = ContextVar("headatlas_heap", default=None)


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
    library = _set_thresholds(*_SPARING)
    token = _HEAP.set(None if library is None or not hasattr(library, "malloc_trim") else _Heap(library))
    give_back()
    try:
        yield
    finally:
        _HEAP.reset(token)
        keep_freed()


def give_back(*, more_than: int = 0) -> None:
    """Inside `sparing`, gives the system what tensors have left free between those that are still held.

    Not if that is less than `more_than` so many bytes: what is given back has to be taken again page by page.
    """
    heap = _HEAP.get()
    if heap is not None and (not more_than or heap.left_free() > more_than):
        heap.give_back()


def set_apart(tensors: Iterable[Shaped[Tensor, "*_"]]) -> None:
    """Inside `sparing`, moves tensors that are kept for long into memory of their own.

    Each of a few kilobytes, wherever it happens to lie, else parts what is free around it, and what is taken next has
    to be taken anew: a text would take more memory with every layer.
    """
    if _HEAP.get() is None:
        return
    moved = [tensor for tensor in tensors if tensor.device.type == "cpu" and tensor.numel()]
    places = [0, *accumulate(-(-tensor.nbytes // _ALIGNED) * _ALIGNED for tensor in moved)]
    room = torch.frombuffer(mmap.mmap(-1, max(places[-1], 1)), dtype=torch.uint8)
    for tensor, start in zip(moved, places, strict=False):
        place = room[start : start + tensor.nbytes].view(tensor.dtype).view(tensor.shape)
        tensor.set_(place.copy_(tensor))  # type: ignore[call-overload]


class _Heap:
    """What glibc holds for this process, and how much of it nobody uses."""

    def __init__(self, library: ctypes.CDLL) -> None:
        self._library = library
        self._state = getattr(library, "mallinfo2", None) if _STATM.exists() else None  # since glibc 2.33
        if self._state is not None:
            self._state.restype = _State
        self._elsewhere = 0

    def give_back(self) -> None:
        """Gives back all pages in which nothing is held."""
        self._library.malloc_trim(0)
        self._elsewhere = self._besides_held()

    def left_free(self) -> int:
        """Bytes that have been left free since the last time, about; 0 where nobody can say."""
        return self._besides_held() - self._elsewhere

    def _besides_held(self) -> int:
        """Bytes of the process's own memory besides those of tensors: free ones, and what glibc has not given out."""
        if self._state is None:
            return 0
        state: _State = self._state()
        resident, of_files = map(int, _STATM.read_text().split()[1:3])
        return (resident - of_files) * mmap.PAGESIZE - state.uordblks - state.hblkhd


class _State(ctypes.Structure):
    """glibc's `struct mallinfo2`: `uordblks` bytes are held in its heaps, `hblkhd` in memory of their own."""

    _fields_ = tuple(
        (name, ctypes.c_size_t)
        for name in "arena ordblks smblks hblks hblkhd usmblks fsmblks uordblks fordblks keepcost".split()
    )


def _set_thresholds(most_on_heap: int, kept: int) -> ctypes.CDLL | None:
    """Sets what glibc keeps; the C library, None where it is left alone."""
    if any(name.startswith("MALLOC_") for name in os.environ):
        return None
    library = ctypes.CDLL(None) if os.name == "posix" else None
    mallopt = getattr(library, "mallopt", None)
    if mallopt is not None:
        mallopt(_MMAP_THRESHOLD, most_on_heap)
        mallopt(_TRIM_THRESHOLD, kept)
    return library


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
