"""Examples with labels, and one more whose label is due."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from headatlas.inputs.annotated_text import AnnotatedText
from headatlas.probes import ProbeContext, probe, texts_that_fit
from headatlas.probes.metrics import ACCURACY, LEAD, Metric, Prompt, Target

if TYPE_CHECKING:
    import numpy as np

    from headatlas.inputs.sequence import TokenSequence

N_TEXTS = 30
# What stands before a text, between it and where its label is due, and the mark after which it is due.
LAYOUTS = (("", "", " ->"), ("Text: ", "\nLabel", ":"), ("Input: ", " Output", ":"), ("", " |", " Type:"))
# Label: texts. A model has to understand the texts to know which label is due.
TASKS: tuple[dict[str, tuple[str, ...]], ...] = (
    {
        "good": ("tasty", "a warm and friendly inn", "we laughed all evening", "the best seat", "it works every time"),
        "bad": ("rotten", "the soup was cold", "dirty rooms and rude staff", "a waste of money", "it broke at once"),
    },
    {
        "animal": ("cow", "otter", "a young fox", "the grey goose", "two sleepy old bears"),
        "plant": ("oak", "clover", "a yellow tulip", "the tall fern", "moss under the apple tree"),
        "tool": ("saw", "hammer", "a blunt chisel", "the steel pliers", "the long ladder in the shed"),
    },
    {
        "hot": ("fire", "steam", "boiling water", "noon in the desert", "bread straight from the oven"),
        "cold": ("ice", "frost", "a snowy peak", "winter nights in the north", "milk from the cellar"),
    },
    {
        "land": ("cart", "tractor", "a night train", "the red bicycle", "bus to the old town"),
        "sea": ("ship", "ferry", "a rowing boat", "the oil tanker", "yacht with a torn sail"),
        "air": ("jet", "balloon", "a light glider", "the mail plane", "helicopter above the valley"),
    },
    {
        "question": ("who?", "is it far", "where did she go", "how many are left", "when does the shop open"),
        "order": ("stop!", "close the door", "bring me the ladder", "wait by the gate", "take off your muddy boots"),
    },
)  # fmt: skip


def _due_labels(sequence: TokenSequence) -> Prompt:
    """The label where one is due and its class was seen, rather than the other labels of the text."""
    firsts = sequence.roles.get("label:first", {})
    due = sequence.roles.get("label_due:last", {})
    first_tokens = {group: sequence.ids[position] for position, group in firsts.items()}
    targets = []
    for query in sorted(due):
        seen = {group for position, group in firsts.items() if position < query}
        right = first_tokens.get(due[query])
        wrong = {first_tokens[group] for group in seen - {due[query]}} - {right}
        if right is not None and due[query] in seen and wrong:
            targets.append(Target(query, right, tuple(sorted(wrong))))
    return Prompt(sequence, tuple(targets))


METRIC = Metric(_due_labels, (LEAD, ACCURACY), measure="the lead of the right label", order=6)


@probe("few_shot_labels", version=1, metric=METRIC)
def few_shot_labels(context: ProbeContext) -> Iterator[TokenSequence]:
    """Short texts with their labels ("otter -> animal"), two or three classes in shuffled order, the last label open.

    Each class has one to three examples; no text comes twice, so that only its meaning tells the class. A label is
    due at every example, and each counts as a query once its class has been seen. Roles, with the class as group:
    `label` each label in the text, `label_due` the mark after which a label is due. The first is kept as an example.
    """
    random = context.random
    texts = [_text(random, task=1, layout=0, n_shots=1, longest=2)]
    for index in range(1, N_TEXTS):
        short = index % 4 == 0
        layout = 0 if short else int(random.integers(len(LAYOUTS)))
        texts.append(_text(random, index % len(TASKS), layout, 1 if short else 2 + index % 2, 2 if short else 5))
    yield from texts_that_fit(context, texts)


def _text(random: np.random.Generator, task: int, layout: int, n_shots: int, longest: int) -> AnnotatedText:
    """Examples of a task, `n_shots` a class, and one more; only each class's `longest` first, shorter texts."""
    before, between, mark = LAYOUTS[layout]
    labels = list(TASKS[task])
    shown = random.permutation([label for label in range(len(labels)) for _ in range(n_shots)]).tolist()
    asked = int(random.integers(len(labels)))
    fresh = [random.permutation(texts[:longest]).tolist() for texts in TASKS[task].values()]
    text = AnnotatedText()
    for number, label in enumerate([*shown, asked]):
        text.add(f"{before}{fresh[label].pop()}{between}").add(mark, label_due=label)
        if number < len(shown):
            text.add(f" {labels[label]}", label=label).add("\n")
    return text
