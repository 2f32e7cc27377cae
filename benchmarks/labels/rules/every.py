"""All rules: importing this module registers those of the modules beside it."""

from __future__ import annotations

from benchmarks.labels.rules import beside, classes, copies, counts, letters, mixtures, positions, sentences
from benchmarks.labels.rules.rule import Rule, registered

MODULES = (classes, beside, letters, copies, counts, positions, sentences, mixtures)
# Those that are no pattern, and those that are a pattern's keys narrowed to some.
UNLISTED: list[Rule] = [rule for rule in registered() if rule.within is None]
NARROW: list[Rule] = [rule for rule in registered() if rule.within is not None]
