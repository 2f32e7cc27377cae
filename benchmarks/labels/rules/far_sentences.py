"""Rules of the family "sentence": the shortest, the second, all sentences; lines above."""

from __future__ import annotations

import numpy as np

from benchmarks.labels.keys import Numbers, Pairs, among, best_of, equal, first_of, latest_of
from benchmarks.labels.rules.around_forms import latest_but_one
from benchmarks.labels.rules.rule import rule
from benchmarks.labels.rules.sentences import ends_clause, in_previous, start_of_previous, start_of_sentence
from benchmarks.labels.wording import Tokens, has_letter, wording
from headatlas.bench.heads import BenchText

SHORTEST = 3  # tokens of a sentence that counts
FROM_END, FROM_START = 4, 4


def _opens_sentence(text: BenchText) -> Tokens:
    """First tokens of sentences."""
    opens: Tokens = start_of_sentence(text) == np.arange(len(text))
    return opens


@rule("sentence", kin="fourth_last", seldom=True)
def fourth_last_of_previous_sentence(text: BenchText) -> Numbers:
    """Attends to the last token but three of the sentence before."""
    keys = latest_of(in_previous(text)) - FROM_END + 1
    return among(np.maximum(keys, -1), wording(text).ordinary)


@rule("sentence", kin="fifth_of_sentence", seldom=True)
def fifth_of_sentence(text: BenchText) -> Numbers:
    """Attends to the fifth token of the current sentence, once it is past."""
    fifth = start_of_sentence(text) + FROM_START
    return np.where(wording(text).ordinary & (fifth < np.arange(len(text))), fifth, -1)


@rule("sentence", kin="middle_of_previous", seldom=True)
def middle_of_previous_sentence(text: BenchText) -> Numbers:
    """Attends to the middle of the sentence before."""
    first = start_of_previous(wording(text).sentence, text)
    return np.where(first >= 0, (first + start_of_sentence(text)) // 2, -1)


@rule("sentence", kin="shortest_sentence", seldom=True)
def start_of_shortest_sentence(text: BenchText) -> Numbers:
    """Attends to the start of the shortest sentence of three tokens or more that is at least three sentences back."""
    sentence = wording(text).sentence
    lengths = np.bincount(sentence[sentence >= 0], minlength=1)[np.maximum(sentence, 0)]
    earlier = (sentence < sentence[:, None] - 2) & _opens_sentence(text) & (lengths >= SHORTEST)
    return best_of(-np.broadcast_to(lengths, earlier.shape), earlier)


@rule("sentence", kin="all_starts", seldom=True)
def starts_of_earlier_sentences(text: BenchText) -> Pairs:
    """Attends to the first tokens of all sentences at least three back, the text's first aside."""
    sentence = wording(text).sentence
    return (sentence > 0) & (sentence < sentence[:, None] - 2) & _opens_sentence(text)


@rule("sentence", kin="all_seconds", seldom=True)
def second_tokens_of_sentences(text: BenchText) -> Pairs:
    """Attends to the second tokens of all earlier sentences, the text's first aside."""
    sentence = wording(text).sentence
    seconds = np.arange(len(text)) == start_of_sentence(text) + 1
    return (sentence < sentence[:, None]) & (sentence > 0) & seconds


@rule("sentence", kin="previous_clause")
def start_of_previous_clause(text: BenchText) -> Numbers:
    """Attends to the start of the clause before the latest one that began after a comma, semicolon, colon or dash."""
    ends = wording(text).tokens(ends_clause)
    starts: Tokens = np.zeros(len(text), dtype=bool)
    starts[1:] = ends[:-1] & ~ends[1:] & wording(text).ordinary[1:]
    return latest_but_one(starts | _opens_sentence(text))


@rule("sentence", kin="second_sentence", seldom=True)
def start_of_second_sentence(text: BenchText) -> Numbers:
    """Attends to the first token of the text's second sentence, from the third sentence on."""
    sentence = wording(text).sentence
    return first_of((sentence == 1) & (sentence[:, None] >= 2))


@rule("sentence", kin="lines_back", seldom=True)
def last_word_two_lines_back(text: BenchText) -> Numbers:
    """Attends to the last word of the line before the previous one."""
    line = wording(text).line
    return latest_of((line[:, None] - 2 == line) & (line >= 0) & wording(text).words(has_letter))


@rule("sentence", kin="column", seldom=True)
def same_column_in_line_above(text: BenchText) -> Numbers:
    """Attends to the token of the line before that stands, counted in characters, where the current one begins."""
    line, columns = wording(text).line, np.zeros(len(text), dtype=np.int64)
    widths = np.array([len(token) for token in text.texts], dtype=np.int64)
    columns[1:] = np.cumsum(widths)[:-1]
    columns -= np.where(line >= 0, columns[wording(text).starts(line)], 0)
    here = (columns <= columns[:, None]) & (columns[:, None] < columns + widths)
    return latest_of((line[:, None] - 1 == line) & (line >= 0) & here)


@rule("sentence", kin="three_back", seldom=True)
def whole_sentence_three_back(text: BenchText) -> Pairs:
    """Attends to all tokens of the third sentence before the current one."""
    sentence = wording(text).sentence
    return (sentence[:, None] - 3 == sentence) & (sentence >= 0)


@rule("sentence", kin="word_before_end", seldom=True)
def last_words_but_one(text: BenchText) -> Pairs:
    """Attends to the last word but one of each earlier sentence."""
    sentence = wording(text).sentence
    words = wording(text).words(has_letter)
    behind = (equal(sentence) & words & ~np.tri(len(text), dtype=bool)).sum(-1)
    return (sentence < sentence[:, None]) & words & (behind == 1)
