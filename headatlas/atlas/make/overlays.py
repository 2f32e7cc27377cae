"""Attention drawn over the image that a vision model looked at."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image

from headatlas.atlas.context.heatmaps import Overlay, PatchPicture
from headatlas.atlas.data.model_data import Example
from headatlas.atlas.draw import images

_MIN_WIDTH = 160  # pixels; smaller images are drawn larger, so that the outline of a patch can be seen
_POSITIONS = ((0.25, 0.25), (0.5, 0.5), (0.75, 0.75))  # of the patches whose attention is drawn, as shares of the image


def overlays(example: Example, weights: np.ndarray, head: str) -> list[Overlay]:
    """What the class token and three patches look at, one picture each; none for a sequence without an image.

    Of a picture within a text: what each word behind it looks at, from its last piece. Of a picture with a prompt whose
    `weights` are of cross-attention: from where each word of the prompt is looked at.

    `weights` are [query, key] bytes, 255 is 1.

    The image is grey; the tint is the weight of each patch, relative to the largest of the picture. The patch that
    looks is outlined.
    """
    if example.image is None or example.grid is None:
        return []
    is_cross = _is_cross(example, weights)
    if example.crossed is not None and not is_cross:
        return []  # self-attention of a text, in which no picture stands
    if is_cross and example.crossed is None:
        return word_maps(example, weights, head)
    rows, columns = example.grid
    where = example.crossed or example.patches
    first, stop = where.start, where.stop
    patches = [first + int(down * rows) * columns + int(across * columns) for down, across in _POSITIONS]
    of_image = {query: example.tokens[query] for query in [*range(min(first, 1)), *dict.fromkeys(patches)]}
    drawn = []
    for query, name in (_words_behind(example) or of_image).items():
        if is_cross and not weights[query].any():
            continue  # a word before the picture, which does not see it
        seen = weights[query, first:stop].reshape(rows, columns)
        own = divmod(query - first, columns) if first <= query < stop and not is_cross else None
        picture = _drawn(example.image, seen, own)
        drawn.append(
            Overlay(
                title=f"{name}: up to {seen.max() / 255:.2f}",
                uri=images.uri(picture),
                width=picture.width,
                height=picture.height,
                alternative=f"The image, tinted where {name} looks in {head}; "
                f"{seen.sum() / 255:.2f} of its attention is on patches",
            )
        )
    return drawn


def patch_picture(example: Example, weights: np.ndarray) -> PatchPicture | None:
    """The image of a sequence, and which rows and columns of `weights` [query, key] are its patches; None without."""
    if example.image is None or example.grid is None:
        return None
    is_cross = _is_cross(example, weights)
    if example.crossed is None:
        queries, keys = example.patches.start, -1 if is_cross else example.patches.start
    elif is_cross:
        queries, keys = -1, example.crossed.start
    else:
        return None  # self-attention of a text, in which no picture stands
    rows, columns = example.grid
    image = Image.open(io.BytesIO(example.image)).convert("RGB")
    return PatchPicture(uri=images.uri(image), rows=rows, columns=columns, queries=queries, keys=keys)


def _is_cross(example: Example, weights: np.ndarray) -> bool:
    return bool(example.source) and weights.shape == (len(example.tokens), len(example.source))


def _words_behind(example: Example) -> dict[int, str]:
    """The words behind a picture within a text, by the position of their last piece; of marks only the very last."""
    words: dict[int, str] = {}
    before = ""
    for position in example.behind:
        token = example.tokens[position]
        goes_on = token[:1].isalnum() and before[-1:].isalnum()
        words[position] = words.pop(position - 1, "") + token if goes_on else token
        before = token
    last = example.behind[-1:]
    return {position: word.strip() for position, word in words.items() if word.strip().isalnum() or position in last}


def word_maps(example: Example, weights: np.ndarray, head: str) -> list[Overlay]:
    """The picture for each word of its prompt, tinted where it is looked at; `weights` [place, token] in 255ths."""
    assert example.image is not None
    assert example.grid is not None
    drawn = []
    for token, name in enumerate(example.source):
        seen = weights[:, token].reshape(example.grid)
        if name == example.source[-1] and token < len(example.source) - 1:
            continue  # of padding, which is all the same token, the last is enough
        picture = _drawn(example.image, seen, None)
        drawn.append(
            Overlay(
                title=f"{name.strip()}: up to {seen.max() / 255:.2f}",
                uri=images.uri(picture),
                width=picture.width,
                height=picture.height,
                alternative=f"The picture, tinted where {head} looks at {name.strip()}",
            )
        )
    return drawn


def _drawn(image: bytes, seen: np.ndarray, own: tuple[int, int] | None) -> Image.Image:
    picture = images.tinted(Image.open(io.BytesIO(image)), seen, _MIN_WIDTH)
    if own is None:
        return picture
    pixels = np.array(picture)
    (rows, columns), (height, width) = seen.shape, pixels.shape[:2]
    down, across = np.arange(height) * rows // height, np.arange(width) * columns // width
    inside = (down == own[0])[:, None] & (across == own[1])
    core = inside.copy()
    for axis, step in ((0, 1), (0, -1), (1, 1), (1, -1)):
        for shift in (step, 2 * step):
            core &= np.roll(inside, shift, axis)
    pixels[inside & ~core] = (20, 90, 200)
    return Image.fromarray(pixels)
