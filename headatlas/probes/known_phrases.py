"""Phrases that everybody knows and phrases of chance words, each after the same word, which then comes again."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from headatlas.inputs.annotated_text import AnnotatedText
from headatlas.probes import ProbeContext, probe, texts_that_fit
from headatlas.probes.metrics import ACCURACY, LEAD, Metric, right_among

if TYPE_CHECKING:
    import numpy as np

    from headatlas.inputs.sequence import TokenSequence

N_TEXTS = 12
N_PHRASES = 3  # known ones in a text, and as many of chance words; the first text, which is short, has one
PHRASES = (
    "polar bear", "fire engine", "ice cream", "traffic light", "washing machine", "cup of tea", "point of view",
    "railway station", "prime minister", "solar system", "rush hour", "human rights", "coat of arms", "black hole",
    "fairy tale", "bill of sale", "state of mind", "sense of humour", "hot air balloon", "post office",
)  # fmt: skip
FILLERS = (
    "lamp rope cloud fish gate horn leaf moon nail oven path ring salt tent wave yarn bell coin drum flag glove hill "
    "jug kite milk pear roof seed tower wheel"
).split()
OPENINGS = ("Words:", "Once:", "First list:", "Read this:")
AGAIN = ("\nOnce more:", ". Again:", " | Second time:", "; the same:")

METRIC = Metric(
    right_among("phrase_due", "phrase", "chance_phrase"),
    (LEAD, ACCURACY),
    measure="the lead of the known phrase",
    order=None,
)


@probe("known_phrases", version=1, metric=METRIC, draws_in_full=4)
def known_phrases(context: ProbeContext) -> Iterator[TokenSequence]:
    """Three phrases such as "polar bear" or "cup of tea", three of chance words, and the words before them once more.

    A known phrase and one of chance words, as long as the other, stand after the same one or two words ("lamp polar
    bear", "lamp tea minister"), in any order. Then these words come again, and the known phrase after them: what is
    due has stood there before in both cases, and only knowledge of phrases tells them apart.

    Decoys: the phrase of chance words; the known phrase's own beginning, which is where plain induction leads. Roles,
    with the number of what stands before as group: `phrase` the known phrase's words and `chance_phrase` the others,
    `phrase_due` the words before, when they come again. The first text is kept as an example. After Feucht et al. 2025,
    arXiv:2504.03022, in our own words.
    """
    random = context.random
    yield from texts_that_fit(context, [_text(random, index) for index in range(N_TEXTS)])


def _text(random: np.random.Generator, index: int) -> AnnotatedText:
    """Phrases with words before them, and these words again in another order; the last phrase stays open."""
    n_phrases = N_PHRASES if index else 1
    known = [PHRASES[i] for i in random.choice(len(PHRASES), n_phrases, replace=False)]
    # A word of each of the other phrases, so that no two go together.
    others = [phrase.replace(" of ", " ").split() for phrase in PHRASES if phrase not in known]
    chance_words = iter(random.permutation([words[int(random.integers(len(words)))] for words in others]).tolist())
    chance = [" ".join(next(chance_words) for _ in phrase.split()) for phrase in known]
    fillers = iter(random.permutation(FILLERS).tolist())
    before = [" ".join(next(fillers) for _ in range(int(random.integers(1, 3)))) for _ in known]
    text = AnnotatedText().add(OPENINGS[index % len(OPENINGS)])
    for slot in random.permutation(2 * n_phrases).tolist():
        number, is_chance = slot // 2, slot % 2
        text.add(f" {before[number]} ")
        text.add(chance[number] if is_chance else known[number], **{"chance_phrase" if is_chance else "phrase": number})
    text.add(AGAIN[index % len(AGAIN)])
    order = random.permutation(n_phrases).tolist()
    for number in order:
        text.add(" ").add(before[number], phrase_due=number)
        if number != order[-1]:
            text.add(f" {known[number]}")
    return text
