"""What a head's section on evidence shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from headatlas.atlas.context.circuits import HeadEdges


@dataclass(frozen=True, kw_only=True)
class LabelVerdict:
    """A label and what cause says of it."""

    label: Annotated[str, "The label; empty for a head without any."]
    hue: Annotated[str, "CSS class of its family."]
    verdict: Annotated[str, "The verdict in a word or two: mechanism, picture only, ..."]
    tone: Annotated[str, "good where picture and cause agree, bad where they disagree, else open."]
    sentence: Annotated[str, "The verdict in a sentence."]
    checks: Annotated[Sequence[tuple[str, str, str]], "What else was looked at: what, holds, fails or open, and why."]


@dataclass(frozen=True, kw_only=True)
class EvidenceSection:
    """All evidence about one head."""

    claims: Annotated[Sequence[LabelVerdict], "Each label and its verdict, the primary one first."]
    disagrees: Annotated[bool, "True where picture and cause disagree on a label."]
    besides: Annotated[Sequence[str], "Further sentences."]
    n_numbers: Annotated[int, "How many numbers there are, which a script draws."]
    edges: Annotated[Sequence[HeadEdges], "What it reads from and what reads it."]
    drawn: Annotated[bool, "Whether the page of circuits draws some of it."]
    notes: Annotated[Sequence[str], "What was left out of the model's evidence, and why."]


@dataclass(frozen=True, kw_only=True)
class EffectColumn:
    """A type of evidence on a probe, as a column of a table of heads."""

    id: Annotated[str, "How addresses spell it: the type, and its probe with a colon between."]
    type: Annotated[str, "Its type."]
    probe: Annotated[str, "Its probe; empty for weights."]
    title: Annotated[str, "What the column is called."]
    unit: Annotated[str, "Its unit."]
