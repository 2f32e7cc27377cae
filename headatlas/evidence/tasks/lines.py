"""Tasks as they are written: lines of a prompt, its answer and wrong answers. No torch."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from headatlas.errors import HeadatlasError, suggestion
from headatlas.files.given import MOST_VALUES, parsed_json, read_text, shown

_FIELDS = ("prompt", "answer", "wrong", "corrupted")
# Letters of a prompt or an answer.
_LONGEST = 1_000_000
# Lines of a task, each of which the model reads, and wrong answers of a line, each cut into tokens behind the prompt.
MOST_LINES = 10_000
MOST_WRONG = 1_000
EXAMPLE = '{"prompt": "The keys on the table", "answer": " are", "wrong": [" is"]}'


@dataclass(frozen=True)
class TaskLine:
    """One question of a task.

    The model reads `prompt` and is to go on with `answer` rather than with one of `wrong` (none: with anything else).
    `corrupted` is a prompt of as many tokens that asks for something else; heads' outputs are replaced by what they are
    on it. An answer that is a word of its own begins with its space. `number` says which line of its file it is.
    """

    prompt: str
    answer: str
    wrong: tuple[str, ...] = ()
    corrupted: str | None = None
    number: int = field(default=0, compare=False)

    def to_json(self) -> dict[str, Any]:
        """The line as it stands in a file; fields without a value are left out."""
        line: dict[str, Any] = {"prompt": self.prompt, "answer": self.answer}
        line |= {"wrong": list(self.wrong)} if self.wrong else {}
        return line if self.corrupted is None else {**line, "corrupted": self.corrupted}


@dataclass(frozen=True)
class Task:
    """A task: its name, what it asks in a sentence, where it comes from, and its lines.

    Of a `generated` task, lines that a model's tokens do not allow are passed over, and `wanted` of the others are
    used; of any other task such a line is an error.
    """

    name: str
    summary: str
    source: str
    lines: tuple[TaskLine, ...]
    wanted: int | None = None

    @property
    def generated(self) -> bool:
        """Whether the lines were made by a program, which makes more than are wanted."""
        return self.wanted is not None

    @property
    def digest(self) -> str:
        """SHA-256 of the lines."""
        text = json.dumps([line.to_json() for line in self.lines], sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()


def task_of(name: str, lines: Sequence[TaskLine], source: str) -> Task:
    """A task of lines that are given.

    Raises:
        HeadatlasError: there are none or too many, or some have wrong answers, or corrupted prompts, and others have
            not.
    """
    if not lines:
        raise HeadatlasError(f"{source} holds no lines. Each line of a task is an object such as {EXAMPLE}.")
    _check_number(len(lines), source)
    numbered = [replace(line, number=line.number or index) for index, line in enumerate(lines, 1)]
    for name_of_field, words in (("wrong", "wrong answers"), ("corrupted", "a corrupted prompt")):
        having = [bool(getattr(line, name_of_field)) for line in numbered]
        if len(set(having)) > 1:
            with_it, without = (numbered[having.index(has)].number for has in (True, False))
            raise HeadatlasError(
                f"{source}: line {with_it} has {words} and line {without} has none. Give `{name_of_field}` in all "
                "lines, or in none: effects of the two sorts have no common scale."
            )
    return Task(name, "", source, tuple(numbered))


def read(path: Path, name: str | None = None) -> Task:
    """The task in a file of JSON lines; empty lines are passed over. It is named after the file where `name` is None.

    Raises:
        HeadatlasError: there is no such file, or a line is something else; the message says which.
    """
    text = read_text(path, advice=f"A task is a file of lines such as {EXAMPLE}.")
    # Not `splitlines`, which also ends lines at characters that JSON allows inside a text.
    numbered = [(number, line) for number, line in enumerate(text.split("\n"), 1) if line.strip()]
    _check_number(len(numbered), shown(path))  # before they are read, which takes as long as there are many
    lines = [replace(_line(line, f"{shown(path)}, line {number}"), number=number) for number, line in numbered]
    return task_of(name or shown(path.stem), lines, shown(path))


def _check_number(n_lines: int, source: str) -> None:
    """Raises HeadatlasError where a task has too many lines."""
    if n_lines > MOST_LINES:
        raise HeadatlasError(
            f"{source} holds {n_lines:,} lines, and a task has at most {MOST_LINES:,}. Draw some of them at random."
        )


def _line(text: str, where: str) -> TaskLine:
    return line_of(parsed_json(text, where, f"A line is an object such as {EXAMPLE}.", MOST_VALUES), where)


def line_of(given: Any, where: str) -> TaskLine:
    """A line from the object it stands in; `where` says which line it is.

    Raises:
        HeadatlasError: it has other fields, or they hold something else.
    """
    if isinstance(given, TaskLine):
        return given
    if not isinstance(given, dict):
        raise HeadatlasError(f"{where} is no object. A line is an object such as {EXAMPLE}.")
    unknown = [name for name in given if name not in _FIELDS]
    if unknown:
        raise HeadatlasError(f"{where} has a field '{unknown[0]}', which no task has.{suggestion(unknown[0], _FIELDS)}")
    for name in ("prompt", "answer"):
        if not isinstance(given.get(name), str) or not given[name]:
            raise HeadatlasError(f"{where} has no text as its `{name}`. A line is an object such as {EXAMPLE}.")
    wrong = [] if given.get("wrong") is None else given["wrong"]
    wrong = [wrong] if isinstance(wrong, str) else wrong
    if not isinstance(wrong, list | tuple) or not all(isinstance(answer, str) and answer for answer in wrong):
        raise HeadatlasError(f"{where}: `wrong` is to be a list of texts, the wrong answers.")
    if len(wrong) > MOST_WRONG:
        raise HeadatlasError(f"{where} has {len(wrong):,} wrong answers; at most {MOST_WRONG:,} are read.")
    if given["answer"] in wrong:
        raise HeadatlasError(f"{where} names its answer '{given['answer']}' among the wrong ones. Take it out there.")
    corrupted = given.get("corrupted")
    if corrupted is not None and (not isinstance(corrupted, str) or not corrupted):
        raise HeadatlasError(f"{where}: `corrupted` is to be a text, the corrupted prompt.")
    for text in (given["prompt"], given["answer"], *wrong, corrupted or ""):
        if len(text) > _LONGEST or any("\ud800" <= letter <= "\udfff" for letter in text):
            raise HeadatlasError(
                f"{where} has a text of {len(text):,} letters, or with half a character in it; texts are of at most "
                f"{_LONGEST:,}, and whole."
            )
    return TaskLine(given["prompt"], given["answer"], tuple(wrong), corrupted)
