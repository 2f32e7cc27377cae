"""Lists of things of which those of one class are asked for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from headatlas.inputs.annotated_text import AnnotatedText
from headatlas.probes import ProbeContext, probe, texts_that_fit

if TYPE_CHECKING:
    import numpy as np

    from headatlas.inputs.sequence import TokenSequence

N_TEXTS = 20
CLASSES = {
    "fruit": "pear plum cherry melon grape fig".split(),
    "animal": "otter goat fox mule badger hare".split(),
    "tool": "hammer chisel saw wrench drill rake".split(),
    "vehicle": "tractor ferry bicycle wagon canoe tram".split(),
    "metal": "copper iron silver lead zinc tin".split(),
    "colour": "purple yellow brown white pink green".split(),
    "drink": "tea coffee milk cider beer juice".split(),
}
SEPARATORS = (", ", "; ", "\n- ", " / ")
OPENINGS = ("List:", "Seen today:", "On the table:", "Written down:")
# What asks for a class, {a} its article, and what ends the question.
QUESTIONS = (("Which of them is {a} ", "?"), ("What is {a} ", " is"), ("Now name the ", ":"), ("Find the ", " here:"))


@probe("filtered_lists", version=1, draws_in_full=4)
def filtered_lists(context: ProbeContext) -> Iterator[TokenSequence]:
    """Lists such as "hammer, pear, otter, plum" and questions for the items of one class ("Now name the fruit:").

    A list has four to six items of three classes, one or two of the class that is asked for, in any order; half of the
    lists are asked about twice, for different classes. No item says which class it is of.

    Decoys: the items of the other classes. Roles, with the class's number as group: `item` each item, `filter_due` the
    end of the question. The first text is kept as an example. After Sharma et al. 2025, arXiv:2510.26784, in our own
    words.
    """
    random = context.random
    yield from texts_that_fit(context, [_text(random, index) for index in range(N_TEXTS)])


def _text(random: np.random.Generator, index: int) -> AnnotatedText:
    """One list and one or two questions."""
    names = list(CLASSES)
    classes = random.choice(len(names), 3, replace=False).tolist()
    items = [
        (number, str(word))
        for number in classes
        for word in random.choice(CLASSES[names[number]], int(random.integers(1, 3)), replace=False)
    ]
    if len(items) == 3:
        fresh = [word for word in CLASSES[names[classes[0]]] if word != items[0][1]]
        items.append((classes[0], str(random.choice(fresh))))
    separator = SEPARATORS[index % len(SEPARATORS)]
    text = AnnotatedText().add(OPENINGS[int(random.integers(len(OPENINGS)))])
    for position, number in enumerate(random.permutation(len(items)).tolist()):
        group, word = items[number]
        text.add(separator if position or "\n" in separator else " ").add(word, item=group)
    text.add("\n" if "\n" in separator else ".")
    ways = random.choice(len(QUESTIONS), 2, replace=False).tolist()
    for turn, group in enumerate(random.permutation(classes)[: 1 + index % 2].tolist()):
        asks, ends = QUESTIONS[ways[turn]]
        said = [word for number, word in items if number == group]
        article = "an" if names[group][0] in "aeiou" else "a"
        text.add(f" {asks.format(a=article)}{names[group]}").add(ends, filter_due=group)
        if turn < index % 2:
            text.add(f" {' and '.join(said)}.")
    return text
