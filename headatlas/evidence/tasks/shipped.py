"""The tasks that ship with headatlas, each written here from words of our own. No torch."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from headatlas.errors import UnknownNameError
from headatlas.evidence.tasks import agreement, greater_than, indirect_object
from headatlas.evidence.tasks.lines import Task, TaskLine

# Lines of a task that are used, and how many are made for each, since not every tokenizer takes every line.
N_LINES = 48
MADE_FOR_EACH = 8


@dataclass(frozen=True)
class ShippedTask:
    """A task that writes itself: what it asks, whose it is, and the function that makes lines without end."""

    name: str
    summary: str
    source: str
    lines: Callable[[np.random.Generator], Iterator[TaskLine]]

    def made(self, seed: int, wanted: int = N_LINES) -> Task:
        """The task with lines for `wanted` that a model can read."""
        made = self.lines(np.random.default_rng(seed))
        lines = dict.fromkeys(line for line, _ in zip(made, range(wanted * MADE_FOR_EACH), strict=False))
        return Task(self.name, self.summary, self.source, tuple(lines), wanted)


TASKS = {
    task.name: task
    for task in (
        ShippedTask(
            "ioi",
            "Who is given something: the one of two names that is not named again.",
            "Wang et al. 2022, arXiv:2211.00593",
            indirect_object.lines,
        ),
        ShippedTask(
            "greater-than",
            "The year in which something ended is later than the year in which it began.",
            "Hanna et al. 2023, arXiv:2305.00586",
            greater_than.lines,
        ),
        ShippedTask(
            "agreement",
            "A verb agrees with its subject, not with the noun of the other number that stands between.",
            "Linzen et al. 2016, arXiv:1611.01368",
            agreement.lines,
        ),
    )
}


def shipped(name: str) -> ShippedTask:
    """One of them by its name.

    Raises:
        UnknownNameError: there is none.
    """
    if name not in TASKS:
        raise UnknownNameError("task", name, TASKS, "A file is given by its path, such as ./task.jsonl.")
    return TASKS[name]
