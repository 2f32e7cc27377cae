"""Heads that follow rules whose keys always lie within a pattern's: the latest comma, the latest capitalised word.

By the patterns' definition, the share of attention on their keys, such a head follows the pattern, and its truth says
so. Most other ways of checking a label, such as the spread over all of the pattern's keys, would doubt it.
"""

from __future__ import annotations

from benchmarks.labels.following import heads_following
from benchmarks.labels.rules.every import NARROW

HEADS = [
    function
    for split in ("fit", "judge")
    for number, rule in enumerate(rule for rule in NARROW if rule.split == split)
    for function in heads_following(rule, number, kind="narrow")
]
