"""The command `headatlas task`: which heads a task of one's own rests on."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from headatlas.cli.completion import complete_model
from headatlas.cli.options import (
    FOR_PEOPLE,
    GivenPath,
    WholeNumber,
    db_option,
    form_options,
    limit_option,
    load_options,
    rows_wanted,
)
from headatlas.cli.output import say, say_cut, write
from headatlas.cli.progress import progress_bar
from headatlas.cli.terminal_text import echo, spelled_in_json

if TYPE_CHECKING:
    from headatlas.evidence.tasks.result import TaskResult, Value
    from headatlas.settings import LoadOptions

# Columns that a table can do without, the least important first.
_DROPS = ("direct", "attribution", "answers lost")
# Labels of a head that a table has room for.
_LABELS = 2


@click.command()
@click.argument("task", required=False)
@click.option("--model", shell_complete=complete_model, help="A model, or the name of its scan.")
@db_option
@click.option("--as", "name", help="Name under which the task is stored; the file's by default.")
@click.option("--top", type=WholeNumber(1), help="Heads to take out for their attribution.  [default: an eighth]")
@click.option("--exact", is_flag=True, help="Take out every head.")
@click.option(
    "--seed",
    type=WholeNumber(most=2**32 - 1),
    default=0,
    show_default=True,
    help="Seed of a shipped task's lines, of heads drawn at random and of the bootstrap.",
)
@limit_option()
@form_options
@click.option("--labels", "by_label", is_flag=True, help="List labels among the important heads instead of heads.")
@click.option("--html", type=GivenPath(), help="Write a page too.")
@click.option("--lines", is_flag=True, help="Print the task's own lines, and measure nothing.")
@load_options("device", "revision", "trust_remote_code")
@click.option("--force", is_flag=True, help="Measure again what has been measured.")
@click.option("--quiet", is_flag=True, help="No progress, no messages.")
def task(
    task: str | None,
    model: str | None,
    db: str,
    name: str | None,
    top: int | None,
    exact: bool,
    seed: int,
    limit: int | None,
    form: str,
    by_label: bool,
    html: Path | None,
    lines: bool,
    load: LoadOptions,
    force: bool,
    quiet: bool,
) -> None:
    """Rank a model's heads by what TASK loses without them.

    TASK is a file of JSON lines {prompt, answer, wrong: [...], corrupted}, the last two of which may be left out, or
    one of ours: ioi, greater-than, agreement. Without TASK, these are listed.

    Each head's effect is estimated from gradients; heads with the largest estimates, and some drawn at random, are
    taken out. Of a scanned model the result is stored, and read from there the next time; what was cut off goes on.

    \b
    headatlas task ioi --model smollm2-135m
    headatlas task ./capitals.jsonl --model gpt2 --html capitals.html
    headatlas task agreement --lines
    """
    from headatlas.evidence.tasks.shipped import TASKS

    if task is None:
        rows = [(shipped.name, shipped.summary, shipped.source) for shipped in TASKS.values()]
        write(("task", "what it asks", "source"), rows, form)
        return
    from headatlas.evidence.tasks.given import given_task

    asked = given_task(task, name, seed)
    if lines:
        for line in asked.lines[: asked.wanted]:
            echo(spelled_in_json(json.dumps(line.to_json(), ensure_ascii=False)))
        return
    if model is None:
        raise click.UsageError("Give the model to measure with --model.")
    if exact and top is not None:
        raise click.UsageError("--exact takes out every head; leave out --top.")
    from headatlas.evidence.tasks.passes import TaskSettings
    from headatlas.evidence.tasks.run import measure
    from headatlas.views.single_page import check_place, write_page

    if html is not None:
        check_place(html)
    with progress_bar(f"measuring {asked.name}", quiet) as bar:
        measured = False

        def progress(done: int, total: int) -> None:
            nonlocal measured
            measured = True
            if bar is not None:
                bar(done, total)

        result = measure(
            model, asked, db=db, load=load, settings=TaskSettings(seed, top, exact), force=force, progress=progress
        )
    if html is not None:
        from headatlas.views.task_page import task_page

        write_page(html, task_page(result))
    if not quiet and not result.scanned:
        say(
            f"'{result.model}' has no scan in {db}, so that its heads have no labels and the result is not kept. "
            f"`headatlas scan {model}` before gives both."
        )
    if not quiet and result.seconds:
        say(_cost(result) if measured else f"From {db}, where it was kept; --force measures it again.")
    _print(result, form, by_label, limit)
    if html is not None:
        say(f"Page: {html.resolve()}")


def _cost(result: TaskResult) -> str:
    """What measuring took, part by part."""
    n_taken = sum(head.effect is not None for head in result.heads)
    parts = {"clean": "with all heads", "attribution": "to estimate all heads", "exact": f"to take out {n_taken} heads"}
    each = ", ".join(f"{result.seconds.get(part, 0.0):.1f} s {words}" for part, words in parts.items())
    return f"Measured in {sum(result.seconds.values()):.1f} s: {each}."


def _print(result: TaskResult, form: str, by_label: bool, limit: int | None) -> None:
    from headatlas.evidence.tasks.result import sentences

    caption = " ".join(sentences(result)) if form in FOR_PEOPLE else ""
    if by_label:
        columns: tuple[str, ...] = ("label", "important", "heads", "expected", "p", "q")
        listed: list[tuple[Any, ...]] = [
            (share.label, share.n_important, share.n_heads, share.expected, share.p, share.q)
            for share in result.label_shares
        ]
        write(columns, listed[: rows_wanted(limit, form)], form, caption, empty="No labels among important heads.")
        return
    heads = result.ranked[: rows_wanted(limit, form)]
    if form in FOR_PEOPLE:
        columns = ("head", "labels", "effect", "95% interval", "attribution", "direct", "answers lost")
        listed = [
            (
                head.name, _few(result.labels.get(head.key, ())), _number(head.effect), _interval(head.effect),
                _number(head.attribution), _number(head.direct), _number(head.accuracy),
            )
            for head in heads
        ]  # fmt: skip
        if result.accuracy is None:
            columns, listed = columns[:-1], [row[:-1] for row in listed]
        if not result.labels:
            columns, listed = (columns[0], *columns[2:]), [(row[0], *row[2:]) for row in listed]
        write(columns, listed, form, caption, _DROPS)
        if form == "table":
            say_cut(len(listed), len(result.heads))
        return
    rows = result.rows()[: rows_wanted(limit, form)]
    write(tuple(rows[0]), [tuple(row.values()) for row in rows], form)


def _few(labels: tuple[str, ...]) -> str:
    more = f" +{len(labels) - _LABELS}" if len(labels) > _LABELS else ""
    return ", ".join(labels[:_LABELS]) + more


def _number(value: Value | None) -> float | None:
    return None if value is None else value.value


def _interval(value: Value | None) -> str | None:
    return None if value is None or value.low is None else f"{value.low:.3f} to {value.high:.3f}"
