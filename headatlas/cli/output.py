"""Listings on standard output: a table for people, JSON or CSV for programs."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Iterable, Sequence
from typing import Any

MAX_UNFOLDED = 22  # characters a table's cell may have without being folded
MIN_FOLDED = 10  # characters that a folded column has at least


def write(columns: Sequence[str], rows: Iterable[Sequence[Any]], form: str, caption: str = "") -> None:
    """Prints rows as a 'table', 'json' (a list of objects) or 'csv'. The caption is only for tables."""
    if form == "json":
        json.dump([dict(zip(columns, map(_plain, row), strict=True)) for row in rows], sys.stdout,
                  ensure_ascii=False, indent=1)  # fmt: skip
        sys.stdout.write("\n")
    elif form == "csv":
        writer = csv.writer(sys.stdout, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(rows)
    else:
        _table(columns, list(rows), caption)


def say_cut(shown: int, n_rows: int) -> None:
    """Says on standard error that there are more rows than were printed."""
    if shown < n_rows:
        sys.stderr.write(f"{shown:,} of {n_rows:,} rows; --limit 0 gives all.\n")


def _table(columns: Sequence[str], rows: list[Sequence[Any]], caption: str) -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console(soft_wrap=False)
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    widths = [max([len(column), *(len(_shown(row[i])) for row in rows)]) for i, column in enumerate(columns)]
    needed = 0
    fits = sum(widths) + 3 * len(widths) <= console.width
    for i, (column, width) in enumerate(zip(columns, widths, strict=True)):
        numeric = any(isinstance(row[i], int | float) for row in rows)
        # Names stay unbroken where there is room, numbers always; long texts fold.
        unbroken = width <= MAX_UNFOLDED and (fits or numeric)
        min_width = width if numeric else min(width, MIN_FOLDED)
        table.add_column(
            column, justify="right" if numeric else "left", overflow="fold", no_wrap=unbroken, min_width=min_width
        )
        needed += min_width + 3
    if needed > console.width:  # rather lines that are too long than columns that are left out
        console.width = needed
    for row in rows:
        # Text, not markup: names and tokens may contain square brackets.
        table.add_row(*(Text(_shown(value)) for value in row))
    console.print(table)
    if caption:  # under the table, but not squeezed into its width
        console.print(Text(caption))


def _plain(value: Any) -> Any:
    return f"<{len(value)} bytes>" if isinstance(value, bytes) else value


def _shown(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.3f}" if value == 0 or abs(value) >= 0.0005 else f"{value:.1e}"
    return str(_plain(value))
