"""Well-known facts told wrongly: what a text says against what everybody knows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from headatlas.inputs.annotated_text import AnnotatedText
from headatlas.probes import ProbeContext, probe, texts_that_fit
from headatlas.probes.metrics import ACCURACY, LEAD, Metric, right_among

if TYPE_CHECKING:
    import numpy as np

    from headatlas.inputs.sequence import TokenSequence

N_TEXTS = 13
# Of what, and what it is; then how it is told ({s} of what, {o} what it is) and asked for.
CAPITALS = (
    ("France", "Paris"), ("Norway", "Oslo"), ("Japan", "Tokyo"), ("Egypt", "Cairo"), ("Cuba", "Havana"),
    ("Peru", "Lima"), ("Greece", "Athens"), ("England", "London"), ("Russia", "Moscow"), ("Kenya", "Nairobi"),
)  # fmt: skip
COLOURS = (
    ("snow", "white"), ("coal", "black"), ("grass", "green"), ("blood", "red"), ("a lemon", "yellow"),
    ("a clear sky", "blue"), ("chocolate", "brown"),
)  # fmt: skip
YOUNG = (
    ("dog", "puppy"), ("cat", "kitten"), ("cow", "calf"), ("sheep", "lamb"), ("horse", "foal"), ("bear", "cub"),
    ("hen", "chick"), ("goose", "gosling"),
)  # fmt: skip
KINDS = (
    (
        CAPITALS,
        ("the capital of {s} is {o}", "{o} is the capital of {s}", "{s} is ruled from {o}"),
        ("So the capital of {s} is", "The king of {s} lives in its capital,", "The capital city of {s} is called"),
    ),
    (
        COLOURS,
        ("the colour of {s} is {o}", "{o} is the colour of {s}", "{o} was what {s} looked like"),
        ("So the colour of {s} is", "By its colour, {s} is", "About {s}: its colour is"),
    ),
    (
        YOUNG,
        ("the young of a {s} is a {o}", "a {o} is the young of a {s}", "the {s} has a {o} as its young"),
        ("So the young of a {s} is a", "A {s} takes care of its young, a", "If a {s} has young, it is a"),
    ),
)
OPENINGS = ("In this tale,", "They say that", "In a dream,", "Far away,")

METRIC = Metric(
    right_among("reply_due", "told"), (LEAD, ACCURACY), measure="the lead of what the text says", order=None
)


@probe("contradicted_facts", version=1, metric=METRIC, draws_in_full=4)
def contradicted_facts(context: ProbeContext) -> Iterator[TokenSequence]:
    """Three facts told wrongly, such as "the capital of France is Oslo", and two of them asked for.

    The answers are dealt out anew among what they are of, so that what the text says of one is what everybody knows of
    another: the answer that is told and the known one both stand in the text, once, and either may be the nearer one.
    Questions are worded in other ways than statements, some of which have the answer first.

    Decoys: the other answers. Roles, with the number of what they are of as group: `told` an answer where the text says
    it of that, `known` the same answer where it is the true one of that, `reply_due` the last word before an answer is
    due. The first text is kept as an example. After Li et al. 2025, arXiv:2503.10996, in our own words.
    """
    random = context.random
    yield from texts_that_fit(context, [_text(random, index) for index in range(N_TEXTS)])


def _text(random: np.random.Generator, index: int) -> AnnotatedText:
    """Three statements in which nothing is true, and two questions of which the last is open."""
    facts, statements, questions = KINDS[index % len(KINDS)]
    chosen = [facts[i] for i in random.choice(len(facts), 3, replace=False)]
    step = int(random.integers(1, 3))
    text = AnnotatedText().add(OPENINGS[int(random.integers(len(OPENINGS)))])
    for position, number in enumerate(random.permutation(3).tolist()):
        true = (number + step) % 3
        before, after = (
            statements[int(random.integers(len(statements)))].format(s=chosen[number][0], o="{}").split("{}")
        )
        text.add("; " if position else " ").add(before).add(chosen[true][1], told=number, known=true).add(after)
    text.add(".")
    asked = random.permutation(3)[:2].tolist()
    ways = random.choice(len(questions), 2, replace=False).tolist()
    for turn, number in enumerate(asked):
        words, _, last = questions[ways[turn]].format(s=chosen[number][0]).rpartition(" ")
        text.add(f" {words}").add(f" {last}", reply_due=number)
        if not turn:
            text.add(f" {chosen[(number + step) % 3][1]}.")
    return text
