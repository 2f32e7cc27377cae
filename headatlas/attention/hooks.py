"""A model's attention modules, and passes over them that hand each layer's attention to a function and let it go."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any

import torch
from jaxtyping import Bool, Float, Shaped
from torch import Tensor
from transformer_lens.model_bridge.exceptions import StopAtLayerException

from headatlas.attention.modules import AttentionModule, OnAttention
from headatlas.attention.outputs import HeadOutputs, OnNorms, reading_outputs
from headatlas.errors import AttentionError, ModelError
from headatlas.inputs.forward_batch import Inputs, beside_ids, signals
from headatlas.inputs.pair_batch import PairBatch, sources
from headatlas.inputs.token_batch import TokenBatch
from headatlas.models.picture_texts import blank_picture

if TYPE_CHECKING:
    from transformer_lens.model_bridge import TransformerBridge
    from transformers import PreTrainedModel


def run(
    bridge: TransformerBridge,
    inputs: Inputs,
    modules: Sequence[AttentionModule],
    on_attention: OnAttention,
    *,
    device: torch.device | str,
    masked: bool,
    on_values: OnAttention | None = None,
    outputs: Mapping[str, HeadOutputs] | None = None,
    on_outputs: OnNorms = lambda module, norms: None,
) -> None:
    """One forward pass that ends in the last module's hook: no logits are computed.

    `masked` passes the padding mask, which bidirectional attention needs; causal attention never sees
    what stands to the right, and some causal models lose their causality when given a mask. `on_values`
    gets each module's value vectors [batch, position, key-value head, d_head], before its attention; `on_outputs`
    the norms of its heads' outputs, by what `outputs` has for its hook, after it. A module that is used more than once
    in a pass is read the first time.

    Raises:
        AttentionError: a hook did not fire.
    """
    waiting = {module.hook for module in modules}
    outputs_waiting: set[str] = set()

    def end(given: Shaped[Tensor, "*shape"]) -> None:
        if not (waiting or outputs_waiting):
            raise StopAtLayerException(given)

    def hooked(module: AttentionModule) -> Callable[..., None]:
        def hook(attention: Float[Tensor, "*shape"], hook: Any) -> None:
            if module.hook in waiting:
                waiting.discard(module.hook)
                on_attention(module, attention)
            end(attention)

        return hook

    hooks: list[tuple[str, Callable[..., None]]] = [(module.hook, hooked(module)) for module in modules]
    if on_values is not None:
        hooks += [(_value_hook(bridge, module), partial(_pass_on, on_values, module)) for module in modules]
    first, options = model_input(inputs, device=device, masked=masked)
    reading = reading_outputs(modules, outputs or {}, on_outputs, outputs_waiting, end)
    with torch.inference_mode(), bridge.hooks(fwd_hooks=hooks), reading:
        with suppress(StopAtLayerException):  # not every architecture's forward catches it
            bridge(first, return_type=None, **options)
    if waiting:
        silent = [module.name for module in modules if module.hook in waiting]
        raise AttentionError(f"The attention hook of {_listed(silent)} did not fire, so its heads cannot be scored.")
    if outputs_waiting:
        silent = sorted(outputs_waiting)
        raise AttentionError(f"The output projection of {_listed(silent)} was not run, so its heads cannot be scored.")


def model_input(
    inputs: Inputs, *, device: torch.device | str, masked: bool
) -> tuple[Shaped[Tensor, "batch ..."], dict[str, Shaped[Tensor, "some ..."]]]:
    """What a forward pass gets: ids (in an encoder-decoder the source's) or a signal, and by name what goes with it."""
    if inputs.sequences[0].signal is not None:
        return signals(inputs.sequences).to(device), {}
    if "decoder" in inputs.causal:
        pairs = inputs.batch("cross")
        assert isinstance(pairs, PairBatch)
        if hears(inputs):  # which knows no mask
            sounds = signals(sources(inputs.sequences)).to(device)
            return sounds, {"decoder_input_ids": pairs.queries.tokens.to(device)}
        return pairs.keys.tokens.to(device), {
            "decoder_input_ids": pairs.queries.tokens.to(device),
            "attention_mask": pairs.keys.real.long().to(device),
        }
    batch = inputs.batch(next(iter(inputs.causal)))
    assert isinstance(batch, TokenBatch)
    beside = {name: value.to(device) for name, value in beside_ids(batch.sequences, batch.shape[1]).items()}
    if masked or beside:
        beside["attention_mask"] = batch.real.long().to(device)
    return batch.tokens.to(device), beside


def real_positions(inputs: Inputs) -> Bool[Tensor, "batch position"] | None:
    """Which positions are tokens and no padding; None for signals and where one stack reads what another wrote."""
    if inputs.sequences[0].signal is not None or len(inputs.causal) != 1:
        return None
    batch = inputs.batch(next(iter(inputs.causal)))
    return batch.real if isinstance(batch, TokenBatch) else None


def plain_input(
    model: PreTrainedModel, inputs: Inputs, *, device: torch.device | str, masked: bool
) -> dict[str, Shaped[Tensor, "some ..."]]:
    """The same for a plain Hugging Face model, everything by name."""
    first, options = model_input(inputs, device=device, masked=masked)
    if hears(inputs):
        first = first.to(model.dtype)
    if "pixel_values" not in options and first.ndim == 2 and not first.is_floating_point():
        options |= blank_picture(model, first)
    reads_signals = inputs.sequences[0].signal is not None or hears(inputs)
    return {model.main_input_name if reads_signals else "input_ids": first, **options}


def hears(inputs: Inputs) -> bool:
    """Whether the encoder reads sounds and the decoder words."""
    source = inputs.sequences[0].source
    return "cross" in inputs.causal and source is not None and source.signal is not None


def _value_hook(bridge: TransformerBridge, module: AttentionModule) -> str:
    """The hook of a module's value vectors.

    Raises:
        ModelError: it has none, as in models with latent attention.
    """
    name = module.hook.removesuffix("hook_pattern") + "hook_v"
    if name not in bridge.hook_dict:
        raise ModelError(f"{module.name} has no hook for its values; scan this model without --value-weighted.")
    return name


def _pass_on(
    on_values: OnAttention, module: AttentionModule, values: Float[Tensor, "batch key group d_head"], hook: Any
) -> None:
    on_values(module, values)


def _listed(names: Iterable[str]) -> str:
    return ", ".join(names)
