"""Whether a tokenizer can be run: one may write a text many times over, before it cuts it and after."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from headatlas.errors import ModelError

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

# How many times as long a text may become; the decomposed forms of Unicode are at most 18 times as long.
MOST_GROWTH = 1000
# A letter has up to four bytes, each of which becomes a letter.
_BYTES_OF_A_LETTER = 4
# Where a part of a tokenizer that is a sequence has its steps.
_INNER = ("normalizers", "pretokenizers", "decoders", "processors")


def check_growth(tokenizer: PreTrainedTokenizerBase) -> None:
    """Looks at what a tokenizer writes before it cuts a text, puts around its tokens, and writes for them.

    Raises:
        ModelError: a text or a token can become more than `MOST_GROWTH` times as long, or a step can only fail.
    """
    backend = getattr(tokenizer, "backend_tokenizer", None)
    before = [*_steps(getattr(backend, "normalizer", None)), *_steps(getattr(backend, "pre_tokenizer", None))]
    after = _steps(getattr(backend, "decoder", None))
    parts = {
        "normalizer": _growth(before),
        "decoder": _growth(step for step in after if step.get("type") != "ByteLevel"),
        "post_processor": _added(_steps(getattr(backend, "post_processor", None))),
    }
    for part, growth in parts.items():
        if growth > MOST_GROWTH:
            raise ModelError(
                f"The tokenizer cannot be meant: its `{part}` can make a text {growth:,.0f} times as long. Take such "
                "steps out of tokenizer.json, or give another folder."
            )


def _steps(part: Any) -> Iterator[Mapping[str, Any]]:
    """The steps of a part of a tokenizer, in order."""
    return iter(()) if part is None else _flat(json.loads(part.__getstate__()))


def _flat(step: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """A step and those in it; a sequence may hold others."""
    for name in _INNER:
        for inner in step.get(name, ()):
            yield from _flat(inner)
    yield step


def _growth(steps: Iterable[Mapping[str, Any]]) -> float:
    """How many times as long one letter can become.

    Raises:
        ModelError: the library fails on a step.
    """
    growth = 1.0
    for step in steps:
        if step.get("type") == "Replace":
            pattern = next(iter(step["pattern"].values()), "")
            if not pattern:
                raise ModelError(
                    "The tokenizer cannot be meant: it replaces the empty text. Take that `Replace` step out of "
                    "tokenizer.json, or give another folder."
                )
            # A pattern may match a letter, or the nothing beside it.
            replaced = len(step["pattern"].get("String", "")) or 1
            growth *= max(len(step["content"]) / replaced, 1.0)
        elif step.get("type") == "Prepend":
            growth += len(step["prepend"])
        elif step.get("type") == "ByteLevel":
            growth *= _BYTES_OF_A_LETTER
    return growth


def _added(steps: Iterable[Mapping[str, Any]]) -> float:
    """How many tokens there can be in the place of one, with those that are put around a text."""
    growth = 1.0
    for step in steps:
        if step.get("type") == "TemplateProcessing":
            special = step.get("special_tokens", {})
            sizes = {name: len(token.get("ids", ())) for name, token in special.items()}
            growth *= max(
                sum(sizes.get(piece.get("SpecialToken", {}).get("id"), 1) for piece in step.get(template, ()))
                for template in ("single", "pair")
            )
    return growth
