"""Attention as pages and figures receive it: plain arrays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from headatlas.heads import head_name, layer_name

if TYPE_CHECKING:
    from jaxtyping import UInt8


@dataclass(frozen=True)
class LayerAttention:
    """One attention module on the text: `weights` in steps of 1/255, of all its heads or of the numbered `heads`."""

    attention: str
    layer: int
    causal: bool
    weights: UInt8[np.ndarray, "head query key"]
    heads: tuple[int, ...]

    @property
    def name(self) -> str:
        """L5."""
        return layer_name(self.attention, self.layer)

    @property
    def names(self) -> list[str]:
        """L5H1 for each map of `weights`."""
        return [head_name(self.attention, self.layer, head) for head in self.heads]


@dataclass(frozen=True)
class HeadMap:
    """One map, of a head or the average of several, with what it is called."""

    title: str
    weights: UInt8[np.ndarray, "query key"]
    causal: bool


@dataclass(frozen=True)
class Example:
    """One head's attention on one example: weights [query, key] in steps of 1/255, and what the queries say.

    `keys` differ from `tokens` only in cross-attention.
    """

    probe: str
    tokens: tuple[str, ...]
    weights: UInt8[np.ndarray, "query key"]
    keys: tuple[str, ...]
