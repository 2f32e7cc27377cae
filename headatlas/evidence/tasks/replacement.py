"""What heads' outputs are replaced by on a task: their mean, or what they are on the corrupted prompts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from jaxtyping import Float
from torch import Tensor

from headatlas.attention.outputs import by_head
from headatlas.evidence.removing.passes import Passes, PromptBatch, z_hook

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
