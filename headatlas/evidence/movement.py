"""How far a head's removal moves the residual stream where the head writes to it, before any layer has read that."""

from __future__ import annotations

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from headatlas.evidence.weights.model_weights import LayerWeights, known


def share_moved(
    layer: LayerWeights,
    bias: Float[Tensor, " d_model"],
    z: Float[Tensor, "batch position head d_head"],
    change: Float[Tensor, "batch position head d_head"],
    stream: Float[Tensor, "batch position d_model"],
    real: Bool[Tensor, "batch position"],
) -> Float[Tensor, " head"]:
    """The size of what a change to each head adds to the stream, as a share of the stream's; means over real positions.

    Args:
        layer: the layer's weights.
        bias: its output bias.
        z: the heads' outputs.
        change: what is added to them.
        stream: what enters the layer's block.
        real: positions that are not padding.

    Raises:
        NotAvailable: the heads' outputs do not reach the stream as the weights say.
    """
    behind = known(layer.attention)
    z, change, stream = (x[real].detach().float().cpu() for x in (z, change, stream))
    # A norm behind the attention divides by the size of what all heads give together.
    size = behind.scale(torch.einsum("the,hed->td", z, layer.w_o) + bias)[:, 0]
    added = torch.stack([(own @ w).norm(dim=-1) for own, w in zip(change.movedim(1, 0), layer.written, strict=True)])
    return (added / (size * stream.norm(dim=-1)).clamp_min(1e-30)).mean(1)
