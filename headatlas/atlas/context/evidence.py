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
class EvidenceNumber:
    """A number on one probe, as it is printed."""

    probe: Annotated[str, "The probe; empty for weights."]
    value: Annotated[str, "The value; 'about 0.012' for an estimate."]
    interval: Annotated[str, "Its 95% interval, 'estimate', or a dash."]
    rank: Annotated[str, "The share of other heads with less; a dash where that is not known."]
    intact: Annotated[str, "The model's own number, a dash for none."]


@dataclass(frozen=True, kw_only=True)
class EvidenceNumbers:
    """All numbers of one type of evidence."""

    title: Annotated[str, "What the type is called."]
    unit: Annotated[str, "Its unit."]
    lines: Annotated[Sequence[EvidenceNumber], "Its numbers, probe by probe."]


@dataclass(frozen=True, kw_only=True)
class EvidenceSection:
    """All evidence about one head."""

    claims: Annotated[Sequence[LabelVerdict], "Each label and its verdict, the primary one first."]
    disagrees: Annotated[bool, "True where picture and cause disagree on a label."]
    besides: Annotated[Sequence[str], "Further sentences."]
    causes: Annotated[Sequence[EvidenceNumbers], "What changes without it, type by type; a script draws all numbers."]
    edges: Annotated[Sequence[HeadEdges], "What it reads from and what reads it."]
    drawn: Annotated[bool, "Whether the page of circuits draws some of it."]
    notes: Annotated[Sequence[str], "What was left out of the model's evidence, and why."]


@dataclass(frozen=True, kw_only=True)
class MissedHead:
    """A head of which the model is worse without it, on a probe."""

    name: Annotated[str, "L5H1."]
    label: Annotated[str, "Its first label; empty where it has none."]
    value: Annotated[float, "How much worse the model does without it."]
    interval: Annotated[str, "The 95% interval, in words."]


@dataclass(frozen=True, kw_only=True)
class MissedHeads:
    """The heads of a model that are missed most on a probe."""

    model: Annotated[str, "Name of the model."]
    slug: Annotated[str, "Its folder."]
    measure: Annotated[str, "What their removal changes, in words."]
    rises: Annotated[bool, "Whether it rises where the model gets worse, as a loss does."]
    heads: Annotated[Sequence[MissedHead], "The heads whose interval leaves zero out, the one missed most first."]


@dataclass(frozen=True, kw_only=True)
class EffectColumn:
    """A type of evidence on a probe, as a column of a table of heads."""

    id: Annotated[str, "How addresses spell it: the type, and its probe with a colon between."]
    type: Annotated[str, "Its type."]
    probe: Annotated[str, "Its probe; empty for weights."]
    title: Annotated[str, "What the column is called."]
    unit: Annotated[str, "Its unit."]
