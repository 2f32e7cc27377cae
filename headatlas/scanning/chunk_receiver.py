"""What a scan does with a chunk's attention: rows are checked and reduced, weights of examples kept as heatmaps."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
import torch
from jaxtyping import Float, UInt8
from torch import Tensor

from headatlas.attention.modules import AttentionModule
from headatlas.attention.row_check import RowCheck, check_rows
from headatlas.inputs.block import Block
from headatlas.inputs.frames import FrameBatch, fold_keys, fold_queries
from headatlas.inputs.pair_batch import Batch, PairBatch
from headatlas.inputs.sequence import n_frames_shown
from headatlas.scoring.chunk_reducer import ChunkReducer


class GivenUp(Exception):
    """Nobody waits for the pass any longer."""


@dataclass
class ChunkReceiver:
    """Receives attention whole or in blocks, whichever way its source has it.

    `spans` says which of the heads of its kind are each module's, and `kinds` the reducer's name for that kind where it
    is not that of the module. With `wants_values` the norms of value vectors are taken into account. A pass that
    `is_given_up` ends at its next module. Everything stays on the device until it is asked for.
    """

    reducer: ChunkReducer
    spans: Mapping[AttentionModule, slice]
    wants_values: bool = False
    kinds: Mapping[AttentionModule, str] = field(default_factory=dict)
    is_given_up: Callable[[], bool] = lambda: False
    _check: RowCheck = field(default_factory=RowCheck)
    _norms: dict[AttentionModule, Float[Tensor, "batch head key"]] = field(default_factory=dict)
    _heatmaps: dict[tuple[AttentionModule, int], UInt8[Tensor, "head query key"]] = field(default_factory=dict)

    def receive(self, module: AttentionModule, attention: Float[Tensor, "batch head query key"]) -> None:
        """The whole attention of a module.

        Raises:
            GivenUp: nobody waits for it.
        """
        self._go_on()
        check_rows(module, attention, self.reducer.inputs.batch(module.attention), self._check)
        self.reducer.add_whole(self._kind(module), self.spans[module], attention, self._norms.pop(module, None))
        n_batch, _, n_queries, n_keys = attention.shape
        self._keep_examples(module, Block(slice(0, n_batch), slice(0, n_queries), n_keys), attention)

    def receive_values(self, module: AttentionModule, values: Float[Tensor, "batch key group d_head"]) -> None:
        """The value vectors that the module's attention, which comes next, will weigh."""
        self._norms[module] = self._norms_of(module, values.movedim(2, 1))

    @property
    def wants_outputs(self) -> bool:
        """Whether the norms of what heads give are asked for."""
        return self.reducer.wants_outputs

    def receive_outputs(self, module: AttentionModule, norms: Float[Tensor, "batch head query"]) -> None:
        """The norms of the outputs of a module's heads."""
        self.reducer.add_outputs(self._kind(module), self.spans[module], norms)

    def blocks(self, module: AttentionModule, n_heads: int) -> Iterable[Block]:
        """The blocks in which a module's attention can come instead.

        Raises:
            GivenUp: nobody waits for it.
        """
        self._go_on()
        return self.reducer.blocks(self._kind(module), n_heads)

    def receive_block(
        self,
        module: AttentionModule,
        block: Block,
        attention: Float[Tensor, "batch head query key"],
        values: Float[Tensor, "all_batch group all_key d_head"],
        scores: Float[Tensor, "batch head query key"],
    ) -> None:
        """One of these blocks, with all values of its module."""
        norms = self._norms_of(module, values[block.rows, :, : block.n_keys]) if self.wants_values else None
        self.reducer.add(self._kind(module), self.spans[module], block, attention, norms, scores)
        self._keep_examples(module, block, attention)

    def heatmaps(self) -> Iterator[tuple[AttentionModule, int, UInt8[np.ndarray, "head query key"]]]:
        """The attention of each module on each example, by the example's row in the chunk, in 255ths."""
        for (module, row), heatmap in self._heatmaps.items():
            yield module, row, heatmap.cpu().numpy()

    def _go_on(self) -> None:
        if self.is_given_up():
            raise GivenUp

    def _kind(self, module: AttentionModule) -> str:
        return self.kinds.get(module, module.attention)

    def _keep_examples(
        self, module: AttentionModule, block: Block, attention: Float[Tensor, "batch head query key"]
    ) -> None:
        batch = self.reducer.inputs.batch(module.attention)
        for row in self.reducer.inputs.examples_of(module.attention):
            if not block.rows.start <= row < block.rows.stop:
                continue
            n_queries, n_keys = batch.shape_of(row)
            n_shown = _n_frames_shown(batch, row)
            if n_shown is not None:  # sounds come whole
                self._heatmaps[module, row] = _levels(_folded(attention[row].float(), batch, row, n_shown))
                continue
            if (module, row) not in self._heatmaps:
                shape = (attention.shape[1], n_queries, n_keys)
                self._heatmaps[module, row] = torch.zeros(shape, dtype=torch.uint8, device=attention.device)
            part = attention[row - block.rows.start, :, : max(0, n_queries - block.queries.start), :n_keys].float()
            if isinstance(batch, PairBatch):  # of a text, words before the picture look at nothing
                seeing = batch.real[row, block.queries.start : block.queries.start + part.shape[1]]
                part = part * seeing[:, None].to(part.device)
            levels = _levels(part)
            self._heatmaps[module, row][:, block.queries, : levels.shape[2]] = levels

    def _norms_of(
        self, module: AttentionModule, values: Float[Tensor, "batch group key d_head"]
    ) -> Float[Tensor, "batch head key"]:
        """Grouped queries share the values of their group."""
        n_heads = self.spans[module].stop - self.spans[module].start
        return values.float().norm(dim=-1).repeat_interleave(n_heads // values.shape[1], 1)


def _levels(weights: Float[Tensor, "head query key"]) -> UInt8[Tensor, "head query key"]:
    return (weights * 255).round_().clamp_(0, 255).to(torch.uint8)


def _n_frames_shown(batch: Batch, row: int) -> int | None:
    """How many of the keys are shown one by one: frames of a sound that has padding behind it; None for all."""
    if isinstance(batch, FrameBatch):
        return batch.shape_of(row)[0]
    return n_frames_shown(batch.keys.sequences[row]) if isinstance(batch, PairBatch) else None


def _folded(
    weights: Float[Tensor, "head query key"], batch: Batch, row: int, n: int
) -> Float[Tensor, "head shown_query shown_key"]:
    """The weights of one example with the padding behind `n` frames as one key and, among frames, as one query."""
    n_keys = batch.keys.lengths[row] if isinstance(batch, PairBatch) else batch.lengths[row]
    folded = fold_keys(weights[..., :n_keys], n)
    if isinstance(batch, PairBatch):
        return folded[:, : batch.queries.lengths[row]]
    return fold_queries(folded[:, :n_keys], n)
