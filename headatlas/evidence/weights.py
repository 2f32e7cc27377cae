"""A model's weights as evidence needs them: per head, with each norm's gain folded in, or a word on why not.

Vectors are rows: a head reads x W_Q, x W_K, x W_V, writes z W_O, and the logits are x W_U.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import torch
from jaxtyping import Float
from torch import Tensor, nn

from headatlas.evidence.passes import NotAvailable

if TYPE_CHECKING:
    from transformer_lens.model_bridge import TransformerBridge


# Embeddings that go through the first feed-forward layer in one go.
TOKENS_AT_ONCE = 4096


@dataclass(frozen=True)
class Norm:
    """A norm apart from its division by the vector's size: gain, bias, and whether the mean is taken off first."""

    gain: Float[Tensor, " d_model"]
    centred: bool
    bias: Float[Tensor, " d_model"]

    def direction(self, x: Float[Tensor, "*some d_model"]) -> Float[Tensor, "*some d_model"]:
        """x as the norm hands it on, up to the size it divides by and the bias it adds."""
        return (x - x.mean(-1, keepdim=True) if self.centred else x) * self.gain

    def scale(self, x: Float[Tensor, "*some d_model"]) -> Float[Tensor, "*some 1"]:
        """What the norm divides x by, its epsilon aside."""
        if self.centred:
            x = x - x.mean(-1, keepdim=True)
        return x.pow(2).mean(-1, keepdim=True).sqrt()

    def __call__(self, x: Float[Tensor, "*some d_model"]) -> Float[Tensor, "*some d_model"]:
        """The normed x without the bias; nothing where x is zero."""
        return self.direction(x) / self.scale(x).clamp(min=1e-8)


@dataclass(frozen=True)
class NoNorm(Norm):
    """For models without a norm here."""

    def scale(self, x: Float[Tensor, "*some d_model"]) -> Float[Tensor, "*some 1"]:
        """1."""
        return torch.ones_like(x[..., :1])


@dataclass(frozen=True)
class LayerWeights:
    """One layer's heads. Key-value weights are shared in groups: head h uses `w_k[h // group]`."""

    layer: int
    w_q: Float[Tensor, "head d_model d_head"]
    w_k: Float[Tensor, "kv_head d_model d_head"]
    w_v: Float[Tensor, "kv_head d_model d_head"]
    w_o: Float[Tensor, "head d_head d_model"]
    norm: Norm

    def per_head(self, w: Float[Tensor, "kv_head a b"]) -> Float[Tensor, "head a b"]:
        """Key or value weights, one entry a head."""
        return w.repeat_interleave(len(self.w_o) // len(w), 0)


class ModelWeights:
    """A model's weights, read when they are first asked for; what cannot be read raises NotAvailable.

    `n_heads` is the number of heads by layer.
    """

    def __init__(self, bridge: TransformerBridge, n_heads: Mapping[int, int], device: str) -> None:
        self.bridge = bridge
        self.n_heads = n_heads
        self.device = device

    @cached_property
    def layers(self) -> list[LayerWeights]:
        """Of all layers that have heads."""
        return all_layers(self.bridge, self.n_heads, self.device)

    @cached_property
    def embedding(self) -> Float[Tensor, "vocabulary d_model"]:
        """W_E."""
        return _read(self.bridge, "W_E")

    @cached_property
    def after_mlp(self) -> Float[Tensor, "vocabulary d_model"]:
        """The embedding as the first feed-forward layer leaves it."""
        return after_first_mlp(self.bridge, self.embedding)

    @cached_property
    def unembedding(self) -> Float[Tensor, "d_model vocabulary"]:
        """W_U."""
        return _read(self.bridge, "W_U")

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


def find_norm(module: Any, d_model: int) -> Norm:
    """A norm's gain and type, found by trying it out: modules name and store theirs in many ways.

    Raises:
        NotAvailable: it is no layer norm, root-mean-square norm or identity.
    """
    # Behind the hooks, where the bridge has one: a component may pass its input through unchanged itself.
    inner = getattr(module, "original_component", None)
    inner = module if inner is None else inner
    if module is None or isinstance(inner, nn.Identity):
        return NoNorm(torch.ones(d_model), False, torch.zeros(d_model))
    parameter = next(inner.parameters(), None)
    like = {} if parameter is None else {"device": parameter.device, "dtype": parameter.dtype}
    # Large, so that the norm's epsilon is nothing beside it.
    x = 100 * torch.randn(3, d_model, generator=torch.Generator().manual_seed(0)).to(**like)
    with torch.inference_mode():
        there, back = inner(x).float().cpu(), inner(-x).float().cpu()
    odd, bias = (there - back) / 2, ((there + back) / 2).mean(0)
    x = x.float().cpu()
    tolerance = 1e-3 if like.get("dtype") in (None, torch.float32, torch.float64) else 0.05
    for centred in (True, False):
        plain = Norm(torch.ones(d_model), centred, bias)
        norm = Norm((odd[0] / plain(x[0])).nan_to_num(), centred, bias)
        if torch.allclose(odd, norm(x), atol=tolerance, rtol=tolerance):
            return norm
    if torch.allclose(odd, x):
        return NoNorm(torch.ones(d_model), False, torch.zeros(d_model))
    raise NotAvailable("its norms are of a kind that is not known here")


def after_first_mlp(
    bridge: TransformerBridge, tokens: Float[Tensor, "token d_model"]
) -> Float[Tensor, "token d_model"]:
    """Embeddings as the first block's feed-forward layer leaves them, its attention skipped.

    Embeddings as they are where there is no such layer.

    Raises:
        NotAvailable: it cannot be run by itself.
    """
    block = bridge.blocks[0]
    mlp, norm = getattr(block, "mlp", None), getattr(block, "ln2", None)
    if mlp is None:
        return tokens
    like = next(mlp.parameters())
    parts = []
    try:
        with torch.inference_mode():
            for some in tokens.split(TOKENS_AT_ONCE):
                x = some.to(like)[None]
                out = mlp(x if norm is None else norm(x))
                parts.append((x + (out[0] if isinstance(out, tuple) else out))[0].float().cpu())
    except Exception as error:  # how this fails differs from architecture to architecture
        raise NotAvailable("its first feed-forward layer cannot be run by itself") from error
    return torch.cat(parts)


def all_layers(bridge: TransformerBridge, layers: Mapping[int, int], device: str) -> list[LayerWeights]:
    """The weights of the heads of some layers (layer: number of heads), float32 on the CPU.

    Raises:
        NotAvailable: a layer does not hold them in this form, as with latent attention.
    """
    bare = _reads_residual(bridge, list(layers), device)
    return [_layer(bridge, layer, n_heads, layer in bare) for layer, n_heads in layers.items()]


def _layer(bridge: TransformerBridge, layer: int, n_heads: int, bare: bool) -> LayerWeights:
    block = bridge.blocks[layer]
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
    norm = find_norm(None if bare else getattr(block, "ln1", None), d_model)
    return LayerWeights(layer, w_q, w_k, w_v, w_o, norm)


def _reads_residual(bridge: TransformerBridge, layers: Sequence[int], device: str) -> set[int]:
    """Layers whose attention reads the residual stream as it is: the norm called ln1 may stand behind it."""
    entering: dict[str, Tensor] = {}

    def keep(name: str) -> Callable[..., None]:  # under the name asked for: a hook may have several
        def hook(x: Tensor, hook: Any) -> None:
            entering[name] = x

        return hook

    names = {layer: (f"blocks.{layer}.hook_in", f"blocks.{layer}.attn.hook_in") for layer in layers}
    if any(name not in bridge.hook_dict for pair in names.values() for name in pair):
        raise NotAvailable("its attention has no hook for what it reads")
    tokens = torch.arange(1, 9, device=device)[None] % int(bridge.cfg.d_vocab)
    with torch.inference_mode():
        bridge.run_with_hooks(tokens, fwd_hooks=[(name, keep(name)) for pair in names.values() for name in pair])
    try:
        pairs = {layer: (entering[block], entering[attention]) for layer, (block, attention) in names.items()}
    except KeyError as error:
        raise NotAvailable(f"its hook {error} does not fire") from error
    return {layer for layer, (whole, read) in pairs.items() if whole.shape == read.shape and torch.equal(whole, read)}


def _read(owner: Any, name: str) -> Tensor:
    try:
        tensor = getattr(owner, name)
    except Exception as error:  # what is missing differs from architecture to architecture
        raise NotAvailable(f"TransformerLens gives no {name} for it") from error
    if not isinstance(tensor, Tensor):
        raise NotAvailable(f"TransformerLens gives no {name} for it")
    return tensor.detach().float().cpu()
