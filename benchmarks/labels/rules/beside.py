"""Rules of the family "beside": the token before or after the latest one of a class."""

from __future__ import annotations

import numpy as np

from benchmarks.labels.keys import Numbers, among, latest, moved
from benchmarks.labels.rules.classes import is_opening_mark
from benchmarks.labels.rules.rule import rule
from benchmarks.labels.wording import Tokens, has_letter, wording
from headatlas.bench.heads import BenchText
from headatlas.patterns.words import (
    has_digit,
    has_newline,
    is_capitalised,
    is_comma,
    is_function_word,
    is_punctuation,
)  # fmt: skip


def after(text: BenchText, tokens: Tokens) -> Numbers:
    """The token after the latest run of marked ones."""
    followed = np.zeros_like(tokens)
    followed[1:] = tokens[:-1] & ~tokens[1:]
    return among(latest(followed), wording(text).ordinary)


def before(text: BenchText, tokens: Tokens) -> Numbers:
    """The token before the latest run of marked ones."""
    return among(moved(latest(_begins(tokens)), -1), wording(text).ordinary)


def word_before(text: BenchText, tokens: Tokens) -> Numbers:
    """The last word before the latest run of marked ones."""
    starts = latest(_begins(tokens))
    return np.where(starts >= 0, latest(wording(text).words(has_letter))[starts], -1)


def _begins(tokens: Tokens) -> Tokens:
    """Marked tokens after one that is not marked."""
    starts = tokens.copy()
    starts[1:] &= ~tokens[:-1]
    return starts


@rule("beside", kin="content")
def after_function_word(text: BenchText) -> Numbers:
    """Attends to what followed the latest function words."""
    return after(text, wording(text).tokens(is_function_word))


@rule("beside", kin="capital", also=("function_token",))
def before_capital(text: BenchText) -> Numbers:
    """Attends to the token before the latest capitalised words."""
    return before(text, wording(text).tokens(is_capitalised))


@rule("beside", kin="capital")
def after_capital(text: BenchText) -> Numbers:
    """Attends to what followed the latest capitalised words."""
    return after(text, wording(text).tokens(is_capitalised))


@rule("beside", kin="number", seldom=True)
def before_number(text: BenchText) -> Numbers:
    """Attends to the last word before the latest number."""
    return word_before(text, wording(text).tokens(has_digit))


@rule("beside", kin="line", seldom=True)
def before_newline(text: BenchText) -> Numbers:
    """Attends to the last word of the line before."""
    return word_before(text, wording(text).tokens(has_newline))


@rule("beside", kin="comma")
def after_comma(text: BenchText) -> Numbers:
    """Attends to the token after the latest comma."""
    return after(text, wording(text).tokens(is_comma))


@rule("beside", kin="comma")
def before_comma(text: BenchText) -> Numbers:
    """Attends to the token before the latest comma."""
    return before(text, wording(text).tokens(is_comma))


@rule("beside", kin="comma")
def before_mark(text: BenchText) -> Numbers:
    """Attends to the token before the latest punctuation."""
    return before(text, wording(text).tokens(is_punctuation))


@rule("beside", kin="opening", seldom=True)
def after_opening_mark(text: BenchText) -> Numbers:
    """Attends to the first token within the latest bracket or quotation."""
    return after(text, wording(text).tokens(is_opening_mark))
