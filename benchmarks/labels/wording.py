"""What the tokens of a text say, worked out once a text: classes, words, sentences, lines, earlier copies.

Arrays have one entry a token. Special tokens belong to no class, word, sentence or line.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import cached_property, lru_cache
from itertools import pairwise

import numpy as np
from jaxtyping import Bool, Int

from headatlas.bench.heads import BenchText
from headatlas.patterns.words import ends_sentence, has_newline

Tokens = Bool[np.ndarray, " n"]
Numbers = Int[np.ndarray, " n"]


class Wording:
    """A text's tokens: `said` without spaces and ##, `ordinary` those that are not special."""

    def __init__(self, texts: tuple[str, ...], special: Tokens) -> None:
        self.texts = texts
        self.ordinary: Tokens = ~special
        self.marks_continuations = not any(" " in text for text in texts)
        self.said = tuple((text.removeprefix("##") if self.marks_continuations else text).strip() for text in texts)
        self._tokens: dict[Callable[[str], bool], Tokens] = {}
        self._words: dict[Callable[[str], bool], Tokens] = {}

    def tokens(self, predicate: Callable[[str], bool]) -> Tokens:
        """Ordinary tokens for whose text, spaces included, the predicate holds."""
        if predicate not in self._tokens:
            self._tokens[predicate] = np.array([predicate(text) for text in self.texts], dtype=bool) & self.ordinary
        return self._tokens[predicate]

    def words(self, predicate: Callable[[str], bool]) -> Tokens:
        """Last tokens of the words, with a letter in them, for which the predicate holds."""
        if predicate not in self._words:
            verdicts = [bool(word) and has_letter(word) and predicate(word) for word in self.whole_words]
            self._words[predicate] = np.array(verdicts, dtype=bool)
        return self._words[predicate]

    @cached_property
    def word(self) -> Numbers:
        """Number of the word that each token is a piece of; -1 for tokens without letters or digits.

        A piece continues a word when it begins with a letter or digit right after one, or with ## where no token
        of the text has a space in it.
        """
        numbers = np.full(len(self.texts), -1)
        word, before = -1, ""
        for position, text in enumerate(self.texts):
            piece = text.removeprefix("##") if self.marks_continuations else text
            if not self.ordinary[position] or not piece.strip()[:1].isalnum():
                before = ""
                continue
            goes_on = bool(before) and (
                text.startswith("##") if self.marks_continuations else piece[:1].isalnum() and before.isalnum()
            )
            word += not goes_on
            numbers[position] = word
            before = piece[-1:]
        return numbers

    @cached_property
    def whole_words(self) -> tuple[str, ...]:
        """At the last token of each word the whole word, "" at all other tokens."""
        whole = [""] * len(self.texts)
        for position, word in enumerate(self.word):
            if word >= 0:
                goes_on = position > 0 and self.word[position - 1] == word
                whole[position] = (whole[position - 1] if goes_on else "") + self.said[position]
                if goes_on:
                    whole[position - 1] = ""
        return tuple(whole)

    @cached_property
    def form(self) -> Numbers:
        """A number for each wording, capitals and spaces aside; -1 for special tokens."""
        return np.where(self.ordinary, _numbered(text.casefold() for text in self.said), -1)

    @cached_property
    def sentence(self) -> Numbers:
        """Number of the sentence: it ends with . ! or ?; breaks do not end it."""
        return self._spans(self.tokens(_has_end_mark))

    @cached_property
    def line(self) -> Numbers:
        """Number of the line; blank lines are no lines of their own."""
        return self._spans(self.tokens(has_newline))

    def _spans(self, ends: Tokens) -> Numbers:
        """Spans counted from 0. After an end a new one begins with the first token that is neither end nor blank."""
        spans = np.full(len(ends), -1)
        span, over = 0, False
        for position in np.flatnonzero(self.ordinary):
            if over and not ends[position] and self.said[position]:
                span, over = span + 1, False
            spans[position] = span
            over |= bool(ends[position])
        return spans

    def starts(self, spans: Numbers) -> Numbers:
        """Of each token's span the position where it begins; -1 for tokens of none."""
        first = np.full(len(spans), -1)
        for position in range(len(spans) - 1, -1, -1):
            if spans[position] >= 0:
                first[spans[position]] = position
        return np.where(spans >= 0, first[spans], -1)


def wording(text: BenchText) -> Wording:
    """What a text's tokens say; remembered for the last few texts, since many heads read the same one."""
    return _wording(tuple(text.texts), text.special.tobytes())


@lru_cache(maxsize=512)
def _wording(texts: tuple[str, ...], special: bytes) -> Wording:
    return Wording(texts, np.frombuffer(special, dtype=bool))


def previous_copy(ids: Iterable[int], special: Tokens) -> Numbers:
    """Position of the latest earlier copy of each token; -1 where it is new, and for special tokens."""
    return _latest_equal([(int(token),) for token in ids], special)


def previous_pair(ids: Iterable[int], special: Tokens) -> Numbers:
    """Position of the latest earlier copy of each token that stands after the same token as it does; -1 for none."""
    tokens = [int(token) for token in ids]
    pairs = [(-1,), *pairwise(tokens)]
    broken = special.copy()
    broken[0] = True
    broken[1:] |= special[:-1]
    return _latest_equal(pairs[: len(tokens)], broken)


def _latest_equal(items: list[tuple[int, ...]], left_out: Tokens) -> Numbers:
    copies = np.full(len(items), -1)
    met: dict[tuple[int, ...], int] = {}
    for position, item in enumerate(items):
        if not left_out[position]:
            copies[position] = met.get(item, -1)
            met[item] = position
    return copies


def has_letter(text: str) -> bool:
    """True for a text with a letter in it."""
    return any(letter.isalpha() for letter in text)


def _has_end_mark(text: str) -> bool:
    """True for . ! ?, also with a closing quote or bracket after it; not for a line break alone."""
    return bool(re.search(r"[.!?\u3002\u061f]", text)) and ends_sentence(text.replace("\n", " "))


def _numbered(texts: Iterable[str]) -> Numbers:
    numbers: dict[str, int] = {}
    return np.array([numbers.setdefault(text, len(numbers)) for text in texts], dtype=np.int64)
