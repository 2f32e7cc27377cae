"""Greater than: something began in one year of a century and ended in another one, which has to be later."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from headatlas.evidence.tasks.lines import TaskLine

_EVENTS = "voyage siege famine reign drought dispute expedition rebellion trial partnership embargo occupation".split()
_TEMPLATES = (
    "The {event} lasted from the year {start} to the year",
    "The {event} began in the year {start} and was over by the year",
    "In the old chronicle the {event} goes from the year {start} to the year",
    "They say that the {event} started in the year {start} and ended in the year",
)
_CENTURIES = (12, 13, 14, 15, 16, 17, 18)
# Two wrong years of two decades; the first year has at least so many decades before and after it.
_N_WRONG = 2


def lines(random: np.random.Generator) -> Iterator[TaskLine]:
    """Prompts with one year; the right answer is of a later decade of that century, the wrong ones of earlier decades.

    Decades, so that answers part at the same token whether a tokenizer cuts numbers into single digits, pairs or
    triples. In the corrupted prompt the first year is 01, which every answer is later than.
    """
    while True:
        template, event = str(random.choice(_TEMPLATES)), str(random.choice(_EVENTS))
        century, decade = int(random.choice(_CENTURIES)), int(random.integers(_N_WRONG, 9))
        earlier = random.choice(decade, _N_WRONG, replace=False).tolist()
        start, later = (f"{century}{tens}{random.integers(10)}" for tens in (decade, random.integers(decade + 1, 10)))
        wrong = tuple(f" {century}{tens}{random.integers(10)}" for tens in earlier)
        prompt, corrupted = (template.format(event=event, start=year) for year in (start, f"{century}01"))
        yield TaskLine(prompt, f" {later}", wrong, corrupted)
