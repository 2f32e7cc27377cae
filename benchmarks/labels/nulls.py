"""Heads that follow nothing: the weights of other heads in random order, and random attention of several makes.

They can fail a labeller that is content with a high score: the weights are as uneven as those of real heads, some
tokens are liked from everywhere, some distances are.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from jaxtyping import Float

from benchmarks.labels.composing import Spread, rest, softmax, spread
from benchmarks.labels.hashing import uniform
from benchmarks.labels.keys import Weights, allowed_pairs, as_weights, distances
from benchmarks.labels.rules.every import UNLISTED
from benchmarks.labels.targets import CLASSES, CONTENT, POSITIONAL, TARGETS
from benchmarks.labels.wording import has_letter, wording
from headatlas.bench.heads import Attention, BenchText, HeadFunction, Split, head

SPLITS: tuple[Split, Split] = ("fit", "judge")
N_SHUFFLED = 12  # rules, and patterns, whose heads are shuffled
# What depends on the query here depends on nothing when rows change slots; a class of tokens would still be one.
OF_THE_QUERY = (
    "duplicate_token", "induction", "preceding_copy", "longer_prefix_induction", "fixed_offset_3", "fixed_offset_6",
    "previous_token", "word_continuation",
)  # fmt: skip
FARTHEST_OFFSET = 8  # the last that is a pattern
N_RANDOM = 12  # heads of each make of random attention

Make = Callable[[BenchText], Attention]


def null(name: str, split: Split, make: Make) -> HeadFunction:
    """A head without truth."""
    return head({}, kind="null", split=split, name=name)(lambda text: make(text))


def shuffled(attention: Weights, text: BenchText) -> Attention:
    """Each row's weights in random order over the keys that it may attend to; the first position keeps its own."""
    movable = allowed_pairs(text).copy()
    movable[:, 0] = False
    order = np.argsort(np.where(movable, text.rng.random(movable.shape), 2), axis=-1, kind="stable")
    slots = np.argsort(~movable, axis=-1, kind="stable")  # movable keys first, as in `order`
    result = np.empty_like(attention)
    np.put_along_axis(result, slots, np.take_along_axis(attention, order, -1), -1)
    return result


def rows_exchanged(attention: Weights, text: BenchText) -> Attention:
    """Each query with the row of another one: of an earlier one, so that nothing comes to lie ahead."""
    n = len(text)
    return attention[(text.rng.random(n) * np.arange(n)).astype(int)]


def of_shuffled(how: Spread, weights: Callable[[BenchText], Weights]) -> Make:
    """Attention of a head that spends a share on these keys, shuffled within each row."""
    return lambda text: shuffled(spread(weights(text), text, how), text)


def of_exchanged(how: Spread, weights: Callable[[BenchText], Weights]) -> Make:
    """Attention of a head that spends a share on these keys, its rows exchanged."""
    return lambda text: rows_exchanged(spread(weights(text), text, how), text)


def sparse(n_keys: int, sink: float) -> Make:
    """Each query on a few keys drawn at random, with random weights; the other share on the first position."""

    def make(text: BenchText) -> Attention:
        allowed = allowed_pairs(text)
        ranks = np.argsort(np.argsort(np.where(allowed, text.rng.random(allowed.shape), 2), axis=-1), axis=-1)
        weights = np.where(allowed & (ranks < n_keys), text.rng.exponential(size=allowed.shape), 0)
        return sink * rest(text, "first") + (1 - sink) * weights / weights.sum(-1, keepdims=True)

    return make


def salient(seed: int, share: float, logit: float) -> Make:
    """Likes a random `share` of all words, from everywhere, by `logit` more than the others.

    Marks, breaks and numbers are never among them: they are so few that liking one of them would be a pattern.
    """

    def make(text: BenchText) -> Attention:
        liked = (uniform(text.ids, seed)[:, 0] < share) & wording(text).tokens(has_letter)
        return softmax(np.broadcast_to(logit * liked, (len(text),) * 2), text)

    return make


def by_distance(seed: int) -> Make:
    """A random profile over distances: two to four bumps beyond the offsets that are patterns, on an even floor."""
    rng = np.random.default_rng([seed, 2])
    n_bumps = int(rng.integers(2, 5))
    centres, widths = rng.uniform(FARTHEST_OFFSET + 4, 70, n_bumps), rng.uniform(0.5, 6, n_bumps)
    heights, floor = rng.exponential(size=n_bumps), float(rng.uniform(0.05, 0.4))

    def profile(distance: Float[np.ndarray, "query key"]) -> Float[np.ndarray, "query key"]:
        bumps = heights * np.exp(-(((distance[..., None] - centres) / widths) ** 2))
        return np.where(distance > FARTHEST_OFFSET, bumps.sum(-1), 0)

    def make(text: BenchText) -> Attention:
        keys = as_weights(profile(distances(len(text)).astype(float)), text)
        return spread(keys, text, Spread(1 - floor, "even", steadiness=30.0))

    return make


def _split(number: int) -> Split:
    return SPLITS[number % 2]


def _of_rules() -> list[HeadFunction]:
    """Shuffled heads of rules, of either half."""
    heads = []
    for split in SPLITS:
        rules = [rule for rule in UNLISTED if rule.split == split]
        for turn, rule in enumerate(rules[:: len(rules) // (N_SHUFFLED // 2)][: N_SHUFFLED // 2]):
            how = Spread((0.5, 0.8, 1.0)[turn % 3], ("sink", "fading")[turn % 2], steadiness=8.0)
            heads.append(null(f"shuffled-{rule.name}", split, of_shuffled(how, rule.weights)))
    return heads


def _of_patterns() -> list[HeadFunction]:
    """Shuffled heads of patterns, and heads of patterns with their rows exchanged."""
    heads = []
    # Patterns that follow from roles have so few keys that their heads, shuffled, only rest.
    names = [name for name in {**POSITIONAL, **CLASSES, **CONTENT} if name != "first_token"]
    makes = [("shuffled", name, of_shuffled) for name in names[:: len(names) // N_SHUFFLED][:N_SHUFFLED]]
    makes += [("exchanged", name, of_exchanged) for name in OF_THE_QUERY]
    for number, (what, name, make) in enumerate(makes):
        how = Spread((0.4, 0.7, 1.0)[number % 3], ("even", "sink")[number // 2 % 2], steadiness=8.0)
        heads.append(null(f"{what}-{name}", _split(number), make(how, _weights_of(name))))
    return heads


def _weights_of(pattern: str) -> Callable[[BenchText], Weights]:
    return lambda text: as_weights(TARGETS[pattern](text), text)


def _random() -> list[HeadFunction]:
    heads = []
    for number in range(N_RANDOM):
        n_keys, sink = (1, 2, 4, 8)[number // 2 % 4], (0.0, 0.4, 0.8)[number // 4]
        heads.append(null(f"sparse{number}-{n_keys}-keys", _split(number), sparse(n_keys, sink)))
        share, logit = (0.1, 0.2, 0.4)[number // 2 % 3], (2.5, 5.0)[number // 6]
        heads.append(null(f"salient{number}-{share:g}-of-words", _split(number), salient(number, share, logit)))
        heads.append(null(f"distances{number}", _split(number), by_distance(number)))
    return heads


HEADS = [*_of_rules(), *_of_patterns(), *_random()]
