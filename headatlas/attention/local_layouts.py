"""Local attention as modules return it, a band around the diagonal, laid out as [batch, head, query, key]."""

from __future__ import annotations

import torch
from jaxtyping import Float, Shaped
from torch import Tensor, nn


def unfold_local_attention(output: Shaped[Tensor, "*shape"], module: nn.Module, n_tokens: int) -> Shaped[Tensor, ...]:
    """A module's output, laid out by query and key where the module is known to return its attention as a band.

    LED and Longformer give [batch, query, head, key relative to the query], LongT5 [batch, block, head, query in
    block, key in the block before, this one, or the one after]. Both pad the text; `n_tokens` is its own length.
    DeepSeek-V4 has compressed stretches of text as further keys; what goes to them goes to no token.
    """
    name = type(module).__name__
    if name in ("LEDEncoderSelfAttention", "LongformerSelfAttention") and output.ndim == 4:
        return from_window(output)[:, :, :n_tokens, :n_tokens]
    if name in ("LongT5LocalAttention", "LongT5TransientGlobalAttention") and output.ndim == 5 and output.shape[1] > 0:
        return from_blocks(output)[:, :, :n_tokens, :n_tokens]
    if name == "DeepseekV4Attention" and output.ndim == 4:
        return output[..., :n_tokens]
    return output


def from_window(band: Float[Tensor, "batch query head window"]) -> Float[Tensor, "batch head query query"]:
    """Column w + d of a window of 2 w + 1 is the key d after the query."""
    n_batch, n_queries, n_heads, width = band.shape
    reach = width // 2
    full = band.new_zeros(n_batch, n_heads, n_queries, n_queries + 2 * reach)
    keys = torch.arange(n_queries, device=band.device)[:, None] + torch.arange(width, device=band.device)
    full.scatter_(-1, keys.expand(n_batch, n_heads, -1, -1), band.transpose(1, 2))
    return full[..., reach : reach + n_queries]


def from_blocks(blocks: Float[Tensor, "batch block head length three"]) -> Float[Tensor, "batch head query query"]:
    """Block i's queries look at blocks i - 1, i, i + 1; further columns (summaries of blocks) are no tokens."""
    n_batch, n_blocks, n_heads, length, _ = blocks.shape
    full = blocks.new_zeros(n_batch, n_heads, n_blocks * length, (n_blocks + 2) * length)
    for i in range(n_blocks):
        full[:, :, i * length : (i + 1) * length, i * length : (i + 3) * length] = blocks[:, i, ..., : 3 * length]
    return full[..., length : (n_blocks + 1) * length]
