"""What the tokens of a picture stand for: the whole picture or a closer view of it in a grid, row ends, or no place."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from jaxtyping import Int

from headatlas.errors import ModelError
from headatlas.inputs.patch_grid import patch_names

Grid = tuple[int, int]


@dataclass(frozen=True)
class PictureTokens:
    """The tokens of one picture, in order: what each is called, and the cell of a grid that it is, where it is one.

    `grid` has the rows and columns of the whole picture's tokens, which come first; it is None where tokens have no
    place. A cell is its grid and its number in it, row by row.
    """

    names: tuple[str, ...]
    cells: tuple[tuple[Grid, int] | None, ...]
    grid: Grid | None

    def owners(self, owner: Int[np.ndarray, "height width"]) -> dict[int, int]:
        """The thing that covers more than half of a token's cell, by the token's number, where one does.

        `owner` holds the number of the thing at each pixel, -1 for none.
        """
        by_grid = {grid: _owners(owner, grid) for grid in {cell[0] for cell in self.cells if cell is not None}}
        covered = {number: by_grid[cell[0]].get(cell[1]) for number, cell in enumerate(self.cells) if cell is not None}
        return {number: thing for number, thing in covered.items() if thing is not None}


def in_a_grid(grid: Grid) -> PictureTokens:
    """One token for each cell of a grid."""
    cells = tuple((grid, number) for number in range(grid[0] * grid[1]))
    return PictureTokens(tuple(patch_names(grid)), cells, grid)


def in_a_square(n_tokens: int, _: int = 0) -> PictureTokens:
    """As many tokens as a square has cells.

    Raises:
        ModelError: no square has so many.
    """
    side = math.isqrt(n_tokens)
    if not n_tokens or side**2 != n_tokens:
        raise ModelError(f"the picture has {n_tokens} tokens, which are not one each for the cells of a grid")
    return in_a_grid((side, side))


def in_two_views(n_tokens: int, n_whole: int) -> PictureTokens:
    """The whole picture in a square of `n_whole` tokens, then a closer view of it, with a token at each row's end.

    The closer view is of a square picture, so that it has as many rows as columns (LLaVA-NeXT, Liu et al. 2024).

    Raises:
        ModelError: the numbers are not of that kind.
    """
    whole = in_a_square(n_whole)
    side = math.isqrt(max(0, n_tokens - n_whole))
    if side * (side + 1) != n_tokens - n_whole or not side:
        raise ModelError(f"the picture has {n_tokens} tokens, which are not {n_whole} and the rows of a closer view")
    names, cells = list(whole.names), list(whole.cells)
    for row in range(side):
        names += [f"[close r{row + 1}c{column + 1}]" for column in range(side)] + ["[row end]"]
        cells += [((side, side), row * side + column) for column in range(side)] + [None]
    return PictureTokens(tuple(names), tuple(cells), whole.grid)


def without_place(n_tokens: int, _: int = 0) -> PictureTokens:
    """Tokens that each sum up the whole picture, in no place of it: the latents of a resampler.

    Raises:
        ModelError: there are none.
    """
    if not n_tokens:
        raise ModelError("the picture has no tokens")
    return PictureTokens(tuple(f"[latent {number + 1}]" for number in range(n_tokens)), (None,) * n_tokens, None)


def _owners(owner: Int[np.ndarray, "height width"], grid: Grid) -> dict[int, int]:
    """The thing that covers more than half of a cell of a grid, by the cell's number, where one does."""
    down, across = (np.linspace(0, size, n + 1).round().astype(int) for size, n in zip(owner.shape, grid, strict=True))
    sizes = np.outer(np.diff(down), np.diff(across))
    owners: dict[int, int] = {}
    for number in np.unique(owner[owner >= 0]).tolist():
        rows = np.add.reduceat((owner == number).astype(int), down[:-1], axis=0)
        covered = np.add.reduceat(rows, across[:-1], axis=1)
        owners |= dict.fromkeys(np.flatnonzero(covered > sizes / 2).tolist(), int(number))
    return owners
