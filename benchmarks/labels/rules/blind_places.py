"""Rules of the families "beside", "position" and "sentence", written without sight of probes and results."""

from __future__ import annotations

import numpy as np

from benchmarks.labels.keys import Numbers, Pairs, Weights, among, best_of, distances, latest, latest_of, moved
from benchmarks.labels.rules.classes import is_content_word
from benchmarks.labels.rules.positions import BEYOND
from benchmarks.labels.rules.rule import rule
from benchmarks.labels.rules.sentences import start_of_sentence
from benchmarks.labels.rules.word_lists import said_in
from benchmarks.labels.wording import Tokens, wording
from headatlas.bench.heads import BenchText
from headatlas.patterns.words import is_comma, is_function_word

REACH = 4  # tokens from the last comma of an enumeration to its conjunction
RECENT = 30  # tokens of which the rarest is looked for
WORDS_BACK = 4
CHARACTERS_BACK = 70
WAVE = 14  # tokens from crest to crest

joins = said_in("and or")


def _at(text: BenchText, offset: int) -> Tokens:
    """The token of each sentence that stands so far behind its first."""
    tokens: Tokens = (np.arange(len(text)) == start_of_sentence(text) + offset) & wording(text).ordinary
    return tokens


@rule("beside", kin="function_pair", seldom=True)
def before_two_function_words(text: BenchText) -> Numbers:
    """Attends to the token before the latest two function words in a row, which mostly continue what it says."""
    function = wording(text).tokens(is_function_word)
    begins = function.copy()
    begins[1:] &= ~function[:-1]
    second = np.zeros(len(text), dtype=bool)
    second[1:] = begins[:-1] & function[1:]
    return among(moved(latest(second), -2), wording(text).ordinary)


@rule("beside", kin="enumeration", seldom=True)
def last_but_one_of_enumeration(text: BenchText) -> Numbers:
    """Attends to the token after the latest comma behind which "and" or "or" followed within four tokens."""
    conjunctions = wording(text).words(joins)
    commas = latest(wording(text).tokens(is_comma))
    gaps = np.arange(len(text)) - commas
    closing = conjunctions & (commas >= 0) & (gaps >= 2) & (gaps <= REACH)
    keys = latest(closing)
    return np.where(keys >= 0, commas[keys] + 1, -1)


@rule("beside", kin="after_rarest")
def after_rarest_of_thirty(text: BenchText) -> Numbers:
    """Attends to the token after the rarest of the last thirty."""
    distance = distances(len(text))
    recent = (distance >= 2) & (distance <= RECENT) & ~text.special
    return moved(best_of(np.broadcast_to(text.ids, recent.shape), recent), 1)


@rule("position", kin="content_back")
def fourth_content_word_back(text: BenchText) -> Numbers:
    """Attends to the fourth content word back, however many tokens that is."""
    before = latest(wording(text).words(is_content_word))
    keys = before
    for _ in range(WORDS_BACK - 1):
        keys = np.where(keys >= 0, before[keys], -1)
    return keys


@rule("position", kin="characters_back", seldom=True)
def seventy_characters_back(text: BenchText) -> Numbers:
    """Attends to the token that has the character which stands 70 before the current token's first."""
    widths = np.where(text.special, 0, [len(token) for token in text.texts])
    ends = np.cumsum(widths)
    wanted = ends - widths - CHARACTERS_BACK
    keys = np.where(wanted >= 0, np.searchsorted(ends, wanted, side="right"), -1)
    return among(keys, wording(text).ordinary)


@rule("position", kin="wave")
def wave_of_fourteen(text: BenchText) -> Weights:
    """Attends to all distances beyond eight in waves: most to 14, 28 and 42 tokens back, least halfway between."""
    distance = distances(len(text))
    wave = np.maximum(np.cos(2 * np.pi * distance / WAVE), 0) ** 2
    return np.where(distance > BEYOND, wave, 0)


@rule("sentence", kin="plain_sentence", seldom=True)
def fourth_of_plain_sentence(text: BenchText) -> Numbers:
    """Attends to the fourth token of the latest earlier sentence without a comma."""
    sentence = wording(text).sentence
    with_comma = sentence[wording(text).tokens(is_comma)]
    plain = ~np.isin(sentence, with_comma)
    return latest_of((sentence < sentence[:, None]) & plain & _at(text, 3))


@rule("sentence", kin="every_other_sentence", seldom=True)
def every_other_sentence(text: BenchText) -> Pairs:
    """Attends to all tokens two, four, six and so on sentences back, as to one of two speakers."""
    sentence = wording(text).sentence
    back = sentence[:, None] - sentence
    return (back > 0) & (back % 2 == 0) & (sentence >= 0)


@rule("sentence", kin="like_length", seldom=True)
def seventh_of_sentence_as_long(text: BenchText) -> Numbers:
    """Attends to the seventh token of the earlier sentence that is most nearly as long as the current one so far."""
    sentence = wording(text).sentence
    sizes = np.bincount(sentence[sentence >= 0], minlength=1)[np.maximum(sentence, 0)]
    so_far = np.arange(len(text)) - start_of_sentence(text) + 1
    pairs = (sentence < sentence[:, None]) & _at(text, 6)
    return best_of(-np.abs(so_far[:, None] - sizes), pairs)
