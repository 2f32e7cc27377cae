"""Small pictures of maps: some layers in one picture, a row each, of which lists of heads show a part each."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from headatlas.atlas.context.mosaics import SmallMap
from headatlas.atlas.data.model_data import Example, Head, Layer, ModelData
from headatlas.atlas.draw import images
from headatlas.atlas.make.maps import LayerMaps, reading_rank, sequence_name

SIDE = 28  # pixels of a map


def example_of(model: ModelData, attention: str) -> Example | None:
    """The sequence that small maps show: the one that pages of heads begin with; None where none was kept."""
    kept = [example for example in model.examples if example.read_by(attention) and all(example.sides(attention))]
    return min(kept, key=lambda example: reading_rank(example.probe), default=None)


def file_of(model: ModelData, number: int) -> str:
    """The picture of a group of layers, from the site's root."""
    return f"{model.slug}/maps/{number}.webp"


def small_map(model: ModelData, head: Head) -> SmallMap | None:
    """The part of its layer's picture that shows a head; None where the scan kept no maps."""
    if head.attention not in model.shown_small:
        example = example_of(model, head.attention)
        model.shown_small[head.attention] = "" if example is None else sequence_name(example)
    sequence = model.shown_small[head.attention]
    if not sequence:
        return None
    number = model.group_of[head.layer_name]
    group = model.layer_groups[number]
    return SmallMap(
        href=file_of(model, number),
        x=SIDE * head.head,
        y=SIDE * [layer.name for layer in group].index(head.layer_name),
        side=SIDE,
        width=SIDE * _columns(group),
        height=SIDE * len(group),
        said=f"Map of {head.name} on “{sequence}”, small, the sink set aside",
    )


def picture(model: ModelData, layers: Sequence[tuple[Layer, LayerMaps]]) -> bytes:
    """Layers from top to bottom, heads side by side, as WebP without loss; heads without a map are left blank."""
    cells = np.zeros((len(layers), SIDE, _columns([layer for layer, _ in layers]), SIDE), dtype=np.uint8)
    for row, (layer, maps) in enumerate(layers):
        wanted = example_of(model, layer.attention)
        for example, kept in maps.examples:
            if wanted is None or example.id != wanted.id:
                continue
            for head in layer.heads:
                if head.id in kept:
                    cells[row, :, head.head] = shrunk(kept[head.id], example.resting)
    return images.strip(cells.reshape(len(layers) * SIDE, -1))


def _columns(layers: Sequence[Layer]) -> int:
    return max((head.head + 1 for layer in layers for head in layer.heads), default=0)


def shrunk(weights: np.ndarray, resting: Sequence[int] = ()) -> np.ndarray:
    """A map in `SIDE` by `SIDE` bytes: no first column, none of `resting`, rows made whole; cells: largest weights."""
    rest = weights.astype(float)
    total = rest.sum(axis=1, keepdims=True)
    rest[:, [0, *resting]] = 0
    left = rest.sum(axis=1, keepdims=True)
    # A row that is all sink has nothing left: eight bits do not say where the last percent goes.
    whole = np.divide(rest * total, left, out=np.zeros_like(rest), where=left >= 3)
    for axis in (0, 1):
        steps = np.arange(SIDE) * whole.shape[axis] // SIDE
        whole = np.maximum.reduceat(whole, steps, axis=axis)  # the same again where steps repeat
    return np.asarray(np.minimum(whole, 255).round().astype(np.uint8))
