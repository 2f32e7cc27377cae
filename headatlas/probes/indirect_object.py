"""Prompts that end before the name of an indirect object."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from headatlas.inputs.annotated_text import AnnotatedText
from headatlas.probes import ProbeContext, probe, texts_that_fit
from headatlas.probes.metrics import LEAD, LOSS, Metric, Prompt, Target, first_position

if TYPE_CHECKING:
    import numpy as np

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
TOWNS = "Lisbon Vienna Dublin Cairo Oslo Geneva Boston Madrid Berlin Athens Chicago Paris".split()
# {1} and {2} are the two names in either order, {S} the giver, named again, {I} the other one, named again, {B}
# somebody else. The latest capital is the giver's in five templates, somebody else's or a town's in the others.
TEMPLATES = (
    "When {1} and {2} went to the {place}, {S} gave a {object} to",
    "After {1} and {2} had met {B} at the {place}, this time {S} handed the {object} over to",
    "Then, step by step, {1} and {2} had a long talk in {town}. In the end {S} passed a {object} to",
    "While {1} and {2} waited outside the {place}, at last {S} lent the {object} that {B} had made to",
    "Last winter {1} and {2} worked day after day for {B}, and on the way home {S} sold a {object} to",
    "The {place} was almost empty when {1} and {2} came in. {I} sat down, so once more {S} threw the {object} to",
    "For an hour {1} and {2} sat in the {place}; now and then {S}, just as {I} wished, read a {object} to",
    "It was late, very, very late, so {1} and {2} left {town}. Outside the {place} {S} promised the {object} of {B} to",
    "At noon {1} and {2} rang again and again for {B}. Before long {S}, as {B} said, carried a {object} from {town} to",
    "Both {1} and {2} liked the {place} in {town}, where one day {S}, like {B}, offered a {object} to",
    "Once, long, long ago, {1} and {2} had {B} to dinner, and later {S} brought the {object} that {I} had lost back to",
    "In {town} {1} and {2} ran a shop with {B}. When it closed {S} left {B}'s {object} to",
)


def _other_name(sequence: TokenSequence) -> Prompt | None:
    """The indirect object at the prompt's end, rather than the giver."""
    io, subject, end = (first_position(sequence, role) for role in ("io:first", "subject_again:first", "end:last"))
    if io is None or subject is None or end is None:
        return None
    right, wrong = sequence.ids[io], sequence.ids[subject]
    return Prompt(sequence, (Target(end, right, (wrong,)),)) if right != wrong else None


METRIC = Metric(_other_name, (LEAD, LOSS), measure="the lead of the right name", n_tokens=240, order=3)


@probe("indirect_object", version=3, metric=METRIC, draws_in_full=4)
def indirect_object(context: ProbeContext) -> Iterator[TokenSequence]:
    """Two names, one of them again as the giver: the other is whom the prompt is about to name.

    "When Mary and John went to the store, John gave a drink to". Each set of names, place, object and template
    comes in both orders (ABBA: the other name first; BABA: the giver first). The ways between the names and from
    the giver to the end have different lengths, so that a fixed offset does not find them.

    Decoys: between the giver and the end may stand a town, a third person or the other name, so that the latest
    capital is mostly not the giver's; the giver's second mention mostly stands within a clause; in some prompts the
    other name comes twice as well; and the names share their first or their last letter, with each other and with the
    third person, so that spelling does not lead from the second mention to the first. Words that come twice early on
    ("day after day") are repeated tokens that are no names, and what stands between commas is now the third person,
    now none of them. Roles: `io` the other name,
    `subject` the giver's first mention, `after_subject` the word after it, `subject_again` the second mention,
    `bystander` the third person, `after_other` the word after any other name, `end` the last word.

    The first prompt is kept as an example. After Wang et al. 2022, arXiv:2211.00593, in our own words.
    """
    random = context.random
    texts = []
    for pair in range(N_PAIRS):
        template = TEMPLATES[pair % len(TEMPLATES)]
        io, subject, bystander = _names(random, letter=-((pair + pair // len(TEMPLATES)) % 2))
        words = {"place": str(random.choice(PLACES[:5])), "object": str(random.choice(OBJECTS[:5]))}
        if pair:  # the example stays short
            words = {"place": str(random.choice(PLACES)), "object": str(random.choice(OBJECTS))}
        words |= {"S": subject, "I": io, "B": bystander, "town": str(random.choice(TOWNS))}
        for first, second in ((io, subject), (subject, io)):
            texts.append(_prompt(template, {"1": first, "2": second, **words}))
    yield from texts_that_fit(context, texts)


def _names(random: np.random.Generator, letter: int) -> list[str]:
    """Three names that have their first (0) or last (-1) letter in common, in random order."""
    by_letter: dict[str, list[str]] = {}
    for name in NAMES:
        by_letter.setdefault(name[letter].lower(), []).append(name)
    names = random.choice([name for name in NAMES if len(by_letter[name[letter].lower()]) >= 3])
    return random.permutation(by_letter[names[letter].lower()])[:3].tolist()


def _prompt(template: str, words: dict[str, str]) -> AnnotatedText:
    """A template with its names, whose roles follow from who is named again."""
    text = AnnotatedText()
    parts = re.split(r"\{(\w+)\}", template)  # text, slot, text, slot, ..., text
    after = ""  # the role of the next word
    for number, part in enumerate(parts):
        if number % 2 == 0:
            body, _, end = part.rpartition(" ") if number == len(parts) - 1 else (part, "", "")
            word = re.match(r"\s*(\w+|[^\w\s])", body)  # the next word or mark, with the space before it
            if after and word:
                text.add(word[0], **{after: 0})
                body = body[word.end() :]
            text.add(body)
            if end:
                text.add(f" {end}", end=0)
        else:
            role = _role(part, words)
            after = {"subject": "after_subject", "io": "after_other", "bystander": "after_other"}.get(role, "")
            text.add(words[part], **({role: 0} if role else {}))
    return text


def _role(slot: str, words: dict[str, str]) -> str:
    """The role of what stands in a slot of a template; empty for places and objects."""
    if slot in ("1", "2"):
        return "subject" if words[slot] == words["S"] else "io"
    return {"S": "subject_again", "I": "io", "B": "bystander"}.get(slot, "")
