"""What is known of the patterns on a batch before any attention: targets, counted queries, chance, overlaps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import torch
from jaxtyping import Bool, Float, Float64, Int
from torch import Tensor

from headatlas.inputs.pair_batch import Batch
from headatlas.patterns.definition import Pattern
from headatlas.scoring.batch_counts import BatchCounts
from headatlas.scoring.forms.base import Targets
from headatlas.scoring.overlaps import overlaps
from headatlas.scoring.tally import N_OFFSETS
from headatlas.scoring.targets import find_contrast, find_target_keys, find_targets, find_within


class BatchTargets:
    """The targets of each pattern on a batch and on `null_batch`, the same sequences with their tokens shuffled.

    `own` and `shuffled` have targets by the pattern's column; `unmoved` are columns whose targets are the same in both,
    which `shuffled` leaves out. `contrast` has the wrong ones of patterns that name such. `by_key` are targets that are
    read along keys, `target_keys` marks those keys: they count once a sequence, and not off the sink. So do those that
    are read within other keys, which `within` has, and statistics of sentences, in texts that `sentences` says have
    enough of them. `counted` and `possible` [batch, query, pattern] mark the queries that count for a pattern, and
    those that still do when the first position is left out.
    """

    def __init__(
        self,
        patterns: Sequence[Pattern],
        batch: Batch,
        null_batch: Batch | None,
        sentences: Bool[Tensor, " batch"] | None = None,
    ) -> None:
        n_sequences, n_queries, _ = batch.shape
        shape = (n_sequences, len(patterns))
        self.own: dict[int, Targets] = {}
        self.shuffled: dict[int, Targets] = {}
        self.unmoved: list[int] = []
        self.contrast: dict[int, Targets] = {}
        self.by_key: dict[int, Targets] = {}
        self.target_keys: dict[int, Float[Tensor, "batch key"]] = {}
        self.within: dict[int, Targets] = {}
        self.counted = torch.zeros(n_sequences, n_queries, len(patterns), dtype=torch.bool)
        self.possible = torch.zeros_like(self.counted)
        self._batch = batch
        self._n_null, self._n_targets, self._n_contrast, self._n_by_key = torch.zeros(4, *shape, dtype=torch.long)
        self._chance = torch.zeros(shape, dtype=torch.float64)
        self._chance_off = np.zeros(len(patterns))
        self._offset_hits = torch.zeros(*shape, N_OFFSETS, dtype=torch.long)
        for column, pattern in enumerate(patterns):
            if pattern.of_sentences:
                if sentences is not None:  # by the last token of each text
                    texts = sentences.nonzero()[:, 0]
                    self.counted[texts, batch.real.long().cumsum(-1).argmax(-1)[texts], column] = True
                continue
            if pattern.targets is None:
                self.counted[:, :, column] = batch.n_allowed > 1
                if pattern.chance is not None:
                    self._chance[:, column] = pattern.chance * self.counted[:, :, column].sum(1)
                if pattern.sink_free:
                    self.possible[:, :, column] = batch.n_allowed - batch.sees_first.long() > 1
                continue
            if pattern.by_key:
                self._add_by_key(column, find_targets(pattern, batch), find_target_keys(pattern, batch))
                continue
            if pattern.within is not None:
                targets = find_targets(pattern, batch)
                self._add_within(column, targets, find_within(pattern, batch, targets))
                continue
            self._add(column, find_targets(pattern, batch))
            if null_batch is not None and not pattern.is_rival:
                self._add_shuffled(column, find_targets(pattern, null_batch))
            if pattern.contrast is not None and self.own[column].most:
                self.contrast[column] = find_contrast(pattern, batch)
                self._n_contrast[:, column] = _targets_excluding_sink(self.contrast[column]).sum(-1)

    def _add(self, column: int, targets: Targets) -> None:
        self.own[column] = targets
        self.counted[:, :, column] = targets.counts > 0
        self.possible[:, :, column] = targets.excluding_sink
        n_allowed, excluding_sink = targets.batch.n_allowed.clamp(min=1), _targets_excluding_sink(targets)
        n_besides = (n_allowed - targets.batch.sees_first.long()).clamp(min=1)
        self._chance[:, column] = (targets.counts / n_allowed).double().sum(-1)
        self._chance_off[column] = float((excluding_sink / n_besides).double().sum())
        self._n_targets[:, column] = excluding_sink.sum(-1)
        if targets.most:
            self._offset_hits[:, column] = targets.offset_hits(N_OFFSETS)

    def _add_by_key(self, column: int, targets: Targets, keys: Bool[Tensor, "batch key"]) -> None:
        n_targets, n_pairs = targets.counts.sum(-1), self._batch.real.sum(-1) * keys.sum(-1)
        self.by_key[column], self.target_keys[column] = targets, keys.float()
        self._n_by_key[:, column] = (n_targets > 0).long()
        self._chance[:, column] = n_targets / n_pairs.clamp(min=1)

    def _add_within(self, column: int, targets: Targets, within: Targets) -> None:
        self.by_key[column], self.within[column] = targets, within
        self._n_by_key[:, column] = (targets.counts.sum(-1) > 0).long()
        # Of attention that is spread evenly.
        even = [(own.counts / self._batch.n_allowed.clamp(min=1)).double().sum(-1) for own in (targets, within)]
        self._chance[:, column] = even[0] / even[1].clamp(min=1e-30)

    def _add_shuffled(self, column: int, targets: Targets) -> None:
        self._n_null[:, column] = (targets.counts > 0).sum(-1)
        if targets.same_as(self.own[column]):
            self.unmoved.append(column)
        else:
            self.shuffled[column] = targets

    def counts(
        self,
        n_distance: Int[Tensor, " distance"],
        n_far: Int[Tensor, " far_lag"],
        n_waking: Int[Tensor, "batch class"],
    ) -> BatchCounts:
        """The counts, with those of pairs by distance, of queries by far lag and by class."""
        n_patterns = self.counted.shape[2]
        shared = _spread_overlaps(self.own, n_patterns)
        without_first = {column: targets.without_first() for column, targets in self.own.items()}
        for targets in self.own.values():
            targets.forget_share()
        return BatchCounts(
            n_queries=self.counted.sum(1) + self._n_by_key,
            n_possible=self.possible.sum(1),
            n_null=self._n_null,
            n_targets=self._n_targets,
            n_contrast=self._n_contrast,
            n_waking=n_waking,
            n_rows=int(self._batch.real.sum()),
            chance_off=self._chance_off,
            chance=self._chance,
            offset_hits=self._offset_hits,
            overlaps=shared,
            overlaps_off=_spread_overlaps(without_first, n_patterns)[:, :-1],
            n_distance=n_distance,
            n_far=n_far,
        )


def _targets_excluding_sink(targets: Targets) -> Int[Tensor, "batch query"]:
    """How many targets each query has besides the first position."""
    return targets.counts - targets.on_first.long()


def _spread_overlaps(targets: Mapping[int, Targets], n_patterns: int) -> Float64[np.ndarray, "pattern other"]:
    """The overlaps of the patterns in some columns, 0 for the others."""
    with_targets = {column: own for column, own in targets.items() if own.most}
    shared = np.zeros((n_patterns, n_patterns + 1))
    shared[np.ix_(list(with_targets), [*with_targets, n_patterns])] = overlaps(list(with_targets.values()))
    return shared
