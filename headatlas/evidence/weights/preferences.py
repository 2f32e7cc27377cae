"""Which keys a head's query-key weights prefer: the same token, and a distance."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from headatlas.evidence.removing.passes import NotAvailable
from headatlas.evidence.weights import agreement, wiring
from headatlas.evidence.weights.model_weights import LayerWeights, bias, known

if TYPE_CHECKING:
    from transformer_lens.model_bridge import TransformerBridge

    from headatlas.models.load import Model

# Distances that are compared, 0 (the token itself) included.
N_DISTANCES = 32
# Learned positions may begin some rows down (OPT's at the third).
MAX_OFFSET = 2


def preferences(
    model: Model,
    layers: Sequence[LayerWeights],
    embedding: Float[Tensor, "token d_model"],
    tokens: Int[np.ndarray, " token"],
) -> dict[str, np.ndarray]:
    """`qk_same_token` for every head, and `qk_distance` and `qk_position` where positions can be told apart.

    Each is an array [head], layer by layer; "left_out" says why the last two are not there. `embedding` is how the
    tokens are read, one row for each.
    """
    scores: dict[str, np.ndarray] = {"qk_same_token": same_token(layers, embedding)}
    try:
        attention = torch.cat(_by_distance(model.bridge, layers, tokens, model.info.device))
    except NotAvailable as reason:
        return {**scores, "left_out": np.array(f"positions only: {reason}")}
    share, distance = attention.max(1)
    return {**scores, "qk_position": share.double().numpy(), "qk_distance": distance.double().numpy()}


def same_token(layers: Sequence[LayerWeights], embedding: Float[Tensor, "token d_model"]) -> Float[np.ndarray, " head"]:
    """How often a token as query gives the same token as key a higher score than another one, at distance 0.

    Chance is 0.5. Biases of queries and keys are left aside.
    """
    return preferred(layers, embedding, embedding).double().numpy()


def preferred(
    layers: Sequence[LayerWeights],
    asking: Float[Tensor, "token d_model"],
    embedding: Float[Tensor, "token d_model"],
) -> Float[Tensor, " head"]:
    """How often the i-th query gives the i-th key a higher score than another key, at distance 0, layer by layer."""
    shares = []
    for layer in layers:
        queries = known(layer.query_norm)(torch.einsum("td,hde->the", layer.norm(asking), layer.w_q))
        keys = known(layer.key_norm)(torch.einsum("td,hde->the", layer.norm(embedding), layer.w_k))
        scores = queries.movedim(1, 0) @ layer.per_head(keys.movedim(1, 0)).mT
        own = scores.diagonal(dim1=1, dim2=2)[..., None]
        n = scores.shape[1]
        beaten = (scores < own).sum((1, 2)) + ((scores == own).sum((1, 2)) - n) / 2
        shares.append(beaten / (n * (n - 1)))
    return torch.cat(shares)


def _by_distance(
    bridge: TransformerBridge, layers: Sequence[LayerWeights], tokens: Int[np.ndarray, " token"], device: str
) -> list[Float[Tensor, "head distance"]]:
    """Attention by distance, one entry a layer, when nothing but position differs.

    Raises:
        NotAvailable: the model's positions are neither learned nor rotary in a form known here.
    """
    learned = _learned(bridge, device)
    if learned is not None:
        return [_from_learned(bridge, layer, learned) for layer in layers]
    return _from_rotary(bridge, layers, tokens, device)


def _learned(bridge: TransformerBridge, device: str) -> Float[Tensor, "position d_model"] | None:
    """Learned vectors of the first positions; None where there are none.

    Raises:
        NotAvailable: they are not what positions add to the residual stream.
    """
    try:
        learned = bridge.W_pos
    except Exception:  # what is missing differs from architecture to architecture
        return None
    if not isinstance(learned, Tensor) or len(learned) < 2 * N_DISTANCES:
        return None
    real = wiring.at_positions(bridge, 2 * N_DISTANCES, device)
    for offset in range(min(MAX_OFFSET, len(learned) - len(real)) + 1):
        some = learned[offset : offset + len(real)].detach().float().cpu()
        if agreement.close(some - some[0], real - real[0]):
            return some
    raise NotAvailable("what positions add to the residual stream is not what TransformerLens gives")


def _from_learned(
    bridge: TransformerBridge, layer: LayerWeights, embedded: Float[Tensor, "position d_model"]
) -> Float[Tensor, "head distance"]:
    """Mean attention of positions 32 to 63 over the 32 positions up to their own, from position vectors alone."""
    read = layer.norm(embedded)
    attention = bridge.blocks[layer.layer].attn
    q = torch.einsum("td,hde->hte", read, layer.w_q) + bias(attention, "b_Q", layer.w_q)
    k = torch.einsum("td,hde->hte", read, layer.w_k) + bias(attention, "b_K", layer.w_k)
    queries = known(layer.query_norm)(q.movedim(0, 1)).movedim(1, 0)
    keys = layer.per_head(known(layer.key_norm)(k.movedim(0, 1)).movedim(1, 0))
    scores = queries @ keys.mT * known(layer.scale)[:, None, None]
    positions = torch.arange(N_DISTANCES, 2 * N_DISTANCES)[:, None]
    back = torch.arange(N_DISTANCES)
    return scores[:, positions, positions - back].softmax(-1).mean(1)


def _from_rotary(
    bridge: TransformerBridge, layers: Sequence[LayerWeights], tokens: Int[np.ndarray, " token"], device: str
) -> list[Float[Tensor, "head distance"]]:
    """The text's mean query against its mean key, each turned as the model turns it, 0 to 31 tokens apart.

    The rotation is read off the model: the queries and keys of one pass before and after it tell how it turns.
    """
    ids = torch.as_tensor(tokens[: 2 * N_DISTANCES], device=device)[None]
    if ids.shape[1] <= N_DISTANCES:
        raise NotAvailable("too few tokens to tell distances")
    kept: dict[str, Tensor] = {}

    def keep(name: str) -> Callable[..., None]:  # under the name asked for: a hook may have several
        def hook(x: Tensor, hook: Any) -> None:
            kept[name] = x[0].float().cpu()

        return hook

    names = {
        layer.layer: [f"blocks.{layer.layer}.attn.{name}" for name in ("hook_q", "hook_k", "hook_rot_q", "hook_rot_k")]
        for layer in layers
    }
    if any(name not in bridge.hook_dict for some in names.values() for name in some):
        raise NotAvailable("its positions are neither learned nor rotary")
    with torch.inference_mode():
        bridge.run_with_hooks(ids, fwd_hooks=[(name, keep(name)) for some in names.values() for name in some])
    attention = []
    for layer in layers:
        try:
            q, k, turned_q, turned_k = (kept[name] for name in names[layer.layer])
        except KeyError as error:
            raise NotAvailable(f"its hook {error} does not fire") from error
        d_head = layer.w_q.shape[-1]
        q, k, turned_q, turned_k = (
            x.reshape(x.shape[0], -1, d_head) if x.ndim == 2 else x for x in (q, k, turned_q, turned_k)
        )
        # Before the rotation, with the norm that stands there where there is one.
        q, k = known(layer.query_norm)(q), known(layer.key_norm)(k)
        pairs, steps = rotation(k, turned_k)
        together = pairs(q.mean(0)) * pairs(k.mean(0)).repeat_interleave(q.shape[1] // k.shape[1], 0).conj()
        back = torch.arange(N_DISTANCES)[:, None]
        scores = (together[:, None] * torch.polar(torch.ones(1, len(steps)), back * steps)).real.sum(-1)
        attention.append((scores * known(layer.scale)[:, None]).softmax(-1))
    return attention


def rotation(
    before: Float[Tensor, "position head d_head"], after: Float[Tensor, "position head d_head"]
) -> tuple[Callable[[Tensor], Tensor], Float[Tensor, " pair"]]:
    """How a vector's entries are paired, and by how much each pair turns from one position to the next, in radians.

    Raises:
        NotAvailable: neither of the two known pairings explains what the model does.
    """
    positions = torch.arange(len(before))[:, None]
    for pairs in (_halves, _neighbours):
        x, y = pairs(before), pairs(after)
        steps = (y[1] * x[1].conj()).sum(0).angle()
        turns = torch.polar(torch.ones(1, len(steps)), positions * steps)[:, None]
        if torch.allclose(x * turns, y, atol=1e-2, rtol=1e-2):
            return pairs, steps
    raise NotAvailable("its positions turn queries and keys in a way that is not known here")


def _halves(x: Float[Tensor, "*some d_head"]) -> Tensor:
    """Entry i with entry i + d_head / 2, as complex numbers."""
    first, second = x.chunk(2, -1)
    return torch.complex(first.contiguous(), second.contiguous())


def _neighbours(x: Float[Tensor, "*some d_head"]) -> Tensor:
    """Entry 2i with entry 2i + 1, as complex numbers."""
    return torch.complex(x[..., 0::2].contiguous(), x[..., 1::2].contiguous())
