"""The tallies of one chunk of work, of whatever attention is shown for it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from headatlas.errors import AttentionError
from headatlas.inputs.block import Block
from headatlas.inputs.forward_batch import Inputs
from headatlas.inputs.sequence import shuffled
from headatlas.patterns import Pattern
from headatlas.scoring.chunks import Chunk
from headatlas.scoring.layer_reducer import Found, Layer, RowReducer
from headatlas.scoring.tally import N_UNITS, Tally


class ChunkReducer:
    """Tallies a chunk: `inputs` says what to compute attention for, `add` takes it, `tallies` are the result.

    `patterns`, `n_heads` and `causal` have an entry for each kind of attention, and so have the `tallies`.
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
    ) -> None:
        self.inputs = Inputs(chunk.sequences, causal)
        other_order = [
            shuffled(one, np.random.default_rng([seed, i]))
            for i, one in zip(chunk.indices, chunk.sequences, strict=True)
        ]
        null_inputs = Inputs(other_order, causal)
        self._units = [i % N_UNITS for i in chunk.indices]
        self._n_heads = n_heads
        self._reducers = {
            kind: RowReducer(self.inputs.batch(kind), own, device, null_inputs.batch(kind))
            for kind, own in patterns.items()
        }
        # Kept where the attention is until the pass is over: a GPU waits for nothing.
        self._found: dict[tuple[str, int, int], Found] = {}
        self._open: dict[tuple[str, int, int], Layer] = {}

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
        reducer, place = self._reducers[kind], (kind, heads.start, heads.stop)
        if place not in self._open:
            self._open[place] = Layer(reducer, attention.shape[1])
        layer = self._open[place]
        reducer.add(layer, block, attention, value_norms, scores)
        if not layer.n_left:
            self._found[place] = reducer.finish(self._open.pop(place))

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
        found = {kind: self._empty(reducer, self._n_heads[kind]) for kind, reducer in self._reducers.items()}
        assert not self._open, "some blocks of a layer have not come"
        for (kind, start, stop), one in self._found.items():
            sums = self._reducers[kind].sums(one)
            tally, heads = found[kind], slice(start, stop)
            distance = sums.distance.double().cpu().numpy()
            if not np.isfinite(distance).all():
                raise AttentionError(
                    f"Heads {start} to {stop - 1} of the {kind} attention gave weights that are not numbers. No score "
                    "is made from them; try --dtype float32."
                )
            tally.distance[heads] += distance
            for name in ("scores", "sink_free", "n_sink_free", "null", "value_weighted"):
                values = getattr(sums, name).double().cpu().numpy()
                for unit, own in zip(self._units, values, strict=True):
                    getattr(tally, name)[unit, heads] += own
        return found

    def _empty(self, reducer: RowReducer, n_heads: int) -> Tally:
        """What is known before any attention is: the tally of no head."""
        tally = Tally.empty(n_heads, len(reducer.patterns))
        tally.overlaps += reducer.overlaps
        tally.n_distance += reducer.n_distance.numpy()
        for row, unit in enumerate(self._units):
            for name in ("n_queries", "n_possible", "n_null", "chance", "offset_hits"):
                getattr(tally, name)[unit] += getattr(reducer, name)[row].numpy()
            tally.n_sequences[unit] += (reducer.n_queries[row] > 0).numpy()
        return tally
