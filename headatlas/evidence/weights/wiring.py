"""How a model's blocks are wired, found out by running them: what lies between the residual stream and its parts.

Where norms, multipliers and caps stand differs from architecture to architecture, and so do their names. So nothing is
read off names: chosen vectors are put into each block, and what comes out tells what is in between.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch
from jaxtyping import Float, Int
from torch import Tensor

from headatlas.attention.outputs import by_head
from headatlas.evidence.removing.passes import NotAvailable, hidden_of, z_hook
from headatlas.evidence.weights.agreement import TOLERANCE
from headatlas.evidence.weights.norms import N_TRIED, Norm, norm_between, same, tolerance_of, tried
from headatlas.models.products import fast_layers, in_fast_products

if TYPE_CHECKING:
    from transformer_lens.model_bridge import TransformerBridge

# Tokens, each a text of its own, by which weights are compared with what the model computes.
N_TOKENS = 24
# Tokens that go through the embedding, or the first block, in one go.
TOKENS_AT_ONCE = 4096

# Hooks that the outputs of attention and feed-forward layer pass; and where these add the stream to them themselves.
ENDS = ("attn.hook_out", "mlp.hook_out")
INNER_ENDS = ("attn.o.hook_out", "mlp.out.hook_out")

# A hook's new value for what passes it; it may keep what that was.
Change = Callable[[Tensor], Tensor]


@dataclass(frozen=True)
class Paths:
    """What lies between the residual stream and a layer's parts, or why that cannot be said.

    `reads`: from the stream to the attention's input. `attention` and `mlp`: from the outputs of these to what the
    block adds to the stream; `mlp` is None where there is no feed-forward layer. `attention_end` is the hook that the
    attention's output passes.
    """

    reads: Norm | NotAvailable
    attention: Norm | NotAvailable
    mlp: Norm | NotAvailable | None
    attention_end: str


@dataclass(frozen=True)
class Computed:
    """What the model computes in a layer for each of some tokens by itself, float32 on the CPU.

    Every token is the only one of its text, so all heads attend to it alone, and its position is the first, where
    rotary positions turn nothing. `queries` and `keys` are as the scores see them; they and the scores are None where
    no hook tells. `attention` is by the hook that it passes.
    """

    read: Float[Tensor, "token d_model"]
    z: Float[Tensor, "token head d_head"]
    attention: dict[str, Float[Tensor, "token d_model"]]
    queries: Float[Tensor, "token all_heads"] | None
    keys: Float[Tensor, "token all_kv_heads"] | None
    scores: Float[Tensor, "token head"] | None


@dataclass(frozen=True)
class Observed:
    """What the model computes for some tokens, each by itself: by layer, and at both ends.

    `exact` is how far numbers may be apart that are computed alike, as a share of the largest.
    """

    tokens: Int[Tensor, " token"]
    layers: dict[int, Computed]
    entering: Float[Tensor, "token d_model"]
    leaving: Float[Tensor, "token d_model"]
    logits: Float[Tensor, "token vocabulary"]
    exact: float

    @property
    def tolerance(self) -> float:
        """How far numbers may be apart where weights and model agree; norms' epsilons are in it."""
        return max(TOLERANCE, self.exact)


def find_paths(bridge: TransformerBridge, layers: Sequence[int], device: str) -> dict[int, Paths]:
    """What lies between the residual stream and the parts of each layer, from a pass over chosen vectors.

    Raises:
        NotAvailable: the blocks do not have the hooks for it, or are not run once each.
    """
    whole = _paths(bridge, layers, device, *ENDS)
    if all(isinstance(paths.attention, Norm) for paths in whole.values()):
        return whole
    try:
        inner = _paths(bridge, layers, device, *INNER_ENDS)
    except NotAvailable:
        return whole
    return inner if all(isinstance(paths.attention, Norm) for paths in inner.values()) else whole


def _paths(
    bridge: TransformerBridge, layers: Sequence[int], device: str, attention_end: str, mlp_end: str
) -> dict[int, Paths]:
    """The same, the outputs of attention and feed-forward layer taken where these hooks are."""
    d_model = int(bridge.cfg.d_model)
    chosen = tried(N_TRIED, d_model)
    both = torch.cat([chosen, -chosen])
    still = torch.zeros_like(both)
    # Rows: vectors that enter, that the attention gives, that the feed-forward layer gives; nothing else meanwhile.
    stream, attention, mlp = (torch.cat([both if row == part else still for row in range(3)]) for part in range(3))
    names = {layer: f"blocks.{layer}.{mlp_end}" for layer in layers}
    with_mlp = {layer: name for layer, name in names.items() if name in bridge.hook_dict}
    changes: dict[str, Change] = {f"blocks.{layer}.hook_in": _put(stream) for layer in layers}
    changes |= {f"blocks.{layer}.{attention_end}": _put(attention) for layer in layers}
    changes |= {name: _put(mlp) for name in with_mlp.values()}
    tokens = torch.zeros(len(stream), 1, dtype=torch.long, device=device)
    kept, out = _run(bridge, tokens, [f"blocks.{layer}.attn.hook_in" for layer in layers], changes)
    tolerance = tolerance_of(next(bridge.parameters()).dtype)
    paths = {}
    for layer in layers:
        read = kept[f"blocks.{layer}.attn.hook_in"].chunk(3)[0]
        entered, attended, fed = (part.chunk(2) for part in out[layer].chunk(3))
        reads = _path(chosen, read.chunk(2), tolerance, f"L{layer} does not read the residual stream through one norm")
        if same(torch.cat(entered), both, tolerance):
            otherwise = f"the heads' outputs do not reach the residual stream through one norm at most in L{layer}"
            writes = _path(chosen, attended, tolerance, otherwise)
        else:
            writes = NotAvailable(f"L{layer} does not hand on the residual stream as it is")
        after = None
        if layer in with_mlp:
            otherwise = f"the feed-forward layer's output does not reach the residual stream as it is in L{layer}"
            after = _path(chosen, fed, tolerance, otherwise)
        paths[layer] = Paths(reads, writes, after, attention_end)
    return paths


def observe(bridge: TransformerBridge, n_heads: Mapping[int, int], device: str) -> Observed:
    """What the model computes for tokens from all over the vocabulary, each by itself.

    What enters each layer is drawn at random, so that a few large numbers in real streams hide nothing.

    Raises:
        NotAvailable: the layers do not have the hooks for it, or are not run once each.
    """
    tokens = torch.linspace(0, int(bridge.cfg.d_vocab) - 1, N_TOKENS).long().unique()
    generator = torch.Generator().manual_seed(1)
    wanted, changes = [], {}
    entering: list[Tensor] = []
    for layer in n_heads:
        drawn = torch.randn(len(tokens), int(bridge.cfg.d_model), generator=generator)
        changes[f"blocks.{layer}.hook_in"] = _put(drawn)
        wanted += [f"blocks.{layer}.attn.hook_in", z_hook(layer)]
    first = bridge.blocks[0].register_forward_pre_hook(
        lambda _, args, kwargs: entering.append(hidden_of(args, kwargs)), with_kwargs=True
    )
    optional = ["hook_q", "hook_k", "hook_rot_q", "hook_rot_k", "hook_q_normed", "hook_k_normed", "hook_attn_scores"]
    maybe = [f"blocks.{layer}.attn.{name}" for layer in n_heads for name in optional]
    maybe += [f"blocks.{layer}.{end}" for layer in n_heads for end in (ENDS[0], INNER_ENDS[0])]
    maybe = [name for name in maybe if name in bridge.hook_dict]
    try:
        kept, out = _run(bridge, tokens[:, None].to(device), wanted, changes, maybe)
    finally:
        first.remove()
    computed = {}
    for layer, n in n_heads.items():
        part = {name: kept.get(f"blocks.{layer}.attn.{name}") for name in optional}
        scores = part["hook_attn_scores"]
        computed[layer] = Computed(
            kept[f"blocks.{layer}.attn.hook_in"],
            by_head(kept[z_hook(layer)].reshape(len(tokens), 1, -1), n)[:, 0],
            {end: kept[name] for end in (ENDS[0], INNER_ENDS[0]) if (name := f"blocks.{layer}.{end}") in kept},
            _first(part, ("hook_q_normed", "hook_rot_q", "hook_q")),
            _first(part, ("hook_k_normed", "hook_rot_k", "hook_k")),
            scores if scores is not None and scores.shape == (len(tokens), n) else None,
        )
    exact = tolerance_of(next(bridge.parameters()).dtype)
    last = out[len(bridge.blocks) - 1]
    return Observed(tokens, computed, _flat(entering[0], len(tokens)), last, kept["logits"], exact)


class _Stop(Exception):
    """The rest of a pass is not needed."""


def embedded(bridge: TransformerBridge, device: str) -> Float[Tensor, "vocabulary d_model"]:
    """Every token as the model's own embedding hands it to the first block, at the first position."""
    parts = []
    for tokens in torch.arange(int(bridge.cfg.d_vocab)).split(TOKENS_AT_ONCE):
        entering: list[Tensor] = []

        def stop(_: Any, args: tuple[Any, ...], kwargs: dict[str, Any], entering: list[Tensor] = entering) -> None:
            entering.append(hidden_of(args, kwargs))
            raise _Stop

        handle = bridge.blocks[0].register_forward_pre_hook(stop, with_kwargs=True)
        _until_stopped(bridge, tokens[:, None].to(device), [], handle)
        parts.append(_flat(entering[0], len(tokens)))
    return torch.cat(parts)


def at_positions(bridge: TransformerBridge, n: int, device: str) -> Float[Tensor, "position d_model"]:
    """What enters the first block at each of n positions when all hold the same token."""
    entering: list[Tensor] = []

    def stop(_: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        entering.append(hidden_of(args, kwargs))
        raise _Stop

    handle = bridge.blocks[0].register_forward_pre_hook(stop, with_kwargs=True)
    _until_stopped(bridge, torch.full((1, n), 5, device=device), [], handle)
    return _flat(entering[0], n)


def after_first_mlp(
    bridge: TransformerBridge, tokens: Float[Tensor, "token d_model"], device: str
) -> Float[Tensor, "token d_model"]:
    """Embeddings as the first block leaves them with nothing from its heads: the block itself runs.

    Raises:
        NotAvailable: it has no hooks for that.
    """
    parts = []
    for some in tokens.split(TOKENS_AT_ONCE):
        leaving: list[Any] = []

        def stop(_: Any, args: tuple[Any, ...], out: Any, leaving: list[Any] = leaving) -> None:
            leaving.append(out)
            raise _Stop

        changes: dict[str, Change] = {"blocks.0.hook_in": _put(some), z_hook(0): torch.zeros_like}
        if any(name not in bridge.hook_dict for name in changes):
            raise NotAvailable("its first block has no hooks for what enters it and what its heads give")
        handle = bridge.blocks[0].register_forward_hook(stop)
        ids = torch.zeros(len(some), 1, dtype=torch.long, device=device)
        _until_stopped(bridge, ids, [(name, _hook(change)) for name, change in changes.items()], handle)
        parts.append(_flat(leaving[0], len(some)))
    return torch.cat(parts)


def _until_stopped(bridge: TransformerBridge, tokens: Tensor, hooks: list[Any], handle: Any) -> None:
    try:
        with torch.inference_mode(), in_fast_products(fast_layers([bridge.blocks[0]])), bridge.hooks(fwd_hooks=hooks):
            bridge(tokens, return_type="logits")
    except _Stop:
        return
    except NotAvailable:
        raise
    except Exception as error:  # how this fails differs from architecture to architecture
        raise NotAvailable("its first block does not run by itself") from error
    finally:
        handle.remove()
    raise NotAvailable("its first block does not run")


def _run(
    bridge: TransformerBridge,
    tokens: Int[Tensor, "text 1"],
    wanted: Sequence[str],
    changes: Mapping[str, Change],
    maybe: Sequence[str] = (),
) -> tuple[dict[str, Tensor], dict[int, Tensor]]:
    """One pass over texts of a token each: what passed hooks (with "logits"), and what each block gave, [text, ...].

    Hooks of `maybe` need not fire.
    """
    missing = [name for name in {*wanted, *changes} if name not in bridge.hook_dict]
    if missing:
        raise NotAvailable(f"its blocks have no hook {min(missing)}")
    kept: dict[str, Tensor] = {}
    fired: dict[str, int] = {}
    out: dict[int, Tensor] = {}

    def hook(name: str) -> Callable[..., Any]:
        def run(x: Tensor, hook: Any) -> Tensor | None:
            fired[name] = fired.get(name, 0) + 1
            if name not in changes or name in wanted:
                kept[name] = _flat(x, len(tokens))
            return changes[name](x) if name in changes else None

        return run

    def keep(number: int) -> Callable[..., None]:
        def run(_: Any, args: Any, x: Any) -> None:
            out[number] = _flat(x, len(tokens))

        return run

    handles = [block.register_forward_hook(keep(number)) for number, block in enumerate(bridge.blocks)]
    names = dict.fromkeys([*wanted, *changes, *maybe])
    try:
        with torch.inference_mode(), bridge.hooks(fwd_hooks=[(name, hook(name)) for name in names]):
            kept["logits"] = _flat(bridge(tokens, return_type="logits"), len(tokens))
    except NotAvailable:
        raise
    except Exception as error:  # how this fails differs from architecture to architecture
        raise NotAvailable("it does not run on texts of one token with its blocks' inputs put in") from error
    finally:
        for handle in handles:
            handle.remove()
    odd = [name for name in {*wanted, *changes} if fired.get(name) != 1]
    if odd or len(out) != len(bridge.blocks):
        raise NotAvailable("its blocks, or parts of them, are not run once each" + (f" ({min(odd)})" if odd else ""))
    return kept, out


def _path(
    x: Float[Tensor, "n d_model"], ends: Sequence[Tensor], tolerance: float, otherwise: str
) -> Norm | NotAvailable:
    try:
        there, back = ends
        return norm_between(x, there, back, tolerance)
    except NotAvailable:
        return NotAvailable(otherwise)


def _put(value: Tensor) -> Change:
    """Puts a vector for each text in the place of what passes."""

    def change(x: Tensor) -> Tensor:
        if x.numel() != value.numel():
            raise NotAvailable("what passes its hooks is not a vector of the residual stream for each token")
        return value.reshape(x.shape).to(x)

    return change


def _hook(change: Change) -> Callable[..., Tensor]:
    return lambda x, hook: change(x)


def _first(parts: Mapping[str, Tensor | None], names: Sequence[str]) -> Tensor | None:
    return next((part for name in names if (part := parts[name]) is not None), None)


def _flat(x: Any, n: int) -> Float[Tensor, "text wide"]:
    """A vector for each of n texts of one token, float32 on the CPU."""
    x = x[0] if isinstance(x, tuple) else x
    if not isinstance(x, Tensor) or x.numel() % n:
        raise NotAvailable("its blocks give no vector for each token")
    return x.detach().float().cpu().reshape(n, -1)
