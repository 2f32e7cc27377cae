"""Rules of the family "copy": the sentence of a copy, copies of other tokens than the current one, new tokens."""

from __future__ import annotations

import numpy as np

from benchmarks.labels.keys import Numbers, Pairs, among, best_of, distances, equal, first_of, latest, latest_of, moved
from benchmarks.labels.rules.counts import other_tokens
from benchmarks.labels.rules.rule import rule
from benchmarks.labels.rules.sentences import start_of_sentence
from benchmarks.labels.wording import has_letter, previous_copy, wording
from headatlas.bench.heads import BenchText
from headatlas.patterns.words import is_function_word

NEAR = 8  # tokens of which the rarest is looked for
BEYOND = 3  # tokens after a copy that other rules have


def _copies(text: BenchText) -> Numbers:
    return previous_copy(text.ids, text.special)


def _copys_sentence(text: BenchText) -> Pairs:
    """Pairs whose key is in the sentence of the query's latest copy, where that is an earlier one."""
    copies, sentence = _copies(text), wording(text).sentence
    of_copy = np.where(copies >= 0, sentence[copies], -1)
    earlier = (of_copy >= 0) & (of_copy < sentence)
    return (of_copy[:, None] == sentence) & earlier[:, None]


@rule("copy", kin="sentence_of_copy", seldom=True)
def start_of_copys_sentence(text: BenchText) -> Numbers:
    """Attends to the first token of the earlier sentence that has the latest copy of the current token."""
    return first_of(_copys_sentence(text))


@rule("copy", kin="sentence_of_copy", seldom=True)
def end_of_copys_sentence(text: BenchText) -> Numbers:
    """Attends to the last word of the earlier sentence that has the latest copy of the current token."""
    return latest_of(_copys_sentence(text) & wording(text).words(has_letter))


@rule("copy", kin="sentence_of_copy", seldom=True)
def whole_copys_sentence(text: BenchText) -> Pairs:
    """Attends to all tokens of the earlier sentence that has the latest copy of the current token."""
    return _copys_sentence(text)


@rule("copy", kin="copy_and_length", seldom=True)
def length_after_copy(text: BenchText) -> Numbers:
    """Attends to three tokens after the latest copy of the current one, and one more for each letter of it."""
    copies = _copies(text)
    keys = copies + BEYOND + np.array([len(word) for word in wording(text).said])
    return among(np.where((copies >= 0) & (keys < np.arange(len(text))), keys, -1), wording(text).ordinary)


@rule("copy", kin="copy_of_rare", seldom=True)
def copy_of_rarest_nearby(text: BenchText) -> Numbers:
    """Attends to the latest copy of the rarest of the last eight tokens."""
    near = (distances(len(text)) <= NEAR) & ~text.special
    rarest = best_of(np.broadcast_to(text.ids, near.shape), near)
    return np.where(rarest >= 0, _copies(text)[rarest], -1)


@rule("copy", kin="same_recency", seldom=True)
def same_recency(text: BenchText) -> Numbers:
    """Attends to the latest other token that was as far from its latest copy as the current one is from its own."""
    copies = _copies(text)
    since = np.where(copies >= 0, np.arange(len(text)) - copies, -1)
    return latest_of(equal(since) & other_tokens(text))


@rule("copy", kin="copy_of_class", seldom=True)
def after_copy_of_function_word(text: BenchText) -> Numbers:
    """Attends to what followed the earlier copy of the latest function word."""
    words = latest(wording(text).tokens(is_function_word))
    return moved(np.where(words >= 0, _copies(text)[words], -1), 1)


@rule("copy", kin="novel", seldom=True)
def first_new_of_sentence(text: BenchText) -> Numbers:
    """Attends to the first word of the current sentence, its first two tokens aside, that was new to the text."""
    inside = np.arange(len(text)) >= start_of_sentence(text) + 2
    new = (_copies(text) < 0) & wording(text).tokens(has_letter) & inside
    return first_of(equal(wording(text).sentence) & new)
