"""Rules of the family "sentence", written without sight of probes, labels and results."""

from __future__ import annotations

import numpy as np

from benchmarks.labels.keys import Numbers, Pairs, best_of, equal, first_of, latest_of
from benchmarks.labels.rules import word_lists
from benchmarks.labels.rules.classes import is_content_word
from benchmarks.labels.rules.rule import rule
from benchmarks.labels.rules.sentences import ends_clause, start_of_sentence
from benchmarks.labels.wording import Tokens, wording
from headatlas.bench.heads import BenchText
from headatlas.patterns.words import is_comma, is_function_word

SHORT = 8  # tokens of a short sentence, its mark among them
MANY = 2  # commas


def _at(text: BenchText, offset: int) -> Tokens:
    """The token of each sentence that stands so far behind its first."""
    tokens: Tokens = (np.arange(len(text)) == start_of_sentence(text) + offset) & wording(text).ordinary
    return tokens


def _earlier_sentences(text: BenchText) -> Pairs:
    """Pairs whose key is in a sentence before the query's."""
    sentence = wording(text).sentence
    return (sentence < sentence[:, None]) & (sentence >= 0)


def is_verb_form(word: str) -> bool:
    """True for auxiliaries, forms of be, have and do, and words of four letters or more in -ed."""
    return word_lists.is_auxiliary(word) or (len(word) >= 4 and word.casefold().endswith("ed"))


@rule("sentence", kin="first_verb", seldom=True)
def first_verb_of_sentence(text: BenchText) -> Numbers:
    """Attends to the current sentence's first auxiliary or word in -ed, as far as it has been read."""
    return first_of(equal(wording(text).sentence) & wording(text).words(is_verb_form))


@rule("sentence", kin="opening_content", seldom=True)
def content_of_first_sentence(text: BenchText) -> Pairs:
    """Attends, from the third sentence on, to all content words of the text's first sentence."""
    sentence = wording(text).sentence
    return (sentence[:, None] >= 2) & (sentence == 0) & wording(text).words(is_content_word)


@rule("sentence", kin="function_opening", seldom=True)
def third_after_function_opening(text: BenchText) -> Numbers:
    """Attends to the third token of the latest earlier sentence that opens with a function word."""
    opens = wording(text).tokens(is_function_word)[start_of_sentence(text)]
    return latest_of(_earlier_sentences(text) & _at(text, 2) & opens)


@rule("sentence", kin="clause_third", seldom=True)
def third_of_clause(text: BenchText) -> Numbers:
    """Attends to the third token since the latest comma, semicolon, colon, dash or start of a sentence."""
    positions, sentence = np.arange(len(text)), wording(text).sentence
    ends = wording(text).tokens(ends_clause)
    begins = positions == start_of_sentence(text)
    begins[1:] |= ends[:-1] & ~ends[1:]
    keys = np.maximum.accumulate(np.where(begins, positions, -1)) + 2
    inside = (keys >= 2) & (keys < positions)
    return np.where(inside & (sentence[np.where(inside, keys, 0)] == sentence), keys, -1)


@rule("sentence", kin="comma_rich", seldom=True)
def fourth_of_comma_rich_sentence(text: BenchText) -> Numbers:
    """Attends to the fourth token of the earlier sentence with most commas, the latest of equals, from two on."""
    sentence = wording(text).sentence
    commas = ((sentence[:, None] == sentence) & wording(text).tokens(is_comma)).sum(-1)
    pairs = _earlier_sentences(text) & _at(text, 3) & (commas >= MANY)
    return best_of(np.broadcast_to(commas, pairs.shape), pairs)


@rule("sentence", kin="short_sentence", seldom=True)
def whole_short_sentence(text: BenchText) -> Pairs:
    """Attends to all tokens of the latest earlier sentence of up to eight tokens."""
    sentence = wording(text).sentence
    sizes = np.bincount(sentence[sentence >= 0], minlength=1)[np.maximum(sentence, 0)]
    short = _earlier_sentences(text) & (sizes <= SHORT)
    which = np.where(short, sentence, -1).max(-1, initial=-1)
    return short & (sentence == which[:, None])
