"""Parts of a model that read each position for itself, run on a piece of a text at a time and not on padding."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import torch
from jaxtyping import Bool, Float
from torch import Tensor, nn

from headatlas.attention.feed_forward import reads_positions_alone, run_at
from headatlas.attention.modules import AttentionModule

if TYPE_CHECKING:
    from transformer_lens.model_bridge import TransformerBridge

# Positions of a text at a time: a feed-forward part holds several times as many numbers a position as goes in.
MOST_POSITIONS = 2048
# By this name transformers' models know it: queries and keys [batch, head, position, d_head], cosines and sines.
_ROTATION = "apply_rotary_pos_emb"


@contextmanager
def in_pieces(
    bridge: TransformerBridge,
    modules: Sequence[AttentionModule],
    most: int = MOST_POSITIONS,
    real: Bool[Tensor, "batch position"] | None = None,
    device: torch.device | str = "cpu",
) -> Iterator[None]:
    """Inside, the feed-forward part beside each of `modules` reads at most so many positions of a text at a time.

    So do rotations of queries and keys by the function that modules of transformers share. Where `real` says which
    positions are no padding, feed-forward parts give zeros for the others, at no cost.
    """
    changed = []
    # Found where it lies, on the processor, so that nothing has to wait for another device.
    rows = None
    shape = torch.Size()
    if real is not None and not real.all():
        rows, shape = real.flatten().nonzero()[:, 0].to(device), real.shape
    rotations: dict[int, tuple[dict[str, Any], Any]] = {}
    for module in modules:
        block = functools.reduce(getattr, module.hook.split(".")[:-2], bridge)
        part = getattr(block, "mlp", None)
        if isinstance(part, nn.Module) and "forward" not in part.__dict__ and reads_positions_alone(part):
            # In the instance itself: setting an attribute of a bridge component may reach the wrapped module.
            run = functools.partial(_piece_by_piece, part.forward, most)
            part.__dict__["forward"] = run if rows is None else functools.partial(run_at, run, rows, shape)
            changed.append(part)
        attention = functools.reduce(getattr, module.hook.split(".")[:-1], bridge)
        original = type(getattr(attention, "original_component", None))
        known: dict[str, Any] = getattr(getattr(original, "forward", None), "__globals__", {})
        rotate = known.get(_ROTATION)
        if callable(rotate) and id(known) not in rotations:
            rotations[id(known)] = known, rotate
            known[_ROTATION] = functools.partial(_rotated, rotate, most)
    try:
        yield
    finally:
        for known, rotate in rotations.values():
            known[_ROTATION] = rotate
        for part in changed:
            part.__dict__.pop("forward", None)


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


def _rotated(rotate: Callable[..., Any], most: int, *given: Any, **named: Any) -> Any:
    """What `rotate` gives for queries and keys, a piece of the positions at a time."""
    n = given[0].shape[2] if given and given[0].ndim == 4 else 0
    is_known = len(given) == 4 and not named and all(isinstance(tensor, Tensor) for tensor in given)
    if n <= most or not is_known or given[1].ndim != 4 or [tensor.shape[-2] for tensor in given] != [n] * 4:
        return rotate(*given, **named)
    rotated = [torch.empty_like(tensor) for tensor in given[:2]]
    for start in range(0, n, most):
        piece = slice(start, start + most)
        made = rotate(*(tensor[..., piece, :] for tensor in given))
        for whole, part in zip(rotated, made, strict=True):
            if part.shape != whole[..., piece, :].shape or part.dtype != whole.dtype:
                return rotate(*given)
            whole[..., piece, :] = part
    return tuple(rotated)
