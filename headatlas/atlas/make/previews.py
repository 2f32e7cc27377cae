"""Small pictures for places that link to a page: a title, a line below it, and the page's main figure."""

from __future__ import annotations

import io
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from headatlas.atlas.context.definitions import Ideal
from headatlas.atlas.data.model_data import ModelData, Pattern
from headatlas.atlas.draw.colours import family_colour
from headatlas.atlas.draw.wording import plural, words

WIDTH, HEIGHT = 1200, 630  # what social sites ask for
_MARGIN, _FIGURE = 56, 518
_PAPER, _INK, _SOFT, _RAISED = (253, 252, 249), (25, 27, 30), (93, 97, 103), (238, 235, 227)
_COLOURS = 48


def model_preview(model: ModelData) -> bytes:
    """A model: its mosaic by label."""
    lines = [plural(len(model.heads), "head"), f"{len(model.layers)} layers"]
    return _card(model.name, "attention heads", lines, mosaic(model))


def pattern_preview(pattern: Pattern, ideal: Ideal | None) -> bytes:
    """A pattern: its ideal heatmap."""
    figure = None
    if ideal is not None:
        size = (len(ideal.rows), len(ideal.columns))
        figure = np.full((*size, 3), _RAISED, dtype=np.uint8)
        if ideal.causal:
            figure[np.triu(np.ones(size, dtype=bool), 1)] = _PAPER
        for row, column, _ in ideal.targets:
            figure[row, column] = family_colour(pattern.family)
    return _card(words(pattern.name), f"{pattern.family} pattern", [pattern.summary], figure)


def atlas_preview(models: Sequence[ModelData]) -> bytes:
    """The whole atlas: the mosaic of its largest model."""
    largest = max(models, key=lambda model: (len(model.heads), model.name))
    heads = sum(len(model.heads) for model in models)
    lines = [plural(len(models), "model"), plural(heads, "attention head")]
    return _card("An atlas of attention heads", "headatlas", lines, mosaic(largest))


def shades(model: ModelData) -> list[list[tuple[str, float]]]:
    """Layers by heads: the family of a head's first label, and how full its hue is; 0 without one."""
    families = {pattern.name: pattern.family for pattern in model.patterns}
    first = {head: labels[0] for head, labels in model.labels.items() if labels}

    def shade(head: int) -> tuple[str, float]:
        label = first.get(head)
        if label is None:
            return "other", 0.0
        return families.get(label.name, "other"), min(max(label.strength or 1.0, 0.2), 1.0)

    return [[shade(head.id) for head in layer.heads] for layer in model.layers]


def mosaic(model: ModelData) -> np.ndarray:
    """The same as a picture on paper, [row, column, 3] bytes."""
    rows = shades(model)
    figure = np.full((max(len(rows), 1), max([len(row) for row in rows], default=1) or 1, 3), _PAPER, dtype=np.uint8)
    for row, of_layer in enumerate(rows):
        for column, (family, share) in enumerate(of_layer):
            figure[row, column] = np.round(share * np.array(family_colour(family)) + (1 - share) * np.array(_RAISED))
    return figure


def _card(title: str, subtitle: str, lines: Sequence[str], figure: np.ndarray | None) -> bytes:
    image = Image.new("RGB", (WIDTH, HEIGHT), _PAPER)
    draw = ImageDraw.Draw(image)
    room = WIDTH - 2 * _MARGIN
    if figure is not None:
        rows, columns = figure.shape[:2]
        # Cells may be oblong in mosaics; whole pixels keep them sharp.
        cell_height = max(_FIGURE // rows, 1)
        cell_width = max(min(_FIGURE // columns, 2 * cell_height), 1)
        size = (min(columns * cell_width, _FIGURE), min(rows * cell_height, _FIGURE))
        picture = Image.fromarray(figure, "RGB").resize(size, Image.Resampling.NEAREST)
        image.paste(picture, (WIDTH - _MARGIN - size[0], (HEIGHT - size[1]) // 2))
        room = WIDTH - 3 * _MARGIN - size[0]
    top = _MARGIN
    for line in _wrapped(title, max(room // 34, 6))[:3]:
        draw.text((_MARGIN, top), line, fill=_INK, font=_font(64))
        top += 76
    draw.text((_MARGIN, top + 8), subtitle[:60], fill=_SOFT, font=_font(36))
    top += 96
    for line in lines:
        for part in _wrapped(line, max(room // 20, 8))[:6]:
            if top < HEIGHT - _MARGIN - 40:
                draw.text((_MARGIN, top), part, fill=_INK, font=_font(36))
                top += 48
    buffer = io.BytesIO()
    image.quantize(_COLOURS, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE).save(buffer, "PNG", optimize=True)
    return buffer.getvalue()


def _wrapped(text: str, width: int) -> list[str]:
    lines = [""]
    for word in text.split():
        if lines[-1] and len(lines[-1]) + 1 + len(word) > width:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return lines


@lru_cache(maxsize=4)
def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size)
