"""Passages of natural text, written for this project, of which a seed draws some of every kind.

They stand in `passages/`, a file for each kind; people, places and firms are invented. A passage that is changed, added
or taken away changes what every seed draws: the probe's version goes up with it.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from importlib.resources import files
from itertools import zip_longest
from typing import TYPE_CHECKING

from headatlas.probes import DoesNotFit, ProbeContext, probe
from headatlas.probes.metrics import EVERY_TOKEN

if TYPE_CHECKING:
    import numpy as np

    from headatlas.inputs.sequence import TokenSequence

LONGEST = 256
ONE_IN = 3  # passages of a kind, of which one is drawn
# In the order in which they take turns. Evidence reads only the first sequences: those are mostly English prose.
KINDS = (
    "narrative", "dialogue", "news", "letters", "instructions", "science", "reference", "official", "online", "verse",
    "lists", "numbers", "mathematics", "data", "code", "latin_script", "cyrillic", "east_asian", "other_scripts",
)  # fmt: skip


METRIC = replace(EVERY_TOKEN, measure="loss on text", n_tokens=320, order=2)


@dataclass(frozen=True)
class Passage:
    """A text and what it is.

    `kind` is the name of its file; `language` is ISO 639-1, or the name of a programming or data language. About 1,100
    characters of English, or 900 of code, are the tokens that are read. An `example` is part of every draw.
    """

    name: str
    kind: str
    language: str
    text: str
    example: bool = False


@probe("natural_text", version=2, metric=METRIC, natural=True, by_distance=True, smallest_set="quick", draws_in_full=3)
def natural_text(context: ProbeContext) -> Iterator[TokenSequence]:
    """Varied passages, drawn by the seed: narrative, dialogue, news, letters, records, science, code, data, languages.

    All are our own words. Of the passages of each kind about a third is drawn, so that two seeds read the same mixture
    of kinds and scripts but share only some two fifths of their passages. The two shortest come first, with every
    seed, and are kept as examples; then the kinds take turns. Each passage is cut to 256 tokens, or to the model's
    context where that is shorter; the special tokens around it are those that the model's tokenizer adds.
    """
    vocabulary = context.vocabulary
    if vocabulary.tokenizer is None:
        raise DoesNotFit("left out: the model has no tokenizer, so text cannot be read")
    room = min(LONGEST, context.max_length) - len(vocabulary.before) - len(vocabulary.after)
    if room < min(LONGEST, 8):
        raise DoesNotFit(f"left out: a context of {context.max_length} tokens is too short for a sentence")
    every, wanted = passages(), context.passages
    if wanted is not None:
        context.note(f"{min(wanted, len(every))} of {len(every)} passages drawn, since {wanted} were asked for")
    for passage in draw(every, context.random, wanted):
        ids = vocabulary.encode(passage.text, room + 1)
        if len(ids) > room and room < LONGEST - len(vocabulary.before) - len(vocabulary.after):
            context.note(f"passages cut to {room} tokens to fit the model")
        if ids:
            yield vocabulary.sequence(
                ids[:room], before=vocabulary.before, after=vocabulary.after, example=passage.example
            )


def passages() -> list[Passage]:
    """All passages, in the order of `KINDS` and as they stand in their files; texts end without a line break."""
    folder = files("headatlas.probes").joinpath("passages")
    read: list[Passage] = []
    for kind in KINDS:
        for fields in tomllib.loads(folder.joinpath(f"{kind}.toml").read_text("utf-8"))["passage"]:
            read.append(Passage(kind=kind, **{**fields, "text": fields["text"].rstrip("\n")}))
    return read


def draw(passages: Sequence[Passage], random: np.random.Generator, wanted: int | None = None) -> list[Passage]:
    """The examples, then a third of each kind's other passages, rounded but at least one; or as many as are `wanted`.

    The kinds take turns: whoever reads only the first passages gets one of many kinds each. Of those that are wanted
    the first are the same whatever the number, so that a longer reading adds to a shorter one.
    """
    others = {kind: [passage for passage in passages if passage.kind == kind and not passage.example] for kind in KINDS}
    piles = [_some(pile, random, every=wanted is not None) for pile in others.values() if pile]
    turns = [passage for turn in zip_longest(*piles) for passage in turn if passage is not None]
    return [*(passage for passage in passages if passage.example), *turns][:wanted]


def _some(pile: Sequence[Passage], random: np.random.Generator, *, every: bool) -> list[Passage]:
    """Passages of one kind in the order in which they are read: a third of them, or `every` one."""
    number = len(pile) if every else max(1, round(len(pile) / ONE_IN))
    return [pile[i] for i in random.choice(len(pile), size=number, replace=False)]
