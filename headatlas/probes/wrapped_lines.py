"""Prose in lines of a fixed width, where a line ends when the next word does not fit."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from headatlas.inputs.annotated_text import AnnotatedText
from headatlas.probes import DoesNotFit, ProbeContext, probe, texts_that_fit
from headatlas.probes.metrics import ACCURACY, LOSS, Metric, Prompt, Target

if TYPE_CHECKING:
    import numpy as np

    from headatlas.inputs.sequence import TokenSequence

WIDTHS = (15, 34, 19, 42, 24, 28, 17, 38, 21, 31)  # in characters, one a text
N_CHARACTERS = 130  # of a text, at least
SENTENCES = (
    "The old ferry crosses the bay twice a day, even in a storm.",
    "Nobody had told the baker about the feast.",
    "We counted the geese, and then we counted them again.",
    "A narrow path leads up to the mill.",
    "Her uncle mends clocks, radios and bicycles in a shed behind the station.",
    "It rained.",
    "Most of the letters were never opened, as far as anybody knows.",
    "In spring the meadow is under water.",
    "The choir sings on Fridays.",
    "He sold the horse but kept the cart, which was a mistake.",
    "Snow fell on the orchard, and the children stayed at home all week.",
    "Bring a lamp.",
    "Two of the five bridges are closed until the autumn.",
    "There is a smell of tar and fresh paint by the harbour.",
)


def _breaks(sequence: TokenSequence) -> Prompt | None:
    """The line break after the last word of each full line, where nothing stands between."""
    breaks, ends = sequence.roles.get("line_break:first", {}), sequence.roles.get("line_end:last", {})
    told = [Target(query, sequence.ids[query + 1]) for query in sorted(ends) if query + 1 in breaks]
    return Prompt(sequence, tuple(told)) if told else None


METRIC = Metric(_breaks, (LOSS, ACCURACY), measure="loss on line breaks", order=None)


@probe("wrapped_lines", version=1, metric=METRIC, draws_in_full=4)
def wrapped_lines(context: ProbeContext) -> Iterator[TokenSequence]:
    """Prose in lines of 15 to 42 characters, the width of a text being the same in all of its lines.

    Each line is as full as it can be without cutting words, so that its end is due when the next word does not fit:
    the number of words and tokens in a line differs. Left out where the tokenizer keeps no line breaks.

    Decoys: paragraphs end with a line that is not full; commas and ends of sentences stand anywhere in a line. Roles:
    `line_break` each line break, with the number of the line that begins after it as group, and `line_end` the last
    word of each full line, marks aside, with the line's number. The first text is kept as an example. After Gurnee et
    al. 2025, arXiv:2601.04480, in our own words.
    """
    random = context.random
    kept = dropped = 0
    for sequence in texts_that_fit(context, [_text(random, width) for width in WIDTHS]):
        breaks = sequence.roles.get("line_break", {})
        if breaks and all("\n" in sequence.texts[position] for position in breaks):
            kept += 1
            yield sequence
        else:
            dropped += 1
    if dropped and not kept:
        raise DoesNotFit("left out: the tokenizer keeps no line breaks")


def _text(random: np.random.Generator, width: int) -> AnnotatedText:
    """Two paragraphs or three, wrapped to a width; every line but the first has a break before it."""
    order = iter(random.permutation(len(SENTENCES)).tolist())
    lines: list[tuple[str, bool]] = []  # and whether it is full
    while sum(len(line) for line, _ in lines) < N_CHARACTERS:
        lines += _wrapped(" ".join(SENTENCES[next(order)] for _ in range(2)), width)
    text = AnnotatedText()
    for number, (line, full) in enumerate(lines):
        if number:
            text.add("\n", line_break=number)
        before, space, word = line.rpartition(" ")
        bare = word.rstrip(".,")
        text.add(before + space).add(bare, **({"line_end": number} if full and number else {})).add(word[len(bare) :])
    return text


def _wrapped(paragraph: str, width: int) -> list[tuple[str, bool]]:
    lines: list[str] = []
    for word in paragraph.split():
        if lines and len(lines[-1]) + 1 + len(word) <= width:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return [(line, number < len(lines) - 1) for number, line in enumerate(lines)]
