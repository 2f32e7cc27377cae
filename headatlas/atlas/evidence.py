"""The section 'Evidence' of a head's page: what its weights say and what breaks without it, beside its labels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from headatlas.atlas.colours import family_class
from headatlas.atlas.data import Head, ModelData
from headatlas.evidence.kinds import CAUSES, WEIGHTS
from headatlas.evidence.reading import HeadEvidence, ScanEvidence, Spread
from headatlas.evidence.words import Line, Verdict

# Earlier heads shown for each input.
LISTED = 4
# Numbers of less than this much of a random pair's composition more are not shown.
LEAST_LINK = 0.005

_TITLES = {
    "ablation_loss": "Loss it saves",
    "ablation_logit_difference": "Lead of the right token that it brings",
    "ablation_accuracy": "Right answers that it brings",
    "direct_logit": "Straight to the right token's logit",
    "ov_copying": "Copying, by eigenvalues",
    "ov_copying_after_mlp": "Copying, tokens as later layers see them",
    "ov_top_tokens": "Tokens it raises most are those it looks at",
    "ov_bottom_tokens": "Tokens it lowers most are those it looks at",
    "qk_same_token": "Prefers the same token",
    "qk_position": "Attention on the distance it prefers",
    "qk_distance": "The distance it prefers",
}
_BASES = {CAUSES: "What changes without it", WEIGHTS: "What its weights say"}
_INPUTS = {"query": "Its queries read", "key": "Its keys read", "value": "Its values read"}


@dataclass(frozen=True, kw_only=True)
class EvidenceClaim:
    """A label and what cause says of it."""

    label: Annotated[str, "The label; empty for a head without any."]
    hue: Annotated[str, "CSS class of its family."]
    verdict: Annotated[str, "The verdict in a word or two: mechanism, picture only, ..."]
    tone: Annotated[str, "good where picture and cause agree, bad where they disagree, else open."]
    sentence: Annotated[str, "The verdict in a sentence."]


@dataclass(frozen=True, kw_only=True)
class EvidenceStrip:
    """A head's value among those of all heads, on a scale of 100 units."""

    at: Annotated[str, "Place of the value."]
    low: Annotated[str, "Place of the lower end of the interval; empty when there is none."]
    high: Annotated[str, "Place of the upper end."]
    band_low: Annotated[str, "Where the middle 90% of all heads begin."]
    band_high: Annotated[str, "Where they end."]
    zero: Annotated[str, "Place of zero; empty when it is off the scale."]


@dataclass(frozen=True, kw_only=True)
class EvidenceLine:
    """One number."""

    title: Annotated[str, "What it is, in words."]
    kind: Annotated[str, "Its name in the database."]
    probe: Annotated[str, "Probe it was measured on; empty for the weights."]
    unit: Annotated[str, "Unit."]
    value: Annotated[float, "The value."]
    low: Annotated[float | None, "Lower end of the 95% interval."]
    high: Annotated[float | None, "Upper end of the 95% interval."]
    intact: Annotated[float | None, "For ablations: the model's own value with all its heads."]
    percentile: Annotated[str, "Percent of the other heads with a smaller value; may be empty."]
    strip: Annotated[EvidenceStrip | None, "The value among those of all heads; None where all are alike."]


@dataclass(frozen=True, kw_only=True)
class EvidenceLinks:
    """Earlier heads that one input of the head reads."""

    title: Annotated[str, "'Its keys read'."]
    heads: Annotated[Sequence[tuple[str, str, float]], "Name of the head, its labels in words, strength."]


@dataclass(frozen=True, kw_only=True)
class EvidenceSection:
    """All evidence about one head."""

    claims: Annotated[Sequence[EvidenceClaim], "Each label and its verdict, the primary one first."]
    disagrees: Annotated[bool, "True where picture and cause disagree on a label."]
    besides: Annotated[Sequence[str], "Further sentences."]
    groups: Annotated[Sequence[tuple[str, Sequence[EvidenceLine]]], "Numbers: causes, then weights."]
    links: Annotated[Sequence[EvidenceLinks], "What it composes with."]
    notes: Annotated[Sequence[str], "What was left out of the model's evidence, and why."]


def section(model: ModelData, head: Head) -> EvidenceSection | None:
    """The section of a head's page; None where no evidence about it was gathered."""
    found = model.evidence.heads.get(head.id)
    if found is None:
        return None
    families = {pattern.name: pattern.family for pattern in model.patterns}
    return EvidenceSection(
        claims=[_claim(one, families.get(one.label or "", "other")) for one in found.verdicts],
        disagrees=any(one.agrees is False for one in found.verdicts),
        besides=found.besides,
        groups=[
            (title, [_line(one, model.evidence) for one in found.lines if one.basis == basis])
            for basis, title in _BASES.items()
            if any(one.basis == basis for one in found.lines)
        ],
        links=[one for one in (_links(found, kind) for kind in _INPUTS) if one.heads],
        notes=model.evidence.notes,
    )


def _claim(one: Verdict, family: str) -> EvidenceClaim:
    tone = {True: "good", False: "bad", None: "open"}[one.agrees]
    return EvidenceClaim(
        label=one.label or "", hue=family_class(family), verdict=one.verdict, tone=tone, sentence=one.sentence
    )


def _line(one: Line, evidence: ScanEvidence) -> EvidenceLine:
    spread = evidence.spreads[one.kind, one.probe]
    return EvidenceLine(
        title=_TITLES.get(one.kind, one.kind.replace("_", " ")),
        kind=one.kind,
        probe=one.probe or "",
        unit=one.unit,
        value=one.value,
        low=one.low,
        high=one.high,
        intact=one.intact,
        percentile="" if one.percentile is None else f"{one.percentile:.0f}",
        strip=_strip(one, spread),
    )


def _strip(one: Line, spread: Spread) -> EvidenceStrip | None:
    if spread.most <= spread.least:
        return None

    def place(value: float | None) -> str:
        if value is None:
            return ""
        share = (value - spread.least) / (spread.most - spread.least)
        return f"{100 * min(max(share, 0.0), 1.0):.1f}".removesuffix(".0")

    return EvidenceStrip(
        at=place(one.value),
        low=place(one.low),
        high=place(one.high),
        band_low=place(spread.low),
        band_high=place(spread.high),
        zero=place(0.0) if spread.least <= 0 <= spread.most else "",
    )


def _links(found: HeadEvidence, kind: str) -> EvidenceLinks:
    shown = [one for one in found.links if one.kind == kind and one.value >= LEAST_LINK][:LISTED]
    names = [", ".join(label.replace("_", " ") for label in one.labels[:2]) for one in shown]
    return EvidenceLinks(
        title=_INPUTS[kind],
        heads=[(one.earlier, name, one.value) for one, name in zip(shown, names, strict=True)],
    )
