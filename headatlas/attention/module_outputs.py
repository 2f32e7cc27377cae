"""Attention from a plain Hugging Face model's own modules, where TransformerLens' hooks are missing, silent or wrong.

In eager mode an attention module returns its weights beside its output, [batch, head, query, key]. A forward hook
on the module reads them; no part of the model is replaced.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import torch
from jaxtyping import Float
from torch import Tensor, nn

from headatlas.attention.hooks import hears, plain_input
from headatlas.attention.local_layouts import unfold_local_attention
from headatlas.attention.modules import AttentionModule, OnAttention
from headatlas.attention.row_check import sum_tolerance
from headatlas.errors import AttentionError
from headatlas.heads import ATTENTION_KINDS
from headatlas.inputs.forward_batch import Inputs

if TYPE_CHECKING:
    from transformers import PreTrainedModel

_OF_IMAGES = re.compile(r"(^|\.)(vision|visual|image)")
_TILED = "MllamaTextCrossAttention"  # whose keys are all the tiles that a picture may have
# What stands before a module's path in place of the name of a TransformerLens hook.
PREFIX = "module:"


@dataclass(frozen=True)
class ModuleOutput:
    """An output that is attention: the module's path, which of its outputs, and which of its uses in a pass, from 0.

    Most modules return one and are used once; merged attention returns its two parts, and a module that several
    layers share, or that a recurrent model goes through again, is used several times.
    """

    path: str
    output: int
    use: int

    @property
    def hook(self) -> str:
        """Its name in place of a hook's: `module:decoder.layers.0.self_attn#1`, with `@2` for the third use."""
        return f"{PREFIX}{self.path}#{self.output}" + (f"@{self.use}" if self.use else "")

    @classmethod
    def of(cls, hook: str) -> ModuleOutput:
        """Inverse of `hook`."""
        path, _, rest = hook.removeprefix(PREFIX).rpartition("#")
        output, _, use = rest.partition("@")
        return cls(path, int(output), int(use or 0))


class _EndOfPass(Exception):
    """Raised when the last module has been read: nothing after it matters."""


def find_module_outputs(model: PreTrainedModel, inputs: Inputs) -> list[AttentionModule]:
    """The modules that return attention in a pass over a few tokens, one for each layer and kind of attention.

    Of modules within each other (a block and the attention inside it) the innermost is taken. A layer's number is
    the one in the module's path or, where a module is used several times, its place in the order of use. Empty when
    there are none, or when the model does not run.
    """
    shapes = {kind: inputs.batch(kind).shape for kind in inputs.causal}
    outputs: list[tuple[ModuleOutput, str]] = []
    uses: Counter[str] = Counter()

    def look(path: str, module: nn.Module, output: Any) -> None:
        for index, part in enumerate(_parts(output)):
            weights = weights_in(part, module, shapes)
            if weights is not None:
                outputs.append((ModuleOutput(path, index, uses[path]), _kind(path, weights, shapes)))
        uses[path] += 1

    with torch.inference_mode(), ExitStack() as hooks:
        for path, module in model.named_modules():
            if inputs.sequences[0].given and _OF_IMAGES.search(path):
                continue  # the encoder of the images in a text
            if "attention" in type(module).__name__.lower() or "attn" in type(module).__name__.lower():
                hooks.enter_context(_Hooked(module, partial(look, path)))
        try:
            _forward(model, inputs, masked=False)
        except (RuntimeError, ValueError, TypeError, NotImplementedError, KeyError, IndexError):
            return []
    paths = {output.path for output, _ in outputs}
    by_kind: dict[str, list[ModuleOutput]] = {}
    for output, kind in outputs:
        holds_others = any(path.startswith(f"{output.path}.") for path in paths)
        of_kind = by_kind.setdefault(kind, [])
        if not holds_others and (output.path, output.use) not in [(other.path, other.use) for other in of_kind]:
            of_kind.append(output)
    modules = [
        AttentionModule(kind, layer, output.hook)
        for kind, of_kind in by_kind.items()
        for layer, output in zip(_layers(of_kind), of_kind, strict=True)
    ]
    return sorted(modules, key=lambda module: (list(ATTENTION_KINDS).index(module.attention), module.layer))


def _layers(outputs: Sequence[ModuleOutput]) -> list[int]:
    """Numbers of layers: those in the paths where these tell the outputs apart, else the order of use."""
    numbers = [re.findall(r"\.(\d+)(?=\.|$)", output.path) for output in outputs]
    first = [int(in_path[0]) if in_path else -1 for in_path in numbers]
    return first if -1 not in first and len(set(first)) == len(first) else list(range(len(outputs)))


def run_module_outputs(
    model: PreTrainedModel,
    inputs: Inputs,
    modules: Sequence[AttentionModule],
    on_attention: OnAttention,
    *,
    masked: bool,
) -> None:
    """One forward pass of the plain model that ends when the last module has been read.

    Raises:
        AttentionError: a module returned no attention.
    """
    shapes = {kind: inputs.batch(kind).shape for kind in inputs.causal}
    waiting = {ModuleOutput.of(module.hook): module for module in modules}
    uses: Counter[str] = Counter()

    def read(path: str, part: nn.Module, output: Any) -> None:
        use = uses[path]
        uses[path] += 1
        for index, tensor in enumerate(_parts(output)):
            name = ModuleOutput(path, index, use)
            module = waiting.get(name)
            weights = None if module is None else weights_in(tensor, part, shapes)
            if module is not None and weights is not None:
                del waiting[name]
                on_attention(module, weights)
        if not waiting:
            raise _EndOfPass

    with torch.inference_mode(), ExitStack() as hooks:
        for path in {output.path for output in waiting}:
            hooks.enter_context(_Hooked(model.get_submodule(path), partial(read, path)))
        try:
            _forward(model, inputs, masked=masked)
        except _EndOfPass:
            return
    names = ", ".join(module.name for module in waiting.values())
    raise AttentionError(f"The attention modules of {names} returned no weights, so their heads cannot be scored.")


def _parts(output: Any) -> Sequence[Any]:
    return output if isinstance(output, tuple | list) else (output,)


def weights_in(
    output: Any, module: nn.Module, shapes: dict[str, tuple[int, int, int]]
) -> Float[Tensor, "batch head query key"] | None:
    """One of a module's outputs if it is attention: it has the queries and keys of a kind of attention.

    Scores before the softmax and position biases (at times all zero) have that shape too; their rows tell them apart.
    """
    n_tokens = next(iter(shapes.values()))[-1]  # of local attention, which only encoders have
    weights = unfold_local_attention(output, module, n_tokens) if isinstance(output, Tensor) else None
    if weights is not None and type(module).__name__ == _TILED and "cross" in shapes:
        weights = weights[..., : shapes["cross"][-1]]  # behind the first tile come those that are masked
    if weights is None or weights.ndim != 4 or not weights.is_floating_point():
        return None
    if (weights.shape[0], *weights.shape[2:]) not in [tuple(shape) for shape in shapes.values()]:
        return None
    high = weights.sum(-1, dtype=torch.float32).amax()
    return weights if weights.amin() >= 0 and 0 < high <= 1 + sum_tolerance(weights.dtype) else None


def _kind(path: str, weights: Float[Tensor, "batch head query key"], shapes: dict[str, tuple[int, int, int]]) -> str:
    """Which kind of attention a module is, from its path and from how many keys it has."""
    if len(shapes) == 1:
        return next(iter(shapes))
    if re.search(r"cross|encoder_attn|EncDecAttention", path, re.I):
        return "cross"
    if "self" in shapes:  # beside cross-attention to a picture
        return "self"
    if not re.search(r"(^|\.)decoder", path):
        return "encoder"
    # Merged attention returns its look at the target, then its look at the source.
    is_square = tuple(weights.shape[2:]) == tuple(shapes["decoder"][1:])
    return "decoder" if is_square else "cross"


def _forward(model: PreTrainedModel, inputs: Inputs, *, masked: bool) -> None:
    # Asked for, a model keeps the attention of all its layers, which of the 1,500 frames of a sound would be gigabytes;
    # Whisper's modules return it unasked.
    options = plain_input(model, inputs, device=model.device, masked=masked)
    model(**options, output_attentions=not hears(inputs))


class _Hooked:
    """A forward hook for the time of a block."""

    def __init__(self, module: nn.Module, function: Callable[[nn.Module, Any], None]) -> None:
        self._handle = module.register_forward_hook(lambda m, _, output: function(m, output))

    def __enter__(self) -> _Hooked:
        return self

    def __exit__(self, *_: object) -> None:
        self._handle.remove()
