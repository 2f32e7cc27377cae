"""Rules of the family "mixture": one rule or another by the query, several at once, and graded weights.

All are made of rules of one half.
"""

from __future__ import annotations

import numpy as np

from benchmarks.labels.keys import Weights, as_weights, earlier_pairs
from benchmarks.labels.rules import (
    around_forms,
    copy_places,
    far_sentences,
    letters_across,
    moving_distances,
    tallies,
    topics,
    word_forms,
)
from benchmarks.labels.rules.mixtures import both
from benchmarks.labels.rules.rule import rule
from benchmarks.labels.rules.switching import by_query
from benchmarks.labels.wording import has_letter, wording
from headatlas.bench.heads import BenchText

SHORT, LONG = 3, 7  # letters
LATEST = 3  # of words with two letters for one sound
MOST = 0.7


@rule("mixture", kin="turns", seldom=True)
def words_swing_others_to_starts(text: BenchText) -> Weights:
    """Attends from words as far back as the pendulum says, from all else to the start of the shortest sentence."""
    words = wording(text).tokens(has_letter)
    return by_query(text, words, moving_distances.pendulum, far_sentences.start_of_shortest_sentence)


@rule("mixture", kin="turns", seldom=True)
def sentences_by_turns(text: BenchText) -> Weights:
    """Attends in every other sentence to its fifth token, else to the latest word with the same middle letter."""
    even = (wording(text).sentence % 2 == 0) & wording(text).ordinary
    return by_query(text, even, far_sentences.fifth_of_sentence, letters_across.same_middle_letter)


@rule("mixture", kin="turns")
def short_words_far_others_near(text: BenchText) -> Weights:
    """Attends from tokens of up to three letters to the rarest far back, else to what stands after a long word."""
    short = np.array([len(word) <= SHORT for word in wording(text).said])
    return by_query(text, short, tallies.rarest_far_back, around_forms.after_long_word)


@rule("mixture", kin="together")
def long_word_second_sentence_and_rarer(text: BenchText) -> Weights:
    """Attends to before the latest long word, to the second sentence's start and to the latest slightly rarer token."""
    two = both(text, around_forms.before_long_word, far_sentences.start_of_second_sentence)
    return two + as_weights(tallies.slightly_rarer(text), text)


@rule("mixture", kin="together")
def dealings_and_distance(text: BenchText) -> Weights:
    """Attends to the latest word for work or trade and to the distance that grows with the logarithm."""
    return both(text, topics.latest_dealings_word, moving_distances.logarithmic_distance)


@rule("mixture", kin="together")
def mostly_next_letter(text: BenchText) -> Weights:
    """Attends by 0.7 to the word with the next first letter, by 0.3 to the sentence's first word in the alphabet."""
    next_letter = as_weights(letters_across.begins_with_next_letter(text), text)
    return MOST * next_letter + (1 - MOST) * as_weights(letters_across.first_in_alphabet_of_sentence(text), text)


@rule("mixture", kin="together")
def new_word_and_copys_sentence(text: BenchText) -> Weights:
    """Attends to the first new word of the sentence and to the end of the sentence of the current token's copy."""
    return both(text, copy_places.first_new_of_sentence, copy_places.end_of_copys_sentence)


@rule("mixture", kin="graded", seldom=True)
def three_latest_digraphs(text: BenchText) -> Weights:
    """Attends to the last three words with th, sh, ch, ph, wh or gh, most to the latest of them: three, two, one."""
    marked = wording(text).words(word_forms.has_digraph) & earlier_pairs(len(text))
    behind = np.cumsum(marked[:, ::-1], axis=-1)[:, ::-1]  # marked tokens from each key on
    return np.where(marked, np.maximum(LATEST + 1 - behind, 0), 0).astype(np.float64)


@rule("mixture", kin="graded")
def six_and_seven_letters(text: BenchText) -> Weights:
    """Attends to all words of six or seven letters so far, to those of seven twice as much."""
    lengths = np.array([len(word) for word in wording(text).whole_words])
    weights = np.select([lengths == LONG - 1, lengths == LONG], [1.0, 2.0]) * wording(text).words(has_letter)
    return weights * earlier_pairs(len(text))
