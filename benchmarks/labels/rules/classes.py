"""Rules of the family "class": the latest token of some class, where patterns take all tokens of a class or none.

Those whose class lies within a pattern's say so.
"""

from __future__ import annotations

import unicodedata
from functools import cache

import numpy as np

from benchmarks.labels.keys import Numbers, latest, latest_of
from benchmarks.labels.rules.rule import rule
from benchmarks.labels.wording import has_letter, wording
from headatlas.bench.heads import BenchText
from headatlas.patterns.words import has_digit, is_capitalised, is_comma, is_function_word, is_punctuation

PRONOUNS = frozenset("i you he she it we they me him her us them mine his hers ours theirs".split())


def ends_in_ed_or_ing(word: str) -> bool:
    """True for words of five letters or more that look like a past form or a participle."""
    return len(word) >= 5 and word.casefold().endswith(("ed", "ing"))


def looks_plural(word: str) -> bool:
    """True for words of four letters or more in -s, but not -ss, -us or -is."""
    word = word.casefold()
    return len(word) >= 4 and word.endswith("s") and not word.endswith(("ss", "us", "is"))


def is_content_word(word: str) -> bool:
    """True for words outside the closed classes of English."""
    return has_letter(word) and not is_function_word(word)


def starts_with_vowel(word: str) -> bool:
    """True for words of four letters or more whose first letter, without its accent, is a, e, i, o or u."""
    return len(word) >= 4 and unicodedata.normalize("NFD", word)[:1].casefold() in tuple("aeiou")


def is_long(word: str) -> bool:
    """True for words of eight letters or more."""
    return len(word) >= 8


def has_five_letters(word: str) -> bool:
    """True for words of just five letters."""
    return len(word) == 5


def is_upper_case(text: str) -> bool:
    """True for a token of two letters or more, all of them capitals."""
    return len(text.strip()) >= 2 and text.strip().isupper() and is_capitalised(text)


def has_apostrophe(text: str) -> bool:
    """True for a token with an apostrophe and a letter: 's, n't, don't."""
    return has_letter(text) and ("'" in text or "\u2019" in text)


def is_symbol(text: str) -> bool:
    """True for a token of mathematical, currency and other symbols: =, +, $, <."""
    text = text.strip()
    return bool(text) and all(unicodedata.category(letter).startswith("S") for letter in text)


def is_opening_mark(text: str) -> bool:
    """True for opening brackets and for opening quotation marks that differ from closing ones."""
    return bool(text.strip()) and all(unicodedata.category(letter) in ("Ps", "Pi") for letter in text.strip())


def is_bracket(text: str) -> bool:
    """True for a bracket, opening or closing, of whatever shape."""
    return bool(text.strip()) and all(unicodedata.category(letter) in ("Ps", "Pe") for letter in text.strip())


def begins_with_space(text: str) -> bool:
    """True for a token of text that brings the space before it along."""
    return text.startswith(" ") and bool(text.strip())


def is_glued(text: str) -> bool:
    """True for a token with letters or digits but without a space before it: mostly a later piece of a word."""
    return text[:1].isalnum()


def is_pronoun(word: str) -> bool:
    """True for personal and possessive pronouns that stand by themselves."""
    return word.strip().casefold() in PRONOUNS


@rule("class", kin="ending", seldom=True)
def latest_ed_or_ing(text: BenchText) -> Numbers:
    """Attends to the latest word in -ed or -ing."""
    return latest(wording(text).words(ends_in_ed_or_ing))


@rule("class", kin="ending", seldom=True)
def latest_plural(text: BenchText) -> Numbers:
    """Attends to the latest word that looks like a plural."""
    return latest(wording(text).words(looks_plural))


@rule("class", kin="content")
def latest_content_word(text: BenchText) -> Numbers:
    """Attends to the latest word that is no function word."""
    return latest(wording(text).words(is_content_word))


@rule("class", kin="script", seldom=True)
def latest_of_another_script(text: BenchText) -> Numbers:
    """Attends to the latest token in another script than the current one."""
    scripts = np.array([script_of(word) for word in wording(text).said])
    scripts = np.where(text.special, -1, scripts)
    return latest_of((scripts[:, None] != scripts) & (scripts[:, None] >= 0) & (scripts >= 0))


@rule("class", kin="spacing", also=("word_continuation",))
def latest_with_space(text: BenchText) -> Numbers:
    """Attends to the latest token that begins with a space."""
    return latest(wording(text).tokens(begins_with_space))


@rule("class", kin="spacing", also=("number_continuation",))
def latest_glued(text: BenchText) -> Numbers:
    """Attends to the latest piece without a space before it."""
    return latest(wording(text).tokens(is_glued))


@rule("class", kin="vowel")
def latest_vowel_initial(text: BenchText) -> Numbers:
    """Attends to the latest word of four letters or more that begins with a vowel."""
    return latest(wording(text).words(starts_with_vowel))


@rule("class", kin="length", seldom=True)
def latest_long_word(text: BenchText) -> Numbers:
    """Attends to the latest word of eight letters or more."""
    return latest(wording(text).words(is_long))


@rule("class", kin="length", seldom=True)
def latest_of_five_letters(text: BenchText) -> Numbers:
    """Attends to the latest word of five letters."""
    return latest(wording(text).words(has_five_letters))


@rule("class", kin="apostrophe", seldom=True)
def latest_apostrophe(text: BenchText) -> Numbers:
    """Attends to the latest token with an apostrophe in it."""
    return latest(wording(text).tokens(has_apostrophe))


@rule("class", kin="symbol", seldom=True)
def latest_symbol(text: BenchText) -> Numbers:
    """Attends to the latest symbol, such as = or +."""
    return latest(wording(text).tokens(is_symbol))


@rule("class", kin="capital", within="capitalised")
def latest_capital(text: BenchText) -> Numbers:
    """Attends to the latest capitalised word, and to no earlier one."""
    return latest(wording(text).tokens(is_capitalised))


@rule("class", kin="capital", within="capitalised", coverage=0.2, seldom=True)
def latest_upper_case(text: BenchText) -> Numbers:
    """Attends to the latest token in capitals throughout."""
    return latest(wording(text).tokens(is_upper_case))


@rule("class", kin="number", within="digit", also=("number_continuation",), seldom=True)
def latest_number(text: BenchText) -> Numbers:
    """Attends to the latest number, and to no earlier one."""
    return latest(wording(text).tokens(has_digit))


@rule("class", kin="function", within="function_word")
def latest_function_word(text: BenchText) -> Numbers:
    """Attends to the latest function word, and to no earlier one."""
    return latest(wording(text).tokens(is_function_word))


@rule("class", kin="function", within="function_word", coverage=0.6, seldom=True)
def latest_pronoun(text: BenchText) -> Numbers:
    """Attends to the latest personal pronoun."""
    return latest(wording(text).tokens(is_pronoun))


@rule("class", kin="opening", within="punctuation", coverage=0.45, seldom=True)
def latest_opening_mark(text: BenchText) -> Numbers:
    """Attends to the latest opening bracket or quotation mark."""
    return latest(wording(text).tokens(is_opening_mark))


@rule("class", kin="opening", within="punctuation", coverage=0.35, seldom=True)
def latest_bracket(text: BenchText) -> Numbers:
    """Attends to the latest bracket of any shape, matching or not."""
    return latest(wording(text).tokens(is_bracket))


@rule("class", kin="comma", within="comma")
def latest_comma(text: BenchText) -> Numbers:
    """Attends to the latest comma, and to no earlier one."""
    return latest(wording(text).tokens(is_comma))


@rule("class", kin="comma", within="punctuation")
def latest_mark(text: BenchText) -> Numbers:
    """Attends to the latest punctuation mark, and to no earlier one."""
    return latest(wording(text).tokens(is_punctuation))


@cache
def script_of(word: str) -> int:
    """A number for the script of a word's first letter; -1 where it has none.

    Unicode names letters by their script: LATIN SMALL LETTER A. Japanese and Chinese count as one.
    """
    letter = next((letter for letter in word if letter.isalpha()), "")
    if not letter:
        return -1
    script = unicodedata.name(letter, "UNKNOWN").split()[0]
    script = "CJK" if script in ("HIRAGANA", "KATAKANA", "KATAKANA-HIRAGANA") else script
    return sum(ord(character) * 31**index for index, character in enumerate(script)) % 2**31
