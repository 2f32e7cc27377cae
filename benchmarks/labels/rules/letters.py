"""Rules of the family "letters": earlier words that are spelled somewhat like the current one, but not the same."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable

import numpy as np
from jaxtyping import Float

from benchmarks.labels.keys import Numbers, Pairs, best_of, equal, latest_of
from benchmarks.labels.rules.rule import rule
from benchmarks.labels.wording import has_letter, wording
from headatlas.bench.heads import BenchText
from headatlas.patterns.words import has_digit, is_punctuation

ALPHABET = "abcdefghijklmnopqrstuvwxyz"
ALIKE = 0.5  # two tokens share letters from this overlap of their sets of letters on


def _spelled(text: BenchText, part: Callable[[str], str]) -> Numbers:
    """A number for a part of each token's wording, capitals aside; -1 where the part is empty or has no letter."""
    parts = [part(word.casefold()) for word in wording(text).said]
    known: dict[str, int] = {}
    numbers = [known.setdefault(part, len(known)) if has_letter(part) else -1 for part in parts]
    return np.where(text.special, -1, np.array(numbers, dtype=np.int64))


def other_words(text: BenchText) -> Pairs:
    """Pairs of tokens with letters that do not say the same."""
    form = np.where(wording(text).tokens(has_letter), wording(text).form, -1)
    return (form[:, None] != form) & (form[:, None] >= 0) & (form >= 0)


def latest_alike(text: BenchText, part: Callable[[str], str]) -> Numbers:
    return latest_of(equal(_spelled(text, part)) & other_words(text))


@rule("letters", kin="first_letter", seldom=True)
def same_first_letter(text: BenchText) -> Numbers:
    """Attends to the latest other word with the same first letter."""
    return latest_alike(text, lambda word: word[:1])


@rule("letters", kin="first_letter", seldom=True)
def all_same_first_letter(text: BenchText) -> Pairs:
    """Attends to all earlier other words with the same first letter."""
    return equal(_spelled(text, lambda word: word[:1])) & other_words(text) & np.tri(len(text), k=-1, dtype=bool)


@rule("letters", kin="first_letter", seldom=True)
def alphabetically_nearest(text: BenchText) -> Numbers:
    """Attends to the earlier other word that is nearest in the alphabet, by its first four letters."""
    worth = np.array([_alphabetical(word) for word in wording(text).said])
    return best_of(-np.abs(worth[:, None] - worth), other_words(text))


@rule("letters", kin="first_letter", seldom=True)
def alphabetically_before(text: BenchText) -> Numbers:
    """Attends to the earlier word that comes last before the current one in the alphabet."""
    worth = np.array([_alphabetical(word) for word in wording(text).said])
    return best_of(np.broadcast_to(worth, (len(worth),) * 2), other_words(text) & (worth < worth[:, None]))


@rule("letters", kin="chain", seldom=True)
def begins_as_this_ends(text: BenchText) -> Numbers:
    """Attends to the latest word that begins with the current one's last letter."""
    first, last = _spelled_pair(text)
    return latest_of((last[:, None] == first) & (last[:, None] >= 0) & other_words(text))


@rule("letters", kin="shape")
def same_shape(text: BenchText) -> Numbers:
    """Attends to the latest token of the same shape, word, Word, WORD, number, mark or break, in another word."""
    shapes = np.where(text.special, -1, np.array([_shape(word) for word in wording(text).said]))
    form, word = wording(text).form, wording(text).word
    return latest_of(equal(shapes) & (form[:, None] != form) & ~equal(word))


@rule("letters", kin="last_letter", seldom=True)
def same_last_letter(text: BenchText) -> Numbers:
    """Attends to the latest other word with the same last letter."""
    return latest_alike(text, lambda word: word[-1:])


@rule("letters", kin="last_letter", seldom=True)
def rhyme(text: BenchText) -> Numbers:
    """Attends to the latest other word with the same last two letters."""
    return latest_alike(text, lambda word: word[-2:] if len(word) >= 3 else "")


@rule("letters", kin="last_letter", seldom=True)
def shared_letters(text: BenchText) -> Numbers:
    """Attends to the earlier other word that shares most letters, if it shares half of those of both."""
    letters = np.array([[letter in word.casefold() for letter in ALPHABET] for word in wording(text).said], dtype=float)
    both = letters @ letters.T
    either = letters.sum(-1)[:, None] + letters.sum(-1) - both
    overlap: Float[np.ndarray, "query key"] = both / np.maximum(either, 1)
    return best_of(overlap, other_words(text) & (overlap >= ALIKE))


@rule("letters", kin="length", seldom=True)
def same_length(text: BenchText) -> Numbers:
    """Attends to the latest other word with as many letters."""
    lengths = np.where(wording(text).tokens(has_letter), [len(word) for word in wording(text).said], -1)
    return latest_of(equal(lengths) & other_words(text))


@rule("letters", kin="vowel", seldom=True)
def same_first_vowel(text: BenchText) -> Numbers:
    """Attends to the latest other word whose first vowel is the same."""
    return latest_alike(text, lambda word: next((letter for letter in _bare(word) if letter in "aeiou"), ""))


def _spelled_pair(text: BenchText) -> tuple[Numbers, Numbers]:
    """First and last letter of each token, as positions in one alphabet; -1 for no letter."""

    def numbered(index: int) -> Numbers:
        letters = [word[index] if word else " " for word in (word.casefold() for word in wording(text).said)]
        return np.where(text.special, -1, [ord(letter) if letter.isalpha() else -1 for letter in letters])

    return numbered(0), numbered(-1)


def _alphabetical(word: str) -> int:
    """A number that grows along the alphabet; its first four letters count."""
    worth = 0
    for letter in _bare(word.casefold())[:4].ljust(4):
        worth = worth * 27 + ALPHABET.find(letter) + 1
    return worth


def _bare(word: str) -> str:
    """Without accents."""
    return "".join(letter for letter in unicodedata.normalize("NFD", word) if not unicodedata.combining(letter))


def _shape(word: str) -> int:
    if not word:
        return 0
    if has_letter(word):
        return 1 + int(word[0].isupper()) + int(len(word) > 1 and word.isupper())
    return 4 if has_digit(word) else 5 if is_punctuation(word) else 6
