"""The section 'Evidence' of a head's page: what its weights say and what breaks without it, beside its labels."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import chain, groupby
from typing import Any

from headatlas.atlas.context.evidence import (
    EvidenceNumber,
    EvidenceNumbers,
    EvidenceSection,
    LabelVerdict,
)
from headatlas.atlas.data.model_data import Head, ModelData
from headatlas.atlas.draw.colours import family_class
from headatlas.atlas.draw.wording import score, thousandths
from headatlas.atlas.make.circuits import has_edges, is_named
from headatlas.atlas.make.readers import head_edges
from headatlas.evidence.load import Spread
from headatlas.evidence.types import (
    CAUSES,
    COPIED,
    DRAWN_TYPES,
    FUNCTION,
    SUCCESSOR,
    TYPES,
    WEIGHTS,
    WRITING,
    relation_type,
    suppressed_type,
)
from headatlas.evidence.word_pairs import RELATIONS
from headatlas.evidence.words.effect_words import Line, shown_rank
from headatlas.evidence.words.verdicts import Verdict

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
    COPIED: "Needle tokens that it copies while they are written",
    FUNCTION: "Task that it carries from examples",
    "ov_copying": "Copying, by eigenvalues",
    "ov_copying_after_mlp": "Copying, tokens as later layers see them",
    "ov_top_tokens": "Tokens it raises most are those it looks at",
    "ov_bottom_tokens": "Tokens it lowers most are those it looks at",
    "qk_same_token": "Prefers the same token",
    "qk_position": "Attention on the distance it prefers",
    "qk_distance": "The distance it prefers",
    "ov_own_token_lowered": "Writes against the token it looks at",
    "qk_predicted_token": "Looks for the token that is predicted",
    **{relation_type(relation.name): f"Gives {relation.gives}" for relation in RELATIONS},
    **{suppressed_type(relation.name): f"Takes back {relation.gives}" for relation in RELATIONS},
    SUCCESSOR: "Gives the next day, month, number or letter",
    "q_effective_rank": "Directions of its queries",
    "k_effective_rank": "Directions of its keys",
    "rope_fast": "Norm in fast rotary pairs",
    "rope_slow": "Norm in slow rotary pairs",
}
_BASES = {
    CAUSES: "What changes without it",
    WRITING: "While the model writes",
    WEIGHTS: "What its weights say",
}


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
        causes=_numbers([line for line in known.lines if line.basis == CAUSES]),
        edges=head_edges(model, head),
        drawn=is_named(model, head.id) and has_edges(model),
        notes=model.evidence.notes,
    )


def numbers(model: ModelData, heads: Sequence[Head]) -> dict[str, Any]:
    """The numbers behind some heads' evidence, for the script that draws the table of each.

    `lines`: of each type on each probe what it comes from, its title, name and unit, the probe, and the scale of its
    strip (see `_band`), in the order of the table. `heads`: by name of the head its lines, and for each the value, the
    ends of its interval and the model's own value in thousandths, the rank as people are shown it ("" for none),
    whether it is an estimate, and the strip (see `_strip`).
    """
    spreads = model.evidence.spreads
    known = {head.name: model.evidence.heads[head.id].lines for head in heads if head.id in model.evidence.heads}
    kinds = {(line.type, line.probe): line for line in _ordered(chain(*known.values()))}
    rows = {kind: number for number, kind in enumerate(kinds)}
    return {
        "lines": [
            [
                _BASES[line.basis], _title(line.type), line.type, line.unit, line.probe or "", _band(spreads[kind]),
            ]
            for kind, line in kinds.items()
        ],
        "heads": {
            name: _columns(_ordered(lines), rows, spreads) for name, lines in known.items()
        },
    }  # fmt: skip


def _ordered(lines: Iterable[Line]) -> list[Line]:
    """In the order of the table, the same on a head's page and in its layer's data: causes first, type by type."""
    bases, types = list(_BASES), list(TYPES | DRAWN_TYPES)
    known = {name: number for number, name in enumerate(types)}
    return sorted(
        lines,
        key=lambda line: (bases.index(line.basis), known.get(line.type, len(types)), line.type, line.probe or ""),
    )


def _numbers(lines: Sequence[Line]) -> list[EvidenceNumbers]:
    listed = []
    for type_, some in groupby(_ordered(lines), key=lambda line: line.type):
        of_type = list(some)
        listed.append(
            EvidenceNumbers(
                title=_title(type_),
                unit=of_type[0].unit,
                lines=[_number(line) for line in of_type],
            )
        )
    return listed


def _number(line: Line) -> EvidenceNumber:
    known = line.low is not None and line.high is not None
    interval = f"{score(line.low)} to {score(line.high)}" if known else "–"
    return EvidenceNumber(
        probe=line.probe or "",
        value=score(line.value) if line.exact else f"about {score(line.value)}",
        interval=interval if line.exact else "estimate",
        rank="–" if line.rank is None else shown_rank(line.rank),
        intact=score(line.intact),
    )


def _title(type_: str) -> str:
    return _TITLES.get(type_, type_.replace("_", " "))


def _columns(
    lines: Sequence[Line],
    rows: Mapping[tuple[str, str | None], int],
    spreads: Mapping[tuple[str, str | None], Spread],
) -> dict[str, list[Any]]:
    return {
        "line": [rows[line.type, line.probe] for line in lines],
        "value": [thousandths(line.value) for line in lines],
        "low": [thousandths(line.low) for line in lines],
        "high": [thousandths(line.high) for line in lines],
        "intact": [thousandths(line.intact) for line in lines],
        "rank": ["" if line.rank is None else shown_rank(line.rank) for line in lines],
        "estimated": [int(not line.exact) for line in lines],
        "strip": [_strip(line, spreads[line.type, line.probe]) for line in lines],
    }


def titles(model: ModelData) -> dict[str, str]:
    """Types of evidence about a model's heads, with what they are called."""
    types = dict.fromkeys(line.type for known in model.evidence.heads.values() for line in known.lines)
    return {type_: _title(type_) for type_ in types}


def values(model: ModelData, type_: str) -> dict[str, dict[int, Line]]:
    """Probe ("" for weights) -> head id -> its line of one type of evidence."""
    return model.evidence.by_type.get(type_, {})


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


def _band(spread: Spread) -> str:
    """The middle 90% of all heads and zero on a scale of 100: "20H80 50"; "-" for a zero that is not on the scale."""
    if spread.most <= spread.least:
        return ""
    zero = _position(0.0, spread) if spread.least <= 0 <= spread.most else "-"
    return f"{_position(spread.low, spread)}H{_position(spread.high, spread)} {zero}"


def _strip(line: Line, spread: Spread) -> str:
    """The interval and the value on the same scale: "40H60 55"; "-" for an interval that is not known."""
    if spread.most <= spread.least:
        return ""
    known = line.low is not None and line.high is not None
    interval = f"{_position(line.low or 0.0, spread)}H{_position(line.high or 0.0, spread)}" if known else "-"
    return f"{interval} {_position(line.value, spread)}"


def _position(value: float, spread: Spread) -> str:
    share = (value - spread.least) / (spread.most - spread.least)
    return f"{100 * min(max(share, 0.0), 1.0):.1f}".removesuffix(".0")
