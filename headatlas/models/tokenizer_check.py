"""Whether a tokenizer can be run on a text: one may write its letters many times over before it cuts them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from headatlas.errors import ModelError

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

# How many times as long a text may become; the decomposed forms of Unicode are at most 18 times as long.
MOST_GROWTH = 1000


def check_growth(tokenizer: PreTrainedTokenizerBase) -> None:
    """Looks at the replacements that a tokenizer makes before it cuts a text.

    Raises:
        ModelError: after all of them a text can be more than `MOST_GROWTH` times as long.
    """
    normalizer = getattr(getattr(tokenizer, "backend_tokenizer", None), "normalizer", None)
    if normalizer is None:
        return
    growth = 1.0
    for step in _steps(json.loads(normalizer.__getstate__())):
        if step.get("type") == "Replace":
            # A pattern may match a letter, or the nothing beside it.
            replaced = len(step["pattern"].get("String", "")) or 1
            growth *= max(len(step["content"]) / replaced, 1.0)
    if growth > MOST_GROWTH:
        raise ModelError(
            f"The tokenizer cannot be meant: what it replaces can make a text {growth:,.0f} times as long. Take the "
            "`Replace` steps out of the `normalizer` in tokenizer.json, or give another folder."
        )


def _steps(normalizer: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The steps of a normalizer, in order; a sequence may hold others."""
    for inner in normalizer.get("normalizers", ()):
        yield from _steps(inner)
    yield normalizer
