"""Attention computed in blocks of queries from q, k and the mask, so that no layer's whole attention ever exists.

The wrapped model runs as it is, except that each attention component hands over to the Hugging Face module in it, and
that module calls the attention function of `block_attention`.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

import torch
from torch import nn

from headatlas.attention.block_attention import CURRENT_PASS, NAME, BlockPass, EndOfPass, NotInBlocks, register
from headatlas.attention.hooks import model_input, real_positions
from headatlas.attention.modules import AttentionModule
from headatlas.attention.outputs import HeadOutputs, reading_outputs
from headatlas.attention.pieces import MOST_POSITIONS, in_pieces
from headatlas.attention.receiver import AttentionReceiver
from headatlas.attention.spent import SpentState, giving_up
from headatlas.errors import AttentionError
from headatlas.inputs.forward_batch import Inputs
from headatlas.models.products import fast_layers, in_fast_products

if TYPE_CHECKING:
    from transformer_lens.model_bridge import TransformerBridge


@contextmanager
def in_blocks(bridge: TransformerBridge, modules: Sequence[AttentionModule]) -> Iterator[dict[int, AttentionModule]]:
    """Inside, the attention of `modules` goes through `block_attention.attend`.

    Yields them by the `id` of the Hugging Face module within.

    Raises:
        NotInBlocks: an attention component holds no Hugging Face module of its own.
    """
    register()
    by_id: dict[int, AttentionModule] = {}
    components = []
    for module in modules:
        component = functools.reduce(getattr, module.hook.split(".")[:-1], bridge)
        original = getattr(component, "original_component", None)
        if not isinstance(original, nn.Module) or id(original) in by_id:
            raise NotInBlocks(f"{module.name} holds no attention module of its own")
        by_id[id(original)] = module
        components.append((component, original))
    holders = [bridge.original_model, *(original for _, original in components)]
    configs = [config for holder in holders if (config := getattr(holder, "config", None)) is not None]
    configs += [config.get_text_config() for config in configs if hasattr(config, "get_text_config")]
    before = {id(config): (config, getattr(config, "_attn_implementation", None)) for config in configs}
    for config, _ in before.values():
        config._attn_implementation = NAME
    for component, original in components:
        # In the instance itself: setting an attribute of a bridge component may reach the wrapped module.
        component.__dict__["forward"] = original.forward
    try:
        yield by_id
    finally:
        for component, _ in components:
            component.__dict__.pop("forward", None)
        for config, name in before.values():
            config._attn_implementation = name


def run(
    bridge: TransformerBridge,
    inputs: Inputs,
    modules: Sequence[AttentionModule],
    receiver: AttentionReceiver,
    *,
    device: torch.device | str,
    masked: bool,
    outputs: Mapping[str, HeadOutputs] | None = None,
    most_positions: int = MOST_POSITIONS,
    spent: frozenset[SpentState] = frozenset(),
) -> None:
    """One forward pass that ends in the last module's attention; see `hooks.run` for `masked` and `outputs`.

    Feed-forward parts read at most so many positions of a text at a time, and no padding of texts that stand alone.
    Hidden states that are `spent` are given up as soon as nobody reads them (see `spent`).

    Raises:
        NotInBlocks: the attention is of a form that is not known here.
        AttentionError: a module was not run.
    """
    first, options = model_input(inputs, device=device, masked=masked)
    if hasattr(bridge.original_model.config, "use_cache"):
        options["use_cache"] = False  # type: ignore[assignment]
    with torch.inference_mode(), in_blocks(bridge, modules) as by_id:
        current = BlockPass(by_id, receiver)
        token = CURRENT_PASS.set(current)
        waiting = current.outputs_waiting
        try:
            with (
                suppress(EndOfPass),
                in_fast_products(fast_layers([bridge.original_model])),
                in_pieces(bridge, modules, most_positions, real_positions(inputs), device),
                giving_up(bridge, modules, spent),
                reading_outputs(modules, outputs or {}, receiver.receive_outputs, waiting, current.end),
            ):
                bridge(first, return_type=None, **options)
        finally:
            CURRENT_PASS.reset(token)
    if current.waiting:
        silent = ", ".join(by_id[number].name for number in current.waiting)
        raise AttentionError(f"The attention of {silent} was not run, so its heads cannot be scored.")
    if current.outputs_waiting:
        silent = ", ".join(sorted(current.outputs_waiting))
        raise AttentionError(f"The output projection of {silent} was not run, so its heads cannot be scored.")
