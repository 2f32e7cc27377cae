"""Kept maps of a head in as few bytes as browsers can read: weights sorted by what stands beside them, then deflated.

Weights hardly ever repeat each other, so that spelling each shortly gives less than looking for repetitions does. Large
ones stand together, though: where a neighbour is large that has been read already, a weight is likely to be, too. So
the two kinds are kept apart, each spelled by its own statistics, and apart from both the first of each row, in whose
place stands what the row adds up to beyond 255. That is nearly nothing, where the weight on the first key is mostly the
largest and takes a whole byte. `templates/js/map_bytes.js` reads it.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from headatlas.atlas.make import packing

if TYPE_CHECKING:
    from jaxtyping import Bool, UInt8

# A weight from which on it counts as large, in 255ths.
LARGE = 4


def packed_maps(maps: Sequence[UInt8[np.ndarray, "_ _"]], causal: bool) -> str:
    """Maps of a head as letters (see `packing`); of causal attention only what a query can see.

    The bytes: the first of each row of all maps; then row after row the other weights beside none that is large; those
    beside a large one, of all maps, the last first, so that it takes no number to say where they begin.
    """
    parts = [_parts(weights, causal) for weights in maps]
    first, small, large = (b"".join(part) for part in zip(*parts, strict=True))
    return packing.deflated_parts([first, small, large[::-1]], strategy=zlib.Z_HUFFMAN_ONLY)


def _parts(weights: UInt8[np.ndarray, "query key"], causal: bool) -> tuple[bytes, bytes, bytes]:
    seen = _seen(*weights.shape, causal)
    kept = np.where(seen, weights, 0)
    others, seen = kept[:, 1:], seen[:, 1:]
    is_large = others >= LARGE
    beside = np.zeros_like(is_large)
    beside[1:] |= is_large[:-1]
    beside[1:, 1:] |= is_large[:-1, :-1]
    beside[:, 1:] |= is_large[:, :-1]
    first = (kept.sum(axis=1, dtype=np.int64) - 255).astype(np.uint8)  # whatever it is, modulo 256
    return first.tobytes(), others[seen & ~beside].tobytes(), others[seen & beside].tobytes()


@lru_cache(maxsize=64)
def _seen(n_queries: int, n_keys: int, causal: bool) -> Bool[np.ndarray, "query key"]:
    return np.tri(n_queries, n_keys, k=0 if causal else n_keys, dtype=bool)
