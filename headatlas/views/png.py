"""A heatmap as a PNG: the figure of `headatlas.views.svg`, drawn in pixels for where SVG is not taken."""

from __future__ import annotations

import io
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from headatlas.atlas.draw.colours import RAMP
from headatlas.errors import OutputError
from headatlas.views.svg import Grid, axis_labels, grid_of, layout

SCALE = 3  # pixels for each unit of the figure: fine enough for print at its own size
# Fonts with many scripts, by the names they have on Linux, macOS and Windows; Pillow knows where each system has them.
_FONTS = ("DejaVuSans.ttf", "NotoSans-Regular.ttf", "Arial Unicode.ttf", "Menlo.ttc", "seguisym.ttf", "arial.ttf",
          "NotoSansCJK-Regular.ttc", "PingFang.ttc", "msyh.ttc")  # fmt: skip
_NO_CHARACTER = "\uffff"

Font = ImageFont.FreeTypeFont | ImageFont.ImageFont


def heatmap_png(weights: np.ndarray, rows: Sequence[str], columns: Sequence[str], title: str, *, causal: bool) -> bytes:
    """The map of `weights` [query, key] bytes; cells above the diagonal are left out where attention is causal.

    Raises:
        OutputError: no font that is installed has the letters of a token, or it would be too large.
    """
    shared, grid = layout(), grid_of(rows, columns)
    width = grid.left + max(grid.width, shared.min_width) + shared.right_margin
    size = (round(width * SCALE), round((grid.top + grid.height + shared.scale_room) * SCALE))
    image = Image.new("RGB", size, shared.paper)
    draw = ImageDraw.Draw(image)
    _text(draw, shared.title_x, shared.title_y, title, shared.title_size, "ls")
    image.paste(_field(weights, grid, causal, shared.paper), (round(grid.left * SCALE), round(grid.top * SCALE)))
    _names(image, draw, rows, columns, grid)
    _scale(image, draw, grid)
    buffer = io.BytesIO()
    image.save(buffer, "PNG", optimize=True)
    return buffer.getvalue()


def _field(weights: np.ndarray, grid: Grid, causal: bool, paper: str) -> Image.Image:
    field = Image.fromarray(RAMP[weights], "RGB")
    if causal:
        visible = Image.fromarray(np.tril(np.full(weights.shape, 255, np.uint8)), "L")
        field = Image.composite(field, Image.new("RGB", field.size, paper), visible)
    return field.resize((grid.width * SCALE, grid.height * SCALE), Image.Resampling.NEAREST)


def _names(
    image: Image.Image, draw: ImageDraw.ImageDraw, rows: Sequence[str], columns: Sequence[str], grid: Grid
) -> None:
    shared = layout()
    for position, text in axis_labels(rows, grid.long):
        y = grid.top + (position + 0.5) * grid.cell
        _text(draw, grid.left - shared.token_gap, y, text, shared.font_size, "rm")
    for position, text in axis_labels(columns, grid.long):
        font = font_of(text, round(shared.font_size * SCALE))
        length = max(1, round(font.getlength(text)))
        height = round(grid.cell * SCALE) if not grid.long else round(1.4 * shared.font_size * SCALE)
        name = Image.new("L", (length, height), 0)
        ImageDraw.Draw(name).text((0, height / 2), text, fill=255, font=font, anchor="lm")
        turned = name.rotate(90, expand=True)
        x = round((grid.left + (position + 0.5) * grid.cell) * SCALE - height / 2)
        corner = (x, round((grid.top - shared.token_gap) * SCALE) - length)
        image.paste(Image.new("RGB", turned.size, shared.ink), corner, turned)


def _scale(image: Image.Image, draw: ImageDraw.ImageDraw, grid: Grid) -> None:
    shared = layout()
    length = shared.scale_steps * shared.scale_step_width
    left, top = grid.left, grid.top + grid.height + shared.scale_gap
    colours = RAMP[np.linspace(0, 255, shared.scale_steps).round().astype(int)][None]
    bar = Image.fromarray(colours, "RGB").resize((round(length * SCALE), round(shared.scale_height * SCALE)))
    image.paste(bar, (round(left * SCALE), round(top * SCALE)))
    for tick in shared.scale_ticks:
        _text(draw, left + length * tick, top + shared.scale_tick_y, f"{tick:g}", shared.font_size, "ms")


def _text(draw: ImageDraw.ImageDraw, x: float, y: float, text: str, size: float, anchor: str) -> None:
    font = font_of(text, round(size * SCALE))
    draw.text((x * SCALE, y * SCALE), text, fill=layout().ink, font=font, anchor=anchor)


def font_of(text: str, size: int) -> Font:
    """The first font that has every letter of a text, `size` pixels high.

    Raises:
        OutputError: none that is installed has.
    """
    missing = ""
    for number in (*range(len(_FONTS)), -1):
        font = _font(number, size)
        if font is not None:
            lacking = [letter for letter in text if not _has(number, letter)]
            if not lacking:
                return font
            missing = missing or lacking[0]
    raise OutputError(
        f"No font that is installed has the letter '{missing}' of '{text}', so no PNG can be made. Write SVG instead "
        "(--svg), or a page (--out)."
    )


@lru_cache(maxsize=64)
def _font(number: int, size: int) -> Font | None:
    """A font of `_FONTS`, None where it is not installed; -1 is the one that Pillow brings."""
    try:
        return ImageFont.load_default(size) if number < 0 else ImageFont.truetype(_FONTS[number], size)
    except (OSError, ImportError):
        return None


@lru_cache(maxsize=4096)
def _has(number: int, letter: str) -> bool:
    """Whether a font has a letter: what it has not, it draws as it draws a character that does not exist."""
    if letter.isspace():
        return True
    font = _font(number, 32)
    assert font is not None
    return bytes(font.getmask(letter)) != bytes(font.getmask(_NO_CHARACTER))
