"""Days, months, numbers and letters in their order, with other words between, broken off and begun again."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from headatlas.inputs.annotated_text import AnnotatedText
from headatlas.probes import ProbeContext, probe, texts_that_fit
from headatlas.probes.metrics import ACCURACY, LEAD, Metric, Prompt, Target

if TYPE_CHECKING:
    import numpy as np

    from headatlas.inputs.sequence import TokenSequence

N_TEXTS = 24
CLASS = 100  # an element's group is CLASS * its class + its rank
CLASSES = (
    "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split(),
    "January February March April May June July August September October November December".split(),
    "one two three four five six seven eight nine ten eleven twelve".split(),
    list("123456789"),
    list("ABCDEFGHIJKLMNOPQRSTUVWXYZ"),
    "first second third fourth fifth sixth seventh eighth ninth tenth".split(),
)
OPENINGS = ("Log:", "Notes:", "From the list:", "As written down:")
SHORT_FILLERS = ("", " fog", " wind", " rain", " soup", " quiet", " no news", " old rope")
FILLERS = (
    *SHORT_FILLERS,
    " boats stayed in",
    " fog over the river",
    " nothing new to report",
    " we mended the garden wall",
    " the bridge was closed again",
    " bread, cheese and a jug of milk",
    " visitors came up from the village",
    " the lamp by the gate went out twice",
)
AFTER_ELEMENT = ("", ":", ",", " -")
AFTER_FILLER = (".", ";", ",")


def _successors(sequence: TokenSequence) -> Prompt:
    """Elements whose predecessor is the element before them, rather than another element of their class."""
    elements = sequence.roles.get("element:first", {})
    targets = []
    before = None
    for position in sorted(elements):
        element = elements[position]
        if before is not None and element == before + 1 and position > 0:
            same_class = {sequence.ids[p] for p, other in elements.items() if other // CLASS == element // CLASS}
            wrong = same_class - {sequence.ids[position]}
            if wrong:
                targets.append(Target(position - 1, sequence.ids[position], tuple(sorted(wrong))))
        before = element
    return Prompt(sequence, tuple(targets))


METRIC = Metric(_successors, (LEAD, ACCURACY), measure="the lead of the right successor", order=4)


@probe("ordinal_sequences", version=2, metric=METRIC)
def ordinal_sequences(context: ProbeContext) -> Iterator[TokenSequence]:
    """Days, months, number words, digits, letters and ordinals in order, other words between, begun again.

    A run of one class goes forward by one; it may be interrupted by a run of another class, and is then begun
    again from its start or named over in a shuffled order. So an element comes again when its successor stands
    somewhere before, and the words between differ in number, so that neither an offset nor the token after the
    earlier copy leads there.

    Decoys: in most texts two runs of the same class go on side by side ("Monday ... Friday ... Tuesday ... Saturday"),
    with members of another class between, so that the element before in order is only about half of the time the
    latest of its class. Role `element`: each element, its class (in the order above) times 100 plus its rank as group.
    The first text is kept as an example.
    """
    random = context.random
    texts = [_text(random, kind=0, short=True, twofold=False, shuffled=False)]
    for index in range(1, N_TEXTS):
        kind, short = index % len(CLASSES), index % 4 == 1
        texts.append(_text(random, kind, short, twofold=index % 8 != 1, shuffled=index % 3 == 0))
    yield from texts_that_fit(context, texts)


def _text(random: np.random.Generator, kind: int, short: bool, twofold: bool, shuffled: bool) -> AnnotatedText:
    """One text: a run or two side by side, perhaps interrupted, and some of their elements once more."""
    fillers = SHORT_FILLERS if short else FILLERS
    text = AnnotatedText().add("Log:" if short else str(random.choice(OPENINGS)))
    for element in _plan(random, kind, short, twofold, shuffled):
        word = CLASSES[element // CLASS][element % CLASS]
        text.add(f" {word}", element=element)
        filler = str(random.choice(fillers))
        text.add(str(random.choice(AFTER_ELEMENT)) + filler if filler else "").add(str(random.choice(AFTER_FILLER)))
    return text


def _plan(random: np.random.Generator, kind: int, short: bool, twofold: bool, shuffled: bool) -> list[int]:
    """Which elements, in which order."""

    def run(kind: int, length: int, start: int | None = None) -> list[int]:
        if start is None:
            start = int(random.integers(0, len(CLASSES[kind]) - length + 1))
        return [kind * CLASS + start + step for step in range(length)]

    if twofold:
        length, beside = (2, 2) if short else (int(random.integers(3, 5)), 3)
        room = len(CLASSES[kind]) - length - beside  # so that the two do not meet
        start = int(random.integers(0, room + 1))
        second = start + length + int(random.integers(0, room - start + 1))
        runs = [run(kind, length, start), run(kind, beside, second)]
        runs = [runs[i] for i in random.permutation(2)]
        once = _side_by_side(random, runs)
    else:
        length = 3 if short else int(random.integers(4, 7))
        once = run(kind, length)
    if shuffled:
        again = [once[i] for i in random.permutation(len(once))[:length]]
    else:
        again = once[: length - int(random.integers(0, 2))]
    if short:
        return once + again
    other = (kind + int(random.integers(1, len(CLASSES)))) % len(CLASSES)
    cut = int(random.integers(1, len(once) + 1))
    return once[:cut] + run(other, int(random.integers(2, 4))) + once[cut:] + again


def _side_by_side(random: np.random.Generator, runs: list[list[int]]) -> list[int]:
    """Two runs in turn, each from its start on; now and then one goes two steps at once."""
    left = [list(run) for run in runs]
    merged: list[int] = []
    turn = 0
    while any(left):
        if left[turn]:
            merged.append(left[turn].pop(0))
        if random.random() < 0.8 or not left[turn]:
            turn = 1 - turn
    return merged
