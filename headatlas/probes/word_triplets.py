"""Triplets of words that follow a rule, ABA or ABB, the last one open."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from headatlas.inputs.annotated_text import AnnotatedText
from headatlas.probes import ProbeContext, probe, texts_that_fit
from headatlas.probes.metrics import ACCURACY, LEAD, Metric, right_among

if TYPE_CHECKING:
    import numpy as np

    from headatlas.inputs.sequence import TokenSequence

N_TEXTS = 16
MARKS = (",", " -", " ^", " >", ":")  # after a triplet's first and second item
ENDS = ("\n", ";", ".", " |")
WORDS = (
    "lamp rope cloud fish gate horn leaf moon nail oven path ring salt tent wave yarn bell coin drum flag glove hill "
    "iron jug kite milk pear roof seed tower"
).split()
LEADS = ("", "Next= ", "Then we had= ", "And one more of them= ")  # before a triplet
# A word said twice and never again, so that the word unsaid for longest is not the first triplet's third.
OPENINGS = ("We went row by row= ", "Told word by word= ", "Built step by step= ", "It ran side by side= ")
ADJECTIVES = "red old tiny green warm loud".split()

METRIC = Metric(
    right_among("repeat_due", "repeated", "unrepeated"), (LEAD, ACCURACY),
    measure="the lead of the item that the rule repeats", order=None,
)  # fmt: skip


@probe("word_triplets", version=1, metric=METRIC, draws_in_full=4)
def word_triplets(context: ProbeContext) -> Iterator[TokenSequence]:
    """Triplets such as "lamp, rope, lamp; fish, gate, fish; moon, nail," of new words, in seven of sixteen texts ABB.

    Which of its two items a triplet repeats, only the triplets before it tell. Items are one to four words
    long and some words may stand before a triplet, so that no offset leads from one to the next; marks differ too.

    Decoys: within a triplet the item that is not repeated, which is the nearer one in ABA and the farther in ABB; in
    earlier triplets the first and second items; before the first triplet a word said twice. Roles, with group 0:
    `third` the last items of triplets, `first_or_second` the others, `third_due` the mark after which a last item is
    due. Besides, from the second triplet on and with its number as group: `repeated` the item that the triplet's third
    repeats, `unrepeated` the other, and `repeat_due` that mark again. The first text is kept as an example. After Yang
    et al. 2025, arXiv:2502.20332, in our own words.
    """
    random = context.random
    yield from texts_that_fit(context, [_text(random, index) for index in range(N_TEXTS)])


def _text(random: np.random.Generator, index: int) -> AnnotatedText:
    """Two to four triplets of one rule, and one more without its last item."""
    n_triplets = 3 + index % 3
    repeats = int(index % 7 in (1, 3, 5))  # 0: ABA, 1: ABB
    mark, end = MARKS[index % len(MARKS)], ENDS[index % len(ENDS)]
    words = [str(word) for word in random.choice(WORDS, 2 * n_triplets, replace=False)]
    items: list[str] = []
    for pair in zip(words[::2], words[1::2], strict=True):
        fresh = iter(random.permutation(ADJECTIVES).tolist())  # so that no pair begins alike
        items += [" ".join([*(next(fresh) for _ in range(int(random.integers(4)))), word]) for word in pair]
    text = AnnotatedText().add(str(random.choice(OPENINGS)))
    for number in range(n_triplets):
        if number:
            text.add(("" if end == "\n" else " ") + str(random.choice(LEADS)))
        both = items[2 * number : 2 * number + 2]
        for which, item in enumerate(both):
            space = " " if which else ""
            roles = {"repeated" if which == repeats else "unrepeated": number} if number else {}
            text.add(space).add(item, first_or_second=0, **roles)
            due = {"third_due": 0, "repeat_due": number} if number else {"third_due": 0}
            text.add(mark, **(due if which else {}))
        if number < n_triplets - 1:
            text.add(" ").add(both[repeats], third=0).add(end)
    return text
