"""When memory runs out: knowing it, and giving back what can be given back."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

import torch

from headatlas.errors import ModelError

# What allocators say without a class of their own.
_SAID = ("not enough memory", "can't allocate memory", "cannot allocate memory", "out of memory", "bad_alloc")


def out_of_memory(error: BaseException) -> bool:
    """Whether an error, of Python or of torch on any device, is that memory ran out."""
    if isinstance(error, MemoryError | torch.OutOfMemoryError):
        return True
    return isinstance(error, RuntimeError) and any(one in str(error).lower() for one in _SAID)


def too_little(doing: str) -> ModelError:
    """What is said when there is no smaller part to try."""
    return ModelError(
        f"There is not enough memory to {doing}. Use --dtype bfloat16, another --device, or a machine with more "
        "memory; the same command goes on from here."
    )


@contextmanager
def enough(doing: str) -> Iterator[None]:
    """Around what cannot be halved.

    Raises:
        ModelError: memory ran out.
    """
    try:
        yield
    except (MemoryError, RuntimeError) as error:
        if not out_of_memory(error):
            raise
        raise too_little(doing) from error


def release() -> None:
    """Gives back what failed passes left behind."""
    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
