"""Rules of the family "count": rarer and commoner than others, by the order of the vocabulary.

Common tokens have small numbers in most vocabularies.
"""

from __future__ import annotations

import numpy as np

from benchmarks.labels.keys import Numbers, best_of, latest_of, moved
from benchmarks.labels.rules.counts import other_tokens, said
from benchmarks.labels.rules.rule import rule
from benchmarks.labels.rules.sentences import in_previous
from headatlas.bench.heads import BenchText

NEAR = 11  # tokens of which the median is taken
TIMES = 10


@rule("count", kin="rarest_elsewhere", seldom=True)
def rarest_of_previous_sentence(text: BenchText) -> Numbers:
    """Attends to the token of the sentence before that has the largest number in the vocabulary."""
    return best_of(np.broadcast_to(text.ids, (len(text),) * 2), in_previous(text))


@rule("count", kin="rarest_elsewhere")
def second_rarest(text: BenchText) -> Numbers:
    """Attends to the token with the second largest number in the vocabulary so far, where it was last said."""
    keys = np.full(len(text), -1)
    last: dict[int, int] = {}
    two: list[int] = []  # the largest numbers so far, in order
    for position, token in enumerate(text.ids.tolist()):
        if len(two) == 2:
            keys[position] = last[two[0]]
        if not text.special[position]:
            last[token] = position
            two = sorted({*two, token})[-2:]
    return keys


@rule("count", kin="median")
def median_nearby(text: BenchText) -> Numbers:
    """Attends to the token whose number in the vocabulary is the median of the eleven before the current one."""
    keys = np.full(len(text), -1)
    for position in range(NEAR, len(text)):
        near = np.arange(position - NEAR, position)
        near = near[~text.special[near]]
        keys[position] = near[np.argsort(text.ids[near], kind="stable")[len(near) // 2]] if len(near) else -1
    return keys


@rule("count", kin="relative_rarity", seldom=True)
def latest_rarer(text: BenchText) -> Numbers:
    """Attends to the latest token whose number in the vocabulary is at least ten times the current one's."""
    return latest_of((text.ids >= TIMES * text.ids[:, None]) & other_tokens(text))


@rule("count", kin="relative_rarity", also=("function_token",), seldom=True)
def latest_commoner(text: BenchText) -> Numbers:
    """Attends to the latest token whose number in the vocabulary is at most a tenth of the current one's."""
    return latest_of((TIMES * text.ids <= text.ids[:, None]) & other_tokens(text))


@rule("count", kin="after_frequent", seldom=True)
def after_most_frequent(text: BenchText) -> Numbers:
    """Attends to what followed the token said most often so far, where it was last said, if three times or more."""
    times = said(text)
    return moved(best_of(times, (times >= 3) & other_tokens(text)), 1)
