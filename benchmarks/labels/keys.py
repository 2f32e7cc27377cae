"""From what tokens are to the key of each query: the latest, the first, the best one before it, and weights of keys.

Keys are given as a position for each query, -1 for none, or as numbers or booleans [query, key]. Where it is not
said otherwise, a key stands before its query, in texts that are read in both directions too.
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Bool, Float, Int, Num

from headatlas.bench.heads import BenchText

Tokens = Bool[np.ndarray, " n"]
Numbers = Int[np.ndarray, " n"]
Pairs = Bool[np.ndarray, "query key"]
Weights = Float[np.ndarray, "query key"]


def latest(tokens: Tokens) -> Numbers:
    """The last marked token before each query; -1 for none."""
    marked = np.where(tokens, np.arange(len(tokens)), -1)
    return _before(np.maximum.accumulate(marked))


def best(numbers: Numbers, tokens: Tokens) -> Numbers:
    """The marked token before each query whose number (0 or more) is largest, the latest of equals; -1 for none."""
    n = len(numbers)
    ranked = np.where(tokens, numbers.astype(np.int64) * n + np.arange(n), -1)
    largest = _before(np.maximum.accumulate(ranked))
    return np.where(largest >= 0, largest % n, -1)


def latest_of(pairs: Pairs) -> Numbers:
    """The last marked key before each query; -1 for none."""
    n = len(pairs)
    earlier = pairs & earlier_pairs(n)
    return np.where(earlier.any(-1), n - 1 - earlier[:, ::-1].argmax(-1), -1)


def first_of(pairs: Pairs) -> Numbers:
    """The first marked key before each query; -1 for none."""
    earlier = pairs & earlier_pairs(len(pairs))
    return np.where(earlier.any(-1), earlier.argmax(-1), -1)


def best_of(numbers: Num[np.ndarray, "query key"], pairs: Pairs) -> Numbers:
    """Of the marked keys before each query the one with the largest number, the latest of equals; -1 for none."""
    n = len(pairs)
    ranked = np.where(pairs & earlier_pairs(n), numbers, -np.inf)[:, ::-1]
    largest = ranked.argmax(-1)
    return np.where(np.isfinite(ranked[np.arange(n), largest]), n - 1 - largest, -1)


def moved(keys: Numbers, by: int) -> Numbers:
    """Keys so many tokens further on; -1 where there is none, or where that is not before the query."""
    to = keys + by
    return np.where((keys >= 0) & (to >= 0) & (to < np.arange(len(keys))), to, -1)


def among(keys: Numbers, tokens: Tokens) -> Numbers:
    """Keys that are marked tokens; -1 for the others."""
    return np.where((keys >= 0) & tokens[keys], keys, -1)


def equal(numbers: Numbers) -> Pairs:
    """Pairs with the same number; negative numbers are nobody's."""
    return (numbers[:, None] == numbers) & (numbers >= 0)


def distances(n: int) -> Int[np.ndarray, "query key"]:
    """How far before each query each key stands; negative for later ones."""
    return np.subtract.outer(np.arange(n), np.arange(n))


def earlier_pairs(n: int) -> Pairs:
    """Keys before the query."""
    return np.tri(n, k=-1, dtype=bool)


def allowed_pairs(text: BenchText) -> Pairs:
    """Keys that each query may attend to: up to itself where the text is read causally, else all."""
    n = len(text)
    return np.tri(n, dtype=bool) if text.causal else np.ones((n, n), dtype=bool)


def as_weights(keys: Num[np.ndarray, "*query_key"] | Tokens, text: BenchText) -> Weights:
    """Keys in any form as weights: each query's sum to 1, or are all 0 where it has no key that it may attend to."""
    n = len(text)
    if keys.ndim == 1:
        weights = np.zeros((n, n))
        queries = np.flatnonzero(keys >= 0)
        weights[queries, keys[queries]] = 1
    else:
        weights = keys.astype(np.float64)
    weights = weights * allowed_pairs(text)
    sums = weights.sum(-1, keepdims=True)
    return np.divide(weights, sums, out=np.zeros((n, n)), where=sums > 0)


def _before(running: Numbers) -> Numbers:
    """A running result as it was before each token; -1 before the first."""
    return np.concatenate([[-1], running[:-1]])
