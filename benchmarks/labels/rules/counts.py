"""Rules of the family "count": how often something was said, how long it is, what number it has in the vocabulary."""

from __future__ import annotations

import numpy as np
from jaxtyping import Int

from benchmarks.labels.keys import Numbers, Pairs, best, best_of, distances, latest, latest_of
from benchmarks.labels.rules.rule import rule
from benchmarks.labels.wording import has_letter, wording
from headatlas.bench.heads import BenchText

WINDOW = 12


def said(text: BenchText) -> Int[np.ndarray, "query key"]:
    """How often each key's token has been said up to each query; special tokens never."""
    tokens, number = np.unique(text.ids, return_inverse=True)
    once = (number[:, None] == np.arange(len(tokens))) & ~text.special[:, None]
    return np.cumsum(once, axis=0)[:, number] * ~text.special


def other_tokens(text: BenchText) -> Pairs:
    """Pairs of different tokens, neither of them special."""
    return (text.ids[:, None] != text.ids) & ~text.special[:, None] & ~text.special


@rule("count", kin="times")
def latest_said_twice(text: BenchText) -> Numbers:
    """Attends to the latest other token that has been said exactly twice so far."""
    return latest_of((said(text) == 2) & other_tokens(text))


@rule("count", kin="times")
def all_said_twice(text: BenchText) -> Pairs:
    """Attends to all other tokens that have been said exactly twice so far."""
    return (said(text) == 2) & other_tokens(text) & np.tri(len(text), k=-1, dtype=bool)


@rule("count", kin="frequency", within="frequent_token")
def most_frequent(text: BenchText) -> Numbers:
    """Attends to the token said most often so far, where it was last said, if three times or more."""
    times = said(text)
    return best_of(times, (times >= 3) & ~text.special)


@rule("count", kin="id")
def closest_id(text: BenchText) -> Numbers:
    """Attends to the earlier token whose number in the vocabulary is closest."""
    return best_of(-np.abs(text.ids[:, None] - text.ids), other_tokens(text))


@rule("count", kin="id")
def same_parity(text: BenchText) -> Pairs:
    """Attends to all earlier tokens whose number in the vocabulary is even like the current one's, or odd like it."""
    return (text.ids[:, None] % 2 == text.ids % 2) & other_tokens(text) & np.tri(len(text), k=-1, dtype=bool)


@rule("count", kin="length")
def longest_so_far(text: BenchText) -> Numbers:
    """Attends to the longest word so far."""
    words = wording(text).words(has_letter)
    return best(np.array([len(word) for word in wording(text).whole_words]), words)


@rule("count", kin="length")
def shortest_so_far(text: BenchText) -> Numbers:
    """Attends to the shortest token with letters so far, the latest of them."""
    lengths = np.array([len(word) for word in wording(text).said])
    return best(lengths.max(initial=0) - lengths, wording(text).tokens(has_letter))


@rule("count", kin="rarity")
def latest_rare_of_nine(text: BenchText) -> Numbers:
    """Attends to the latest token whose number in the vocabulary exceeds those of the eight before it."""
    exceeds = ~text.special
    for back in range(1, 9):
        exceeds[back:] &= text.ids[back:] > text.ids[:-back]
        exceeds[:back] = False
    return latest(exceeds)


@rule("count", kin="rarity")
def rarest_nearby(text: BenchText) -> Numbers:
    """Attends to the token with the largest number in the vocabulary among the last twelve."""
    near = distances(len(text)) <= WINDOW
    return best_of(np.broadcast_to(text.ids, (len(text),) * 2), near & ~text.special)
