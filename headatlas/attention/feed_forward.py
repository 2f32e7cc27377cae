"""Feed-forward parts: whether they read each position for itself, and running them at some positions alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from weakref import WeakKeyDictionary

import torch
from jaxtyping import Float, Int64
from torch import Tensor, nn
from transformers.pytorch_utils import Conv1D

# Positions on which a part is tried, and how far apart, as a share of the largest number, what it gives of the same
# position may be; at numbers of few digits so many times their precision.
_TRIED = 6
_SAME = 1e-4
_ROUNDINGS = 8
_known: WeakKeyDictionary[nn.Module, bool] = WeakKeyDictionary()


def reads_positions_alone(part: nn.Module) -> bool:
    """Whether a part takes and gives hidden states alone, and reads each position for itself.

    It is tried, once, on hidden states that are drawn: what it gives of a position may not depend on the others. What
    cannot be tried so counts as reading more than one.
    """
    if part not in _known:
        _known[part] = _same_beside_others(part)
    return _known[part]


def run_at(run: Callable[..., Any], rows: Int64[Tensor, " some"], shape: torch.Size, *given: Any, **named: Any) -> Any:
    """What `run`, which reads each position for itself, gives at some positions, and zeros for the others.

    `rows` are positions of flattened hidden states with this batch and position; hidden states may hold several copies
    of the batch, one after the other. Of another shape, with something besides, or where not a hidden state for each
    is given, they are run whole.
    """
    hidden = given[0] if given else None
    fits = isinstance(hidden, Tensor) and hidden.ndim == 3 and hidden.shape[1] == shape[1]
    if hidden is None or len(given) != 1 or named or not fits or len(hidden) % shape[0]:
        return run(*given, **named)
    rows = rows.to(hidden.device)  # a model may lie on several devices
    if len(hidden) > shape[0]:
        starts = torch.arange(0, hidden.shape[:2].numel(), shape.numel(), device=hidden.device)
        rows = (starts[:, None] + rows).flatten()
    made = run(hidden.flatten(0, 1)[rows][None])
    if not isinstance(made, Tensor) or made.shape != (1, len(rows), hidden.shape[2]):
        return run(hidden)
    return made.new_zeros(hidden.shape).flatten(0, 1).index_copy_(0, rows, made[0]).view(hidden.shape)


def _same_beside_others(part: nn.Module) -> bool:
    width = _width(part)
    if width is None:
        return False
    numbers = next((weight for weight in part.parameters() if weight.is_floating_point()), torch.zeros(0))
    drawn: Float[Tensor, "1 position d_model"] = torch.randn(
        1, _TRIED, width, generator=torch.Generator().manual_seed(0)
    )
    drawn[:, ::2] *= 4  # what is taken over all positions is another number for some
    try:
        hidden = drawn.to(numbers)
        some = hidden[:, 1::2].contiguous()
        with torch.inference_mode():
            whole, alone = part(hidden), part(some)
        if whole.shape != hidden.shape or alone.shape != some.shape:
            return False
        expected = whole[:, 1::2].float()
        tolerance = max(_SAME, _ROUNDINGS * torch.finfo(whole.dtype).eps)
        apart = (alone.float() - expected).abs().max()
        return bool(apart <= tolerance * expected.abs().max().clamp_min(1e-30))
    except Exception:  # how this fails differs from architecture to architecture
        return False


def _width(part: nn.Module) -> int | None:
    """Numbers of a hidden state, as the first linear layer or norm takes it; None where there is none."""
    for module in part.modules():
        if isinstance(module, nn.Linear):
            return module.in_features
        weight = module.__dict__.get("_parameters", {}).get("weight")
        if isinstance(weight, Tensor) and (isinstance(module, Conv1D) or weight.ndim == 1):
            return len(weight)
    return None
