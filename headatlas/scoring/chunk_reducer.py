"""The tallies of one chunk of work, from whatever source its attention comes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from types import MappingProxyType

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from headatlas.errors import AttentionError
from headatlas.inputs.block import Block
from headatlas.inputs.forward_batch import Inputs
from headatlas.inputs.sequence import shuffled
from headatlas.models.memory import set_apart
from headatlas.patterns.definition import Pattern
from headatlas.scoring.chunks import Chunk
from headatlas.scoring.layer_reducer import LayerAccumulator, RowReducer
from headatlas.scoring.layer_sums import LayerSums
from headatlas.scoring.line_finder import line_finder
from headatlas.scoring.query_classes import class_names
from headatlas.scoring.tally import N_UNITS, Tally

# A kind of attention, and the first of some of its heads and the one after the last.
HeadRange = tuple[str, int, int]


class ChunkReducer:
    """Tallies a chunk: `inputs` says what to compute attention for, `add` takes it, `tallies` are the result.

    `patterns`, `n_heads` and `causal` have an entry for each kind of attention, and so have the `tallies`. Layers of a
    kind whose attention slides are a kind of their own, of which `windows` says the kind that they are of and the
    window. With `wants_outputs` the norms of the heads' outputs have to be added too, before or after their attention.
    """

    def __init__(
        self,
        chunk: Chunk,
        patterns: Mapping[str, Sequence[Pattern]],
        n_heads: Mapping[str, int],
        *,
        causal: Mapping[str, bool],
        seed: int,
        device: torch.device | str = "cpu",
        wants_outputs: bool = False,
        windows: Mapping[str, tuple[str, int]] = MappingProxyType({}),
    ) -> None:
        self.wants_outputs = wants_outputs
        self.inputs = Inputs(chunk.sequences, causal)
        in_other_order = [
            shuffled(sequence, np.random.default_rng([seed, i]))
            for i, sequence in zip(chunk.indices, chunk.sequences, strict=True)
        ]
        null_inputs = Inputs(in_other_order, causal)
        self._units = [i % N_UNITS for i in chunk.indices]
        self._n_heads = n_heads
        self._reducers = {}
        for name, own in patterns.items():
            kind, window = windows.get(name, (name, None))
            batch, null_batch = self.inputs.batch(kind, window), null_inputs.batch(kind, window)
            lines = line_finder(chunk, kind, batch, seed, device)
            classes = class_names(chunk.text.sequences, kind)
            self._reducers[name] = RowReducer(batch, own, device, null_batch, classes, lines)
        # Kept where the attention is until the pass is over: a GPU waits for nothing.
        self._sums: dict[HeadRange, LayerSums] = {}
        self._open: dict[HeadRange, LayerAccumulator] = {}

    def blocks(self, kind: str, n_heads: int) -> Iterator[Block]:
        """The blocks in which a layer's attention can be added."""
        return self._reducers[kind].blocks(n_heads)

    def add(
        self,
        kind: str,
        heads: slice,
        block: Block,
        attention: Float[Tensor, "batch head query key"],
        value_norms: Float[Tensor, "batch head key"] | None = None,
        scores: Float[Tensor, "batch head query key"] | None = None,
    ) -> None:
        """Adds one block of the attention of some heads of a kind, which must not have been added before."""
        self._layer(kind, heads).add(block, attention, value_norms, scores)
        self._close(kind, heads)

    def add_outputs(self, kind: str, heads: slice, norms: Float[Tensor, "batch head query"]) -> None:
        """Adds the norms of the outputs of some heads of a kind: all heads of their layer."""
        self._layer(kind, heads).add_outputs(norms)
        self._close(kind, heads)

    def _layer(self, kind: str, heads: slice) -> LayerAccumulator:
        name = (kind, heads.start, heads.stop)
        if name not in self._open:
            self._open[name] = LayerAccumulator(self._reducers[kind], heads.stop - heads.start)
        return self._open[name]

    def _close(self, kind: str, heads: slice) -> None:
        """Makes the sums of a layer of which nothing is missing, and lets the rest go."""
        name = (kind, heads.start, heads.stop)
        layer = self._open[name]
        if not layer.n_left and (layer.has_outputs or not self.wants_outputs):
            self._sums[name] = sums = self._open.pop(name).sums()
            del layer
            set_apart(sums.tensors())

    def add_whole(
        self,
        kind: str,
        heads: slice,
        attention: Float[Tensor, "batch head query key"],
        value_norms: Float[Tensor, "batch head key"] | None = None,
    ) -> None:
        """Adds all attention of some heads of a kind."""
        for block in self.blocks(kind, attention.shape[1]):
            norms = None if value_norms is None else value_norms[block.rows, :, : block.n_keys]
            self.add(kind, heads, block, attention[block.rows, :, block.queries, : block.n_keys], norms)

    @cached_property
    def tallies(self) -> dict[str, Tally]:
        """The chunk's tally of each kind of attention.

        Raises:
            AttentionError: some of the attention was not a number.
        """
        assert not self._open, "some blocks of a layer have not been added"
        tallies = {}
        for kind, reducer in self._reducers.items():
            tallies[kind] = Tally.empty(self._n_heads[kind], len(reducer.patterns), reducer.classes.shape[2])
            tallies[kind].add_counts(reducer.counts, self._units)
        for (kind, start, stop), sums in self._sums.items():
            try:
                tallies[kind].add_layer(sums, slice(start, stop), self._units)
            except FloatingPointError as error:
                raise AttentionError(
                    f"Heads {start} to {stop - 1} of the {kind} attention gave weights that are not numbers. No score "
                    "is made from them; try --dtype float32."
                ) from error
        return tallies
