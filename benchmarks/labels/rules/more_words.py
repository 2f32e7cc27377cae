"""Rules of the family "class": the latest word of a form or a subject that no other rule has."""

from __future__ import annotations

from benchmarks.labels.keys import Numbers, latest
from benchmarks.labels.rules.rule import rule
from benchmarks.labels.wording import wording
from headatlas.bench.heads import BenchText

PREFIXES = ("un", "re", "dis", "mis", "over", "under", "fore")
FOOD = frozenset(
    "apple apples beans bread butter cake cheese coffee corn dinner egg eggs fish flour food fruit honey lunch meal "
    "meat milk oil onion onions pie potato potatoes rice salt soup sugar supper tea water wine".split()
)
ANIMALS = frozenset(
    "animal animals bear bee bees bird birds cat cats cow cows dog dogs duck ducks fish fox goat goats hen horse "
    "horses insect lamb mouse owl pig rabbit sheep swan wolf worm".split()
)
THOUGHTS = frozenset(
    "answer belief doubt fact fear hope idea ideas interest meaning memory mind mistake opinion plan problem question "
    "questions reason reasons secret sense thought thoughts truth wish wonder".split()
)
COMPARING = frozenset(
    "best better bigger earlier fewer greater higher larger later least less longer lower more most older shorter "
    "smaller than warmer worse worst younger".split()
)


def has_prefix(word: str) -> bool:
    """True for words of six letters or more that begin with un-, re-, dis- and the like."""
    return len(word) >= 6 and word.casefold().startswith(PREFIXES)


def ends_as_it_begins(word: str) -> bool:
    """True for words of three letters or more whose first and last letter are the same."""
    word = word.casefold()
    return len(word) >= 3 and word[0] == word[-1]


def ends_in_e(word: str) -> bool:
    """True for words of four letters or more in -e, other than there, where, these and those."""
    word = word.casefold()
    return len(word) >= 4 and word[-1] == "e" and word not in ("there", "where", "these", "those")


def is_of_food(word: str) -> bool:
    """True for something to eat or drink, or a meal."""
    return word.casefold() in FOOD


def is_animal(word: str) -> bool:
    """True for an animal."""
    return word.casefold() in ANIMALS


def is_thought(word: str) -> bool:
    """True for what is in a mind: an idea, a reason, a doubt."""
    return word.casefold() in THOUGHTS


def compares(word: str) -> bool:
    """True for comparatives, superlatives and "than"."""
    return word.casefold() in COMPARING


@rule("class", kin="prefix", seldom=True)
def latest_prefixed(text: BenchText) -> Numbers:
    """Attends to the latest word of six letters or more with a prefix: un-, re-, dis-."""
    return latest(wording(text).words(has_prefix))


@rule("class", kin="same_ends", seldom=True)
def latest_ending_as_it_begins(text: BenchText) -> Numbers:
    """Attends to the latest word that ends with the letter it begins with."""
    return latest(wording(text).words(ends_as_it_begins))


@rule("class", kin="final_e", seldom=True)
def latest_in_e(text: BenchText) -> Numbers:
    """Attends to the latest longer word in -e."""
    return latest(wording(text).words(ends_in_e))


@rule("class", kin="food", seldom=True)
def latest_food(text: BenchText) -> Numbers:
    """Attends to the latest word for something to eat or drink."""
    return latest(wording(text).words(is_of_food))


@rule("class", kin="animal", seldom=True)
def latest_animal(text: BenchText) -> Numbers:
    """Attends to the latest animal."""
    return latest(wording(text).words(is_animal))


@rule("class", kin="thought", seldom=True)
def latest_thought(text: BenchText) -> Numbers:
    """Attends to the latest word for what is in a mind: idea, reason, doubt."""
    return latest(wording(text).words(is_thought))


@rule("class", kin="comparison", seldom=True)
def latest_comparison(text: BenchText) -> Numbers:
    """Attends to the latest comparative or superlative: more, best, larger."""
    return latest(wording(text).words(compares))
