"""Prompts for encoders that predict masked tokens: natural text in which some tokens are masked.

After Devlin et al. 2018, arXiv:1810.04805: 15% of the tokens are hidden; here all of them behind the mask itself.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from headatlas.inputs.sequence import TokenSequence
from headatlas.probes.metrics import Prompt, Target

if TYPE_CHECKING:
    from headatlas.models.load import Model

MASKED_SHARE = 0.15


def why_not(model: Model) -> str:
    """Why no masked tokens can be predicted with a model; empty where they can."""
    if not model.info.architecture.endswith("ForMaskedLM"):
        return "it has no head that predicts masked tokens"
    if getattr(model.tokenizer, "mask_token_id", None) is None:
        return "its tokenizer has no mask"
    return ""


def masked_prompts(
    sequences: Iterable[TokenSequence], mask: int, *, n_tokens: int, longest: int, seed: int, fewest: int = 4
) -> list[Prompt]:
    """Prompts of at most `n_tokens` tokens together (but at least `fewest` prompts), some of their tokens masked.

    All have the same length, the `longest` or what the longest sequence has, so that none is padded: an encoder would
    read the padding too. Special tokens at the end are kept and never masked. A target is read where its mask stands.
    """
    given = list(sequences)
    length = min(longest, max(map(len, given), default=0))
    prompts: list[Prompt] = []
    for number, whole in enumerate(given):
        if len(whole) < length or (len(prompts) >= fewest and (len(prompts) + 1) * length > n_tokens):
            continue
        sequence = _cut(whole, length)
        ordinary = [position for position, special in enumerate(sequence.special) if not special]
        if not ordinary:
            continue
        n_masked = max(1, round(MASKED_SHARE * len(ordinary)))
        chosen = sorted(np.random.default_rng([seed, number]).permutation(ordinary)[:n_masked].tolist())
        ids = tuple(mask if position in chosen else token for position, token in enumerate(sequence.ids))
        targets = tuple(Target(position, sequence.ids[position]) for position in chosen)
        prompts.append(Prompt(replace(sequence, ids=ids), targets))
    return prompts


def _cut(whole: TokenSequence, length: int) -> TokenSequence:
    """A sequence's first tokens and the special ones at its end, `length` in all, without roles."""
    n_after = next((n for n, special in enumerate(reversed(whole.special)) if not special), 0)
    kept = [*range(length - n_after), *range(len(whole) - n_after, len(whole))]
    return replace(
        whole,
        ids=tuple(whole.ids[position] for position in kept),
        texts=tuple(whole.texts[position] for position in kept),
        special=tuple(whole.special[position] for position in kept),
        roles={},
    )
