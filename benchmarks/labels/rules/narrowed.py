"""Rules whose keys always lie within a pattern's: the latest question word, the largest number so far."""

from __future__ import annotations

import numpy as np

from benchmarks.labels.keys import Numbers, best_of, latest, latest_of
from benchmarks.labels.rules import word_lists
from benchmarks.labels.rules.counts import other_tokens, said
from benchmarks.labels.rules.rule import rule
from benchmarks.labels.rules.sentences import in_previous
from benchmarks.labels.wording import wording
from headatlas.bench.heads import BenchText
from headatlas.patterns.words import has_digit, has_newline, is_capitalised

MOST_DIGITS = 15  # of a number, for its value to be compared


def _value(text: str) -> int:
    """The number that a token's first digits make; 0 where it has none."""
    digits = "".join(letter for letter in text if letter.isdecimal())[:MOST_DIGITS]
    return int(digits or 0)


@rule("class", kin="question_word", within="function_word", coverage=0.3, seldom=True)
def latest_question_word(text: BenchText) -> Numbers:
    """Attends to the latest question word or relative pronoun: what, when, who, which."""
    return latest(wording(text).tokens(word_lists.is_question_word))


@rule(
    "class", kin="auxiliary", within="function_word", also=("auxiliary_of_verb",), coverage=0.6, seldom=True
)  # fmt: skip
def latest_auxiliary(text: BenchText) -> Numbers:
    """Attends to the latest auxiliary or form of be, have and do."""
    return latest(wording(text).tokens(word_lists.is_auxiliary))


@rule("class", kin="line_break", within="newline", also=("whitespace",), seldom=True)
def latest_line_break(text: BenchText) -> Numbers:
    """Attends to the latest line break, and to no earlier one."""
    return latest(wording(text).tokens(has_newline))


@rule("class", kin="largest_number", within="digit", seldom=True)
def largest_number(text: BenchText) -> Numbers:
    """Attends to the number with the largest value so far, the latest of equals."""
    values = np.array([_value(said) for said in wording(text).said], dtype=np.int64)
    numbers = np.broadcast_to(wording(text).tokens(has_digit), (len(text),) * 2)
    return best_of(np.broadcast_to(values, numbers.shape), numbers)


@rule("sentence", kin="two_sentences_back", within="capitalised", coverage=0.7, seldom=True)
def last_capital_of_previous_sentence(text: BenchText) -> Numbers:
    """Attends to the last capitalised word of the sentence before."""
    return latest_of(in_previous(text) & wording(text).tokens(is_capitalised))


@rule("count", kin="said_thrice", within="frequent_token")
def latest_said_thrice(text: BenchText) -> Numbers:
    """Attends to the latest other token that has been said three times or more."""
    return latest_of((said(text) >= 3) & other_tokens(text))
