"""Where a model's attention can be read: its modules, by TransformerLens' hooks."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from jaxtyping import Float
from torch import Tensor

from headatlas.errors import ModelError
from headatlas.heads import ATTENTION_KINDS, layer_name

if TYPE_CHECKING:
    from transformer_lens.model_bridge import TransformerBridge


# Hook names by kind of attention. An encoder's own stack is called `blocks` too; whether its attention is
# causal is measured, since the configuration cannot be trusted.
_HOOKS = (
    ("self", re.compile(r"blocks\.(\d+)\.(?:attn|self_attn)\.hook_pattern")),
    ("encoder", re.compile(r"encoder_blocks\.(\d+)\.(?:attn|self_attn)\.hook_pattern")),
    ("decoder", re.compile(r"decoder_blocks\.(\d+)\.(?:attn|self_attn)\.hook_pattern")),
    ("cross", re.compile(r"decoder_blocks\.(\d+)\.cross_attn\.hook_pattern")),
    ("cross", re.compile(r"decoder_blocks\.(\d+)\.self_attn\.hook_cross_pattern")),  # of merged attention
)


@dataclass(frozen=True)
class AttentionModule:
    """Where one layer's attention can be read: `hook_pattern` gives [batch, head, query, key]."""

    attention: str
    layer: int
    hook: str

    @property
    def name(self) -> str:
        """L5 for layer 5."""
        return layer_name(self.attention, self.layer)


OnAttention = Callable[[AttentionModule, Float[Tensor, "batch head query key"]], None]


def find_modules(bridge: TransformerBridge, kind: str = "self") -> list[AttentionModule]:
    """The declared attention hooks, in the order of layers; `kind` is what the attention of a single stack is.

    Raises:
        ModelError: there are none.
    """
    modules = []
    for hook in bridge.hook_dict:
        for attention, shape in _HOOKS:
            match = shape.fullmatch(hook)
            if match:
                modules.append(AttentionModule(kind if attention == "self" else attention, int(match[1]), hook))
    if not modules:
        raise ModelError("TransformerLens declares no attention hook for this model, so there is nothing to scan.")
    return sorted(modules, key=lambda module: (list(ATTENTION_KINDS).index(module.attention), module.layer))
