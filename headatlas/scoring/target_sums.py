"""The attention on the targets of all patterns, summed block by block, each form of targets in its own way."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from jaxtyping import Float
from torch import Tensor

from headatlas.inputs.block import Block
from headatlas.scoring.forms.base import BlockRows, Targets


class TargetSums:
    """The targets of several patterns on one batch, in a group for each form; made once a batch, used for all layers.

    Patterns without targets cost nothing. `columns` says which of the given targets each column of the sums is of.
    """

    def __init__(self, targets: Sequence[Targets], device: torch.device | str) -> None:
        forms: dict[type[Targets], list[int]] = {}
        for number, own in enumerate(targets):
            if own.most:
                forms.setdefault(type(own), []).append(number)
        self.columns = [number for numbers in forms.values() for number in numbers]
        self.groups = [form.group([targets[number] for number in numbers], device) for form, numbers in forms.items()]


class TargetAccumulator:
    """The attention of one layer on all targets, summed while its blocks are added.

    `weights` [batch, head, weighting, query] are what rows are multiplied by before they are summed. The first
    weighting is of full rows, all others are of rows without the first position; queries of padding have the weight 0.
    The weights of a block's queries have to be known when the block is added.
    """

    def __init__(self, targets: TargetSums, weights: Float[Tensor, "batch head weighting query"]) -> None:
        self._weights = weights
        self._accumulators = [group.accumulator(weights) for group in targets.groups]

    def add(self, attention: Float[Tensor, "batch head query key"], block: Block) -> BlockRows:
        """Adds a block; keys behind the last that any of its queries may attend to may be missing."""
        rows = BlockRows(attention, self._weights[block.rows, :, :, block.queries], block)
        for accumulator in self._accumulators:
            accumulator.add(rows)
        return rows

    def sums(self) -> Float[Tensor, "batch head weighting column"]:
        """The sums over all queries, in the order of `TargetSums.columns`."""
        if not self._accumulators:
            return self._weights.new_zeros(*self._weights.shape[:3], 0)
        return torch.cat([accumulator.sums() for accumulator in self._accumulators], -1)
