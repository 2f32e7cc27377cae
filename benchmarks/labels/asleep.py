"""Heads that follow a pattern and rest on the first position most of the time.

Three heads a pattern: awake on some queries, drawn at random; awake on a class of queries, those whose token is of a
fixed part of the vocabulary, or in a part of the text; and a constant share of attention on the first position beside
what a planted head does. The truth is the share of attention on the pattern's keys while the head is awake: on the
queries where it is, or of what it does not leave on the first position.
"""

from __future__ import annotations

import numpy as np

from benchmarks.labels.composing import Beside, Spread, rest, spread
from benchmarks.labels.hashing import uniform
from benchmarks.labels.keys import Tokens, as_weights
from benchmarks.labels.targets import OF_ROLES, TARGETS, TargetFunction, implied_by
from headatlas.bench.heads import Attention, BenchText, HeadFunction, Split, head

AWAKE = (0.05, 0.1, 0.2, 0.3)
# Patterns that follow from roles have a few queries in a text: fewer of them would be none.
AWAKE_OF_FEW = (0.2, 0.3)
SINKS = (0.8, 0.9, 0.95)
STRENGTHS = (0.6, 0.8, 1.0)
BESIDE: tuple[Beside, ...] = ("even", "fading")
SPLITS: tuple[Split, Split] = ("fit", "judge")
WAVE = 40  # tokens from one waking to the next, for heads that wake by position


def asleep(pattern: str, number: int, keys: TargetFunction) -> list[HeadFunction]:
    """The heads of one pattern; `number`, its place in the list, decides how much they sleep."""
    shares = AWAKE_OF_FEW if pattern in OF_ROLES else AWAKE
    strength, split = STRENGTHS[number % 3], SPLITS[number % 2]
    how = Spread(strength, BESIDE[number // 2 % 2], steadiness=30.0, unevenness=0.5)
    first, second = (shares[(number // 2 + turn) % len(shares)] for turn in range(2))
    return [
        _at_random(pattern, keys, how, first, split),
        _by_class(pattern, keys, how, second, split, by_position=pattern in OF_ROLES or number // 4 % 2 == 0),
        _beside_sink(pattern, keys, how, SINKS[number // 2 % 3], split),
    ]


def _at_random(pattern: str, keys: TargetFunction, how: Spread, share: float, split: Split) -> HeadFunction:
    @head(
        {pattern: how.strength},
        also=implied_by([pattern]) | how.implied,
        kind="asleep",
        split=split,
        name=f"{pattern}/awake-{share:g}-at-random",
    )
    def wake(text: BenchText) -> Attention:
        return _sleeping(text, keys, how, text.rng.random(len(text)) < share)

    return wake


def _by_class(
    pattern: str, keys: TargetFunction, how: Spread, share: float, split: Split, by_position: bool
) -> HeadFunction:
    what = "positions" if by_position else "tokens"
    seed = sum(pattern.encode())

    @head(
        {pattern: how.strength},
        also=implied_by([pattern]) | how.implied,
        kind="asleep",
        split=split,
        name=f"{pattern}/awake-{share:g}-of-{what}",
    )
    def wake(text: BenchText) -> Attention:
        if by_position:
            phase = int(text.rng.integers(WAVE))
            return _sleeping(text, keys, how, (np.arange(len(text)) + phase) % WAVE < share * WAVE)
        return _sleeping(text, keys, how, uniform(text.ids, seed)[:, 0] < share)

    return wake


def _beside_sink(pattern: str, keys: TargetFunction, how: Spread, sink: float, split: Split) -> HeadFunction:
    @head(
        {pattern: how.strength},
        also=implied_by([pattern]) | how.implied,
        kind="asleep",
        split=split,
        name=f"{pattern}/beside-a-sink-of-{sink:g}",
    )
    def share(text: BenchText) -> Attention:
        return sink * rest(text, "first") + (1 - sink) * spread(as_weights(keys(text), text), text, how)

    return share


def _sleeping(text: BenchText, keys: TargetFunction, how: Spread, awake: Tokens) -> Attention:
    """Attention of a head that follows a pattern on some queries and rests on the first position on the others."""
    return np.where(awake[:, None], spread(as_weights(keys(text), text), text, how), rest(text, "first"))


# Who follows the first token is never awake in this sense.
HEADS = [
    function
    for number, (pattern, keys) in enumerate(TARGETS.items())
    if pattern != "first_token"
    for function in asleep(pattern, number, keys)
]
