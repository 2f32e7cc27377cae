"""The keys that patterns look for in a batch, and how much attention lands on them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

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
    return targets & batch.allowed


class Targets:
    """Where the targets of one pattern are, as a sorted list: most patterns have few."""

    def __init__(self, targets: Bool[Tensor, "batch query key"]) -> None:
        self.everywhere = targets
        self.shape = tuple(targets.shape)
        flat = np.flatnonzero(targets.numpy())
        self.row: Int64[np.ndarray, " target"] = flat // self.shape[2]  # number of the query in the batch
        self.key: Int64[np.ndarray, " target"] = flat % self.shape[2]
        self._counts: Int64[np.ndarray, " row"] = np.bincount(self.row, minlength=self.shape[0] * self.shape[1])

    @property
    def counts(self) -> Int[Tensor, "batch query"]:
        """Targets of each query."""
        return torch.from_numpy(self._counts).view(self.shape[:2])

    @property
    def on_first(self) -> Bool[Tensor, "batch query"]:
        """Queries for which the first position is a target."""
        return self.everywhere[:, :, 0]

    @property
    def besides_first(self) -> Bool[Tensor, "batch query"]:
        """Queries with a target other than the first position."""
        return self.counts > self.on_first.long()

    @property
    def most(self) -> int:
        """Of one query."""
        return int(self._counts.max(initial=0))

    def offset_hits(self, n_offsets: int) -> Int[Tensor, "batch offset"]:
        """How many queries have a target 0, 1, 2, ... positions back."""
        back = self.row % self.shape[1] - self.key
        within = (back >= 0) & (back < n_offsets)
        places = self.row[within] // self.shape[1] * n_offsets + back[within]
        counts = np.bincount(places, minlength=self.shape[0] * n_offsets)
        return torch.from_numpy(counts).view(self.shape[0], n_offsets)

    def keys(self) -> Int[Tensor, "batch query most"]:
        """Targets of each query, -1 where there are fewer than `most`."""
        starts = np.cumsum(self._counts) - self._counts
        keys = np.full((len(self._counts), self.most), -1)
        keys[self.row, np.arange(len(self.row)) - starts[self.row]] = self.key
        return torch.from_numpy(keys).view(*self.shape[:2], self.most)

    def matrix(self, values: Float64[np.ndarray, " target"]) -> sparse.csr_array:
        """A sparse row over all pairs of query and key."""
        n_pairs = self.shape[0] * self.shape[1] * self.shape[2]
        columns = self.row * self.shape[2] + self.key
        return sparse.csr_array((values, columns, [0, len(columns)]), shape=(1, n_pairs))

    @cached_property
    def shares(self) -> Float64[np.ndarray, " target"]:
        """What a head that follows the pattern perfectly puts on each target."""
        return 1 / self._counts[self.row]


def overlaps(found: Sequence[Targets]) -> Float64[np.ndarray, "pattern other"]:
    """What heads that follow one pattern perfectly get on another, summed over that other's queries.

    A head that finds no target of its own is taken to rest outside the other's targets; the last column is a
    head that always rests on the first position.
    """
    sums = np.zeros((len(found), len(found) + 1))
    if found:
        targets = sparse.vstack([one.matrix(np.ones(len(one.row))) for one in found], format="csr")
        perfect = sparse.vstack([one.matrix(one.shares) for one in found], format="csr")
        sums[:, :-1] = (targets @ perfect.T).toarray()
        sums[:, -1] = [int(one.on_first.sum()) for one in found]
    return sums


class TargetSums:
    """The attention on the targets of several patterns, summed over queries, each had in the cheapest way there is.

    Few targets a query are gathered. For tokens of a class that every query looks at, itself aside or not, it is
    enough to sum the attention over queries, once for all classes. What is left is multiplied pair by pair. Patterns
    without targets cost nothing; `order` says which pattern each column of the result is, by the number of its `add`.
    """

    def __init__(self, batch: TokenBatch | PairBatch, device: torch.device | str) -> None:
        self.device = device
        self._allowed = batch.allowed
        self._real = batch.real.float().to(device)
        self._square = isinstance(batch, TokenBatch)
        self._n_added = 0
        self._gathered: list[tuple[int, Int[Tensor, "batch query few"]]] = []
        self._classes: list[tuple[int, Bool[Tensor, "batch key"], bool]] = []
        self._dense: list[tuple[int, Bool[Tensor, "batch query key"]]] = []

    def add(self, targets: Targets) -> None:
        """One more pattern."""
        number, self._n_added = self._n_added, self._n_added + 1
        if 0 < targets.most <= GATHERED:
            self._gathered.append((number, targets.keys()))
        elif targets.most:
            marked = targets.everywhere.any(1)
            everywhere = marked[:, None] & self._allowed
            if torch.equal(targets.everywhere, everywhere):
                self._classes.append((number, marked, False))
            elif self._square and torch.equal(targets.everywhere, _besides_itself(everywhere)):
                self._classes.append((number, marked, True))
            else:
                self._dense.append((number, targets.everywhere))

    def ready(self) -> None:
        """Takes everything to the device; nothing can be added after."""
        del self._allowed
        self.order = [one[0] for one in (*self._gathered, *self._classes, *self._dense)]
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
        if self._classes:
            found.append(self._of_classes(attention, rows, queries, scale))
        found += [_of_pairs(attention, one[rows, queries, : attention.shape[3]], scale) for one in self._pairs]
        sums = torch.cat([one for one, _ in found], -1)
        return sums, None if scale is None else torch.cat([one for _, one in found if one is not None], -1)

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
        self, attention: Tensor, rows: slice, queries: slice, scale: Tensor | None
    ) -> tuple[Tensor, Tensor | None]:
        marked = self._marked[rows, : attention.shape[3]]
        real = self._real[rows, None, queries].expand(attention.shape[:3])
        weights = torch.stack([real] if scale is None else [real, real * scale], 2)
        on_keys = weights @ attention  # [batch, head, weighting, key]
        sums = on_keys[:, :, 0] @ marked
        scaled = None if scale is None else on_keys[:, :, 1, 1:] @ marked[:, 1:]
        if self._square:
            itself = attention.diagonal(queries.start, 2, 3)[:, :, None] * weights
            of_class = self._itself[rows, queries]
            sums -= itself[:, :, 0] @ of_class
            if scaled is not None:
                later = int(queries.start == 0)  # the first query itself is the first position
                scaled -= itself[:, :, 1, later:] @ of_class[:, later:]
        return sums, scaled


def _of_pairs(attention: Tensor, targets: Tensor, scale: Tensor | None) -> tuple[Tensor, Tensor | None]:
    mass = (attention * targets[:, None]).sum(-1)
    if scale is None:
        return mass.sum(-1, keepdim=True), None
    besides_first = mass - attention[..., 0] * targets[:, None, :, 0]
    return mass.sum(-1, keepdim=True), (besides_first * scale).sum(-1, keepdim=True)


def _besides_itself(targets: Bool[Tensor, "batch query key"]) -> Bool[Tensor, "batch query key"]:
    return targets & ~torch.eye(targets.shape[-1], dtype=torch.bool)
