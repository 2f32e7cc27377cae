"""A heatmap as a figure for a paper: SVG with tokens on both axes and the scale.

The script of a head's page draws the same figure; the measures of both stand in templates/figure.json.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from html import escape

import numpy as np

from headatlas.atlas.build.templating import templates_folder
from headatlas.atlas.draw import images
from headatlas.atlas.draw.colours import RAMP
from headatlas.atlas.draw.glyphs import short


@dataclass(frozen=True, kw_only=True)
class Layout:
    """Measures of the figure, in units of the drawing, which are CSS pixels; exactly what figure.json holds."""

    font: str
    token_font: str
    font_size: float
    ink: str
    paper: str
    title_x: float
    title_y: float
    title_size: float
    title_weight: int
    title_room: float
    title_letter_width: float
    cell: int
    small_cell: int
    max_cells: int  # longer sequences are a picture inside the SVG, with positions instead of tokens
    max_letters: int
    letter_width: float
    token_margin: float
    token_gap: float
    baseline: float
    number_room: float
    number_step: int
    min_width: float
    right_margin: float
    scale_steps: int
    scale_step_width: float
    scale_rect_width: float  # a little wider than a step, so that no gap shows
    scale_height: float
    scale_gap: float
    scale_ticks: Sequence[float]
    scale_tick_y: float
    scale_room: float


@lru_cache(maxsize=1)
def layout() -> Layout:
    """The measures that this module and the script share."""
    return Layout(**json.loads((templates_folder() / "figure.json").read_text(encoding="utf-8")))


@dataclass(frozen=True)
class Grid:
    """Where the field of weights lies."""

    cell: int
    left: float
    top: float
    width: int
    height: int
    long: bool


def heatmap_svg(weights: np.ndarray, rows: Sequence[str], columns: Sequence[str], title: str, *, causal: bool) -> str:
    """The map of `weights` [query, key] bytes; cells above the diagonal are left out where attention is causal."""
    shared = layout()
    grid = grid_of(rows, columns)
    title_room = shared.title_x + shared.title_letter_width * len(title)
    width = max(grid.left + max(grid.width, shared.min_width), title_room) + shared.right_margin
    height = grid.top + grid.height + shared.scale_room
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" width="{width:g}" '
        f'height="{height:g}" font-size="{shared.font_size}" fill="{shared.ink}" font-family="{shared.font}">',
        f'<rect width="{width:g}" height="{height:g}" fill="{shared.paper}"/>',
        f'<text x="{shared.title_x}" y="{shared.title_y}" font-size="{shared.title_size}" '
        f'font-weight="{shared.title_weight}">{escape(title)}</text>',
        *_field(weights, grid, causal),
        *_names(rows, columns, grid),
        *_scale(grid),
        "</svg>",
        "",
    ]
    return "\n".join(parts)


def grid_of(rows: Sequence[str], columns: Sequence[str]) -> Grid:
    """Where the field lies, beside and below the room that the tokens need."""
    shared = layout()
    long = max(len(rows), len(columns)) > shared.max_cells
    cell = shared.small_cell if long else shared.cell
    left, top = (shared.number_room if long else _room(tokens) for tokens in (rows, columns))
    return Grid(cell, left, top + shared.title_room, len(columns) * cell, len(rows) * cell, long)


def _field(weights: np.ndarray, grid: Grid, causal: bool) -> list[str]:
    if grid.long:
        size = f'width="{grid.width}" height="{grid.height}"'
        uri = images.heatmap(weights, causal)
        cells = [f'<image href="{uri}" {size} style="image-rendering: pixelated"/>']
    else:
        square = f'width="{grid.cell}" height="{grid.cell}"'
        cells = [
            f'<rect x="{key * grid.cell}" y="{query * grid.cell}" {square} fill="{_hex(weights[query, key])}"/>'
            for query in range(weights.shape[0])
            for key in range(query + 1 if causal else weights.shape[1])
        ]
    move = f'transform="translate({grid.left:g} {grid.top:g})"'
    return [f'<g {move} shape-rendering="crispEdges">', *cells, "</g>"]


def _names(rows: Sequence[str], columns: Sequence[str], grid: Grid) -> list[str]:
    """Tokens on both axes, or each so many positions."""
    shared = layout()
    parts = [f'<g font-family="{shared.token_font}">']
    for position, text in axis_labels(rows, grid.long):
        y = grid.top + (position + 0.5) * grid.cell + shared.baseline
        parts.append(_text(grid.left - shared.token_gap, y, text, 'text-anchor="end"'))
    for position, text in axis_labels(columns, grid.long):
        x = grid.left + (position + 0.5) * grid.cell + shared.baseline
        turn = f'transform="translate({x:g} {grid.top - shared.token_gap:g}) rotate(-90)"'
        parts.append(f"<text {turn}>{escape(text)}</text>")
    return [*parts, "</g>"]


def axis_labels(tokens: Sequence[str], long: bool) -> list[tuple[int, str]]:
    """Positions of an axis with what stands there: tokens, or where there are many each so many positions."""
    shared = layout()
    if long:
        return [(position, str(position)) for position in range(0, len(tokens), shared.number_step)]
    return [(position, short(token, shared.max_letters)) for position, token in enumerate(tokens)]


def _scale(grid: Grid) -> list[str]:
    shared = layout()
    size = f'width="{shared.scale_rect_width}" height="{shared.scale_height}"'
    y = grid.top + grid.height + shared.scale_gap
    parts = [f'<g transform="translate({grid.left:g} {y:g})">']
    for step in range(shared.scale_steps):
        colour = _hex(round(255 * step / (shared.scale_steps - 1)))
        parts.append(f'<rect x="{step * shared.scale_step_width}" {size} fill="{colour}"/>')
    length = shared.scale_steps * shared.scale_step_width
    parts += [
        _text(length * tick, shared.scale_tick_y, f"{tick:g}", 'text-anchor="middle"') for tick in shared.scale_ticks
    ]
    return [*parts, "</g>"]


def _room(tokens: Sequence[str]) -> float:
    shared = layout()
    letters = max((len(short(token, shared.max_letters)) for token in tokens), default=0)
    return shared.token_margin + shared.letter_width * letters


def _text(x: float, y: float, text: str, options: str) -> str:
    return f'<text x="{x:g}" y="{y:g}" {options}>{escape(text)}</text>'


def _hex(weight: int) -> str:
    return "#" + "".join(f"{int(value):02x}" for value in RAMP[int(weight)])
