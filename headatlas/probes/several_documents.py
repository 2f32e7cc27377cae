"""A few short documents, and questions that one of them answers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from headatlas.inputs.annotated_text import AnnotatedText
from headatlas.probes import ProbeContext, probe, texts_that_fit

if TYPE_CHECKING:
    import numpy as np

    from headatlas.inputs.sequence import TokenSequence

N_TEXTS = 8
BUILDINGS = "mill chapel lighthouse school bridge tower theatre hotel".split()
TOWNS = "Marn Torrel Lisk Havel Oster Pell Garn Wick".split()
BUILDERS = "Holt Reed Stone Marsh Lane Ford Webb Cole".split()
STATES = (
    "It stands empty now.", "Its roof leaks.", "Few people visit it.", "A storm broke its windows.",
    "It is painted white.", "Bats live in it.",
)  # fmt: skip
TITLES = ("Document {}: ", "[{}] ", "Note {}. ", "Text {} - ")
# With the building first, so that what is asked of is known early, or last.
QUESTIONS = (
    "Question: by whom was the {} built, and where?", "Of the {}: in which year was it built?",
    "Question: in what state is the {} today?", "About the {}: who built it?",
)  # fmt: skip


@probe("several_documents", version=1, draws_in_full=4)
def several_documents(context: ProbeContext) -> Iterator[TokenSequence]:
    """Three or four documents on buildings, each with its builder, town, year and state, and two questions.

    A question is about one document, whose building it names; what it asks for differs. The order of the documents and
    of the questions is drawn at random.

    Decoys: the documents say the same things of different buildings; the building asked for is named in another
    document too ("across from the mill"), so that a copy of its name does not lead to the right one alone. Roles, with
    the document's number as group: `document` all of a document with its title, `question` all of a question. The first
    text, of two short documents, is kept as an example. After Zhang et al. 2025, arXiv:2506.09944, in our own words.
    """
    random = context.random
    yield from texts_that_fit(context, [_text(random, index) for index in range(N_TEXTS)])


def _text(random: np.random.Generator, index: int) -> AnnotatedText:
    """Documents that name one another's buildings in a ring, and questions on two of them."""
    short = index == 0  # for models with a short context
    n_documents = 2 if short else 3 + index % 2
    buildings, towns, builders, states = (
        [str(word) for word in random.choice(words, n_documents, replace=False)]
        for words in (BUILDINGS, TOWNS, BUILDERS, STATES)
    )
    text = AnnotatedText().add("Read.\n" if short else "Read these notes.\n")
    title = TITLES[index % len(TITLES)]
    step = int(random.integers(1, n_documents))
    for number, building in enumerate(buildings):
        other = buildings[(number + step) % n_documents]
        sentences = [
            f"The {building} in {towns[number]}, across from the {other}, was built by {builders[number]} in "
            f"{1700 + int(random.integers(250))}.",
            f"Across from the {other}, {builders[number]} built the {building} of {towns[number]} in "
            f"{1700 + int(random.integers(250))}.",
        ]
        said = f"{title.format(number + 1)}{sentences[int(random.integers(2))]} {states[number]}"
        if short:
            said = f"The {building} was built by {builders[number]}."
        text.add(said, document=number).add("\n")
    questions = random.choice(QUESTIONS, 2, replace=False).tolist()
    for turn, number in enumerate(random.permutation(n_documents)[: 1 if short else 2].tolist()):
        text.add(" " if turn else "").add(questions[turn].format(buildings[number]), question=number)
    return text
