"""Rules of the family "position": places and distances that change with the query or with the text."""

from __future__ import annotations

import numpy as np

from benchmarks.labels.keys import Numbers, Pairs, distances
from benchmarks.labels.rules.positions import BEYOND
from benchmarks.labels.rules.rule import rule
from benchmarks.labels.rules.sentences import start_of_sentence
from benchmarks.labels.wording import has_letter, wording
from headatlas.bench.heads import BenchText

BLOCK, HORIZON = 32, 64
DISTANCES = 16  # that the number of a token chooses from


def _back(text: BenchText, by: Numbers) -> Numbers:
    return np.maximum(np.arange(len(text)) - by, -1)


@rule("position", kin="root")
def square_root(text: BenchText) -> Numbers:
    """Attends to the position that is the square root of the current one, rounded down, from the ninth on."""
    positions = np.arange(len(text))
    return np.where(positions >= 9, np.sqrt(positions).astype(int), -1)


@rule("position", kin="mirror", seldom=True)
def mirror_in_block(text: BenchText) -> Numbers:
    """Attends as far before the start of the current block of 32 tokens as the query is behind it."""
    positions = np.arange(len(text))
    start = positions // BLOCK * BLOCK
    return np.where(start > 0, 2 * start - positions - 1, -1)


@rule("position", kin="stride_of_text")
def stride_of_first_word(text: BenchText) -> Pairs:
    """Attends to every n-th token back beyond eight, where n is five and the letters of the text's first word."""
    words = np.flatnonzero(wording(text).words(has_letter))
    distance = distances(len(text))
    if not len(words):
        return np.zeros_like(distance, dtype=bool)
    stride = 5 + len(wording(text).whole_words[words[0]])
    known = np.arange(len(text)) > words[0]  # queries that have seen the word's end
    return (distance > BEYOND) & (distance % stride == 0) & known[:, None]


@rule("position", kin="stride_of_query")
def as_far_as_long(text: BenchText) -> Numbers:
    """Attends to nine tokens back and one more for each letter or sign of the current token."""
    return _back(text, BEYOND + 1 + np.array([len(word) for word in wording(text).said]))


@rule("position", kin="stride_of_query")
def as_far_as_number(text: BenchText) -> Numbers:
    """Attends to nine to 24 tokens back, as the current token's number in the vocabulary says."""
    return _back(text, BEYOND + 1 + text.ids % DISTANCES)


@rule("position", kin="horizon", seldom=True)
def beyond_horizon(text: BenchText) -> Pairs:
    """Attends to all tokens more than 64 positions back, the first token aside."""
    return (distances(len(text)) > HORIZON) & (np.arange(len(text)) > 0)


@rule("position", kin="place_of_index", seldom=True)
def place_of_own_index(text: BenchText) -> Numbers:
    """Attends to the place in the text that the current token has in its sentence, from the second sentence on."""
    start = start_of_sentence(text)
    positions = np.arange(len(text))
    index = positions - start
    return np.where((start > 0) & (index > 0), index, -1)
