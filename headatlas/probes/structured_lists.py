"""Lists and tables of the structured text, with their parts marked."""

from __future__ import annotations

import string
from typing import TYPE_CHECKING

from headatlas.inputs.annotated_text import AnnotatedText
from headatlas.probes.draws import dealt, pick, some
from headatlas.probes.structured_words import (
    BULLETS,
    INLINE_ITEMS,
    ITEMS,
    N_INLINE,
    N_ITEMS,
    N_MARKED,
    N_ROWS,
    NOTES,
    SUB_ITEMS,
    TABLES,
    TITLES,
    Columns,
)

if TYPE_CHECKING:
    import numpy as np

ROW = 100  # the group of a word or cell is ROW * its item or row + its place there


def marked_list(random: np.random.Generator, turn: int) -> AnnotatedText:
    """A list with bullets, numbers or letters before its items, some of which have items of their own or a note."""
    writer = _ListWriter(random)
    items = [pick(random, items) for items in some(random, ITEMS[:5], 5)] + some(random, SUB_ITEMS, len(SUB_ITEMS))
    n_items = N_MARKED if turn else N_MARKED // 2 + 1
    kind, below = turn % 3, iter(dealt(random, ("items", "note", "", "note", "items", "items"), n_items))
    subs, notes = iter(items[n_items:]), iter(some(random, NOTES, len(NOTES)))
    outer, inner = writer.level(), 0
    for item, marker in zip(items[:n_items], _markers(random, kind, turn, n_items), strict=True):
        writer.item(outer, "", marker, item)
        added = next(below)
        if added == "note":
            writer.text.add(f"\n  {next(notes)}")
        elif added == "items" and inner < 2:
            inner += 1
            level = writer.level()
            for sub_marker in _markers(random, (kind + inner) % 3, turn + 1, 2):
                writer.item(level, "  ", sub_marker, next(subs))
    return writer.text


def plain_list(random: np.random.Generator, _turn: int) -> AnnotatedText:
    """A list with nothing before its items."""
    writer = _ListWriter(random)
    level = writer.level()
    for items in some(random, ITEMS, N_ITEMS):
        writer.item(level, "", ("", ""), pick(random, items))
    return writer.text


def inline_list(random: np.random.Generator, turn: int) -> AnnotatedText:
    """A list with numbers or letters before its items, all on one line."""
    text = AnnotatedText().add(pick(random, TITLES) + ":")
    items = some(random, INLINE_ITEMS, N_INLINE)
    for number, (item, (marker, mark)) in enumerate(
        zip(items, _markers(random, 1 + turn % 2, turn, N_INLINE), strict=True)
    ):
        roles = {"marker_before": number + 1} | ({"marker": number} if number else {})
        text.add(", " if number else " ").add(marker, **roles).add(mark)
        for word in item.split():
            text.add(" ").add(word, **({"marker_like": 0} if len(word) == 1 else {}))
    return text


def _markers(random: np.random.Generator, kind: int, turn: int, n: int) -> list[tuple[str, str]]:
    """Bullets (0), numbers (1) or letters (2), and what stands behind each."""
    start = int(random.integers(1, 9))
    if kind == 0:
        return [(BULLETS[turn // 3 % len(BULLETS)], "")] * n
    if kind == 1:
        return [(str(start + i), ".") for i in range(n)]
    return [(letter, ")") for letter in string.ascii_letters[start : start + n]]


class _ListWriter:
    """A list under construction: a level is what has its own markers, one after the other."""

    def __init__(self, random: np.random.Generator) -> None:
        self.text = AnnotatedText().add(pick(random, TITLES) + ":")
        self._latest: list[int] = []  # of each level the number of its latest item
        self._n_items = 0

    def level(self) -> int:
        """A new level."""
        self._latest.append(-1)
        return len(self._latest) - 1

    def item(self, level: int, indentation: str, marker: tuple[str, str], item: str) -> None:
        """One more item; its number is the group of what the next of its level finds there."""
        number, before = self._n_items, self._latest[level]
        self._n_items, self._latest[level] = number + 1, number
        roles = {"marker_before": number} | ({"marker": before} if before >= 0 else {})
        self.text.add(f"\n{indentation}").add(marker[0], **roles).add(marker[1] + (" " if marker[0] else ""))
        for index, word in enumerate(item.split()):
            cell = {"item": number, "item_word_before": ROW * number + index}
            if before >= 0:
                cell["item_word"] = ROW * before + index
            self.text.add(" " if index else "").add(word, **cell)


def markdown_table(random: np.random.Generator, turn: int) -> AnnotatedText:
    """A table with bars."""
    return _table(random, TABLES[turn % len(TABLES)], ("| ", " | ", " |"), "\n|---|---|---|", N_ROWS)


def csv_table(random: np.random.Generator, turn: int) -> AnnotatedText:
    """A table with commas."""
    return _table(random, TABLES[(turn + 2) % len(TABLES)], ("", ",", ""), "", N_ROWS if turn else 3)


def _table(
    random: np.random.Generator, columns: Columns, marks: tuple[str, str, str], under_header: str, n_rows: int
) -> AnnotatedText:
    left, between, right = marks
    # Columns of the same kind share their words, so that no cell comes twice.
    words = {kind: iter(some(random, kind, len(kind))) for _, kind in columns}
    text = AnnotatedText().add(left)
    for column, (title, _) in enumerate(columns):
        text.add(between if column else "").add(title, header=column)
    text.add(right + under_header)
    for row in range(n_rows):
        text.add("\n" + left)
        for column, (_, kind) in enumerate(columns):
            roles = {"cell_above": ROW * (row + 1) + column}
            if row:  # above the first row is the header
                roles |= {"cell": ROW * row + column, "cell_below": column}
            text.add(between if column else "").add(next(words[kind]), **roles)
        text.add(right)
    return text
