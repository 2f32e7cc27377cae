"""Calls of torch's fused attention within a denoiser's attention modules, met on their way: read, or changed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import torch
from jaxtyping import Float, Shaped
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

# Weights that are held at once, before they are brought to the grid.
MAX_WEIGHTS = 2**27
# A module's attention by kind, and how far what it makes of the values is from torch's own output.
Blocks = dict[str, Float[Tensor, "batch head place _"]]
OnBlocks = Callable[[str, Blocks, float], None]
# Given a module's path, what its heads give and the call's arguments; what is returned goes on.
HeadOutputs = Float[Tensor, "batch head query d_head"]
OnCall = Callable[[str, HeadOutputs, dict[str, Any]], HeadOutputs]


class _Calls(TorchFunctionMode):
    """Meets each call of fused attention inside the module `path`."""

    def __init__(self, on_call: OnCall) -> None:
        super().__init__()
        self.path: str | None = None
        self._on_call = on_call

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        output = func(*args, **kwargs)
        if func is nn.functional.scaled_dot_product_attention and self.path is not None:
            given = dict(zip(("query", "key", "value", "attn_mask"), args, strict=False)) | kwargs
            return self._on_call(self.path, output, given)
        return output


@contextmanager
def fused_calls(model: nn.Module, on_call: OnCall) -> Iterator[None]:
    """While it lasts, the output of each call within the model's attention modules is what `on_call` makes of it."""
    calls = _Calls(on_call)

    def enter(path: str) -> Callable[..., None]:
        def hook(module: nn.Module, args: Any) -> None:
            calls.path = path

        return hook

    def leave(module: nn.Module, args: Any, output: Any) -> None:
        calls.path = None

    with ExitStack() as stack:
        for path, module in model.named_modules():
            if hasattr(module, "to_q") and hasattr(module, "heads"):
                stack.callback(module.register_forward_pre_hook(enter(path)).remove)
                stack.callback(module.register_forward_hook(leave).remove)
        stack.enter_context(calls)
        yield


@contextmanager
def reading(
    model: nn.Module,
    cut: Callable[[Float[Tensor, "batch head query key"]], Blocks],
    on_blocks: OnBlocks,
    *,
    compares: bool = False,
) -> Iterator[None]:
    """While it lasts, the attention of a denoiser's modules is handed over as it is computed.

    `cut` makes blocks of the weights [batch, head, query, key] of some pictures; it is given as many at once as
    memory should hold. What the model computes stays as it is.
    """

    def read(path: str, output: HeadOutputs, given: dict[str, Any]) -> HeadOutputs:
        blocks, apart = _blocks_of(cut, output if compares else None, **given)
        on_blocks(path, blocks, apart)
        return output

    with fused_calls(model, read):
        yield


def _blocks_of(
    cut: Callable[[Float[Tensor, "batch head query key"]], Blocks],
    output: HeadOutputs | None,
    query: Float[Tensor, "batch head query d_head"],
    key: Float[Tensor, "batch head key d_head"],
    value: Float[Tensor, "batch head key d_head"],
    attn_mask: Shaped[Tensor, "_ _ _ key"] | None = None,
    scale: float | None = None,
    **_: Any,
) -> tuple[Blocks, float]:
    """The weights of a call as `cut` cuts them, and how far from `output` is what they make of the values."""
    apart, parts = 0.0, []
    mask = None if attn_mask is None else attn_mask.expand(len(query), *attn_mask.shape[1:])
    rows = max(1, MAX_WEIGHTS // (query.shape[1] * query.shape[2] * key.shape[2]))
    for some in (slice(row, row + rows) for row in range(0, len(query), rows)):
        weights = attention_weights(query[some], key[some], None if mask is None else mask[some], scale)
        if output is not None:
            difference = weights.to(value.dtype) @ value[some] - output[some]
            apart = max(apart, float(difference.abs().amax() / value.abs().amax()))
        parts.append(cut(weights))
    return {kind: torch.cat([part[kind] for part in parts]) for kind in parts[0]}, apart


def attention_weights(
    query: Float[Tensor, "batch head query d_head"],
    key: Float[Tensor, "batch head key d_head"],
    mask: Shaped[Tensor, "_ _ _ key"] | None = None,
    scale: float | None = None,
) -> Float[Tensor, "batch head query key"]:
    """The weights of scaled dot-product attention (Vaswani et al. 2017, arXiv:1706.03762), in float32."""
    scores = query.float() @ key.float().transpose(-1, -2) * (query.shape[-1] ** -0.5 if scale is None else scale)
    if mask is not None:
        scores = scores.masked_fill(~mask, -torch.inf) if mask.dtype is torch.bool else scores + mask
    return scores.softmax(-1)
