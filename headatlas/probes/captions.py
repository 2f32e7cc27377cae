"""Drawn scenes within text: what models of pictures and words are looked at on that read both and write words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from headatlas.inputs.annotated_text import AnnotatedText
from headatlas.probes import DoesNotFit, ProbeContext, probe
from headatlas.probes.metrics import ACCURACY, LEAD, LOSS, Metric, Prompt, Target
from headatlas.probes.scenes import COLOURS, Scene, scene

if TYPE_CHECKING:
    from headatlas.inputs.sequence import TokenSequence

N_SCENES = 16


def _answers(sequence: TokenSequence) -> Prompt | None:
    """The colour that a question asks for, rather than the others."""
    if not sequence.answers:
        return None
    right, *wrong = sequence.answers
    return Prompt(sequence, (Target(len(sequence) - 1, right, tuple(wrong)),))


METRIC = Metric(_answers, (LOSS, LEAD, ACCURACY), measure="loss on answers about pictures", n_tokens=1600, order=7)


@probe("captions", version=2, medium="captions", metric=METRIC, smallest_set="quick")
def captions(context: ProbeContext) -> Iterator[TokenSequence]:
    """Drawn scenes, each with a sentence such as "a red circle left of a blue square" and with two questions.

    The questions are "Question: what colour is the square? Answer:" and the same of the other thing, so that what looks
    at one of the things whatever was asked is right in one of the two. Text stands behind the picture, in the model's
    own chat template where it has one. The picture's tokens have the role `picture`; those of which a thing covers more
    than half have the role `shape` with the thing's number, as have the `noun` and the `adjective` that name it; the
    last token of a question has the role `asked`. The texts of the first scene are kept as examples.
    """
    patch_grid = context.patch_grid
    assert patch_grid is not None
    assert patch_grid.read is not None
    for index in range(N_SCENES):
        drawn = scene(context.random)
        picture = drawn.draw(patch_grid.height, patch_grid.width)
        # In turns one thing first and the other, so that every other question is about either.
        texts = [(drawn.text, None, ()), *(_question(drawn, asked) for asked in (index % 2, 1 - index % 2))]
        for text, about, answers in texts:
            sequence = patch_grid.read(*picture, text, about, answers)
            if len(sequence) > context.max_length:
                raise DoesNotFit(f"left out: a picture and a sentence take {len(sequence)} tokens, more than it reads")
            yield replace(sequence, example=index == 0)


def _question(drawn: Scene, asked: int) -> tuple[AnnotatedText, int, tuple[str, ...]]:
    """A question for the colour of one of two things, the thing's number, and all colours, the right one first."""
    thing = (drawn.first, drawn.second)[asked]
    text = AnnotatedText().add("Question: what colour is the ").add(thing.shape, noun=asked).add("? Answer:")
    return text, asked, (thing.colour, *(colour for colour in COLOURS if colour != thing.colour))
