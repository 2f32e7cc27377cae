"""Pictures inside pages: heatmaps whose pixels can be read back, and small mosaics. PNG as data URIs."""

from __future__ import annotations

import base64
import io
import zlib
from collections.abc import Sequence

import numpy as np
from PIL import Image

from headatlas.atlas.colours import RAMP, family_colour
from headatlas.errors import DatabaseError

_INDEX = np.arange(256)


def unpack(weights: bytes, shape: tuple[int, int]) -> np.ndarray:
    """The [query, key] bytes of a stored heatmap.

    Raises:
        DatabaseError: the stored bytes are not a map of this size.
    """
    try:
        return np.frombuffer(zlib.decompress(weights), dtype=np.uint8).reshape(shape)
    except (zlib.error, ValueError) as error:
        raise DatabaseError(
            f"A stored heatmap is not {shape[0]} by {shape[1]} weights: the database is damaged."
        ) from error


def mean_map(maps: Sequence[np.ndarray]) -> np.ndarray:
    """The mean of several maps, rounded to 8 bits like each of them."""
    mean: np.ndarray = np.stack(maps).mean(axis=0)
    return mean.round().astype(np.uint8)


def heatmap(weights: np.ndarray, causal: bool) -> str:
    """A map as a data URI, one pixel a weight, coloured by `RAMP`.

    In a causal model the cells above the diagonal are transparent: a query cannot look there. Each picture
    carries only the colours it uses, which leaves room for the transparent one and makes it small.
    """
    impossible = np.triu(np.ones(weights.shape, dtype=bool), 1) & causal
    used = np.unique(weights[~impossible])
    n_colours = len(used) + bool(impossible.any())
    if n_colours > 256:
        pixels = np.concatenate([RAMP[weights], np.where(impossible, 0, 255)[..., None].astype(np.uint8)], axis=-1)
        return uri(Image.fromarray(pixels, "RGBA"))
    place = np.zeros(256, dtype=np.uint8)
    place[used] = _INDEX[: len(used)]
    pixels = place[weights]
    palette = RAMP[used].tobytes()
    if not impossible.any():
        return _palette_uri(pixels, palette, b"")
    pixels[impossible] = len(used)
    return _palette_uri(pixels, palette + b"\xff\xff\xff", b"\xff" * len(used) + b"\x00")


def mosaic(values: Sequence[Sequence[float | None]], family: str) -> str:
    """Layers by heads as a data URI, one pixel a head: a value from 0 to 1 is how opaque the family's hue is."""
    width = max(len(row) for row in values)
    alpha = np.zeros((len(values), width), dtype=np.uint8)
    for place, row in enumerate(values):
        alpha[place, : len(row)] = [0 if value is None else round(255 * min(max(value, 0.0), 1.0)) for value in row]
    used, pixels = np.unique(alpha, return_inverse=True)
    palette = bytes(family_colour(family)) * len(used)
    return _palette_uri(pixels.reshape(alpha.shape).astype(np.uint8), palette, used.tobytes())


def _palette_uri(pixels: np.ndarray, palette: bytes, alpha: bytes) -> str:
    image = Image.fromarray(pixels, "P")
    image.putpalette(palette)
    return uri(image, **({"transparency": alpha} if alpha else {}))


def uri(image: Image.Image, **options: bytes) -> str:
    """A picture as a PNG data URI."""
    buffer = io.BytesIO()
    image.save(buffer, "PNG", compress_level=9, **options)
    return "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode("ascii")
