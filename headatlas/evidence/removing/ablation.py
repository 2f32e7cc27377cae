"""Mean ablation of one head at a time: what gets worse without it.

Cost: for a head of layer l of L, the blocks l, ..., L-1 on every token and the unembedding on the scored positions (of
the compared tokens alone where no loss is asked for), so about half a pass a head on average; it grows with heads x
tokens x layers, that is with the square of the depth at a given number of heads a layer. A pass a head from the first
layer with all logits costs more than twice that, and its small batches run slower; see docs/evidence.md for times.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import torch
from jaxtyping import Float, Float64, Int64
from torch import Tensor

from headatlas.evidence.removing.metrics import per_sequence, readings
from headatlas.evidence.removing.passes import Clean, PromptBatch
from headatlas.evidence.removing.removals import Removals


def means(cleans: Sequence[Clean], batches: Sequence[PromptBatch], layer: int) -> Float[Tensor, "head d_head"]:
    """Mean output of each head of a layer over all real positions of a probe's prompts."""
    total = torch.stack([clean.z_sums[layer] for clean in cleans]).sum(0)
    return total / sum(int(batch.real.sum()) for batch in batches)


def counts(batch: PromptBatch) -> Int64[np.ndarray, " prompt"]:
    """Scored positions of each prompt."""
    return np.array([len(prompt.targets) for prompt in batch.prompts], dtype=np.int64)


def before(batch: PromptBatch, clean: Clean, types: Sequence[str]) -> Float[Tensor, "target type"]:
    """The undisturbed model's readings at each target, which are read off its logits once."""
    kept = clean.readings
    if tuple(types) not in kept:
        kept[tuple(types)] = readings(clean.logits, batch.targets, types)
    return kept[tuple(types)]


def clean_readings(batch: PromptBatch, clean: Clean, types: Sequence[str]) -> Float64[np.ndarray, "prompt type"]:
    """The undisturbed model's readings, summed over the targets of each prompt."""
    values = before(batch, clean, types).cpu()
    return torch.stack(list(per_sequence(values, batch.prompts))).double().numpy()


def layer_effects(
    passes: Removals,
    batch: PromptBatch,
    clean: Clean,
    layer: int,
    means: Float[Tensor, "head *position d_head"],
    types: Sequence[str],
    chosen: Sequence[int] | None = None,
) -> Float64[np.ndarray, "prompt head type"]:
    """What each reading rises by without each head of a layer, summed over the targets of each prompt.

    Not a number for heads that are not among the `chosen`. `means` may have a vector for each position of the batch.
    """
    return effects(passes, batch, clean, {layer: means}, types, {layer: chosen})[layer]


def effects(
    passes: Removals,
    batch: PromptBatch,
    clean: Clean,
    means: Mapping[int, Float[Tensor, "head *position d_head"]],
    types: Sequence[str],
    chosen: Mapping[int, Sequence[int] | None],
) -> dict[int, Float64[np.ndarray, "prompt head type"]]:
    """The `layer_effects` of the chosen heads of several layers (of all where None), which share passes."""
    intact = before(batch, clean, types)
    shape = len(batch.prompts), len(types)
    made = {layer: np.full((shape[0], passes.layers[layer], shape[1]), np.nan) for layer in chosen}
    heads = [
        (layer, head)
        for layer, some in chosen.items()
        for head in (range(passes.layers[layer]) if some is None else some)
    ]
    each = passes.without(batch, clean, means, [[key] for key in heads], types)
    for (layer, head), without in zip(heads, each, strict=True):
        rise = (without - intact).cpu()
        made[layer][:, head] = torch.stack(list(per_sequence(rise, batch.prompts))).double().numpy()
    return made
