"""What papers say of a head, beside our own measurement."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from headatlas import literature
from headatlas.atlas.data import Head, ModelData

_BASIS = {"third party": "quoted by others", "data": "from the published data"}


@dataclass(frozen=True, kw_only=True)
class Published:
    """A source's word on a head."""

    role: Annotated[str, "What the source calls it."]
    value: Annotated[float | None, "The source's number."]
    measure: Annotated[str, "What the number is; may be empty."]
    setting: Annotated[str, "How it was measured."]
    source: Annotated[str, "Who says so."]
    basis: Annotated[str, "How we know, where it was not read there; may be empty."]
    pattern: Annotated[str, "Our pattern that such a head follows; empty for none."]
    score: Annotated[float | None, "Our score for it, on the pattern's own probe."]


def published(model: ModelData, head: Head) -> list[Published]:
    """All that the literature says of a head, the widely known first."""
    probes = {pattern.name: pattern.probe for pattern in model.patterns}
    found = []
    for one in literature.about(literature.of_scan(model.scan), head.attention, head.layer, head.head):
        scores = {
            name: score.score
            for name in one.patterns
            if (score := model.scores.get((name, probes.get(name, "")), {}).get(head.id)) is not None
        }
        pattern = max(scores, key=lambda name: scores[name] or 0.0) if scores else ""
        found.append(
            Published(
                role=one.role,
                value=one.value,
                measure=one.measure,
                setting=one.setting,
                source=one.source,
                basis=_BASIS.get(one.basis, ""),
                pattern=pattern,
                score=scores.get(pattern),
            )
        )
    return found
