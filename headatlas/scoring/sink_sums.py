"""Attention on sinks besides the first position, summed layer by layer."""

from __future__ import annotations

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from headatlas.inputs.pair_batch import Batch
from headatlas.inputs.token_batch import TokenBatch
from headatlas.scoring.forms.keys import first_allowed
from headatlas.scoring.sink_rule import MIN_QUERIES, SINK_SHARE


class OtherSinks:
    """Finds a layer's sinks besides the first position, as `sink_rule` says; made once a batch, used for all layers."""

    def __init__(self, batch: Batch, device: torch.device) -> None:
        real = batch.real.float()
        self._looking = self._summed(real, batch).to(device)
        self._even = self._summed(real / batch.n_allowed.clamp(min=1), batch).to(device)

    @staticmethod
    def _summed(queries: Float[Tensor, "batch query"], batch: Batch) -> Float[Tensor, "batch key"]:
        """A number of each query summed over those that may look at each key."""
        if isinstance(batch, TokenBatch) and batch.two_way is not None:
            return torch.einsum("bq,bqk->bk", queries, batch.allowed.float())
        if batch.window is not None:
            n, positions = batch.shape[1], torch.arange(batch.shape[2])
            before = torch.nn.functional.pad(queries.cumsum(-1), (1, 0))
            beyond = (positions + batch.window + 1).clamp(max=n)
            return before[:, beyond] - before[:, first_allowed(batch, len(positions))]
        if batch.causal:
            return queries.flip(-1).cumsum(-1).flip(-1)
        return queries.sum(-1, keepdim=True).expand(-1, batch.shape[2])

    def __call__(self, on_keys: Float[Tensor, "batch head key"]) -> Float[Tensor, " head"]:
        """Attention on such sinks, summed over queries and sequences.

        Args:
            on_keys: attention on each key, summed over queries; 0 for the first position.
        """
        return (on_keys * self.keys(on_keys)[:, None]).sum((0, 2))

    def keys(self, on_keys: Float[Tensor, "batch head key"]) -> Bool[Tensor, "batch key"]:
        """Which keys are such sinks."""
        beyond = (on_keys.mean(1) - self._even) / self._looking.clamp(min=1)
        return (beyond >= SINK_SHARE) & (self._looking >= MIN_QUERIES)

    def beyond(
        self, on_keys: Float[Tensor, "batch head key"], n_keys: int
    ) -> tuple[Float[Tensor, "batch head early"], Float[Tensor, "batch early"]]:
        """What each head spends on the first keys beyond even attention, a query that may look there, and how many may.

        Args:
            on_keys: attention on each key, summed over queries; 0 for the first position.
            n_keys: how many keys.
        """
        looking, even = self._looking[:, :n_keys], self._even[:, :n_keys]
        return (on_keys[..., :n_keys] - even[:, None]) / looking[:, None].clamp(min=1), looking
