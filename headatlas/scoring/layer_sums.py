"""What is left of a layer's attention: a few sums for each head, sequence and pattern."""

from __future__ import annotations

from dataclasses import dataclass

from jaxtyping import Float
from torch import Tensor


@dataclass(frozen=True)
class LayerSums:
    """Sums over the counted queries of each sequence, for some heads of one kind of attention.

    `scores`; `sink_free` scores and `n_sink_free`, the number of queries counted in them; `null`, the scores against
    the targets of shuffled tokens; `value_weighted` scores, None where the norms of the value vectors were not given.
    `distance` is attention by distance, see `Tally`, summed over sequences too.
    """

    scores: Float[Tensor, "batch head pattern"]
    sink_free: Float[Tensor, "batch head pattern"]
    n_sink_free: Float[Tensor, "batch head pattern"]
    null: Float[Tensor, "batch head pattern"]
    value_weighted: Float[Tensor, "batch head pattern"] | None
    distance: Float[Tensor, "head distance"]
