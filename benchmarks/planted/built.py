"""A model built by hand from weights: two layers of attention, every head of which is known to do one thing.

The residual stream holds the token, the position and, after layer 0, the previous token, each one-hot. A head's
score for a key is a sum of a number for the pair of tokens and a number for the pair of positions, so that rules
like "the nearest earlier copy, else the first position" can be written down.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from transformer_lens.config import TransformerBridgeConfig
from transformer_lens.model_bridge import TransformerBridge
from transformers import PreTrainedTokenizerFast

# Score of a match; resting on the first position loses against it and wins against recency alone.
MATCH, REST, RECENCY = 80.0, 55.0, 0.2


@dataclass(frozen=True)
class Head:
    """One head: pattern, score for [query token, key token], score for [query position, key position].

    `keys_are_previous` compares with the token before the key, as K-composition with a previous-token head allows.
    """

    pattern: str | None
    tokens: Callable[[int], np.ndarray] | None = None
    positions: Callable[[int], np.ndarray] | None = None
    keys_are_previous: bool = False


def build(
    tokenizer: PreTrainedTokenizerFast, is_punctuation: np.ndarray, n_context: int = 128, sharpness: float = 1.0
) -> tuple[TransformerBridge, dict[tuple[int, int], str]]:
    """The model and the truth: the pattern of each (layer, head) that has one.

    `is_punctuation` marks the tokens of that class. `sharpness` below 1 spreads the attention.
    """
    n_tokens = len(tokenizer)
    layers = [_first_layer(is_punctuation), _second_layer()]
    width = max(len(heads) for heads in layers)
    config = TransformerBridgeConfig(
        d_model=2 * n_tokens + n_context, d_head=n_tokens + n_context, n_layers=2, n_heads=width, n_ctx=n_context,
        d_vocab=n_tokens, attn_only=True, normalization_type=None, act_fn="relu", seed=0,
    )  # fmt: skip
    bridge = TransformerBridge.boot_native(config)
    bridge.tokenizer = tokenizer  # given at boot it would be loaded again, from a hub
    weights = {
        name.replace("._original_component", ""): value for name, value in bridge.original_model.named_parameters()
    }
    truth = {}
    with torch.no_grad():
        for value in weights.values():
            value.zero_()
        token, position = slice(0, n_tokens), slice(n_tokens, n_tokens + n_context)
        previous = slice(n_tokens + n_context, None)
        weights["tok_embed.weight"][:, token] = torch.eye(n_tokens)
        weights["pos.weight"][:, position] = torch.eye(n_context)
        for layer, heads in enumerate(layers):
            parts = {name: weights[f"layers.{layer}.attn.{name}.weight"] for name in "qkvo"}
            d_head = config.d_head
            for number, head in enumerate(heads):
                rows = slice(number * d_head, (number + 1) * d_head)
                query, key = torch.zeros(d_head, config.d_model), torch.zeros(d_head, config.d_model)
                if head.tokens is not None:
                    query[:n_tokens, token] = torch.from_numpy(head.tokens(n_tokens)).float().T
                    key[:n_tokens, previous if head.keys_are_previous else token] = torch.eye(n_tokens)
                if head.positions is not None:
                    query[n_tokens:, position] = torch.from_numpy(head.positions(n_context)).float().T
                    key[n_tokens:, position] = torch.eye(n_context)
                # Scores are divided by the root of d_head.
                parts["q"][rows] = query * sharpness * d_head**0.5
                parts["k"][rows] = key
                if head.pattern is not None:
                    truth[layer, number] = head.pattern
            if layer == 0:  # the previous-token head writes what it sees
                parts["v"][:n_tokens, token] = torch.eye(n_tokens)
                parts["o"][previous, :n_tokens] = torch.eye(n_tokens)
    return bridge.eval(), truth


def _first_layer(is_punctuation: np.ndarray) -> list[Head]:
    return [
        Head("previous_token", positions=_back(1)),
        Head("fixed_offset_3", positions=_back(3)),
        Head("first_token", positions=_first),
        Head("current_token", positions=_back(0)),
        Head("duplicate_token", tokens=lambda n: MATCH * np.eye(n), positions=_nearest_else_first),
        Head(
            "punctuation",
            tokens=lambda n: MATCH * np.broadcast_to(is_punctuation, (n, n)),
            positions=lambda n: _first_else(n) - 2 * MATCH * np.eye(n),
        ),
    ]


def _second_layer() -> list[Head]:
    induction = Head(
        "induction", tokens=lambda n: MATCH * np.eye(n), positions=_nearest_else_first, keys_are_previous=True
    )
    return [induction, Head(None), Head("fixed_offset_2", positions=_back(2))]


def _back(offset: int) -> Callable[[int], np.ndarray]:
    return lambda n: MATCH * np.eye(n, k=-offset)


def _first(n: int) -> np.ndarray:
    scores = np.zeros((n, n))
    scores[:, 0] = MATCH
    return scores


def _first_else(n: int) -> np.ndarray:
    return _first(n) * REST / MATCH


def _nearest_else_first(n: int) -> np.ndarray:
    return RECENCY * np.broadcast_to(np.arange(n), (n, n)) + _first_else(n) - 2 * MATCH * np.eye(n)
