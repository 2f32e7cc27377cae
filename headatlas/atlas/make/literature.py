"""What papers say of a head, beside our own measurement."""

from __future__ import annotations

from headatlas.atlas.context.literature import Published
from headatlas.atlas.data.model_data import Head, ModelData
from headatlas.catalog import literature

_BASIS = {"third party": "quoted by others", "data": "from the published data"}


def published(model: ModelData, head: Head) -> list[Published]:
    """All that the literature says of a head, the widely known first."""
    probes = {pattern.name: pattern.probe for pattern in model.patterns}
    shown = []
    for finding in literature.about(literature.of_scan(model.scan), head.attention, head.layer, head.head):
        scores = {
            name: score.score
            for name in finding.patterns
            if (score := model.score_of(name, probes.get(name, ""), head)) is not None
        }
        pattern = max(scores, key=lambda name: scores[name] or 0.0) if scores else ""
        shown.append(
            Published(
                role=finding.role,
                value=finding.value,
                measure=finding.measure,
                setting=finding.setting,
                source=finding.source,
                basis=_BASIS.get(finding.basis, ""),
                pattern=pattern,
                score=scores.get(pattern),
            )
        )
    return shown
