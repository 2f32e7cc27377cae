"""Rules of the family "mixture": two rules of the half for fitting at once, alike where both have keys."""

from __future__ import annotations

from benchmarks.labels.keys import Weights, as_weights
from benchmarks.labels.rules import beside, classes, copies, counts, letters, positions, sentences
from benchmarks.labels.rules.rule import RuleFunction, rule
from headatlas.bench.heads import BenchText


def both(text: BenchText, first: RuleFunction, second: RuleFunction) -> Weights:
    return as_weights(first(text), text) + as_weights(second(text), text)


@rule("mixture", kin="mixture")
def content_word_and_middle(text: BenchText) -> Weights:
    """Attends to the latest content word and to the middle of what has been read."""
    return both(text, classes.latest_content_word, positions.middle)


@rule("mixture", kin="mixture")
def first_letter_and_previous_sentence(text: BenchText) -> Weights:
    """Attends to the latest word with the same first letter and to the first token of the sentence before."""
    return both(text, letters.same_first_letter, sentences.first_of_previous_sentence)


@rule("mixture", kin="mixture")
def said_twice_and_before_copy(text: BenchText) -> Weights:
    """Attends to the latest token said twice and to what stood two before the copy of the current one."""
    return both(text, counts.latest_said_twice, copies.two_before_copy)


@rule("mixture", kin="mixture")
def after_comma_and_longest(text: BenchText) -> Weights:
    """Attends to the token after the latest comma and to the longest word so far."""
    return both(text, beside.after_comma, counts.longest_so_far)


@rule("mixture", kin="mixture")
def last_letter_and_band(text: BenchText) -> Weights:
    """Attends to the latest word with the same last letter and to the tokens 10 to 20 positions back."""
    return both(text, letters.same_last_letter, positions.ten_to_twenty_back)


@rule("mixture", kin="mixture")
def vowel_and_second_of_sentence(text: BenchText) -> Weights:
    """Attends to the latest word that begins with a vowel and to the second token of the sentence."""
    return both(text, classes.latest_vowel_initial, sentences.second_of_sentence)
