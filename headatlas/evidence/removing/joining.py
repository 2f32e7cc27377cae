"""Passes whose copies of a batch start at different layers: each joins the pass at the block that it starts at.

Heads of several layers then share a pass, and its matrix products have more rows than those of one layer's heads.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor, nn


class NotJoined(Exception):
    """The model's blocks do not run on some of the copies alone."""


@contextmanager
def joining(
    blocks: Sequence[nn.Module], entering: Sequence[Float[Tensor, "batch position d_model"]], starts: Sequence[int]
) -> Iterator[None]:
    """Inside, blocks run on those copies alone that have started, of a pass over a copy for each of `starts`.

    Args:
        blocks: the model's blocks.
        entering: what enters each of them, of one copy.
        starts: the block at which each copy starts, in order; the pass itself starts at the first of them.
    """
    changed = blocks[starts[0] : starts[-1] + 1] if starts[0] != starts[-1] else []
    for number, block in enumerate(changed, starts[0]):
        # In the instance itself: setting an attribute of a bridge component may reach the wrapped module.
        n_before = sum(start < number for start in starts)
        n_started = n_before + starts.count(number)
        block.__dict__["forward"] = partial(
            _run_some, block.forward, n_before, n_started, len(starts), entering[number]
        )
    try:
        yield
    finally:
        for block in changed:
            block.__dict__.pop("forward", None)


def _run_some(
    run: Callable[..., Any], n_before: int, n_started: int, n_copies: int, stored: Tensor, *given: Any, **named: Any
) -> Any:
    """A block's forward on the copies that have started, the last of them here; the others come out as they went in.

    Raises:
        NotJoined: it takes or gives something of a form that is not known here.
    """
    hidden = given[0] if given else named.get("hidden_states")
    if not isinstance(hidden, Tensor) or len(hidden) != n_copies * len(stored):
        raise NotJoined("blocks take their input in a form that is not known here")
    size = len(stored)

    def some(value: Any) -> Any:
        if value is hidden:
            return torch.cat([hidden[: n_before * size], *[stored.to(hidden)] * (n_started - n_before)])
        return _first(value, n_started * size, len(hidden))

    out = run(*map(some, given), **{name: some(value) for name, value in named.items()})
    stream = out[0] if isinstance(out, tuple) else out
    if not isinstance(stream, Tensor) or stream.shape != (n_started * size, *hidden.shape[1:]):
        raise NotJoined("blocks give something of another form than they take")
    stream = torch.cat([stream, hidden[n_started * size :]])
    return (stream, *out[1:]) if isinstance(out, tuple) else stream


def _first(value: Any, n_some: int, n_rows: int) -> Any:
    """What belongs to the first rows of a batch; what has no entry for each row is left as it is."""
    if isinstance(value, tuple):
        return tuple(_first(part, n_some, n_rows) for part in value)
    if isinstance(value, Tensor) and value.ndim > 1 and len(value) == n_rows:
        return value[:n_some]
    return value
