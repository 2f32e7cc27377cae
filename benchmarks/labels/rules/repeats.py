"""Rules of the family "copy": tokens that are themselves repeats, and what lies between two copies."""

from __future__ import annotations

import numpy as np

from benchmarks.labels.keys import Numbers, Pairs, among, best_of, distances, latest_of
from benchmarks.labels.rules.counts import other_tokens
from benchmarks.labels.rules.rule import rule
from benchmarks.labels.rules.sentences import start_of_sentence
from benchmarks.labels.wording import previous_copy
from headatlas.bench.heads import BenchText

FAR = 30  # a token returns after so many tokens or more
APART = 5  # of copies with something between them


def _since_copy(text: BenchText) -> Numbers:
    """How far back each token's latest copy is; -1 for tokens that are new."""
    copies = previous_copy(text.ids, text.special)
    return np.where(copies >= 0, np.arange(len(text)) - copies, -1)


def _between(text: BenchText) -> Pairs:
    """Keys between the query and its latest copy, where those stand apart."""
    since = _since_copy(text)[:, None]
    distance = distances(len(text))
    return (distance > 0) & (distance < since) & (since >= APART) & ~text.special


@rule("copy", kin="reflection", seldom=True)
def as_far_beyond_copy(text: BenchText) -> Numbers:
    """Attends as far beyond the latest copy of the current token as that copy is away."""
    copies = previous_copy(text.ids, text.special)
    keys = np.where(copies >= 0, 2 * copies - np.arange(len(text)), -1)
    return among(np.maximum(keys, -1), ~text.special)


@rule("copy", kin="returning", seldom=True)
def latest_returning(text: BenchText) -> Numbers:
    """Attends to the latest other token that had not been said for 30 tokens or more, but had been before."""
    return latest_of((_since_copy(text) >= FAR) & other_tokens(text))


@rule("copy", kin="copy_of_opening", seldom=True)
def copy_of_opening(text: BenchText) -> Numbers:
    """Attends to the latest copy, in earlier sentences, of the token that opens the current sentence."""
    start = start_of_sentence(text)
    copies = previous_copy(text.ids, text.special)
    return np.where(start >= 0, copies[start], -1)


@rule("copy", kin="between_copies", seldom=True)
def rarest_since_copy(text: BenchText) -> Numbers:
    """Attends to the rarest token since the latest copy of the current one, five tokens away or more."""
    return best_of(np.broadcast_to(text.ids, (len(text),) * 2), _between(text))


@rule("copy", kin="between_copies", seldom=True)
def all_since_copy(text: BenchText) -> Pairs:
    """Attends to all tokens since the latest copy of the current one, five tokens away or more."""
    return _between(text)
