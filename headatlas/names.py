"""How a head is written: L5H1 (self), E5H1 (encoder), D5H1 (decoder), X5H1 (cross), V5H1 (vision)."""

from __future__ import annotations

import re

from headatlas.errors import HeadatlasError

# The probe of attention that was recorded elsewhere, on whatever text that was.
RECORDED = "recorded"

_LETTERS = {"self": "L", "encoder": "E", "decoder": "D", "cross": "X", "vision": "V"}


def head_name(attention: str, layer: int, head: int) -> str:
    """`head_name("self", 5, 1)` is "L5H1"."""
    return f"{_LETTERS[attention]}{layer}H{head}"


def layer_name(attention: str, layer: int) -> str:
    """`layer_name("self", 5)` is "L5"."""
    return f"{_LETTERS[attention]}{layer}"


def parse_head(text: str) -> tuple[str, int, int]:
    """`parse_head("L5H1")` is ("self", 5, 1); "5.1", as papers write it, is the same head.

    Raises:
        HeadatlasError: it is not a head's name.
    """
    found = re.fullmatch(r"([A-Za-z]?)(\d+)[Hh.](\d+)", text.strip())
    kinds = {letter: attention for attention, letter in _LETTERS.items()}
    if found is None or (found[1] or "L").upper() not in kinds:
        raise HeadatlasError(
            f"'{text}' is not a head. Write L5H1 for layer 5, head 1 (X cross, E encoder, D decoder, V vision)."
        )
    return kinds[(found[1] or "L").upper()], int(found[2]), int(found[3])
