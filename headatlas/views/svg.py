"""A heatmap as a figure for a paper: SVG with tokens on both axes and the scale."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import numpy as np

from headatlas.atlas.draw import images
from headatlas.atlas.draw.colours import RAMP
from headatlas.atlas.draw.glyphs import short

CELL, SMALL_CELL = 14, 2
_DRAWN = 80  # longer sequences are a picture inside the SVG, with positions instead of tokens
_LETTER = 6.4


def heatmap_svg(weights: np.ndarray, rows: Sequence[str], columns: Sequence[str], title: str, *, causal: bool) -> str:
    """The map of `weights` [query, key] bytes; cells above the diagonal are left out where attention is causal."""
    long = max(len(rows), len(columns)) > _DRAWN
    cell = SMALL_CELL if long else CELL
    left, top = (48.0, 66.0) if long else (_room(rows), _room(columns) + 26)
    width, height = len(columns) * cell, len(rows) * cell
    whole = f"{left + max(width, 220) + 12:.0f} {top + height + 56:.0f}"
    size = 'width="{}" height="{}"'.format(*whole.split())
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {whole}" {size} font-size="10" fill="#191b1e" '
        'font-family="ui-sans-serif, Helvetica, Arial, sans-serif">',
        '<rect width="100%" height="100%" fill="#fff"/>',
        f'<text x="4" y="16" font-size="13" font-weight="600">{escape(title)}</text>',
        f'<g transform="translate({left:.1f} {top:.1f})" shape-rendering="crispEdges">',
    ]
    if long:
        uri = images.heatmap(weights, causal)
        parts.append(f'<image href="{uri}" width="{width}" height="{height}" style="image-rendering: pixelated"/>')
    else:
        square = f'width="{cell}" height="{cell}"'
        parts += [
            f'<rect x="{key * cell}" y="{query * cell}" {square} fill="{_hex(weights[query, key])}"/>'
            for query in range(len(rows))
            for key in range(query + 1 if causal else len(columns))
        ]
    parts += ["</g>", '<g font-family="ui-monospace, Menlo, Consolas, monospace">']
    every = 20 if long else 1
    for place in range(0, len(rows), every):
        shown = str(place) if long else short(rows[place], 16)
        parts.append(_text(left - 5, top + (place + 0.5) * cell + 3.5, shown, 'text-anchor="end"'))
    for place in range(0, len(columns), every):
        shown = str(place) if long else short(columns[place], 16)
        turn = f'transform="translate({left + (place + 0.5) * cell + 3.5:.1f} {top - 5:.1f}) rotate(-90)"'
        parts.append(f"<text {turn}>{escape(shown)}</text>")
    parts += ["</g>", f'<g transform="translate({left:.1f} {top + height + 16:.1f})">']
    for place in range(64):
        parts.append(f'<rect x="{3 * place}" width="3.2" height="9" fill="{_hex(round(255 * place / 63))}"/>')
    parts += [_text(192 * tick, 21, f"{tick:g}", 'text-anchor="middle"') for tick in (0, 0.25, 0.5, 0.75, 1)]
    return "\n".join([*parts, "</g>", "</svg>", ""])


def _room(tokens: Sequence[str]) -> float:
    return 10 + _LETTER * max((len(short(token, 16)) for token in tokens), default=0)


def _text(x: float, y: float, text: str, options: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" {options}>{escape(text)}</text>'


def _hex(weight: int) -> str:
    return "#" + "".join(f"{int(value):02x}" for value in RAMP[int(weight)])
