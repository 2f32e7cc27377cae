"""The attention on the targets of all patterns, summed block by block, each in the cheapest way there is."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from headatlas.inputs.block import Block
from headatlas.inputs.pair_batch import PairBatch
from headatlas.inputs.token_batch import TokenBatch
from headatlas.scoring.targets import Targets


@dataclass(frozen=True)
class _Growth:
    """The keys that come in among one block's queries, for patterns that look at each token from some query on.

    Each of `keys` belongs to the pattern of one `column`, and `pairs` says which queries look at it. Where `first`
    says, it is the first position.
    """

    keys: Int[Tensor, " coming"]
    pairs: Float[Tensor, "batch 1 query coming"]
    column: Float[Tensor, "coming column"]
    first: list[int]


class TargetSums:
    """The targets of several patterns on one batch, as `Collected` uses them.

    Few targets a query are gathered. For tokens that every query looks at, or every one from some query on, it is
    enough to sum the attention over queries, once for all patterns. What is left is multiplied pair by pair. Patterns
    without targets cost nothing; `order` says which pattern each column of the result is, by the number of its `add`.
    """

    def __init__(self, batch: TokenBatch | PairBatch, device: torch.device | str) -> None:
        self.device = device
        self.shape = batch.shape
        self.real: Float[Tensor, "batch query"] = batch.real.float().to(device)
        self.square = isinstance(batch, TokenBatch)
        self._n_added = 0
        self.gathered: list[tuple[int, Int[Tensor, "batch query few"]]] = []
        self.classes: list[tuple[int, Bool[Tensor, "batch key"], bool]] = []
        self.growing: list[tuple[int, Int[Tensor, "batch key"]]] = []
        self.dense: list[tuple[int, Bool[Tensor, "batch query key"]]] = []
        self._growths: dict[tuple[int, ...], _Growth] = {}

    def add(self, targets: Targets) -> None:
        """One more pattern."""
        number, self._n_added = self._n_added, self._n_added + 1
        if not targets.most:
            return
        if targets.keys is not None:
            self.gathered.append((number, targets.keys))
        elif targets.marked is not None:
            self.classes.append((number, targets.marked, targets.besides_itself))
        elif targets.since is not None:
            self.growing.append((number, targets.since))
        elif targets.pairs is not None:
            self.dense.append((number, targets.pairs))

    def ready(self) -> None:
        """Takes everything to the device; nothing can be added after."""
        self.order = [one[0] for one in (*self.gathered, *self.classes, *self.growing, *self.dense)]
        if self.gathered:
            keys = torch.cat([own for _, own in self.gathered], -1)
            widths = torch.tensor([own.shape[-1] for _, own in self.gathered])
            owner = torch.arange(len(widths)).repeat_interleave(widths)
            self.keys = keys.clamp(min=0)[:, None].to(self.device)
            self.there = (keys >= 0).float()[:, None].to(self.device)
            self.besides_first = (keys > 0).float()[:, None].to(self.device)
            self.owner = (owner[:, None] == torch.arange(len(widths))).float().to(self.device)
        if self.classes:
            self.marked = torch.stack([own for _, own, _ in self.classes], -1).float().to(self.device)
            besides = torch.tensor([not_itself for *_, not_itself in self.classes])
            self.itself = self.marked * besides.to(self.device)
        if self.growing:
            self._since = torch.stack([own for _, own in self.growing], -1)
            self.since = self._since.to(self.device)
        self.pairs = [own[:, None].to(self.device) for _, own in self.dense]

    def growth(self, block: Block) -> _Growth:
        """The keys that come in among a block's queries; found once for all layers."""
        place = (block.rows.start, block.rows.stop, block.queries.start, block.queries.stop)
        if place not in self._growths:
            since = self._since[block.rows, : block.n_keys]
            start, stop = block.queries.start, block.queries.stop
            comes_in = (since > start) & (since < stop)
            keys, column = comes_in.any(0).nonzero(as_tuple=True)
            queries = torch.arange(start, stop)[:, None]
            pairs = comes_in[:, None, keys, column] & (queries >= since[:, None, keys, column])
            self._growths[place] = _Growth(
                keys=keys.to(self.device),
                pairs=pairs[:, None].float().to(self.device),
                column=(column[:, None] == torch.arange(since.shape[2])).float().to(self.device),
                first=torch.nonzero(keys == 0)[:, 0].tolist(),
            )
        return self._growths[place]


class Collected:
    """The attention of one layer on all targets, while its blocks come in.

    `weights` [batch, head, weighting, query] are what rows are multiplied by before they are summed. The first
    weighting is of whole rows, a second one of rows without the first position; queries of padding have the weight 0.
    They need to be known when their block is added.
    """

    def __init__(self, targets: TargetSums, weights: Float[Tensor, "batch head weighting query"]) -> None:
        self.targets = targets
        self.weights = weights
        n_sequences, n_heads, n_weightings, n_queries = weights.shape
        if targets.gathered:
            self._few = weights.new_empty(n_sequences, n_heads, n_queries, targets.keys.shape[-1])
        if targets.classes:
            self._on_keys = weights.new_zeros(n_sequences, n_heads, n_weightings, targets.shape[2])
            self._itself = weights.new_zeros(n_sequences, n_heads, 1, n_queries)
        self._growing = weights.new_zeros(n_sequences, n_heads, n_weightings, len(targets.growing))
        self._dense = weights.new_zeros(n_sequences, n_heads, n_weightings, len(targets.dense))

    def add(self, attention: Float[Tensor, "batch head query key"], block: Block) -> None:
        """One block; keys behind the last that any of its queries may attend to may be missing."""
        of, rows, queries = self.targets, block.rows, block.queries
        weights = self.weights[rows, :, :, queries]
        if of.gathered:
            keys = of.keys[rows, :, queries].expand(-1, attention.shape[1], -1, -1)
            torch.gather(attention, -1, keys, out=self._few[rows, :, queries])
        if of.classes or of.growing:
            on_keys = weights @ attention
            on_keys[:, :, 1:, 0] = 0
            if of.classes:
                self._on_keys[rows, ..., : attention.shape[3]] += on_keys
                if of.square:
                    self._itself[rows, :, 0, queries] = attention.diagonal(queries.start, 2, 3)
            if of.growing:
                self._growing[rows] += self._of_growing(attention, on_keys, weights, block)
        for column, pairs in enumerate(of.pairs):
            self._dense[rows, ..., column] += _of_pairs(
                attention, pairs[rows, :, queries, : attention.shape[3]], weights
            )

    def _of_growing(
        self, attention: Tensor, on_keys: Tensor, weights: Tensor, block: Block
    ) -> Float[Tensor, "batch head weighting column"]:
        of = self.targets
        growth = of.growth(block)
        sums = _times(on_keys, (of.since[block.rows, : block.n_keys] <= block.queries.start).float())
        if len(growth.keys):
            # Two dimensions are several times faster than four.
            found = attention.flatten(0, 2).index_select(1, growth.keys).unflatten(0, attention.shape[:3])
            on_coming = weights @ (found * growth.pairs)
            if growth.first:
                on_coming[:, :, 1:, growth.first] = 0
            sums += on_coming @ growth.column
        return sums

    def sums(self) -> Float[Tensor, "batch head weighting column"]:
        """The sums over all queries, in the `order` of the targets' columns."""
        of, found = self.targets, []
        if of.gathered:
            sums = [self.weights[:, :, :1] @ self._few.mul_(of.there)]
            if self.weights.shape[2] > 1:
                sums.append(self.weights[:, :, 1:] @ self._few.mul_(of.besides_first))
            found.append(torch.cat(sums, 2) @ of.owner)
        if of.classes:
            sums_of_classes = _times(self._on_keys, of.marked)
            if of.square:
                itself = self._itself * self.weights
                itself[:, :, 1:, 0] = 0  # the first query's own key is the first position
                sums_of_classes -= _times(itself, of.itself)
            found.append(sums_of_classes)
        return torch.cat([*found, self._growing, self._dense], -1)


def _times(
    one: Float[Tensor, "batch head weighting place"], other: Float[Tensor, "batch place column"]
) -> Float[Tensor, "batch head weighting column"]:
    """A product whose second factor is the same for all heads, and not copied for them."""
    return torch.bmm(one.flatten(1, 2), other).unflatten(1, one.shape[1:3])


def _of_pairs(
    attention: Tensor, pairs: Bool[Tensor, "batch 1 query key"], weights: Tensor
) -> Float[Tensor, "batch head weighting"]:
    mass = (attention * pairs).sum(-1)
    besides_first = mass - attention[..., 0] * pairs[..., 0]
    return (torch.stack([mass, besides_first][: weights.shape[2]], 2) * weights).sum(-1)
