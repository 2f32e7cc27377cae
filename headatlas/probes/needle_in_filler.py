"""Facts hidden among other sentences, and asked for at the end."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from headatlas.inputs.annotated_text import AnnotatedText
from headatlas.probes import ProbeContext, probe, texts_that_fit
from headatlas.probes.metrics import ACCURACY, LOSS, Metric, Prompt, Target, extended

if TYPE_CHECKING:
    import numpy as np

    from headatlas.inputs.sequence import TokenSequence

N_TEXTS = 21
FACTS = ("code", "password", "call sign", "secret", "reference", "mark")
OWNERS = (
    "inn", "barn", "mill", "ferry", "school", "harbour office", "night train", "bakery", "south gate", "boat house",
)  # fmt: skip
WORDS = "copper walnut lantern thunder velvet anchor pepper marble saddle willow falcon ribbon".split()
SHORT_FILLERS = ("It is late.", "Rain fell.", "Tea is cold.", "The dog is out.", "Snow is rare here.")
FILLERS = (
    *SHORT_FILLERS,
    "Nobody is at the counter today.",
    "The road along the coast is narrow.",
    "We walked home before the storm.",
    "A bird is building its nest under the roof.",
    "Her brother is fond of old maps.",
    "The soup is better with a little salt.",
    "Most of the windows were painted green.",
    "The market is open until noon, and the square is full of carts.",
)


def _answers(sequence: TokenSequence) -> Prompt | None:
    """Every token of the answers; the last one, which the text leaves open, is written behind it."""
    due = sequence.roles.get("answer_due:last", {})
    stated = sequence.roles.get("answer", {})
    if not due:
        return None
    targets: list[Target] = []
    for query in sorted(due):
        told = [position for position in sorted(stated) if stated[position] == due[query]]
        # From the statement's last word, as in the question, to the answer's end: what follows the question too.
        start = next((p for p in range(told[0] - 1, -1, -1) if sequence.ids[p] == sequence.ids[query]), None)
        if start is None or start < told[0] - 2:
            continue
        answer = sequence.ids[start + 1 : told[-1] + 1]
        if query == len(sequence) - 1:
            sequence = extended(sequence, answer)
        if sequence.ids[query + 1 : query + 1 + len(answer)] != answer:
            continue
        skipped = told[0] - start - 1  # a space that every number begins with says nothing
        targets += [Target(query + step, answer[step]) for step in range(skipped, len(answer))]
    return Prompt(sequence, tuple(targets))


METRIC = Metric(_answers, (LOSS, ACCURACY), measure="loss on hidden answers", order=5)


@probe("needle_in_filler", version=2, metric=METRIC, draws_in_full=4)
def needle_in_filler(context: ProbeContext) -> Iterator[TokenSequence]:
    """Two to four statements such as "The code of the inn is 4817.", hidden in filler; some are asked for.

    A question repeats a statement's wording up to the answer, so that the answer is due at its last token. The
    statements stand at different depths and are asked for in a shuffled order, with the answer
    written out before the next question.

    Decoys: all answers of a text are of one kind, numbers or words, so that the kind does not lead to the right one;
    the statements share half of their wording with each other, what is asked for or whose it is; one of three or four
    is never asked for. Roles, with the statement's number as group: `answer` in the statement, `answer_due` the
    question's last word, `answer_again` an answer written out. The first text is kept as an example.
    """
    random = context.random
    texts = [_text(random, n_needles=2, n_fillers=2, short=True)]
    for index in range(1, N_TEXTS):
        short = index % 5 == 0
        texts.append(_text(random, 2 if short else 2 + index % 3, 2 if short else int(random.integers(3, 6)), short))
    yield from texts_that_fit(context, texts)


def _text(random: np.random.Generator, n_needles: int, n_fillers: int, short: bool) -> AnnotatedText:
    """Filler with statements between, never quite at the start or the end, and questions in shuffled order."""
    fillers = [str(filler) for filler in random.choice(SHORT_FILLERS if short else FILLERS, n_fillers, replace=False)]
    # What is asked for in half of the statements, and whose it is: half the wording does not do.
    facts = random.choice(FACTS, 2, replace=False)
    owners = random.choice(OWNERS, 2, replace=False)
    statements = [f"The {fact} of the {owner} is" for fact in facts for owner in owners]
    statements = [statements[i] for i in random.permutation(4)[:n_needles]]
    if random.random() < 0.5:
        answers = [str(12 + int(number)) for number in random.choice(9987, n_needles, replace=False)]
    else:
        answers = [str(word) for word in random.choice(WORDS, n_needles, replace=False)]

    before = sorted(int(i) for i in random.integers(1, len(fillers), n_needles))
    text = AnnotatedText()
    for number, filler in enumerate(fillers):
        for needle in range(n_needles):
            if before[needle] == number:
                text.add(f" {statements[needle]} ").add(answers[needle], answer=needle).add(".")
        text.add(f" {filler}" if number else filler)
    asked = random.permutation(n_needles)[: 1 if short else n_needles - (n_needles > 2)].tolist()
    for number, needle in enumerate(asked):
        text.add(f" {statements[needle].removesuffix(' is')}").add(" is", answer_due=needle)
        if number < len(asked) - 1:
            text.add(" ").add(answers[needle], answer_again=needle).add(".")
    return text
