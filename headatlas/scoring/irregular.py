"""What of a head's attention on nearby keys goes there for another reason than that they are near.

A head that looks at the latest capital looks nearby most of the time, and yet has no such habit. A habit spends the
same share on each distance whatever the query says: what a query spends on a distance beyond that share is irregular.
The sum of it is the control of patterns that are habits of looking nearby. What is left is how far the attention of the
head and of the habit overlap (the overlapping coefficient of Weitzman 1970).
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from headatlas.inputs.block import Block
from headatlas.inputs.pair_batch import Batch
from headatlas.patterns.definition import MAX_REACH, Pattern
from headatlas.patterns.families import Control
from headatlas.scoring.distances import Distances

EPSILON = 1e-9


class Irregular:
    """The irregular attention of patterns that are habits of looking nearby; made once a batch, used for all layers.

    `n_kept` is the number of distances that are kept query by query: up to `MAX_REACH` back and, where attention may
    look ahead, as many ahead; 0 where no pattern asks for it.
    """

    def __init__(
        self,
        batch: Batch,
        patterns: Sequence[Pattern],
        possible: Bool[Tensor, "batch query pattern"],
        distances: Distances,
    ) -> None:
        self._columns = [column for column, pattern in enumerate(patterns) if pattern.control is Control.IRREGULAR]
        self._possible, self._distances = possible, distances
        device = possible.device
        back = torch.arange(MAX_REACH, -1 if batch.causal else -MAX_REACH - 1, -1)
        kept = [
            back == patterns[column].offset if patterns[column].offset else back.abs() <= patterns[column].reach
            for column in self._columns
        ]
        # As numbers, not as truth values, of which a device would have to say how many are true.
        self._kept: list[Int[Tensor, " kept"]] = [own.nonzero()[:, 0].to(device) for own in kept]
        self.n_kept = len(back) if self._columns else 0
        # Keys besides the first position.
        self._excluding_sink: Bool[Tensor, "query distance"] = (torch.arange(batch.shape[1])[:, None] - back > 0).to(
            device
        )

    def near(
        self, attention: Float[Tensor, "batch head query key"], block: Block
    ) -> Float[Tensor, "batch head query distance"]:
        """A block's attention at each kept distance, query by query, from the farthest key back on."""
        start = self._distances.n_back - MAX_REACH
        return self._distances.by_distance(attention, block)[..., start : start + self.n_kept]

    def __call__(
        self, near: Float[Tensor, "batch head query distance"], off: Float[Tensor, "batch head query"], n_columns: int
    ) -> Float[Tensor, "head column"]:
        """Summed over the queries of all sequences, for one layer; `off` is each query's attention off the sink.

        Columns of other patterns are 0.
        """
        sums = off.new_zeros(off.shape[1], n_columns)
        for column, kept in zip(self._columns, self._kept, strict=True):
            counts = self._possible[:, None, :, column]
            own = near[..., kept] * (counts[..., None] * self._excluding_sink[:, kept])
            in_all = off * counts
            habit = own.sum((0, 2)) / in_all.sum((0, 2)).clamp(min=EPSILON)[:, None]
            sums[:, column] = (own - in_all[..., None] * habit[:, None]).clamp_(min=0).sum((0, 2, 3))
        return sums
