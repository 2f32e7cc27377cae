"""One grid of places for layers that see a picture at several resolutions."""

from __future__ import annotations

from functools import cache

import torch
from jaxtyping import Float
from torch import Tensor


@cache
def _overlap(to: int, of: int) -> Float[Tensor, "to of"]:
    """Along one side, how much of a cell in `to` cells each cell in `of` covers, in cells of the finer kind."""
    edges = torch.arange(max(to, of) + 1, dtype=torch.float64)
    left, right = (edges[:n] / n for n in (to, of))
    shared = torch.minimum(left[:, None] + 1 / to, right + 1 / of) - torch.maximum(left[:, None], right)
    return shared.clamp(min=0)


def queries_on_grid(side: int, own: int) -> Float[Tensor, "place own_place"]:
    """What turns the rows of `own` by `own` places into those of `side` by `side`: a mean over overlaps."""
    share = _overlap(side, own)
    return _both_sides(share / share.sum(1, keepdim=True))


def keys_on_grid(side: int, own: int) -> Float[Tensor, "own_place place"]:
    """What spreads the weights on `own` by `own` places over `side` by `side`: in proportion to overlaps."""
    share = _overlap(side, own)
    return _both_sides((share / share.sum(0)).T)


def _both_sides(along: Float[Tensor, "to of"]) -> Float[Tensor, "to_places of_places"]:
    return torch.kron(along, along).float()
