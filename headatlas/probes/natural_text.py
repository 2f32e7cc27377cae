"""Passages of natural text, written for this project, of which a seed draws some of every kind."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.resources import files
from itertools import groupby
from typing import TYPE_CHECKING

from headatlas.probes import DoesNotFit, ProbeContext, probe

if TYPE_CHECKING:
    import numpy as np

    from headatlas.tokens import TokenSequence

LONGEST = 256
ONE_IN = 3  # passages of a kind, of which one is drawn


@dataclass(frozen=True)
class Passage:
    """A text and what it is; `kind` is the name of its file in `headatlas/probes/passages`."""

    name: str
    kind: str
    language: str
    text: str
    example: bool = False


@probe("natural_text", version=2)
def natural_text(context: ProbeContext) -> Iterator[TokenSequence]:
    """Varied passages, drawn by the seed: narrative, dialogue, news, letters, records, science, code, data, languages.

    All are our own words. A third of the passages of each kind is drawn, so that two seeds read the same mixture of
    kinds and scripts and share about a third of their passages. The two shortest come first, with every seed, and are
    kept as examples; the others follow in the order of their kinds. Each is cut to 256 tokens, or to the model's
    context where that is shorter; the special tokens around it are those that the model's tokenizer adds.
    """
    vocabulary = context.vocabulary
    if vocabulary.tokenizer is None:
        raise DoesNotFit("left out: the model has no tokenizer, so text cannot be read")
    room = min(LONGEST, context.max_length) - len(vocabulary.before) - len(vocabulary.after)
    if room < min(LONGEST, 8):
        raise DoesNotFit(f"left out: a context of {context.max_length} tokens is too short for a sentence")
    for passage in draw(passages(), context.random):
        ids = vocabulary.encode(passage.text, room + 1)
        if len(ids) > room and room < LONGEST - len(vocabulary.before) - len(vocabulary.after):
            context.note(f"passages cut to {room} tokens to fit the model")
        if ids:
            yield vocabulary.sequence(
                ids[:room], before=vocabulary.before, after=vocabulary.after, example=passage.example
            )


def passages() -> list[Passage]:
    """All passages, by kind in alphabetical order and as they stand in its file; texts end without a line break."""
    folder = files("headatlas.probes").joinpath("passages")
    read: list[Passage] = []
    for file in sorted(folder.iterdir(), key=lambda file: file.name):
        if file.name.endswith(".toml"):
            kind = file.name.removesuffix(".toml")
            for fields in tomllib.loads(file.read_text("utf-8"))["passage"]:
                read.append(Passage(kind=kind, **{**fields, "text": fields["text"].rstrip("\n")}))
    return read


def draw(passages: Sequence[Passage], random: np.random.Generator) -> list[Passage]:
    """The examples, then a third of each kind's other passages, rounded but at least one, in the order given.

    `passages` have to be sorted by kind.
    """
    drawn = [passage for passage in passages if passage.example]
    for _, group in groupby((passage for passage in passages if not passage.example), key=lambda one: one.kind):
        kind = list(group)
        number = max(1, round(len(kind) / ONE_IN))
        chosen = random.choice(len(kind), size=number, replace=False)
        drawn += [kind[i] for i in sorted(chosen)]
    return drawn
