"""The attention function that computes block by block, as transformers calls it (its `AttentionInterface`).

It computes one softmax, hands its rows over, and multiplies them with the values (the blocks of Rabe & Staats 2021,
arXiv:2112.05682, over queries alone: a row is complete, since it is what is scored).
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from contextvars import ContextVar
from typing import Any

import torch
from jaxtyping import Float, Shaped
from torch import Tensor, nn

from headatlas.attention.modules import AttentionModule
from headatlas.attention.receiver import AttentionReceiver
from headatlas.attention.spent import MOMENTS
from headatlas.inputs.block import Block
from headatlas.models.memory import give_back

# The score of a key that a query may not attend to: finite, so that its weight, 0, times this is 0.
MASKED_SCORE = -1e30
# The name under which transformers knows the function below.
NAME = "headatlas_blocks"
# Bytes that blocks may leave free between what is held, before these are given back.
MOST_LEFT_FREE = 32 * 2**20
# What modules pass to attention functions that changes no weight.
_HARMLESS = frozenset(
    "position_ids cache_position position_embeddings sliding_window is_causal use_cache output_attentions "
    "output_hidden_states return_dict past_key_values past_key_value".split()
)

# Takes the keys that a block's queries may not attend to out of its scores, in place where it can.
Mask = Callable[[Float[Tensor, "batch head query key"], Block], Float[Tensor, "batch head query key"]]


class NotInBlocks(Exception):
    """This model's attention cannot be computed in blocks; the message says why."""


class EndOfPass(Exception):
    """Raised when the last module has been read: nothing after it matters."""


class BlockPass:
    """A pass under way: its modules by the `id` of the Hugging Face module, those not run yet, and who receives.

    `outputs_waiting` are the names of modules whose output projection has not been run yet.
    """

    def __init__(self, modules: dict[int, AttentionModule], receiver: AttentionReceiver) -> None:
        self.modules = modules
        self.waiting = dict.fromkeys(modules)
        self.receiver = receiver
        self.outputs_waiting: set[str] = set()

    def end(self, *_: Any) -> None:
        """Ends the pass once nothing is waited for; called when a layer's heads are done, and when its sums may be.

        Raises:
            EndOfPass: nothing is.
        """
        give_back(more_than=MOST_LEFT_FREE)
        if not (self.waiting or self.outputs_waiting):
            raise EndOfPass


CURRENT_PASS: ContextVar[BlockPass] = ContextVar("headatlas_pass")


@functools.cache
def register() -> None:
    """Makes the function known to transformers under its name, with the masks of its own sdpa attention."""
    from transformers import AttentionInterface, AttentionMaskInterface
    from transformers.masking_utils import sdpa_mask

    AttentionInterface.register(NAME, attend)
    AttentionMaskInterface.register(NAME, sdpa_mask)


def attend(
    module: nn.Module,
    query: Float[Tensor, "batch head query d_head"],
    key: Float[Tensor, "*_keys"],
    value: Float[Tensor, "*_values"],
    attention_mask: Shaped[Tensor, "_ _ _ _"] | None,
    scaling: float | None = None,
    dropout: float = 0.0,
    softcap: float | None = None,
    **others: Any,
) -> tuple[Float[Tensor, "batch query head d_value"], None]:
    """An attention function as transformers calls it; heads of a group share keys and values.

    Keys [batch, group, key, d_head] and values [batch, group, key, d_value] are empty afterwards, where a pass over a
    long text gives them up.

    Raises:
        NotInBlocks: this attention depends on more than what is known here.
        EndOfPass: this was the last module of the pass.
    """
    current = CURRENT_PASS.get()
    layer = _layer_of(current, module, others)
    _, n_heads, n_queries, d_head = query.shape
    n_groups = key.shape[1]
    mask = mask_of(module, attention_mask, n_queries, key.shape[2], others)
    scaling = d_head**-0.5 if scaling is None else scaling
    keys = key.transpose(2, 3)
    out = _room_for_output(query, key, value)
    moments = MOMENTS.get()
    if moments is not None:
        moments.heads_begin(layer.hook)
    for block in current.receiver.blocks(layer, n_heads):
        give_back(more_than=MOST_LEFT_FREE)
        some = query[block.rows, :, block.queries] * scaling
        n_some, n_in_block = some.shape[0], some.shape[2]
        grouped = some.reshape(n_some, n_groups, -1, d_head)
        scores = (grouped @ keys[block.rows, :, :, : block.n_keys]).float()
        scores = scores.view(n_some, n_heads, n_in_block, block.n_keys)
        if softcap is not None:
            scores = (scores / softcap).tanh_().mul_(softcap)
        weights = mask(scores, block).softmax(-1)
        given = weights.to(value.dtype).view(n_some, n_groups, -1, block.n_keys) @ value[block.rows, :, : block.n_keys]
        out[block.rows, block.queries] = given.view(n_some, n_heads, n_in_block, -1).transpose(1, 2)
        current.receiver.receive_block(layer, block, weights, value, scores)
    if moments is not None:
        moments.heads_done(layer.hook, key, value)
    give_back()  # before sums are made of the layer
    current.end()
    return out, None


def _room_for_output(
    query: Float[Tensor, "batch head query d_head"],
    key: Float[Tensor, "batch group key d_head"],
    value: Float[Tensor, "batch group key d_value"],
) -> Float[Tensor, "batch query head d_value"]:
    """Where outputs go: over the queries, of which a block's are read for the last time before its outputs are known.

    Of a long text each of the two is as large as the residual stream. Queries that lie otherwise in memory than outputs
    do, or share it with keys or values, are left as they are.
    """
    by_query = query.transpose(1, 2)
    apart = query.untyped_storage().data_ptr() not in {part.untyped_storage().data_ptr() for part in (key, value)}
    if apart and by_query.is_contiguous() and by_query.shape[3] == value.shape[3]:
        return by_query
    return query.new_empty(*by_query.shape[:3], value.shape[3])


def _layer_of(current: BlockPass, module: nn.Module, others: dict[str, Any]) -> AttentionModule:
    """Which of a pass's modules calls, taken off those that it waits for."""
    layer = current.modules.get(id(module))
    unknown = [name for name, value in others.items() if isinstance(value, Tensor) and name not in _HARMLESS]
    if layer is None or unknown:
        raise NotInBlocks(f"its attention also uses {', '.join(unknown) or type(module).__name__}")
    if id(module) not in current.waiting:
        raise NotInBlocks(f"{layer.name} is used more than once in a pass")
    del current.waiting[id(module)]
    return layer


def mask_of(
    module: nn.Module,
    mask: Shaped[Tensor, "_ _ _ _"] | None,
    n_queries: int,
    n_keys: int,
    others: dict[str, Any],
) -> Mask:
    """The mask of a module's scores: the given one, a causal one, or none.

    Raises:
        NotInBlocks: a causal mask is needed between two texts.
    """
    if mask is not None:
        return functools.partial(_with_given_mask, mask)
    is_causal = others.get("is_causal")
    if not (getattr(module, "is_causal", True) if is_causal is None else is_causal):
        return lambda scores, block: scores
    if n_queries != n_keys:
        raise NotInBlocks("its queries and keys are not of one text")
    return functools.partial(_with_causal_mask, {})


def _with_given_mask(
    mask: Shaped[Tensor, "_ _ _ _"], scores: Float[Tensor, "batch head query key"], block: Block
) -> Float[Tensor, "batch head query key"]:
    """Scores with a boolean mask, true where a query may attend, or one that is added."""
    rows = block.rows if mask.shape[0] > 1 else slice(None)
    queries = block.queries if mask.shape[2] > 1 else slice(None)
    part = mask[rows, :, queries, : block.n_keys]
    if part.dtype == torch.bool:
        return scores.masked_fill_(~part, MASKED_SCORE)
    return scores.add_(part).clamp_(min=MASKED_SCORE)


def _with_causal_mask(
    later: dict[int, Float[Tensor, "_ _"]], scores: Float[Tensor, "batch head query key"], block: Block
) -> Float[Tensor, "batch head query key"]:
    """Scores without later keys; `later` keeps the triangles of the sizes that blocks have had."""
    # Keys before the block's first query are open to all of its queries.
    start, n = block.queries.start, scores.shape[2]
    if n not in later:
        later[n] = torch.full((n, n), MASKED_SCORE, device=scores.device).triu_(1)
    scores[..., start:] += later[n][:, : block.n_keys - start]
    return scores
