"""Which positions besides the first are sinks of a layer: where most heads rest, whatever the query.

Attention sinks form at the first position and, in some layers of many models, at an early delimiter or frequent word as
well (Sun et al. 2024, arXiv:2402.17762; Gu et al. 2024, arXiv:2410.10781).
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Float, Int64

# A position is a sink of a layer where the queries that may look at it spend at least this share of their attention on
# it beyond what even attention would, on the mean over the layer's heads, and where there are so many such queries.
SINK_SHARE, MIN_QUERIES = 0.1, 16


def sinks_of(mean: Float[np.ndarray, "query key"]) -> Int64[np.ndarray, " sink"]:
    """The sinks of one text besides its first position, from a layer's attention on the mean over its heads."""
    n = len(mean)
    causal = not np.triu(mean, 1).any()
    looking = np.arange(n, 0, -1) if causal else np.full(n, n)
    each = 1 / np.arange(1, n + 1) if causal else np.full(n, 1 / n)
    even = each[::-1].cumsum()[::-1] if causal else np.full(n, each.sum())
    beyond = (mean.sum(0) - even) / looking
    sinks = np.flatnonzero((beyond >= SINK_SHARE) & (looking >= MIN_QUERIES))
    return sinks[sinks > 0]
