"""Rules of the family "mixture": heads that do one thing or another by the query, two at once, or a series.

All are made of rules of one half.
"""

from __future__ import annotations

import numpy as np

from benchmarks.labels.keys import Tokens, Weights, as_weights, distances, earlier_pairs
from benchmarks.labels.rules import around_words, ranks, repeats, spans, spelling, strides
from benchmarks.labels.rules.mixtures import both
from benchmarks.labels.rules.positions import BEYOND
from benchmarks.labels.rules.rule import RuleFunction, rule
from benchmarks.labels.wording import has_letter, wording
from headatlas.bench.heads import BenchText
from headatlas.patterns.words import is_capitalised, is_function_word

LONG = 6  # letters of a long word, up to the query's piece of it
HALVED_AFTER = 10  # tokens


def by_query(text: BenchText, queries: Tokens, these: RuleFunction, others: RuleFunction) -> Weights:
    """The weights of one rule for some queries and of another rule for the others."""
    return np.where(queries[:, None], as_weights(these(text), text), as_weights(others(text), text))


@rule("mixture", kin="switching", seldom=True)
def function_words_to_root(text: BenchText) -> Weights:
    """Attends from function words to the square root of their position, else to the same second letter."""
    return by_query(
        text, wording(text).tokens(is_function_word), strides.square_root, spelling.same_second_letter
    )  # fmt: skip


@rule("mixture", kin="switching", seldom=True)
def capitals_two_sentences_back(text: BenchText) -> Weights:
    """Attends from capitalised words to the start two sentences back, else to two tokens after the latest article."""
    return by_query(
        text, wording(text).tokens(is_capitalised), spans.start_two_sentences_back, around_words.two_after_article
    )  # fmt: skip


@rule("mixture", kin="switching")
def marks_to_median(text: BenchText) -> Weights:
    """Attends from marks, numbers and breaks to the median nearby, from words as far back as they are long."""
    return by_query(text, wording(text).tokens(has_letter), strides.as_far_as_long, ranks.median_nearby)


@rule("mixture", kin="blend")
def rarer_and_root(text: BenchText) -> Weights:
    """Attends to the latest token ten times rarer and to the square root of the position."""
    return both(text, ranks.latest_rarer, strides.square_root)


@rule("mixture", kin="blend", seldom=True)
def conjunction_and_returning(text: BenchText) -> Weights:
    """Attends to the word before the latest conjunction and to the latest token that came back after long."""
    return both(text, around_words.before_conjunction, repeats.latest_returning)


@rule("mixture", kin="series", seldom=True)
def doubled_letters_fading(text: BenchText) -> Weights:
    """Attends to all tokens with a letter twice in a row, half as much to each one further back."""
    marked = wording(text).tokens(spelling.has_doubled_letter) & earlier_pairs(len(text))
    behind = np.cumsum(marked[:, ::-1], axis=-1)[:, ::-1]
    return np.where(marked, 0.5 ** np.minimum(behind, 50), 0)


@rule("mixture", kin="series", seldom=True)
def rarer_tokens_fading(text: BenchText) -> Weights:
    """Attends to all tokens ten times rarer than the current one beyond eight back, half as much every ten tokens."""
    distance = distances(len(text))
    rarer = (text.ids >= ranks.TIMES * text.ids[:, None]) & ~text.special & (distance > BEYOND)
    return np.where(rarer, 0.5 ** (distance.clip(0) / HALVED_AFTER), 0)
