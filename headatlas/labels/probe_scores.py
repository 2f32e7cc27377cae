"""What labels are made of: what heads do off the sink on one probe, and what perfect heads would do there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Bool, Float

if TYPE_CHECKING:
    from headatlas.scoring.scores import Scores

# The columns that each head and pattern has.
PER_HEAD = ("score", "ci_low", "half_a", "half_b", "mass", "awake", "control", "contrast_low")


@dataclass(frozen=True)
class ProbeScores:
    """Scores of heads on one probe for every pattern and rival that has targets there.

    They are scores off the sink (see `OffSink`, which names the arrays). Patterns that have no target but the first
    position, those marked by `on_first`, have none: their scores are those of all attention, their `mass` is 1 and they
    have neither control nor contrast. `overlaps[i, j]` is what a head that follows pattern j perfectly scores on i.
    """

    patterns: tuple[str, ...]
    on_first: Bool[np.ndarray, " pattern"]
    score: Float[np.ndarray, "head pattern"]
    ci_low: Float[np.ndarray, "head pattern"]
    half_a: Float[np.ndarray, "head pattern"]
    half_b: Float[np.ndarray, "head pattern"]
    mass: Float[np.ndarray, "head pattern"]
    awake: Float[np.ndarray, "head pattern"]
    control: Float[np.ndarray, "head pattern"]
    contrast_low: Float[np.ndarray, "head pattern"]
    chance: Float[np.ndarray, " pattern"]
    n_queries: Float[np.ndarray, " pattern"]
    n_sequences: Float[np.ndarray, " pattern"]
    overlaps: Float[np.ndarray, "pattern pattern"]

    @classmethod
    def of(cls, patterns: Sequence[str], scores: Scores) -> ProbeScores:
        """What labels need of a scan's scores on one probe; row statistics have no targets and are left out."""
        off, n_off = scores.off_sink, scores.off_sink.n_queries
        has_targets = np.isfinite(scores.chance) & (scores.chance > 0)
        there = np.flatnonzero(has_targets & (scores.n_queries > 0))
        on_first = n_off[there] == 0
        columns = {name: getattr(off, name)[:, there].copy() for name in PER_HEAD}
        at = there[on_first]
        for name in ("score", "ci_low", "half_a", "half_b"):
            columns[name][:, on_first] = getattr(scores, name)[:, at]
        columns["mass"][:, on_first], columns["control"][:, on_first] = 1, 0
        grid = np.ix_(there, there)
        both = np.outer(on_first, on_first)
        return cls(
            patterns=tuple(patterns[int(column)] for column in there),
            on_first=on_first,
            **columns,
            chance=np.where(on_first, scores.chance[there], off.chance[there]),
            n_queries=np.where(on_first, scores.n_queries[there], n_off[there]).astype(float),
            n_sequences=scores.n_sequences[there].astype(float),
            overlaps=np.where(both, scores.overlaps[:, :-1][grid], np.nan_to_num(off.overlaps[grid])),
        )
