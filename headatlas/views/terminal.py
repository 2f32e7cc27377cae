"""Attention as coloured blocks in a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from rich.cells import set_cell_size
from rich.style import Style
from rich.text import Text

from headatlas.atlas.draw import colours
from headatlas.atlas.draw.glyphs import short, visible

CELL = 4  # columns of a weight: three digits and a space
NAME = 12  # columns of a token before its row
# Room for the position and the token before a row.
MARGIN = CELL + NAME + 1


def blocks(weights: np.ndarray, tokens: Sequence[str], title: str, causal: bool, width: int = 80) -> Text:
    """A map of `weights` [query, key] bytes for a terminal `width` columns wide, coloured where a console can.

    Numbers are hundredths of the query's attention. Keys that do not fit beside each other come in several tables,
    whose columns are headed by position and token.
    """
    text = Text(" ".join(map(visible, title.split(" "))) + "\n", no_wrap=True)
    text.append("Row: the token that looks; column: the token looked at; numbers: hundredths of the row's attention.\n")
    n_keys = max(1, (width - MARGIN) // CELL)
    for first in range(0, len(tokens), n_keys):
        keys = range(first, min(first + n_keys, len(tokens)))
        text.append("\n")
        text.append_text(_head(tokens, keys))
        for query in range(first if causal else 0, len(tokens)):
            text.append_text(_row(weights[query], tokens, query, keys, causal))
    return text


def _head(tokens: Sequence[str], keys: range) -> Text:
    """Positions of the columns, and under them the beginnings of their tokens."""
    positions = "".join(f"{key:>{CELL}}" for key in keys)
    names = "".join(" " + set_cell_size(short(tokens[key].strip() or tokens[key], CELL - 1), CELL - 1) for key in keys)
    return Text(f"{'':{MARGIN}}{positions}\n{'':{MARGIN}}{names.rstrip()}\n")


def _row(weights: np.ndarray, tokens: Sequence[str], query: int, keys: range, causal: bool) -> Text:
    name = set_cell_size(short(tokens[query], NAME), NAME)
    text = Text(f"{query:>{CELL - 1}} {name} ")
    for shown, style in _cells(weights, query, keys, causal):
        text.append(shown, style)
    text.append("\n")
    return text


def _cells(weights: np.ndarray, query: int, keys: range, causal: bool) -> Iterator[tuple[str, Style]]:
    for key in keys:
        if causal and key > query:
            return
        red, green, blue = (int(value) for value in colours.RAMP[weights[key]])
        light = 0.2126 * red + 0.7152 * green + 0.0722 * blue > 128
        style = Style(bgcolor=f"rgb({red},{green},{blue})", color="black" if light else "white")
        yield f"{round(100 * int(weights[key]) / 255):>{CELL}}", style
