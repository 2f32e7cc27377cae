"""Whether attention computed in blocks is what the hooks give: compared on a few tokens before it is relied on."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import torch
from jaxtyping import Float
from torch import Tensor

from headatlas.attention import blockwise, hooks
from headatlas.attention.block_attention import NotInBlocks
from headatlas.attention.modules import AttentionModule
from headatlas.attention.spent import SpentState, watching
from headatlas.inputs.block import Block
from headatlas.inputs.forward_batch import Inputs
from headatlas.inputs.sequence import first_tokens

if TYPE_CHECKING:
    from transformer_lens.model_bridge import TransformerBridge

log = logging.getLogger("headatlas")

# Blocks and hooks are compared on this many tokens of a sequence.
N_COMPARED = 64


def difference(
    bridge: TransformerBridge,
    inputs: Inputs,
    modules: Sequence[AttentionModule],
    *,
    device: torch.device | str,
    spent: frozenset[SpentState] = frozenset(),
) -> float | None:
    """The largest difference between blocks and hooks, over all weights of the first tokens of some sequences.

    Hidden states that are `spent` are given up meanwhile, as `blockwise.run` does.

    None where attention cannot be computed in blocks: it is not of single texts, or not computed by a Hugging Face
    module from q, k and a mask alone.
    """
    if len(inputs.causal) > 1 or any(sequence.has_signal for sequence in inputs.sequences):
        return None
    few = Inputs([first_tokens(sequence, N_COMPARED) for sequence in inputs.sequences], inputs.causal)
    masked = not all(inputs.causal.values())
    comparison = _Comparison(few)
    hooks.run(bridge, few, modules, comparison.receive, device=device, masked=masked)
    try:
        # Feed-forward parts in pieces as well, as of long texts.
        blockwise.run(
            bridge, few, modules, comparison, device=device, masked=masked, most_positions=N_COMPARED // 2 + 1,
            spent=spent,
        )  # fmt: skip
    except Exception as reason:  # modules and adapters fail in ways of their own
        log.debug("Attention is not computed in blocks: %s", reason)
        return None
    return comparison.largest


def find_spent(
    bridge: TransformerBridge,
    inputs: Inputs,
    modules: Sequence[AttentionModule],
    *,
    device: torch.device | str,
    tolerance: float,
) -> frozenset[SpentState]:
    """The hidden states of the modules that nobody reads after their moments.

    There are none where giving them up makes a difference of more than `tolerance`, or an error.
    """
    with watching(bridge, modules) as spent_states:
        difference(bridge, inputs, modules, device=device)
    spent = spent_states()
    apart = difference(bridge, inputs, modules, device=device, spent=spent) if spent else None
    return spent if apart is not None and apart <= tolerance else frozenset()


class _Comparison:
    """Receives whole attention, then blocks, and keeps the `largest` difference between the two."""

    wants_values = wants_outputs = False

    def __init__(self, inputs: Inputs) -> None:
        self.inputs = inputs
        self.whole: dict[AttentionModule, Float[Tensor, "batch head query key"]] = {}
        self.largest = 0.0

    def receive(self, module: AttentionModule, attention: Float[Tensor, "batch head query key"]) -> None:
        self.whole[module] = attention.float()

    def receive_values(self, module: AttentionModule, values: Float[Tensor, "batch key group d_head"]) -> None:
        """Not asked for."""

    def receive_outputs(self, module: AttentionModule, norms: Float[Tensor, "batch head query"]) -> None:
        """Not asked for."""

    def blocks(self, module: AttentionModule, n_heads: int) -> Iterator[Block]:
        n_batch, n_queries, n_keys = self.inputs.batch(module.attention).shape
        # Two blocks of queries, so that the seam is compared too.
        middle = n_queries // 2 + 1
        for queries in (slice(0, middle), slice(middle, n_queries)):
            n_seen = queries.stop if self.inputs.causal[module.attention] else n_keys
            if queries.start < queries.stop:
                yield Block(slice(0, n_batch), queries, n_seen)

    def receive_block(
        self,
        module: AttentionModule,
        block: Block,
        attention: Float[Tensor, "batch head query key"],
        values: Float[Tensor, "all_batch group all_key d_head"],
        scores: Float[Tensor, "batch head query key"],
    ) -> None:
        expected = self.whole[module][block.rows, :, block.queries]
        if expected.shape[:3] != attention.shape[:3]:
            raise NotInBlocks(f"{module.name} has other queries or heads than its hook")
        real = self.inputs.batch(module.attention).real[block.rows, None, block.queries, None].to(attention.device)
        apart = (expected[..., : block.n_keys] - attention).abs().amax(-1, keepdim=True)
        apart = apart + expected[..., block.n_keys :].sum(-1, keepdim=True)
        # A comparison with not-a-number is never small enough.
        largest = float(apart.where(real, 0).amax())
        self.largest = max(self.largest, largest) if largest == largest else float("inf")
