"""A model whose heads are known because they are built: two layers, attention alone, no norms.

The residual stream is token | position | token before | output, each one-hot. Layer 0: a previous-token head (0) that
writes the token before, a head (1) that looks at the token itself and writes nothing, a copier (2) that spreads its
attention and adds what it sees to the output, a little, and an idle head (3). Layer 1: an induction head (0), which
finds what it looks for in what the previous-token head wrote, a suppressor (1) that looks at the token itself and
lowers its logit, and two idle heads.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

if TYPE_CHECKING:
    from transformer_lens.model_bridge import TransformerBridge

VOCABULARY, CONTEXT = 40, 80
SHARP = 20.0  # inverse temperature of attention
LOUD = 20.0  # logit of what the induction head copies
HEADS = 4
PREVIOUS_TOKEN, COPIER, INDUCTION, SUPPRESSOR = (0, 0), (0, 2), (1, 0), (1, 1)


def planted() -> TransformerBridge:
    from transformer_lens.config import TransformerBridgeConfig
    from transformer_lens.model_bridge import TransformerBridge

    v, p = VOCABULARY, CONTEXT
    d_model, d_head = 3 * v + p, v + p
    token, position, before, output = slice(0, v), slice(v, v + p), slice(v + p, 2 * v + p), slice(2 * v + p, d_model)
    config = TransformerBridgeConfig(
        d_model=d_model, d_head=d_head, n_layers=2, n_heads=HEADS, n_ctx=p, d_vocab=v, act_fn="relu",
        attn_only=True, normalization_type=None,
    )  # fmt: skip
    bridge = TransformerBridge.boot_native(config)
    weights = dict(bridge.original_model.named_parameters())
    for weight in weights.values():
        weight.requires_grad_(False).zero_()

    def part(layer: int, name: str, kind: str = "weight") -> torch.Tensor:
        whole = weights[
            f"layers.{layer}._original_component.attn._original_component.{name}._original_component.{kind}"
        ]
        # [head, d_head, d_model], for the output [d_model, head, d_head].
        return whole.view(d_model, HEADS, d_head) if name == "o" else whole.view(HEADS, d_head, *whole.shape[1:])

    weights["tok_embed._original_component.weight"][:, token] = torch.eye(v)
    weights["pos._original_component.weight"][:, position] = torch.eye(p)
    weights["head._original_component.weight"][:, output] = torch.eye(v)
    sharp = SHARP * d_head**0.5

    def look_back(layer: int, head: int, offset: int) -> None:
        part(layer, "q")[head, :p, position] = sharp * torch.eye(p)
        # Entry j of a key says that it stands at j - offset.
        part(layer, "k")[head, :p, position] = torch.eye(p).roll(offset, 0)

    def carry(layer: int, head: int, to: slice, strength: float) -> None:
        part(layer, "v")[head, :v, token] = torch.eye(v)
        part(layer, "o")[to, head, :v] = strength * torch.eye(v)

    look_back(0, 0, 1)
    carry(0, 0, before, 1.0)
    look_back(0, 1, 0)
    carry(0, 2, output, 0.5)
    part(1, "q")[0, :v, token] = sharp * torch.eye(v)
    part(1, "k")[0, :v, before] = torch.eye(v)
    # Position 0 has no token before it and repeats its own; nobody is to find it there.
    part(1, "q", "bias")[0, v] = sharp
    part(1, "k")[0, v, v] = -2.0
    carry(1, 0, output, LOUD)
    look_back(1, 1, 0)
    carry(1, 1, output, -1.0)
    return bridge.eval()
