"""Pictures inside pages: heatmaps whose pixels can be read back, and small mosaics; lossless WebP in data URIs."""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence

import numpy as np
from PIL import Image

from headatlas.atlas.draw.colours import RAMP, family_colour
from headatlas.store.blobs import inflate

_TINT = np.array((255, 120, 0))
# Of each weight its colour and that it is opaque, red in the first byte; 0 is transparent.
_OPAQUE = np.concatenate([RAMP, np.full((len(RAMP), 1), 255, RAMP.dtype)], axis=1).view(np.uint32)[:, 0]


def unpack(weights: bytes, shape: tuple[int, int]) -> np.ndarray:
    """The [query, key] bytes of a stored heatmap.

    Raises:
        DatabaseError: the stored bytes are not a map of this size.
    """
    packed = inflate(weights, shape[0] * shape[1], "A stored heatmap")
    return np.frombuffer(packed, dtype=np.uint8).reshape(shape)


def mean_map(maps: Sequence[np.ndarray]) -> np.ndarray:
    """The mean of several maps [query, key] of one size, rounded to 8 bits like each of them."""
    mean: np.ndarray = np.stack(maps).mean(axis=0)
    return mean.round().astype(np.uint8)


def heatmap(weights: np.ndarray, causal: bool) -> str:
    """A map of [query, key] bytes as a data URI, one pixel a weight, coloured by `RAMP`.

    In a causal model the cells above the diagonal are transparent: a query cannot look there.
    """
    if not causal or weights.shape[1] < 2:  # of one column nothing lies above the diagonal
        return uri(Image.fromarray(RAMP[weights], "RGB"))
    # Four bytes as one number: of a map of nine million weights this takes an eighth of the time of colour by colour.
    pixels = np.tril(_OPAQUE[weights])
    return uri(Image.fromarray(pixels.view(np.uint8).reshape(*weights.shape, 4), "RGBA"))


def mosaic(values: Sequence[Sequence[float | None]], family: str) -> str:
    """Layers by heads as a data URI, one pixel a head: a value from 0 to 1 is how opaque the family's hue is."""
    width = max(len(row) for row in values)
    alpha = np.zeros((len(values), width), dtype=np.uint8)
    for position, row in enumerate(values):
        alpha[position, : len(row)] = [0 if value is None else round(255 * min(max(value, 0.0), 1.0)) for value in row]
    pixels = np.empty((*alpha.shape, 4), dtype=np.uint8)
    pixels[..., :3], pixels[..., 3] = family_colour(family), alpha
    return uri(Image.fromarray(pixels, "RGBA"))


def shaded(rows: Sequence[Sequence[tuple[str, float]]]) -> str:
    """Layers by heads as a data URI, one pixel a head: a family's hue, as opaque as a share from 0 to 1 says."""
    pixels = np.zeros((max(len(rows), 1), max([len(row) for row in rows], default=1) or 1, 4), dtype=np.uint8)
    for position, row in enumerate(rows):
        for column, (family, share) in enumerate(row):
            pixels[position, column] = *family_colour(family), round(255 * min(max(share, 0.0), 1.0))
    return uri(Image.fromarray(pixels, "RGBA"))


def tinted(image: Image.Image, seen: np.ndarray, min_width: int) -> Image.Image:
    """A picture in grey, tinted by weights [row, column] of its patches, up to the largest; drawn larger if small."""
    rows, columns = seen.shape
    grey = image.convert("L").convert("RGB")
    scale = max(1, -(-min_width // grey.width))
    grey = grey.resize((grey.width * scale, grey.height * scale), Image.Resampling.NEAREST)
    pixels = np.asarray(grey, dtype=float)
    down, across = np.arange(grey.height) * rows // grey.height, np.arange(grey.width) * columns // grey.width
    opacity = 0.8 * (seen / (float(seen.max()) or 1.0))[down][:, across][..., None]
    return Image.fromarray((pixels * (1 - opacity) + _TINT * opacity).round().astype(np.uint8))


def strip(weights: np.ndarray) -> bytes:
    """Weights coloured by `RAMP`, [row, column] bytes, as the bytes of a WebP without loss.

    Pictures so small are no smaller for more effort, which takes a hundred times as long.
    """
    buffer = io.BytesIO()
    Image.fromarray(RAMP[weights], "RGB").save(buffer, "WEBP", lossless=True, quality=50)
    return buffer.getvalue()


def uri(image: Image.Image) -> str:
    """A picture as a data URI: WebP without loss, three tenths smaller than PNG for maps."""
    buffer = io.BytesIO()
    image.save(buffer, "WEBP", lossless=True, exact=True)
    return "data:image/webp;base64," + base64.b64encode(buffer.getvalue()).decode("ascii")
