"""All heads with a label out together: what single removals hide, since what one head loses another may make up for.

After the joint removals of Wang et al. 2022, arXiv:2211.00593 (backup name movers), beside as many heads of the same
layers drawn at random; the smallest set is greedy, as circuits are pruned there.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from jaxtyping import Float64

# A head, as (layer, head), and what is removed together.
HeadKey = tuple[int, int]
Heads = Sequence[HeadKey]
# What each of some sets does to a reading per target when all its heads are out.
EffectOf = Callable[[Sequence[Heads]], Float64[np.ndarray, " set"]]
Result = TypeVar("Result")
# Asks for the effects of some sets at each step.
Steps = Generator[Sequence[Heads], Float64[np.ndarray, " set"], Result]

# Draws of other heads of the same layers: the first, and as many as there are where these leave it open whether the
# group stands out.
FIRST_DRAWS = 2
N_DRAWS = 5
# The group stands out by the first draws when the set that is looked for does so many times what any of them does.
CLEARLY = 2
# Of the heads that are left, those with the largest single effects that a step of the greedy search tries.
N_TRIED = 3
# Most heads of a smallest set; where more are needed none is named.
MAX_SMALLEST = 10
# The share of the joint effect that a smallest set has to have.
SHARE = 0.5


@dataclass(frozen=True)
class Group:
    """What the heads with a label do together.

    Args:
        label: the label.
        heads: the heads, in order.
        effect: how much worse the model does without all of them, per target.
        controls: the same without as many others of the same layers (all others where there are fewer), a draw each:
            `FIRST_DRAWS` where these decide, else `N_DRAWS`.
        n_control: heads of a draw.
        single_sum: the sum of what the removal of each alone does.
        smallest: the fewest heads, as a greedy search has them, whose removal does half of `effect`; empty where that
            is no more than what a control does, or where `MAX_SMALLEST` are not enough.
    """

    label: str
    heads: tuple[HeadKey, ...]
    effect: float
    controls: tuple[float, ...]
    n_control: int
    single_sum: float
    smallest: tuple[HeadKey, ...]


def draw_controls(heads: Heads, n_heads: Mapping[int, int], random: np.random.Generator) -> list[list[HeadKey]]:
    """As many other heads of the same layers (`n_heads` has the heads by layer) as a group has, several times."""
    draws = [_others(heads, n_heads, random) for _ in range(N_DRAWS)]
    return [draw for draw in draws if draw]


def measure(
    label: str, heads: Heads, singles: Mapping[HeadKey, float], draws: Sequence[Heads], effect_of: EffectOf
) -> Group:
    """Removes a group, its controls, and what a search for its smallest set tries.

    Args:
        label: the label that the heads carry.
        heads: the heads, two at least.
        singles: what the removal of each alone does, on the same prompts.
        draws: the controls, see `draw_controls`.
        effect_of: removes sets of heads.
    """
    return measure_all([measuring(label, heads, singles, draws)], effect_of)[0]


def measure_all(groups: Sequence[Steps[Group]], effect_of: EffectOf) -> list[Group]:
    """Measures several groups, a step of all of them at a time, so that their sets share passes."""
    made: dict[int, Group] = {}
    asked = {number: next(group) for number, group in enumerate(groups)}
    while asked:
        effects = iter(effect_of([heads for sets in asked.values() for heads in sets]))
        answers = {number: np.array([next(effects) for _ in sets]) for number, sets in asked.items()}
        asked = {}
        for number, answer in answers.items():
            try:
                asked[number] = groups[number].send(answer)
            except StopIteration as end:
                made[number] = end.value
    return [made[number] for number in range(len(groups))]


def measuring(label: str, heads: Heads, singles: Mapping[HeadKey, float], draws: Sequence[Heads]) -> Steps[Group]:
    """The steps of `measure`: each asks for the effects of some sets."""
    effect, *controls = map(float, (yield [heads, *draws[:FIRST_DRAWS]]))
    if len(draws) > FIRST_DRAWS and not _decided(effect, controls):
        controls += map(float, (yield draws[FIRST_DRAWS:]))
    smallest: Heads = ()
    if _stands_out(effect, controls):
        smallest = yield from _smallest(heads, singles, effect)
    return Group(
        label,
        tuple(heads),
        effect,
        tuple(controls),
        len(draws[0]) if draws else 0,
        float(sum(singles[head] for head in heads)),
        tuple(sorted(smallest)),
    )


def _others(heads: Heads, n_heads: Mapping[int, int], random: np.random.Generator) -> list[HeadKey]:
    """In each layer as many heads as the group has there, none of them the group's."""
    drawn: list[HeadKey] = []
    for layer in sorted({layer for layer, _ in heads}):
        own = {head for other, head in heads if other == layer}
        rest = [head for head in range(n_heads[layer]) if head not in own]
        chosen = random.choice(rest, min(len(own), len(rest)), replace=False) if rest else ()
        drawn += [(layer, int(head)) for head in sorted(chosen)]
    return drawn


def _stands_out(effect: float, controls: Sequence[float]) -> bool:
    """Whether the part of the effect that a smallest set has to have is more than what any draw of others does."""
    return SHARE * effect > max([0.0, *controls])


def _decided(effect: float, controls: Sequence[float]) -> bool:
    """Whether more draws would not change that: they can only add to the most, and clear is clear."""
    return not _stands_out(effect, controls) or SHARE * effect > CLEARLY * max(map(abs, controls))


def _smallest(heads: Heads, singles: Mapping[HeadKey, float], effect: float) -> Steps[Heads]:
    """Adds, one by one, the head that does the most beside those that are out, until they do enough.

    What the first does alone, and what all do together, is known.
    """
    enough = SHARE * effect
    left = sorted(heads, key=lambda head: -singles[head])
    # Where work is spread over many heads, one pass tells so and saves the search.
    if len(left) > MAX_SMALLEST and (yield [left[:MAX_SMALLEST]])[0] < enough:
        return ()
    out = [left.pop(0)]
    reached = singles[out[0]]
    while reached < enough:
        if len(out) == MAX_SMALLEST:
            return ()
        if len(left) == 1:
            return heads
        tried = left[:N_TRIED]
        effects = yield [[*out, head] for head in tried]
        best = int(np.argmax(effects))
        out.append(tried[best])
        left.remove(tried[best])
        reached = float(effects[best])
    return out
