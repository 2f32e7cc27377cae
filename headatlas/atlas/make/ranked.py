"""Lists of heads of all models by their score."""

from __future__ import annotations

from collections.abc import Sequence

from headatlas.atlas.context.evidence import EffectColumn
from headatlas.atlas.context.scores import RankedHead
from headatlas.atlas.data.atlas import Atlas
from headatlas.atlas.data.model_data import Pattern
from headatlas.atlas.make import bars, effects
from headatlas.atlas.make.small_maps import small_map


def ranked_heads(
    atlas: Atlas, pattern: Pattern, probe: str, limit: int, top: float, columns: Sequence[EffectColumn] = ()
) -> list[RankedHead]:
    """The heads of all models that score highest for a pattern on a probe, with the evidence of some columns."""
    ranked = []
    for model, head, score in atlas.ranked(pattern.name, probe, limit):
        given = next((label for label in model.labels.get(head.id, []) if label.name == pattern.name), None)
        ranked.append(
            RankedHead(
                model=model.name,
                slug=model.slug,
                name=head.name,
                score=score.score,
                low=score.low,
                high=score.high,
                bar=bars.bar(score, top),
                strength=None if given is None else given.strength,
                confidence="" if given is None else bars.shown_confidence(given.confidence),
                effects=effects.shown(model, head, columns),
                map=small_map(model, head),
            )
        )
    return ranked
