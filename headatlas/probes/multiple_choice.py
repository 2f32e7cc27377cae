"""Questions with options marked by letters, whose answer is due."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from headatlas.inputs.annotated_text import AnnotatedText
from headatlas.probes import ProbeContext, probe, texts_that_fit
from headatlas.probes.metrics import ACCURACY, LEAD, Metric, right_among

if TYPE_CHECKING:
    import numpy as np

    from headatlas.inputs.sequence import TokenSequence

N_TEXTS = 14
LETTERS = "ABCD"
# What stands before and after an option's letter, after an option, and before the answer's letter.
LAYOUTS = (
    ("(", ") ", "\n", "Answer: ("), (" (", ") ", ";", " It is ("), ("[", "] ", "\n", "Reply ["),
    (" <", "> ", ",", " So <"),
)  # fmt: skip
CLASSES = {
    "a bird": "owl heron sparrow finch stork".split(),
    "a fruit": "pear plum cherry melon grape".split(),
    "a tool": "hammer chisel saw wrench drill".split(),
    "a vehicle": "tractor ferry bicycle wagon canoe".split(),
    "a metal": "copper iron silver lead zinc".split(),
    "an instrument": "flute violin drum harp trumpet".split(),
    "a piece of clothing": "coat scarf glove sock shirt".split(),
}
ADJECTIVES = "old new small plain".split()

METRIC = Metric(
    right_among("choice_due", "option_letter"), (LEAD, ACCURACY), measure="the lead of the right letter", order=None
)


@probe("multiple_choice", version=1, metric=METRIC, draws_in_full=4)
def multiple_choice(context: ProbeContext) -> Iterator[TokenSequence]:
    """Questions such as "Which is a bird?", three or four options with letters, and a slot for the answer's letter.

    Every second text has a question with its answer before the one that stays open. A third of the questions ask for a
    word by itself ("Which says copper?"), the others for the only option of a class. The right option's letter is drawn
    at random; layouts and the options' lengths vary, so that no offset leads from the slot to it.

    Decoys: the other options, of the earlier question too. In half of the questions the options have an adjective, of
    which there are two. Roles: `option` an option's words and the mark that ends it, `option_letter` its letter, each
    with a number of its own as group; `choice_due` the mark after which the letter is due, with the right option's
    number. The first text is kept as an example. After Tulchinskii et al. 2024, arXiv:2410.02343, in our own words.
    """
    random = context.random
    yield from texts_that_fit(context, [_text(random, index) for index in range(N_TEXTS)])


def _text(random: np.random.Generator, index: int) -> AnnotatedText:
    """One question, or two of which the first is answered."""
    text = AnnotatedText()
    layout = LAYOUTS[index % len(LAYOUTS)]
    n_questions = 1 + index % 2
    for number in range(n_questions):
        answer = _add_question(random, text, layout, number * len(LETTERS), literal=(index + number) % 3 == 1)
        if number < n_questions - 1:
            text.add(f"{answer}{layout[1].rstrip()}{layout[2]}" + ("" if layout[2] == "\n" else " "))
    return text


def _add_question(
    random: np.random.Generator, text: AnnotatedText, layout: tuple[str, ...], first: int, *, literal: bool
) -> str:
    """A question up to where its letter is due; options are numbered from `first` on. The right letter."""
    before, after, end, slot = layout
    n_options = int(random.integers(3, 5))
    right = int(random.integers(n_options))
    names = [str(name) for name in random.choice(list(CLASSES), n_options, replace=False)]
    options = [str(random.choice(CLASSES[name])) for name in names]
    asked = f"Which says {options[right]}?" if literal else f"Which is {names[right]}?"
    if random.random() < 0.5:
        adjectives = random.choice(ADJECTIVES, 2, replace=False)
        options = [f"{adjectives[int(random.integers(2))]} {option}" for option in options]
    text.add(asked + ("\n" if end == "\n" else ""))
    for number, option in enumerate(options):
        group = first + number
        text.add(before).add(LETTERS[number], option_letter=group).add(after)
        text.add(option, option=group).add(end, option=group)
    text.add(slot[:-1]).add(slot[-1], choice_due=first + right)
    return LETTERS[right]
