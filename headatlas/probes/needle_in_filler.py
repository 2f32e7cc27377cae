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

N_TEXTS = 20
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


@probe("needle_in_filler", version=1, metric=METRIC)
def needle_in_filler(context: ProbeContext) -> Iterator[TokenSequence]:
    """One to three statements such as "The code of the inn is 4817.", hidden in filler, then asked for.

    A question repeats a statement's wording up to the answer, so that the answer is due at its last token. The
    statements stand at different depths and are asked for in another order than they stand in, with the answer
    written out before the next question. Where there are several, the others are the distractors: they have
    answers too, and some share a part of the wording. Roles, with the statement's number as group: `answer` in
    the statement, `answer_due` the question's last word. The first text is kept as an example.
    """
    random = context.random
    texts = [_text(random, n_needles=1, fillers=random.choice(SHORT_FILLERS, 2, replace=False).tolist())]
    for index in range(1, N_TEXTS):
        short = index % 4 == 0
        n_fillers = 3 if short else int(random.integers(4, 10))
        chosen = random.choice(SHORT_FILLERS if short else FILLERS, n_fillers, replace=False)
        texts.append(_text(random, n_needles=1 if short else 1 + index % 3, fillers=chosen.tolist()))
    yield from texts_that_fit(context, texts)


def _text(random: np.random.Generator, n_needles: int, fillers: list[str]) -> AnnotatedText:
    """Filler with statements between, never quite at the start or the end, and questions in shuffled order."""
    # Two of three statements share what is asked for, two of three whose it is: half the wording does not do.
    facts = random.choice(FACTS, 2, replace=False)
    owners = random.choice(OWNERS, 2, replace=False)
    statements = [f"The {fact} of the {owner} is" for fact in facts for owner in owners]
    statements = [statements[i] for i in random.permutation(4)[:n_needles]]
    words = random.choice(WORDS, n_needles, replace=False)
    answers = [str(random.integers(12, 9999)) if random.random() < 0.5 else str(word) for word in words]

    before = sorted(int(i) for i in random.integers(1, len(fillers), n_needles))
    text = AnnotatedText()
    for number, filler in enumerate(fillers):
        for needle in range(n_needles):
            if before[needle] == number:
                text.add(f" {statements[needle]} ").add(answers[needle], answer=needle).add(".")
        text.add(f" {filler}" if number else filler)
    for number, needle in enumerate(random.permutation(n_needles).tolist()):
        text.add(f" {statements[needle].removesuffix(' is')}").add(" is", answer_due=needle)
        if number < n_needles - 1:
            text.add(f" {answers[needle]}.")
    return text
