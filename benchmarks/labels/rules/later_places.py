"""Rules of the families "beside" and "position", written without sight of probes, labels and results."""

from __future__ import annotations

import numpy as np

from benchmarks.labels.keys import Numbers, Pairs, among, distances, latest, moved
from benchmarks.labels.rules import word_lists
from benchmarks.labels.rules.beside import after, word_before
from benchmarks.labels.rules.classes import is_content_word
from benchmarks.labels.rules.rule import rule
from benchmarks.labels.rules.word_lists import said_in
from benchmarks.labels.wording import Tokens, has_letter, wording
from headatlas.bench.heads import BenchText
from headatlas.patterns.words import is_comma, is_punctuation

BEYOND_COMMA = 5  # tokens behind a comma, from which on its mirror is farther back than patterns of offsets
WORDS_BACK, MARKS_BACK = 23, 4
NEAREST, SHRINKS, DELAY = 10, 2000, 40  # tokens back late in a text, and how soon it comes to that
STRETCH = 160  # characters
BLOCK, STRIPE = 24, 3  # tokens

is_relative = said_in("who whom whose which that")
is_to = said_in("to")


def _nth_back(tokens: Tokens, n: int) -> Numbers:
    """The n-th marked token back from each query; -1 for none."""
    positions = np.flatnonzero(tokens)
    wanted = np.cumsum(tokens) - tokens - n
    keys = np.full(len(tokens), -1)
    keys[wanted >= 0] = positions[wanted[wanted >= 0]]
    return keys


@rule("beside", kin="before_relative", seldom=True)
def before_relative(text: BenchText) -> Numbers:
    """Attends to the last word before the latest who, whom, whose, which or that, which mostly say more about it."""
    return word_before(text, wording(text).words(is_relative))


@rule("beside", kin="after_to", seldom=True)
def after_to(text: BenchText) -> Numbers:
    """Attends to the token after the latest "to"."""
    return after(text, wording(text).words(is_to))


@rule("beside", kin="content_pair", also=("function_token",))
def after_content_words(text: BenchText) -> Numbers:
    """Attends to what followed the latest two or more content words in a row."""
    content = wording(text).words(is_content_word)
    starts = wording(text).starts(wording(text).word)
    second = content & (starts > 0) & content[np.maximum(starts, 1) - 1]
    return after(text, second)


@rule("beside", kin="comma_mirror", seldom=True)
def mirror_in_comma(text: BenchText) -> Numbers:
    """Attends as far before the latest comma as the query stands behind it, from five tokens on."""
    commas = latest(wording(text).tokens(is_comma))
    behind = np.arange(len(text)) - commas
    return among(np.where((commas >= 0) & (behind >= BEYOND_COMMA), commas - behind, -1), wording(text).ordinary)


@rule("beside", kin="after_quantity", seldom=True)
def after_quantity(text: BenchText) -> Numbers:
    """Attends to the token after the latest number word or quantity: two, many, every."""
    return after(text, wording(text).words(word_lists.is_quantity))


@rule("position", kin="words_back", seldom=True)
def twenty_three_words_back(text: BenchText) -> Numbers:
    """Attends to the end of the 23rd word back, marks not counted."""
    return _nth_back(wording(text).words(has_letter), WORDS_BACK)


@rule("position", kin="after_marks", seldom=True)
def after_fourth_mark_back(text: BenchText) -> Numbers:
    """Attends to the token after the fourth punctuation mark back."""
    return moved(_nth_back(wording(text).tokens(is_punctuation), MARKS_BACK), 1)


@rule("position", kin="shrinking", seldom=True)
def nearer_and_nearer(text: BenchText) -> Numbers:
    """Attends far back at first and nearer the longer the text: 33 tokens at the 46th, 24 at the 101st, at last ten."""
    positions = np.arange(len(text))
    return np.maximum(positions - NEAREST - SHRINKS // (positions + DELAY), -1)


@rule("position", kin="stretch", seldom=True)
def start_of_stretch(text: BenchText) -> Numbers:
    """Attends to the first token of the current 160 characters of the text, from the second such stretch on."""
    widths = np.where(text.special, 0, [len(token) for token in text.texts])
    stretch = (np.cumsum(widths) - widths) // STRETCH
    begins = np.zeros(len(text), dtype=bool)
    begins[1:] = stretch[1:] > stretch[:-1]
    return among(latest(begins), wording(text).ordinary)


@rule("position", kin="striped_block")
def stripes_of_block_before(text: BenchText) -> Pairs:
    """Attends to every third token of the block of 24 tokens before the current one."""
    block = np.arange(len(text)) // BLOCK
    striped = (np.arange(len(text)) % STRIPE == 1) & ~text.special
    return (block[:, None] - 1 == block) & striped & (distances(len(text)) > 0)
