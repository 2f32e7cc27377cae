"""Copy suppression by the weights: whether a head looks for the token that is predicted, and writes against it."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from jaxtyping import Float, Int
from torch import Tensor

from headatlas.evidence.weights.copying import final_directions
from headatlas.evidence.weights.model_weights import LayerWeights
from headatlas.evidence.weights.norms import Norm
from headatlas.evidence.weights.preferences import preferred


def own_token_lowered(
    layers: Sequence[LayerWeights],
    tokens: Int[Tensor, " token"],
    embedding: Float[Tensor, "token d_model"],
    unembedding: Float[Tensor, "d_model vocabulary"],
    final: Norm,
) -> Float[Tensor, " head"]:
    """How often attending to a token leaves its own logit below that of another of the `tokens`, layer by layer.

    0.5 by chance, for ties and for a head that always lowers the same tokens; 1 for a head that writes against
    whatever it looks at, 0 for one that copies. After McDougall et al. 2023, arXiv:2310.04625.
    """
    towards = final_directions(unembedding, final)[:, tokens]
    shares = []
    n = len(tokens)
    for layer in layers:
        logits = layer.norm(embedding) @ layer.values @ (layer.written @ towards)  # [head, attended, raised]
        own = logits.diagonal(dim1=1, dim2=2)[..., None]
        higher = (logits > own).sum((1, 2)) + ((logits == own).sum((1, 2)) - n) / 2
        shares.append(higher / (n * (n - 1)))
    return torch.cat(shares)


def predicted_token_sought(
    layers: Sequence[LayerWeights],
    tokens: Int[Tensor, " token"],
    embedding: Float[Tensor, "token d_model"],
    unembedding: Float[Tensor, "d_model vocabulary"],
    final: Norm,
) -> Float[Tensor, " head"]:
    """How often a query that says "this token comes next" prefers that token as key over another of the `tokens`.

    Such a query is the direction of the residual stream that raises the token's logit. Chance is 0.5; positions and
    biases are left aside. After McDougall et al. 2023, arXiv:2310.04625.
    """
    predicted = final_directions(unembedding, final)[:, tokens].T
    return preferred(layers, predicted, embedding)
