"""Random numbers that belong to a token and a head: the same in every text, without a table of the vocabulary."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float, Int

_STEP = np.uint64(0x9E3779B97F4A7C15)
_FIRST, _SECOND = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)


def uniform(ids: Int[np.ndarray, " n"], seed: int, width: int = 1) -> Float[np.ndarray, "n width"]:
    """Numbers in [0, 1), `width` for each id; those of different ids, columns and seeds are independent."""
    with np.errstate(over="ignore"):
        column = _mixed(np.arange(width, dtype=np.uint64) + _mixed(np.uint64(seed)))
        numbers = _mixed(_mixed(ids.astype(np.uint64))[:, None] + column)
    return (numbers >> np.uint64(11)) * 2.0**-53


def _mixed(numbers: np.ndarray | np.uint64) -> np.ndarray:
    """The finaliser of the generator SplitMix64: every bit of the result depends on every bit of the number."""
    numbers = np.asarray(numbers, dtype=np.uint64) + _STEP
    numbers = (numbers ^ (numbers >> np.uint64(30))) * _FIRST
    numbers = (numbers ^ (numbers >> np.uint64(27))) * _SECOND
    return np.asarray(numbers ^ (numbers >> np.uint64(31)))
