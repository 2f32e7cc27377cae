"""The heads of one rule: its keys at several strengths, beside several things."""

from __future__ import annotations

from itertools import product

from benchmarks.labels.composing import Beside, Rest, Spread, soft, spread
from benchmarks.labels.rules.rule import Rule
from benchmarks.labels.targets import implied_by
from headatlas.bench.heads import Attention, BenchText, HeadFunction, head

STRENGTHS = (0.3, 0.5, 0.8, 1.0)
STEADINESS = (float("inf"), 30.0, 8.0)
UNEVENNESS = (0.0, 1.0)
SURROUNDINGS: list[tuple[Beside, Rest]] = list(product(("sink", "fading", "even"), ("first", "own")))
# Logit of a key, sharpness of the softmax.
SOFT = ((5.0, 1.0), (4.0, 1.5), (3.0, 2.0), (6.0, 0.7))


def heads_following(rule: Rule, number: int, kind: str) -> list[HeadFunction]:
    """Four heads that follow a rule and, where that is no pattern narrowed, a fifth whose strength is nowhere stated.

    `number`, the rule's among its like, decides what they do beside it.
    """
    heads = [
        _at_strength(rule, kind, _spread(rule, strength, number + turn)) for turn, strength in enumerate(STRENGTHS)
    ]
    return heads if rule.within else [*heads, _softly(rule, kind, *SOFT[number % len(SOFT)], _rest(rule, number))]


def _spread(rule: Rule, strength: float, turn: int) -> Spread:
    beside, _ = SURROUNDINGS[turn % len(SURROUNDINGS)]
    return Spread(
        strength, beside, _rest(rule, turn), STEADINESS[turn % 3], reach=(15.0, 40.0)[turn // 3 % 2],
        unevenness=UNEVENNESS[turn // 2 % 2],
    )  # fmt: skip


def _rest(rule: Rule, turn: int) -> Rest:
    """Where a head rests that finds no key; with seldom rules never on its own position."""
    return "first" if rule.seldom else SURROUNDINGS[turn % len(SURROUNDINGS)][1]


def _at_strength(rule: Rule, kind: str, how: Spread) -> HeadFunction:
    truth = {} if rule.within is None else {rule.within: how.strength * rule.coverage}

    @head(
        truth,
        also=implied_by(truth) | set(rule.also) | how.implied,
        kind=kind,
        rule=rule.name,
        split=rule.split,
        name=f"{rule.name}/{how.strength:g}-{how.beside}",
    )
    def follow(text: BenchText) -> Attention:
        return spread(rule.weights(text), text, how)

    return follow


def _softly(rule: Rule, kind: str, gain: float, sharpness: float, where: Rest) -> HeadFunction:

    @head({}, also=rule.also, kind=kind, rule=rule.name, split=rule.split, name=f"{rule.name}/soft")
    def follow(text: BenchText) -> Attention:
        return soft(rule.weights(text), text, gain, sharpness, where)

    return follow
