"""Positions besides the first that are sinks of a layer: where most heads rest, whatever the query.

Attention sinks form at the first position and, in some layers of many models, at an early delimiter or frequent word as
well (Sun et al. 2024, arXiv:2402.17762; Gu et al. 2024, arXiv:2410.10781).
"""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor

from headatlas.inputs.pair_batch import Batch

# A position is a sink of a layer where the queries that may look at it spend at least this share of their attention on
# it beyond what even attention would, on the mean over the layer's heads, and where there are so many such queries.
SINK_SHARE, MIN_QUERIES = 0.1, 16


class OtherSinks:
    """Finds a layer's sinks besides the first position; made once a batch, used for all layers."""

    def __init__(self, batch: Batch, device: torch.device) -> None:
        real = batch.real.float()
        self._looking = self._summed(real, batch).to(device)
        self._even = self._summed(real / batch.n_allowed.clamp(min=1), batch).to(device)

    @staticmethod
    def _summed(queries: Float[Tensor, "batch query"], batch: Batch) -> Float[Tensor, "batch key"]:
        """A number of each query summed over those that may look at each key."""
        if batch.causal:
            return queries.flip(-1).cumsum(-1).flip(-1)
        return queries.sum(-1, keepdim=True).expand(-1, batch.shape[2])

    def __call__(self, on_keys: Float[Tensor, "batch head key"]) -> Float[Tensor, " head"]:
        """Attention on such sinks, summed over queries and sequences.

        Args:
            on_keys: attention on each key, summed over queries; 0 for the first position.
        """
        beyond = (on_keys.mean(1) - self._even) / self._looking.clamp(min=1)
        sinks = (beyond >= SINK_SHARE) & (self._looking >= MIN_QUERIES)
        return (on_keys * sinks[:, None]).sum((0, 2))
