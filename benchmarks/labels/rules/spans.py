"""Rules of the family "sentence": farther sentences, questions, paragraphs, brackets, like openings."""

from __future__ import annotations

import numpy as np

from benchmarks.labels.keys import Numbers, Pairs, best_of, earlier_pairs, first_of, latest, latest_of
from benchmarks.labels.rules.rule import rule
from benchmarks.labels.rules.sentences import start_of_sentence
from benchmarks.labels.wording import Tokens, has_letter, wording
from headatlas.bench.heads import BenchText


def _ends_question(text: str) -> bool:
    return "?" in text or "\uff1f" in text


def _sentences_back(text: BenchText, back: int) -> Pairs:
    """Pairs whose key is in the sentence so many before the query's."""
    sentence = wording(text).sentence
    return (sentence[:, None] - back == sentence) & (sentence >= 0)


def _opens(spans: Numbers, text: BenchText) -> Tokens:
    """First tokens of spans."""
    opens: Tokens = (spans >= 0) & (wording(text).starts(spans) == np.arange(len(text)))
    return opens


def opens_paragraph(text: BenchText) -> Tokens:
    """Tokens that open a paragraph: ordinary ones after two line breaks, blanks between them aside."""
    opens = np.zeros(len(text), dtype=bool)
    breaks = 0
    for position, said in enumerate(text.texts):
        if text.special[position]:
            continue
        if said.strip():
            opens[position], breaks = breaks >= 2, 0
        breaks += said[len(said.rstrip()) :].count("\n")
    return opens


@rule("sentence", kin="two_sentences_back", seldom=True)
def start_two_sentences_back(text: BenchText) -> Numbers:
    """Attends to the first token of the sentence before the previous one."""
    return first_of(_sentences_back(text, 2))


@rule("sentence", kin="two_sentences_back", seldom=True)
def last_word_two_sentences_back(text: BenchText) -> Numbers:
    """Attends to the last word of the sentence before the previous one."""
    return latest_of(_sentences_back(text, 2) & wording(text).words(has_letter))


@rule("sentence", kin="first_sentence", seldom=True)
def last_word_of_first_sentence(text: BenchText) -> Numbers:
    """Attends to the last word of the text's first sentence, from the third sentence on."""
    sentence = wording(text).sentence
    return latest_of((sentence == 0) & wording(text).words(has_letter) & (sentence[:, None] >= 2))


@rule("sentence", kin="question", seldom=True)
def start_of_latest_question(text: BenchText) -> Numbers:
    """Attends to the first token of the latest question that has ended."""
    marks = latest(wording(text).tokens(_ends_question))
    return np.where(marks >= 0, start_of_sentence(text)[marks], -1)


@rule("sentence", kin="longest_sentence", seldom=True)
def start_of_longest_sentence(text: BenchText) -> Numbers:
    """Attends to the first token of the longest earlier sentence."""
    sentence = wording(text).sentence
    lengths = np.bincount(sentence[sentence >= 0], minlength=1)[np.maximum(sentence, 0)]
    earlier = (sentence < sentence[:, None]) & _opens(sentence, text)
    return best_of(np.broadcast_to(lengths, earlier.shape), earlier)


@rule("sentence", kin="line_place", seldom=True)
def second_of_line(text: BenchText) -> Numbers:
    """Attends to the second token of the current line, from the text's second line on."""
    start, line = wording(text).starts(wording(text).line), wording(text).line
    return np.where((line > 0) & (np.arange(len(text)) > start + 1), start + 1, -1)


@rule("sentence", kin="first_line", seldom=True)
def whole_first_line(text: BenchText) -> Pairs:
    """Attends, from the third line on, to all tokens of the text's first line."""
    line = wording(text).line
    return (line == 0) & (line[:, None] >= 2)


@rule("sentence", kin="paragraph", seldom=True)
def start_of_paragraph(text: BenchText) -> Numbers:
    """Attends to the first token of the current paragraph, from the second one on."""
    return latest(opens_paragraph(text))


@rule("sentence", kin="like_opening", seldom=True)
def start_of_like_sentence(text: BenchText) -> Numbers:
    """Attends to the second token of the latest sentence that opens with the same token as the current one."""
    start = start_of_sentence(text)
    opening = np.where(start >= 0, wording(text).form[start], -1)
    seconds = np.roll(_opens(wording(text).sentence, text), 1)
    seconds[0] = False
    alike = (opening[:, None] == opening) & (opening >= 0) & seconds
    return latest_of(alike & (start < start[:, None]))


@rule("sentence", kin="parenthesis", seldom=True)
def whole_parenthesis(text: BenchText) -> Pairs:
    """Attends to all tokens within the round brackets that closed last."""
    pairs = np.zeros((len(text),) * 2, dtype=bool)
    opened = -1
    for position, said in enumerate(wording(text).said):
        if "(" in said:
            opened = position
        elif ")" in said and opened >= 0:
            pairs[position + 1 :] = False
            pairs[position + 1 :, opened + 1 : position] = True
            opened = -1
    return pairs & earlier_pairs(len(text))
