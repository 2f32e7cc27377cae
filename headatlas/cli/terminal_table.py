"""Tables for a terminal: as wide as it is and no wider, without a number or a name broken over two lines.

Texts fold between words. Where even that is too wide, columns that a listing can do without are left out, the least
important first, and a line says which; where it has none to leave out, each row becomes a card of one line a column.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from rich.cells import cell_len, chop_cells

from headatlas.cli.terminal_text import spelled_out

# Between the words of what is not to be folded, such as an interval; printed as a space.
NO_BREAK = "\u00a0"

_GAP = 2  # between columns
_TEXT = 20  # a column of text is not folded to less than this while there are columns to leave out
_NARROWEST = 20  # terminals that say they are narrower than this are not believed


@dataclass(frozen=True)
class Layout:
    """Which columns of a table are shown, by number, how wide each is, and the names of those left out."""

    shown: list[int]
    widths: list[int]
    left_out: list[str]


@dataclass(frozen=True)
class Lines:
    """A table in lines: its head (empty of cards), the rest, and the names of the columns left out."""

    head: list[str]
    body: list[str]
    left_out: list[str]


def terminal_width() -> int:
    """Columns of the terminal, or $COLUMNS; 80 in a pipe."""
    return max(shutil.get_terminal_size().columns, _NARROWEST)


def table_lines(columns: Sequence[str], rows: Sequence[Sequence[Any]], width: int, drop: Sequence[str] = ()) -> Lines:
    """A table, or cards, in lines of at most `width` characters.

    Args:
        columns: names.
        rows: a value for each column; numbers are aligned on the right.
        width: of the terminal.
        drop: columns that can be left out, the least important first.
    """
    columns = [shown(name) for name in columns]
    cells = [[shown(value) for value in row] for row in rows]
    layout = lay_out(columns, cells, width, drop)
    if layout is None:
        return Lines([], _cards(columns, cells, width), [])
    numeric = [any(isinstance(row[number], int | float) for row in rows) for number in layout.shown]
    head = _line([columns[number] for number in layout.shown], layout.widths, numeric)
    body = ["─" * _total(layout.widths)]
    for row in cells:
        body += _line([row[number] for number in layout.shown], layout.widths, numeric)
    return Lines(head, body, layout.left_out)


def lay_out(columns: Sequence[str], cells: Sequence[Sequence[str]], width: int, drop: Sequence[str]) -> Layout | None:
    """The widths of a table's columns; None where it does not fit even without those of `drop`."""
    widest = [max(map(_widest_line, texts)) for texts in _columns(columns, cells)]
    narrowest = [max(map(_widest_word, texts)) for texts in _columns(columns, cells)]
    # What can be folded, but is hard to read in a narrow column.
    readable = [max(low, min(high, _TEXT)) for low, high in zip(narrowest, widest, strict=True)]
    kept = list(range(len(columns)))
    left_out: list[str] = []
    for name in [None, *(name for name in drop if name in columns)]:
        if name is not None:
            kept.remove(columns.index(name))
            left_out.append(name)
        if kept and _total([readable[number] for number in kept]) <= width:
            return Layout(kept, _spread(readable, widest, kept, width), left_out)
    if kept and _total([narrowest[number] for number in kept]) <= width:
        return Layout(kept, _spread(narrowest, widest, kept, width), left_out)
    return None


def shown(value: Any) -> str:
    """A value as it stands in a table: floats with three digits, nothing for None, no control characters."""
    if value is None:
        return ""
    if isinstance(value, bytes):
        return f"<{len(value)} bytes>"
    if isinstance(value, float):
        return f"{value:.3f}" if value == 0 or abs(value) >= 0.0005 else f"{value:.1e}"
    return spelled_out(str(value)).replace("\t", "\\t")


def wrap(text: str, width: int) -> list[str]:
    """A text in lines of at most `width` characters, folded between words; only a longer word is cut."""
    lines = []
    for part in text.split("\n"):
        if cell_len(part) <= width:
            lines.append(part)
            continue
        line = ""
        for word in _words(part):
            longer = f"{line} {word}" if line else word
            if cell_len(longer) <= width:
                line = longer
                continue
            lines += [line] if line else []
            *full, line = chop_cells(word, width)
            lines += full
        lines.append(line)
    return [line.replace(NO_BREAK, " ") for line in lines]


def _columns(columns: Sequence[str], cells: Sequence[Sequence[str]]) -> list[list[str]]:
    """The texts of each column, its name among them."""
    return [[name, *(row[number] for row in cells)] for number, name in enumerate(columns)]


def _words(text: str) -> list[str]:
    return [word for word in re.split(r"[ \t]+", text) if word]


def _widest_line(text: str) -> int:
    return max(map(cell_len, text.split("\n")))


def _widest_word(text: str) -> int:
    return max(map(cell_len, _words(text.replace("\n", " "))), default=0)


def _total(widths: Sequence[int]) -> int:
    return sum(widths) + _GAP * (len(widths) - 1)


def _spread(least: Sequence[int], most: Sequence[int], kept: Sequence[int], width: int) -> list[int]:
    """The widths of the kept columns: at least `least`, and what is left shared out, evenly, up to `most`."""
    widths = {number: least[number] for number in kept}
    spare = width - _total(list(widths.values()))
    while spare > 0:
        wanting = [number for number in kept if widths[number] < most[number]]
        if not wanting:
            break
        for number in sorted(wanting, key=lambda number: most[number] - widths[number]):
            more = min(max(spare // len(wanting), 1), most[number] - widths[number], spare)
            widths[number] += more
            spare -= more
    return [widths[number] for number in kept]


def _line(texts: Sequence[str], widths: Sequence[int], numeric: Sequence[bool]) -> list[str]:
    """A row, over as many lines as its longest text takes."""
    folded = [wrap(text, width) for text, width in zip(texts, widths, strict=True)]
    lines = []
    for number in range(max(map(len, folded))):
        parts = []
        for column, width, is_number in zip(folded, widths, numeric, strict=True):
            part = column[number] if number < len(column) else ""
            space = " " * (width - cell_len(part))
            parts.append(space + part if is_number else part + space)
        lines.append((" " * _GAP).join(parts).rstrip())
    return lines


def _cards(columns: Sequence[str], cells: Sequence[Sequence[str]], width: int) -> list[str]:
    """A card for each row: a line for each column that has something, between blank lines."""
    longest = max(map(cell_len, columns))
    beside = longest + _GAP <= width // 2
    lines: list[str] = []
    for row in cells:
        lines += [""] if lines else []
        for name, text in zip(columns, row, strict=True):
            if not text:
                continue
            if beside:
                first, *others = wrap(text, width - longest - _GAP)
                lines.append(name + " " * (longest + _GAP - cell_len(name)) + first)
                lines += [" " * (longest + _GAP) + line for line in others]
            else:
                lines += [*wrap(name, width), *(" " * _GAP + line for line in wrap(text, width - _GAP))]
    return lines
