"""Attention of a model on one text, computed in blocks of queries; only what is asked for is kept."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import torch
from jaxtyping import Float, UInt8
from torch import Tensor

from headatlas.attention.certificate import CAUSAL
from headatlas.attention.hooks import run
from headatlas.attention.modules import AttentionModule, find_modules
from headatlas.attention.row_check import RowCheck, check_rows
from headatlas.attention.source import HookedModel
from headatlas.errors import HeadatlasError, UnknownNameError
from headatlas.heads import head_name
from headatlas.inputs.block import Block
from headatlas.inputs.forward_batch import Inputs
from headatlas.inputs.sequence import TokenSequence, first_tokens
from headatlas.models.load import Model
from headatlas.scoring.blocks import blocks
from headatlas.views.attention_maps import LayerAttention

if TYPE_CHECKING:
    from headatlas.store.job import Progress

# Tokens on which it is found out which layers there are, how many heads they have and whether they look ahead.
N_FIRST = 64
# Bytes that the maps of all heads asked for may take: a page of more would open in no browser.
MOST_BYTES = 2**31


@dataclass(frozen=True)
class _Layer:
    """What the text's first tokens have shown of a layer."""

    n_heads: int
    causal: bool


def text_attention(
    loaded: Model,
    sequence: TokenSequence,
    layer: int | None = None,
    head: int | None = None,
    progress: Progress | None = None,
) -> list[LayerAttention]:
    """Every layer's attention on a text, or one layer's or head's, in steps of 1/255.

    The pass ends in the last layer that is kept. `progress` is called with the work done and the work in all.

    Raises:
        UnknownNameError: there is no such layer or head.
        HeadatlasError: the maps of all heads that are asked for would take more than `MOST_BYTES`.
        AttentionError: the model's hooks give something that is not attention.
    """
    kind = loaded.kinds[0]
    modules = find_modules(loaded.bridge, kind)
    layers = _look(loaded, first_tokens(sequence, N_FIRST), modules)
    kept = _chosen(layers, layer, head)
    n_maps = sum(1 if head is not None else layers[module].n_heads for module in kept)
    if n_maps * len(sequence) ** 2 > MOST_BYTES:
        narrower = "Choose a layer or a head" if layer is None else "Choose a head"
        raise HeadatlasError(
            f"{n_maps} heads on {len(sequence):,} tokens make maps of {n_maps * len(sequence) ** 2 / 1e9:.0f} GB. "
            f"{narrower} with --layer and --head, or give a shorter text."
        )
    inputs = Inputs([sequence], {kind: all(seen.causal for seen in layers.values())})
    receiver = _MapReceiver(inputs, modules[: modules.index(kept[-1]) + 1], set(kept), head, progress)
    HookedModel(loaded).run(inputs, receiver.modules, receiver)
    return [
        LayerAttention(
            # As in a scan: attention of a single stack that looks ahead is an encoder's.
            "encoder" if module.attention == "self" and not layers[module].causal else module.attention,
            module.layer,
            layers[module].causal,
            receiver.maps[module].cpu().numpy(),
            tuple(range(layers[module].n_heads)) if head is None else (head,),
        )
        for module in kept
    ]


def _look(loaded: Model, sequence: TokenSequence, modules: Sequence[AttentionModule]) -> dict[AttentionModule, _Layer]:
    """One pass without padding over a few tokens: no mask is needed, whatever the kind of attention."""
    kind = loaded.kinds[0]
    inputs = Inputs([sequence], {kind: False})
    layers = {}

    def receive(module: AttentionModule, attention: Float[Tensor, "*shape"]) -> None:
        check = RowCheck()
        check_rows(module, attention, inputs.batch(kind), check, diagonal=True)
        layers[module] = _Layer(attention.shape[1], check.above_diagonal <= CAUSAL)

    run(loaded.bridge, inputs, modules, receive, device=loaded.info.device, masked=False)
    return layers


def _chosen(layers: dict[AttentionModule, _Layer], layer: int | None, head: int | None) -> list[AttentionModule]:
    """The modules to keep, in their order.

    Raises:
        UnknownNameError: there is no such layer or head.
    """
    chosen = [module for module in layers if layer in (None, module.layer)]
    if not chosen:
        raise UnknownNameError("layer", str(layer), (), f"The layers are {_ranges([m.layer for m in layers])}.")
    if head is not None and not 0 <= head < layers[chosen[0]].n_heads:
        name = head_name(chosen[0].attention, chosen[0].layer, head)
        raise UnknownNameError(
            "head", name, (), f"The heads of {chosen[0].name} are {_ranges(range(layers[chosen[0]].n_heads))}."
        )
    return chosen


def _ranges(numbers: Sequence[int]) -> str:
    """0-29; all of them where there are gaps."""
    whole = list(numbers) == list(range(numbers[0], numbers[-1] + 1))
    if whole and len(numbers) > 1:
        return f"{numbers[0]}-{numbers[-1]}"
    return ", ".join(map(str, numbers))


@dataclass
class _MapReceiver:
    """Receives attention, whole or in blocks, and keeps the maps of `kept`, or of their one `head`."""

    inputs: Inputs
    modules: Sequence[AttentionModule]
    kept: set[AttentionModule]
    head: int | None
    progress: Progress | None
    maps: dict[AttentionModule, UInt8[Tensor, "head query key"]] = field(default_factory=dict)
    wants_values: bool = False
    wants_outputs: bool = False
    _done: int = 0

    def receive(self, module: AttentionModule, attention: Float[Tensor, "batch head query key"]) -> None:
        check_rows(module, attention, self.inputs.batch(module.attention), RowCheck())
        n_queries, n_keys = attention.shape[2:]
        self._keep(module, Block(slice(0, 1), slice(0, n_queries), n_keys), attention)

    def receive_values(self, module: AttentionModule, values: Float[Tensor, "batch key group d_head"]) -> None:
        """Not asked for."""

    def receive_outputs(self, module: AttentionModule, norms: Float[Tensor, "batch head query"]) -> None:
        """Not asked for."""

    def blocks(self, module: AttentionModule, n_heads: int) -> Iterable[Block]:
        batch = self.inputs.batch(module.attention)
        causal, device = self.inputs.causal[module.attention], torch.device("cpu")
        return blocks(batch.shape, n_heads, causal=causal, device=device)

    def receive_block(
        self,
        module: AttentionModule,
        block: Block,
        attention: Float[Tensor, "batch head query key"],
        values: Float[Tensor, "all_batch group all_key d_head"],
        scores: Float[Tensor, "batch head query key"],
    ) -> None:
        self._keep(module, block, attention)

    def _keep(self, module: AttentionModule, block: Block, attention: Float[Tensor, "batch head query key"]) -> None:
        if module in self.kept:
            heads = slice(None) if self.head is None else slice(self.head, self.head + 1)
            levels = (attention[0, heads].float() * 255).round_().clamp_(0, 255).to(torch.uint8)
            if module not in self.maps:
                _, n_queries, n_keys = self.inputs.batch(module.attention).shape
                shape = (len(levels), n_queries, n_keys)
                self.maps[module] = torch.zeros(shape, dtype=torch.uint8, device=attention.device)
            self.maps[module][:, block.queries, : block.n_keys] = levels
        if self.progress is not None:
            n_queries = self.inputs.batch(module.attention).shape[1]
            self._done += block.queries.stop - block.queries.start
            self.progress(self._done, n_queries * len(self.modules))
