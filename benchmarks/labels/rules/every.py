"""All rules: importing this module registers those of the modules beside it."""

from __future__ import annotations

from benchmarks.labels.rules import (
    around_words,
    beside,
    classes,
    copies,
    counts,
    letters,
    meanings,
    mixtures,
    narrowed,
    positions,
    ranks,
    repeats,
    sentences,
    spans,
    spelling,
    strides,
    switching,
)
from benchmarks.labels.rules.rule import Rule, registered

FOR_FITTING = (classes, beside, letters, copies, counts, positions, sentences, mixtures)
FOR_JUDGING = (meanings, around_words, spelling, repeats, ranks, strides, spans, switching, narrowed)
# Those that are no pattern, and those that are a pattern's keys narrowed to some.
UNLISTED: list[Rule] = [rule for rule in registered() if rule.within is None]
NARROW: list[Rule] = [rule for rule in registered() if rule.within is not None]
