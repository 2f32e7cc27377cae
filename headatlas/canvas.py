"""What probes need to know of a vision model: how large its images are, and into which tokens they are cut."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from headatlas.errors import ModelError
from headatlas.tokens import TokenSequence


@dataclass(frozen=True)
class Canvas:
    """An image of `height` by `width` pixels in patches of `patch` by `patch`, after `n_special` other tokens."""

    height: int
    width: int
    patch: int
    n_special: int

    @property
    def grid(self) -> tuple[int, int]:
        """Rows and columns of patches."""
        return self.height // self.patch, self.width // self.patch

    def sequence(self, image: np.ndarray, owner: np.ndarray, *, example: bool = False) -> TokenSequence:
        """An image [height, width, 3] as tokens, one a patch, row by row.

        `owner` [height, width] holds the number of the shape at each pixel, -1 for none.
        """
        rows, columns = self.grid
        shape: dict[int, int] = {}
        for place in range(rows * columns):
            row, column = divmod(place, columns)
            block = owner[row * self.patch : (row + 1) * self.patch, column * self.patch : (column + 1) * self.patch]
            numbers, counts = np.unique(block[block >= 0], return_counts=True)
            if len(counts) and counts.max() > block.size / 2:
                shape[place + self.n_special] = int(numbers[counts.argmax()])
        n_patches = rows * columns
        names = ("[CLS]", *(f"[extra {i}]" for i in range(1, self.n_special)))[: self.n_special]
        return TokenSequence(
            ids=tuple(range(self.n_special + n_patches)),
            texts=(*names, *(f"r{i // columns + 1}c{i % columns + 1}" for i in range(n_patches))),
            special=(True,) * self.n_special + (False,) * n_patches,
            roles={"shape": shape},
            example=example,
            image=image,
            grid=self.grid,
        )


def canvas_of(model: Any) -> Canvas:
    """The canvas of a Hugging Face vision model, from its configuration.

    Raises:
        ModelError: the configuration does not say how images are cut into patches.
    """
    config = model.config
    size, patch = getattr(config, "image_size", None), getattr(config, "patch_size", None)
    patch = patch[0] if isinstance(patch, list | tuple) and len(set(patch)) == 1 else patch
    if not isinstance(patch, int) or size is None:
        raise ModelError(f"The configuration of {type(model).__name__} gives no image size and square patch size.")
    height, width = (size, size) if isinstance(size, int) else size
    # The class token, and DeiT's distillation token or the registers of later models.
    extra = getattr(config, "num_register_tokens", 0) or 0
    distilled = any(name.endswith("distillation_token") for name, _ in model.named_parameters())
    return Canvas(int(height), int(width), patch, 1 + int(extra) + int(distilled))
