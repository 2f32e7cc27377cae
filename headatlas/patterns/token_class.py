"""Token-class patterns: the target is every earlier token of a kind, wherever it stands."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

from headatlas.patterns import pattern

if TYPE_CHECKING:
    from jaxtyping import Bool
    from torch import Tensor

    from headatlas.tokens import TokenBatch


def is_punctuation(text: str) -> bool:
    """True for a token that consists of Unicode punctuation, spaces around it aside."""
    text = text.strip()
    return bool(text) and all(unicodedata.category(letter).startswith("P") for letter in text)


@pattern(
    "punctuation", family="token class", probe="natural_text", version=1,
    source="Clark et al. 2019, arXiv:1906.04341",
    rivals=("first_token", "previous_token"), formula="mean over q of sum over earlier punctuation k of A[q, k]",
)  # fmt: skip
def punctuation(seq: TokenBatch) -> Bool[Tensor, "batch query key"]:
    """Attends to punctuation marks other than the query itself.

    A , B C .: query 3 (C) looks at key 1 (the comma).
    """
    return seq.from_elsewhere(seq.where_text(is_punctuation))
