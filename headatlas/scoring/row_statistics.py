"""Row statistics of a layer: their sums over queries, of full rows and of rows without the first position."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from headatlas.inputs.pair_batch import Batch
from headatlas.patterns.definition import Pattern
from headatlas.patterns.lookup import names_plugin
from headatlas.patterns.rows import Rows, RowSums, SinkFreeRows

# The column of a statistic, and whether it is of rows without the first position.
Variant = tuple[int, bool]


class RowStatistics:
    """The statistics among some patterns on one batch; made once a batch, used for all layers.

    `of_sums` are made of sums over keys, once a layer; `of_full_rows` of the rows themselves, block by block.
    """

    def __init__(
        self,
        patterns: Sequence[Pattern],
        batch: Batch,
        counted: Bool[Tensor, "batch query pattern"],
        possible: Bool[Tensor, "batch query pattern"],
        device: torch.device,
    ) -> None:
        self._statistics = {i: own.statistic for i, own in enumerate(patterns) if own.statistic is not None}
        self._names = [own.name for own in patterns]
        self._of_outputs = [own.of_outputs for own in patterns]
        variants: list[Variant] = [(i, False) for i in self._statistics]
        variants += [(i, True) for i in self._statistics if patterns[i].sink_free]
        self.of_sums = [variant for variant in variants if not patterns[variant[0]].full_rows]
        self.of_full_rows = [variant for variant in variants if patterns[variant[0]].full_rows]
        self.variants = [*self.of_sums, *self.of_full_rows]
        masks = [(possible if sink_free else counted)[:, None, :, column] for column, sink_free in self.variants]
        n_sequences, n_queries, _ = batch.shape
        self._counted = (
            torch.stack(masks) if masks else torch.zeros(0, n_sequences, 1, n_queries, dtype=torch.bool)
        ).to(device)
        full = torch.tensor([not sink_free for _, sink_free in self.variants], dtype=torch.bool, device=device)
        self._of_full = full[:, None, None, None]
        self._n_keys = batch.n_allowed[:, None].float().to(device)
        self._n_besides = (batch.n_allowed - batch.sees_first.long())[:, None].float().to(device)

    def __bool__(self) -> bool:
        """Whether there are any."""
        return bool(self.variants)

    def n_keys(self, at: slice = slice(None), queries: slice = slice(None)) -> Float[Tensor, "batch 1 query"]:
        """How many keys some queries may attend to."""
        return self._n_keys[at, :, queries]

    def n_keys_excluding_sink(
        self, at: slice = slice(None), queries: slice = slice(None)
    ) -> Float[Tensor, "batch 1 query"]:
        """How many of these are not the first position."""
        return self._n_besides[at, :, queries]

    def values(
        self,
        variants: Sequence[Variant],
        rows: Rows,
        n_keys_excluding_sink: Float[Tensor, "batch 1 query"],
        share_of_rest: Float[Tensor, "batch head query"],
    ) -> list[Float[Tensor, "batch head query"]]:
        """The statistics of some rows, which are multiplied by `share_of_rest` where the first position is left out.

        Those of the heads' outputs are not numbers where these are not known.
        """
        sink_free_rows = rows
        if any(sink_free for _, sink_free in variants):
            sink_free_rows = SinkFreeRows(rows, n_keys_excluding_sink, share_of_rest)
        values = []
        for column, sink_free in variants:
            if self._of_outputs[column] and not rows.has_outputs:
                values.append(torch.full_like(rows.on_first, torch.nan))
                continue
            with names_plugin(self._names[column]):
                values.append(self._statistics[column](sink_free_rows if sink_free else rows))
        return values

    def sums(
        self,
        row_sums: RowSums,
        of_full_rows: Float[Tensor, "of_full_rows batch head query"],
        to_first: Float[Tensor, " query"],
        share_of_rest: Float[Tensor, "batch head query"],
        beyond_sink: Bool[Tensor, "batch head query"],
        output_norms: Float[Tensor, "batch head query"] | None = None,
        mean_on_keys: Float[Tensor, "batch head key"] | None = None,
        on_picture_sinks: Float[Tensor, "batch head"] | None = None,
        binding: Float[Tensor, "batch head"] | None = None,
        sentence_kurtosis: Float[Tensor, "batch head"] | None = None,
    ) -> Float[Tensor, "statistic batch head"]:
        """Sums over the counted queries, in the order of `variants`; sink-free ones over the `beyond_sink` queries."""
        rows = Rows(
            row_sums, self.n_keys(), to_first, output_norms=output_norms, mean_on_keys=mean_on_keys,
            on_picture_sinks=on_picture_sinks, binding=binding, sentence_kurtosis=sentence_kurtosis,
        )  # fmt: skip
        values = self.values(self.of_sums, rows, self.n_keys_excluding_sink(), share_of_rest)
        stacked = torch.cat([torch.stack(values), of_full_rows]) if values else of_full_rows
        return stacked.where(self._counted & (beyond_sink | self._of_full), 0).sum(-1)
