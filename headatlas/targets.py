"""The keys that patterns look for in a batch, and how much attention lands on them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from jaxtyping import Bool, Float, Float64, Int, Int64
from scipy import sparse
from torch import Tensor

from headatlas.errors import HeadatlasError
from headatlas.pairs import PairBatch
from headatlas.patterns import Pattern
from headatlas.tokens import TokenBatch

# Patterns with at most this many targets a query are gathered.
GATHERED = 4
# Pairs of query and key over which overlaps are summed at a time.
OVERLAP_PAIRS = 2**18


def targets_of(pattern: Pattern, batch: TokenBatch | PairBatch) -> Bool[Tensor, "batch query key"]:
    """A pattern's target keys, kept to the keys that each query may attend to.

    Raises:
        HeadatlasError: the pattern's function did not give a boolean [batch, query, key] tensor.
    """
    assert pattern.targets is not None
    targets = pattern.targets(batch)
    if not isinstance(targets, Tensor) or targets.dtype != torch.bool or targets.shape != batch.allowed.shape:
        raise HeadatlasError(
            f"Pattern '{pattern.name}' ({pattern.defined_in}) must return a boolean tensor [batch, query, key] "
            f"of shape {tuple(batch.allowed.shape)}."
        )
    return targets if targets is batch.nowhere else targets & batch.allowed


class Targets:
    """Where the targets of one pattern are, kept in the smallest form that there is for them.

    Few targets a query are kept as a list of keys. Where every query looks at the same tokens, itself aside or not,
    it is enough to know which: `marked`. Where each token is looked at from some query on, it is enough to know from
    which: `since`, a place behind the end for none. What is left is kept pair by pair.

    Attributes: `counts` targets of each query, `most` of one query, `besides_first` queries with a target other than
    the first position, `offset_hits` how many queries have a target 0, 1, 2, ... positions back.
    """

    def __init__(
        self, targets: Bool[Tensor, "batch query key"], batch: TokenBatch | PairBatch, n_offsets: int = 0
    ) -> None:
        self.batch = batch
        places = np.zeros(0, dtype=int) if targets is batch.nowhere else _few_places(targets)
        self.counts: Int[Tensor, "batch query"] = _counts_of(targets, places)
        self.most = int(self.counts.max())
        self.on_first: Bool[Tensor, "batch query"] = targets[:, :, 0].clone()
        self.besides_first: Bool[Tensor, "batch query"] = self.counts > self.on_first.long()
        self.keys: Int[Tensor, "batch query most"] | None = None
        self.marked: Bool[Tensor, "batch key"] | None = None
        self.besides_itself = False
        self.since: Int[Tensor, "batch key"] | None = None
        self.pairs: Bool[Tensor, "batch query key"] | None = None
        if self.most <= GATHERED:
            assert places is not None
            self.keys = _keys_of(places, targets.shape[2], self.counts, self.most)
        else:
            marked = targets.any(1)
            everywhere = marked[:, None] & batch.allowed
            if torch.equal(targets, everywhere):
                self.marked = marked
            elif isinstance(batch, TokenBatch) and torch.equal(targets, _besides_itself(everywhere, 0)):
                self.marked, self.besides_itself = marked, True
            else:
                since = torch.from_numpy(targets.numpy().argmax(1)).where(marked, targets.shape[1])
                if torch.equal(targets, _from_query_on(since, batch.allowed, 0)):
                    self.since = since
                else:
                    self.pairs = targets
        self.offset_hits: Int[Tensor, "batch offset"] = self._offset_hits(targets, n_offsets)

    def _offset_hits(self, targets: Bool[Tensor, "batch query key"], n_offsets: int) -> Int[Tensor, "batch offset"]:
        n_sequences, n_queries, _ = targets.shape
        hits = torch.zeros(n_sequences, n_offsets, dtype=torch.long)
        if self.keys is None:
            for offset in range(min(n_offsets, n_queries)):
                hits[:, offset] = targets.diagonal(-offset, 1, 2).sum(-1)
        elif self.most:
            back = torch.arange(n_queries)[:, None] - self.keys
            within = (self.keys >= 0) & (back >= 0) & (back < n_offsets)
            rows, *_ = torch.nonzero(within, as_tuple=True)
            hits.index_put_((rows, back[within]), torch.ones(1, dtype=torch.long), accumulate=True)
        return hits

    def same_as(self, other: Targets) -> bool:
        """True where all pairs are the same."""
        if self.besides_itself != other.besides_itself:
            return False
        forms = ((one.keys, one.marked, one.since, one.pairs) for one in (self, other))
        return all(
            mine is theirs or (mine is not None and theirs is not None and torch.equal(mine, theirs))
            for mine, theirs in zip(*forms, strict=True)
        )

    def among(self, queries: slice) -> Bool[Tensor, "batch query key"]:
        """All pairs of some queries."""
        if self.pairs is not None:
            return self.pairs[:, queries]
        allowed = self.batch.allowed[:, queries]
        if self.marked is not None:
            everywhere = self.marked[:, None] & allowed
            return _besides_itself(everywhere, queries.start) if self.besides_itself else everywhere
        if self.since is not None:
            return _from_query_on(self.since, allowed, queries.start)
        assert self.keys is not None
        keys = self.keys[:, queries]
        # One column more than there are keys, for queries without a target.
        found = torch.zeros(*allowed.shape[:2], allowed.shape[2] + 1, dtype=torch.bool)
        return found.scatter_(2, keys.where(keys >= 0, allowed.shape[2]), True)[:, :, :-1]


def counts_of(targets: Bool[Tensor, "batch query key"]) -> Int[Tensor, "batch query"]:
    """Targets of each query; many times faster than torch's sum of booleans."""
    return _counts_of(targets, _few_places(targets))


def _few_places(targets: Bool[Tensor, "batch query key"]) -> Int64[np.ndarray, " place"] | None:
    """Where the targets are, all pairs counted through; None where there are many, which are dearer to list."""
    n_rows = targets.shape[0] * targets.shape[1]
    few = np.count_nonzero(targets.numpy()) <= GATHERED * n_rows
    return np.flatnonzero(targets.numpy()) if few else None


def _counts_of(
    targets: Bool[Tensor, "batch query key"], places: Int64[np.ndarray, " place"] | None
) -> Int[Tensor, "batch query"]:
    if places is None:
        return torch.from_numpy(np.add.reduce(targets.numpy().view(np.uint8), -1, dtype=np.uint32).astype(np.int64))
    n_rows, n_keys = targets.shape[0] * targets.shape[1], targets.shape[2]
    return torch.from_numpy(np.bincount(places // n_keys, minlength=n_rows)).view(targets.shape[:2])


def _keys_of(
    places: Int64[np.ndarray, " place"], n_keys: int, counts: Int[Tensor, "batch query"], most: int
) -> Int[Tensor, "batch query most"]:
    """Targets of each query, -1 where there are fewer than `most`."""
    if not most:
        return torch.zeros(*counts.shape, 0, dtype=torch.long)
    row, key = np.divmod(places, n_keys)
    each = counts.numpy().ravel()
    keys = np.full((len(each), most), -1)
    keys[row, np.arange(len(row)) - (np.cumsum(each) - each)[row]] = key
    return torch.from_numpy(keys).view(*counts.shape, most)


def overlaps(found: Sequence[Targets]) -> Float64[np.ndarray, "pattern other"]:
    """What heads that follow one pattern perfectly get on another, summed over that other's queries.

    A head that finds no target of its own is taken to rest outside the other's targets; the last column is a
    head that always rests on the first position.
    """
    sums = np.zeros((len(found), len(found) + 1))
    if not found:
        return sums
    sums[:, -1] = [int(one.on_first.sum()) for one in found]
    n_sequences, n_queries, n_keys = found[0].batch.allowed.shape
    step = max(1, OVERLAP_PAIRS // (n_sequences * n_keys))
    for start in range(0, n_queries, step):
        queries = slice(start, min(start + step, n_queries))
        places = [np.flatnonzero(one.among(queries).numpy()) for one in found]
        shares = [
            1 / one.counts[:, queries].numpy().ravel()[at // n_keys] for one, at in zip(found, places, strict=True)
        ]
        shape = (len(found), n_sequences * (queries.stop - start) * n_keys)
        ends = np.cumsum([0, *map(len, places)])
        columns = np.concatenate(places)
        targets = sparse.csr_array((np.ones(len(columns)), columns, ends), shape=shape)
        perfect = sparse.csr_array((np.concatenate(shares), columns, ends), shape=shape)
        sums[:, :-1] += (targets @ perfect.T).toarray()
    return sums


def _from_query_on(
    since: Int[Tensor, "batch key"], allowed: Bool[Tensor, "batch query key"], first_query: int
) -> Bool[Tensor, "batch query key"]:
    """The keys that each query may attend to and that are looked at since before it or from it on."""
    places = torch.arange(first_query, first_query + allowed.shape[1])
    return (places[:, None] >= since[:, None]) & allowed


def _besides_itself(targets: Bool[Tensor, "batch query key"], first_query: int) -> Bool[Tensor, "batch query key"]:
    """The same pairs without each query's own key."""
    own = torch.arange(first_query, first_query + targets.shape[1])
    targets[:, torch.arange(len(own)), own] = False
    return targets
