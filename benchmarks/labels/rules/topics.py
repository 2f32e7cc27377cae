"""Rules of the family "class": the latest word of one topic, from the lists of `topic_words`."""

from __future__ import annotations

from benchmarks.labels.keys import Numbers, latest
from benchmarks.labels.rules import topic_words
from benchmarks.labels.rules.rule import rule
from benchmarks.labels.rules.word_lists import Predicate
from benchmarks.labels.wording import wording
from headatlas.bench.heads import BenchText


def _latest_word(text: BenchText, predicate: Predicate) -> Numbers:
    return latest(wording(text).words(predicate))


@rule("class", kin="body", seldom=True)
def latest_body_word(text: BenchText) -> Numbers:
    """Attends to the latest word for a part of the body: hand, eyes, heart."""
    return _latest_word(text, topic_words.is_body_word)


@rule("class", kin="household", seldom=True)
def latest_household_word(text: BenchText) -> Numbers:
    """Attends to the latest word for a part of a house or something kept in it: door, table, lamp."""
    return _latest_word(text, topic_words.is_household_word)


@rule("class", kin="landscape", seldom=True)
def latest_landscape_word(text: BenchText) -> Numbers:
    """Attends to the latest word for land, water, sky or weather: river, hill, rain."""
    return _latest_word(text, topic_words.is_landscape_word)


@rule("class", kin="judgement", seldom=True)
def latest_judging_word(text: BenchText) -> Numbers:
    """Attends to the latest adjective that judges: good, wrong, important, strange."""
    return _latest_word(text, topic_words.is_judging_word)


@rule("class", kin="dealings", seldom=True)
def latest_dealings_word(text: BenchText) -> Numbers:
    """Attends to the latest word for work, trade, writing or public life: money, book, town."""
    return _latest_word(text, topic_words.is_dealings_word)


@rule("class", kin="indefinite", seldom=True)
def latest_indefinite(text: BenchText) -> Numbers:
    """Attends to the latest word that leaves open what is meant: something, thing, other, part."""
    return _latest_word(text, topic_words.is_indefinite)


@rule("class", kin="staying", seldom=True)
def latest_staying(text: BenchText) -> Numbers:
    """Attends to the latest verb of staying or seeming: sat, kept, waited, became."""
    return _latest_word(text, topic_words.is_staying)


@rule("class", kin="making", seldom=True)
def latest_making(text: BenchText) -> Numbers:
    """Attends to the latest verb of making, getting or beginning: made, found, used, began."""
    return _latest_word(text, topic_words.is_making)
