"""Rules of the families "class" and "letters", written without sight of probes and results."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from benchmarks.labels.keys import Numbers, latest, latest_of
from benchmarks.labels.rules.letters import latest_alike, other_words
from benchmarks.labels.rules.rule import rule
from benchmarks.labels.rules.word_lists import said_in
from benchmarks.labels.wording import wording
from headatlas.bench.heads import BenchText

VOWELS = frozenset("aeiouy")
# Letters by how they are mostly spoken in English.
SOUNDS = {"vowel": "aeiou", "stop": "bcdgkpqt", "hiss": "fhjsvxz", "flow": "lmnrwy"}
SOUND_OF = {letter: sound for sound, letters in SOUNDS.items() for letter in letters}
NO_AGENTS = frozenset("after never other others under whether rather either neither another however together".split())
SHORTEST = 3  # letters of words that are compared by pairs of letters

is_feeling = said_in(
    "afraid anger angry anxious ashamed calm cheerful cried delight delighted despair eager enjoyed envy glad gladly "
    "grateful grief happily happiness happy hate hated hatred joy jealous laugh laughed laughing laughter lonely love "
    "loved loves pity pleased pleasure pride proud sad sadness smile smiled sorrow sorry surprise surprised tears "
    "terror unhappy wept worried worry"
)
is_writing = said_in(
    "article articles author book books chapter chapters copy copies dictionary document documents essay journal "
    "language languages letter letters library line lines list lists map maps newspaper note notes novel novels page "
    "pages paper papers pen pencil poem poems printed record records report reports sentence sentences sign signs "
    "stories story text texts title word words"
)


def does_something(word: str) -> bool:
    """True for words of five letters or more in -er, -ers, -or or -ors, which often name who or what does something."""
    word = word.casefold()
    return len(word) >= 5 and word.endswith(("er", "ers", "or", "ors")) and word not in NO_AGENTS


def alternates(word: str) -> bool:
    """True for words of four letters or more in which vowels and consonants take turns: paper, over, banana."""
    word = word.casefold()
    vowels = [letter in VOWELS for letter in word]
    turns = all(first != second for first, second in pairwise(vowels))
    return len(word) >= 4 and word.isascii() and word.isalpha() and turns


@rule("class", kin="feeling", seldom=True)
def latest_feeling(text: BenchText) -> Numbers:
    """Attends to the latest word for what somebody feels, or shows of it: glad, sorrow, smiled."""
    return latest(wording(text).words(is_feeling))


@rule("class", kin="writing", seldom=True)
def latest_writing(text: BenchText) -> Numbers:
    """Attends to the latest word for something written or read: book, letter, page."""
    return latest(wording(text).words(is_writing))


@rule("class", kin="agent", seldom=True)
def latest_in_er(text: BenchText) -> Numbers:
    """Attends to the latest word of five letters or more in -er or -or, of which many name who does something."""
    return latest(wording(text).words(does_something))


@rule("letters", kin="sound_class", seldom=True)
def same_sound_class(text: BenchText) -> Numbers:
    """Attends to the latest other word that begins with the same sort of sound: a vowel, b or t, s or f, l or m."""
    return latest_alike(text, lambda word: SOUND_OF.get(word[:1], ""))


@rule("letters", kin="letter_pair", seldom=True)
def shares_letter_pair(text: BenchText) -> Numbers:
    """Attends to the latest other word with two neighbouring letters that the current one has too, in that order."""
    pairs = [_letter_pairs(word.casefold()) for word in wording(text).said]
    number = {pair: index for index, pair in enumerate(sorted(set().union(*pairs)))}
    has = np.zeros((len(text), len(number)), dtype=np.int64)
    for position, own in enumerate(pairs):
        has[position, [number[pair] for pair in own]] = 1
    return latest_of((has @ has.T > 0) & other_words(text))


def _letter_pairs(word: str) -> set[str]:
    known = len(word) >= SHORTEST and word.isalpha()
    return {word[start : start + 2] for start in range(len(word) - 1)} if known else set()


@rule("letters", kin="alternating", seldom=True)
def latest_alternating(text: BenchText) -> Numbers:
    """Attends to the latest word of four letters or more in which vowels and consonants take turns."""
    return latest(wording(text).words(alternates))
