"""Hugging Face's own attention, to compare that of hooks with."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import torch
from jaxtyping import Float, Shaped
from torch import Tensor

from headatlas.attention.hooks import plain_input
from headatlas.attention.modules import AttentionModule
from headatlas.errors import one_line
from headatlas.inputs.forward_batch import Inputs
from headatlas.inputs.frames import FrameBatch
from headatlas.inputs.sequence import TokenSequence

if TYPE_CHECKING:
    from transformers import PreTrainedModel

# One layer's attention as the model returns it, mostly [head, query, key]; None for a layer that has no attention.
LayerReference = Shaped[Tensor, "..."] | None
# [sequence][kind of attention][layer]
Reference = list[dict[str, list[LayerReference]]]
# Names under which Hugging Face returns attention.
_RETURNED = {"encoder": "encoder_attentions", "decoder": "decoder_attentions", "cross": "cross_attentions"}


def reference_attention(
    model: PreTrainedModel, sequences: Sequence[TokenSequence], kinds: Sequence[str], device: torch.device | str
) -> Reference | str:
    """Hugging Face's eager attention on each sequence by itself, without padding, before the model is wrapped.

    Returns a sentence that says why when the model does not give it.
    """
    reference: Reference = []
    try:
        with torch.inference_mode():
            for sequence in sequences:
                inputs = Inputs([sequence], dict.fromkeys(kinds, False))
                output = model(**plain_input(model, inputs, device=device, masked=False), output_attentions=True)
                attention = {kind: _layers(output, kind, len(kinds), _n_queries(inputs, kind)) for kind in kinds}
                if all(layer is None for layers in attention.values() for layer in layers):
                    return f"not compared: {type(model).__name__} returned no attention of its own"
                reference.append(attention)
    except (RuntimeError, ValueError, TypeError, NotImplementedError, LookupError, ArithmeticError) as error:
        reason = one_line(error)
        return f"not compared: {type(model).__name__} did not return its attention ({reason})"
    return reference


def _n_queries(inputs: Inputs, kind: str) -> int | None:
    """How many queries are of the sequence itself, where what it was filled up with is run too; None for all."""
    batch = inputs.batch(kind)
    return batch.shape_of(0)[0] if isinstance(batch, FrameBatch) else None


def _layers(output: Any, kind: str, n_kinds: int, n_queries: int | None) -> list[LayerReference]:
    """The layers of a kind of attention in a model's output for one sequence, some of whose queries count."""
    crossed = n_kinds > 1 and hasattr(output, "attentions")  # to a picture, in a list with self-attention
    layers = getattr(output, "attentions" if n_kinds == 1 or crossed else _RETURNED[kind], None) or ()
    own = [None if layer is None else layer[0, :, :n_queries].float().cpu() for layer in layers]
    if not crossed:
        return own
    # What has as many keys as queries is self-attention. A picture of as many tokens as the text would be taken for it,
    # which the comparison would not pass.
    return [
        layer if layer is not None and (layer.shape[-1] == layer.shape[-2]) == (kind == "self") else None
        for layer in own
    ]


def layers_of(
    modules: Sequence[AttentionModule], reference: Reference | str
) -> tuple[dict[AttentionModule, int], str | None]:
    """The index of each module's attention in Hugging Face's lists; a sentence where the two do not correspond."""
    indices: dict[AttentionModule, int] = {}
    if isinstance(reference, str):
        return indices, reference
    for kind in dict.fromkeys(module.attention for module in modules):
        own = [module for module in modules if module.attention == kind]
        layers = reference[0][kind]
        if kind == "cross" and "self" in reference[0] and not any(layer is not None for layer in layers):
            continue  # Idefics returns none of its cross-attention to a picture
        by_number = {module: module.layer for module in own}
        in_order = dict(zip(own, [i for i, layer in enumerate(layers) if layer is not None], strict=False))
        if all(index < len(layers) and layers[index] is not None for index in by_number.values()):
            indices |= by_number
        elif len(in_order) == len(own) == sum(layer is not None for layer in layers):
            indices |= in_order
        else:
            return {}, f"not compared: Hugging Face gives {len(layers)} layers of attention, the hooks {len(own)}"
    return indices, None


def largest_difference(
    padded: Float[Tensor, "batch head query key"],
    unpadded: Sequence[LayerReference],
    shapes: Sequence[tuple[int, int]],
) -> float | None:
    """Largest difference between the real part of a padded batch and its sequences run by themselves.

    None where Hugging Face gives something that is not laid out as queries by keys (local attention as a band).
    Keys behind the tokens (compressed stretches of text) are left out.
    """
    largest = 0.0
    for attention, expected, (n_queries, n_keys) in zip(padded, unpadded, shapes, strict=True):
        if expected is None or expected.ndim != 3 or expected.shape[1] != n_queries or expected.shape[2] < n_keys:
            return None
        if attention.shape[0] != expected.shape[0]:
            return float("inf")
        apart = (attention[:, :n_queries, :n_keys] - expected[..., :n_keys]).abs().max()
        largest = max(largest, float(apart))
    return largest
