"""All rules: importing this module registers those of the modules beside it.

Their order, which decides what each rule's heads do beside it, is that of the modules here.
"""

from __future__ import annotations

from benchmarks.labels.rules import (
    around_forms,
    around_words,
    beside,
    blind_counts,
    blind_mixtures,
    blind_places,
    blind_words,
    classes,
    copies,
    copy_places,
    counts,
    far_sentences,
    later_copies,
    later_mixtures,
    later_narrowed,
    later_places,
    later_sentences,
    later_words,
    letters,
    letters_across,
    meanings,
    mixtures,
    more_copies,
    more_mixtures,
    more_narrowed,
    more_places,
    more_words,
    moving_distances,
    narrowed,
    narrowed_places,
    positions,
    ranks,
    repeats,
    sentences,
    spans,
    spelling,
    strides,
    switching,
    tallies,
    topics,
    turns,
    word_forms,
)
from benchmarks.labels.rules.rule import Rule, registered

FOR_FITTING = (
    classes, beside, copies, counts, letters, positions, sentences, mixtures,
    meanings, around_words, spelling, repeats, ranks, strides, spans, switching, narrowed,
    topics, word_forms, around_forms, letters_across, copy_places, tallies, moving_distances, far_sentences, turns,
    narrowed_places,
    more_words, more_places, more_copies, more_mixtures, more_narrowed,
    blind_words, blind_places, blind_counts, blind_mixtures,
)  # fmt: skip
FOR_JUDGING = (
    later_words, later_places, later_sentences, later_copies, later_mixtures, later_narrowed,
)  # fmt: skip
_IN_ORDER = [
    rule
    for module in (*FOR_FITTING, *FOR_JUDGING)
    for rule in registered()
    if rule.function.__module__ == module.__name__
]
# Those that are no pattern, and those that are a pattern's keys narrowed to some.
UNLISTED: list[Rule] = [rule for rule in _IN_ORDER if rule.within is None]
NARROW: list[Rule] = [rule for rule in _IN_ORDER if rule.within is not None]
