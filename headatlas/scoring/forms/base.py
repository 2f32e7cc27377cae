"""What every form of target keys offers: counts, and the sums of attention on the targets, block by block."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy as np
import torch
from jaxtyping import Bool, Float, Float64, Int, Int64
from torch import Tensor

from headatlas.inputs.block import Block
from headatlas.inputs.pair_batch import Batch


class Targets(ABC):
    """The target keys of one pattern on one batch, among the keys that each query may attend to.

    `counts` is the number of targets of each query, `most` the largest of these; `on_first` says whether the first
    position is among them.
    """

    def __init__(self, batch: Batch, counts: Int[Tensor, "batch query"], on_first: Bool[Tensor, "batch query"]) -> None:
        self.batch = batch
        self.counts = counts
        self.on_first = on_first
        self.most = int(counts.max())

    @cached_property
    def excluding_sink(self) -> Bool[Tensor, "batch query"]:
        """Queries that have a target other than the first position."""
        return self.counts > self.on_first.long()

    @cached_property
    def share(self) -> Float64[np.ndarray, " batch_query"]:
        """What a perfect head, which spreads its attention over the targets, puts on each; all queries of the batch."""
        return (1 / self.counts.clamp(min=1)).double().numpy().ravel()

    def forget_share(self) -> None:
        """Lets `share` go, which is asked for while overlaps are counted; the targets themselves live longer."""
        vars(self).pop("share", None)

    @abstractmethod
    def offset_hits(self, n_offsets: int) -> Int[Tensor, "batch offset"]:
        """How many queries have a target 0, 1, 2, ... positions before them."""

    @abstractmethod
    def without_first(self) -> Targets:
        """The same targets without the first position, which is then no query's target."""

    @abstractmethod
    def same_as(self, other: Targets) -> bool:
        """True where `other` is of the same form and has the same pairs of query and key."""

    @abstractmethod
    def contains(
        self, row: Int64[np.ndarray, "*pair"], query: Int64[np.ndarray, "*pair"], key: Int64[np.ndarray, "*pair"]
    ) -> Bool[np.ndarray, "*pair"]:
        """Which of some pairs of query and key, each of which may attend to each other, are targets."""

    @classmethod
    @abstractmethod
    def group(cls, members: Sequence[Any], device: torch.device | str) -> TargetGroup:
        """Several patterns' targets of this form, whose attention is summed together."""


class ListedTargets(Targets):
    """Targets whose pairs of query and key can be listed."""

    @abstractmethod
    def pairs(self, queries: slice) -> Int64[np.ndarray, " pair"]:
        """The pairs of some queries in order, each as an index into the flattened [batch, query, key]."""


class TargetGroup(ABC):
    """Targets of one form of several patterns on one batch, on the device: made once a batch, used for all layers."""

    @abstractmethod
    def accumulator(self, weights: Float[Tensor, "batch head weighting query"]) -> Accumulator:
        """Sums of one layer; see `TargetAccumulator` for `weights`."""


class Accumulator(ABC):
    """The attention of one layer on the targets of a group, summed while blocks of it are added."""

    @abstractmethod
    def add(self, rows: BlockRows) -> None:
        """Adds a block, which must not have been added before."""

    @abstractmethod
    def sums(self) -> Float[Tensor, "batch head weighting column"]:
        """The sums over all queries when every block has been added, a column for each pattern of the group."""


class BlockRows:
    """The attention of one block and the weights its rows are summed with, and what several forms make of these.

    `attention` may lack keys behind the last that any of the block's queries may attend to.
    """

    def __init__(
        self,
        attention: Float[Tensor, "batch head query key"],
        weights: Float[Tensor, "batch head weighting query"],
        block: Block,
    ) -> None:
        self.attention = attention
        self.weights = weights
        self.block = block

    @cached_property
    def on_keys(self) -> Float[Tensor, "batch head weighting key"]:
        """Attention on each key, summed over the block's queries; on the first position only in the first weighting."""
        sums = self.weights @ self.attention
        sums[:, :, 1:, 0] = 0
        return sums


def times(
    sums: Float[Tensor, "batch head weighting key"], columns: Float[Tensor, "batch key column"]
) -> Float[Tensor, "batch head weighting column"]:
    """A product whose second factor is the same for all heads, and is not copied for them."""
    return torch.bmm(sums.flatten(1, 2), columns).unflatten(1, sums.shape[1:3])
