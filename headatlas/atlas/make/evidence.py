"""The section 'Evidence' of a head's page: what its weights say and what breaks without it, beside its labels."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from headatlas.atlas.context.evidence import (
    EvidenceClaim,
    EvidenceKind,
    EvidenceLine,
    EvidenceLinks,
    EvidenceSection,
    EvidenceStrip,
)
from headatlas.atlas.data.model_data import Head, ModelData
from headatlas.atlas.draw.colours import family_class
from headatlas.evidence.load import HeadEvidence, ScanEvidence, Spread
from headatlas.evidence.types import CAUSES, WEIGHTS
from headatlas.evidence.verdicts import Line, Verdict

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
            (title, _kinds([one for one in found.lines if one.basis == basis], model.evidence))
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


def _kinds(lines: Sequence[Line], evidence: ScanEvidence) -> list[EvidenceKind]:
    return [
        EvidenceKind(
            title=_TITLES.get(kind, kind.replace("_", " ")),
            name=kind,
            unit=unit,
            lines=[_line(one, evidence) for one in group],
        )
        for (kind, unit), group in groupby(lines, lambda one: (one.type, one.unit))
    ]


def _line(one: Line, evidence: ScanEvidence) -> EvidenceLine:
    spread = evidence.spreads[one.type, one.probe]
    return EvidenceLine(
        probe=one.probe or "",
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
    shown = [one for one in found.links if one.reads == kind and one.value >= LEAST_LINK][:LISTED]
    names = [", ".join(label.replace("_", " ") for label in one.labels[:2]) for one in shown]
    return EvidenceLinks(
        title=_INPUTS[kind],
        heads=[(one.earlier, name, one.value) for one, name in zip(shown, names, strict=True)],
    )
