"""Rules of the family "class": the latest word of a field of meaning, from short lists of English words."""

from __future__ import annotations

from benchmarks.labels.keys import Numbers, latest
from benchmarks.labels.rules import word_lists
from benchmarks.labels.rules.rule import rule
from benchmarks.labels.wording import wording
from headatlas.bench.heads import BenchText


def _latest_word(text: BenchText, predicate: word_lists.Predicate) -> Numbers:
    return latest(wording(text).words(predicate))


@rule("class", kin="time", seldom=True)
def latest_time_word(text: BenchText) -> Numbers:
    """Attends to the latest word for a time: day, morning, week, Friday, June."""
    return _latest_word(text, word_lists.is_time_word)


@rule("class", kin="person", seldom=True)
def latest_person_word(text: BenchText) -> Numbers:
    """Attends to the latest common word for people: man, mother, neighbours, doctor."""
    return _latest_word(text, word_lists.is_person_word)


@rule("class", kin="size_or_colour", seldom=True)
def latest_size_or_colour(text: BenchText) -> Numbers:
    """Attends to the latest adjective of size, age or colour: big, narrow, old, red."""
    return _latest_word(text, word_lists.is_size_or_colour)


@rule("class", kin="deed", seldom=True)
def latest_saying(text: BenchText) -> Numbers:
    """Attends to the latest verb of saying or thinking: said, asked, thought, knew."""
    return _latest_word(text, word_lists.is_saying)


@rule("class", kin="deed", seldom=True)
def latest_motion(text: BenchText) -> Numbers:
    """Attends to the latest verb of moving or moving something: went, came, carried, put."""
    return _latest_word(text, word_lists.is_motion)


@rule("class", kin="quantity", seldom=True)
def latest_quantity(text: BenchText) -> Numbers:
    """Attends to the latest word for a quantity or an order: three, many, half, second."""
    return _latest_word(text, word_lists.is_quantity)


@rule("class", kin="negation", seldom=True)
def latest_negation(text: BenchText) -> Numbers:
    """Attends to the latest negation: not, never, nothing, or the n't of a verb."""
    return latest(word_lists.negations(text))


@rule("class", kin="whereabouts", also=("preposition_of_object",), seldom=True)
def latest_whereabouts(text: BenchText) -> Numbers:
    """Attends to the latest word that says where or whither: here, away, behind, along."""
    return _latest_word(text, word_lists.is_whereabouts)


@rule("class", kin="degree", seldom=True)
def latest_degree(text: BenchText) -> Numbers:
    """Attends to the latest adverb of degree, frequency or likelihood: very, almost, often, perhaps."""
    return _latest_word(text, word_lists.is_degree)
