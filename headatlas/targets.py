"""The keys that patterns look for in a batch, and how much attention lands on them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

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


@dataclass(frozen=True)
class _Coming:
    """Keys that a block's queries look at only from some query within the block on, and which pairs that makes.

    `besides_first` are the same pairs without the first position; pairs stand in one line, query by query.
    """

    keys: Int[Tensor, " few"]
    pairs: Float[Tensor, "batch column pair"]
    besides_first: Float[Tensor, "batch column pair"]


class TargetSums:
    """The attention on the targets of several patterns, summed over queries, each had in the cheapest way there is.

    Few targets a query are gathered. For tokens that every query looks at, or every one from some query on, it is
    enough to sum the attention over queries, once for all patterns. What is left is multiplied pair by pair. Patterns
    without targets cost nothing; `order` says which pattern each column of the result is, by the number of its `add`.
    """

    def __init__(self, batch: TokenBatch | PairBatch, device: torch.device | str) -> None:
        self.device = device
        self._is_real = batch.real
        self._real = batch.real.float().to(device)
        self._square = isinstance(batch, TokenBatch)
        self._n_added = 0
        self._gathered: list[tuple[int, Int[Tensor, "batch query few"]]] = []
        self._classes: list[tuple[int, Bool[Tensor, "batch key"], bool]] = []
        self._growing: list[tuple[int, Int[Tensor, "batch key"]]] = []
        self._coming: dict[tuple[int, ...], _Coming | None] = {}
        self._dense: list[tuple[int, Bool[Tensor, "batch query key"]]] = []

    def add(self, targets: Targets) -> None:
        """One more pattern."""
        number, self._n_added = self._n_added, self._n_added + 1
        if not targets.most:
            return
        if targets.keys is not None:
            self._gathered.append((number, targets.keys))
        elif targets.marked is not None:
            self._classes.append((number, targets.marked, targets.besides_itself))
        elif targets.since is not None:
            self._growing.append((number, targets.since))
        elif targets.pairs is not None:
            self._dense.append((number, targets.pairs))

    def ready(self) -> None:
        """Takes everything to the device; nothing can be added after."""
        self.order = [one[0] for one in (*self._gathered, *self._classes, *self._growing, *self._dense)]
        if self._gathered:
            keys = torch.cat([own for _, own in self._gathered], -1)
            widths = torch.tensor([own.shape[-1] for _, own in self._gathered])
            owner = torch.arange(len(widths)).repeat_interleave(widths)
            self._keys = keys.clamp(min=0).to(self.device)
            self._there = (keys >= 0).float().to(self.device)
            self._besides_first = (keys > 0).float().to(self.device)
            self._owner = (owner[:, None] == torch.arange(len(widths))).float().to(self.device)
        if self._classes:
            self._marked = torch.stack([own for _, own, _ in self._classes], -1).float().to(self.device)
            besides = torch.tensor([not_itself for *_, not_itself in self._classes])
            self._itself = self._marked * besides.to(self.device)
        if self._growing:
            self._since = torch.stack([own for _, own in self._growing], -1).to(self.device)
        self._pairs = [own.to(self.device) for _, own in self._dense]

    def __call__(
        self,
        attention: Float[Tensor, "batch head query key"],
        rows: slice,
        first_query: int,
        scale: Float[Tensor, "batch head query"] | None = None,
    ) -> tuple[Float[Tensor, "batch head column"], Float[Tensor, "batch head column"] | None]:
        """Sums over some queries of some sequences, from `first_query` on.

        The second are the same without the first position, each query multiplied by its `scale`. Keys behind the last
        that any of these queries may attend to may be missing.
        """
        queries = slice(first_query, first_query + attention.shape[2])
        found = []
        if self._gathered:
            found.append(self._of_few(attention, rows, queries, scale))
        if self._classes or self._growing:
            real = self._real[rows, None, queries].expand(attention.shape[:3])
            weights = torch.stack([real] if scale is None else [real, real * scale], 2)
            on_keys = weights @ attention
            if self._classes:
                found.append(self._of_classes(attention, on_keys, weights, rows, queries))
            if self._growing:
                found.append(self._of_growing(attention, on_keys, rows, queries, scale))
        found += [_of_pairs(attention, one[rows, queries, : attention.shape[3]], scale) for one in self._pairs]
        return _side_by_side(found)

    def _of_few(
        self, attention: Tensor, rows: slice, queries: slice, scale: Tensor | None
    ) -> tuple[Tensor, Tensor | None]:
        keys = self._keys[rows, None, queries].expand(-1, attention.shape[1], -1, -1)
        found = attention.gather(-1, keys)
        sums = (found * self._there[rows, None, queries]).sum(2) @ self._owner
        if scale is None:
            return sums, None
        found *= self._besides_first[rows, None, queries]
        return sums, (scale[:, :, None] @ found)[:, :, 0] @ self._owner

    def _of_classes(
        self,
        attention: Tensor,
        on_keys: Float[Tensor, "batch head weighting key"],
        weights: Float[Tensor, "batch head weighting query"],
        rows: slice,
        queries: slice,
    ) -> tuple[Tensor, Tensor | None]:
        sums, scaled = _of_marked(on_keys, self._marked[rows, : attention.shape[3]])
        if self._square:
            itself = attention.diagonal(queries.start, 2, 3)[:, :, None] * weights
            of_class = self._itself[rows, queries]
            sums -= itself[:, :, 0] @ of_class
            if scaled is not None:
                later = int(queries.start == 0)  # the first query itself is the first position
                scaled -= itself[:, :, 1, later:] @ of_class[:, later:]
        return sums, scaled

    def _of_growing(
        self,
        attention: Tensor,
        on_keys: Float[Tensor, "batch head weighting key"],
        rows: slice,
        queries: slice,
        scale: Tensor | None,
    ) -> tuple[Tensor, Tensor | None]:
        before = (self._since[rows, : attention.shape[3]] <= queries.start).float()
        sums, scaled = _of_marked(on_keys, before)
        coming = self._coming_in(rows, queries, attention.shape[3])
        if coming is not None:
            # Two dimensions are several times faster than four.
            found = attention.flatten(0, 2).index_select(1, coming.keys).unflatten(0, attention.shape[:3])
            sums += (coming.pairs @ found.flatten(2).mT).mT
            if scaled is not None and scale is not None:
                found *= scale[..., None]
                scaled += (coming.besides_first @ found.flatten(2).mT).mT
        return sums, scaled

    def _coming_in(self, rows: slice, queries: slice, n_keys: int) -> _Coming | None:
        """What comes in among a block's queries; found once for all layers, None for nothing."""
        block = (rows.start, rows.stop, queries.start, queries.stop, n_keys)
        if block not in self._coming:
            since = torch.stack([own for _, own in self._growing], 1)[rows, :, :n_keys]
            keys = ((since > queries.start) & (since < queries.stop)).flatten(0, 1).any(0).nonzero()[:, 0]
            since = since[:, :, None, keys]
            places = torch.arange(queries.start, queries.stop)[:, None]
            pairs = (since > queries.start) & (places >= since) & self._is_real[rows, None, queries, None]
            besides_first = (pairs & (keys > 0)).flatten(2).float().to(self.device)
            found = _Coming(keys.to(self.device), pairs.flatten(2).float().to(self.device), besides_first)
            self._coming[block] = found if len(keys) else None
        return self._coming[block]


def _side_by_side(found: Sequence[tuple[Tensor, Tensor | None]]) -> tuple[Tensor, Tensor | None]:
    """The columns of several sums."""
    sums = torch.cat([one for one, _ in found], -1)
    scaled = [one for _, one in found if one is not None]
    return sums, torch.cat(scaled, -1) if scaled else None


def _of_marked(
    on_keys: Float[Tensor, "batch head weighting key"], marked: Float[Tensor, "batch key column"]
) -> tuple[Tensor, Tensor | None]:
    """Sums over marked keys by the first weighting, and without the first position by the second."""
    return on_keys[:, :, 0] @ marked, on_keys[:, :, 1, 1:] @ marked[:, 1:] if on_keys.shape[2] > 1 else None


def _of_pairs(attention: Tensor, targets: Tensor, scale: Tensor | None) -> tuple[Tensor, Tensor | None]:
    mass = (attention * targets[:, None]).sum(-1)
    if scale is None:
        return mass.sum(-1, keepdim=True), None
    besides_first = mass - attention[..., 0] * targets[:, None, :, 0]
    return mass.sum(-1, keepdim=True), (besides_first * scale).sum(-1, keepdim=True)


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
