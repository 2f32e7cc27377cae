"""What a head's section on evidence shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated


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
class EvidenceLine:
    """One number."""

    probe: Annotated[str, "Probe it was measured on; empty for the weights."]
    value: Annotated[float, "The value."]
    low: Annotated[float | None, "Lower end of the 95% interval."]
    high: Annotated[float | None, "Upper end of the 95% interval."]
    intact: Annotated[float | None, "For ablations: the model's own value with all its heads."]
    rank: Annotated[str, "Percent of the other heads with a smaller one, as sentences have it; may be empty."]
    estimated: Annotated[bool, "True where it is an estimate to first order, which nobody measured."]
    strip: Annotated[str, "Places among all heads on a scale of 100, for a script to draw; empty where all are alike."]


@dataclass(frozen=True, kw_only=True)
class EvidenceKind:
    """Numbers of one kind, one a probe."""

    title: Annotated[str, "What it is, in words."]
    name: Annotated[str, "Its name in the database."]
    unit: Annotated[str, "Unit."]
    lines: Annotated[Sequence[EvidenceLine], "The numbers."]


@dataclass(frozen=True, kw_only=True)
class EvidenceLinks:
    """Earlier heads that one input of the head reads."""

    title: Annotated[str, "'Its keys read'."]
    heads: Annotated[Sequence[tuple[str, str, float]], "Name of the head, its labels in words, strength."]


@dataclass(frozen=True, kw_only=True)
class EvidenceSection:
    """All evidence about one head."""

    claims: Annotated[Sequence[LabelVerdict], "Each label and its verdict, the primary one first."]
    disagrees: Annotated[bool, "True where picture and cause disagree on a label."]
    besides: Annotated[Sequence[str], "Further sentences."]
    groups: Annotated[Sequence[tuple[str, Sequence[EvidenceKind]]], "Numbers: causes, then weights."]
    links: Annotated[Sequence[EvidenceLinks], "What it composes with."]
    notes: Annotated[Sequence[str], "What was left out of the model's evidence, and why."]


@dataclass(frozen=True, kw_only=True)
class EffectColumn:
    """A type of evidence on a probe, as a column of a table of heads."""

    id: Annotated[str, "How addresses spell it: the type, and its probe with a colon between."]
    type: Annotated[str, "Its type."]
    probe: Annotated[str, "Its probe; empty for weights."]
    title: Annotated[str, "What the column is called."]
    unit: Annotated[str, "Its unit."]
