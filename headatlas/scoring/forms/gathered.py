"""A few target keys for each query, whose attention is gathered."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from jaxtyping import Bool, Float, Int, Int64
from torch import Tensor

from headatlas.inputs.pair_batch import Batch
from headatlas.scoring.forms.base import Accumulator, BlockRows, ListedTargets, TargetGroup, Targets

# Queries of one text of which the attention on each key is kept before it is summed.
MOST_QUERIES = 2048
# Keys whose positions are numbers of 16 bits.
MOST_IN_16_BITS = 2**15


class GatheredTargets(ListedTargets):
    """Targets as `keys` [batch, query, most]: positions in ascending order, -1 where there are fewer."""

    def __init__(self, keys: Int[Tensor, "batch query some"], batch: Batch) -> None:
        counts = (keys >= 0).sum(-1, dtype=torch.int32)
        beyond = batch.shape[2]
        keys = keys.long().where(keys >= 0, beyond).sort(-1).values[..., : int(counts.max())]
        # As small as can be: of a long text's patterns they are tens of megabytes.
        kept = torch.int16 if beyond <= MOST_IN_16_BITS else torch.int32
        self.keys: Int[Tensor, "batch query most"] = keys.where(keys < beyond, -1).to(kept)
        super().__init__(batch, counts, on_first=(keys == 0).any(-1))

    def offset_hits(self, n_offsets: int) -> Int[Tensor, "batch offset"]:
        """How many queries have a target 0, 1, 2, ... positions before them."""
        hits = torch.zeros(self.keys.shape[0], n_offsets, dtype=torch.long)
        back = torch.arange(self.keys.shape[1])[:, None] - self.keys
        within = (self.keys >= 0) & (back >= 0) & (back < n_offsets)
        row, *_ = torch.nonzero(within, as_tuple=True)
        return hits.index_put_((row, back[within]), torch.ones(1, dtype=torch.long), accumulate=True)

    def without_first(self) -> GatheredTargets:
        """The same targets without the first position, which is then no query's target."""
        return GatheredTargets(self.keys.where(self.keys > 0, -1), self.batch)

    def same_as(self, other: Targets) -> bool:
        """True where `other` is of the same form and has the same pairs of query and key."""
        return isinstance(other, GatheredTargets) and torch.equal(self.keys, other.keys)

    def contains(
        self, row: Int64[np.ndarray, "*pair"], query: Int64[np.ndarray, "*pair"], key: Int64[np.ndarray, "*pair"]
    ) -> Bool[np.ndarray, "*pair"]:
        """Which of some pairs of query and key are targets."""
        return (self.keys.numpy()[row, query] == key[..., None]).any(-1)

    def pairs(self, queries: slice) -> Int64[np.ndarray, " pair"]:
        """The pairs of some queries in order, each as an index into the flattened [batch, query, key]."""
        n_queries, n_keys = self.batch.shape[1:]
        keys = self.keys[:, queries].numpy()
        row, query, which = np.nonzero(keys >= 0)
        return (row * n_queries + query + queries.start) * n_keys + keys[row, query, which]

    @classmethod
    def group(cls, members: Sequence[GatheredTargets], device: torch.device | str) -> GatheredGroup:
        """Several patterns' targets of this form."""
        return GatheredGroup([targets.keys for targets in members], device)


class GatheredGroup(TargetGroup):
    """The keys of all patterns side by side; `owner` says which pattern each of them belongs to."""

    def __init__(self, members: Sequence[Int[Tensor, "batch query _"]], device: torch.device | str) -> None:
        keys = torch.cat(list(members), -1)
        widths = torch.tensor([own.shape[-1] for own in members])
        owner = torch.arange(len(widths)).repeat_interleave(widths)
        self.keys = keys[:, None].to(device)  # indices are made of the queries at hand
        self.owner = (owner[:, None] == torch.arange(len(widths))).float().to(device)

    def accumulator(self, weights: Float[Tensor, "batch head weighting query"]) -> GatheredSums:
        """Sums of one layer."""
        return GatheredSums(self, weights)


class GatheredSums(Accumulator):
    """The attention on every listed key, kept query by query: weights and patterns are gone through once a layer.

    Of a longer text so many queries are kept at a time; its blocks come in order.
    """

    def __init__(self, group: GatheredGroup, weights: Float[Tensor, "batch head weighting query"]) -> None:
        n_sequences, n_heads, _, n_queries = weights.shape
        self._group = group
        self._weights = weights
        self._whole = n_sequences > 1 or n_queries <= MOST_QUERIES
        self._start = 0
        n_kept = n_queries if self._whole else MOST_QUERIES
        # Blocks of padded queries are left out, so that nothing is ever written for them.
        self._on_keys = weights.new_zeros(n_sequences, n_heads, n_kept, group.keys.shape[-1])
        self._before: Float[Tensor, "batch head weighting column"] | None = None

    def add(self, rows: BlockRows) -> None:
        """Adds a block, which must not have been added before."""
        at, queries = rows.block.rows, rows.block.queries
        if not self._whole and queries.stop > self._start + self._on_keys.shape[2]:
            self._before = self.sums()
            self._on_keys.zero_()
            self._start = queries.start
        keys = self._group.keys[at, :, queries].long().clamp_(min=0).expand(-1, rows.attention.shape[1], -1, -1)
        kept = slice(queries.start - self._start, queries.stop - self._start)
        torch.gather(rows.attention, -1, keys, out=self._on_keys[at, :, kept])

    def sums(self) -> Float[Tensor, "batch head weighting column"]:
        """The sums over all queries when every block has been added, a column for each pattern of the group."""
        kept = slice(self._start, self._start + self._on_keys.shape[2])
        weights, keys = self._weights[..., kept], self._group.keys[:, :, kept]
        on_keys = self._on_keys[:, :, : weights.shape[3]]
        sums = [weights[:, :, :1] @ on_keys.mul_((keys >= 0).float())]
        if weights.shape[2] > 1:
            sums.append(weights[:, :, 1:] @ on_keys.mul_((keys > 0).float()))
        summed = torch.cat(sums, 2) @ self._group.owner
        return summed if self._before is None else self._before + summed
