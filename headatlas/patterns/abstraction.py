"""Patterns of abstract copies: by the part a word plays in a rule, or by the phrase that its tokens make up."""

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


_FEUCHT = "Feucht et al. 2025, arXiv:2504.03022"


@pattern(
    "concept_induction", family=Family.ALGORITHM, probe="known_phrases", version=1,
    source=f"{_FEUCHT} (concept induction heads; chance phrases stand beside known ones)",
    rivals=("phrase_end_induction", "induction", "duplicate_token", "preceding_copy", *_SIMPLE),
    formula="mean over q where a known phrase is due again of A[q, last token of the phrase's first mention]",
    contrast=lambda seq: seq.others(
        concept_induction(seq), seq.role("chance_phrase:last"), seq.role("phrase_due:last")
    ).tril(-1),
    copies=True,
    seen_as="end of the known phrase to come",
    synonyms=("concept_copying", "concept_head"),
)  # fmt: skip
def concept_induction(seq: TokenBatch) -> Bool[Tensor, "batch query key"]:
    """Attends, where a known phrase is about to come again, to the end of its first mention.

    Plain induction leads to a phrase's beginning. The published score takes off what phrases of chance words get in
    other texts; here a phrase of chance words has stood after the same words, and what its end gets is the contrast.

    lamp polar bear[phrase0] ; lamp tea rush[chance_phrase0] ; lamp[phrase_due0]: query 8 looks at key 2.
    """
    return seq.link("phrase_due:last", "phrase:last").tril(-1)


@pattern(
    "phrase_end_induction", family=Family.ALGORITHM, probe="known_phrases", version=1,
    source=f"{_FEUCHT} (what concept induction is compared with, known phrases included)",
    rivals=("induction_any", "induction", "duplicate_token", "preceding_copy", *_SIMPLE),
    formula="mean over q where a phrase is due of sum over last tokens k of phrases that stood after the same words of "
    "A[q, k]",
    contrast=lambda seq: seq.others(phrase_end_induction(seq), seq.marked("phrase", "chance_phrase")).tril(-1),
    seen_as="ends of the phrases that stood here",
)  # fmt: skip
def phrase_end_induction(seq: TokenBatch) -> Bool[Tensor, "batch query key"]:
    """Attends, where a phrase is due, to the ends of those that stood after the same words, known or of chance words.

    lamp polar bear[phrase0] ; lamp tea rush[chance_phrase0] ; lamp[phrase_due0]: query 8 looks at keys 2, 6.
    """
    ends = seq.role("phrase:last").maximum(seq.role("chance_phrase:last"))
    return seq.same_group(seq.role("phrase_due:last"), ends).tril(-1)
