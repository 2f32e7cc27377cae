"""The sums over keys that row statistics are made of."""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor

from headatlas.patterns.rows import RowSums


def row_sums(
    attention: Float[Tensor, "batch head query key"],
    excluding_sink: Float[Tensor, "batch head query"],
    n_keys: Float[Tensor, "batch 1 query"],
    n_keys_excluding_sink: Float[Tensor, "batch 1 query"],
    distance: Float[Tensor, "query key"],
    scores: Float[Tensor, "batch head query key"] | None = None,
) -> RowSums:
    """The sums of some rows, of which those `excluding_sink` are known.

    Of `n_keys` keys that a query may attend to, `n_keys_excluding_sink` are not the first position; `distance` is
    |query - key| in tokens. Where the `scores` before the softmax are given, all of them finite, no logarithm of a
    weight is taken.
    """
    on_first, others = attention[..., 0], attention[..., 1:]
    largest = others.amax(-1) if others.shape[-1] else torch.zeros_like(on_first)
    if scores is not None:  # log A is the score less the same number for the whole row
        less = scores.amax(-1) - largest.maximum(on_first).log()
        entropy = less * excluding_sink - torch.linalg.vecdot(others, scores[..., 1:])
    else:
        # In place, since the logarithm of a whole block is expensive; log(0) is kept finite, 0 times it is 0.
        entropy = others.clamp(min=1e-30).log_().mul_(others).sum(-1).neg_()
    return RowSums(
        on_first=on_first,
        excluding_sink=excluding_sink,
        entropy=entropy,
        distance=(others * distance[:, 1:]).sum(-1),
        largest=largest,
        below_uniform=attention.minimum((1 / n_keys)[..., None]).sum(-1),
        below_uniform_excluding_sink=others.minimum((excluding_sink / n_keys_excluding_sink)[..., None]).sum(-1),
    )
