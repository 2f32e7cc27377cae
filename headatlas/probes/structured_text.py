"""Brackets, quotes, indented code, JSON, lists and tables, with their parts marked."""

from __future__ import annotations

import json
import string
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from headatlas.inputs.annotated_text import AnnotatedText
from headatlas.probes import ProbeContext, probe, texts_that_fit
from headatlas.probes.draws import pick, some
from headatlas.probes.structured_lists import csv_table, inline_list, markdown_table, marked_list, plain_list
from headatlas.probes.structured_words import (
    ASIDES,
    BRACKETS,
    CLAUSES,
    DEPTHS,
    HEADERS,
    INNER_STATEMENTS,
    KEYS,
    NAMES,
    OPERATORS,
    OUTER_KEYS,
    QUOTES,
    SAID,
    SPEAKERS,
    SPEECH,
    STATEMENTS,
    TAILS,
    VALUES,
    WORDS,
)

if TYPE_CHECKING:
    import numpy as np

    from headatlas.inputs.sequence import TokenSequence


@probe("structured_text", version=2, draws_in_full=4)
def structured_text(context: ProbeContext) -> Iterator[TokenSequence]:
    """Nested brackets, quoted speech, indented code, JSON, lists and tables, with their parts marked.

    All are put together at random from our own words. What belongs together lies at varying
    distances, so that a fixed offset does not pass for a head that has found the structure; brackets never touch
    each other, since tokenizers would make one token of them. Where the tokenizer keeps no line breaks, indented
    code and the tables and lists that need them are left out.

    Decoys: other brackets are opened and closed within most brackets; in most quotations stand other quotations, asides
    in brackets, names or apostrophes; JSON values are lists and strings of several words and marks, in objects within
    objects; items of a list have items of their own, or a line without a marker after them, and hold numbers and
    letters that look like markers. The first text of each kind is short, for models with a short context.

    Roles, with the same group for what belongs together: `opening` and `closing` brackets; `opening_quote` and
    `closing_quote`; `indented`, the first word of a line, and `indented_before`, that of the last line with the same
    indentation; JSON `key` and `value`; `marker` of a list item and `marker_before`; `item_word` and
    `item_word_before`, words at the same place of neighbouring items; `cell` and `cell_above`; `header` and
    `cell_below`. Besides, `line` is the first word of each line of code, with its depth as group, `item` each word
    of a list's items with the number of the item, and `marker_like` a number or letter in an item. The first text is
    kept as an example.
    """
    random = context.random
    # Everything is drawn before anything is left out, so that all models read the same texts.
    rounds = range(max(n for _, n, _ in KINDS))
    drawn = [(make(random, turn), needs) for turn in rounds for make, n, needs in KINDS if turn < n]
    if context.vocabulary.tokenizer is not None and not _keeps_lines(context):
        context.note("indented code, CSV and lists without markers left out: the tokenizer keeps no line breaks")
        drawn = [(text, needs_lines) for text, needs_lines in drawn if not needs_lines]
    yield from texts_that_fit(context, [text for text, _ in drawn])


def _keeps_lines(context: ProbeContext) -> bool:
    """Whether the tokenizer tells a line break and indentation from a space."""
    encode = context.vocabulary.encode
    return encode("a\n    b", 99) not in (encode("a b", 99), encode("a\nb", 99))


def _shape(random: np.random.Generator, around: tuple[str, str] | None) -> tuple[str, str]:
    """A pair of brackets, in half of the cases of the shape of those around them: the shape alone does not tell."""
    return around if around and random.random() < 0.5 else pick(random, BRACKETS)


def _bracketed_sentence(random: np.random.Generator, turn: int) -> AnnotatedText:
    """Two sentences with nested asides in brackets."""
    clauses, asides = some(random, CLAUSES, 4), iter(some(random, ASIDES, len(ASIDES)))
    text, groups = AnnotatedText(), iter(range(99))

    def bracket(depth: int, around: tuple[str, str] | None = None) -> None:
        (left, right), group = _shape(random, around), next(groups)
        space = " " if turn % 2 else ""
        text.add(" ").add(left, opening=group).add(space + next(asides))
        if depth:
            bracket(depth - 1, (left, right))
            text.add(" " + next(asides))
        text.add(space).add(right, closing=group)

    for number, depth in enumerate(some(random, (2, 2, 2, 3), 2)):
        text.add((" " if number else "") + clauses[2 * number].capitalize())
        bracket(depth)
        text.add(" and " + clauses[2 * number + 1] + ".")
    return text


def _bracketed_expression(random: np.random.Generator, turn: int) -> AnnotatedText:
    """An assignment of nested lists, sets, calls and sums, with spaces inside the brackets or without."""
    names = iter(some(random, NAMES, len(NAMES)))
    text, groups = AnnotatedText(), iter(range(99))
    space = " " if turn % 2 else ""

    def atom() -> str:
        return next(names) if random.random() < 0.8 else str(int(random.integers(2, 100)))

    def bracket(depth: int, around: tuple[str, str] | None = None) -> None:
        # Begins and ends with a name or number, so that no bracket touches another.
        (left, right), group = _shape(random, around), next(groups)
        call = next(names) if left == "(" and random.random() < 0.5 else ""
        text.add(call).add(left, opening=group).add(space + atom())
        for _ in range(int(random.integers(0, 3))):
            text.add(pick(random, OPERATORS) + atom())
        if depth:
            text.add(pick(random, OPERATORS))
            bracket(depth - 1, (left, right))
            text.add(pick(random, OPERATORS) + atom())
        text.add(space).add(right, closing=group)

    text.add(f"{next(names)} = ")
    for number, depth in enumerate((2,) if not turn else some(random, (2, 3, 2, 2), 2)):
        text.add(pick(random, OPERATORS[:3]) if number else "")
        bracket(depth)
    return text


def _speech(random: np.random.Generator, turn: int) -> AnnotatedText:
    """Who said what; in most quotations somebody quotes a word, with other marks, or there is an aside in brackets."""
    speech = iter(some(random, SPEECH if turn else SPEECH[:4], 4))
    said, speakers = some(random, SAID, 2), some(random, SPEAKERS, 2)
    asides, quoted, tails = (iter(some(random, choices, 4)) for choices in (ASIDES, WORDS, TAILS))
    outer, inner = QUOTES[turn % len(QUOTES)]
    text, groups = AnnotatedText(), iter(range(99))

    def aside() -> None:
        group = next(groups)
        text.add(" ").add("(", opening=group).add(next(asides)).add(")", closing=group).add(" ")

    def quoted_word(with_aside: bool) -> None:
        group = next(groups)
        text.add(inner[0], opening_quote=group).add(next(quoted))
        if with_aside:
            aside()
            text.add(next(tails))
        text.add(inner[1], closing_quote=group)

    def quote(kind: str, end: str) -> None:
        group = next(groups)
        words = next(speech)
        text.add(outer[0], opening_quote=group).add(words[0].upper() + words[1:])
        if kind == "aside":
            aside()
        elif kind != "plain":
            text.add(", and ")
            quoted_word(with_aside=kind == "both")
            text.add(" or ")
        text.add(("" if kind == "plain" else next(tails)) + end).add(outer[1], closing_quote=group)

    first, second, third, last = some(random, ("plain", "aside", "quoted", "both" if turn % 2 else "aside"), 4)
    quote(first, ",")
    text.add(f" {said[0]} {speakers[0]}. ")
    if turn:
        quote(second, ",")
        text.add(f" {said[1]} {speakers[1]}, ")
        quote(third, ".")
        text.add(" Then: ")
    quote(last, ".")
    return text


def _code(random: np.random.Generator, turn: int) -> AnnotatedText:
    """Lines of code at two or three depths."""
    shape = [int(depth) for depth in DEPTHS[turn % len(DEPTHS)]]
    width = 2 if turn % 3 == 2 else 4
    names, headers = iter(some(random, NAMES, len(NAMES))), iter(some(random, HEADERS, len(HEADERS)))
    statements = iter(some(random, STATEMENTS, len(STATEMENTS)))
    inner_statements = iter(some(random, INNER_STATEMENTS + STATEMENTS[:3], len(INNER_STATEMENTS)))
    text = AnnotatedText()
    followers = _followers(shape)
    for line, depth in enumerate(shape):
        opens = line + 1 < len(shape) and shape[line + 1] > depth
        ends = depth > 1 and not opens
        words = next(headers if opens else inner_statements if ends else statements)
        words = words.format(next(names), next(names))
        first = words[: next((i for i, letter in enumerate(words) if letter not in string.ascii_letters), len(words))]
        roles = {"line": depth} | ({"indented": line} if line in followers.values() else {})
        if line in followers:
            roles["indented_before"] = followers[line]
        text.add(("\n" if line else "") + " " * (width * depth)).add(first, **roles).add(words[len(first) :])
    return text


def _json(random: np.random.Generator, turn: int) -> AnnotatedText:
    """An object with two objects in it, on one line or on several."""
    keys, values = iter(some(random, KEYS, len(KEYS))), iter(some(random, VALUES, len(KEYS)))
    text, groups = AnnotatedText(), iter(range(99))
    lines = turn % 4 == 1

    def member(first: bool, depth: int) -> None:
        text.add("" if first else "," if lines else ", ").add("\n" + "  " * depth if lines else "")

    def pairs(n: int, depth: int, first: bool) -> None:
        for number in range(n):
            group = next(groups)
            member(first and not number, depth)
            text.add('"').add(next(keys), key=group).add('": ')
            said = json.dumps(next(values))
            bare = said.strip('[]"')  # the value without its outermost marks
            start = said.index(bare)
            text.add(said[:start]).add(bare, value=group).add(said[start + len(bare) :])

    text.add("{")
    pairs(3 if turn else 1, 1, first=True)
    for outer_key in some(random, OUTER_KEYS, 2 if turn else 1):
        group = next(groups)
        member(False, 1)
        text.add('"').add(outer_key, key=group).add('": {')
        pairs(int(random.integers(2, 4)), 2, first=True)
        text.add("\n  " if lines else "").add("}", value=group)
        pairs(int(random.integers(1, 3)), 1, first=False)
    text.add("\n}" if lines else "}")
    return text


def _followers(shape: Sequence[int]) -> dict[int, int]:
    """For lines, the next line of the same depth, where lines of another depth stand between."""
    followers: dict[int, int] = {}
    last: dict[int, int] = {}
    for line, depth in enumerate(shape):
        if depth in last and last[depth] < line - 1:
            followers[last[depth]] = line
        last[depth] = line
    return followers


# Makers of one text, how many texts, and whether they say nothing without line breaks.
KINDS: tuple[tuple[Callable[[np.random.Generator, int], AnnotatedText], int, bool], ...] = (
    (_bracketed_expression, 5, False),
    (_bracketed_sentence, 2, False),
    (_speech, 7, False),
    (_code, 7, True),
    (_json, 9, False),
    (marked_list, 6, False),
    (inline_list, 4, False),
    (plain_list, 1, True),
    (markdown_table, 3, False),
    (csv_table, 3, True),
)
