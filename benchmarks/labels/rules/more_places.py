"""Rules of the families "beside", "position" and "sentence": around what others have, odd places, odd sentences."""

from __future__ import annotations

import numpy as np

from benchmarks.labels.keys import (
    Numbers,
    Pairs,
    among,
    best,
    best_of,
    earlier_pairs,
    first_of,
    latest,
    latest_of,
    moved,
)
from benchmarks.labels.rules.positions import BEYOND
from benchmarks.labels.rules.rule import rule
from benchmarks.labels.rules.sentences import ends_clause, start_of_sentence
from benchmarks.labels.wording import Tokens, has_letter, wording
from headatlas.bench.heads import BenchText
from headatlas.patterns.words import is_capitalised, is_comma

LONG, SHORT = 7, 3  # letters
LONG_SENTENCE = 12  # tokens
SAYING = frozenset("said say says asked told tell answered called replied cried whispered shouted wrote".split())
PLACES = 60  # a place that letters are counted to


def _lengths(text: BenchText) -> Numbers:
    return np.array([len(word) for word in wording(text).whole_words])


def says(word: str) -> bool:
    """True for verbs of saying."""
    return word.casefold() in SAYING


def _sizes(spans: Numbers) -> Numbers:
    """How many tokens the span of each token has."""
    return np.bincount(spans[spans >= 0], minlength=1)[np.maximum(spans, 0)]


@rule("beside", kin="two_before_comma", seldom=True)
def two_before_comma(text: BenchText) -> Numbers:
    """Attends to the second token before the latest comma."""
    return among(moved(latest(wording(text).tokens(is_comma)), -2), wording(text).ordinary)


@rule("beside", kin="capital_pair", seldom=True)
def after_two_capitals(text: BenchText) -> Numbers:
    """Attends to the token after the latest two capitalised words in a row."""
    capitals = wording(text).tokens(is_capitalised)
    pairs = np.zeros(len(text), dtype=bool)
    pairs[1:] = capitals[1:] & capitals[:-1]
    return moved(latest(pairs), 1)


@rule("beside", kin="after_saying", seldom=True)
def after_saying(text: BenchText) -> Numbers:
    """Attends to the token after the latest verb of saying."""
    return moved(latest(wording(text).words(says)), 1)


@rule("beside", kin="long_short", seldom=True)
def after_long_and_short(text: BenchText) -> Numbers:
    """Attends to the token after the latest word of up to three letters that stands behind one of seven or more."""
    lengths = _lengths(text)
    pairs = np.zeros(len(text), dtype=bool)
    pairs[1:] = (lengths[:-1] >= LONG) & (lengths[1:] > 0) & (lengths[1:] <= SHORT)
    return moved(latest(pairs), 1)


@rule("beside", kin="around_longest")
def two_after_longest(text: BenchText) -> Numbers:
    """Attends to the second token after the longest word so far."""
    return moved(best(_lengths(text), wording(text).words(has_letter)), 2)


@rule("position", kin="reversed_digits", seldom=True)
def reversed_digits(text: BenchText) -> Numbers:
    """Attends to the place whose decimal digits are the position's in reverse, where that lies before it."""
    places = np.array([int(str(position)[::-1]) for position in range(len(text))])
    return np.where(places < np.arange(len(text)), places, -1)


@rule("position", kin="bit_count")
def as_far_as_bits(text: BenchText) -> Numbers:
    """Attends to nine tokens back and three more for each 1 in the position as a binary number."""
    ones = np.array([position.bit_count() for position in range(len(text))])
    return np.maximum(np.arange(len(text)) - BEYOND - 1 - 3 * ones, -1)


@rule("position", kin="letters_as_place", seldom=True)
def letters_as_place(text: BenchText) -> Numbers:
    """Attends to the place of the text that the letters of all tokens so far count to, again from 0 after 59."""
    counted = np.cumsum([len(word) for word in wording(text).said]) % PLACES
    return np.where(counted < np.arange(len(text)), counted, -1)


@rule("position", kin="marks_as_place", seldom=True)
def marks_as_place(text: BenchText) -> Numbers:
    """Attends to the place that is five times the number of commas so far, from the first comma on."""
    places = 5 * np.cumsum(wording(text).tokens(is_comma))
    return np.where((places > 0) & (places < np.arange(len(text))), places, -1)


@rule("sentence", kin="longest_clause")
def start_of_longest_clause(text: BenchText) -> Numbers:
    """Attends to the token after the mark or start behind which most tokens stand without a mark, among ended ones."""
    keys, longest, start = np.full(len(text), -1), 0, -1
    best_start = -1
    ends = wording(text).tokens(ends_clause) | wording(text).tokens(lambda said: said.strip() in {".", "!", "?"})
    for position in range(len(text)):
        keys[position] = best_start
        if ends[position]:
            if start >= 0 and position - start > longest:
                longest, best_start = position - start, start
            start = -1
        elif start < 0 and position and wording(text).ordinary[position]:
            start = position
    return keys


@rule("sentence", kin="capital_sentence", seldom=True)
def in_sentence_of_names(text: BenchText) -> Numbers:
    """Attends to what stands after the last capitalised word of the sentence, two or more back, with most of them."""
    sentence, capitals = wording(text).sentence, wording(text).tokens(is_capitalised)
    n_capitals = np.bincount(sentence[capitals], minlength=int(sentence.max(initial=0)) + 1)
    pairs = (sentence < sentence[:, None] - 1) & (sentence >= 0) & capitals
    return moved(best_of(np.broadcast_to(n_capitals[np.maximum(sentence, 0)], pairs.shape), pairs), 1)


@rule("sentence", kin="long_sentence", seldom=True)
def third_of_long_sentence(text: BenchText) -> Numbers:
    """Attends to the third token of the latest earlier sentence of twelve tokens or more."""
    sentence = wording(text).sentence
    third: Tokens = np.arange(len(text)) == start_of_sentence(text) + 2
    return latest_of((sentence < sentence[:, None]) & third & (_sizes(sentence) >= LONG_SENTENCE))


@rule("sentence", kin="shared_words", seldom=True)
def sentence_that_shares_most(text: BenchText) -> Pairs:
    """Attends to the words of the earlier sentence that has most of the current one's words so far, two or more."""
    sentence, form, words = wording(text).sentence, wording(text).form, wording(text).tokens(has_letter)
    n_sentences = int(sentence.max(initial=0)) + 1
    has = np.zeros((n_sentences, int(form.max(initial=0)) + 1), dtype=bool)
    pairs = np.zeros((len(text), len(text)), dtype=bool)
    for position in range(len(text)):
        own = sentence[position]
        if own < 0:
            continue
        if words[position]:
            has[own, form[position]] = True
        shared = (has[:own] & has[own]).sum(-1)
        if len(shared) and shared.max() >= 2:
            pairs[position] = (sentence == len(shared) - 1 - shared[::-1].argmax()) & words
    return pairs & earlier_pairs(len(text))


@rule("sentence", kin="longest_line", seldom=True)
def sixth_of_longest_line(text: BenchText) -> Numbers:
    """Attends to the sixth token of the longest line before the current one."""
    line = wording(text).line
    sixth: Tokens = np.arange(len(text)) == wording(text).starts(line) + 5
    pairs = (line < line[:, None]) & (line >= 0) & sixth
    return best_of(np.broadcast_to(_sizes(line), pairs.shape), pairs)


@rule("sentence", kin="sentence_count", seldom=True)
def start_of_every_third_sentence(text: BenchText) -> Numbers:
    """Attends to the second word of the first sentence of the current group of three, from its second one on."""
    sentence = wording(text).sentence
    group = np.where(sentence >= 0, sentence // 3, -1)
    second: Tokens = (np.arange(len(text)) == start_of_sentence(text) + 1) & (sentence % 3 == 0)
    return first_of((group[:, None] == group) & (group >= 0) & second & (sentence < sentence[:, None]))
