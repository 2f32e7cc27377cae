"""Rules of the families "class" and "letters", written without sight of probes, labels and results."""

from __future__ import annotations

import unicodedata
from itertools import pairwise

import numpy as np

from benchmarks.labels.keys import Numbers, latest, latest_of
from benchmarks.labels.rules.classes import is_content_word
from benchmarks.labels.rules.letters import latest_alike
from benchmarks.labels.rules.rule import rule
from benchmarks.labels.rules.word_lists import said_in
from benchmarks.labels.wording import has_letter, wording
from headatlas.bench.heads import BenchText
from headatlas.patterns.words import is_function_word

VOWELS = frozenset("aeiou")

is_of_senses = said_in(
    "blind deaf glance glanced hear heard hearing listen listened listening look looked looking looks loud noise "
    "noises notice noticed quiet saw scent see seeing seen sees sight silence silent smell smelled smelt sound sounded "
    "sounds stare stared taste tasted touch touched view visible voice watch watched watching"
)
is_material = said_in(
    "ash ashes brass brick bricks bronze canvas cement clay cloth coal concrete copper cotton dust fur glass gold gum "
    "iron lead leather lime linen marble metal metals mud paint paper plaster plastic pottery powder rubber rust silk "
    "silver smoke stain steel stone straw tin wax wood wooden wool woollen"
)


def has_alphabet_neighbours(word: str) -> bool:
    """True for words in which a letter stands right before its successor in the alphabet: no, first, defend."""
    return any(ord(second) - ord(first) == 1 for first, second in pairwise(word.casefold()))


def has_vowel_pair(word: str) -> bool:
    """True for words with two of a, e, i, o and u in a row."""
    return any(VOWELS.issuperset(pair) for pair in pairwise(_bare(word.casefold())))


def has_no_e(word: str) -> bool:
    """True for words of five letters or more without an e."""
    return len(word) >= 5 and "e" not in _bare(word.casefold())


def vowels(word: str) -> str:
    """The vowels of a word in order, from two on, without their accents."""
    inside = "".join(letter for letter in _bare(word) if letter in VOWELS)
    return inside if len(inside) >= 2 else ""


def consonants(word: str) -> str:
    """The first two consonants of a word."""
    inside = "".join(letter for letter in _bare(word) if letter.isalpha() and letter not in VOWELS)
    return inside[:2] if len(inside) >= 2 else ""


def _bare(word: str) -> str:
    """Without accents."""
    return "".join(letter for letter in unicodedata.normalize("NFD", word) if not unicodedata.combining(letter))


@rule("class", kin="senses", seldom=True)
def latest_of_senses(text: BenchText) -> Numbers:
    """Attends to the latest word for what is seen, heard, smelled or touched: saw, noise, quiet."""
    return latest(wording(text).words(is_of_senses))


@rule("class", kin="material", seldom=True)
def latest_material(text: BenchText) -> Numbers:
    """Attends to the latest word for what things are made of: wood, iron, cloth."""
    return latest(wording(text).words(is_material))


@rule("class", kin="vowel_pair", seldom=True)
def latest_with_vowel_pair(text: BenchText) -> Numbers:
    """Attends to the latest word with two vowels in a row: said, year, people."""
    return latest(wording(text).words(has_vowel_pair))


@rule("class", kin="cut_word")
def start_of_latest_cut_word(text: BenchText) -> Numbers:
    """Attends to the first piece of the latest other word that the tokenizer has cut into pieces."""
    word = wording(text).word
    cut = np.zeros(len(text), dtype=bool)
    cut[:-1] = (word[:-1] == word[1:]) & (word[:-1] >= 0)
    cut[1:] &= word[1:] != word[:-1]
    return latest_of(cut & (word != word[:, None]))


@rule("class", kin="flanked", seldom=True)
def latest_flanked(text: BenchText) -> Numbers:
    """Attends to the latest content word of one token between two function words."""
    function = wording(text).tokens(is_function_word)
    flanked = wording(text).words(is_content_word).copy()
    flanked[[0, -1]] = False
    flanked[1:-1] &= function[:-2] & function[2:]
    return latest(flanked)


@rule("letters", kin="vowel_sequence", seldom=True)
def same_vowels(text: BenchText) -> Numbers:
    """Attends to the latest other word with the same vowels in the same order, two or more: paper, safer."""
    return latest_alike(text, vowels)


@rule("letters", kin="penultimate", seldom=True)
def same_last_letter_but_one(text: BenchText) -> Numbers:
    """Attends to the latest other word of three letters or more with the same last letter but one."""
    return latest_alike(text, lambda word: word[-2:-1] if len(word) >= 3 else "")


@rule("letters", kin="consonant_frame", seldom=True)
def same_first_consonants(text: BenchText) -> Numbers:
    """Attends to the latest other word with the same first two consonants: stone, seats."""
    return latest_alike(text, consonants)


@rule("letters", kin="first_two", seldom=True)
def same_first_two_letters(text: BenchText) -> Numbers:
    """Attends to the latest other word of three letters or more with the same first two: walked, wanted."""
    return latest_alike(text, lambda word: word[:2] if len(word) >= 3 and has_letter(word[1]) else "")


@rule("letters", kin="alphabet_step")
def latest_with_alphabet_neighbours(text: BenchText) -> Numbers:
    """Attends to the latest word with two letters in a row that are neighbours in the alphabet: no, first, hide."""
    return latest(wording(text).words(has_alphabet_neighbours))


@rule("letters", kin="without_e")
def latest_without_e(text: BenchText) -> Numbers:
    """Attends to the latest word of five letters or more without an e."""
    return latest(wording(text).words(has_no_e))
