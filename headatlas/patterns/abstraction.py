"""Patterns of abstract copies: by the part a word plays in a rule, or by the word that its tokens spell."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headatlas.patterns import pattern
from headatlas.patterns.families import Family

if TYPE_CHECKING:
    from jaxtyping import Bool
    from torch import Tensor

    from headatlas.inputs.token_batch import TokenBatch

_YANG = "Yang et al. 2025, arXiv:2502.20332"
_SIMPLE = ("previous_token", "fixed_offset", "first_token")


@pattern(
    "symbolic_induction", family=Family.ALGORITHM, probe="word_triplets", version=1,
    source=f"{_YANG} (symbolic induction heads)",
    rivals=("induction", "induction_any", "duplicate_token", "newline", "punctuation", *_SIMPLE),
    formula="mean over q where a triplet's last item is due of sum over tokens k of earlier triplets' last items of "
    "A[q, k]",
    contrast=lambda seq: seq.others(symbolic_induction(seq), seq.marked("first_or_second")).tril(-1),
    seen_as="last items of earlier triplets",
    synonyms=("symbol_induction", "abstract_induction"),
)  # fmt: skip
def symbolic_induction(seq: TokenBatch) -> Bool[Tensor, "batch query key"]:
    """Attends, where the last item of a triplet is due, to the last items of the triplets before it.

    The words differ from triplet to triplet, so that only their part in the rule leads there. The earlier heads of the
    published circuit, which link equal words within a triplet, are `duplicate_token`'s.

    a[first_or_second0] b a[third0] ; c[first_or_second0] d ,[third_due0]: query 6 looks at key 2.
    """
    return seq.link("third_due:last", "third").tril(-1)


@pattern(
    "item_of_rule", family=Family.ALGORITHM, probe="word_triplets", version=1, source=f"{_YANG} (retrieval heads)",
    rivals=("induction", "punctuation", "symbolic_induction", *_SIMPLE),
    formula="mean over q where a triplet's last item is due of sum over tokens k of the item that the rule repeats of "
    "A[q, k]",
    contrast=lambda seq: seq.others(
        item_of_rule(seq), seq.role("unrepeated"), seq.role("repeat_due:last")
    ),
    copies=True,
    seen_as="item that the rule repeats",
)  # fmt: skip
def item_of_rule(seq: TokenBatch) -> Bool[Tensor, "batch query key"]:
    """Attends, where the last item of a triplet is due, to the one of its two items that the rule of the text repeats.

    The first triplet does not count: nothing tells the rule yet.

    a b a ; c[repeated1] , d[unrepeated1] ,[repeat_due1]: query 7 looks at key 4.
    """
    return seq.link("repeat_due:last", "repeated")
