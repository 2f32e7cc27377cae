"""Rules of the family "sentence": places in the current sentence or line, and in the one before."""

from __future__ import annotations

import numpy as np

from benchmarks.labels.keys import Numbers, Pairs, best_of, earlier_pairs, equal, first_of, latest_of
from benchmarks.labels.rules.classes import is_content_word
from benchmarks.labels.rules.rule import rule
from benchmarks.labels.wording import Tokens, has_letter, wording
from headatlas.bench.heads import BenchText

CLAUSE_MARKS = frozenset(",;:\u2013\u2014\uff0c\uff1b\uff1a")


def ends_clause(text: str) -> bool:
    """True for a comma, semicolon, colon or dash."""
    return text.strip() in CLAUSE_MARKS


def start_of_sentence(text: BenchText) -> Numbers:
    """First position of each token's sentence; -1 for special tokens."""
    return wording(text).starts(wording(text).sentence)


def start_of_previous(spans: Numbers, text: BenchText) -> Numbers:
    """First position of the span before each token's; -1 in the first one."""
    first = wording(text).starts(spans)
    before = np.where(first > 0, spans - 1, -1)
    start_of = {int(span): int(position) for span, position in zip(spans, first, strict=True)}
    return np.array([start_of.get(int(span), -1) if span >= 0 else -1 for span in before])


def in_previous(text: BenchText) -> Pairs:
    """Pairs whose key is in the sentence before the query's."""
    sentence = wording(text).sentence
    return (sentence[:, None] - 1 == sentence) & (sentence >= 0)


@rule("sentence", kin="previous_sentence", seldom=True)
def last_word_of_previous_sentence(text: BenchText) -> Numbers:
    """Attends to the last word of the sentence before."""
    return latest_of(in_previous(text) & wording(text).words(has_letter))


@rule("sentence", kin="previous_sentence")
def first_of_previous_sentence(text: BenchText) -> Numbers:
    """Attends to the first token of the sentence before."""
    return start_of_previous(wording(text).sentence, text)


@rule("sentence", kin="previous_sentence")
def whole_previous_sentence(text: BenchText) -> Pairs:
    """Attends to all tokens of the sentence before."""
    return in_previous(text)


@rule("sentence", kin="previous_sentence", seldom=True)
def same_index_in_previous_sentence(text: BenchText) -> Numbers:
    """Attends to the token that stood as far into the sentence before as the current one into its own."""
    start, previous = start_of_sentence(text), start_of_previous(wording(text).sentence, text)
    keys = previous + np.arange(len(text)) - start
    return np.where((previous >= 0) & (keys < start), keys, -1)


@rule("sentence", kin="line", seldom=True)
def opening_of_line_before(text: BenchText) -> Numbers:
    """Attends, from within a line, to the token that opens the line before."""
    line = wording(text).line
    within = np.arange(len(text)) > wording(text).starts(line)
    return np.where(within, start_of_previous(line, text), -1)


@rule("sentence", kin="content", seldom=True)
def first_content_word_of_sentence(text: BenchText) -> Numbers:
    """Attends to the sentence's first content word after its opening token."""
    inside = np.arange(len(text)) > start_of_sentence(text)
    return first_of(equal(wording(text).sentence) & wording(text).words(is_content_word) & inside)


@rule("sentence", kin="second_of_sentence")
def second_of_sentence(text: BenchText) -> Numbers:
    """Attends to the second token of the current sentence."""
    start = start_of_sentence(text)
    return np.where((start >= 0) & (np.arange(len(text)) > start + 1), start + 1, -1)


@rule("sentence", kin="comma", seldom=True)
def start_of_clause(text: BenchText) -> Numbers:
    """Attends to the start of the current clause, where that is not the start of its sentence."""
    ends = wording(text).tokens(ends_clause)
    starts: Tokens = np.zeros(len(text), dtype=bool)
    starts[1:] = ends[:-1] & ~ends[1:]
    return latest_of(equal(wording(text).sentence) & starts)


@rule("sentence", kin="within_sentence", seldom=True)
def middle_of_sentence(text: BenchText) -> Numbers:
    """Attends to the middle of the current sentence as far as it has been read, from its seventh token on."""
    start, positions = start_of_sentence(text), np.arange(len(text))
    return np.where((start >= 0) & (positions - start >= 6), (start + positions) // 2, -1)


@rule("sentence", kin="length")
def longest_of_sentence(text: BenchText) -> Numbers:
    """Attends to the longest word of the current sentence so far."""
    lengths = np.array([len(word) for word in wording(text).whole_words])
    pairs = equal(wording(text).sentence) & wording(text).words(has_letter)
    return best_of(np.broadcast_to(lengths, pairs.shape), pairs)


@rule("sentence", kin="block", seldom=True)
def whole_sentence(text: BenchText) -> Pairs:
    """Attends to all earlier tokens of the current sentence, from its seventh token on."""
    far_in = np.arange(len(text)) - start_of_sentence(text) >= 6
    return equal(wording(text).sentence) & earlier_pairs(len(text)) & far_in[:, None]


@rule("sentence", kin="block", seldom=True)
def whole_line_before(text: BenchText) -> Pairs:
    """Attends to all tokens of the line before."""
    line = wording(text).line
    return (line[:, None] - 1 == line) & (line >= 0)
