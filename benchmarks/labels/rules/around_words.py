"""Rules of the family "beside": what stands around the latest negation, preposition, article, auxiliary."""

from __future__ import annotations

import numpy as np

from benchmarks.labels.keys import Numbers, among, latest, moved
from benchmarks.labels.rules import word_lists
from benchmarks.labels.rules.beside import after, word_before
from benchmarks.labels.rules.classes import is_content_word
from benchmarks.labels.rules.rule import rule
from benchmarks.labels.wording import Tokens, wording
from headatlas.bench.heads import BenchText


def _first_since(starts: Numbers, tokens: Tokens) -> Numbers:
    """For each query the first marked token after its start and before it; -1 for none."""
    n = len(tokens)
    following = np.minimum.accumulate(np.where(tokens, np.arange(n), n)[::-1])[::-1]
    keys = np.append(following, n)[np.where(starts >= 0, starts + 1, n)]
    return np.where(keys < np.arange(n), keys, -1)


@rule("beside", kin="negation", seldom=True)
def after_negation(text: BenchText) -> Numbers:
    """Attends to the token after the latest negation."""
    return after(text, word_lists.negations(text))


@rule("beside", kin="preposition", seldom=True)
def object_of_latest_preposition(text: BenchText) -> Numbers:
    """Attends to the first content word after the latest preposition."""
    prepositions = latest(wording(text).words(word_lists.is_preposition))
    return _first_since(prepositions, wording(text).words(is_content_word))


@rule("beside", kin="preposition", seldom=True)
def before_preposition(text: BenchText) -> Numbers:
    """Attends to the last word before the latest preposition."""
    return word_before(text, wording(text).words(word_lists.is_preposition))


@rule("beside", kin="article", seldom=True)
def two_after_article(text: BenchText) -> Numbers:
    """Attends to the second token after the latest article."""
    return among(moved(latest(wording(text).words(word_lists.is_article)), 2), wording(text).ordinary)


@rule("beside", kin="conjunction", seldom=True)
def before_conjunction(text: BenchText) -> Numbers:
    """Attends to the last word before the latest and, or or but."""
    return word_before(text, wording(text).words(word_lists.is_conjunction))


@rule("beside", kin="conjunction", seldom=True)
def after_conjunction(text: BenchText) -> Numbers:
    """Attends to the token after the latest and, or or but."""
    return after(text, wording(text).words(word_lists.is_conjunction))


@rule("beside", kin="auxiliary", seldom=True)
def before_auxiliary(text: BenchText) -> Numbers:
    """Attends to the last word before the latest auxiliary or form of be, have and do."""
    return word_before(text, wording(text).words(word_lists.is_auxiliary))


@rule("beside", kin="auxiliary", seldom=True)
def after_auxiliary(text: BenchText) -> Numbers:
    """Attends to the token after the latest auxiliary or form of be, have and do."""
    return after(text, wording(text).words(word_lists.is_auxiliary))


@rule("beside", kin="deed", seldom=True)
def before_saying(text: BenchText) -> Numbers:
    """Attends to the last word before the latest verb of saying or thinking, which mostly is who speaks."""
    return word_before(text, wording(text).words(word_lists.is_saying))
