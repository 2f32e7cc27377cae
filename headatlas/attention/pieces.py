"""Feed-forward parts of a model, which read each position for itself, run on one piece of a text after the other."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import torch
from jaxtyping import Float
from torch import Tensor, nn
from transformers.pytorch_utils import Conv1D

from headatlas.attention.modules import AttentionModule

if TYPE_CHECKING:
    from transformer_lens.model_bridge import TransformerBridge

# Positions of a text at a time: a feed-forward part holds several times as many numbers a position as goes in.
MOST_POSITIONS = 2048


@contextmanager
def in_pieces(
    bridge: TransformerBridge, modules: Sequence[AttentionModule], most: int = MOST_POSITIONS
) -> Iterator[None]:
    """Inside, the feed-forward part beside each of `modules` reads at most so many positions of a text at a time."""
    changed = []
    for module in modules:
        block = functools.reduce(getattr, module.hook.split(".")[:-2], bridge)
        part = getattr(block, "mlp", None)
        if isinstance(part, nn.Module) and "forward" not in part.__dict__ and _reads_positions_alone(part):
            # In the instance itself: setting an attribute of a bridge component may reach the wrapped module.
            part.__dict__["forward"] = functools.partial(_piece_by_piece, part.forward, most)
            changed.append(part)
    try:
        yield
    finally:
        for part in changed:
            part.__dict__.pop("forward", None)


def _reads_positions_alone(part: nn.Module) -> bool:
    """Whether all that it has learned is linear layers; shifts, convolutions and routers have weights of their own."""
    learned = [module for module in part.modules() if next(module.parameters(recurse=False), None) is not None]
    return bool(learned) and all(isinstance(module, nn.Linear | Conv1D) for module in learned)


def _piece_by_piece(whole: Callable[..., Any], most: int, *given: Any, **named: Any) -> Any:
    """What `whole` gives for hidden states [batch, position, d_model], a piece of the positions at a time."""
    if len(given) != 1 or named or given[0].ndim != 3 or given[0].shape[1] <= most:
        return whole(*given, **named)
    hidden: Float[Tensor, "batch position d_model"] = given[0]
    out = torch.empty_like(hidden)
    for start in range(0, hidden.shape[1], most):
        piece = hidden[:, start : start + most].contiguous()  # some parts ask for `view`s of it
        made = whole(piece)
        if not isinstance(made, Tensor) or made.shape != piece.shape or made.dtype != out.dtype:
            return whole(hidden)
        out[:, start : start + most] = made
    return out
