"""Rules of the family "count": tokens told apart by ranks, tallies, and lengths nearby or far back."""

from __future__ import annotations

import numpy as np

from benchmarks.labels.keys import Numbers, best_of, distances, equal, latest_of
from benchmarks.labels.rules.around_forms import latest_but_one
from benchmarks.labels.rules.counts import other_tokens, said
from benchmarks.labels.rules.positions import BEYOND
from benchmarks.labels.rules.rule import rule
from benchmarks.labels.rules.sentences import in_previous
from benchmarks.labels.wording import has_letter, wording
from headatlas.bench.heads import BenchText
from headatlas.patterns.words import is_comma

NEAR = 16  # tokens of which the second commonest is looked for
FAR = (24, 48)  # tokens back, of which the rarest is looked for
REMAINDERS = 17


@rule("count", kin="slightly_rarer")
def slightly_rarer(text: BenchText) -> Numbers:
    """Attends to the latest token whose number in the vocabulary is above the current one's, but at most twice that."""
    own = text.ids[:, None]
    return latest_of((text.ids > own) & (text.ids <= 2 * own) & other_tokens(text))


@rule("count", kin="count_as_distance")
def as_far_as_commas(text: BenchText) -> Numbers:
    """Attends to nine tokens back and one more for each comma so far."""
    commas = np.cumsum(wording(text).tokens(is_comma))
    return np.maximum(np.arange(len(text)) - BEYOND - 1 - commas, -1)


@rule("count", kin="rarest_far")
def rarest_far_back(text: BenchText) -> Numbers:
    """Attends to the token with the largest number in the vocabulary 24 to 48 tokens back."""
    distance = distances(len(text))
    far = (distance >= FAR[0]) & (distance <= FAR[1]) & ~text.special
    return best_of(np.broadcast_to(text.ids, far.shape), far)


@rule("count", kin="longest_elsewhere", seldom=True)
def longest_of_previous_sentence(text: BenchText) -> Numbers:
    """Attends to the longest word of the sentence before."""
    lengths = np.array([len(word) for word in wording(text).whole_words])
    pairs = in_previous(text) & wording(text).words(has_letter)
    return best_of(np.broadcast_to(lengths, pairs.shape), pairs)


@rule("count", kin="as_often", seldom=True)
def latest_said_as_often(text: BenchText) -> Numbers:
    """Attends to the latest other token that has been said as often as the current one, from twice on."""
    times = said(text)
    own = np.diagonal(times)[:, None]
    return latest_of((times == own) & (own >= 2) & other_tokens(text))


@rule("count", kin="longest_unsaid")
def longest_unsaid(text: BenchText) -> Numbers:
    """Attends to the last mention of the token that was said twice or more and then not for the longest time."""
    keys = np.full(len(text), -1)
    last: dict[int, int] = {}
    repeated: set[int] = set()
    for position, token in enumerate(text.ids.tolist()):
        if text.special[position]:
            continue
        keys[position] = min((last[other] for other in repeated), default=-1)
        repeated |= {token} & last.keys()
        last[token] = position
    return keys


@rule("count", kin="valley", also=("function_token",))
def latest_valley_but_one(text: BenchText) -> Numbers:
    """Attends to the last but one of the tokens whose number in the vocabulary is below those of both neighbours."""
    ids, ordinary = text.ids, ~text.special
    valley = np.zeros(len(text), dtype=bool)
    valley[1:-1] = (ids[1:-1] < ids[:-2]) & (ids[1:-1] < ids[2:]) & ordinary[1:-1] & ordinary[:-2] & ordinary[2:]
    return latest_but_one(valley)


@rule("count", kin="typical_length")
def word_of_typical_length(text: BenchText) -> Numbers:
    """Attends to the word whose length is nearest to the mean length of the words so far."""
    words = wording(text).words(has_letter)
    lengths = np.array([len(word) for word in wording(text).whole_words])
    n_words = np.cumsum(words) - words
    mean = (np.cumsum(lengths * words) - lengths * words) / np.maximum(n_words, 1)
    return best_of(-np.abs(lengths - mean[:, None]), np.broadcast_to(words, (len(text),) * 2))


@rule("count", kin="remainder")
def same_remainder(text: BenchText) -> Numbers:
    """Attends to the latest other token whose number in the vocabulary has the same remainder of 17."""
    remainders = np.where(text.special, -1, text.ids % REMAINDERS)
    return latest_of(equal(remainders) & other_tokens(text))


@rule("count", kin="second_commonest", also=("function_token",))
def second_commonest_nearby(text: BenchText) -> Numbers:
    """Attends to the token with the second smallest number in the vocabulary among the last sixteen, all different."""
    keys = np.full(len(text), -1)
    for query in range(2, len(text)):
        near = {int(text.ids[key]): key for key in range(max(query - NEAR, 0), query) if not text.special[key]}
        if len(near) >= 2:
            keys[query] = near[sorted(near)[1]]
    return keys
