"""The task that somebody names: one that ships with headatlas, a file, or lines in Python. No torch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from headatlas.evidence.tasks.lines import Task, TaskLine, line_of, read, task_of
from headatlas.evidence.tasks.shipped import TASKS, shipped
from headatlas.files.given import exists


def given_task(
    task: str | Path | Sequence[TaskLine | Mapping[str, Any]], name: str | None = None, seed: int = 0
) -> Task:
    """A task by its name, by its path, or of lines.

    A text that is the name of none of ours is a path where it has a folder or an ending in it, or where there is such a
    file. `name` is what the task is called from then on; `seed` is that of a shipped task's lines.

    Raises:
        HeadatlasError: there is no such task, or it is written in another way than tasks are.
    """
    if not isinstance(task, str | Path):
        lines = [line_of(line, f"line {number}") for number, line in enumerate(task, 1)]
        return task_of(name or "task", lines, "the lines given")
    if isinstance(task, str) and task in TASKS and name is None:
        return TASKS[task].made(seed)
    path = Path(task)
    if isinstance(task, Path) or path.suffix or len(path.parts) > 1 or exists(path):
        return read(path, name)
    made = shipped(str(task)).made(seed)
    return Task(name or made.name, made.summary, made.source, made.lines, made.wanted)
