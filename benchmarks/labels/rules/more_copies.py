"""Rules of the families "copy", "count" and "letters": what came back, records, spellings against each other."""

from __future__ import annotations

import numpy as np

from benchmarks.labels.keys import Numbers, best, best_of, equal, first_of, latest, latest_of, moved
from benchmarks.labels.rules.letters import other_words
from benchmarks.labels.rules.rule import rule
from benchmarks.labels.wording import has_letter, previous_copy, previous_pair, wording
from headatlas.bench.heads import BenchText
from headatlas.patterns.words import is_comma, is_punctuation

VOWELS = frozenset("aeiou")
RUN = 3  # numbers in the vocabulary that rise one after the other


def _copies(text: BenchText) -> Numbers:
    return previous_copy(text.ids, text.special)


@rule("copy", kin="after_repeated")
def after_latest_repeated(text: BenchText) -> Numbers:
    """Attends to the token after the latest one that had been said before, where that is not one itself."""
    repeated = _copies(text) >= 0
    after = np.zeros(len(text), dtype=bool)
    after[1:] = repeated[:-1] & ~repeated[1:]
    return latest(after & ~text.special)


@rule("copy", kin="repeated_pair", seldom=True)
def latest_repeated_pair(text: BenchText) -> Numbers:
    """Attends to the second token of the latest pair of neighbours that had been said before."""
    return latest(previous_pair(text.ids, text.special) >= 0)


@rule("copy", kin="distance_as_place", seldom=True)
def distance_of_copy_as_place(text: BenchText) -> Numbers:
    """Attends to the place in the text that the distance to the latest copy of the current token counts to."""
    copies = _copies(text)
    places = np.arange(len(text)) - copies
    return np.where((copies >= 0) & (places < np.arange(len(text))) & (places > 0), places, -1)


@rule("copy", kin="longest_repeated", seldom=True)
def first_of_longest_repeated(text: BenchText) -> Numbers:
    """Attends to the first mention of the longest word that has been said twice or more."""
    repeated = _copies(text) >= 0
    lengths = np.array([len(word) for word in wording(text).said])
    longest = best(lengths, repeated & wording(text).tokens(has_letter))
    same = text.ids[np.maximum(longest, 0)][:, None] == text.ids
    return np.where(longest >= 0, first_of(same & ~text.special), -1)


@rule("count", kin="record")
def after_latest_record(text: BenchText) -> Numbers:
    """Attends to what stands after the last token but one that had the largest number in the vocabulary till then."""
    ids = np.where(text.special, -1, text.ids)
    so_far = np.concatenate([[-1], np.maximum.accumulate(ids)[:-1]])
    keys = latest(ids > so_far)
    return moved(np.where(keys >= 0, keys[np.maximum(keys, 0)], -1), 1)


@rule("count", kin="rising_run", seldom=True)
def end_of_rising_run(text: BenchText) -> Numbers:
    """Attends to the latest token whose number in the vocabulary is the third in a row to rise."""
    rises = np.zeros(len(text), dtype=bool)
    rises[1:] = (text.ids[1:] > text.ids[:-1]) & ~text.special[1:] & ~text.special[:-1]
    run = rises.copy()
    for by in range(1, RUN):
        run[by:] &= rises[:-by]
        run[:by] = False
    return latest(run)


@rule("count", kin="between_marks")
def start_of_longest_stretch(text: BenchText) -> Numbers:
    """Attends to the second word of the longest stretch without a mark that has ended."""
    marks = wording(text).tokens(is_punctuation)
    keys, longest, chosen, start = np.full(len(text), -1), 1, -1, 0
    for position in range(len(text)):
        keys[position] = chosen
        if marks[position]:
            if position - start > longest:
                longest, chosen = position - start, start + 1
            start = position + 1
    return np.where(keys > 0, keys, -1)


@rule("count", kin="commas_of_word", seldom=True)
def last_before_nth_comma(text: BenchText) -> Numbers:
    """Attends to the word before the comma whose number is half of that of all commas so far, rounded up."""
    commas = wording(text).tokens(is_comma)
    n_commas, places = np.cumsum(commas), np.flatnonzero(commas)
    keys = np.full(len(text), -1)
    for position in range(1, len(text)):
        so_far = int(n_commas[position - 1])
        if so_far:
            keys[position] = places[(so_far + 1) // 2 - 1] - 1
    return keys


@rule("letters", kin="swapped_ends", seldom=True)
def swapped_ends(text: BenchText) -> Numbers:
    """Attends to the latest other word that begins as the current one ends and ends as it begins."""
    said = [word.casefold() if has_letter(word) and len(word) >= 2 else "" for word in wording(text).said]
    swapped = np.array([[bool(own) and bool(key) and own[0] == key[-1] and own[-1] == key[0] for key in said]
                        for own in said], dtype=bool)  # fmt: skip
    return latest_of(swapped & other_words(text))


@rule("letters", kin="vowel_rich", seldom=True)
def latest_vowel_rich(text: BenchText) -> Numbers:
    """Attends to the latest word of three letters or more that has more vowels than other letters."""
    return latest(wording(text).words(_is_vowel_rich))


def _is_vowel_rich(word: str) -> bool:
    return len(word) >= 3 and 2 * sum(letter in VOWELS for letter in word.casefold()) > len(word)


@rule("letters", kin="length_by_place")
def as_long_as_place_says(text: BenchText) -> Numbers:
    """Attends to the latest token with as many letters or signs as the position's remainder of six, and one more."""
    lengths = np.array([len(word) for word in wording(text).said])
    wanted = np.arange(len(text)) % 6 + 1
    return latest_of((lengths == wanted[:, None]) & ~text.special)


@rule("letters", kin="most_e", seldom=True)
def most_of_letter_e(text: BenchText) -> Numbers:
    """Attends to the word with most e's so far, the latest of equals, from two on."""
    counts = np.array([word.casefold().count("e") for word in wording(text).whole_words])
    return best(counts, counts >= 2)


@rule("letters", kin="letter_once", seldom=True)
def same_rarest_letter(text: BenchText) -> Numbers:
    """Attends to the latest other token whose letter that comes last in the alphabet is the same, from p to w."""
    last = [
        max((letter for letter in word.casefold() if "a" <= letter <= "z"), default="") for word in wording(text).said
    ]
    numbers = np.array([ord(letter) if letter and "p" <= letter <= "w" else -1 for letter in last])
    numbers[text.special] = -1
    return latest_of(equal(numbers) & other_words(text))


@rule("count", kin="mean_number")
def nearest_to_mean_number(text: BenchText) -> Numbers:
    """Attends to the token whose number in the vocabulary is nearest to the mean of all before the current one."""
    n, ids = len(text), text.ids.astype(np.float64)
    ordinary = ~text.special
    sums = np.concatenate([[0.0], np.cumsum(ids * ordinary)[:-1]])
    counts = np.concatenate([[0], np.cumsum(ordinary)[:-1]])
    mean = sums / np.maximum(counts, 1)
    return best_of(-np.abs(ids - mean[:, None]), np.broadcast_to(ordinary, (n, n)))
