"""What a head divides its attention among: sinks, named patterns, and what nothing here explains."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from headatlas.labels.probe_scores import ProbeScores
from headatlas.labels.unmixing import Unmixed

SINK, OTHER_SINKS, UNEXPLAINED = "sink", "other sinks", "unexplained"
# A pattern with less of a head's attention than this is not named.
MIN_SHARE = 0.01


def budgets(
    scores: ProbeScores,
    unmixed: Unmixed,
    sinks: Mapping[int, tuple[float, float]],
    n_tokens: int,
    named: frozenset[str],
) -> dict[int, dict[str, float]]:
    """Each head's whole attention on one probe as shares that sum to 1, by head: sinks first, then the patterns.

    `sinks` are each head's mean attention on the first position and on other sinks, `named` the patterns that may be
    named. A pattern's
    share is its strength times what the head spends off the sink on the pattern's queries, over all tokens; where
    patterns share keys these may be more than there is, and are cut in proportion.
    """
    # Attention off the sink on each pattern's queries, as a share of all attention.
    weight = np.nan_to_num(scores.mass) * scores.n_queries / max(1, n_tokens)
    shares = np.where(scores.on_first, 0, unmixed.alone * weight)
    shares[:, [name not in named for name in scores.patterns]] = 0
    shares[shares < MIN_SHARE] = 0
    parts: dict[int, dict[str, float]] = {}
    for head, (on_first, on_others) in sinks.items():
        left = 1 - on_first - on_others
        total = shares[head].sum()
        own = shares[head] * min(1.0, left / total) if total > 0 else shares[head]
        of_patterns = {
            scores.patterns[column]: float(own[column]) for column in np.argsort(-own, kind="stable") if own[column] > 0
        }
        unexplained = max(0.0, left - sum(of_patterns.values()))
        resting = {SINK: float(on_first)} | ({OTHER_SINKS: float(on_others)} if on_others >= MIN_SHARE else {})
        parts[head] = {**resting, **of_patterns, UNEXPLAINED: unexplained + (on_others if on_others < MIN_SHARE else 0)}
    return parts
