"""Agreement: a verb is due in the number of its subject, though a noun of the other number stands nearer."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from headatlas.evidence.tasks.lines import TaskLine

_SUBJECTS = "key book letter picture lamp box table chair garden house teacher farmer doctor driver student".split()
_BETWEEN = "cabinet window bridge village river neighbour shop school door teacher wall street tree boat hotel".split()
_PREPOSITIONS = ("near", "behind", "beside", "in front of", "next to")
_VERBS = ((" is", " are"), (" was", " were"), (" has", " have"), (" does", " do"))
_OPENINGS = ("The", "Today the", "We know that the", "In the end the", "After all these years the")


def lines(random: np.random.Generator) -> Iterator[TaskLine]:
    """Subjects in the singular and in the plural, by turns; the corrupted prompt has the subject in the other number.

    So in the corrupted prompt the wrong answer is the right one, and nothing else changes.
    """
    while True:
        subject, between = str(random.choice(_SUBJECTS)), str(random.choice(_BETWEEN))
        opening, preposition = str(random.choice(_OPENINGS)), str(random.choice(_PREPOSITIONS))
        verbs = _VERBS[random.integers(len(_VERBS))]
        if subject == between:
            continue
        for number in (0, 1):
            nouns = (subject, f"{subject}s")
            near = between if number else f"{between}s"
            prompt, corrupted = (
                f"{opening} {noun} {preposition} the {near}" for noun in (nouns[number], nouns[1 - number])
            )
            yield TaskLine(prompt, verbs[number], (verbs[1 - number],), corrupted)
