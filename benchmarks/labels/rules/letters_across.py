"""Rules of the family "letters": letters inside words, across words, and the order of the alphabet."""

from __future__ import annotations

import numpy as np

from benchmarks.labels.keys import Numbers, best_of, equal, latest_of
from benchmarks.labels.rules.letters import ALPHABET, latest_alike, other_words
from benchmarks.labels.rules.rule import rule
from benchmarks.labels.wording import has_letter, wording
from headatlas.bench.heads import BenchText

SUMS = 8  # remainders that words are told apart by
HALF = 13  # letters of the alphabet's first half
SKELETON = 5  # letters that a skeleton shows


def _letter_at(text: BenchText, index: int) -> Numbers:
    """Place in the alphabet of one letter of each token's wording; -1 for none and for other characters."""
    letters = [word[index : index + 1 or None].casefold() for word in wording(text).said]
    places = np.array([ALPHABET.find(letter) if letter else -1 for letter in letters], dtype=np.int64)
    return np.where(text.special, -1, places)


def _skeleton(word: str) -> str:
    """Which of a word's first letters are vowels: stone -> ccvcv; empty where not all are of our alphabet."""
    own = word.isascii() and word.isalpha()
    return "".join("v" if letter in "aeiouy" else "c" for letter in word[:SKELETON]) if own else ""


@rule("letters", kin="middle_letter", seldom=True)
def same_middle_letter(text: BenchText) -> Numbers:
    """Attends to the latest other word of three letters or more with the same letter in the middle."""
    return latest_alike(text, lambda word: word[len(word) // 2] if len(word) >= 3 else "")


@rule("letters", kin="letter_sum", seldom=True)
def same_letter_sum(text: BenchText) -> Numbers:
    """Attends to the latest other word whose letters, as numbers, sum to the same remainder of eight."""
    sums = np.array([sum(ALPHABET.find(letter) + 1 for letter in word.casefold()) for word in wording(text).said])
    return latest_of(equal(np.where(sums > 0, sums % SUMS, -1)) & other_words(text))


@rule("letters", kin="skeleton", seldom=True)
def same_skeleton(text: BenchText) -> Numbers:
    """Attends to the latest other word whose first five letters are vowels and consonants in the same order."""
    return latest_alike(text, _skeleton)


@rule("letters", kin="next_letter", seldom=True)
def begins_with_next_letter(text: BenchText) -> Numbers:
    """Attends to the latest word that begins with the letter which follows the current one's first in the alphabet."""
    first = _letter_at(text, 0)
    return latest_of((first == first[:, None] + 1) & (first[:, None] >= 0))


@rule("letters", kin="letter_inside", seldom=True)
def first_letter_inside(text: BenchText) -> Numbers:
    """Attends to the latest word that has the current one's first letter in it, but not at its start."""
    first = _letter_at(text, 0)
    later = np.array(
        [[letter in word[1:].casefold() for letter in ALPHABET] for word in wording(text).said], dtype=bool
    )
    inside = later.T[first] & (first[:, None] >= 0) & ~text.special
    return latest_of(inside & (first[:, None] != first))


@rule("letters", kin="cross_letter", seldom=True)
def last_letter_second(text: BenchText) -> Numbers:
    """Attends to the latest other word whose second letter is the current one's last."""
    second, last = _letter_at(text, 1), _letter_at(text, -1)
    return latest_of((second == last[:, None]) & (second >= 0) & other_words(text))


@rule("letters", kin="one_longer", seldom=True)
def one_letter_longer(text: BenchText) -> Numbers:
    """Attends to the latest word that is just one letter longer than the current one."""
    lengths = np.where(wording(text).tokens(has_letter), [len(word) for word in wording(text).said], -1)
    return latest_of((lengths == lengths[:, None] + 1) & (lengths[:, None] > 0))


@rule("letters", kin="alphabet_half", seldom=True)
def other_half_of_alphabet(text: BenchText) -> Numbers:
    """Attends to the latest word that begins in the other half of the alphabet than the current one."""
    first = _letter_at(text, 0)
    return latest_of(((first < HALF) != (first[:, None] < HALF)) & (first >= 0) & (first[:, None] >= 0))


@rule("letters", kin="alphabet_end")
def first_in_alphabet_of_sentence(text: BenchText) -> Numbers:
    """Attends to the word of the current sentence so far that comes first in the alphabet."""
    order = np.unique([word.casefold() for word in wording(text).said], return_inverse=True)[1]
    pairs = equal(wording(text).sentence) & wording(text).tokens(has_letter)
    return best_of(np.broadcast_to(-order, pairs.shape), pairs)
