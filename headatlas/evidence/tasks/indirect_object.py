"""Indirect objects: two people are named, one of them gives something to the other, who is due."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from headatlas.evidence.tasks.lines import TaskLine
from headatlas.probes.indirect_object import NAMES

_PLACES = "market harbour library theatre bakery museum garden station office kitchen".split()
_THINGS = "ticket letter map coat bottle pencil basket candle photograph spoon".split()
# {a} and {b} are the two people in either order, {s} is the one named again; the other one is due.
_TEMPLATES = (
    "On the way to the {place}, {a} and {b} stopped for a while, and {s} handed a {thing} to",
    "As soon as {a} and {b} had found the {place}, {s} gave a {thing} to",
    "{a} and {b} were alone in the {place}. Without a word {s} passed the {thing} to",
    "Yesterday {a} and {b} cleaned the {place} together. When they were done, {s} brought a {thing} to",
    "The {place} was closed, so {a} and {b} went home, where {s} showed the {thing} to",
    "Because {a} and {b} both worked at the {place}, {s} could lend a {thing} to",
)


def lines(random: np.random.Generator) -> Iterator[TaskLine]:
    """Prompts of two names; both orders of the names follow each other.

    In the corrupted prompt stand three other names, as in the ABC distribution of Wang et al. 2022: it has neither the
    answer nor a name that comes again.
    """
    while True:
        template = str(random.choice(_TEMPLATES))
        words = {"place": str(random.choice(_PLACES)), "thing": str(random.choice(_THINGS))}
        giver, other, *strangers = random.permutation(NAMES)[:5].tolist()
        third, fourth, fifth = strangers
        corrupted = template.format(a=third, b=fourth, s=fifth, **words)
        for first, second in ((giver, other), (other, giver)):
            prompt = template.format(a=first, b=second, s=giver, **words)
            yield TaskLine(prompt, f" {other}", (f" {giver}",), corrupted)
