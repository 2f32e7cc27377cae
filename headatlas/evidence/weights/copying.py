"""What a head's output weights do to the token it attends to: copy it, suppress it, or neither."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from headatlas.evidence.weights.model_weights import LayerWeights
from headatlas.evidence.weights.norms import Norm

# Ranks that count as the top, and as the bottom, of the vocabulary (Wang et al. 2022 take five).
TOP = 5
# Tokens on which top-token copying is counted: each costs a product with the whole unembedding, for every head.
N_TOKENS = 64
# Tokens over which eigenvalues are taken at most: each has to go through the first feed-forward layer.
MOST_TOKENS = 65536
# Logits that are compared in one go.
VOCABULARY_AT_ONCE = 2048


def copying_scores(
    layers: Sequence[LayerWeights],
    embedding: Float[Tensor, "token d_model"],
    unembedding: Float[Tensor, "d_model token"],
    final: Norm,
) -> Float[np.ndarray, " head"]:
    """Sum of eigenvalues over sum of their absolute values of W_E W_V W_O W_U, for every head, layer by layer.

    A product's non-zero eigenvalues are those of the same matrices in cyclic order, so those of
    W_O (W_U W_E) W_V, [d_head, d_head], are taken, and nothing of size vocabulary x vocabulary is made. Tokens are
    normed as the head reads them; the gains of both norms are folded in. 0 where a head's output changes no logit.
    `embedding` and `unembedding` are of the same tokens.
    After Elhage et al. 2021, A Mathematical Framework for Transformer Circuits.
    """
    scores: list[float] = []
    towards = final_directions(unembedding, final)
    through: dict[tuple[type[Norm], bool], Tensor] = {}
    for layer in layers:
        # The gain may stand outside the sum over the vocabulary, so layers with the same type of norm share it.
        unit = type(layer.norm)(torch.ones_like(layer.norm.gain), layer.norm.centred, layer.norm.bias)
        key = (type(layer.norm), layer.norm.centred)
        if key not in through:
            through[key] = towards @ unit(embedding)
        vocabulary = through[key] * layer.norm.gain
        small = layer.written @ vocabulary @ layer.values
        values = torch.linalg.eigvals(small)
        size = values.abs().sum(-1)
        scores += torch.where(size > 0, values.real.sum(-1) / size, 0).tolist()
    return np.array(scores)


def top_tokens(
    layers: Sequence[LayerWeights],
    tokens: Int[np.ndarray, " token"],
    embedding: Float[Tensor, "token d_model"],
    unembedding: Float[Tensor, "d_model vocabulary"],
    final: Norm,
) -> tuple[Float[np.ndarray, " head"], Float[np.ndarray, " head"]]:
    """Shares of `tokens` that are among the five logits a head raises, and lowers, most when it attends to them.

    `embedding` is how the tokens are read, one row for each.
    Wang et al. 2022, arXiv:2211.00593, count so whether name movers copy names, over 95% for the real ones.
    """
    ids = torch.as_tensor(tokens)
    towards = final_directions(unembedding, final)
    top: list[float] = []
    bottom: list[float] = []
    for layer in layers:
        added = layer.norm(embedding) @ layer.values @ layer.written  # [head, token, d_model]
        n_heads = len(added)
        rows, of_row = added.flatten(0, 1), ids.repeat(n_heads)
        own = (rows * towards[:, of_row].T).sum(-1, keepdim=True)
        higher = torch.zeros(len(rows), dtype=torch.int64)
        lower = torch.zeros_like(higher)
        # In pieces that stay in a processor's cache: all logits of a large vocabulary would be gigabytes.
        for start in range(0, towards.shape[1], VOCABULARY_AT_ONCE):
            # Most are neither at the top nor at the bottom, which the first pieces show.
            open_ = torch.nonzero((higher < TOP) | (lower < TOP))[:, 0]
            some = rows[open_] @ towards[:, start : start + VOCABULARY_AT_ONCE]
            places = of_row[open_] - start
            here = torch.nonzero((places >= 0) & (places < some.shape[1]))[:, 0]
            # A token is neither above nor below itself, whatever rounding says.
            some[here, places[here]] = own[open_[here], 0]
            higher[open_] += torch.count_nonzero(some > own[open_], -1)
            lower[open_] += torch.count_nonzero(some < own[open_], -1)
        top += (higher < TOP).float().view(n_heads, -1).mean(1).tolist()
        bottom += (lower < TOP).float().view(n_heads, -1).mean(1).tolist()
    return np.array(top), np.array(bottom)


def token_sample(n: int) -> Int[Tensor, " token"]:
    """All tokens of a vocabulary of n, or `MOST_TOKENS` of them, evenly spread."""
    return torch.linspace(0, n - 1, min(n, MOST_TOKENS), dtype=torch.float64).round().long()


def final_directions(
    unembedding: Float[Tensor, "d_model vocabulary"], final: Norm
) -> Float[Tensor, "d_model vocabulary"]:
    """W_U with the final norm's gain and centring folded in: from the residual stream to the logits."""
    folded = final.gain[:, None] * unembedding
    return folded - folded.mean(0) if final.centred else folded
