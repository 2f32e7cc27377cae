"""How far layers see whose attention slides: what a model's settings say, held against its attention."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


def claimed_windows(config: Any) -> list[int | None]:
    """By layer, the number of tokens that a window has by a model's settings; None where attention does not slide.

    These are `sliding_window` of the layers that `layer_types` calls sliding, or of all (Mistral), and GPT-Neo's
    `window_size` of its local layers. A model of several stacks is taken to have none.
    """
    if getattr(config, "is_encoder_decoder", False):
        return []
    config = config.get_text_config() if hasattr(config, "get_text_config") else config
    n_layers = getattr(config, "num_hidden_layers", 0) or 0
    if isinstance(local := getattr(config, "attention_layers", None), Sequence):
        return [getattr(config, "window_size", None) if name == "local" else None for name in local]
    size = getattr(config, "sliding_window", None)
    if not isinstance(size, int) or size < 1 or getattr(config, "use_sliding_window", True) is False:
        return [None] * n_layers
    types = getattr(config, "layer_types", None)
    if types is None:
        return [size] * n_layers
    return [size if name == "sliding_attention" else None for name in types]


def window_of(claimed: int | None, farthest: int, n_tokens: int, *, causal: bool) -> int | None:
    """How many tokens away the farthest key is that a query may attend to; None where any may be seen.

    Causal layers count the query itself among the tokens of their window; others see as many tokens either way. Where a
    text of `n_tokens` is long enough to show it, the attention decides: settings that it exceeds by more than a token
    are not believed.

    Args:
        claimed: tokens of the window by the model's settings, if it has one.
        farthest: how far away the farthest key with any weight was, over all heads of the layer.
        n_tokens: the length of the text on which it was measured.
        causal: whether the layer looks at nothing ahead.
    """
    if claimed is None:
        return None
    window = claimed - 1 if causal else claimed
    if n_tokens - 1 <= window or farthest <= window:
        return window
    return farthest if farthest == window + 1 < n_tokens - 1 else None
