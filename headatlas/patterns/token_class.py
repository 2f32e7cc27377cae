"""Token-class patterns: the target is every earlier token of a kind, wherever it stands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headatlas.patterns import pattern, words
from headatlas.patterns.families import Family

if TYPE_CHECKING:
    from collections.abc import Callable

    from jaxtyping import Bool, Int
    from torch import Tensor

    from headatlas.inputs.token_batch import TokenBatch


@pattern(
    "punctuation", family=Family.TOKEN_CLASS, probe="natural_text", version=1,
    source="Clark et al. 2019, arXiv:1906.04341",
    rivals=("first_token", "previous_token"), formula="mean over q of sum over earlier punctuation k of A[q, k]",
    synonyms=("delimiter",),
)  # fmt: skip
def punctuation(seq: TokenBatch) -> Bool[Tensor, "batch query key"]:
    """Attends to punctuation marks other than the query itself.

    A , B C .: query 3 (C) looks at key 1 (the comma).
    """
    return seq.all_queries_except_self(seq.where_text(words.is_punctuation))


def _register_class(
    name: str, predicate: Callable[[str], bool], what: str, example: str, source: str, *rivals: str
) -> None:
    def token_class(seq: TokenBatch) -> Bool[Tensor, "batch query key"]:
        return seq.all_queries_except_self(seq.where_text(predicate))

    token_class.__doc__ = f"""Attends to {what} other than the query itself.

    {example}
    """
    pattern(
        name, family=Family.TOKEN_CLASS, probe="natural_text", version=1, source=source, rivals=rivals,
        formula=f"mean over q of sum over k that are {what} of A[q, k]",
    )(token_class)  # fmt: skip


_CLARK = "Clark et al. 2019, arXiv:1906.04341"
_OURS = "generic class mass; no standard reference"
_register_class(
    "sentence_end", words.ends_sentence, "tokens that end a sentence or a line",
    "A , B . C D: query 5 (D) looks at key 3 (the full stop).", _CLARK, "punctuation", "first_token",
)  # fmt: skip
_register_class(
    "comma", words.is_comma, "commas",
    "A , B . C D: query 5 (D) looks at key 1 (the comma).", _CLARK, "punctuation", "first_token",
)  # fmt: skip
_register_class(
    "newline", words.has_newline, "line breaks",
    "A ⏎ B C: query 3 (C) looks at key 1 (the line break).", _OURS, "sentence_end", "whitespace", "first_token",
)  # fmt: skip
_register_class(
    "whitespace", words.is_whitespace, "tokens of nothing but white space",
    "A ⏎ B C: query 3 (C) looks at key 1 (the line break).", _OURS, "newline", "first_token",
)  # fmt: skip
_register_class(
    "digit", words.has_digit, "numbers",
    "A 7 B C: query 3 (C) looks at key 1 (the number).", _OURS, "first_token", "rare_token",
)  # fmt: skip
_register_class(
    "capitalised", words.is_capitalised, "capitalised words",
    "the Cat the dog: query 3 (dog) looks at key 1 (Cat).", _OURS, "start_of_sentence", "first_token",
)  # fmt: skip
_register_class(
    "function_word", words.is_function_word, "English function words",
    "Cat the dog of: query 3 (of) looks at key 1 (the).", _OURS, "previous_token", "frequent_token",
)  # fmt: skip
_register_class(
    "function_token", words.is_function_token, "English function words, punctuation marks and line breaks",
    "Cat , the dog of: query 4 (of) looks at keys 1, 2 (the comma, the).",
    "Zhang et al. 2025, arXiv:2510.08203", "function_word", "punctuation", "frequent_token", "first_token",
)  # fmt: skip


@pattern(
    "special_token", family=Family.TOKEN_CLASS, probe="natural_text", version=1, source=_CLARK,
    rivals=("first_token", "last_token"), formula="mean over q of sum over special tokens k of A[q, k]",
    on_sink=True, resting=True,
    synonyms=("special_tokens", "CLS"),
)  # fmt: skip
def special_token(seq: TokenBatch) -> Bool[Tensor, "batch query key"]:
    """Attends to special tokens that the tokenizer put around the text: BOS, [CLS], [SEP].

    S* A B: query 2 (B) looks at key 0 (S).
    """
    return seq.all_queries_except_self(seq.special)


@pattern(
    "separator", family=Family.TOKEN_CLASS, probe="natural_text", version=1, source=_CLARK, bidirectional=True,
    rivals=("last_token",), formula="mean over q of sum over special tokens k after the text of A[q, k]",
    synonyms=("SEP",),
)  # fmt: skip
def separator(seq: TokenBatch) -> Bool[Tensor, "batch query key"]:
    """Attends to special tokens that stand after text, such as [SEP].

    In BERT's middle layers more than half of all attention goes there, and it changes little.

    S* A B S*: query 1 (A) looks at key 3 (the second S).
    """
    after_text = seq.special & (seq.ordinary.cumsum(-1) > 0)
    return seq.all_queries_except_self(after_text)


@pattern(
    "rare_token", family=Family.TOKEN_CLASS, probe="natural_text", version=1,
    source="Voita et al. 2019, arXiv:1905.09418",
    rivals=("first_token", "frequent_token"), formula="mean over q of A[q, rarest other token that q may look at]",
)  # fmt: skip
def rare_token(seq: TokenBatch) -> Bool[Tensor, "batch query key"]:
    """Attends to the rarest token among those it may look at.

    The token with the highest id counts as the rarest: vocabularies are learned from the frequent to the rare.

    a d b c a: query 4 (the second a) looks at key 1 (d).
    """
    size = seq.tokens.shape[1]
    # Orders tokens by id and, where these are equal, from the first to the last.
    rank = (seq.tokens.long() * size + (size - 1 - seq.positions)).where(seq.ordinary, -1)
    rarest = _largest_before(rank)
    if not seq.causal:
        rarest = rarest.maximum(_largest_before(rank.flip(-1)).flip(-1))
    return seq.at((size - 1 - rarest % size).where((rarest >= 0) & seq.ordinary, -1))


def _largest_before(numbers: Int[Tensor, "batch position"]) -> Int[Tensor, "batch position"]:
    """The largest of all earlier numbers, -1 where there are none."""
    earlier = numbers.roll(1, -1)
    earlier[:, 0] = -1
    return earlier.cummax(-1).values


@pattern(
    "frequent_token", family=Family.TOKEN_CLASS, probe="natural_text", version=1, source=_OURS,
    rivals=("function_word", "punctuation", "duplicate_token"),
    formula="mean over q of sum over tokens k said three times or more up to q of A[q, k]",
)  # fmt: skip
def frequent_token(seq: TokenBatch) -> Bool[Tensor, "batch query key"]:
    """Attends to tokens that have been said at least three times so far.

    a b a c a d: query 5 (d) looks at keys 0, 2, 4.
    """
    return seq.all_queries_except_self(seq.ordinary) & seq.said(3)


@pattern(
    "word_continuation", family=Family.TOKEN_CLASS, probe="natural_text", version=2,
    source="Correia et al. 2019, arXiv:1909.00015",
    rivals=("previous_token", "fixed_offset_2", "number_continuation"),
    formula="mean over q that continue a word of sum over the word's earlier tokens k of A[q, k]",
    synonyms=("subword", "wordpiece", "word_piece"),
)  # fmt: skip
def word_continuation(seq: TokenBatch) -> Bool[Tensor, "batch query key"]:
    """Attends from a later piece of a word to the word's earlier pieces.

    Digits are no pieces of words: they are those of `number_continuation`.

    the ·photo syn thesis: query 3 (thesis) looks at keys 1, 2.
    """
    pieces = seq.words.where(~seq.where_text(words.has_digit), -1)
    return seq.same_group(pieces, pieces).tril(-1)


@pattern(
    "number_continuation", family=Family.TOKEN_CLASS, probe="natural_text", version=1,
    source="word_continuation for numbers; no standard reference",
    rivals=("previous_token", "fixed_offset_2", "digit", "word_continuation"),
    formula="mean over q that continue a number of sum over the number's earlier tokens k of A[q, k]",
)  # fmt: skip
def number_continuation(seq: TokenBatch) -> Bool[Tensor, "batch query key"]:
    """Attends from a later digit of a number, or a later group of its digits, to the earlier ones.

    in ·19 84 , they: query 2 (84) looks at key 1.
    """
    digits = seq.words.where(seq.where_text(words.has_digit), -1)
    return seq.same_group(digits, digits).tril(-1)
