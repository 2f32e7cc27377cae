"""Where the sums over targets, form by form, belong among the columns of patterns."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from jaxtyping import Float, Int
from torch import Tensor

from headatlas.scoring.batch_targets import BatchTargets


class PatternColumns:
    """Which pattern each column of the sums over targets is of, as indices on the device.

    `columns` are those of `TargetSums`, in which a batch's own targets come first, then those of its shuffled tokens,
    the wrong ones, those that are read along keys or within others, and these others. `within` are patterns of the
    latter.
    """

    def __init__(self, columns: Sequence[int], targets: BatchTargets, device: torch.device) -> None:
        own, shuffled, contrast = list(targets.own), list(targets.shuffled), list(targets.contrast)
        pattern_of = [*own, *shuffled, *contrast, *targets.by_key, *targets.within]
        first_contrast, first_by_key = len(own) + len(shuffled), len(own) + len(shuffled) + len(contrast)
        first_within = first_by_key + len(targets.by_key)

        def index(numbers: Sequence[int]) -> Int[Tensor, " column"]:
            return torch.tensor(numbers, dtype=torch.long, device=device)

        from_own = [i for i, number in enumerate(columns) if number < len(own)]
        from_shuffled = [i for i, number in enumerate(columns) if 0 <= number - len(own) < len(shuffled)]
        from_contrast = [i for i, number in enumerate(columns) if first_contrast <= number < first_by_key]
        from_by_key = [i for i, number in enumerate(columns) if first_by_key <= number < first_within]
        from_within = [i for i, number in enumerate(columns) if number >= first_within]
        self._within = index(from_within), index([pattern_of[columns[i]] for i in from_within])
        self.within = self._within[1]
        self._by_key = index(from_by_key), index([pattern_of[columns[i]] for i in from_by_key])
        self._own = index(from_own), index([pattern_of[columns[i]] for i in from_own])
        self._shuffled = index(from_shuffled), index([pattern_of[columns[i]] for i in from_shuffled])
        self._contrast = index(from_contrast), index([pattern_of[columns[i]] for i in from_contrast])
        self._unmoved = index(targets.unmoved)

    def spread_within(
        self, sums: Float[Tensor, "batch head column"], within: Float[Tensor, "batch head pattern"]
    ) -> None:
        """Writes the sums over the keys within which patterns are read into the columns of these."""
        within[:, :, self._within[1]] = sums[:, :, self._within[0]]

    def spread(
        self,
        sums: Float[Tensor, "batch head column"],
        scores: Float[Tensor, "batch head pattern"],
        null: Float[Tensor, "batch head pattern"] | None = None,
        contrast: Float[Tensor, "batch head pattern"] | None = None,
    ) -> None:
        """Writes sums into the columns of their patterns: `scores`, those of shuffled tokens, those of wrong ones.

        Where shuffling moves no target, the score is the same among shuffled tokens. Targets that are read along keys
        have a score of all attention alone.
        """
        scores[:, :, self._own[1]] = sums[:, :, self._own[0]]
        if null is not None:
            scores[:, :, self._by_key[1]] = sums[:, :, self._by_key[0]]
            null[:, :, self._shuffled[1]] = sums[:, :, self._shuffled[0]]
            null[:, :, self._unmoved] = scores[:, :, self._unmoved]
        if contrast is not None:
            contrast[:, :, self._contrast[1]] = sums[:, :, self._contrast[0]]
