"""Attention from a plain Hugging Face model's own modules, where TransformerLens' hooks are missing, silent or wrong.

In eager mode an attention module returns its weights beside its output, [batch, head, query, key]. A forward hook
on the module reads them; no part of the model is replaced.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from functools import partial
from typing import TYPE_CHECKING, Any

import torch
from jaxtyping import Float
from torch import Tensor, nn

from headatlas import banded
from headatlas.attention import KINDS, AttentionModule, OnAttention, model_input, sum_tolerance
from headatlas.errors import AttentionError
from headatlas.inputs import Inputs

if TYPE_CHECKING:
    from transformers import PreTrainedModel

# What stands before a module's path in place of the name of a TransformerLens hook.
PREFIX = "module:"


class _EndOfPass(Exception):
    """Raised when the last module has been read: nothing after it matters."""


def find_taps(model: PreTrainedModel, inputs: Inputs) -> list[AttentionModule]:
    """The modules that return attention in a pass over a few tokens, one for each layer and kind of attention.

    Of modules within each other (a block and the attention inside it) the innermost is taken. Empty when there are
    none, or when the model does not run.
    """
    shapes = {kind: inputs.batch(kind).allowed.shape for kind in inputs.causal}
    found: dict[tuple[str, int], str] = {}
    order: dict[str, list[str]] = {}

    def look(path: str, module: nn.Module, output: Any) -> None:
        weights = weights_in(output, module, shapes)
        if weights is not None:
            order.setdefault(path, []).append(_kind(path, weights, shapes))

    with torch.inference_mode(), ExitStack() as hooks:
        for path, module in model.named_modules():
            if "attention" in type(module).__name__.lower() or "attn" in type(module).__name__.lower():
                hooks.enter_context(_Hooked(module, partial(look, path)))
        try:
            _forward(model, inputs, masked=False)
        except (RuntimeError, ValueError, TypeError, NotImplementedError, KeyError, IndexError):
            return []
    innermost = [path for path in order if not any(other.startswith(f"{path}.") for other in order)]
    counts: dict[str, int] = {}
    for path in innermost:
        kind = order[path][0]
        numbers = re.findall(r"\.(\d+)(?=\.|$)", path)
        layer = int(numbers[0]) if numbers and (kind, int(numbers[0])) not in found else counts.get(kind, 0)
        counts[kind] = max(counts.get(kind, 0), layer) + 1
        found[kind, layer] = path
    modules = [AttentionModule(kind, layer, PREFIX + path) for (kind, layer), path in found.items()]
    return sorted(modules, key=lambda module: (KINDS.index(module.attention), module.layer))


def run_tapped(
    model: PreTrainedModel,
    inputs: Inputs,
    modules: Sequence[AttentionModule],
    on_attention: OnAttention,
    *,
    masked: bool,
) -> None:
    """One forward pass of the plain model; each module is read the first time it is used.

    Raises:
        AttentionError: a module returned no attention.
    """
    shapes = {kind: inputs.batch(kind).allowed.shape for kind in inputs.causal}
    waiting = {module.hook: module for module in modules}

    def read(hook: str, part: nn.Module, output: Any) -> None:
        module = waiting.get(hook)
        weights = None if module is None else weights_in(output, part, shapes)
        if module is not None and weights is not None:
            del waiting[hook]
            on_attention(module, weights)
            if not waiting:
                raise _EndOfPass

    with torch.inference_mode(), ExitStack() as hooks:
        for hook in list(waiting):
            part = model.get_submodule(hook.removeprefix(PREFIX))
            hooks.enter_context(_Hooked(part, partial(read, hook)))
        try:
            _forward(model, inputs, masked=masked)
        except _EndOfPass:
            return
    names = ", ".join(module.name for module in waiting.values())
    raise AttentionError(f"The attention modules of {names} returned no weights, so their heads cannot be scored.")


def weights_in(
    output: Any, module: nn.Module, shapes: dict[str, torch.Size]
) -> Float[Tensor, "batch head query key"] | None:
    """The attention among a module's outputs: the tensor that has the queries and keys of a kind of attention.

    Scores before the softmax and position biases have that shape too; they are told apart by their rows.
    """
    n_tokens = next(iter(shapes.values()))[-1]  # of local attention, which only encoders have
    for one in output if isinstance(output, tuple | list) else (output,):
        weights = banded.dense(one, module, n_tokens) if isinstance(one, Tensor) else None
        if weights is None or weights.ndim != 4 or not weights.is_floating_point():
            continue
        size = (weights.shape[0], *weights.shape[2:])
        if not any(size == tuple(shape) for shape in shapes.values()):
            continue
        if weights.amin() >= 0 and weights.sum(-1, dtype=torch.float32).amax() <= 1 + sum_tolerance(weights.dtype):
            return weights
    return None


def _kind(path: str, weights: Tensor, shapes: dict[str, torch.Size]) -> str:
    """Which kind of attention a module is, from its path and from how many keys it has."""
    if len(shapes) == 1:
        return next(iter(shapes))
    if re.search(r"cross|encoder_attn|EncDecAttention", path, re.I):
        return "cross"
    return "decoder" if re.search(r"(^|\.)decoder", path) else "encoder"


def _forward(model: PreTrainedModel, inputs: Inputs, *, masked: bool) -> None:
    first, options = model_input(inputs, device=model.device, masked=masked)
    model(**{model.main_input_name: first}, **options, output_attentions=True)


class _Hooked:
    """A forward hook for the time of a block."""

    def __init__(self, module: nn.Module, function: Callable[[nn.Module, Any], None]) -> None:
        self._handle = module.register_forward_hook(lambda m, _, output: function(m, output))

    def __enter__(self) -> _Hooked:
        return self

    def __exit__(self, *_: object) -> None:
        self._handle.remove()
