"""Attention that depends on distance alone: its sums over keys and over queries, without a place for every pair."""

from __future__ import annotations

from collections.abc import Iterator

import torch
from jaxtyping import Complex, Float
from torch import Tensor

from headatlas.inputs.block import Block
from headatlas.scoring.blocks import blocks

# Numbers that are transformed at once, 8 MB of double precision; of longer texts it is done head by head.
_MOST_AT_ONCE = 2**20


class ByDistance:
    """What some heads spend on a key by its distance: `habit`, from the farthest key ahead to the farthest back.

    A query and a key that are so far apart are a pair of a Toeplitz matrix, whose products are convolutions: made by
    Fourier transforms, in double precision since what is far may get a millionth of what is near.
    """

    def __init__(self, habit: Float[Tensor, "head distance"], n_queries: int, n_keys: int) -> None:
        self.habit = habit
        self._n_queries, self._n_keys = n_queries, n_keys
        self._size = 2 ** (n_queries + n_keys - 2).bit_length()
        self._by_query, self._by_key = self._transform(torch.stack([habit, habit.flip(-1)]))[:, :, None]

    def on_queries(self, keys: Float[Tensor, "batch _ group key"]) -> Float[Tensor, "batch head group query"]:
        """Each query's sum over keys, each of which counts by a number of its own."""
        return self._product(keys, self._by_query, self._n_keys - 1, self._n_queries)

    def on_keys(self, queries: Float[Tensor, "batch head group query"]) -> Float[Tensor, "batch head group key"]:
        """Each key's sum over queries, each of which counts by a number of its own."""
        return self._product(queries, self._by_key, self._n_queries - 1, self._n_keys)

    def blocks(
        self, shape: tuple[int, int, int], *, causal: bool
    ) -> Iterator[tuple[Block, Float[Tensor, "head query key"]]]:
        """Each block of a batch, and the habit at the distance of each of its pairs of query and key."""
        windows = self.habit.flip(-1)
        for block in blocks(shape, len(windows), causal=causal, device=windows.device):
            # The last query's keys begin at the first entry.
            rows = slice(self._n_queries - block.queries.stop, self._n_queries - block.queries.start)
            yield block, windows.unfold(-1, block.n_keys, 1)[:, rows].flip(1)

    def _transform(self, values: Float[Tensor, "*of place"]) -> Complex[Tensor, "*of frequency"]:
        return torch.fft.rfft(values.float() if values.device.type == "mps" else values.double(), self._size)

    def _product(
        self,
        values: Float[Tensor, "batch _ group _"],
        habit: Complex[Tensor, "head 1 frequency"],
        start: int,
        length: int,
    ) -> Float[Tensor, "batch head group place"]:
        n_heads = len(self.habit)
        if n_heads * values.shape[2] * self._size <= _MOST_AT_ONCE:
            return self._product_at_once(values, habit, start, length)
        own = values.expand(-1, n_heads, -1, -1).split(1, 1)
        return torch.cat(
            [self._product_at_once(*of_head, start, length) for of_head in zip(own, habit.split(1), strict=True)], 1
        )

    def _product_at_once(
        self,
        values: Float[Tensor, "batch _ group _"],
        habit: Complex[Tensor, "head 1 frequency"],
        start: int,
        length: int,
    ) -> Float[Tensor, "batch head group place"]:
        product = torch.fft.irfft(self._transform(values) * habit, self._size)[..., start : start + length]
        return product.to(values.dtype).clamp_(min=0)
