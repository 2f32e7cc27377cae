"""Rules whose keys always lie within a pattern's: the comma before the latest, the oldest of some copies."""

from __future__ import annotations

import numpy as np

from benchmarks.labels.keys import Numbers, first_of, latest, latest_of
from benchmarks.labels.rules import topic_words
from benchmarks.labels.rules.around_forms import latest_but_one
from benchmarks.labels.rules.counts import said
from benchmarks.labels.rules.rule import rule
from benchmarks.labels.rules.sentences import in_previous
from benchmarks.labels.targets import duplicate_token_any, frequent_token, induction_any
from benchmarks.labels.wording import previous_copy, wording
from headatlas.bench.heads import BenchText
from headatlas.patterns.words import ends_sentence, has_digit, has_newline, is_capitalised, is_comma

DASHES_AND_COLONS = frozenset(";:-\u2013\u2014\uff1a\uff1b")
QUOTATION_MARKS = frozenset('"\u2018\u201c\u201d\u00ab\u00bb')


def is_quotation_mark(text: str) -> bool:
    """True for a quotation mark by itself, opening or closing; apostrophes do not count."""
    return text.strip() in QUOTATION_MARKS


def is_dash_or_colon(text: str) -> bool:
    """True for a semicolon, colon, hyphen or dash by itself."""
    return text.strip() in DASHES_AND_COLONS


@rule("class", kin="possessive", within="function_word", coverage=0.25, seldom=True)
def latest_possessive(text: BenchText) -> Numbers:
    """Attends to the latest my, your, his, her, its, our or their."""
    return latest(wording(text).tokens(topic_words.is_possessive))


@rule("class", kin="demonstrative", within="function_word", coverage=0.4, seldom=True)
def latest_demonstrative(text: BenchText) -> Numbers:
    """Attends to the latest this, that, these, those or there."""
    return latest(wording(text).tokens(topic_words.is_demonstrative))


@rule("class", kin="subordinator", within="function_word", coverage=0.4, seldom=True)
def latest_subordinator(text: BenchText) -> Numbers:
    """Attends to the latest word that begins a subordinate clause: if, because, although, until."""
    return latest(wording(text).tokens(topic_words.is_subordinator))


@rule("class", kin="comma_before", within="comma", coverage=0.8, seldom=True)
def latest_comma_but_one(text: BenchText) -> Numbers:
    """Attends to the comma before the latest one."""
    return latest_but_one(wording(text).tokens(is_comma))


@rule("sentence", kin="comma_elsewhere", within="comma", coverage=0.4, seldom=True)
def last_comma_of_previous_sentence(text: BenchText) -> Numbers:
    """Attends to the last comma of the sentence before."""
    return latest_of(in_previous(text) & wording(text).tokens(is_comma))


@rule("class", kin="capital_before", within="capitalised", coverage=0.9, seldom=True)
def latest_capital_but_two(text: BenchText) -> Numbers:
    """Attends to the last capitalised word but two."""
    capitals = wording(text).tokens(is_capitalised)
    keys = latest_but_one(capitals)
    return np.where(keys >= 0, latest(capitals)[keys], -1)


@rule("copy", kin="copied_capital", within="capitalised", coverage=0.25, seldom=True)
def copy_of_latest_capital(text: BenchText) -> Numbers:
    """Attends to the earlier copy of the latest capitalised word."""
    capitals = latest(wording(text).tokens(is_capitalised))
    return np.where(capitals >= 0, previous_copy(text.ids, text.special)[capitals], -1)


@rule("class", kin="first_number", within="digit", seldom=True)
def first_number(text: BenchText) -> Numbers:
    """Attends to the text's first number."""
    return first_of(np.broadcast_to(wording(text).tokens(has_digit), (len(text),) * 2))


@rule("class", kin="dash", within="punctuation", coverage=0.7, seldom=True)
def latest_dash_or_colon(text: BenchText) -> Numbers:
    """Attends to the latest semicolon, colon, hyphen or dash."""
    return latest(wording(text).tokens(is_dash_or_colon))


@rule("class", kin="quotation_mark", within="punctuation", coverage=0.35, seldom=True)
def latest_quotation_mark(text: BenchText) -> Numbers:
    """Attends to the latest quotation mark, opening or closing."""
    return latest(wording(text).tokens(is_quotation_mark))


@rule("sentence", kin="sentence_end_before", within="sentence_end", coverage=0.95, seldom=True)
def latest_sentence_end_but_one(text: BenchText) -> Numbers:
    """Attends to the end of a sentence or line before the latest one."""
    return latest_but_one(wording(text).tokens(ends_sentence))


@rule("sentence", kin="first_break", within="newline", also=("whitespace",), seldom=True)
def first_line_break(text: BenchText) -> Numbers:
    """Attends to the text's first line break."""
    return first_of(np.broadcast_to(wording(text).tokens(has_newline), (len(text),) * 2))


@rule("copy", kin="oldest_copy", within="duplicate_token_any", seldom=True)
def oldest_of_copies(text: BenchText) -> Numbers:
    """Attends to the oldest of two to eight earlier copies of the current token."""
    return first_of(duplicate_token_any(text))


@rule("copy", kin="oldest_copy", within="induction_any", seldom=True)
def after_oldest_of_copies(text: BenchText) -> Numbers:
    """Attends to what followed the oldest of two to eight earlier copies of the current token."""
    return first_of(induction_any(text))


@rule("count", kin="oldest_mention", within="frequent_token")
def first_of_frequent_tokens(text: BenchText) -> Numbers:
    """Attends to the oldest mention of any token that has been said three times or more so far."""
    # Where later tokens can be read, the pattern counts them too.
    return first_of(frequent_token(text) & (said(text) >= 3))
