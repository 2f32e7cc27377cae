"""Patterns of small algorithms: fuzzy copies, orders, indirect objects, retrieval, labels given by example.

Each says where a head of a known kind looks. What the head then writes, and whether the model needs it, attention
alone does not tell.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from headatlas.patterns import pattern
from headatlas.patterns.content import COPIES
from headatlas.patterns.families import Family

if TYPE_CHECKING:
    from jaxtyping import Bool, Int
    from torch import Tensor

    from headatlas.inputs.token_batch import TokenBatch


def _new(seq: TokenBatch) -> Bool[Tensor, "batch query 1"]:
    """Queries whose token has not come before."""
    return (seq.previous_occurrence < 0)[:, :, None]


# An element of an order has its class times this, plus its rank, as the group of its role.
_CLASS = 100


def _class_of(elements: Int[Tensor, "batch position"]) -> Int[Tensor, "batch position"]:
    """The classes of elements; -1 for other tokens."""
    return (elements // _CLASS).where(elements >= 0, -1)


def _predecessors(seq: TokenBatch) -> Bool[Tensor, "batch query key"]:
    """All earlier mentions of the element before in order."""
    elements = seq.role("element:last")
    return seq.same_group(elements - 1, elements).tril(-1)


def _after_other_copies(seq: TokenBatch) -> Bool[Tensor, "batch query key"]:
    """What followed earlier copies of the current token that stood after another token than it does.

    For the queries of `longer_prefix_induction` with two to eight copies.
    """
    copies, before = seq.earlier_copies(*COPIES), seq.tokens.roll(1, -1)
    same = before[:, None].expand(seq.shape).gather(2, copies.clamp(min=0)) == before[:, :, None]
    elsewhere = (copies >= 0) & ~same & (copies + 1 < seq.positions[:, None])
    return seq.at_each((copies + 1).where(elsewhere, -1)) & _misled(seq)[:, :, None]


def _misled(seq: TokenBatch) -> Bool[Tensor, "batch query"]:
    """Queries whose pair with the token before was said before, and whose own latest copy stood after another one."""
    return (seq.previous_pair >= 0) & (seq.previous_occurrence > seq.previous_pair)


@pattern(
    "preceding_copy", family=Family.CONTENT, probe="repeated_random_tokens", version=1,
    source="counterpart of prefix matching (Olsson et al. 2022, arXiv:2209.11895); no standard reference",
    rivals=("duplicate_token", "induction", "fixed_offset", "first_token"),
    formula="mean over q with an earlier copy of A[q, previous occurrence of token q - 1]",
)  # fmt: skip
def preceding_copy(seq: TokenBatch) -> Bool[Tensor, "batch query key"]:
    """Attends to the token before an earlier copy of the current one.

    It is not anti-induction: heads of that kind, like those of copy suppression, look where induction heads look
    and push the token they find down instead of up, so that attention alone cannot tell the two apart. Special
    tokens before the first copy do not count.

    A B C B: query 3 (the second B) looks at key 0 (A).
    """
    previous = seq.previous_occurrence
    return seq.at((previous - 1).where(previous >= 1, -1)) & seq.ordinary[:, None, :]


@pattern(
    "longer_prefix_induction", family=Family.CONTENT, probe="ambiguous_repeats", version=1,
    source="after Kissane et al. 2024, arXiv:2406.17759 (long and short prefixes); the ambiguous tokens are ours",
    rivals=("induction", "duplicate_token", "preceding_copy", "fixed_offset", "first_token"),
    formula="mean over q whose latest copy follows another token of A[q, latest copy of the pair (q-1, q) + 1]",
    contrast=_after_other_copies,
    copies=True, built_on="previous_token",
    synonyms=("long_prefix_induction", "n_gram_induction"),
)  # fmt: skip
def longer_prefix_induction(seq: TokenBatch) -> Bool[Tensor, "batch query key"]:
    """Attends to the token that followed an earlier copy of the last two tokens, when one token would mislead.

    Only queries count whose own latest copy stood after a different token: there, prefix matching of a single token
    finds the wrong continuation.

    A X B C X D A X: query 7 (the third X) looks at key 2 (B).
    """
    return seq.at((seq.previous_pair + 1).where(_misled(seq), -1))


@pattern(
    "fuzzy_induction", family=Family.CONTENT, probe="word_variants", version=1,
    source="after Olsson et al. 2022, arXiv:2209.11895 (fuzzy copies)",
    rivals=("fuzzy_duplicate", "previous_token", "fixed_offset", "first_token"),
    formula="mean over q that end a word in a new spelling of sum over followers k of earlier spellings of A[q, k]",
    contrast=lambda seq: seq.others(fuzzy_induction(seq), seq.marked("follower:first", "after_alike:first")).tril(-1),
    copies=True, built_on="previous_token",
    synonyms=("soft_induction", "approximate_induction"),
)  # fmt: skip
def fuzzy_induction(seq: TokenBatch) -> Bool[Tensor, "batch query key"]:
    """Attends to what followed an earlier mention of the current word in other capitals or spacing.

    The query is the word's last token, and counts only if that token is new: where it has an exact copy, plain
    induction leads to the same place.

    cat[variant0] sat[follower0] ; Cat[variant0] ran[follower0]: query 3 (Cat) looks at key 1 (sat).
    """
    return seq.link("variant:last", "follower:first").tril(-1) & _new(seq)


@pattern(
    "fuzzy_duplicate", family=Family.CONTENT, probe="word_variants", version=1,
    source="duplicate_token for other spellings of a word; no standard reference",
    rivals=("fuzzy_induction", "previous_token", "fixed_offset", "first_token"),
    formula="mean over q that end a word in a new spelling of sum over last tokens k of earlier spellings of A[q, k]",
    contrast=lambda seq: seq.others(fuzzy_duplicate(seq), seq.marked("variant:last", "alike:last")).tril(-1),
)  # fmt: skip
def fuzzy_duplicate(seq: TokenBatch) -> Bool[Tensor, "batch query key"]:
    """Attends to earlier mentions of the current word in other capitals or spacing.

    Query and key are the mentions' last tokens, where the word is complete; the query's token must be new, since
    exact copies are `duplicate_token`'s.

    cat[variant0] sat[follower0] ; Cat[variant0] ran[follower0]: query 3 (Cat) looks at key 0 (cat).
    """
    return seq.link("variant:last", "variant:last").tril(-1) & _new(seq)


@pattern(
    "successor", family=Family.ALGORITHM, probe="ordinal_sequences", version=1,
    source="after Gould et al. 2023, arXiv:2312.09230, who define successor heads by what they write",
    rivals=("induction", "duplicate_token", "predecessor_in_order", "fixed_offset", "first_token"),
    formula="mean over last tokens q of elements of sum over earlier tokens k of the next element in order of A[q, k]",
    contrast=lambda seq: seq.others(
        successor(seq), _class_of(seq.role("element")), _class_of(seq.role("element:last"))
    ).tril(-1),
    seen_as="where the successor stood",
    synonyms=("incrementation",),
)  # fmt: skip
def successor(seq: TokenBatch) -> Bool[Tensor, "batch query key"]:
    """Attends from a day, month, number or letter to where its successor stood before.

    The published successor heads are something else: they look at the current element and write its successor,
    which their weights show and attention does not. The order does not wrap: Sunday has no successor.

    one[element0] day two[element1] nights one[element0]: query 4 (the second one) looks at key 2 (two).
    """
    last = seq.role("element:last")
    return seq.same_group((last + 1).where(last >= 0, -1), seq.role("element")).tril(-1)


@pattern(
    "predecessor_in_order", family=Family.ALGORITHM, probe="ordinal_sequences", version=1,
    source="converse of successor; no standard reference",
    rivals=("successor", "previous_token", "duplicate_token", "fixed_offset", "first_token"),
    formula="mean over last tokens q of elements of A[q, last token of the nearest earlier previous element in order]",
    contrast=lambda seq: seq.others(
        _predecessors(seq), _class_of(seq.role("element:last")), _class_of(seq.role("element:last"))
    ).tril(-1),
)  # fmt: skip
def predecessor_in_order(seq: TokenBatch) -> Bool[Tensor, "batch query key"]:
    """Attends from a day, month, number or letter to the nearest mention of the one before it in order.

    one[element0] day two[element1] nights three[element2]: query 4 (three) looks at key 2 (two).
    """
    return seq.at(seq.latest(_predecessors(seq)))


_WANG = "Wang et al. 2022, arXiv:2211.00593"


@pattern(
    "duplicate_name", family=Family.ALGORITHM, probe="indirect_object", version=1, source=_WANG,
    rivals=("duplicate_token", "name_induction", "capitalised", "fixed_offset", "first_token"),
    formula="mean over prompts of A[subject's second mention, subject's first mention]",
    contrast=lambda seq: seq.others(duplicate_name(seq), seq.marked("io", "bystander")).tril(-1),
    seen_as="first mention of a name",
)  # fmt: skip
def duplicate_name(seq: TokenBatch) -> Bool[Tensor, "batch query key"]:
    """Attends from a name mentioned again to its first mention (duplicate-token heads of the IOI circuit).

    Mary[io0] and Ed[subject0] met[after_subject0] ; Ed[subject_again0] spoke to[end0]: query 5 looks at key 2.
    """
    return seq.link("subject_again:last", "subject")


@pattern(
    "name_induction", family=Family.ALGORITHM, probe="indirect_object", version=1, source=_WANG,
    rivals=("induction", "duplicate_name", "fixed_offset", "first_token"),
    formula="mean over prompts of A[subject's second mention, token after the subject's first mention]",
    contrast=lambda seq: seq.others(name_induction(seq), seq.marked("after_other:first")).tril(-1),
    copies=True, built_on="previous_token",
    seen_as="after a name's first mention",
)  # fmt: skip
def name_induction(seq: TokenBatch) -> Bool[Tensor, "batch query key"]:
    """Attends from a name mentioned again to the token after its first mention (induction heads of the IOI circuit).

    Mary[io0] and Ed[subject0] met[after_subject0] ; Ed[subject_again0] spoke to[end0]: query 5 looks at key 3.
    """
    return seq.link("subject_again:last", "after_subject:first")


@pattern(
    "subject_inhibition", family=Family.ALGORITHM, probe="indirect_object", version=1, source=_WANG,
    rivals=("name_mover", "capitalised", "fixed_offset", "first_token"),
    formula="mean over prompts of A[end, subject's second mention]",
    contrast=lambda seq: seq.others(subject_inhibition(seq), seq.marked("io", "bystander")),
    seen_as="repeated name from the end",
    synonyms=("s_inhibition", "s2_inhibition"),
)  # fmt: skip
def subject_inhibition(seq: TokenBatch) -> Bool[Tensor, "batch query key"]:
    """Attends from the end of the prompt to the second mention of the subject (S-inhibition heads).

    That such a head keeps others off the subject is shown by patching, not by where it looks.

    Mary[io0] and Ed[subject0] met[after_subject0] ; Ed[subject_again0] spoke to[end0]: query 7 looks at key 5.
    """
    return seq.link("end:last", "subject_again")


@pattern(
    "name_mover", family=Family.ALGORITHM, probe="indirect_object", version=1, source=_WANG,
    rivals=("subject_inhibition", "capitalised", "fixed_offset", "first_token"),
    formula="mean over prompts of A[end, indirect object's name]",
    contrast=lambda seq: seq.others(name_mover(seq), seq.marked("subject", "subject_again", "bystander")),
    copies=True,
    seen_as="other name from the end",
    synonyms=("backup_name_mover", "negative_name_mover"),
)  # fmt: skip
def name_mover(seq: TokenBatch) -> Bool[Tensor, "batch query key"]:
    """Attends from the end of the prompt to the indirect object's name (name movers, backup and negative ones).

    Name movers write the name they look at; negative name movers look there as well and push it down.

    Mary[io0] and Ed[subject0] met[after_subject0] ; Ed[subject_again0] spoke to[end0]: query 7 looks at key 0.
    """
    return seq.link("end:last", "io")


@pattern(
    "retrieval", family=Family.ALGORITHM, probe="needle_in_filler", version=1,
    source="Wu et al. 2024, arXiv:2404.15574 (the attention part of their score)",
    rivals=("longer_prefix_induction", "induction", "digit", "fixed_offset", "first_token"),
    formula="mean over q where an answer is due of sum over tokens k of the answer in its statement of A[q, k]",
    contrast=lambda seq: seq.others(retrieval(seq), seq.marked("answer", "answer_again")),
    copies=True,
    seen_as="answer among filler",
    synonyms=("needle_in_a_haystack", "needle"),
)  # fmt: skip
def retrieval(seq: TokenBatch) -> Bool[Tensor, "batch query key"]:
    """Attends, where an answer is due, to the answer's tokens in the statement among the filler.

    This is the attention part of the retrieval score alone: that score counts a needle's token when the head looks
    most at it while the model writes it. A question repeats its statement's wording, so an induction head that
    matches several tokens finds the answer too.

    code is 48[answer0] . Rain fell . code is[answer_due0]: query 8 (the second is) looks at key 2 (the answer).
    """
    return seq.link("answer_due:last", "answer")


@pattern(
    "label_matching", family=Family.ALGORITHM, probe="few_shot_labels", version=1,
    source="after Wang et al. 2023, arXiv:2305.14160 (label words are anchors); Cho et al. 2024, arXiv:2410.04468",
    rivals=("shot_labels", "induction", "newline", "fixed_offset", "first_token"),
    formula="mean over q where a label is due of sum over earlier labels k of q's class of A[q, k]",
    contrast=lambda seq: seq.others(label_matching(seq), seq.marked("label", "label_like")).tril(-1),
    seen_as="labels of the same class",
)  # fmt: skip
def label_matching(seq: TokenBatch) -> Bool[Tensor, "batch query key"]:
    """Attends, where a label is due, to the labels of earlier examples of the same class.

    Compare `shot_labels`: a head that looks at labels of all classes alike gets a part of this score for nothing.

    oak -> plant[label1] elm ->[label_due1]: query 4 (the second arrow) looks at key 2 (plant).
    """
    return seq.link("label_due:last", "label").tril(-1)


@pattern(
    "shot_labels", family=Family.ALGORITHM, probe="few_shot_labels", version=1,
    source="Wang et al. 2023, arXiv:2305.14160",
    rivals=("induction", "newline", "fixed_offset", "first_token"),
    formula="mean over q where a label is due of sum over earlier labels k of any class of A[q, k]",
    contrast=lambda seq: seq.others(shot_labels(seq), seq.marked("label_like")).tril(-1),
    synonyms=("label_words", "anchor"),
)  # fmt: skip
def shot_labels(seq: TokenBatch) -> Bool[Tensor, "batch query key"]:
    """Attends, where a label is due, to the labels of all earlier examples, whatever their class.

    oak -> plant[label1] cow -> animal[label0] elm ->[label_due1]: query 7 (the last arrow) looks at keys 2, 5.
    """
    due, labels = seq.role("label_due:last"), seq.role("label")
    return seq.same_group(due.clamp(max=0), labels.clamp(max=0)).tril(-1)
