"""Patterns of selecting: the option, list item or document that a question asks for, what a name was bound to.

Each says where a head of a known kind looks. Whether it carries over what it looks at, attention alone does not tell.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from headatlas.patterns import pattern
from headatlas.patterns.families import Family

if TYPE_CHECKING:
    from jaxtyping import Bool
    from torch import Tensor

    from headatlas.inputs.token_batch import TokenBatch

_SIMPLE = ("previous_token", "fixed_offset", "first_token")


@pattern(
    "right_option", family=Family.ALGORITHM, probe="multiple_choice", version=1,
    source="Tulchinskii et al. 2024, arXiv:2410.02343 (select-and-copy heads); Lieberum et al. 2023, arXiv:2307.09458 "
    "(content gatherers)",
    rivals=("right_option_letter", "punctuation", "duplicate_token", *_SIMPLE),
    formula="mean over q where a letter is due of sum over the words and end mark k of the right option of A[q, k]",
    contrast=lambda seq: seq.others(right_option(seq), seq.marked("option")),
    seen_as="right option from the answer",
    synonyms=("select_and_copy", "option_content", "content_gatherer"),
)  # fmt: skip
def right_option(seq: TokenBatch) -> Bool[Tensor, "batch query key"]:
    """Attends, where an answer's letter is due, to the words of the right option and the mark that ends it.

    Select-and-copy heads are found by their attention to the ends of options, which is the largest at the right one.
    The same score of the wrong options is the contrast.

    tool? A[option_letter0] owl[option0] ; B[option_letter1] saw[option1] . is[choice_due1]: query 7 looks at key 5.
    """
    return seq.link("choice_due:last", "option")


@pattern(
    "right_option_letter", family=Family.ALGORITHM, probe="multiple_choice", version=1,
    source="Lieberum et al. 2023, arXiv:2307.09458 (correct letter heads)",
    rivals=("right_option", "capitalised", "duplicate_token", *_SIMPLE),
    formula="mean over q where a letter is due of A[q, letter of the right option]",
    contrast=lambda seq: seq.others(right_option_letter(seq), seq.marked("option_letter")),
    copies=True,
    seen_as="letter of the right option",
    synonyms=("correct_letter", "letter_mover"),
)  # fmt: skip
def right_option_letter(seq: TokenBatch) -> Bool[Tensor, "batch query key"]:
    """Attends, where an answer's letter is due, to the letter of the right option.

    tool? A[option_letter0] owl[option0] ; B[option_letter1] saw[option1] . is[choice_due1]: query 7 looks at key 4.
    """
    return seq.link("choice_due:last", "option_letter")
