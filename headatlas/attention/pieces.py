"""Parts of a model that read each position for itself, run on a piece of a text at a time and not on padding."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import torch
from jaxtyping import Bool, Float
from torch import Tensor, nn
from transformers.pytorch_utils import Conv1D

from headatlas.attention.feed_forward import reads_positions_alone, run_at
from headatlas.attention.modules import AttentionModule
from headatlas.models.products import is_plain_or_fast

if TYPE_CHECKING:
    from transformer_lens.model_bridge import TransformerBridge

# Positions of a text at a time: a feed-forward part holds several times as many numbers a position as goes in.
MOST_POSITIONS = 2048
# By this name transformers' models know it: queries and keys [batch, head, position, d_head], cosines and sines.
_ROTATION = "apply_rotary_pos_emb"
# By these TransformerLens knows a block's norms.
_NORMS = ("ln1", "ln1_post", "ln2", "ln2_post")


@contextmanager
def in_pieces(
    bridge: TransformerBridge,
    modules: Sequence[AttentionModule],
    most: int = MOST_POSITIONS,
    real: Bool[Tensor, "batch position"] | None = None,
    device: torch.device | str = "cpu",
) -> Iterator[None]:
    """Inside, the feed-forward part beside each of `modules` reads at most so many positions of a text at a time.

    So do norms, output projections and, of texts that are longer, rotations of queries and keys by the function that
    modules of transformers share, of which all copies of a model have the same one; what the last two give takes the
    place of what they read, which nothing else reads. Where `real` says which positions are no padding, feed-forward
    parts give zeros for the others, at no cost.
    """
    changed: list[nn.Module] = []
    faster: dict[nn.Module, Callable[..., Any]] = {}  # projections, with what `in_fast_products` had put there
    # Found where it lies, on the processor, so that nothing has to wait for another device.
    rows = None
    shape = torch.Size()
    if real is not None and not real.all():
        rows, shape = real.flatten().nonzero()[:, 0].to(device), real.shape
    is_short = real is not None and real.shape[1] <= most
    rotations: dict[int, tuple[dict[str, Any], Any]] = {}
    for module in modules:
        block = functools.reduce(getattr, module.hook.split(".")[:-2], bridge)
        part = getattr(block, "mlp", None)
        if isinstance(part, nn.Module) and "forward" not in part.__dict__ and reads_positions_alone(part):
            # In the instance itself: setting an attribute of a bridge component may reach the wrapped module.
            run = functools.partial(_piece_by_piece, part.forward, most)
            part.__dict__["forward"] = run if rows is None else functools.partial(run_at, run, rows, shape)
            changed.append(part)
        for name in _NORMS:
            norm = getattr(getattr(block, name, None), "original_component", None)
            if isinstance(norm, nn.Module) and "forward" not in norm.__dict__ and _is_norm(norm):
                norm.__dict__["forward"] = functools.partial(_piece_by_piece, norm.forward, most)
                changed.append(norm)
        attention = functools.reduce(getattr, module.hook.split(".")[:-1], bridge)
        projection = getattr(getattr(attention, "o", None), "original_component", None)
        if isinstance(projection, nn.Linear | Conv1D) and is_plain_or_fast(projection):
            faster |= {projection: projection.forward} if "forward" in projection.__dict__ else {}
            projection.__dict__["forward"] = functools.partial(_piece_by_piece, projection.forward, most, in_place=True)
            changed.append(projection)
        original = type(getattr(attention, "original_component", None))
        known: dict[str, Any] = getattr(getattr(original, "forward", None), "__globals__", {})
        rotate = known.get(_ROTATION)
        if callable(rotate) and id(known) not in rotations and not is_short:
            rotations[id(known)] = known, rotate
            known[_ROTATION] = functools.partial(_rotated, rotate, most)
    try:
        yield
    finally:
        for known, rotate in rotations.values():
            known[_ROTATION] = rotate
        for part in changed:
            part.__dict__.pop("forward", None)
        for part, forward in faster.items():
            part.__dict__["forward"] = forward


def _is_norm(part: nn.Module) -> bool:
    """Whether it is a norm over the numbers of each position."""
    return isinstance(part, nn.LayerNorm | nn.RMSNorm) or type(part).__name__.endswith("RMSNorm")


def _piece_by_piece(whole: Callable[..., Any], most: int, *given: Any, in_place: bool = False, **named: Any) -> Any:
    """What `whole` gives for hidden states [batch, position, d_model], a piece of the positions at a time.

    With `in_place` it takes the place of the hidden states, where it is as wide.
    """
    if len(given) != 1 or named or given[0].ndim != 3 or given[0].shape[1] <= most:
        return whole(*given, **named)
    hidden: Float[Tensor, "batch position d_model"] = given[0]
    out: Float[Tensor, "batch position d_model"] | None = None
    for start in range(0, hidden.shape[1], most):
        piece = hidden[:, start : start + most].contiguous()  # some parts ask for `view`s of it
        made = whole(piece)
        if out is None:  # the first piece decides
            if not isinstance(made, Tensor) or made.shape != piece.shape or made.dtype != piece.dtype:
                return whole(hidden)
            out = hidden if in_place and lies_apart(hidden) else torch.empty_like(hidden)
        out[:, start : start + most] = made
    return out


def lies_apart(tensor: Float[Tensor, "*shape"]) -> bool:
    """Whether each of a tensor's numbers has a place of its own in memory: an expanded one has not."""
    return all(stride > 0 for stride, size in zip(tensor.stride(), tensor.shape, strict=True) if size > 1)


def _rotated(rotate: Callable[..., Any], most: int, *given: Any, **named: Any) -> Any:
    """What `rotate` gives for queries and keys, a piece of the positions at a time, in their place."""
    n = given[0].shape[2] if given and given[0].ndim == 4 else 0
    is_known = len(given) == 4 and not named and all(isinstance(tensor, Tensor) for tensor in given)
    if n <= most or not is_known or given[1].ndim != 4 or [tensor.shape[-2] for tensor in given] != [n] * 4:
        return rotate(*given, **named)
    rotated: list[Float[Tensor, "batch head position d_head"]] = []
    for start in range(0, n, most):
        piece = slice(start, start + most)
        made = rotate(*(tensor[..., piece, :] for tensor in given))
        if not rotated:  # the first piece decides
            parts = [tensor[..., piece, :] for tensor in given[:2]]
            if any(new.shape != part.shape or new.dtype != part.dtype for new, part in zip(made, parts, strict=True)):
                return rotate(*given)
            is_safe = all(map(lies_apart, given[:2])) and given[0].data_ptr() != given[1].data_ptr()
            rotated = [tensor if is_safe else torch.empty_like(tensor) for tensor in given[:2]]
        for whole, part in zip(rotated, made, strict=True):
            whole[..., piece, :] = part
    return tuple(rotated)
