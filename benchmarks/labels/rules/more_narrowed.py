"""Rules whose keys always lie within a pattern's: the third mark back, the text's first comma, its second capital."""

from __future__ import annotations

import numpy as np

from benchmarks.labels.keys import Numbers, first_of, latest
from benchmarks.labels.rules.around_forms import latest_but_one
from benchmarks.labels.rules.rule import rule
from benchmarks.labels.wording import Tokens, wording
from headatlas.bench.heads import BenchText
from headatlas.patterns.words import (
    ends_sentence,
    is_capitalised,
    is_comma,
    is_function_word,
    is_punctuation,
)

PLACES = frozenset("in on at by under over near".split())


def _first(tokens: Tokens) -> Numbers:
    """The text's first marked token, from the next one on; -1 before."""
    return first_of(np.broadcast_to(tokens, (len(tokens),) * 2))


def is_of_place(text: str) -> bool:
    """True for in, on, at, by and the like."""
    return text.strip().casefold() in PLACES


@rule("class", kin="marks_back", within="punctuation", coverage=0.9, seldom=True)
def latest_mark_but_two(text: BenchText) -> Numbers:
    """Attends to the third mark back."""
    marks = wording(text).tokens(is_punctuation)
    before, one_before = latest(marks), latest_but_one(marks)
    return np.where((before >= 0) & (one_before >= 0), before[np.maximum(one_before, 0)], -1)


@rule("class", kin="of_place", within="function_word", coverage=0.6, seldom=True)
def latest_of_place(text: BenchText) -> Numbers:
    """Attends to the latest in, on, at, by, under, over or near."""
    return latest(wording(text).tokens(is_of_place) & wording(text).tokens(is_function_word))


@rule("position", kin="first_comma", within="comma", coverage=0.9, seldom=True)
def first_comma(text: BenchText) -> Numbers:
    """Attends to the text's first comma."""
    return _first(wording(text).tokens(is_comma))


@rule("position", kin="second_end", within="sentence_end", coverage=0.8, seldom=True)
def second_sentence_end(text: BenchText) -> Numbers:
    """Attends to the second end of a sentence or line."""
    ends = wording(text).tokens(ends_sentence)
    return _first(ends & (np.cumsum(ends) == 2))


@rule("position", kin="second_capital", within="capitalised", coverage=0.9, seldom=True)
def second_capital(text: BenchText) -> Numbers:
    """Attends to the text's second capitalised word."""
    capitals = wording(text).tokens(is_capitalised)
    return _first(capitals & (np.cumsum(capitals) == 2))
