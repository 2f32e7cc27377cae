"""How often each pattern counts on a batch, and what chance and overlaps come to: what needs no attention."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64, Int
from torch import Tensor


@dataclass(frozen=True)
class BatchCounts:
    """Counts for each sequence and pattern.

    `n_queries` are the counted queries and `chance` is their summed chance; `n_possible` queries have a target other
    than the first position, `n_null` have one among shuffled tokens. `n_targets` and `n_contrast` count pairs of query
    and key besides the first position. `offset_hits` counts the queries that a head of that fixed offset would score
    on, `n_waking` those of each class. The others are summed over the batch, as in a `Tally`.
    """

    n_queries: Int[Tensor, "batch pattern"]
    n_possible: Int[Tensor, "batch pattern"]
    n_null: Int[Tensor, "batch pattern"]
    n_targets: Int[Tensor, "batch pattern"]
    n_contrast: Int[Tensor, "batch pattern"]
    chance: Float64[Tensor, "batch pattern"]
    offset_hits: Int[Tensor, "batch pattern offset"]
    n_waking: Int[Tensor, "batch class"]
    n_rows: int
    chance_off: Float64[np.ndarray, " pattern"]
    overlaps: Float64[np.ndarray, "pattern other"]
    overlaps_off: Float64[np.ndarray, "pattern pattern"]
    n_distance: Int[Tensor, " distance"]
    n_far: Int[Tensor, " far_lag"]
