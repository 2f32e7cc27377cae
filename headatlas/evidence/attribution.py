"""Direct logit attribution: what each head's own output adds to the right answer's logit, nothing recomputed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import torch
from jaxtyping import Float, Float64
from torch import Tensor

from headatlas.evidence.removing.metrics import per_sequence
from headatlas.evidence.removing.passes import Clean, NotAvailable, PromptBatch
from headatlas.evidence.weights.copying import final_directions
from headatlas.evidence.weights.model_weights import LayerWeights, known
from headatlas.evidence.weights.norms import Norm
from headatlas.probes.metrics import Target

# Largest difference, relative where numbers are large, between what parts add up to and what the model has.
TOLERANCE = 0.01


def direct_logits(
    batch: PromptBatch,
    clean: Clean,
    layers: Sequence[LayerWeights],
    unembedding: Float[Tensor, "d_model vocabulary"],
    final: Norm,
    *,
    output_biases: Mapping[int, Float[Tensor, " d_model"]],
    unembedding_bias: Float[Tensor, " vocabulary"] | None,
    logit_scale: float = 1.0,
) -> Float64[np.ndarray, "prompt head"]:
    """Each head's direct effect on the right token's logit over the wrong ones, summed over each prompt's targets.

    Over the mean of all logits where no wrong ones are named. The final norm, and one behind the attention, divide by
    what they divide by in the undisturbed model; biases are no head's. After Elhage et al. 2021.

    Raises:
        NotAvailable: the parts do not add up to the model's own logits: what stands between the heads and the residual
            stream is neither a norm nor a factor, or a soft cap stands behind the unembedding.
    """
    leaving = clean.leaving[batch.rows, batch.queries].float().cpu()
    directions = _directions(batch.targets, unembedding)
    towards = _directions(batch.targets, final_directions(unembedding, final)) / final.scale(leaving)
    sizes = _adds_up(batch, clean, layers, output_biases)
    biases = (final.bias * directions).sum(-1)
    if unembedding_bias is not None:
        biases = biases + _directions(batch.targets, unembedding_bias[None])[:, 0]
    own = _directions(batch.targets, clean.logits.float().cpu(), of_each=True)
    ours = logit_scale * ((leaving * towards).sum(-1) + biases)
    _same(ours, own, "its logits are not the normed residual stream, unembedded")
    effects = []
    for layer, size in zip(layers, sizes, strict=True):
        # Each head's weights towards the answer: [target, head, d_head].
        reads = torch.einsum("hrd,td->thr", layer.written, logit_scale * towards / size)
        effects.append((clean.z[layer.layer].cpu() * reads).sum(-1))
    values = torch.cat(effects, 1)
    return torch.stack(list(per_sequence(values, batch.prompts))).double().numpy()


def _adds_up(
    batch: PromptBatch, clean: Clean, layers: Sequence[LayerWeights], output_biases: Mapping[int, Tensor]
) -> list[Float[Tensor, "target 1"]]:
    """What the norm behind each layer's attention divides by at each target, 1 where there is none.

    Raises:
        NotAvailable: a block does not add its heads' and its feed-forward layer's outputs, so divided and multiplied,
            to the residual stream.
    """
    stream = [x[batch.rows, batch.queries].float().cpu() for x in (*clean.entering, clean.leaving)]
    sizes = []
    for layer in layers:
        behind = known(layer.attention)
        heads = torch.einsum("thr,hrd->td", clean.z[layer.layer].cpu(), layer.w_o)
        whole = heads + output_biases.get(layer.layer, torch.zeros(()))
        added = behind(whole) + behind.bias
        if layer.layer in clean.mlp and layer.mlp is not None:
            after = known(layer.mlp)
            added = added + after(clean.mlp[layer.layer]) + after.bias
        difference = stream[layer.layer + 1] - stream[layer.layer]
        _same(added, difference, f"the heads' outputs do not reach the residual stream as they are in L{layer.layer}")
        sizes.append(behind.scale(whole))
    return sizes


def _same(actual: Tensor, expected: Tensor, otherwise: str) -> None:
    if not float((actual - expected).abs().max()) <= TOLERANCE * max(1.0, float(expected.abs().max())):
        raise NotAvailable(otherwise)


def _directions(
    targets: Sequence[Target], unembedding: Float[Tensor, "rows vocabulary"], of_each: bool = False
) -> Tensor:
    """Columns of the right tokens minus the mean of the wrong ones (of all, where none are named): [target, rows].

    With `of_each`, row i is for target i alone: [target].
    """
    mean = unembedding.mean(1)
    directions = []
    for number, target in enumerate(targets):
        rows = slice(number, number + 1) if of_each else slice(None)
        wrong = unembedding[rows, list(target.wrong)].mean(1) if target.wrong else mean[rows]
        directions.append(unembedding[rows, target.right] - wrong)
    stacked = torch.stack(directions)
    return stacked[:, 0] if of_each else stacked
