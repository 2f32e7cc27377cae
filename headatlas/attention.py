"""A model's attention modules, and passes over them that hand each layer's attention to a function and let it go."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol

import torch
from jaxtyping import Float
from torch import Tensor
from transformer_lens.model_bridge.exceptions import StopAtLayerException

from headatlas.errors import AttentionError, ModelError
from headatlas.inputs import Inputs, signals
from headatlas.names import layer_name
from headatlas.pairs import PairBatch
from headatlas.target_sums import Block
from headatlas.tokens import TokenBatch

if TYPE_CHECKING:
    from transformer_lens.model_bridge import TransformerBridge
    from transformers import PreTrainedModel

KINDS = ("self", "encoder", "decoder", "cross", "vision")

# Hook names by kind of attention. An encoder's own stack is called `blocks` too; whether its attention is
# causal is measured, since the configuration cannot be trusted.
_HOOKS = (
    ("self", re.compile(r"blocks\.(\d+)\.(?:attn|self_attn)\.hook_pattern")),
    ("encoder", re.compile(r"encoder_blocks\.(\d+)\.(?:attn|self_attn)\.hook_pattern")),
    ("decoder", re.compile(r"decoder_blocks\.(\d+)\.(?:attn|self_attn)\.hook_pattern")),
    ("cross", re.compile(r"decoder_blocks\.(\d+)\.cross_attn\.hook_pattern")),
    ("cross", re.compile(r"decoder_blocks\.(\d+)\.self_attn\.hook_cross_pattern")),  # of merged attention
)


@dataclass(frozen=True)
class AttentionModule:
    """Where one layer's attention can be read: `hook_pattern` gives [batch, head, query, key]."""

    attention: str
    layer: int
    hook: str

    @property
    def name(self) -> str:
        """L5 for layer 5."""
        return layer_name(self.attention, self.layer)


OnAttention = Callable[[AttentionModule, Float[Tensor, "batch head query key"]], None]


class Taker(Protocol):
    """Who takes a pass's attention, module by module: whole, or in the blocks of queries it asks for."""

    @property
    def wants_values(self) -> bool:
        """Whether value vectors are to be given too."""
        ...

    def take(self, module: AttentionModule, attention: Float[Tensor, "batch head query key"]) -> None:
        """The whole attention of a module."""
        ...

    def take_values(self, module: AttentionModule, values: Float[Tensor, "batch key group d_head"]) -> None:
        """The values that its attention, which comes next, will weigh; heads of a group share them."""
        ...

    def blocks(self, module: AttentionModule, n_heads: int) -> Iterable[Block]:
        """The blocks in which a module's attention can come instead."""
        ...

    def add(
        self,
        module: AttentionModule,
        block: Block,
        attention: Float[Tensor, "batch head query key"],
        values: Float[Tensor, "batch group key d_head"],
        scores: Float[Tensor, "batch head query key"],
    ) -> None:
        """One of them: float32 rows up to the block's `n_keys`, and all values of the module.

        `scores` are those before the softmax, a large negative number where nothing may be looked at.
        """
        ...


def find_modules(bridge: TransformerBridge, kind: str = "self") -> list[AttentionModule]:
    """The declared attention hooks, in the order of layers; `kind` is what the attention of a single stack is.

    Raises:
        ModelError: there are none.
    """
    modules = []
    for hook in bridge.hook_dict:
        for attention, shape in _HOOKS:
            match = shape.fullmatch(hook)
            if match:
                modules.append(AttentionModule(kind if attention == "self" else attention, int(match[1]), hook))
    if not modules:
        raise ModelError("TransformerLens declares no attention hook for this model, so there is nothing to scan.")
    return sorted(modules, key=lambda module: (KINDS.index(module.attention), module.layer))


def run(
    bridge: TransformerBridge,
    inputs: Inputs,
    modules: Sequence[AttentionModule],
    on_attention: OnAttention,
    *,
    device: torch.device | str,
    masked: bool,
    on_values: OnAttention | None = None,
) -> None:
    """One forward pass that ends in the last module's hook: no logits are computed.

    `masked` passes the padding mask, which bidirectional attention needs; causal attention never sees
    what stands to the right, and some causal models lose their causality when given a mask. `on_values`
    gets each module's value vectors [batch, position, key-value head, d_head], before its attention. A module that
    is used more than once in a pass is read the first time.

    Raises:
        AttentionError: a hook did not fire.
    """
    waiting = {module.hook for module in modules}

    def hooked(module: AttentionModule) -> Callable[..., None]:
        def hook(attention: Tensor, hook: Any) -> None:
            if module.hook in waiting:
                waiting.discard(module.hook)
                on_attention(module, attention)
            if not waiting:
                raise StopAtLayerException(attention)

        return hook

    hooks: list[tuple[str, Callable[..., None]]] = [(module.hook, hooked(module)) for module in modules]
    if on_values is not None:
        hooks += [(_value_hook(bridge, module), partial(_pass_on, on_values, module)) for module in modules]
    first, options = model_input(inputs, device=device, masked=masked)
    with torch.inference_mode(), bridge.hooks(fwd_hooks=hooks):
        with suppress(StopAtLayerException):  # not every architecture's forward catches it
            bridge(first, return_type=None, **options)
    if waiting:
        silent = [module.name for module in modules if module.hook in waiting]
        raise AttentionError(f"The attention hook of {_listed(silent)} did not fire, so its heads cannot be scored.")


def model_input(inputs: Inputs, *, device: torch.device | str, masked: bool) -> tuple[Tensor, dict[str, Tensor]]:
    """What a forward pass gets: ids (in an encoder-decoder the source's) or a signal, and by name what goes with it."""
    if inputs.sequences[0].signal is not None:
        return signals(inputs.sequences).to(device), {}
    if "cross" in inputs.causal:
        pairs = inputs.batch("cross")
        assert isinstance(pairs, PairBatch)
        return pairs.keys.tokens.to(device), {
            "decoder_input_ids": pairs.queries.tokens.to(device),
            "attention_mask": pairs.keys.real.long().to(device),
        }
    batch = inputs.batch(next(iter(inputs.causal)))
    assert isinstance(batch, TokenBatch)
    return batch.tokens.to(device), {"attention_mask": batch.real.long().to(device)} if masked else {}


def plain_input(
    model: PreTrainedModel, inputs: Inputs, *, device: torch.device | str, masked: bool
) -> dict[str, Tensor]:
    """The same for a plain Hugging Face model, everything by name."""
    first, options = model_input(inputs, device=device, masked=masked)
    name = "input_ids" if inputs.sequences[0].signal is None else model.main_input_name
    return {name: first, **options}


def _value_hook(bridge: TransformerBridge, module: AttentionModule) -> str:
    """The hook of a module's value vectors.

    Raises:
        ModelError: it has none, as in models with latent attention.
    """
    name = module.hook.removesuffix("hook_pattern") + "hook_v"
    if name not in bridge.hook_dict:
        raise ModelError(f"{module.name} has no hook for its values; scan this model without --value-weighted.")
    return name


def _pass_on(on_values: OnAttention, module: AttentionModule, values: Tensor, hook: Any) -> None:
    on_values(module, values)


@dataclass
class RowCheck:
    """What the rows of one module looked like, over everything seen of it."""

    row_sum_min: float = float("inf")
    row_sum_max: float = float("-inf")
    above_diagonal: float = 0.0


def check_rows(
    module: AttentionModule,
    attention: Float[Tensor, "batch head query key"],
    batch: TokenBatch | PairBatch,
    check: RowCheck,
    *,
    diagonal: bool = False,
) -> None:
    """Raises AttentionError unless the rows of real queries are attention; notes their sums in `check`.

    Rows may sum to less than 1 (a learned sink); negative weights, sums above 1 and weights that are not
    numbers may not be. With `diagonal` also notes the largest mass a row puts on later positions.
    """
    n_sequences, n_queries, n_keys = batch.shape
    if attention.ndim != 4 or (attention.shape[0], *attention.shape[2:]) != (n_sequences, n_queries, n_keys):
        raise AttentionError(
            f"The hook of {module.name} ({module.hook}) gave a tensor of shape {tuple(attention.shape)}, "
            f"which is not [batch, head, query, key] of {n_sequences} x {n_queries} queries x {n_keys} keys."
        )
    sums = attention.sum(-1, dtype=torch.float32).movedim(1, -1)[batch.real.to(attention.device)]
    low, high, smallest = torch.stack([sums.amin(), sums.amax(), attention.amin().float()]).tolist()
    if not (smallest >= 0 and high <= 1 + sum_tolerance(attention.dtype)):  # also catches not-a-number
        raise AttentionError(
            f"{module.name} ({module.hook}) gave rows that are not attention: sums from {low:.4g} to {high:.4g}, "
            f"smallest weight {smallest:.4g}. No score is made from them."
        )
    check.row_sum_min = min(check.row_sum_min, low)
    check.row_sum_max = max(check.row_sum_max, high)
    if diagonal:
        later = attention.float().triu(1).sum(-1).movedim(1, -1)[batch.real.to(attention.device)]
        check.above_diagonal = max(check.above_diagonal, float(later.amax()))


def sum_tolerance(dtype: torch.dtype) -> float:
    """How far from 1 rounding may take the sum of a row."""
    return {torch.float32: 1e-3, torch.float64: 1e-6}.get(dtype, 0.03)


def _listed(names: Iterable[str]) -> str:
    return ", ".join(names)
