"""How a head is written: L5H1 (self), E5H1 (encoder), D5H1 (decoder), X5H1 (cross), V5H1 (vision)."""

from __future__ import annotations

# The probe of attention that was recorded elsewhere, on whatever text that was.
RECORDED = "recorded"

_LETTERS = {"self": "L", "encoder": "E", "decoder": "D", "cross": "X", "vision": "V"}


def head_name(attention: str, layer: int, head: int) -> str:
    """`head_name("self", 5, 1)` is "L5H1"."""
    return f"{_LETTERS[attention]}{layer}H{head}"


def layer_name(attention: str, layer: int) -> str:
    """`layer_name("self", 5)` is "L5"."""
    return f"{_LETTERS[attention]}{layer}"
