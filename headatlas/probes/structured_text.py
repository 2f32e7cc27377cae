"""Brackets, quotes, indented code, JSON, lists and tables, with their parts marked."""

from __future__ import annotations

import json
import string
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, TypeVar

from headatlas.inputs.annotated_text import AnnotatedText
from headatlas.probes import ProbeContext, probe, texts_that_fit

if TYPE_CHECKING:
    import numpy as np

    from headatlas.inputs.sequence import TokenSequence

T = TypeVar("T")
Columns = tuple[tuple[str, tuple[str, ...]], ...]

ROW = 100  # the group of a word or cell is ROW * its item or row + its place there

BRACKETS = (("(", ")"), ("[", "]"), ("{", "}"))
CLAUSES = (
    "the ferry was late", "nobody saw it", "the baker came back", "we kept the letter", "the road is closed",
    "my aunt agrees", "two boats left", "it rained for a week", "the bell rang", "they all laughed",
)  # fmt: skip
ASIDES = (
    "as always", "see below", "not in winter", "late again", "the old one", "it seems", "near the quay", "by hand",
    "at least once", "on most days of the week", "without a word", "twice a year", "still warm",
)  # fmt: skip
NAMES = tuple(
    "a b c d f g h k m n p q s t u v w x y z count total limit width left right size rate start end first last "
    "price step index value lower upper rows lines".split()
)
OPERATORS = (" + ", " - ", " * ", ", ", ", ")

SPEECH = (
    "no", "not today", "come in", "wait", "the soup is getting cold", "I lost my key somewhere near the church",
    "we leave at nine", "nobody told me that the bridge was closed", "look at the sky", "keep the change",
    "that is a long story", "bring two lamps and a rope", "perhaps", "he went home an hour ago", "never again",
    "the last train has already gone", "shut the window", "it was only the wind in the trees",
)  # fmt: skip
SPEAKERS = ("Mara", "the baker", "her brother", "Tom", "the old captain", "my neighbour", "Ines", "a man by the door")
SAID = ("said", "asked", "whispered", "answered", "shouted", "added")
# The marks of a quotation and of one within it.
QUOTES = (('""', "''"), ("“”", "‘’"), ("''", '""'), ("‘’", "“”"), ("«»", "“”"))
WORDS = ("no", "later", "home", "my boat", "the end", "lost and found", "quite good", "never")

# How deep each line stands: the way back up is what a head has to find.
DEPTHS = ("01201201", "012112010", "01100120", "01201210", "0122110120", "01121001", "012010120", "011201010")
HEADERS = (
    "if {0} > {1}:", "for {0} in {1}:", "while {0} < 9:", "def {0}({1}):", "with {0} as {1}:", "class {0}:",
)  # fmt: skip
STATEMENTS = (
    "print({0})", "{0} = {1}", "{0} += 1", "assert {0}", "del {0}", "raise {0}", "{0} = [{1}, 4]", "pass",
    "{0} = {1} + 27", "import {0}", "{0}()", "{0}({1}, 0)", "{0} = 3",
)  # fmt: skip
INNER_STATEMENTS = ("return {0}", "yield {0}, {1}", "break", "continue")

KEYS = tuple(
    "name age city ship_date is_open unit_price colour weight tags author room_number note phone start_time size "
    "owner floor status seats language".split()
)
VALUES: tuple[object, ...] = (
    "Oslo", "dark green", "a small house by the river", "Tom and Ines", "not yet known to anybody here",
    "the third of May", "left", "to be sent back next week", "two floors up", 7, 1998, 3.5, 120000, True, False, None,
    [3, 8], ["red", "blue", "white"], [12, 5, 40, 7], "behind the old church on the hill",
)  # fmt: skip
OUTER_KEYS = ("order", "home", "ship", "details", "first", "contact")

TITLES = ("To buy", "Before we leave", "Notes", "For the boat", "Ask about", "Still open")
# By their number of words: items of one list differ in length, so that no offset leads from item to item.
ITEMS = (
    ("lemons", "rope", "stamps", "candles"),
    ("two melons", "pay Ines", "new batteries", "old newspapers"),
    ("mend both sails", "water and soap", "bread without salt"),
    ("clean the old kettle", "feed our cat twice", "find the blue suitcase"),
    ("lock every window on Friday", "a map of the islands"),
    ("call the bank about the loan", "ask whether Tom has a car"),
    ("take the long ladder back to Mara", "coffee and tea for at least ten people"),
    ("write to the people who bought our house", "paint the wooden chairs next to the door green"),
)
BULLETS = ("-", "•", "*")
N_ITEMS = 5

CITIES = (
    "Oslo", "New York", "Rio de Janeiro", "Bern", "Cape Town", "Rome", "San Francisco", "Lima", "Paris",
    "Buenos Aires", "Delhi", "Hong Kong", "Tel Aviv", "Vienna", "St. Petersburg", "Cairo",
)  # fmt: skip
GOODS = (
    "tea", "olive oil", "salt", "old brass lamps", "wool", "dried figs", "paper", "hand made soap", "rice", "glass",
    "red wine", "very fine sand",
)  # fmt: skip
NUMBERS = tuple(str(number) for number in (3, 8, 14, 25, 60, 97, 130, 482, 750, 1200, 3685, 9040, 15000, 28750))
N_ROWS = 4
# Two columns of each table hold the same kind of thing, so that the kind alone does not tell the column.
TABLES: tuple[Columns, ...] = (
    (("From", CITIES), ("To", CITIES), ("Price", NUMBERS)),
    (("Goods", GOODS), ("Bought", NUMBERS), ("Sold", NUMBERS)),
    (("Port", CITIES), ("Ships", NUMBERS), ("Crew", NUMBERS)),
    (("Sent", GOODS), ("Received", GOODS), ("Place", CITIES)),
)


@probe("structured_text", version=1)
def structured_text(context: ProbeContext) -> Iterator[TokenSequence]:
    """Nested brackets, quoted speech, indented code, JSON, lists and tables, with their parts marked.

    All are put together at random from our own words. What belongs together lies at varying
    distances, so that a fixed offset does not pass for a head that has found the structure; brackets never touch
    each other, since tokenizers would make one token of them. Where the tokenizer keeps no line breaks, indented
    code and the tables and lists that need them are left out. Roles, with the same group for what belongs together:
    `opening` and `closing` brackets; `opening_quote` and `closing_quote`; `indented`, the first word of a line, and
    `indented_before`, that of the last line with the same indentation; JSON `key` and `value`; `marker` of a list
    item and `marker_before`; `item_word` and `item_word_before`, words at the same place of neighbouring items;
    `cell` and `cell_above`; `header` and `cell_below`. The first text is kept as an example.
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


def _some(random: np.random.Generator, choices: Sequence[T], n: int) -> list[T]:
    """Different ones, in random order: a copy would let a head find the place by the word."""
    return [choices[i] for i in random.permutation(len(choices))[:n]]


def _one(random: np.random.Generator, choices: Sequence[T]) -> T:
    return choices[int(random.integers(len(choices)))]


def _bracketed_sentence(random: np.random.Generator, turn: int) -> AnnotatedText:
    """Two sentences with nested asides in brackets."""
    clauses, asides = _some(random, CLAUSES, 4), iter(_some(random, ASIDES, len(ASIDES)))
    text, groups = AnnotatedText(), iter(range(99))

    def bracket(depth: int) -> None:
        (left, right), group = _one(random, BRACKETS), next(groups)
        space = " " if turn % 2 else ""
        text.add(" ").add(left, opening=group).add(space + next(asides))
        if depth:
            bracket(depth - 1)
            text.add(" " + next(asides))
        text.add(space).add(right, closing=group)

    for number, depth in enumerate(_some(random, (0, 1, 2, 1), 2)):
        text.add((" " if number else "") + clauses[2 * number].capitalize())
        bracket(depth)
        text.add(" and " + clauses[2 * number + 1] + ".")
    return text


def _bracketed_expression(random: np.random.Generator, turn: int) -> AnnotatedText:
    """An assignment of nested lists, sets, calls and sums, with spaces inside the brackets or without."""
    names = iter(_some(random, NAMES, len(NAMES)))
    text, groups = AnnotatedText(), iter(range(99))
    space = " " if turn % 2 else ""

    def atom() -> str:
        return next(names) if random.random() < 0.8 else str(int(random.integers(2, 100)))

    def bracket(depth: int) -> None:
        # Begins and ends with a name or number, so that no bracket touches another.
        (left, right), group = _one(random, BRACKETS), next(groups)
        call = next(names) if left == "(" and random.random() < 0.5 else ""
        text.add(call).add(left, opening=group).add(space + atom())
        for _ in range(int(random.integers(0, 3))):
            text.add(_one(random, OPERATORS) + atom())
        if depth:
            text.add(_one(random, OPERATORS))
            bracket(depth - 1)
            text.add(_one(random, OPERATORS) + atom())
        text.add(space).add(right, closing=group)

    text.add(f"{next(names)} = ")
    for number, depth in enumerate((2,) if not turn else _some(random, (0, 1, 2, 3), 2)):
        text.add(_one(random, OPERATORS[:3]) if number else "")
        bracket(depth)
    return text


def _speech(random: np.random.Generator, turn: int) -> AnnotatedText:
    """Who said what; in every other text somebody quotes a word within the speech, with other marks."""
    speech, said, speakers = _some(random, SPEECH, 4), _some(random, SAID, 2), _some(random, SPEAKERS, 2)
    outer, inner = QUOTES[turn % len(QUOTES)]
    text, groups = AnnotatedText(), iter(range(99))

    def quote(words: str, end: str) -> None:
        group = next(groups)
        text.add(outer[0], opening_quote=group).add(words.capitalize() + end).add(outer[1], closing_quote=group)

    quote(speech[0], ",")
    text.add(f" {said[0]} {speakers[0]}. ")
    if turn % 2:
        group, own = next(groups), next(groups)
        text.add(outer[0], opening_quote=group).add(f"{speech[1]}, and then ".capitalize())
        text.add(inner[0], opening_quote=own).add(_one(random, WORDS)).add(inner[1], closing_quote=own)
        text.add(f" or {speech[2]}.").add(outer[1], closing_quote=group)
    else:
        quote(speech[1], ",")
        text.add(f" {said[1]} {speakers[1]}, ")
        quote(speech[2], ".")
    text.add(" Then: ")
    quote(speech[3], ".")
    return text


def _code(random: np.random.Generator, turn: int) -> AnnotatedText:
    """Lines of code at two or three depths."""
    shape = [int(depth) for depth in DEPTHS[turn % len(DEPTHS)]]
    width = 2 if turn % 3 == 2 else 4
    names, headers = iter(_some(random, NAMES, len(NAMES))), iter(_some(random, HEADERS, len(HEADERS)))
    statements = iter(_some(random, STATEMENTS, len(STATEMENTS)))
    inner_statements = iter(_some(random, INNER_STATEMENTS + STATEMENTS[:3], len(INNER_STATEMENTS)))
    text = AnnotatedText()
    followers = _followers(shape)
    for line, depth in enumerate(shape):
        opens = line + 1 < len(shape) and shape[line + 1] > depth
        ends = depth > 1 and not opens
        words = next(headers if opens else inner_statements if ends else statements)
        words = words.format(next(names), next(names))
        first = words[: next((i for i, letter in enumerate(words) if letter not in string.ascii_letters), len(words))]
        roles = {"indented": line} if line in followers.values() else {}
        if line in followers:
            roles["indented_before"] = followers[line]
        text.add(("\n" if line else "") + " " * (width * depth)).add(first, **roles).add(words[len(first) :])
    return text


def _json(random: np.random.Generator, turn: int) -> AnnotatedText:
    """An object with an object in it, on one line or on several."""
    keys, values = iter(_some(random, KEYS, 7)), iter(_some(random, VALUES, 7))
    text, groups = AnnotatedText(), iter(range(99))
    lines = turn % 2 == 1

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
    pairs(int(random.integers(1, 3)), 1, first=True)
    member(False, 1)
    text.add(f'"{_one(random, OUTER_KEYS)}": {{')
    pairs(int(random.integers(2, 4)), 2, first=True)
    text.add("\n  }" if lines else "}")
    pairs(1, 1, first=False)
    text.add("\n}" if lines else "}")
    return text


def _list(random: np.random.Generator, turn: int) -> AnnotatedText:
    """A list with bullets, numbers or letters before its items."""
    start = int(random.integers(1, 9))
    kind, bullet = turn % 3, BULLETS[turn // 3 % len(BULLETS)]
    numbers, letters = [str(start + i) for i in range(N_ITEMS)], string.ascii_letters[start : start + N_ITEMS]
    markers = ([bullet] * N_ITEMS, numbers, letters)[kind]
    return _items(random, markers, ("", ".", ")")[kind] + " ")


def _plain_list(random: np.random.Generator, _turn: int) -> AnnotatedText:
    """A list with nothing before its items."""
    return _items(random, [""] * N_ITEMS, "")


def _items(random: np.random.Generator, markers: Sequence[str], after_marker: str) -> AnnotatedText:
    text = AnnotatedText().add(_one(random, TITLES) + ":")
    items = [_one(random, items) for items in _some(random, ITEMS, N_ITEMS)]
    for row, (item, marker) in enumerate(zip(items, markers, strict=True)):
        roles = {"marker_before": row + 1} | ({"marker": row} if row else {})
        text.add("\n").add(marker, **roles).add(after_marker)
        for number, word in enumerate(item.split()):
            cell = {"item_word": ROW * row + number, "item_word_before": ROW * (row + 1) + number}
            text.add(" " if number else "").add(word, **cell)
    return text


def _markdown_table(random: np.random.Generator, turn: int) -> AnnotatedText:
    """A table with bars."""
    return _table(random, TABLES[turn % len(TABLES)], ("| ", " | ", " |"), "\n|---|---|---|")


def _csv_table(random: np.random.Generator, turn: int) -> AnnotatedText:
    """A table with commas."""
    return _table(random, TABLES[(turn + 2) % len(TABLES)], ("", ",", ""), "")


def _table(
    random: np.random.Generator, columns: Columns, marks: tuple[str, str, str], under_header: str
) -> AnnotatedText:
    left, between, right = marks
    # Columns of the same kind share their words, so that no cell comes twice.
    words = {kind: iter(_some(random, kind, len(kind))) for _, kind in columns}
    text = AnnotatedText().add(left)
    for column, (title, _) in enumerate(columns):
        text.add(between if column else "").add(title, header=column)
    text.add(right + under_header)
    for row in range(N_ROWS):
        text.add("\n" + left)
        for column, (_, kind) in enumerate(columns):
            roles = {"cell_above": ROW * (row + 1) + column}
            if row:  # above the first row is the header
                roles |= {"cell": ROW * row + column, "cell_below": column}
            text.add(between if column else "").add(next(words[kind]), **roles)
        text.add(right)
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
    (_bracketed_expression, 6, False),
    (_bracketed_sentence, 5, False),
    (_speech, 8, False),
    (_code, 8, True),
    (_json, 7, False),
    (_list, 6, False),
    (_plain_list, 2, True),
    (_markdown_table, 3, False),
    (_csv_table, 3, True),
)
