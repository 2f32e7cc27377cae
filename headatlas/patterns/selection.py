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


@pattern(
    "filtered_items", family=Family.ALGORITHM, probe="filtered_lists", version=1,
    source="Sharma et al. 2025, arXiv:2510.26784 (filter heads)",
    rivals=("list_marker", "punctuation", "duplicate_token", *_SIMPLE),
    formula="mean over q that end a question of sum over tokens k of the items of the class asked for of A[q, k]",
    contrast=lambda seq: seq.others(filtered_items(seq), seq.marked("item")),
    seen_as="items of the class asked for",
    synonyms=("filter", "predicate_filter"),
)  # fmt: skip
def filtered_items(seq: TokenBatch) -> Bool[Tensor, "batch query key"]:
    """Attends from the end of a question to the items of a list that are of the class it asks for.

    Filter heads are shown by carrying their queries over to another list, which moves this attention; here the
    attention is all there is.

    pear[item0] , saw[item1] , fig[item0] . fruit ?[filter_due0]: query 7 looks at keys 0, 4.
    """
    return seq.link("filter_due:last", "item")


@pattern(
    "query_focused_retrieval", family=Family.ALGORITHM, probe="several_documents", version=1,
    source="Zhang et al. 2025, arXiv:2506.09944 (QRHead; their score, on documents of ours)",
    rivals=("duplicate_token", "induction", "capitalised", *_SIMPLE),
    formula="mean over tokens q of questions of sum over tokens k of the document that answers q's question of A[q, k]",
    contrast=lambda seq: seq.others(query_focused_retrieval(seq), seq.marked("document")),
    seen_as="document that answers",
    synonyms=("QRHead", "document_retrieval"),
)  # fmt: skip
def query_focused_retrieval(seq: TokenBatch) -> Bool[Tensor, "batch query key"]:
    """Attends from a question to the document that answers it, of several.

    All tokens of the question count, as in the published score, also those before it is clear what is asked for.

    mill[document0] fell[document0] . inn[document1] burnt[document1] . mill[question0] ?: query 6 looks at keys 0, 1.
    """
    return seq.link("question", "document")


_BINDING = "Feng & Steinhardt 2023, arXiv:2310.17191; Prakash et al. 2025, arXiv:2505.14685"


@pattern(
    "bound_partner", family=Family.ALGORITHM, probe="bindings", version=1, source=f"{_BINDING} (binding lookback)",
    rivals=("duplicate_token", "induction", "capitalised", *_SIMPLE),
    formula="mean over names q said again of sum over tokens k of what was said to go with q of A[q, k]",
    contrast=lambda seq: seq.others(bound_partner(seq), seq.marked("partner", "stranger")),
    seen_as="what a name was said with",
    synonyms=("entity_binding", "lookback"),
)  # fmt: skip
def bound_partner(seq: TokenBatch) -> Bool[Tensor, "batch query key"]:
    """Attends from a person named again to the thing that was said to be theirs, or from a thing to its owner.

    Not to the nearest thing: things of others stand in the same sentences.

    Al hid Bo 's map[stranger1] and lamp[partner0] . Al[named_again0] has[partner_due0]: query 8 looks at key 6.
    """
    return seq.link("named_again:last", "partner")


@pattern(
    "bound_answer", family=Family.ALGORITHM, probe="bindings", version=1, source=f"{_BINDING} (answer lookback)",
    rivals=("duplicate_token", "induction", "capitalised", *_SIMPLE),
    formula="mean over q where the partner of a name is due of sum over the tokens k of that partner of A[q, k]",
    contrast=lambda seq: seq.others(bound_answer(seq), seq.marked("partner", "stranger")),
    copies=True,
    seen_as="what is due with a name",
)  # fmt: skip
def bound_answer(seq: TokenBatch) -> Bool[Tensor, "batch query key"]:
    """Attends, where what goes with a name is due, to where it was said.

    Al hid Bo 's map[stranger1] and lamp[partner0] . Al[named_again0] has[partner_due0]: query 9 looks at key 6.
    """
    return seq.link("partner_due:last", "partner")
