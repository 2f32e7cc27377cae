"""Attribution: what replacing each head's output would change, to first order, in one pass forward and one back.

The effect of a small change of a head's output is the gradient times the change (Nanda 2023, attribution patching;
Syed et al. 2023, arXiv:2310.10348). For a change as large as taking the head out that is an estimate, which misses
heads that work through saturated attention (Kramár et al. 2024, arXiv:2403.00745), so that the exact effect is measured
of the heads that it ranks first, and of some that are drawn at random.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import torch
from jaxtyping import Float, Float64
from torch import Tensor

from headatlas.attention.outputs import by_head
from headatlas.evidence.metrics import readings
from headatlas.evidence.passes import Passes, PromptBatch, z_hook

# What heads' outputs are replaced by, by layer: one vector a head, or one at each position.
Replacement = Mapping[int, Float[Tensor, "head *position d_head"]]


def outputs(passes: Passes, batch: PromptBatch) -> dict[int, Float[Tensor, "head batch position d_head"]]:
    """The output of every head at every position of a batch, by layer."""
    kept: dict[int, Tensor] = {}

    def keep(layer: int) -> Callable[..., None]:
        def hook(z: Tensor, hook: Any) -> None:
            kept[layer] = by_head(z, passes.layers[layer]).movedim(2, 0).clone()

        return hook

    passes.logits(batch, [(z_hook(layer), keep(layer)) for layer in passes.layers])
    return kept


def attributions(
    passes: Passes, batch: PromptBatch, measure: str, replacement: Replacement
) -> Float64[np.ndarray, "prompt all_heads"]:
    """What the measure would rise by without each head of all layers, estimated, summed over each prompt's targets.

    `measure` is as of `metrics.readings`, where more is worse: so a positive value is of a head that helps.
    """
    nudges: dict[int, Tensor] = {}
    given: dict[int, Tensor] = {}

    def nudge(layer: int) -> Callable[..., Tensor]:
        def hook(z: Tensor, hook: Any) -> Tensor:
            # A zero that is added, since weights need not ask for gradients and the outputs of layer 0 do not then.
            given[layer], nudges[layer] = z.detach(), torch.zeros_like(z, requires_grad=True)
            return z + nudges[layer]

        return hook

    with torch.enable_grad():
        logits = passes.logits(batch, [(z_hook(layer), nudge(layer)) for layer in passes.layers], gradients=True)
        # Prompts do not see each other, so that the gradient of the sum is that of each.
        gradients = torch.autograd.grad(readings(logits, batch.targets, [measure]).sum(), list(nudges.values()))
    effects = []
    real = batch.real.to(passes.device)[:, :, None]
    for layer, gradient in zip(nudges, gradients, strict=True):
        n_heads = passes.layers[layer]
        # Heads last but one: [batch, position, head, d_head], or [head, d_head] for one vector a head.
        change = replacement[layer].to(gradient.device).movedim(0, -2) - by_head(given[layer], n_heads)
        effects.append(((by_head(gradient, n_heads) * change).sum(-1) * real).sum(1))
    return torch.cat(effects, 1).double().cpu().numpy()
