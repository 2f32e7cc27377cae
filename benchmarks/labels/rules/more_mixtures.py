"""Rules of the family "mixture" made of the rules for judging: one or another by the query, two at once, graded."""

from __future__ import annotations

import numpy as np

from benchmarks.labels.keys import Weights, as_weights, earlier_pairs
from benchmarks.labels.rules import more_copies, more_places, more_words
from benchmarks.labels.rules.mixtures import both
from benchmarks.labels.rules.rule import rule
from benchmarks.labels.rules.switching import by_query
from benchmarks.labels.wording import has_letter, wording
from headatlas.bench.heads import BenchText

MOST = 0.75


@rule("mixture", kin="by_turns")
def early_letters_to_digits_others_to_mean(text: BenchText) -> Weights:
    """Attends from words in a to m to the reversed place, from all else to the token nearest to the mean."""
    early = np.array([bool(word) and "a" <= word[0].casefold() <= "m" for word in wording(text).said])
    return by_query(
        text, early & wording(text).ordinary, more_places.reversed_digits, more_copies.nearest_to_mean_number
    )


@rule("mixture", kin="by_turns")
def words_to_longest_others_to_bits(text: BenchText) -> Weights:
    """Attends from words to two after the longest word, from all else as far as the bits of its position."""
    words = wording(text).tokens(has_letter)
    return by_query(text, words, more_places.two_after_longest, more_places.as_far_as_bits)


@rule("mixture", kin="two_at_once")
def record_and_letters(text: BenchText) -> Weights:
    """Attends to what stands after the last record but one and to the place that letters count to."""
    return both(text, more_copies.after_latest_record, more_places.letters_as_place)


@rule("mixture", kin="two_at_once")
def mostly_after_repeated(text: BenchText) -> Weights:
    """Attends by 0.75 to what stands after the latest repeated token, by 0.25 to the token nearest to the mean."""
    after = as_weights(more_copies.after_latest_repeated(text), text)
    return MOST * after + (1 - MOST) * as_weights(more_copies.nearest_to_mean_number(text), text)


@rule("mixture", kin="graded_words", seldom=True)
def comparisons_fading(text: BenchText) -> Weights:
    """Attends to all comparatives and superlatives so far, a third as much to each one further back."""
    marked = wording(text).words(more_words.compares) & earlier_pairs(len(text))
    behind = np.cumsum(marked[:, ::-1], axis=-1)[:, ::-1]
    return np.where(marked, 3.0 ** -behind.astype(float), 0)
