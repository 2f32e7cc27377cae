"""What HeadVis on Neuronpedia measures of a pass, written anew from a description of its files: way (e) of `scan`.

Six metrics of each head, sink included, and of each query at most eight keys with weights of at least 0.005. Its sums
by token and its histograms are left out.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from jaxtyping import Float, Int
from torch import Tensor

MOST_KEYS, LEAST_WEIGHT = 8, 0.005
# Weights below this count for nothing in the induction score.
LEAST_INDUCTION = 0.01


def metrics(
    attention: Float[Tensor, "batch head query key"], tokens: Int[Tensor, "batch query"]
) -> dict[str, Float[Tensor, " head"]]:
    """The six metrics of a layer's heads; distances in tokens, entropy in nats."""
    n = tokens.shape[1]
    places = torch.arange(n, device=attention.device)
    distance = (places[:, None] - places).abs().to(attention)
    mean_distance = (attention * distance).sum(-1)
    of_squares = (attention * distance**2).sum(-1)
    # The key after each earlier copy of a query's token.
    after_copy = torch.zeros(len(tokens), n, n, dtype=torch.bool, device=attention.device)
    after_copy[:, :, 1:] = (tokens[:, :, None] == tokens[:, None, :-1]) & (places[1:] <= places[:, None])
    on_copies = (attention.where(attention >= LEAST_INDUCTION, 0) * after_copy[:, None]).sum(-1)
    repeated = after_copy.any(-1)[:, None]
    return {
        "self_attention_score": attention.diagonal(0, 2, 3).mean((0, 2)),
        "prev_token_score": attention.diagonal(-1, 2, 3).mean((0, 2)),
        "pattern_entropy": -torch.xlogy(attention, attention).sum(-1).mean((0, 2)),
        "qk_distance": mean_distance.mean((0, 2)),
        "qk_distance_variance": (of_squares - mean_distance**2).mean((0, 2)),
        "induction_score": (on_copies * repeated).sum((0, 2)) / repeated.sum().clamp(min=1),
    }


def sparse(
    attention: Float[Tensor, "batch head query key"],
) -> tuple[Float[Tensor, "batch head query few"], Int[Tensor, "batch head query few"], Float[Tensor, "batch head"]]:
    """The largest weights of each row, 0 where too small, their keys, and the largest beyond the first row and key."""
    weights, keys = attention.topk(min(MOST_KEYS, attention.shape[3]), dim=-1)
    return weights.where(weights >= LEAST_WEIGHT, 0), keys, attention[:, :, 1:, 1:].amax((2, 3))


def run(attentions: Sequence[Float[Tensor, "batch head query key"]], tokens: Int[Tensor, "batch query"]) -> None:
    """All of it, of the attention of all layers, which is held meanwhile."""
    for attention in attentions:
        metrics(attention.float(), tokens)
        sparse(attention.float())
