"""The input of one forward pass, and the batch of queries and keys that each kind of attention sees in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import torch
from jaxtyping import Float, Shaped
from torch import Tensor

from headatlas.inputs.frames import FrameBatch
from headatlas.inputs.pair_batch import PairBatch, sources
from headatlas.inputs.sequence import TokenSequence
from headatlas.inputs.token_batch import TokenBatch

# What has a number, or a row, for each token, by how its name ends.
_OF_TOKENS = ("token_type_ids", "image_attention_mask", "cross_attention_mask")


class Inputs:
    """One forward pass: some sequences of a probe, and a batch of them for each kind of attention.

    `causal` has an entry for each kind of attention that the model has.
    """

    def __init__(self, sequences: Sequence[TokenSequence], causal: Mapping[str, bool]) -> None:
        self.sequences = tuple(sequences)
        self.causal = causal
        self._batches: dict[tuple[str, int | None], TokenBatch | PairBatch] = {}

    def batch(self, attention: str, window: int | None = None) -> TokenBatch | PairBatch:
        """The queries and keys of a kind of attention, in layers with such a window (see `TokenBatch`)."""
        if (attention, window) not in self._batches:
            self._batches[attention, window] = self._make(attention, window)
        return self._batches[attention, window]

    def _make(self, attention: str, window: int | None) -> TokenBatch | PairBatch:
        if attention == "cross":
            return PairBatch(self.sequences)
        causal = self.causal.get(attention, False)
        if attention == "encoder" and (source := self.sequences[0].source) is not None:
            if source.signal is not None:
                return FrameBatch(sources(self.sequences))
            return TokenBatch(sources(self.sequences), causal, window)
        return TokenBatch(self.sequences, causal, window)

    def examples_of(self, attention: str) -> list[int]:
        """Rows of the batch whose attention of a kind is kept as heatmaps.

        Of a picture that is being drawn it is attention to the prompt alone: among places it would be a map of the size
        of two pictures' at every step.
        """
        rows = enumerate(self.sequences)
        return [row for row, sequence in rows if sequence.example and (attention == "cross" or not _is_drawn(sequence))]


def _is_drawn(sequence: TokenSequence) -> bool:
    return sequence.drawing is not None and sequence.drawing.step is not None


def beside_ids(sequences: Sequence[TokenSequence], n_tokens: int) -> dict[str, Shaped[Tensor, "some ..."]]:
    """What goes with the ids of texts that hold pictures, by name, one sequence after the other.

    What has a number for each token is padded with 0 to `n_tokens`.
    """
    together: dict[str, Shaped[Tensor, "some ..."]] = {}
    for name in sequences[0].given:
        arrays = [sequence.given[name] for sequence in sequences]
        if name.endswith(_OF_TOKENS):
            arrays = [
                np.pad(array, ((0, 0), (0, n_tokens - array.shape[1]), *((0, 0),) * (array.ndim - 2)))
                for array in arrays
            ]
        together[name] = torch.from_numpy(np.concatenate(arrays))
    return together


def signals(sequences: Sequence[TokenSequence]) -> Float[Tensor, "batch ..."]:
    """The images or sounds of a batch, which have to be of one size."""
    return torch.stack([torch.from_numpy(sequence.signal) for sequence in sequences if sequence.signal is not None])
