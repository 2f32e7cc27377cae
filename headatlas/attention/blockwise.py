"""Attention computed in blocks of queries from q, k and the mask, so that no layer's whole attention ever exists.

The wrapped model runs as it is, except that each attention component hands over to the Hugging Face module in it, and
that module calls the attention function below (transformers' `AttentionInterface`). The function computes one softmax,
shows its rows, and multiplies them with the values (the blocks of Rabe & Staats 2021, arXiv:2112.05682, over queries
alone: a row is complete, since it is what is scored).
"""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

import torch
from jaxtyping import Float
from torch import Tensor, nn

from headatlas.attention import hooks
from headatlas.attention.hooks import model_input
from headatlas.attention.modules import AttentionModule
from headatlas.attention.receiver import Taker
from headatlas.errors import AttentionError
from headatlas.inputs.block import Block
from headatlas.inputs.forward_batch import Inputs
from headatlas.inputs.sequence import first_tokens

if TYPE_CHECKING:
    from transformer_lens.model_bridge import TransformerBridge

log = logging.getLogger("headatlas")

# Blocks and hooks are compared on this many tokens of a sequence.
N_COMPARED = 64
# The score of a key that a query may not attend to: finite, so that its weight, 0, times this is 0.
LOWEST = -1e30
# The name under which transformers knows the function below.
NAME = "headatlas_blocks"
# What modules pass to attention functions that changes no weight.
_HARMLESS = frozenset(
    "position_ids cache_position position_embeddings sliding_window is_causal use_cache output_attentions "
    "output_hidden_states return_dict past_key_values past_key_value".split()
)


class NotInBlocks(Exception):
    """This model's attention cannot be computed in blocks; the message says why."""


class _EndOfPass(Exception):
    """Raised when the last module has been read: nothing after it matters."""


@contextmanager
def in_blocks(bridge: TransformerBridge, modules: Sequence[AttentionModule]) -> Iterator[dict[int, AttentionModule]]:
    """Inside, the attention of `modules` goes through `attend`; gives them by the `id` of the module within.

    Raises:
        NotInBlocks: an attention component holds no Hugging Face module of its own.
    """
    _register()
    found: dict[int, AttentionModule] = {}
    components = []
    for module in modules:
        component = functools.reduce(getattr, module.hook.split(".")[:-1], bridge)
        original = getattr(component, "original_component", None)
        if not isinstance(original, nn.Module) or id(original) in found:
            raise NotInBlocks(f"{module.name} holds no attention module of its own")
        found[id(original)] = module
        components.append((component, original))
    held = [bridge.original_model, *(original for _, original in components)]
    configs = [config for one in held if (config := getattr(one, "config", None)) is not None]
    configs += [config.get_text_config() for config in configs if hasattr(config, "get_text_config")]
    before = {id(config): (config, getattr(config, "_attn_implementation", None)) for config in configs}
    for config, _ in before.values():
        config._attn_implementation = NAME
    for component, original in components:
        # In the instance itself: setting an attribute of a bridge component may reach the wrapped module.
        component.__dict__["forward"] = original.forward
    try:
        yield found
    finally:
        for component, _ in components:
            component.__dict__.pop("forward", None)
        for config, name in before.values():
            config._attn_implementation = name


def run(
    bridge: TransformerBridge,
    inputs: Inputs,
    modules: Sequence[AttentionModule],
    taker: Taker,
    *,
    device: torch.device | str,
    masked: bool,
) -> None:
    """One forward pass that ends in the last module's attention; see `hooks.run` for `masked`.

    Raises:
        NotInBlocks: the attention is of a form that is not known here.
        AttentionError: a module was not run.
    """
    first, options = model_input(inputs, device=device, masked=masked)
    if hasattr(bridge.original_model.config, "use_cache"):
        options["use_cache"] = False  # type: ignore[assignment]
    with torch.inference_mode(), in_blocks(bridge, modules) as found:
        one = _Pass(found, taker)
        token = _PASS.set(one)
        try:
            with suppress(_EndOfPass):
                bridge(first, return_type=None, **options)
        finally:
            _PASS.reset(token)
    if one.waiting:
        silent = ", ".join(found[number].name for number in one.waiting)
        raise AttentionError(f"The attention of {silent} was not run, so its heads cannot be scored.")


def difference(
    bridge: TransformerBridge, inputs: Inputs, modules: Sequence[AttentionModule], *, device: torch.device | str
) -> float | None:
    """The largest difference between blocks and hooks, over all weights of the first tokens of some sequences.

    None where attention cannot be had in blocks: it is not of single texts, or not computed by a Hugging Face module
    from q, k and a mask alone.
    """
    if len(inputs.causal) > 1 or any(one.signal is not None for one in inputs.sequences):
        return None
    few = Inputs([first_tokens(one, N_COMPARED) for one in inputs.sequences], inputs.causal)
    masked = not all(inputs.causal.values())
    comparison = _Comparison(few)
    hooks.run(bridge, few, modules, comparison.take, device=device, masked=masked)
    try:
        run(bridge, few, modules, comparison, device=device, masked=masked)
    except Exception as reason:  # modules and adapters stumble over whatever they did not expect
        log.debug("Attention is not computed in blocks: %s", reason)
        return None
    return comparison.largest


class _Comparison:
    """Compares blocks with whole attention that was taken before."""

    wants_values = False

    def __init__(self, inputs: Inputs) -> None:
        self.inputs = inputs
        self.whole: dict[AttentionModule, Tensor] = {}
        self.largest = 0.0

    def take(self, module: AttentionModule, attention: Tensor) -> None:
        self.whole[module] = attention.float()

    def take_values(self, module: AttentionModule, values: Tensor) -> None:
        """Not asked for."""

    def blocks(self, module: AttentionModule, n_heads: int) -> Iterator[Block]:
        n_batch, n_queries, n_keys = self.inputs.batch(module.attention).shape
        # Two blocks of queries, so that the seam is compared too.
        middle = n_queries // 2 + 1
        for queries in (slice(0, middle), slice(middle, n_queries)):
            n_seen = queries.stop if self.inputs.causal[module.attention] else n_keys
            if queries.start < queries.stop:
                yield Block(slice(0, n_batch), queries, n_seen)

    def add(self, module: AttentionModule, block: Block, attention: Tensor, values: Tensor, scores: Tensor) -> None:
        expected = self.whole[module][block.rows, :, block.queries]
        if expected.shape[:3] != attention.shape[:3]:
            raise NotInBlocks(f"{module.name} has other queries or heads than its hook")
        there = self.inputs.batch(module.attention).real[block.rows, None, block.queries, None].to(attention.device)
        apart = (expected[..., : block.n_keys] - attention).abs().amax(-1, keepdim=True)
        apart = apart + expected[..., block.n_keys :].sum(-1, keepdim=True)
        # A comparison with not-a-number is never small enough.
        largest = float(apart.where(there, 0).amax())
        self.largest = max(self.largest, largest) if largest == largest else float("inf")


class _Pass:
    """The modules that have not been run yet, and who looks."""

    def __init__(self, modules: dict[int, AttentionModule], taker: Taker) -> None:
        self.modules = modules
        self.waiting = dict.fromkeys(modules)
        self.taker = taker


_PASS: ContextVar[_Pass] = ContextVar("headatlas_pass")


@functools.cache
def _register() -> None:
    from transformers import AttentionInterface, AttentionMaskInterface
    from transformers.masking_utils import sdpa_mask

    AttentionInterface.register(NAME, attend)
    AttentionMaskInterface.register(NAME, sdpa_mask)


def attend(
    module: nn.Module,
    query: Float[Tensor, "batch head query d_head"],
    key: Float[Tensor, "batch group key d_head"],
    value: Float[Tensor, "batch group key d_value"],
    attention_mask: Tensor | None,
    scaling: float | None = None,
    dropout: float = 0.0,
    softcap: float | None = None,
    **others: Any,
) -> tuple[Float[Tensor, "batch query head d_value"], None]:
    """An attention function as transformers calls it; heads of a group share keys and values.

    Raises:
        NotInBlocks: more goes into this attention than what is known here.
    """
    current = _PASS.get()
    layer = current.modules.get(id(module))
    unknown = [name for name, one in others.items() if isinstance(one, Tensor) and name not in _HARMLESS]
    if layer is None or unknown:
        raise NotInBlocks(f"its attention also uses {', '.join(unknown) or type(module).__name__}")
    if id(module) not in current.waiting:
        raise NotInBlocks(f"{layer.name} is used more than once in a pass")
    del current.waiting[id(module)]
    n_batch, n_heads, n_queries, d_head = query.shape
    n_groups = key.shape[1]
    mask = _mask_of(module, attention_mask, n_queries, key.shape[2], others)
    query = query * (d_head**-0.5 if scaling is None else scaling)
    keys = key.transpose(2, 3)
    out = query.new_empty(n_batch, n_queries, n_heads, value.shape[-1])
    for block in current.taker.blocks(layer, n_heads):
        some = query[block.rows, :, block.queries]
        n_some, n_in_block = some.shape[0], some.shape[2]
        grouped = some.reshape(n_some, n_groups, -1, d_head)
        scores = (grouped @ keys[block.rows, :, :, : block.n_keys]).float()
        scores = scores.view(n_some, n_heads, n_in_block, block.n_keys)
        if softcap is not None:
            scores = (scores / softcap).tanh_().mul_(softcap)
        weights = mask(scores, block).softmax(-1)
        given = weights.to(value.dtype).view(n_some, n_groups, -1, block.n_keys) @ value[block.rows, :, : block.n_keys]
        out[block.rows, block.queries] = given.view(n_some, n_heads, n_in_block, -1).transpose(1, 2)
        current.taker.add(layer, block, weights, value, scores)
    if not current.waiting:
        raise _EndOfPass
    return out, None


def _mask_of(
    module: nn.Module, mask: Tensor | None, n_queries: int, n_keys: int, others: dict[str, Any]
) -> Callable[[Float[Tensor, "batch head query key"], Block], Float[Tensor, "batch head query key"]]:
    """What takes the keys out of a block's scores that its queries may not attend to."""
    if mask is not None:

        def given(scores: Tensor, block: Block) -> Tensor:
            rows = block.rows if mask.shape[0] > 1 else slice(None)
            queries = block.queries if mask.shape[2] > 1 else slice(None)
            part = mask[rows, :, queries, : block.n_keys]
            if part.dtype == torch.bool:
                return scores.masked_fill_(~part, LOWEST)
            return scores.add_(part).clamp_(min=LOWEST)

        return given
    is_causal = others.get("is_causal")
    if not (getattr(module, "is_causal", True) if is_causal is None else is_causal):
        return lambda scores, block: scores
    if n_queries != n_keys:
        raise NotInBlocks("its queries and keys are not of one text")
    later: dict[int, Float[Tensor, "query key"]] = {}

    def causal(scores: Tensor, block: Block) -> Tensor:
        # Keys before the block's first query are open to all of its queries.
        start, n = block.queries.start, scores.shape[2]
        if n not in later:
            later[n] = torch.full((n, n), LOWEST, device=scores.device).triu_(1)
        scores[..., start:] += later[n][:, : block.n_keys - start]
        return scores

    return causal
