"""What labels are made of: the scores of heads on one probe, and what perfect heads would score there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Float

if TYPE_CHECKING:
    from headatlas.scoring.scores import Scores


@dataclass(frozen=True)
class ProbeScores:
    """Scores of heads for every pattern that has targets on one probe; not a number where there is none.

    `overlaps[i, j]` is what a head that follows pattern j perfectly scores on pattern i; its last column is a
    head that rests on the first token. `null` is not a number where order alone decides a pattern's targets.
    """

    patterns: tuple[str, ...]
    score: Float[np.ndarray, "head pattern"]
    ci_low: Float[np.ndarray, "head pattern"]
    half_a: Float[np.ndarray, "head pattern"]
    half_b: Float[np.ndarray, "head pattern"]
    null: Float[np.ndarray, "head pattern"]
    chance: Float[np.ndarray, " pattern"]
    n_queries: Float[np.ndarray, " pattern"]
    n_sequences: Float[np.ndarray, " pattern"]
    overlaps: Float[np.ndarray, "pattern pattern_or_sink"]

    @classmethod
    def of(cls, patterns: Sequence[str], scores: Scores) -> ProbeScores:
        """What labels need of a scan's scores on one probe, for the patterns that have targets there."""
        there = np.flatnonzero(scores.n_queries > 0)
        null = scores.null.copy()
        for column in there:
            if np.array_equal(null[:, column], scores.score[:, column]):  # shuffling the tokens changes nothing
                null[:, column] = np.nan
        return cls(
            patterns=tuple(patterns[int(column)] for column in there),
            **{name: getattr(scores, name)[:, there] for name in ("score", "ci_low", "half_a", "half_b")},
            null=null[:, there],
            chance=scores.chance[there],
            n_queries=scores.n_queries[there].astype(float),
            n_sequences=scores.n_sequences[there].astype(float),
            overlaps=scores.overlaps[there][:, [*there, -1]],
        )
