"""The keys that patterns look for in a batch, each pattern's in the smallest form that there is for them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from jaxtyping import Bool, Float64, Int, Int64
from scipy import sparse
from torch import Tensor

from headatlas.errors import HeadatlasError
from headatlas.inputs.pair_batch import PairBatch
from headatlas.inputs.sparse_targets import KeyLists, KeySets, KeysFrom
from headatlas.inputs.token_batch import TokenBatch
from headatlas.patterns import Pattern

# Patterns with at most this many targets a query, or this part of the keys, are kept as lists.
LISTED = 16
LISTED_PART = 1 / 64
# Pairs of query and key that are looked at together where a pattern is kept pair by pair.
PAIRS = 2**18


def targets_of(pattern: Pattern, batch: TokenBatch | PairBatch) -> Bool[Tensor, "batch query key"]:
    """A pattern's target keys, kept to the keys that each query may attend to.

    Raises:
        HeadatlasError: the pattern's function did not give a boolean [batch, query, key] tensor.
    """
    return _given_by(pattern, batch) & batch.allowed


def contrast_of(pattern: Pattern, batch: TokenBatch | PairBatch) -> Bool[Tensor, "batch query key"]:
    """The wrong ones beside a pattern's target keys, kept to the keys that each query may attend to.

    Raises:
        HeadatlasError: the pattern has none, or its function did not give a boolean [batch, query, key] tensor.
    """
    if pattern.contrast is None:
        raise HeadatlasError(f"Pattern '{pattern.name}' ({pattern.defined_in}) has no contrast.")
    return _checked(pattern.contrast(batch), pattern, batch) & batch.allowed


def _given_by(pattern: Pattern, batch: TokenBatch | PairBatch) -> Bool[Tensor, "batch query key"]:
    assert pattern.targets is not None
    return _checked(pattern.targets(batch), pattern, batch)


def _checked(given: Any, pattern: Pattern, batch: TokenBatch | PairBatch) -> Bool[Tensor, "batch query key"]:
    if not isinstance(given, Tensor) or given.dtype != torch.bool or tuple(given.shape) != batch.shape:
        raise HeadatlasError(
            f"Pattern '{pattern.name}' ({pattern.defined_in}) must return a boolean tensor [batch, query, key] "
            f"of shape {batch.shape}."
        )
    return given


class Targets:
    """Where the targets of one pattern are, among the keys that each query may attend to.

    In one of four forms: few targets a query as a list of `keys`, -1 where there are fewer. Where every query looks at
    the same tokens, itself aside or not, which: `marked`. Where each token is looked at from some query on, from which:
    `since`, a place behind the end for none. What is left pair by pair: `pairs`.

    Attributes: `counts` targets of each query, `most` of one query, `besides_first` queries with a target other than
    the first position, `offset_hits` how many queries have a target 0, 1, 2, ... positions back.
    """

    def __init__(self, pattern: Pattern, batch: TokenBatch | PairBatch, n_offsets: int = 0) -> None:
        self.batch = batch
        self.n_offsets = n_offsets
        self.keys: Int[Tensor, "batch query most"] | None = None
        self.marked: Bool[Tensor, "batch key"] | None = None
        self.besides_itself = False
        self.since: Int[Tensor, "batch key"] | None = None
        self.pairs: Bool[Tensor, "batch query key"] | None = None
        self.counts: Int[Tensor, "batch query"]
        self.on_first: Bool[Tensor, "batch query"]
        self.offset_hits: Int[Tensor, "batch offset"]
        self._longest_list = max(LISTED, int(batch.shape[2] * LISTED_PART))
        given = _given_by(pattern, batch)
        if isinstance(given, KeyLists) and given.keys.shape[2] <= self._longest_list:
            self._listed(_allowed_of(given.keys, batch))
        elif isinstance(given, KeysFrom) and isinstance(batch, TokenBatch):
            self._from_some_query_on(given, batch)
        else:
            self._pair_by_pair((given.dense() if isinstance(given, KeySets) else given) & batch.allowed)
        self.most = int(self.counts.max())
        self.besides_first: Bool[Tensor, "batch query"] = self.counts > self.on_first.long()

    def _listed(self, keys: Int[Tensor, "batch query some"]) -> None:
        self.counts = (keys >= 0).sum(-1)
        most = int(self.counts.max())
        behind = self.batch.shape[2]
        keys = keys.where(keys >= 0, behind).sort(-1).values[..., :most]
        self.keys = keys.where(keys < behind, -1)
        self.on_first = (keys == 0).any(-1)
        self.offset_hits = torch.zeros(keys.shape[0], self.n_offsets, dtype=torch.long)
        if most and self.n_offsets:
            back = torch.arange(keys.shape[1])[:, None] - self.keys
            within = (self.keys >= 0) & (back >= 0) & (back < self.n_offsets)
            row, *_ = torch.nonzero(within, as_tuple=True)
            self.offset_hits.index_put_((row, back[within]), torch.ones(1, dtype=torch.long), accumulate=True)

    def _from_some_query_on(self, given: KeysFrom, batch: TokenBatch) -> None:
        n_queries, places = batch.shape[1], batch.positions
        since = given.since.where(batch.real, n_queries).clamp(max=n_queries)
        if batch.causal:
            since = since.maximum(places + given.besides_itself)
        looked_at = since < torch.tensor(batch.lengths)[:, None]
        since = since.where(looked_at, n_queries)
        besides_itself = given.besides_itself and not batch.causal
        self.counts = _counts(since, batch, besides_itself)
        self.on_first = (since[:, :1] <= places) & batch.real
        if besides_itself:
            self.on_first[:, 0] = False
        back = torch.arange(self.n_offsets)
        queries = places[:, None] + back
        hits = (queries >= since[:, :, None]) & (queries < torch.tensor(batch.lengths)[:, None, None])
        if besides_itself:
            hits[:, :, :1] = False
        self.offset_hits = hits.sum(1)
        first = places if batch.causal else torch.zeros_like(places)
        for later in range(2 if batch.causal else 1):
            if torch.equal(since, torch.where(looked_at, first + later, n_queries)):
                self.marked, self.besides_itself = looked_at, besides_itself or bool(later)
                return
        if besides_itself:
            self._pair_by_pair(given.dense() & batch.allowed)
        else:
            self.since = since

    def _pair_by_pair(self, targets: Bool[Tensor, "batch query key"]) -> None:
        batch, (_, n_queries, n_keys) = self.batch, targets.shape
        each = np.count_nonzero(targets.numpy(), axis=-1).ravel()
        if each.max() <= self._longest_list:
            row, key = np.divmod(np.flatnonzero(targets.numpy()), n_keys)
            keys = np.full((len(each), int(each.max())), -1)
            keys[row, np.arange(len(row)) - (np.cumsum(each) - each)[row]] = key
            self._listed(torch.from_numpy(keys).view(*targets.shape[:2], -1))
            return
        self.counts = torch.from_numpy(each).view(targets.shape[:2])
        self.on_first = targets[:, :, 0].clone()
        self.offset_hits = torch.zeros(targets.shape[0], self.n_offsets, dtype=torch.long)
        for offset in range(min(self.n_offsets, n_queries)):
            self.offset_hits[:, offset] = targets.diagonal(-offset, 1, 2).sum(-1)
        marked = targets.any(1)
        everywhere = marked[:, None] & batch.allowed
        if torch.equal(targets, everywhere):
            self.marked = marked
            return
        if isinstance(batch, TokenBatch):
            everywhere.diagonal(0, 1, 2).fill_(False)
            if torch.equal(targets, everywhere):
                self.marked, self.besides_itself = marked, True
                return
        self.pairs = targets

    def same_as(self, other: Targets) -> bool:
        """True where all pairs are the same."""
        if self.besides_itself != other.besides_itself:
            return False
        forms = ((one.keys, one.marked, one.since, one.pairs) for one in (self, other))
        return all(
            mine is theirs or (mine is not None and theirs is not None and torch.equal(mine, theirs))
            for mine, theirs in zip(*forms, strict=True)
        )

    def places(self, queries: slice) -> Int64[np.ndarray, " place"] | None:
        """Where the targets of some queries are, all pairs of the batch counted through; None for marked tokens."""
        n_queries, n_keys = self.batch.shape[1:]
        if self.keys is not None:
            keys = self.keys[:, queries].numpy()
            row, query, which = np.nonzero(keys >= 0)
            return (row * n_queries + query + queries.start) * n_keys + keys[row, query, which]
        if self.pairs is not None:
            row, query, key = np.nonzero(self.pairs[:, queries].numpy())
            return (row * n_queries + query + queries.start) * n_keys + key
        return None

    def as_since(self) -> Int[Tensor, "batch key"]:
        """Marked tokens by the query from which on they are looked at."""
        if self.since is not None:
            return self.since
        assert self.marked is not None
        first = torch.arange(self.batch.shape[2]) + self.besides_itself
        return torch.where(self.marked, first if self.batch.causal else 0, self.batch.shape[1])


def overlaps(found: Sequence[Targets]) -> Float64[np.ndarray, "pattern other"]:
    """What heads that follow one pattern perfectly get on another, summed over that other's queries.

    A head that finds no target of its own is taken to rest outside the other's targets; the last column is a
    head that always rests on the first position.
    """
    sums = np.zeros((len(found), len(found) + 1))
    if not found:
        return sums
    batch = found[0].batch
    n_queries, n_keys = batch.shape[1:]
    sums[:, -1] = [int(one.on_first.sum()) for one in found]
    # A perfect head shares its attention among its targets.
    shares = [(1 / one.counts.clamp(min=1)).double().numpy().ravel() for one in found]
    marked = [i for i, one in enumerate(found) if one.marked is not None or one.since is not None]
    listed = [i for i in range(len(found)) if i not in marked]
    for one in marked:
        for other in marked:
            since = found[one].as_since().maximum(found[other].as_since())
            besides_itself = not batch.causal and (found[one].besides_itself or found[other].besides_itself)
            sums[one, other] = _counts(since, batch, besides_itself).numpy().ravel() @ shares[other]
    by_pairs = any(one.pairs is not None for one in found)
    step = max(1, PAIRS // (batch.shape[0] * n_keys)) if by_pairs else n_queries
    for start in range(0, n_queries, step):
        places = [found[i].places(slice(start, min(start + step, n_queries))) for i in listed]
        _add_listed(sums, found, listed, marked, [one for one in places if one is not None], shares)
    return sums


def _add_listed(
    sums: Float64[np.ndarray, "pattern other"],
    found: Sequence[Targets],
    listed: list[int],
    marked: list[int],
    places: Sequence[Int64[np.ndarray, " place"]],
    shares: Sequence[Float64[np.ndarray, " query"]],
) -> None:
    """Adds the overlaps with patterns that are kept as lists, of which `places` are some or all targets."""
    if not listed:
        return
    n_queries, n_keys = found[0].batch.shape[1:]
    all_places = np.concatenate(places)
    owner = np.repeat(np.arange(len(listed)), [len(one) for one in places])
    of_query, key = np.divmod(all_places, n_keys)
    own_share = np.concatenate([shares[i][one // n_keys] for i, one in zip(listed, places, strict=True)])
    _, column = np.unique(all_places, return_inverse=True)
    shape = (len(listed), len(all_places))
    targets = sparse.csr_array((np.ones(len(column)), (owner, column)), shape=shape)
    perfect = sparse.csr_array((own_share, (owner, column)), shape=shape)
    sums[np.ix_(listed, listed)] += (targets @ perfect.T).toarray()
    row, query = np.divmod(of_query, n_queries)
    for other in marked:
        inside = found[other].as_since().numpy()[row, key] <= query
        if found[other].besides_itself:
            inside &= key != query
        sums[listed, other] += np.bincount(owner, inside * shares[other][of_query], len(listed))
        sums[other, listed] += np.bincount(owner, inside * own_share, len(listed))


def _allowed_of(
    keys: Int[Tensor, "batch query some"], batch: TokenBatch | PairBatch
) -> Int[Tensor, "batch query some"]:
    """Those of the keys that their query may attend to; -1 for the others."""
    if isinstance(batch, TokenBatch):
        ends = torch.tensor(batch.lengths)[:, None, None]
        if batch.causal:
            ends = ends.minimum(batch.positions[:, None] + 1)
    else:
        ends = torch.tensor(batch.keys.lengths)[:, None, None]
    return keys.where(batch.real[:, :, None] & (keys < ends), -1)


def _counts(
    since: Int[Tensor, "batch key"], batch: TokenBatch | PairBatch, besides_itself: bool
) -> Int[Tensor, "batch query"]:
    """How many keys are looked at by each query, itself aside or not."""
    n_sequences, n_queries, _ = batch.shape
    coming = torch.zeros(n_sequences, n_queries + 1, dtype=torch.long)
    counts = coming.scatter_add_(1, since, torch.ones_like(since))[:, :-1].cumsum(-1)
    if besides_itself:
        counts -= (since <= torch.arange(n_queries)).long()
    return torch.where(batch.real, counts, 0)
