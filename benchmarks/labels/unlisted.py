"""Heads that follow rules which are no pattern of headatlas: every label they get is a wrong one.

Five heads a rule: four that spend a given share of their attention on the rule's keys, and one whose attention is a
softmax. What they do beside it and where they rest goes round, so that each is met at each strength.
"""

from __future__ import annotations

from benchmarks.labels.following import heads_following
from benchmarks.labels.rules.every import UNLISTED
from benchmarks.labels.rules.rule import Rule

rules_for_fitting: list[Rule] = [rule for rule in UNLISTED if rule.split == "fit"]
rules_for_judging: list[Rule] = [rule for rule in UNLISTED if rule.split == "judge"]

HEADS = [
    function
    for rules in (rules_for_fitting, rules_for_judging)
    for number, rule in enumerate(rules)
    for function in heads_following(rule, number, kind="unlisted")
]
