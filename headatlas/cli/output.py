"""Listings on standard output: a table for people, JSON or CSV for programs. Remarks go to standard error."""

from __future__ import annotations

import csv
import json
import os
import sys
from collections.abc import Iterable, Sequence
from typing import Any

import click


def write(
    columns: Sequence[str],
    rows: Iterable[Sequence[Any]],
    form: str,
    caption: str = "",
    drop: Sequence[str] = (),
    empty: str = "No rows.",
) -> None:
    """Prints rows.

    Args:
        columns: their names.
        rows: a value for each column.
        form: 'table', 'json' (a list of objects) or 'csv'.
        caption: a line under a table.
        drop: columns that a table can do without where the terminal is narrow, the least important first.
        empty: what is said where there are no rows; a caption says it too.
    """
    listed = [tuple(row) for row in rows]
    if not listed and not caption:
        say(empty)
    if form == "json":
        write_json([dict(zip(columns, row, strict=True)) for row in listed])
    elif form == "csv":
        writer = csv.writer(sys.stdout, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(listed)
    else:
        _table(columns, listed, caption, drop)


def write_json(value: Any) -> None:
    """Prints a value as JSON; bytes as how many there are."""
    json.dump(value, sys.stdout, ensure_ascii=False, indent=1, default=lambda data: f"<{len(data)} bytes>")
    sys.stdout.write("\n")


def say(text: str) -> None:
    """A remark on standard error; on a terminal folded between words."""
    from headatlas.cli.table import terminal_width, wrap

    click.echo("\n".join(wrap(text, terminal_width())) if sys.stderr.isatty() else text, err=True)


def say_cut(shown: int, n_rows: int) -> None:
    """Says on standard error that there are more rows than were printed."""
    if shown < n_rows:
        click.echo(f"{shown:,} of {n_rows:,} rows; --limit 0 gives all.", err=True)


def _table(columns: Sequence[str], rows: list[tuple[Any, ...]], caption: str, drop: Sequence[str]) -> None:
    from headatlas.cli.table import table_lines, terminal_width, wrap

    width = terminal_width()
    if rows:
        table = table_lines(columns, rows, width, drop)
        for line in table.head:
            click.echo(_bold(line))
        click.echo("\n".join(table.body))
        if table.left_out:
            names = ", ".join(table.left_out)
            say(f"Left out to fit {width} columns: {names}. A wider terminal, --json or --csv show them.")
    if caption:
        click.echo("\n".join(["", *wrap(caption, width)] if rows else wrap(caption, width)))


def _bold(text: str) -> str:
    """The head of a table; bold on a terminal, where $NO_COLOR does not say otherwise."""
    return text if os.environ.get("NO_COLOR") else click.style(text, bold=True)
