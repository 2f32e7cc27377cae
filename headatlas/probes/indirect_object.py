"""Prompts that end before the name of an indirect object."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from headatlas.inputs.annotated_text import AnnotatedText
from headatlas.probes import ProbeContext, probe, texts_that_fit
from headatlas.probes.metrics import LEAD, LOSS, Metric, Prompt, Target, first_position

if TYPE_CHECKING:
    from headatlas.inputs.sequence import TokenSequence

N_PAIRS = 36
NAMES = (
    "Adam Alan Alice Amy Andrew Anna Anthony Ben Brian Carl Charles Chris Claire Daniel David Emma Eric Frank George "
    "Helen Henry Ian Jack James Jane John Julia Karen Kevin Laura Lisa Lucy Mark Martin Mary Michael Paul Peter "
    "Rachel Robert Rose Ruth Sam Sarah Simon Steven Susan Thomas Tom Victoria"
).split()
PLACES = ("store", "park", "market", "station", "harbour", "old library", "village school", "post office by the bridge")
OBJECTS = (
    "ring", "book", "drink", "basket", "letter", "box of nails", "bag of apples", "small blue vase",
    "map of the islands", "pair of old gloves",
)  # fmt: skip
# {1} and {2} are the two names in either order, {S} the subject, named again.
TEMPLATES = (
    "When {1} and {2} went to the {place}, {S} gave a {object} to",
    "After {1} and {2} had met at the {place}, {S} decided to hand the {object} over to",
    "Then {1} and {2} had a long talk in front of the {place}. In the end {S} passed a {object} to",
    "While {1} and {2} were waiting outside the {place}, {S} offered to lend the {object} for a week to",
    "Last winter {1} and {2} worked in the {place}, and on the way home {S} sold a {object}, still wrapped, to",
    "The {place} was almost empty when {1} and {2} came in. Before anybody spoke, {S} threw the {object} to",
    "For an hour {1} and {2} sat in the {place}; now and then {S} read aloud, and at last showed the {object} to",
    "It was late, so {1} and {2} left the {place}. {S} promised a {object} to",
)


def _other_name(sequence: TokenSequence) -> Prompt | None:
    """The indirect object at the prompt's end, rather than the giver."""
    io, subject, end = (first_position(sequence, role) for role in ("io:first", "subject_again:first", "end:last"))
    if io is None or subject is None or end is None:
        return None
    right, wrong = sequence.ids[io], sequence.ids[subject]
    return Prompt(sequence, (Target(end, right, (wrong,)),)) if right != wrong else None


METRIC = Metric(_other_name, (LEAD, LOSS), measure="the lead of the right name", n_tokens=240, order=3)


@probe("indirect_object", version=1, metric=METRIC)
def indirect_object(context: ProbeContext) -> Iterator[TokenSequence]:
    """Two names, one of them again as the giver: the other is whom the prompt is about to name.

    "When Mary and John went to the store, John gave a drink to". Each set of names, place, object and template
    comes in both orders (ABBA: the other name first; BABA: the giver first). The ways between the names and from
    the giver to the end have different lengths, so that a fixed offset does not find them. Roles: `io` the other
    name, `subject` the giver's first mention, `after_subject` the word after it, `subject_again` the second
    mention, `end` the last word. The first prompt is kept as an example. After Wang et al. 2022, arXiv:2211.00593,
    in our own words.
    """
    random = context.random
    texts = []
    for pair in range(N_PAIRS):
        template = TEMPLATES[pair % len(TEMPLATES)]
        io, subject = (NAMES[i] for i in random.choice(len(NAMES), 2, replace=False))
        words = {"place": str(random.choice(PLACES[:5])), "object": str(random.choice(OBJECTS[:5]))}
        if pair:  # the example stays short
            words = {"place": str(random.choice(PLACES)), "object": str(random.choice(OBJECTS))}
        for first, second in ((io, subject), (subject, io)):
            texts.append(_prompt(template, {"1": first, "2": second, "S": subject, **words}))
    yield from texts_that_fit(context, texts)


def _prompt(template: str, words: dict[str, str]) -> AnnotatedText:
    """A template with its names, whose roles follow from who is named again."""
    text = AnnotatedText()
    parts = re.split(r"\{(\w+)\}", template)  # text, slot, text, slot, ..., text
    after_subject = False
    for number, part in enumerate(parts):
        if number % 2 == 0:
            if after_subject:  # the next word, with the space before it
                word = re.match(r"\s*\w+", part)
                assert word is not None
                text.add(word[0], after_subject=0)
                part = part[word.end() :]
            after_subject = False
            body, _, end = part.rpartition(" ") if number == len(parts) - 1 else (part, "", "")
            text.add(body)
            if end:
                text.add(f" {end}", end=0)
        elif part in ("1", "2"):
            after_subject = words[part] == words["S"]
            text.add(words[part], **{"subject" if after_subject else "io": 0})
        else:
            text.add(words[part], **({"subject_again": 0} if part == "S" else {}))
    return text
