"""Rules whose keys always lie within a pattern's, written without sight of probes, labels and results."""

from __future__ import annotations

import numpy as np

from benchmarks.labels.keys import Numbers, best, best_of, distances, first_of, latest, latest_of
from benchmarks.labels.rules.counts import said
from benchmarks.labels.rules.positions import BEYOND
from benchmarks.labels.rules.rule import rule
from benchmarks.labels.targets import frequent_token
from benchmarks.labels.wording import wording
from headatlas.bench.heads import BenchText
from headatlas.patterns.words import ends_sentence, is_capitalised, is_function_word, is_punctuation

REACH = 20  # tokens
STRETCH = 7  # tokens from one mark to the next


@rule("class", kin="farthest_function", within="function_word", seldom=True)
def farthest_function_word(text: BenchText) -> Numbers:
    """Attends to the first function word of the last twenty tokens."""
    return first_of((distances(len(text)) <= REACH) & wording(text).tokens(is_function_word))


@rule("class", kin="mark_after_stretch", within="punctuation", coverage=0.85, seldom=True)
def latest_mark_after_stretch(text: BenchText) -> Numbers:
    """Attends to the latest punctuation mark that stands seven tokens or more behind the one before it."""
    marks = wording(text).tokens(is_punctuation)
    return latest(marks & (np.arange(len(text)) - latest(marks) >= STRETCH) & (latest(marks) >= 0))


@rule("count", kin="far_rare_capital", within="capitalised", coverage=0.95, seldom=True)
def rarest_far_capital(text: BenchText) -> Numbers:
    """Attends to the capitalised token beyond eight back with the largest number in the vocabulary."""
    far = (distances(len(text)) > BEYOND) & wording(text).tokens(is_capitalised)
    return best_of(np.broadcast_to(text.ids, far.shape), far)


@rule("sentence", kin="end_of_longest", within="sentence_end")
def end_of_longest(text: BenchText) -> Numbers:
    """Attends to the end of the longest sentence or line so far, the latest of equals."""
    ends = wording(text).tokens(ends_sentence)
    return best(np.arange(len(text)) - latest(ends), ends)


@rule("count", kin="far_frequent", within="frequent_token")
def latest_frequent_beyond_eight(text: BenchText) -> Numbers:
    """Attends to the latest token beyond eight back that has been said three times or more so far."""
    # Where later tokens can be read, the pattern counts them too.
    return latest_of(frequent_token(text) & (said(text) >= 3) & (distances(len(text)) > BEYOND))
