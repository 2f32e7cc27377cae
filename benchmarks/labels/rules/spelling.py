"""Rules of the family "letters": second letters, letters twice, longer, containing and unlike words."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from benchmarks.labels.keys import Numbers, Pairs, equal, latest, latest_of
from benchmarks.labels.rules.letters import ALPHABET, latest_alike, other_words
from benchmarks.labels.rules.rule import rule
from benchmarks.labels.wording import has_letter, wording
from headatlas.bench.heads import BenchText

SHORTEST = 3  # letters of words of which it is asked whether they share none
LONGER_BY = 3


def has_doubled_letter(text: str) -> bool:
    """True for a token with the same letter twice in a row: little, see."""
    return any(letter == following and letter.isalpha() for letter, following in pairwise(text.casefold()))


def _lengths(text: BenchText) -> Numbers:
    """Letters of each token's wording; 0 where it has none."""
    return np.where(wording(text).tokens(has_letter), [len(word) for word in wording(text).said], 0)


def _contained(text: BenchText) -> Pairs:
    """Pairs of different tokens of two letters or more whose query contains the key."""
    folded = [word.casefold() for word in wording(text).said]
    known, number = np.unique(np.array(folded, dtype=object).astype(str), return_inverse=True)
    within = np.array([[key in query for key in known] for query in known])
    long_enough = _lengths(text) >= 2
    return within[number][:, number] & other_words(text) & long_enough & long_enough[:, None]


@rule("letters", kin="second_letter", seldom=True)
def same_second_letter(text: BenchText) -> Numbers:
    """Attends to the latest other word with the same second letter."""
    return latest_alike(text, lambda word: word[1:2])


@rule("letters", kin="doubled_letter", seldom=True)
def latest_doubled_letter(text: BenchText) -> Numbers:
    """Attends to the latest token with a letter twice in a row."""
    return latest(wording(text).tokens(has_doubled_letter))


@rule("letters", kin="inclusion", seldom=True)
def latest_containing(text: BenchText) -> Numbers:
    """Attends to the latest longer word that contains the current one's letters in a row."""
    return latest_of(_contained(text).T)


@rule("letters", kin="inclusion", seldom=True)
def latest_contained(text: BenchText) -> Numbers:
    """Attends to the latest shorter word, of two letters or more, that is contained in the current one."""
    return latest_of(_contained(text))


@rule("letters", kin="relative_length", seldom=True)
def latest_longer(text: BenchText) -> Numbers:
    """Attends to the latest word that is at least three letters longer than the current one."""
    lengths = _lengths(text)
    return latest_of((lengths >= lengths[:, None] + LONGER_BY) & (lengths[:, None] > 0))


@rule("letters", kin="relative_length", seldom=True)
def latest_shorter(text: BenchText) -> Numbers:
    """Attends to the latest word that is at least three letters shorter than the current one."""
    lengths = _lengths(text)
    return latest_of((lengths + LONGER_BY <= lengths[:, None]) & (lengths > 0))


@rule("letters", kin="syllables", seldom=True)
def same_number_of_vowels(text: BenchText) -> Numbers:
    """Attends to the latest other word with as many vowels, from two on."""
    vowels = np.array([sum(letter in "aeiou" for letter in word.casefold()) for word in wording(text).said])
    return latest_of(equal(np.where(vowels >= 2, vowels, -1)) & other_words(text))


@rule("letters", kin="unlike", seldom=True)
def no_letter_in_common(text: BenchText) -> Numbers:
    """Attends to the latest word that has no letter in common with the current one, both of three letters or more."""
    letters = np.array([[letter in word.casefold() for letter in ALPHABET] for word in wording(text).said], dtype=int)
    spelled = (letters.sum(-1) > 0) & (_lengths(text) >= SHORTEST)
    return latest_of((letters @ letters.T == 0) & spelled & spelled[:, None])
