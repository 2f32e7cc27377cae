"""Heads that follow a pattern on all of its queries, with a known share of their attention.

Four heads a pattern: three at rising strengths, each beside something else, and one that follows a second pattern as
well. What a head does where the pattern has no key is rest on the first position; that is in no truth but the
first token's own.
"""

from __future__ import annotations

from benchmarks.labels.composing import Beside, Spread, background, rest, spread, uneven
from benchmarks.labels.keys import as_weights
from benchmarks.labels.targets import (
    ADDED,
    ADDED_ROLES,
    CLASSES,
    CONTENT,
    POSITIONAL,
    ROLES,
    TARGETS,
    TargetFunction,
    any_induction,
    implied_by,
)
from headatlas.bench.heads import Attention, BenchText, HeadFunction, Split, head

STRENGTHS = (0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)
BESIDE: tuple[Beside, ...] = ("sink", "fading", "even")
STEADINESS = (float("inf"), 30.0, 8.0)
SPLITS: tuple[Split, Split] = ("fit", "judge")
# The second pattern of a head: one of another family, and whose keys are seldom the same.
COMPANION = {
    **dict.fromkeys(POSITIONAL, "comma"),
    **dict.fromkeys(CLASSES, "previous_token"),
    **dict.fromkeys(CONTENT, "function_word"),
    **dict.fromkeys(ROLES, "current_token"),
    **dict.fromkeys(ADDED, "comma"),
    **dict.fromkeys(ADDED_ROLES, "current_token"),
    "word_continuation": "comma",
}
SECOND_STRENGTHS = ((0.5, 0.3), (0.3, 0.6), (0.4, 0.4), (0.7, 0.25))


def planted(pattern: str, number: int, keys: TargetFunction, name: str = "") -> list[HeadFunction]:
    """The heads of one pattern; `number`, its place in the list, decides strengths and surroundings."""
    name = name or pattern
    heads = []
    for turn in range(3):
        strength = STRENGTHS[(3 * turn + number) % len(STRENGTHS)]
        how = Spread(
            strength, _beside(pattern, number + turn), steadiness=STEADINESS[(number + turn) % 3],
            reach=(15.0, 40.0)[number // 2 % 2], unevenness=(0.0, 1.0)[(number // 2 + turn) % 2],
        )  # fmt: skip
        heads.append(_follow(name, {pattern: strength}, keys, how, SPLITS[(number + turn) % 2]))
    companion = COMPANION[pattern]
    strengths = SECOND_STRENGTHS[number % len(SECOND_STRENGTHS)]
    heads.append(_follow_both(name, (pattern, companion), keys, strengths, SPLITS[(number + 1) % 2]))
    return heads


def _beside(pattern: str, turn: int) -> Beside:
    """Never the sink beside the first token: they are the same."""
    return BESIDE[turn % 3] if pattern != "first_token" else ("fading", "even")[turn % 2]


def _follow(name: str, truth: dict[str, float], keys: TargetFunction, how: Spread, split: Split) -> HeadFunction:
    @head(
        truth,
        also=implied_by(truth) | how.implied,
        kind="planted",
        split=split,
        name=f"{name}/{how.strength:g}-{how.beside}",
    )
    def follow(text: BenchText) -> Attention:
        return spread(as_weights(keys(text), text), text, how)

    return follow


def _follow_both(
    name: str, patterns: tuple[str, str], keys: TargetFunction, strengths: tuple[float, float], split: Split
) -> HeadFunction:
    """A head with two shares; each rests on the first position where its pattern has no key."""

    @head(
        dict(zip(patterns, strengths, strict=True)),
        also=implied_by(patterns),
        kind="planted",
        split=split,
        name=f"{name}/{strengths[0]:g}-and-{patterns[1]}",
    )
    def follow(text: BenchText) -> Attention:
        left = 1 - sum(strengths)
        attention = left * background(text, "even", reach=1)
        for function, strength in zip((keys, TARGETS[patterns[1]]), strengths, strict=True):
            weights = uneven(as_weights(function(text), text), text, 0.5)
            without = weights.sum(-1) < 0.5
            weights[without] = rest(text, "first")[without]
            attention += strength * weights
        return attention

    return follow


HEADS = [
    function for number, (pattern, keys) in enumerate(TARGETS.items()) for function in planted(pattern, number, keys)
] + planted("induction", 1, any_induction, name="any_induction")
