"""Simple rules that are nobody's pattern, but where many patterns' keys lie: what a head may do instead.

A head that looks at the latest capitalised word scores well on a probe where that word is the right name. These rules
take part in explaining scores, and stand beside the patterns when it is asked which rule would imitate which pattern;
no head is called by one of them. Each names one key a query, or the same keys for
all, so that they cost next to nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from headatlas.patterns import rival, words

if TYPE_CHECKING:
    from collections.abc import Callable

    from jaxtyping import Bool, Int
    from torch import Tensor

    from headatlas.inputs.token_batch import TokenBatch


def _latest(
    seq: TokenBatch, marked: Bool[Tensor, "batch position"], queries: Bool[Tensor, "batch position"] | None = None
) -> Int[Tensor, "batch query"]:
    """The last marked token before each query (of some, or of all tokens of the text); -1 for none."""
    latest = seq.positions.where(marked, -1).cummax(-1).values.roll(1, -1)
    latest[:, 0] = -1
    return latest.where(seq.ordinary if queries is None else queries, -1)


def _after(marked: Bool[Tensor, "batch position"], seq: TokenBatch) -> Bool[Tensor, "batch position"]:
    """Tokens of the text that stand right after a marked one, and are not marked themselves."""
    after = marked.roll(1, -1) & ~marked & seq.ordinary
    after[:, 0] = False
    return after


def _latest_equal(seq: TokenBatch, value: Callable[[str], str]) -> Int[Tensor, "batch query"]:
    """The last token before each query whose wording has the same value; empty values are nobody's."""
    import torch

    keys = torch.full(tuple(seq.tokens.shape), -1)
    for row, sequence in enumerate(seq.sequences):
        met: dict[str, int] = {}
        for position, (text, special) in enumerate(zip(sequence.texts, sequence.special, strict=True)):
            own = "" if special else value(text)
            if own:
                keys[row, position] = met.get(own, -1)
                met[own] = position
    return keys


@rival("latest_capital")
def latest_capital(seq: TokenBatch) -> Bool[Tensor, "batch query key"]:
    """Attends to the latest capitalised word.

    the Cat saw Tom and a dog: query 6 (dog) looks at key 3 (Tom).
    """
    return seq.at(_latest(seq, seq.where_text(words.is_capitalised)))


@rival("latest_content_word")
def latest_content_word(seq: TokenBatch) -> Bool[Tensor, "batch query key"]:
    """Attends to the latest word that is no function word.

    a boat and the , of: query 5 (of) looks at key 1 (boat).
    """
    return seq.at(_latest(seq, seq.where_text(words.is_content_word)))


@rival("latest_mark")
def latest_mark(seq: TokenBatch) -> Bool[Tensor, "batch query key"]:
    """Attends to the latest punctuation mark.

    A , B . C D: query 5 (D) looks at key 3 (the full stop).
    """
    return seq.at(_latest(seq, seq.where_text(words.is_punctuation)))


@rival("latest_opening_mark")
def latest_opening_mark(seq: TokenBatch) -> Bool[Tensor, "batch query key"]:
    """Attends to the latest opening bracket or opening quotation mark.

    A ( B ) C: query 4 (C) looks at key 1 (the opening bracket).
    """
    import torch

    opening = torch.zeros(tuple(seq.tokens.shape), dtype=torch.bool)
    for row, sequence in enumerate(seq.sequences):
        before = ["" if special else text for text, special in zip(sequence.texts, sequence.special, strict=True)]
        pairs = zip(sequence.texts, ["", *before[:-1]], strict=True)
        opening[row, : len(sequence)] = torch.tensor([words.is_opening_mark(*pair) for pair in pairs])
    return seq.at(_latest(seq, opening & seq.ordinary))


@rival("clause_start")
def clause_start(seq: TokenBatch) -> Bool[Tensor, "batch query key"]:
    """Attends to the first token of the current clause, from the second clause on.

    A clause ends with a comma, a semicolon, a colon, a dash, or where a sentence or a line does.

    A b , c d e: query 5 (e) looks at key 3 (c).
    """
    return seq.at(_latest(seq, _after(seq.where_text(words.ends_clause), seq)))


@rival("paragraph_start")
def paragraph_start(seq: TokenBatch) -> Bool[Tensor, "batch query key"]:
    """Attends to the first token of the current line, from the second line on.

    A b ⏎ C d . E f: query 7 (f) looks at key 3 (C).
    """
    return seq.at(_latest(seq, _after(seq.where_text(words.has_newline), seq)))


@rival("after_last_comma")
def after_last_comma(seq: TokenBatch) -> Bool[Tensor, "batch query key"]:
    """Attends to the token after the latest comma.

    A b , c . d e: query 6 (e) looks at key 3 (c).
    """
    return seq.at(_latest(seq, _after(seq.where_text(words.is_comma), seq)))


@rival("after_pronoun")
def after_pronoun(seq: TokenBatch) -> Bool[Tensor, "batch query key"]:
    """Attends to the token after the latest personal pronoun.

    then she had a boat: query 4 (boat) looks at key 2 (had).
    """
    return seq.at(_latest(seq, _after(seq.where_text(words.is_pronoun), seq)))


@rival("latest_short_word")
def latest_short_word(seq: TokenBatch) -> Bool[Tensor, "batch query key"]:
    """Attends to the latest word of one or two letters.

    the top of that hill: query 4 (hill) looks at key 2 (of).
    """
    return seq.at(_latest(seq, seq.where_text(words.is_short)))


@rival("sentence_starts")
def sentence_starts(seq: TokenBatch) -> Bool[Tensor, "batch query key"]:
    """Attends to the first tokens of all sentences and lines, from the second on.

    A b . C d e: query 5 (e) looks at key 3 (C).
    """
    return seq.all_queries_except_self(_after(seq.where_text(words.ends_sentence), seq))


@rival("longest_unsaid")
def longest_unsaid(seq: TokenBatch) -> Bool[Tensor, "batch query key"]:
    """Attends to the last mention of the token that was said twice or more, and then not for the longest time.

    a b a b c d: query 5 (d) looks at key 2 (the second a).
    """
    import torch

    keys = torch.full(tuple(seq.tokens.shape), -1)
    for row, sequence in enumerate(seq.sequences):
        last: dict[int, int] = {}  # of tokens said twice or more, in the order of their last mentions
        said: set[int] = set()
        for position, (token, special) in enumerate(zip(sequence.ids, sequence.special, strict=True)):
            if not special:
                keys[row, position] = next(iter(last.values()), -1)
                if token in said:
                    last.pop(token, None)
                    last[token] = position
                said.add(token)
    return seq.at(keys)


@rival("above_in_column")
def above_in_column(seq: TokenBatch) -> Bool[Tensor, "batch query key"]:
    """Attends to what stands, counted in characters, right above the query's first character in the line before.

    a b ⏎ c d: query 4 (d) looks at key 1 (b).
    """
    import torch

    keys = torch.full(tuple(seq.tokens.shape), -1)
    for row, sequence in enumerate(seq.sequences):
        above: dict[int, int] = {}  # the position at each character of the line before
        line: dict[int, int] = {}
        column = 0
        for position, (text, special) in enumerate(zip(sequence.texts, sequence.special, strict=True)):
            if special:
                continue
            keys[row, position] = above.get(column, -1)
            line |= dict.fromkeys(range(column, column + len(text)), position)
            column += len(text)
            if words.has_newline(text):
                above, line, column = line, {}, 0
    return seq.at(keys)


@rival("same_first_letter")
def same_first_letter(seq: TokenBatch) -> Bool[Tensor, "batch query key"]:
    """Attends to the latest token with the same first letter, capitals aside.

    boat Bread tea bell: query 3 (bell) looks at key 1 (Bread).
    """
    return seq.at(_latest_equal(seq, lambda text: _letter(text.strip().removeprefix("##")[:1])))


@rival("same_last_letter")
def same_last_letter(seq: TokenBatch) -> Bool[Tensor, "batch query key"]:
    """Attends to the latest token with the same last letter, capitals aside.

    boat salt tea BELT: query 3 (BELT) looks at key 1 (salt).
    """
    return seq.at(_latest_equal(seq, lambda text: _letter(text.strip()[-1:])))


def _letter(character: str) -> str:
    return character.casefold() if character.isalpha() else ""


@rival("latest_of_class")
def latest_of_class(seq: TokenBatch) -> Bool[Tensor, "batch query key"]:
    """Attends to the latest token of the query's own class.

    The classes: punctuation marks, numbers, function words, capitalised words, other words.

    the boat , a Tom , and: query 6 (and) looks at key 3 (a).
    """
    return seq.at(_latest_equal(seq, _class_of))


def _class_of(text: str) -> str:
    """The name of a token's class; empty for line breaks, symbols and pieces of characters."""
    if words.is_punctuation(text):
        return "mark"
    if words.has_digit(text):
        return "number"
    if words.is_function_word(text):
        return "function word"
    if words.is_capitalised(text):
        return "capital"
    return "word" if words.is_content_word(text) else ""
