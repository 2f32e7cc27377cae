"""Frames of a sound of which the last are padding: what a model of speech with a window of fixed length reads.

Nothing masks that padding, so that heads may look at it and mostly do: its frames are keys. They are never queries,
since what stands there was said by nobody. In maps they are a single row and a single column.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from headatlas.inputs.sequence import PADDING, TokenSequence
from headatlas.inputs.token_batch import TokenBatch


class FrameBatch(TokenBatch):
    """Frames of sounds as queries and keys of an encoder; `real` are those of the sound, which come first.

    All frames are keys, padding too.
    """

    def __init__(self, sequences: Sequence[TokenSequence]) -> None:
        super().__init__(sequences, causal=False)
        self._there = self.real
        self.real: Bool[Tensor, "batch position"] = self.real & (self.role(PADDING) < 0)

    def shape_of(self, row: int) -> tuple[int, int]:
        """Frames of one sound, and these with its padding."""
        return int(self.real[row].sum()), self.lengths[row]

    @property
    def real_keys(self) -> Bool[Tensor, "batch position"]:
        """Frames that queries may attend to."""
        return self._there

    @cached_property
    def allowed(self) -> Bool[Tensor, "batch query key"]:
        """From each frame of the sound to all frames."""
        return self.real[:, :, None] & self._there[:, None, :]

    @cached_property
    def n_allowed(self) -> Int[Tensor, "batch query"]:
        """How many keys each query may attend to."""
        return torch.where(self.real, self._there.sum(-1, keepdim=True), 0)


def fold_keys(weights: Float[Tensor, "head query key"], n: int) -> Float[Tensor, "head query shown"]:
    """Rows as maps show them: what the padding behind `n` frames gets is summed."""
    return torch.cat([weights[..., :n], weights[..., n:].sum(-1, keepdim=True)], -1)


def fold_queries(weights: Float[Tensor, "head query key"], n: int) -> Float[Tensor, "head shown key"]:
    """Rows as maps show them: that of the padding behind `n` frames is the mean of its rows."""
    return torch.cat([weights[:, :n], weights[:, n:].mean(1, keepdim=True)], 1)
