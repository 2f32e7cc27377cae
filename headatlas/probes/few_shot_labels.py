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

N_TEXTS = 25
# What stands before a text, between it and where its label is due, and the mark after which it is due.
LAYOUTS = (("", "", " ->"), ("Text: ", "\nLabel", ":"), ("Input: ", " Output", ":"), ("", " |", " Type:"))
# What stands after a label.
ENDS = ("\n", "; ", " / ")
# What a text may begin with, its labels in place of the braces.
PREAMBLES = ("Choose one, and only one: {}.\n", "Labels: {}\n", "Is it {}?\n")
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


@probe("few_shot_labels", version=3, metric=METRIC, draws_in_full=4)
def few_shot_labels(context: ProbeContext) -> Iterator[TokenSequence]:
    """Short texts with their labels ("otter -> animal"), two or three classes in shuffled order, the last label open.

    Each class has one to three examples; no text comes twice, so that only its meaning tells the class. A label is
    due at every example, and each counts as a query once its class has been seen.

    Decoys: half of the texts begin with a line that names the labels, as no answer to anything ("Choose one, and
    only one: animal or plant."); in the others, and in some of those, one example stays open ("oak -> ? not
    animal"), so that a label does not follow the mark every time and stands elsewhere too; the examples of a text
    stand on lines of their own or all on one. Roles, with the class as group: `label` each label that was given,
    `label_due` the mark after which a label is due, `label_like` a label's word elsewhere. The first text is kept
    as an example.
    """
    random = context.random
    texts = [_text(random, task=1, layout=0, n_shots=1, longest=2, preamble=True, n_open=0)]
    for index in range(1, N_TEXTS):
        short = index % 4 == 0
        layout = 0 if short else int(random.integers(len(LAYOUTS)))
        preamble = short or index % 2 == 0
        n_open = 0 if short else 1 if index % 3 else int(not preamble)
        n_shots, longest = (1, 2) if short else (2 + index % 2, 5)
        texts.append(_text(random, index % len(TASKS), layout, n_shots, longest, preamble, n_open))
    yield from texts_that_fit(context, texts)


def _text(
    random: np.random.Generator, task: int, layout: int, n_shots: int, longest: int, preamble: bool, n_open: int
) -> AnnotatedText:
    """Examples of a task, `n_shots` a class, and one more; only each class's `longest` first, shorter texts.

    With a preamble that names the labels, and with so many examples whose label stays open.
    """
    before, between, mark = LAYOUTS[layout]
    labels = list(TASKS[task])
    shown = random.permutation([label for label in range(len(labels)) for _ in range(n_shots)]).tolist()
    asked = int(random.integers(len(labels)))
    end = "\n" if "\n" in between else str(random.choice(ENDS))
    open_at = (1 + random.choice(len(shown) - 1, n_open, replace=False)).tolist()
    fresh = [random.permutation(texts[:longest]).tolist() for texts in TASKS[task].values()]
    text = AnnotatedText()
    if preamble:
        _add_preamble(random, text, labels)
    for number, label in enumerate([*shown, asked]):
        if number in open_at:
            left_open, said = random.permutation(len(labels))[:2].tolist()
            text.add(f"{before}{fresh[left_open].pop()}{between}{mark} ? not").add(f" {labels[said]}", label_like=said)
            text.add(end)
        text.add(f"{before}{fresh[label].pop()}{between}").add(mark, label_due=label)
        if number < len(shown):
            text.add(f" {labels[label]}", label=label).add(end)
    return text


def _add_preamble(random: np.random.Generator, text: AnnotatedText, labels: list[str]) -> None:
    start, end = str(random.choice(PREAMBLES)).split("{}")
    text.add(start)
    for number, label in enumerate(random.permutation(len(labels)).tolist()):
        text.add("" if not number else " or " if number == len(labels) - 1 else ", ")
        text.add(labels[label], label_like=label)
    text.add(end)
