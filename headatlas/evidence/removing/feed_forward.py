"""Feed-forward layers that run where it counts: not on padding and, in the last block, only where something is read.

Three quarters of a block's work are its feed-forward layer's, which sees one position at a time in nearly every model.
A layer that does otherwise runs on every position.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import Any

from jaxtyping import Bool
from torch import Tensor, nn

from headatlas.attention.feed_forward import reads_positions_alone, run_at


class FeedForward:
    """A model's feed-forward layers, by block, as far as they see one position at a time."""

    def __init__(self, blocks: list[Any]) -> None:
        named = {number: getattr(block, "mlp", None) for number, block in enumerate(blocks)}
        layers = {number: mlp for number, mlp in named.items() if isinstance(mlp, nn.Module)}
        self.layers = {number: mlp for number, mlp in layers.items() if reads_positions_alone(mlp)}

    @contextmanager
    def only_at(self, wanted: Mapping[int, Bool[Tensor, "batch position"]]) -> Iterator[None]:
        """Inside, the layers of these blocks give zeros at positions that are not wanted, at no cost.

        A pass may hold several copies of the batch, one after the other.
        """
        changed = [
            (self.layers[number], positions)
            for number, positions in wanted.items()
            if number in self.layers and not positions.all()
        ]
        for mlp, positions in changed:
            rows = positions.flatten().nonzero()[:, 0]
            # In the instance itself: setting an attribute of a bridge component may reach the wrapped module.
            mlp.__dict__["forward"] = partial(run_at, mlp.forward, rows, positions.shape)
        try:
            yield
        finally:
            for mlp, _ in changed:
                mlp.__dict__.pop("forward", None)
