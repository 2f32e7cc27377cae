"""Rules of the family "beside": what stands around long words, pronouns, participles, names, marks."""

from __future__ import annotations

import numpy as np

from benchmarks.labels.keys import Numbers, Pairs, Tokens, among, earlier_pairs, latest, moved
from benchmarks.labels.rules import topic_words, word_lists
from benchmarks.labels.rules.beside import after, word_before
from benchmarks.labels.rules.classes import ends_in_ed_or_ing, is_long, is_pronoun, looks_plural
from benchmarks.labels.rules.rule import rule
from benchmarks.labels.wording import has_letter, wording
from headatlas.bench.heads import BenchText
from headatlas.patterns.words import is_capitalised, is_comma, is_punctuation

APART = 4  # tokens between two commas that have a middle


def latest_but_one(tokens: Tokens) -> Numbers:
    """The last marked token but one before each query; -1 for none."""
    keys = latest(tokens)
    return np.where(keys >= 0, keys[keys], -1)


@rule("beside", kin="around_long", seldom=True)
def before_long_word(text: BenchText) -> Numbers:
    """Attends to the word before the latest word of eight letters or more."""
    return word_before(text, wording(text).words(is_long))


@rule("beside", kin="around_long")
def after_long_word(text: BenchText) -> Numbers:
    """Attends to the token after the latest word of eight letters or more."""
    return after(text, wording(text).words(is_long))


@rule("beside", kin="around_pronoun", seldom=True)
def before_pronoun(text: BenchText) -> Numbers:
    """Attends to the last word before the latest personal pronoun."""
    return word_before(text, wording(text).tokens(is_pronoun))


@rule("beside", kin="around_pronoun", seldom=True)
def after_pronoun(text: BenchText) -> Numbers:
    """Attends to the token after the latest personal pronoun."""
    return after(text, wording(text).tokens(is_pronoun))


@rule("beside", kin="around_ending", seldom=True)
def before_participle(text: BenchText) -> Numbers:
    """Attends to the word before the latest one in -ed or -ing."""
    return word_before(text, wording(text).words(ends_in_ed_or_ing))


@rule("beside", kin="around_plural", seldom=True)
def before_plural(text: BenchText) -> Numbers:
    """Attends to the word before the latest one that looks like a plural."""
    return word_before(text, wording(text).words(looks_plural))


@rule("beside", kin="around_possessive", seldom=True)
def before_possessive(text: BenchText) -> Numbers:
    """Attends to the last word before the latest my, your, his, her, its, our or their."""
    return word_before(text, wording(text).words(topic_words.is_possessive))


@rule("beside", kin="around_possessive", seldom=True)
def after_possessive(text: BenchText) -> Numbers:
    """Attends to the token after the latest my, your, his, her, its, our or their."""
    return after(text, wording(text).words(topic_words.is_possessive))


@rule("beside", kin="around_person", seldom=True)
def around_person_word(text: BenchText) -> Pairs:
    """Attends to the tokens on either side of the latest common word for people."""
    people = latest(wording(text).words(word_lists.is_person_word))
    pairs = np.zeros((len(text),) * 2, dtype=bool)
    for by in (-1, 1):
        keys = among(moved(people, by), wording(text).ordinary)
        pairs[np.flatnonzero(keys >= 0), keys[keys >= 0]] = True
    return pairs & earlier_pairs(len(text))


@rule("beside", kin="between_commas", seldom=True)
def between_commas(text: BenchText) -> Numbers:
    """Attends to halfway between the last two commas, from four tokens apart on."""
    commas = wording(text).tokens(is_comma)
    last, one_before = latest(commas), latest_but_one(commas)
    return np.where((one_before >= 0) & (last - one_before >= APART), (last + one_before) // 2, -1)


@rule("beside", kin="beyond_capital", seldom=True)
def two_after_capital(text: BenchText) -> Numbers:
    """Attends to the second token after the latest capitalised word."""
    return among(moved(latest(wording(text).tokens(is_capitalised)), 2), wording(text).ordinary)


@rule("beside", kin="two_words_before")
def last_word_but_one_before_mark(text: BenchText) -> Numbers:
    """Attends to the last word but one before the latest punctuation mark."""
    marks = latest(wording(text).tokens(is_punctuation))
    return np.where(marks >= 0, latest_but_one(wording(text).words(has_letter))[marks], -1)
