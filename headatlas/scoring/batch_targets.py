"""What is known of the patterns on a batch before any attention: targets, counted queries, chance, overlaps."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from jaxtyping import Int
from torch import Tensor

from headatlas.inputs.pair_batch import Batch
from headatlas.patterns import Pattern
from headatlas.scoring.batch_counts import BatchCounts
from headatlas.scoring.forms.base import Targets
from headatlas.scoring.overlaps import overlaps
from headatlas.scoring.tally import N_OFFSETS
from headatlas.scoring.targets import find_targets


class BatchTargets:
    """The targets of each pattern on a batch and on `null_batch`, the same sequences with their tokens shuffled.

    `own` and `shuffled` have targets by the pattern's column; `unmoved` are columns whose targets are the same in both,
    which `shuffled` leaves out. `counted` and `possible` [batch, query, pattern] mark the queries that count for a
    pattern, and those that still do when the first position is left out.
    """

    def __init__(self, patterns: Sequence[Pattern], batch: Batch, null_batch: Batch | None) -> None:
        n_sequences, n_queries, _ = batch.shape
        shape = (n_sequences, len(patterns))
        self.own: dict[int, Targets] = {}
        self.shuffled: dict[int, Targets] = {}
        self.unmoved: list[int] = []
        self.counted = torch.zeros(n_sequences, n_queries, len(patterns), dtype=torch.bool)
        self.possible = torch.zeros_like(self.counted)
        self._n_null = torch.zeros(shape, dtype=torch.long)
        self._chance = torch.zeros(shape, dtype=torch.float64)
        self._offset_hits = torch.zeros(*shape, N_OFFSETS, dtype=torch.long)
        for column, pattern in enumerate(patterns):
            if pattern.targets is None:
                self.counted[:, :, column] = batch.n_allowed > 1
                if pattern.sink_free:
                    self.possible[:, :, column] = batch.n_allowed - batch.real.long() > 1
                continue
            self._add(column, find_targets(pattern, batch))
            if null_batch is not None:
                self._add_shuffled(column, find_targets(pattern, null_batch))

    def _add(self, column: int, targets: Targets) -> None:
        self.own[column] = targets
        self.counted[:, :, column] = targets.counts > 0
        self.possible[:, :, column] = targets.excluding_sink
        n_allowed = targets.batch.n_allowed.clamp(min=1)
        self._chance[:, column] = (targets.counts / n_allowed).double().sum(-1)
        if targets.most:
            self._offset_hits[:, column] = targets.offset_hits(N_OFFSETS)

    def _add_shuffled(self, column: int, targets: Targets) -> None:
        self._n_null[:, column] = (targets.counts > 0).sum(-1)
        if targets.same_as(self.own[column]):
            self.unmoved.append(column)
        else:
            self.shuffled[column] = targets

    def counts(self, n_distance: Int[Tensor, " distance"]) -> BatchCounts:
        """The counts, with those of pairs by distance."""
        n_patterns = self.counted.shape[2]
        with_targets = {column: targets for column, targets in self.own.items() if targets.most}
        shared = np.zeros((n_patterns, n_patterns + 1))
        shared[np.ix_(list(with_targets), [*with_targets, n_patterns])] = overlaps(list(with_targets.values()))
        return BatchCounts(
            n_queries=self.counted.sum(1),
            n_possible=self.possible.sum(1),
            n_null=self._n_null,
            chance=self._chance,
            offset_hits=self._offset_hits,
            overlaps=shared,
            n_distance=n_distance,
        )
