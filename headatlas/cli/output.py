"""Listings on standard output: a table for people, JSON or CSV for programs. Remarks go to standard error."""

from __future__ import annotations

import csv
import json
import os
import sys
from collections.abc import Iterable, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any

from headatlas.cli.terminal_text import echo, spelled_in_json, spelled_out
from headatlas.errors import HeadatlasError, WrongValueError

if TYPE_CHECKING:
    import pandas

# Rows of a table in Markdown or LaTeX, which is laid out as a whole: a million would take gigabytes.
MAX_PAGE_ROWS = 10_000
_INFINITE = (float("inf"), float("-inf"))


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
        form: 'table', 'json' (a list of objects), 'csv', 'markdown' or 'latex'.
        caption: a line under a table; a comment in LaTeX.
        drop: columns that a table can do without where the terminal is narrow, the least important first.
        empty: what is said where there are no rows; a caption says it too.

    Raises:
        WrongValueError: an infinite number is to be written as JSON.
        HeadatlasError: more rows than a page can have are to be written as Markdown or LaTeX.
    """
    listed = [tuple(row) for row in rows]
    if form in ("markdown", "latex") and len(listed) > MAX_PAGE_ROWS:
        raise HeadatlasError(
            f"{len(listed):,} rows are more than the {MAX_PAGE_ROWS:,} that can be written for a page. Ask for fewer, "
            "as with --limit, or take --csv."
        )
    if not listed and not caption:
        say(empty)
    if form == "json":
        if any(value in _INFINITE for row in listed for value in row if isinstance(value, float)):
            raise WrongValueError("A number is infinite, which JSON cannot say. --csv can.")
        write_json([dict(zip(columns, row, strict=True)) for row in listed])
    elif form == "csv":
        _csv(columns, listed)
    elif form == "markdown":
        _markdown(columns, listed, caption)
    elif form == "latex":
        _latex(columns, listed, caption)
    else:
        _table(columns, listed, caption, drop)


def write_json(value: Any) -> None:
    """Prints a value as JSON; bytes as how many there are."""
    encoder = json.JSONEncoder(ensure_ascii=False, indent=1, default=lambda data: f"<{len(data)} bytes>")
    pieces = encoder.iterencode(value)
    while text := "".join(islice(pieces, 10_000)):
        sys.stdout.write(spelled_in_json(text))
    sys.stdout.write("\n")


def say(text: str) -> None:
    """A remark on standard error; on a terminal folded between words."""
    from headatlas.cli.terminal_table import terminal_width, wrap

    echo("\n".join(wrap(text, terminal_width())) if sys.stderr.isatty() else text, err=True)


def say_cut(shown: int, n_rows: int) -> None:
    """Says on standard error that there are more rows than were printed."""
    if shown < n_rows:
        echo(f"{shown:,} of {n_rows:,} rows; --limit 0 gives all.", err=True)


def _csv(columns: Sequence[str], rows: list[tuple[Any, ...]]) -> None:
    """CSV, whose texts a file or a program gets as they are, and a terminal spelled out."""
    writer = csv.writer(sys.stdout, lineterminator="\n")
    plain = sys.stdout.isatty()
    for row in (columns, *rows):
        writer.writerow([spelled_out(cell) if plain and isinstance(cell, str) else cell for cell in row])


def _table(columns: Sequence[str], rows: list[tuple[Any, ...]], caption: str, drop: Sequence[str]) -> None:
    from headatlas.cli.terminal_table import table_lines, terminal_width, wrap

    width = terminal_width()
    if rows:
        table = table_lines(columns, rows, width, drop)
        for line in table.head:
            echo(line, bold=not os.environ.get("NO_COLOR"))
        echo("\n".join(table.body))
        if table.left_out:
            names = ", ".join(table.left_out)
            say(f"Left out to fit {width} columns: {names}. A wider terminal, --json or --csv show them.")
    if caption:
        echo("\n".join(["", *wrap(caption, width)] if rows else wrap(caption, width)))


def _markdown(columns: Sequence[str], rows: list[tuple[Any, ...]], caption: str) -> None:
    """A table in Markdown."""
    if rows:
        aligned = ["right" if letter == "r" else "left" for letter in _alignment(columns, rows)]
        frame = _texts([name.replace("|", "\\|") for name in columns], rows).map(lambda text: text.replace("|", "\\|"))
        echo(frame.to_markdown(index=False, disable_numparse=True, colalign=aligned))
    if caption:
        echo(f"\n{caption}\n")


def _latex(columns: Sequence[str], rows: list[tuple[Any, ...]], caption: str) -> None:
    """A table in LaTeX with the rules of booktabs."""
    if caption:
        echo(f"% {caption}")
    if rows:
        frame = _texts(columns, rows)
        echo(frame.to_latex(index=False, escape=True, column_format=_alignment(columns, rows)).rstrip("\n"))


def _alignment(columns: Sequence[str], rows: list[tuple[Any, ...]]) -> str:
    """A letter a column: "r" for numbers, else "l"."""
    return "".join(
        "r" if any(isinstance(row[number], int | float) for row in rows) else "l" for number in range(len(columns))
    )


def _texts(columns: Sequence[str], rows: list[tuple[Any, ...]]) -> pandas.DataFrame:
    """Rows as they stand in a table, each cell on one line."""
    import pandas  # not at the top: the other forms do without

    from headatlas.cli.terminal_table import shown

    return pandas.DataFrame(
        [[" ".join(shown(value).split()) for value in row] for row in rows], columns=list(columns), dtype=str
    )
