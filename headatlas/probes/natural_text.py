"""Passages of natural text, written for this project."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import replace
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from headatlas.probes import DoesNotFit, ProbeContext, probe
from headatlas.probes.metrics import EVERY_TOKEN

if TYPE_CHECKING:
    from headatlas.inputs.sequence import TokenSequence

LONGEST = 256


METRIC = replace(EVERY_TOKEN, measure="loss on text", n_tokens=320, order=2)


@probe("natural_text", version=1, metric=METRIC, natural=True, by_distance=True)
def natural_text(context: ProbeContext) -> Iterator[TokenSequence]:
    """Varied passages: narrative, dialogue, news, code, lists, numbers, letters and other languages.

    All are our own words. Each is cut to 256 tokens, or to the model's context where that is shorter; the
    special tokens around it are those that the model's tokenizer adds. The two shortest are kept as examples.
    """
    vocabulary = context.vocabulary
    if vocabulary.tokenizer is None:
        raise DoesNotFit("left out: the model has no tokenizer, so text cannot be read")
    room = min(LONGEST, context.max_length) - len(vocabulary.before) - len(vocabulary.after)
    if room < min(LONGEST, 8):
        raise DoesNotFit(f"left out: a context of {context.max_length} tokens is too short for a sentence")
    for passage in passages():
        ids = vocabulary.encode(passage["text"].rstrip("\n"), room + 1)
        if len(ids) > room and room < LONGEST - len(vocabulary.before) - len(vocabulary.after):
            context.note(f"passages cut to {room} tokens to fit the model")
        if ids:
            yield vocabulary.sequence(
                ids[:room], before=vocabulary.before, after=vocabulary.after, example=passage["example"]
            )


def passages() -> list[dict[str, Any]]:
    """The passages: name, kind, language, example, text."""
    parsed: list[dict[str, Any]] = tomllib.loads(
        files("headatlas.probes").joinpath("passages.toml").read_text("utf-8")
    )["passage"]
    return parsed
