"""The section 'Evidence' of a head's page: what its weights say and what breaks without it, beside its labels."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from headatlas.atlas.context.evidence import (
    EvidenceKind,
    EvidenceLine,
    EvidenceLinks,
    EvidenceSection,
    LabelVerdict,
)
from headatlas.atlas.data.model_data import Head, ModelData
from headatlas.atlas.draw.colours import family_class
from headatlas.evidence.load import HeadEvidence, ScanEvidence, Spread
from headatlas.evidence.types import CAUSES, WEIGHTS
from headatlas.evidence.verdicts import Line, Verdict, shown_rank

# Earlier heads shown for each input.
TOP_K = 4
# Numbers of less than this much of a random pair's composition more are not shown.
MIN_LINK = 0.005

_TITLES = {
    "ablation_loss": "Loss it saves",
    "ablation_logit_difference": "Lead of the right token that it brings",
    "ablation_accuracy": "Right answers that it brings",
    "held_out_effect": "The first of these, on prompts it was not chosen on",
    "attribution_loss": "Loss it saves, estimated",
    "attribution_logit_difference": "Lead of the right answer, estimated",
    "resampling_loss": "Loss it saves, against corrupted prompts",
    "resampling_logit_difference": "Lead that it brings, against corrupted prompts",
    "resampling_accuracy": "Right answers that it brings, against corrupted prompts",
    "ablation_region_loss": "Loss inside the drawn things that it saves",
    "ablation_ground_loss": "Loss beside them that it saves",
    "ablation_region_change": "Of what changes without it, the share inside the things",
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
    known = model.evidence.heads.get(head.id)
    if known is None:
        return None
    return EvidenceSection(
        claims=[
            _label_verdict(verdict, model.families.get(verdict.label or "", "other")) for verdict in known.verdicts
        ],
        disagrees=any(verdict.agrees is False for verdict in known.verdicts),
        besides=known.besides,
        groups=[
            (title, _kinds([line for line in known.lines if line.basis == basis], model.evidence))
            for basis, title in _BASES.items()
            if any(line.basis == basis for line in known.lines)
        ],
        links=[links for links in (_links(known, kind) for kind in _INPUTS) if links.heads],
        notes=model.evidence.notes,
    )


def titles(model: ModelData) -> dict[str, str]:
    """Types of evidence about a model's heads, with what they are called."""
    types = dict.fromkeys(line.type for known in model.evidence.heads.values() for line in known.lines)
    return {type_: _TITLES.get(type_, type_.replace("_", " ")) for type_ in types}


def values(model: ModelData, type_: str) -> dict[str, dict[int, Line]]:
    """Probe ("" for weights) -> head id -> its line of one type of evidence."""
    by_probe: dict[str, dict[int, Line]] = {}
    for head, known in model.evidence.heads.items():
        for line in known.lines:
            if line.type == type_:
                by_probe.setdefault(line.probe or "", {})[head] = line
    return by_probe


def _label_verdict(verdict: Verdict, family: str) -> LabelVerdict:
    tone = {True: "good", False: "bad", None: "open"}[verdict.agrees]
    return LabelVerdict(
        label=verdict.label or "",
        hue=family_class(family),
        verdict=verdict.verdict,
        tone=tone,
        sentence=verdict.sentence,
        checks=[
            (check.name, {True: "holds", False: "speaks against it", None: "open"}[check.holds], check.sentence)
            for check in verdict.checks
        ],
    )


def _kinds(lines: Sequence[Line], evidence: ScanEvidence) -> list[EvidenceKind]:
    return [
        EvidenceKind(
            title=_TITLES.get(kind, kind.replace("_", " ")),
            name=kind,
            unit=unit,
            lines=[_line(line, evidence) for line in group],
        )
        for (kind, unit), group in groupby(lines, lambda line: (line.type, line.unit))
    ]


def _line(line: Line, evidence: ScanEvidence) -> EvidenceLine:
    spread = evidence.spreads[line.type, line.probe]
    return EvidenceLine(
        probe=line.probe or "",
        value=line.value,
        low=line.low,
        high=line.high,
        intact=line.intact,
        estimated=not line.exact,
        rank="" if line.rank is None else shown_rank(line.rank),
        strip=_strip(line, spread),
    )


def _strip(line: Line, spread: Spread) -> str:
    """The middle 90% of all heads, zero, the interval and the value on a scale of 100: "20H80 50 40H60 55".

    Zero and the interval are "-" where they are not on the scale or not known.
    """
    if spread.most <= spread.least:
        return ""

    def position(value: float) -> str:
        share = (value - spread.least) / (spread.most - spread.least)
        return f"{100 * min(max(share, 0.0), 1.0):.1f}".removesuffix(".0")

    zero = position(0.0) if spread.least <= 0 <= spread.most else "-"
    interval = "-" if line.low is None or line.high is None else f"{position(line.low)}H{position(line.high)}"
    return f"{position(spread.low)}H{position(spread.high)} {zero} {interval} {position(line.value)}"


def _links(evidence: HeadEvidence, kind: str) -> EvidenceLinks:
    shown = [link for link in evidence.links if link.reads == kind and link.value >= MIN_LINK][:TOP_K]
    names = [", ".join(label.replace("_", " ") for label in link.labels[:2]) for link in shown]
    return EvidenceLinks(
        title=_INPUTS[kind],
        heads=[(link.earlier, name, link.value) for link, name in zip(shown, names, strict=True)],
    )
