"""Sinks near the start of a text that half of a layer's heads share: what they hold is left out of sums off the sink.

Beside the first position many models rest on an early delimiter or frequent word (Sun et al. 2024, arXiv:2402.17762; Gu
et al. 2024, arXiv:2410.10781). A head that rests there does nothing: were that counted as attention off the sink, it
would be what the head does. Which positions are sinks of a layer is known when all of its rows have been read, so that
the attention on the first `REACH` keys is kept until then and taken out of the sums.

A position has to be a sink of half of the heads (`sink_rule` asks for their mean, which a single head can raise): what
one head does must not decide what another is said to do.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from jaxtyping import Bool, Float, Int, Int64
from torch import Tensor

from headatlas.inputs.block import Block
from headatlas.inputs.pair_batch import Batch
from headatlas.inputs.token_batch import TokenBatch
from headatlas.scoring.forms.base import Targets
from headatlas.scoring.sink_rule import MIN_QUERIES, SINK_SHARE
from headatlas.scoring.sink_sums import OtherSinks
from headatlas.scoring.tally import N_DISTANCES

# Keys from the first on among which such sinks are looked for.
REACH = 64
# The share of a layer's heads that rest on a sink, and how many heads a layer has at least: with fewer none is shared.
MIN_SHARE, MIN_HEADS = 0.5, 4
# How much of what is known of sinks' queries is kept for the next layer, in bytes.
MAX_KEPT = 2**26


class EarlySinks:
    """Finds the shared early sinks of layers and takes what is on them out of sums; made once a batch.

    `targets` are those whose sums are mended. On a processor only the sinks themselves are gone through; elsewhere all
    early keys are, since to ask which are sinks would make the device wait.
    """

    def __init__(self, batch: Batch, sinks: OtherSinks, targets: Sequence[Targets], device: torch.device) -> None:
        wanted = isinstance(batch, TokenBatch)
        self.n_keys = min(REACH, batch.shape[2]) if wanted else 0
        self._sinks, self._targets = sinks, targets
        self._real: Float[Tensor, "batch query"] = batch.real.float().to(device)
        self._n_queries = batch.shape[1]
        self._slots: dict[tuple[int, int], int] = {}
        self._members: Bool[Tensor, "sink query column"] = torch.zeros(0, self._n_queries, len(targets)).bool()
        self._every: Int[Tensor, "2 sink"] | None = None
        if device.type != "cpu":
            rows, keys = np.indices((batch.shape[0], self.n_keys)).reshape(2, -1)
            self._every = torch.from_numpy(np.stack([rows, keys])).to(device)
            self._members = self._contained(rows, keys).to(device)

    def sums(self, n_heads: int) -> Float[Tensor, "batch kept_head query early"]:
        """What a layer has on early keys before any block was added; of no head where it has too few."""
        n_heads = n_heads if n_heads >= MIN_HEADS else 0
        return self._real.new_zeros(len(self._real), n_heads, self._n_queries, self.n_keys)

    def add(
        self,
        early: Float[Tensor, "batch kept_head query early"],
        attention: Float[Tensor, "some every_head some_query key"],
        block: Block,
    ) -> None:
        """Keeps what a block has on early keys."""
        n_keys = min(self.n_keys, attention.shape[3])
        if early.shape[1] and n_keys:
            early[block.rows, :, block.queries, :n_keys] = attention[..., :n_keys]

    def find(
        self, early: Float[Tensor, "batch kept_head query early"], on_keys: Float[Tensor, "batch head key"]
    ) -> SharedSinks | None:
        """A layer's sinks; None where it has none, or too few heads.

        Args:
            early: what `sums` began, all blocks added.
            on_keys: attention on each key, summed over queries; 0 for the first position.
        """
        if not early.shape[1] or not self.n_keys:
            return None
        beyond, looking = self._sinks.beyond(on_keys, self.n_keys)
        keys = ((beyond >= SINK_SHARE).float().mean(1) >= MIN_SHARE) & (looking >= MIN_QUERIES)
        if self._every is None:
            rows, columns = np.nonzero(keys.numpy())
            if not len(rows):
                return None
            at, members = torch.from_numpy(np.stack([rows, columns])), self._of(rows, columns)
        else:
            at, members = self._every, self._members
        rows_of, keys_of = at
        on_sinks = early[rows_of, :, :, keys_of] * self._real[rows_of, None]
        if self._every is not None:
            on_sinks = on_sinks * keys[rows_of, keys_of, None, None]
        return SharedSinks(keys, rows_of, keys_of, on_sinks, members)

    def _of(
        self, rows: Int64[np.ndarray, " sink"], keys: Int64[np.ndarray, " sink"]
    ) -> Bool[Tensor, "sink query column"]:
        """Which queries have each sink among their targets; what earlier layers asked for is remembered."""
        wanted = list(zip(rows.tolist(), keys.tolist(), strict=True))
        new = [sink for sink in wanted if sink not in self._slots]
        if new:
            if (len(self._members) + len(new)) * self._n_queries * len(self._targets) > MAX_KEPT:
                self._slots, self._members, new = {}, self._members[:0], wanted
            for sink in new:
                self._slots[sink] = len(self._slots)
            self._members = torch.cat([self._members, self._contained(*np.array(new).T)])
        return self._members[[self._slots[sink] for sink in wanted]]

    def _contained(
        self, rows: Int64[np.ndarray, " sink"], keys: Int64[np.ndarray, " sink"]
    ) -> Bool[Tensor, "sink query column"]:
        shape = len(rows), self._n_queries
        row, key = np.broadcast_to(rows[:, None], shape), np.broadcast_to(keys[:, None], shape)
        query = np.broadcast_to(np.arange(self._n_queries), shape)
        members = np.zeros((*shape, len(self._targets)), dtype=bool)
        for column, targets in enumerate(self._targets):
            members[..., column] = targets.contains(row, query, key)
        return torch.from_numpy(members)


class SharedSinks:
    """The early sinks of one layer and what its heads have on them.

    `keys` [batch, early key] marks the sinks. The others list positions, all of them or sinks alone: their sequences
    and keys, the attention of each query on them, 0 where one is no sink, and which queries have them as targets.
    """

    def __init__(
        self,
        keys: Bool[Tensor, "batch early"],
        rows_of: Int[Tensor, " sink"],
        keys_of: Int[Tensor, " sink"],
        on_sinks: Float[Tensor, "sink head query"],
        members: Bool[Tensor, "sink query column"],
    ) -> None:
        self.keys = keys
        self._rows_of, self._keys_of = rows_of, keys_of
        self._on_sinks, self._members = on_sinks, members

    def take_from_queries(self, off: Float[Tensor, "batch head query"]) -> None:
        """Takes out what each query has on sinks."""
        off.index_add_(0, self._rows_of, self._on_sinks, alpha=-1).clamp_(min=0)

    def on_targets(self, n_sequences: int) -> Float[Tensor, "batch head column"]:
        """What each column's targets have on sinks, in the order of the targets given."""
        on_targets = torch.bmm(self._on_sinks, self._members.to(self._on_sinks))
        sums = on_targets.new_zeros(n_sequences, *on_targets.shape[1:])
        return sums.index_add_(0, self._rows_of, on_targets)

    def clear_keys(self, on_keys: Float[Tensor, "batch *head key"]) -> None:
        """Sets to 0 what stands for a sink, in the last dimension."""
        n_keys = self.keys.shape[1]
        marked = self.keys.view(len(self.keys), *[1] * (on_keys.ndim - 2), n_keys)
        on_keys[..., :n_keys].masked_fill_(marked, 0)

    def take_from_distances(self, distance: Float[Tensor, "head distance"]) -> None:
        """Takes out what lies on sinks, from `N_DISTANCES - 1` tokens ahead to as many back."""
        n_queries, centre = self._on_sinks.shape[2], N_DISTANCES - 1
        queries = torch.arange(n_queries, device=distance.device)
        back = (queries - self._keys_of[:, None] + centre).clamp(-1, 2 * N_DISTANCES - 1) + 1
        # One more at each end, for what is farther.
        sums = distance.new_zeros(distance.shape[0], 2 * N_DISTANCES + 1)
        sums.index_add_(1, back.flatten(), self._on_sinks.movedim(1, 0).flatten(1))
        distance.sub_(sums[:, 1:-1]).clamp_(min=0)

    def clear_nearby(self, near: Float[Tensor, "batch head query distance"], n_back: int) -> None:
        """Sets to 0 what stands for a sink where the first of the distances is `n_back` tokens back."""
        n_queries, n_distances = near.shape[2:]
        queries = torch.arange(n_queries, device=near.device)[:, None]
        key = queries - n_back + torch.arange(n_distances, device=near.device)
        n_keys = self.keys.shape[1]
        is_sink = self.keys[:, key.clamp(0, n_keys - 1)] & ((key >= 0) & (key < n_keys))
        near.masked_fill_(is_sink[:, None], 0)
