"""Pictures drawn for this project: what vision models are looked at on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from headatlas.probes import ProbeContext, probe

if TYPE_CHECKING:
    import numpy as np

    from headatlas.inputs.sequence import TokenSequence

N_PICTURES = 24
N_EXAMPLES = 2
SHAPES = ("disc", "box", "triangle")
COLOURS = ((196, 62, 52), (44, 110, 178), (58, 140, 80), (222, 170, 48), (120, 70, 150), (30, 34, 40), (236, 232, 222))


@probe("pictures", version=1, medium="images", smallest_set="quick")
def pictures(context: ProbeContext) -> Iterator[TokenSequence]:
    """Discs, boxes and triangles of one colour on a shaded, slightly noisy ground.

    Each picture has one to three shapes that do not overlap, at random places and sizes. A patch more than
    half of which is covered by a shape has the role `shape` with the shape's number. Pixels are scaled to -1 to 1.
    The first two pictures are kept as examples.
    """
    patch_grid = context.patch_grid
    assert patch_grid is not None
    for index in range(N_PICTURES):
        image, owner = draw(context.random, patch_grid.height, patch_grid.width)
        yield patch_grid.of_image(image, owner, example=index < N_EXAMPLES)


def draw(random: np.random.Generator, height: int, width: int) -> tuple[np.ndarray, np.ndarray]:
    """An image [height, width, 3] in bytes, and the number of the shape at each pixel, -1 for the ground."""
    import numpy as np

    down, across = np.mgrid[0:height, 0:width]
    ground, other = (np.array(COLOURS[i]) for i in random.choice(len(COLOURS), 2, replace=False))
    shade = (down / height * random.uniform(0.1, 0.5))[..., None]
    image = ground * (1 - shade) + other * shade
    owner = np.full((height, width), -1)
    for number in range(int(random.integers(1, 4))):
        size = random.uniform(0.14, 0.28) * min(height, width)
        y, x = random.uniform(size, height - size), random.uniform(size, width - size)
        shape = SHAPES[int(random.integers(len(SHAPES)))]
        if shape == "disc":
            inside = (down - y) ** 2 + (across - x) ** 2 <= size**2
        elif shape == "box":
            inside = (abs(down - y) <= size * 0.85) & (abs(across - x) <= size * 0.85)
        else:
            inside = (abs(down - y) <= size) & (abs(across - x) <= (down - y + size) / 2)
        if (inside & (owner >= 0)).any():
            continue
        owner[inside] = number
        image[inside] = COLOURS[int(random.integers(len(COLOURS)))]
    image = image + random.normal(0, 6, image.shape)
    return np.clip(image, 0, 255).round().astype(np.uint8), owner
