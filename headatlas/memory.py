"""When memory runs out: knowing it, and giving back what can be given back."""

from __future__ import annotations

import gc

import torch

# What allocators say without a class of their own.
_SAID = ("not enough memory", "can't allocate memory", "cannot allocate memory", "out of memory", "bad_alloc")


def out_of_memory(error: BaseException) -> bool:
    """Whether an error, of Python or of torch on any device, is that memory ran out."""
    if isinstance(error, MemoryError | torch.OutOfMemoryError):
        return True
    return isinstance(error, RuntimeError) and any(one in str(error).lower() for one in _SAID)


def release() -> None:
    """Gives back what failed passes left behind."""
    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
