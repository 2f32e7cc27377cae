"""Who has what: several persons and things in one text, some of whom are named again."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from headatlas.inputs.annotated_text import AnnotatedText
from headatlas.probes import ProbeContext, probe, texts_that_fit
from headatlas.probes.metrics import ACCURACY, LEAD, Metric, right_among

if TYPE_CHECKING:
    import numpy as np

    from headatlas.inputs.sequence import TokenSequence

N_TEXTS = 18
PERSONS = "Ada Ben Carl Dora Emil Fay Hugo Iris Jon Kate Leo Mia Nora Otto".split()
THINGS = "lamp rope map drum kite clock basket ladder mirror bottle saddle candle pillow hammer".split()
OPENINGS = ("Heard today:", "As we know:", "From the diary.")
# {P} the person, {T} the thing that is theirs, {O} a thing of somebody else, {Q} somebody else.
STATEMENTS = (
    "{P} carries the {T}.",
    "The {T} belongs to {P}.",
    "{P}, who never liked the {O}, bought the {T}.",
    "The {T}, unlike the {O}, was given to {P}.",
    "{P} found the {T} beside {Q}.",
    "It was {P}, not {Q}, who took the {T}.",
)
# Up to the name or thing after which what it goes with is due, and what stands between the two.
ASKING_THINGS = (("Of these,", " has the"), ("So", " owns the"), ("Now", " holds the"))
ASKING_PERSONS = (("Whoever needs the", " asks"), ("The owner of the", " is"), ("For the", " one goes to"))

METRIC = Metric(
    right_among("partner_due", "partner", "stranger"), (LEAD, ACCURACY), measure="the lead of the right partner",
    order=None,
)  # fmt: skip


@probe("bindings", version=1, metric=METRIC, draws_in_full=4)
def bindings(context: ProbeContext) -> Iterator[TokenSequence]:
    """Three statements such as "Ada, who never liked the drum, bought the lamp.", then two of the names once more.

    In half of the texts persons are named again and their things are due, in the others things and their owners. The
    statements are actively or passively worded and come in any order.

    Decoys: the other persons and things. In four of the six ways to say it, a thing or person of another statement
    stands in this one, nearer to the name than the right one or just as near. Roles, with the statement's number as
    group: `named_again` the name or thing that is taken up, `partner_due` the last word before its partner is due, and
    of what may be a partner, `partner` where it is stated to go with something and `stranger` where it stands in
    another's statement. The first text is kept as an example. After Feng & Steinhardt 2023, arXiv:2310.17191, and
    Prakash et al. 2025, arXiv:2505.14685, in our own words.
    """
    random = context.random
    yield from texts_that_fit(context, [_text(random, index) for index in range(N_TEXTS)])


def _text(random: np.random.Generator, index: int) -> AnnotatedText:
    """Statements in random order, and two of the persons (or things) again, the partner of the last one open."""
    persons = [str(name) for name in random.choice(PERSONS, 3, replace=False)]
    things = [str(name) for name in random.choice(THINGS, 3, replace=False)]
    asks_things = index % 2 == 0
    text = AnnotatedText().add(OPENINGS[index % len(OPENINGS)])
    for number, template in enumerate(random.choice(STATEMENTS, 3, replace=False).tolist()):
        other = (number + int(random.integers(1, 3))) % 3
        text.add(" ")
        words = {
            "P": (persons[number], not asks_things, "partner", number),
            "T": (things[number], asks_things, "partner", number),
            "O": (things[other], asks_things, "stranger", other),
            "Q": (persons[other], not asks_things, "stranger", other),
        }
        for part in re.split(r"(\{\w\})", template):
            word, may_be_partner, role, group = words.get(part[1:2] if part[:1] == "{" else "", (part, False, "", 0))
            text.add(word, **({role: group} if may_be_partner else {}))
    asked = random.permutation(3)[:2].tolist()
    ways = random.choice(len(ASKING_THINGS), 2, replace=False).tolist()
    for number, statement in enumerate(asked):
        before, after = (ASKING_THINGS if asks_things else ASKING_PERSONS)[ways[number]]
        named, partner = (persons, things) if asks_things else (things, persons)
        text.add(f" {before} ").add(named[statement], named_again=statement)
        first, _, last = after.rpartition(" ")
        text.add(first).add(f" {last}", partner_due=statement)
        if number == 0:
            text.add(f" {partner[statement]}.")
    return text
