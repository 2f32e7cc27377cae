"""Drawing at random from words and texts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    import numpy as np

T = TypeVar("T")


def some(random: np.random.Generator, choices: Sequence[T], n: int) -> list[T]:
    """Different ones, in random order: a copy would let a head find the place by the word."""
    return [choices[i] for i in random.permutation(len(choices))[:n]]


def dealt(random: np.random.Generator, choices: Sequence[T], n: int) -> list[T]:
    """So many, in random order, each as often as the others as far as that goes."""
    return [choices[i % len(choices)] for i in random.permutation(n)]


def pick(random: np.random.Generator, choices: Sequence[T]) -> T:
    """Any of them."""
    return choices[int(random.integers(len(choices)))]
