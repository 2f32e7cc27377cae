"""Small pictures of maps: one picture a layer, its heads side by side, of which lists of heads show a part each."""

from __future__ import annotations

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


def file_of(model: ModelData, layer: str) -> str:
    """A layer's picture, from the site's root."""
    return f"{model.slug}/maps/{layer}.webp"


def small_map(model: ModelData, head: Head) -> SmallMap | None:
    """The part of its layer's picture that shows a head; None where the scan kept no maps."""
    if head.attention not in model.shown_small:
        example = example_of(model, head.attention)
        model.shown_small[head.attention] = "" if example is None else sequence_name(example)
    sequence = model.shown_small[head.attention]
    if not sequence:
        return None
    return SmallMap(
        href=file_of(model, head.layer_name),
        x=SIDE * head.head,
        side=SIDE,
        width=SIDE * model.sizes[head.layer_name],
        said=f"Map of {head.name} on “{sequence}”, small, the sink set aside",
    )


def picture(model: ModelData, layer: Layer, maps: LayerMaps) -> bytes:
    """All heads of a layer side by side, as WebP without loss; heads without a map are left blank."""
    wanted = example_of(model, layer.attention)
    kept = next((of_heads for example, of_heads in maps.examples if wanted and example.id == wanted.id), {})
    cells = [
        shrunk(kept[head.id]) if head.id in kept else np.zeros((SIDE, SIDE), dtype=np.uint8) for head in layer.heads
    ]
    return images.strip(np.concatenate(cells, axis=1))


def shrunk(weights: np.ndarray) -> np.ndarray:
    """A map in `SIDE` by `SIDE` bytes: no first column, rows made whole; each cell its largest weight."""
    rest = weights.astype(float)
    total = rest.sum(axis=1, keepdims=True)
    rest[:, 0] = 0
    left = rest.sum(axis=1, keepdims=True)
    # A row that is all sink has nothing left: eight bits do not say where the last percent goes.
    whole = np.divide(rest * total, left, out=np.zeros_like(rest), where=left >= 3)
    for axis in (0, 1):
        steps = np.arange(SIDE) * whole.shape[axis] // SIDE
        whole = np.maximum.reduceat(whole, steps, axis=axis)  # the same again where steps repeat
    return np.asarray(np.minimum(whole, 255).round().astype(np.uint8))
