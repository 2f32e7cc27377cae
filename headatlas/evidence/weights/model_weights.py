"""A model's weights as evidence needs them, compared with what the model computes, or a word on why they are not used.

Vectors are rows: a head reads x W_Q, x W_K, x W_V, writes z W_O, and the logits are x W_U. Gains of norms and
multipliers on the way are folded in; `wiring` finds out which there are.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

import torch
from jaxtyping import Float, Int
from torch import Tensor

from headatlas.evidence.removing.passes import NotAvailable
from headatlas.evidence.weights import agreement, wiring
from headatlas.evidence.weights.norms import HeadNorm, Norm, find_norm
from headatlas.evidence.weights.wiring import Observed, Paths

if TYPE_CHECKING:
    from transformer_lens.model_bridge import TransformerBridge

T = TypeVar("T")


@dataclass(frozen=True)
class LayerWeights:
    """One layer's heads. Key-value weights are shared in groups: head h uses `w_k[h // group]`.

    `norm` stands before the attention, `attention` and `mlp` behind the two parts of the block (a multiplier and no
    norm in most models), `query_norm` and `key_norm` on queries and keys, whose products times `scale` are the scores.
    Where the model does something else than the weights say, the reason stands in its place.
    """

    layer: int
    w_q: Float[Tensor, "head d_model d_head"]
    w_k: Float[Tensor, "kv_head d_model d_head"]
    w_v: Float[Tensor, "kv_head d_model d_head"]
    w_o: Float[Tensor, "head d_head d_model"]
    norm: Norm
    attention: Norm | NotAvailable
    mlp: Norm | NotAvailable | None
    query_norm: HeadNorm | NotAvailable
    key_norm: HeadNorm | NotAvailable
    scale: Float[Tensor, " head"] | NotAvailable
    other_values: NotAvailable | None

    def per_head(self, w: Float[Tensor, "kv_head a b"]) -> Float[Tensor, "head a b"]:
        """Key or value weights, one entry a head."""
        return w.repeat_interleave(len(self.w_o) // len(w), 0)

    # Each of these raises NotAvailable where the model does something else.

    @property
    def queries(self) -> Float[Tensor, "head d_model d_head"]:
        """W_Q with the gain of the norm on queries; what that divides by is left out."""
        return known(self.query_norm).fold(self.w_q)

    @property
    def keys(self) -> Float[Tensor, "head d_model d_head"]:
        """W_K of each head, likewise."""
        return self.per_head(known(self.key_norm).fold(self.w_k))

    @property
    def values(self) -> Float[Tensor, "head d_model d_head"]:
        """W_V of each head."""
        if self.other_values is not None:
            raise self.other_values
        return self.per_head(self.w_v)

    @property
    def written(self) -> Float[Tensor, "head d_head d_model"]:
        """W_O as it reaches the residual stream: with the gain of a norm behind the attention, less its division."""
        return known(self.attention).direction(self.w_o)


class ModelWeights:
    """A model's weights, read when they are first asked for; what cannot be read raises NotAvailable.

    `n_heads` is the number of heads by layer.
    """

    def __init__(self, bridge: TransformerBridge, n_heads: Mapping[int, int], device: str) -> None:
        self.bridge = bridge
        self.n_heads = n_heads
        self.device = device

    @cached_property
    def observed(self) -> Observed:
        """What the model computes for some tokens."""
        return wiring.observe(self.bridge, self.n_heads, self.device)

    @cached_property
    def layers(self) -> list[LayerWeights]:
        """Of all layers that have heads; each must read the residual stream through a norm, or as it is."""
        paths = wiring.find_paths(self.bridge, list(self.n_heads), self.device)
        return [
            _layer(self.bridge, layer, n_heads, paths[layer], self.observed) for layer, n_heads in self.n_heads.items()
        ]

    @cached_property
    def embedding(self) -> Float[Tensor, "vocabulary d_model"]:
        """W_E as it enters the first block, up to what positions add: times the model's multiplier if it has one.

        Where W_E and a multiplier do not explain what enters: what the model's own embedding gives at position 0.
        """
        with suppress(NotAvailable):
            own = _read(self.bridge, "W_E")
            return own * agreement.multiplier(
                own[self.observed.tokens], self.observed.entering, self.observed.tolerance
            )
        return wiring.embedded(self.bridge, self.device)

    def after_mlp(self, tokens: Int[Tensor, " token"]) -> Float[Tensor, "token d_model"]:
        """Embeddings of some tokens as the first feed-forward layer leaves them."""
        return wiring.after_first_mlp(self.bridge, self.embedding[tokens], self.device)

    @cached_property
    def unembedding(self) -> Float[Tensor, "d_model vocabulary"]:
        """W_U; the model's logits must rise with what it gives, as they do under a multiplier or a soft cap."""
        own = _read(self.bridge, "W_U")
        if self.observed.leaving.shape[1] != len(own):
            raise NotAvailable("what leaves its last block is not what is unembedded")
        if not agreement.rises(self._logits(own), self.observed.logits, self.observed.tolerance):
            raise NotAvailable("its logits do not follow from the normed residual stream, unembedded")
        return own

    @cached_property
    def logit_scale(self) -> float:
        """What the model multiplies its logits by; a soft cap is no such thing."""
        return agreement.factor(self._logits(self.unembedding), self.observed.logits, self.observed.tolerance)

    @cached_property
    def final(self) -> Norm:
        """The norm before the unembedding."""
        return find_norm(getattr(self.bridge, "ln_final", None), int(self.bridge.cfg.d_model))

    @cached_property
    def output_biases(self) -> dict[int, Float[Tensor, " d_model"]]:
        """b_O of the layers that have one."""
        biases = {}
        for layer in self.n_heads:
            with suppress(NotAvailable):
                biases[layer] = _read(self.bridge.blocks[layer].attn, "b_O")
        return biases

    @cached_property
    def unembedding_bias(self) -> Float[Tensor, " vocabulary"] | None:
        """b_U, where there is one."""
        with suppress(NotAvailable):
            return _read(self.bridge, "b_U")
        return None

    def _logits(self, unembedding: Float[Tensor, "d_model vocabulary"]) -> Float[Tensor, "token vocabulary"]:
        """What the weights say that the logits of the observed tokens are, up to a multiplier or a soft cap."""
        logits = (self.final(self.observed.leaving) + self.final.bias) @ unembedding
        return logits if self.unembedding_bias is None else logits + self.unembedding_bias


def known(value: T | NotAvailable) -> T:
    """The value.

    Raises:
        NotAvailable: it is not there; the reason stands in its place.
    """
    if isinstance(value, NotAvailable):
        raise value
    return value


def _layer(bridge: TransformerBridge, layer: int, n_heads: int, paths: Paths, observed: Observed) -> LayerWeights:
    """A layer's weights, compared with what it computes.

    Raises:
        NotAvailable: it does not hold them in this form, as with latent attention, or reads something else.
    """
    block, computed, tolerance = bridge.blocks[layer], observed.layers[layer], observed.tolerance
    w_q, w_k, w_v, w_o = (_read(block.attn, name) for name in ("W_Q", "W_K", "W_V", "W_O"))
    d_model, n_kv = int(bridge.cfg.d_model), len(w_k)
    if (
        any(w.ndim != 3 for w in (w_q, w_k, w_v, w_o))
        or w_q.shape[:2] != (n_heads, d_model)
        or (w_o.shape[0], w_o.shape[2]) != (n_heads, d_model)
        or len(w_v) != n_kv
        or n_heads % n_kv
    ):
        raise NotAvailable(f"layer {layer} holds its weights in a form that is not known here")
    ends = (computed.read, computed.attention.get(paths.attention_end, computed.z))
    if any(end.shape != (len(computed.z), d_model) for end in ends) or computed.z.shape[1:] != w_o.shape[:2]:
        raise NotAvailable(f"layer {layer} has no hooks for what its attention reads and gives")
    q, k, v = (
        torch.einsum("td,hde->the", computed.read, w) + bias(block.attn, name, w)[:, 0]
        for name, w in (("b_Q", w_q), ("b_K", w_k), ("b_V", w_v))
    )
    attention = paths.attention
    given = torch.einsum("the,hed->td", computed.z, w_o) + output_bias(block.attn, d_model)
    if not isinstance(attention, NotAvailable) and not agreement.close(
        given, computed.attention[paths.attention_end], tolerance
    ):
        attention = NotAvailable(f"the heads' outputs are not what the output weights read in L{layer}")
    queries, keys = (
        agreement.head_norm(x, real, observed.exact) for x, real in ((q, computed.queries), (k, computed.keys))
    )
    query_norm, key_norm, scale = agreement.scores(q, k, queries, keys, computed.scores, layer, tolerance)
    other = None
    if not agreement.in_one_direction(v.repeat_interleave(n_heads // n_kv, 1), computed.z, tolerance):
        other = NotAvailable(f"what heads give of a token is not what the value weights read in L{layer}")
    return LayerWeights(
        layer, w_q, w_k, w_v, w_o, known(paths.reads), attention, paths.mlp, query_norm, key_norm, scale, other
    )


def bias(attention: Any, name: str, w: Float[Tensor, "head d_model d_head"]) -> Float[Tensor, "head 1 d_head"]:
    """b_Q, b_K or b_V beside the weights w; zeros where there is none."""
    with suppress(NotAvailable):
        own = _read(attention, name)
        if own.numel() == len(w) * w.shape[-1]:
            return own.reshape(len(w), 1, -1)
    return torch.zeros(len(w), 1, w.shape[-1])


def output_bias(attention: Any, d_model: int) -> Float[Tensor, " d_model"]:
    """b_O; zeros where there is none."""
    with suppress(NotAvailable):
        return _read(attention, "b_O")
    return torch.zeros(d_model)


def _read(owner: Any, name: str) -> Tensor:
    try:
        tensor = getattr(owner, name)
    except Exception as error:  # what is missing differs from architecture to architecture
        raise NotAvailable(f"TransformerLens gives no {name} for it") from error
    if not isinstance(tensor, Tensor):
        raise NotAvailable(f"TransformerLens gives no {name} for it")
    return tensor.detach().float().cpu()
