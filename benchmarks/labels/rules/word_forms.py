"""Rules of the family "class": the latest word of some form, whatever it means."""

from __future__ import annotations

import re

from benchmarks.labels.keys import Numbers, latest
from benchmarks.labels.rules.rule import rule
from benchmarks.labels.wording import wording
from headatlas.bench.heads import BenchText

NOUN_ENDINGS = ("tion", "sion", "ment", "ness", "ity", "ance", "ence", "ism", "ship", "hood")
RARE_LETTERS = frozenset("jqxz")
DIGRAPHS = ("th", "sh", "ch", "ph", "wh", "gh")
CONSONANTS_IN_A_ROW = re.compile(r"[bcdfghjklmnpqrstvwxz]{3}")


def is_derived_noun(word: str) -> bool:
    """True for words of six letters or more in -tion, -ment, -ness and the like, also in the plural."""
    word = word.casefold().removesuffix("s")
    return len(word) >= 6 and word.endswith(NOUN_ENDINGS)


def ends_in_ly(word: str) -> bool:
    """True for words of four letters or more in -ly."""
    return len(word) >= 4 and word.casefold().endswith("ly")


def has_rare_letter(word: str) -> bool:
    """True for words with j, q, x or z in them."""
    return not RARE_LETTERS.isdisjoint(word.casefold())


def is_short_and_rises(word: str) -> bool:
    """True for words of two to four letters whose first letter stands before their last one in the alphabet."""
    word = word.casefold()
    return len(word) <= 4 and word[0] < word[-1]


def has_three_consonants(word: str) -> bool:
    """True for words with three consonants in a row; y counts as a vowel."""
    return bool(CONSONANTS_IN_A_ROW.search(word.casefold()))


def is_tiny(word: str) -> bool:
    """True for words of one or two letters."""
    return len(word) <= 2


def has_digraph(word: str) -> bool:
    """True for words with th, sh, ch, ph, wh or gh in them."""
    return any(pair in word.casefold() for pair in DIGRAPHS)


@rule("class", kin="derived", seldom=True)
def latest_derived_noun(text: BenchText) -> Numbers:
    """Attends to the latest noun in -tion, -ment, -ness, -ity or the like."""
    return latest(wording(text).words(is_derived_noun))


@rule("class", kin="in_ly", seldom=True)
def latest_in_ly(text: BenchText) -> Numbers:
    """Attends to the latest word in -ly."""
    return latest(wording(text).words(ends_in_ly))


@rule("class", kin="rare_letter", seldom=True)
def latest_with_rare_letter(text: BenchText) -> Numbers:
    """Attends to the latest word with j, q, x or z in it."""
    return latest(wording(text).words(has_rare_letter))


@rule("class", kin="rising_word")
def latest_short_rising_word(text: BenchText) -> Numbers:
    """Attends to the latest word of up to four letters that begins with an earlier one in the alphabet than it ends."""
    return latest(wording(text).words(is_short_and_rises))


@rule("class", kin="consonants", seldom=True)
def latest_three_consonants(text: BenchText) -> Numbers:
    """Attends to the latest word with three consonants in a row."""
    return latest(wording(text).words(has_three_consonants))


@rule("class", kin="tiny")
def latest_tiny_word(text: BenchText) -> Numbers:
    """Attends to the latest word of one or two letters."""
    return latest(wording(text).words(is_tiny))


@rule("class", kin="digraph", seldom=True)
def latest_digraph(text: BenchText) -> Numbers:
    """Attends to the latest word with th, sh, ch, ph, wh or gh in it."""
    return latest(wording(text).words(has_digraph))
