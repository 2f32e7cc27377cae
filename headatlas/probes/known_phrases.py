"""Phrases that everybody knows, and chance ones, among single words, and all of it again in another order."""

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
PHRASES_OF_A_TEXT = (3, 2)  # known ones, and of chance words
SHORT = (1, 1)  # the same of the first text, for models with a short context
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
    right_among("phrase_due", "phrase"), (LEAD, ACCURACY), measure="the lead of the phrase that comes again", order=None
)


@probe("known_phrases", version=1, metric=METRIC)
def known_phrases(context: ProbeContext) -> Iterator[TokenSequence]:
    """Three phrases such as "polar bear" or "cup of tea" and two of chance words, among single words, said twice over.

    Before each phrase stand one or two words that come nowhere else, and again before its second mention: from there
    the phrase is due. The second time the phrases come in another order, so that no offset leads to them.

    Decoys: the phrase's other words, of which the first is where plain induction leads; phrases of two to three chance
    words ("tea minister"), which come again alike. Roles, with the phrase's number as group: `phrase` its words where
    they are first said; before the second mention, of all phrases `phrase_due` and of known ones `concept_due` the word
    after which it is due. The first text is kept as an example. After Feucht et al. 2025, arXiv:2504.03022, in our own
    words.
    """
    random = context.random
    yield from texts_that_fit(context, [_text(random, index) for index in range(N_TEXTS)])


def _text(random: np.random.Generator, index: int) -> AnnotatedText:
    """Phrases with words before them, and then in another order; the last one stays open."""
    n_known, n_chance = PHRASES_OF_A_TEXT if index else SHORT
    known = [PHRASES[i] for i in random.choice(len(PHRASES), n_known, replace=False)]
    # A word of each of the other phrases, so that no two go together.
    others = [phrase.replace(" of ", " ").split() for phrase in PHRASES if phrase not in known]
    chance_words = iter(random.permutation([words[int(random.integers(len(words)))] for words in others]).tolist())
    # As long as the known ones.
    lengths = [len(phrase.split()) for phrase in known]
    chance = [" ".join(next(chance_words) for _ in range(lengths[number])) for number in range(n_chance)]
    phrases = known + chance
    fillers = iter(random.permutation(FILLERS).tolist())
    before = [" ".join(next(fillers) for _ in range(int(random.integers(1, 3)))) for _ in phrases]
    text = AnnotatedText().add(OPENINGS[index % len(OPENINGS)])
    for number in random.permutation(len(phrases)).tolist():
        text.add(f" {before[number]} ").add(phrases[number], phrase=number)
    text.add(AGAIN[index % len(AGAIN)])
    order = random.permutation(len(phrases)).tolist()
    for number in order:
        roles = {"phrase_due": number} | ({"concept_due": number} if number < n_known else {})
        text.add(" ").add(before[number], **roles)
        if number != order[-1]:
            text.add(f" {phrases[number]}")
    return text
