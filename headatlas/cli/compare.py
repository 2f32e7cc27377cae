"""The command `headatlas compare`."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

import headatlas
from headatlas.cli.completion import complete_label, complete_model, complete_pattern
from headatlas.cli.options import FOR_PEOPLE, GivenPath, WholeNumber, db_option, form_options, limit_option, rows_wanted
from headatlas.errors import HeadatlasError

if TYPE_CHECKING:
    from headatlas.catalog.compare import Comparison

# As diff does.
CHANGED = 1
FAILED = 2


@click.command()
@click.argument("first", shell_complete=complete_model)
@click.argument("second", shell_complete=complete_model)
@db_option
@click.option(
    "--label", "labels", multiple=True, shell_complete=complete_label, help="Only changes of this label; repeatable."
)
@click.option(
    "--pattern", "patterns", multiple=True, shell_complete=complete_pattern,
    help="Only scores of this pattern; repeatable.",
)  # fmt: skip
@limit_option()
@click.option("--exit-code", is_flag=True, help="Exit with 1 when a label changed beyond its interval, 2 on failure.")
@click.option("--max-changed", type=WholeNumber(), help="With --exit-code: how many labels may change.  [default: 0]")
@click.option("--by-kind", is_flag=True, help="Compare by kind and nearest head also where the shapes agree.")
@click.option("--html", type=GivenPath(), help="Also write a page to this file.")
@form_options
def compare(
    first: str,
    second: str,
    db: str,
    labels: tuple[str, ...],
    patterns: tuple[str, ...],
    limit: int | None,
    exit_code: bool,
    max_changed: int | None,
    by_kind: bool,
    html: Path | None,
    form: str,
) -> None:
    """Compare two scans: head by head where their shapes agree, by kind and nearest head where not.

    JSON is one object: `labels` that changed, those that decide marked, and `changes` of scores; or `kinds` and
    `nearest` heads. CSV has the changes of scores, or the nearest heads. --limit cuts each list.

    With --exit-code, as of diff: 0 when no label changed beyond its interval (or no more than --max-changed), 1 when
    one did, 2 when the comparison failed; scans without labels are such a failure.

    \b
    headatlas compare base finetune
    headatlas compare base finetune --exit-code --html changes.html
    headatlas compare base finetune --exit-code --label induction --max-changed 2
    """
    if max_changed is not None and not exit_code:
        raise click.UsageError("--max-changed is for --exit-code; give it too.")
    from headatlas.catalog.compare import compare
    from headatlas.cli.output import say

    with _told_apart(exit_code):
        with headatlas.open(db) as catalog:
            result = compare(catalog, first, second)
        if exit_code:
            _check_labels(result)
        result = result.only(labels, patterns)
        if html is not None:
            from headatlas.views.compare_page import compare_page
            from headatlas.views.single_page import write_page

            write_page(html, compare_page(result))
    for note in result.notes:
        say(note)
    _print(result, by_kind, limit, form)
    if exit_code and len(result.changed_labels) > (max_changed or 0):
        sys.exit(CHANGED)


class _Failed(click.ClickException):
    """A failure that is not to be taken for a change."""

    exit_code = FAILED


@contextmanager
def _told_apart(exit_code: bool) -> Iterator[None]:
    """With --exit-code our errors end in an exit code of their own."""
    try:
        yield
    except HeadatlasError as error:
        if not exit_code:
            raise
        raise _Failed(str(error)) from error


def _check_labels(result: Comparison) -> None:
    """Refuses scans that have no labels to compare."""
    if not (result.same_shape and result.has_labels):
        lack = "labels in both scans" if result.same_shape else "two scans of the same shape"
        shapes = f"{result.first} ({result.shapes[0]}), {result.second} ({result.shapes[1]})"
        raise HeadatlasError(f"--exit-code needs {lack}: {shapes}.")


def _print(result: Comparison, by_kind: bool, limit: int | None, form: str) -> None:
    from headatlas.cli.comparison_tables import comparison_object, comparison_rows, comparison_tables
    from headatlas.cli.output import say_cut, write, write_json

    wanted = rows_wanted(limit, form)
    if form == "json":
        write_json(comparison_object(result, by_kind=by_kind, limit=wanted))
    if form in FOR_PEOPLE:
        for columns, rows, caption, drop in comparison_tables(result, by_kind=by_kind):
            write(columns, rows[:wanted], form, caption, drop)
            say_cut(min(wanted or len(rows), len(rows)), len(rows))
        return
    columns, rows = comparison_rows(result, by_kind=by_kind)
    if form != "json":
        write(columns, rows[:wanted], form)
    say_cut(min(wanted or len(rows), len(rows)), len(rows))


COMMANDS = (compare,)
