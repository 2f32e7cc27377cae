"""One chunk of work: some sequences of a probe, and the tally of whatever attention is shown for them.

Where the attention comes from is the caller's business: a model's hooks, arrays recorded elsewhere, heads composed
by hand.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from headatlas.accumulate import N_UNITS, Tally
from headatlas.patterns import Pattern
from headatlas.probes import ProbeText
from headatlas.rows import RowReducer
from headatlas.tokens import TokenBatch, shuffled

# Tokens in one forward pass, padding included: enough to keep the processor busy, little enough to hold.
BATCH_TOKENS = 2048


@dataclass(frozen=True)
class Chunk:
    """One forward pass: some sequences of one probe, by their position in it."""

    text: ProbeText
    indices: tuple[int, ...]

    @property
    def n_tokens(self) -> int:
        """Tokens in the padded batch."""
        return len(self.indices) * max(len(self.text.sequences[i]) for i in self.indices)


def chunks_of(text: ProbeText) -> list[Chunk]:
    """Sequences of like length together, so that little is padding; the longest first, so that memory peaks early."""
    order = sorted(range(len(text.sequences)), key=lambda i: (-len(text.sequences[i]), i))
    chunks: list[Chunk] = []
    while order:
        size = max(1, BATCH_TOKENS // len(text.sequences[order[0]]))
        chunks.append(Chunk(text, tuple(order[:size])))
        order = order[size:]
    return chunks


class ChunkReducer:
    """Tallies a chunk: `batch` says what to compute attention for, `add` takes it, `tally` is the result."""

    def __init__(
        self,
        chunk: Chunk,
        patterns: Sequence[Pattern],
        n_heads: int,
        *,
        causal: bool,
        seed: int,
        device: torch.device | str = "cpu",
    ) -> None:
        sequences = [chunk.text.sequences[i] for i in chunk.indices]
        self.batch = TokenBatch(sequences, causal=causal)
        null_batch = TokenBatch(
            [shuffled(one, np.random.default_rng([seed, i])) for i, one in zip(chunk.indices, sequences, strict=True)],
            causal=causal,
        )
        self._reducer = RowReducer(self.batch, patterns, device, null_batch)
        self._units = [i % N_UNITS for i in chunk.indices]
        self.tally = Tally.empty(n_heads, len(patterns))
        self.tally.overlaps += self._reducer.overlaps
        self.tally.n_distance += self._reducer.n_distance.numpy()
        for row, unit in enumerate(self._units):
            for name in ("n_queries", "n_possible", "n_null", "chance", "offset_hits"):
                getattr(self.tally, name)[unit] += getattr(self._reducer, name)[row].numpy()
            self.tally.n_sequences[unit] += (self._reducer.n_queries[row] > 0).numpy()

    def add(
        self,
        heads: slice,
        attention: Float[Tensor, "batch head query key"],
        value_norms: Float[Tensor, "batch head key"] | None = None,
    ) -> None:
        """Adds the attention of some heads, which must not have been added before."""
        sums = self._reducer(attention, value_norms)
        self.tally.distance[heads] += sums.distance.double().cpu().numpy()
        for name in ("scores", "sink_free", "n_sink_free", "null", "value_weighted"):
            part = getattr(sums, name)
            if part is not None:
                for unit, values in zip(self._units, part.double().cpu().numpy(), strict=True):
                    getattr(self.tally, name)[unit, heads] += values
