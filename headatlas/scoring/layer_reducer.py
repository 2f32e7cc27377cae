"""Rows of attention reduced to numbers: the only code that touches a layer's attention, once, and lets it go."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from headatlas.inputs.block import Block
from headatlas.inputs.pair_batch import Batch
from headatlas.inputs.token_batch import TokenBatch
from headatlas.patterns.definition import MAX_REACH, Pattern
from headatlas.patterns.rows import Rows, RowSums
from headatlas.scoring.batch_targets import BatchTargets
from headatlas.scoring.binding import Binding
from headatlas.scoring.blocks import blocks
from headatlas.scoring.controls import Controls
from headatlas.scoring.distances import Distances
from headatlas.scoring.early_sinks import EarlySinks, SharedSinks
from headatlas.scoring.far_lags import FarLags
from headatlas.scoring.irregular import Irregular
from headatlas.scoring.layer_sums import LayerSums
from headatlas.scoring.line_finder import LineFinder
from headatlas.scoring.pattern_columns import PatternColumns
from headatlas.scoring.picture_sinks import N_GROUPS, PictureSinks
from headatlas.scoring.query_classes import query_classes
from headatlas.scoring.row_statistics import RowStatistics
from headatlas.scoring.row_sums import row_sums
from headatlas.scoring.sentences import LaterSentences
from headatlas.scoring.sink_sums import OtherSinks
from headatlas.scoring.tally import N_DISTANCES
from headatlas.scoring.target_sums import TargetAccumulator, TargetSums

# With more than this share of its attention on the first position, the rest of a row is rounding noise.
SINK_DOMINATED = 0.99
# What is divided by is at least this much.
EPSILON = 1e-30
# A query with more than this share of its attention off the first position is one on which the head is awake.
AWAKE = 0.2


class RowReducer:
    """Scores every pattern for one batch; made once a batch and used for all layers of one kind of attention.

    `null_batch` is the same sequences with their tokens shuffled, `classes` the names of classes of queries (see
    `query_classes`), `lines` what looks for queries to be read. `counts` are the patterns' counts of queries, chance
    and overlaps, which need no attention.
    """

    def __init__(
        self,
        batch: Batch,
        patterns: Sequence[Pattern],
        device: torch.device | str = "cpu",
        null_batch: Batch | None = None,
        classes: Sequence[str] = (),
        lines: LineFinder | None = None,
    ) -> None:
        self.lines = lines
        self.patterns = tuple(patterns)
        self.device = torch.device(device)
        self.shape = batch.shape
        self._causal = batch.causal
        self.later = LaterSentences(batch, self.device, wanted=any(pattern.of_sentences for pattern in patterns))
        targets = BatchTargets(patterns, batch, null_batch, self.later.texts)
        self.distances = Distances(batch, self.device)
        self.far_lags = FarLags(batch)
        in_classes = _classes(batch, classes)
        self.classes: Float[Tensor, "batch query class"] = in_classes.float().to(self.device)
        self.counts = targets.counts(self.distances.counts, self.far_lags.counts, in_classes.sum(1))
        labelled = {column: own for column, own in targets.own.items() if not patterns[column].is_rival}
        self.controls = Controls(
            batch, labelled, {column: patterns[column].control for column in labelled}, self.device
        )
        self.statistics = RowStatistics(patterns, batch, targets.counted, targets.possible, self.device)
        self.targets = TargetSums(
            [
                *targets.own.values(),
                *targets.shuffled.values(),
                *targets.contrast.values(),
                *targets.by_key.values(),
                *targets.within.values(),
            ],
            self.device,
        )
        self.target_keys = {column: keys.to(self.device) for column, keys in targets.target_keys.items()}
        self.columns = PatternColumns(self.targets.columns, targets, self.device)
        self.real: Float[Tensor, "batch query"] = batch.real.float().to(self.device)
        self._any_real = batch.real
        self.possible: Bool[Tensor, "batch query pattern"] = targets.possible.to(self.device)
        self.other_sinks = OtherSinks(batch, self.device)
        off_sink = {**targets.own, **{len(patterns) + column: own for column, own in targets.contrast.items()}}
        off_sink = {column: own for column, own in off_sink.items() if own.most}
        self.early_sinks = EarlySinks(batch, self.other_sinks, list(off_sink.values()), self.device)
        # Of sums off the sink and then of contrasts, those that early sinks are taken out of.
        self.off_sink_columns = torch.tensor(list(off_sink), dtype=torch.long, device=self.device)
        self.picture_sinks = PictureSinks(batch, self.device)
        self.binding = Binding(batch, self.device)
        self.irregular = Irregular(batch, patterns, self.possible, self.distances)
        # What a query may have on the first position at most; queries of padding are never counted.
        self.most_on_first = torch.where(batch.real, SINK_DOMINATED, -1.0)[:, None].to(self.device)

    def counts_any(self, block: Block) -> bool:
        """Whether any of a block's queries counts: of 1,500 frames of a sound nine in ten may be padding."""
        return bool(self._any_real[block.rows, block.queries].any())

    def blocks(self, n_heads: int) -> Iterator[Block]:
        """The blocks in which a layer's attention can be added."""
        return blocks(self.shape, n_heads, causal=self._causal, device=self.device)

    def __call__(
        self,
        attention: Float[Tensor, "batch head query key"],
        value_norms: Float[Tensor, "batch head key"] | None = None,
    ) -> LayerSums:
        """Sums over the counted queries of each sequence.

        With `value_norms` the attention is also weighted by the norm of each key's value vector and
        renormalised (Kobayashi et al. 2020, arXiv:2004.10102; Feucht et al. 2025).
        """
        layer = LayerAccumulator(self, attention.shape[1])
        for block in self.blocks(attention.shape[1]):
            part = attention[block.rows, :, block.queries, : block.n_keys]
            norms = None if value_norms is None else value_norms[block.rows, :, : block.n_keys]
            layer.add(block, part, norms)
        return layer.sums()


class LayerAccumulator:
    """One layer while its blocks are added: what is summed over keys alone is kept query by query.

    Everything made of such numbers is made once a layer; a block costs little more than the reading of its weights.
    `n_left` counts the queries that have not been added yet.
    """

    def __init__(self, reducer: RowReducer, n_heads: int) -> None:
        n_sequences, n_queries, _ = reducer.shape
        shape, real = (n_sequences, n_heads, n_queries), reducer.real
        self.n_left = n_sequences * n_queries
        self._reducer = reducer
        # Of full rows, of rows without the first position renormalised (known when the rows are), and of what full
        # rows have off the first position.
        self._weights = real.new_zeros(n_sequences, n_heads, 3, n_queries)
        self._weights[:, :, ::2] = real[:, None, None]
        self._on_keys = real.new_zeros(n_sequences, n_heads, reducer.shape[2])
        n_groups = reducer.controls.asking.shape[1]
        self._on_keys_asking = real.new_zeros(n_sequences, n_heads, n_groups, reducer.shape[2])
        n_turns = N_GROUPS if reducer.picture_sinks else 0
        self._on_keys_of_words = real.new_zeros(n_sequences, n_heads, n_turns, reducer.shape[2])
        self._maps_of_words = real.new_zeros(n_sequences, n_heads, reducer.binding.n_words, n_queries)
        self._from_later = reducer.later.sums(n_heads)
        # Of all attention, that on the first key included, which `_on_keys` leaves out.
        self._on_target_keys = {column: real.new_zeros(n_sequences, n_heads) for column in reducer.target_keys}
        # The sums of `RowSums`, of which two are needed in any case, and statistics of full rows.
        self._row_sums = real.new_zeros(len(RowSums._fields) if reducer.statistics else 2, *shape)
        self._of_full_rows = real.new_zeros(len(reducer.statistics.of_full_rows), *shape)
        self._distance = real.new_zeros(n_sequences, n_heads, 1, reducer.distances.n_kept)
        self._far = real.new_zeros(n_sequences, n_heads, 1, reducer.far_lags.n_lags)
        self._near = real.new_zeros(*shape, reducer.irregular.n_kept)
        self._early = reducer.early_sinks.sums(n_heads)
        self._on_targets = TargetAccumulator(reducer.targets, self._weights)
        self._value_weighted: TargetAccumulator | None = None
        self._output_norms: Float[Tensor, "batch head query"] | None = None
        self._lines = None if reducer.lines is None else reducer.lines.accumulator(n_heads)

    def add(
        self,
        block: Block,
        attention: Float[Tensor, "batch head query key"],
        value_norms: Float[Tensor, "batch head key"] | None = None,
        scores: Float[Tensor, "batch head query key"] | None = None,
    ) -> None:
        """Adds the attention of one block; see `row_sums` for `scores`."""
        reducer, at, queries = self._reducer, block.rows, block.queries
        # A model may be spread over devices; sums are those of float32 whatever the model computes in.
        attention = attention.to(reducer.device, torch.float32)
        if scores is not None:
            scores = scores.to(reducer.device)
        self.n_left -= attention.shape[0] * attention.shape[2]
        if not reducer.counts_any(block):
            return
        on_first, excluding_sink = attention[..., 0], attention[..., 1:].sum(-1)
        if self._lines is not None:
            self._lines.add(attention, excluding_sink, block)
        # A row that is nothing but noise without its sink is left out, by scaling it to nothing.
        beyond_sink = on_first <= reducer.most_on_first[at, :, queries]
        share_of_rest = self._weights[at, :, 1, queries]
        torch.div(beyond_sink, excluding_sink.clamp(min=EPSILON), out=share_of_rest)
        rows = self._on_targets.add(attention, block)
        self._on_keys[at, :, : attention.shape[3]] += rows.on_keys[:, :, 2]
        asking = reducer.controls.asking[at, None, :, queries]
        self._on_keys_asking[at, :, :, 1 : attention.shape[3]] += (asking @ attention)[..., 1:]
        if reducer.picture_sinks:
            self._on_keys_of_words[at, :, :, : attention.shape[3]] += reducer.picture_sinks.on_keys(attention, block)
        if reducer.binding:
            self._maps_of_words[at, :, :, queries] = reducer.binding.maps(attention, block)
        if reducer.later:
            reducer.later.add(self._from_later, attention, block)
        for column, keys in reducer.target_keys.items():
            seen = attention @ keys[at, None, : attention.shape[3], None]
            self._on_target_keys[column][at] += (seen[..., 0] * reducer.real[at, None, queries]).sum(-1)
        if value_norms is not None:
            self._add_value_weighted(block, attention, value_norms)
        if reducer.statistics:
            self._add_statistics(block, attention, excluding_sink, share_of_rest, scores)
        else:
            torch.stack([on_first, excluding_sink], out=self._row_sums[:, at, :, queries])
        # Padded queries count for nothing.
        weights = self._weights[at, :, :1, queries]
        self._distance[at] += reducer.distances.sums(attention, weights, block)
        reducer.far_lags.add(self._far[at], attention, weights, block)
        reducer.early_sinks.add(self._early, attention, block)
        if reducer.irregular.n_kept:
            self._near[at, :, queries] = reducer.irregular.near(attention, block)

    def add_outputs(self, norms: Float[Tensor, "batch head query"]) -> None:
        """Takes the norms of the outputs of all its heads, before its sums are asked for."""
        self._output_norms = norms.to(self._reducer.device, torch.float32)

    @property
    def has_outputs(self) -> bool:
        """Whether these norms are there."""
        return self._output_norms is not None

    def _add_value_weighted(
        self,
        block: Block,
        attention: Float[Tensor, "batch head query key"],
        value_norms: Float[Tensor, "batch head key"],
    ) -> None:
        weighted = attention * value_norms[:, :, None].to(attention)
        weighted /= weighted.sum(-1, keepdim=True).clamp(min=EPSILON)
        if self._value_weighted is None:
            self._value_weighted = TargetAccumulator(self._reducer.targets, self._weights[:, :, :1])
        self._value_weighted.add(weighted, block)

    def _add_statistics(
        self,
        block: Block,
        attention: Float[Tensor, "batch head query key"],
        excluding_sink: Float[Tensor, "batch head query"],
        share_of_rest: Float[Tensor, "batch head query"],
        scores: Float[Tensor, "batch head query key"] | None,
    ) -> None:
        statistics, at, queries = self._reducer.statistics, block.rows, block.queries
        n_keys, n_besides = statistics.n_keys(at, queries), statistics.n_keys_excluding_sink(at, queries)
        distance = self._reducer.distances.between(block, attention.shape[3])
        sums = row_sums(attention, excluding_sink, n_keys, n_besides, distance, scores)
        if statistics.of_full_rows:
            rows = Rows(sums, n_keys, distance[:, 0], attention)
            values = statistics.values(statistics.of_full_rows, rows, n_besides, share_of_rest)
            torch.stack(values, out=self._of_full_rows[:, at, :, queries])
        torch.stack(sums, out=self._row_sums[:, at, :, queries])

    def sums(self) -> LayerSums:
        """The layer's sums when all of its blocks have been added."""
        assert not self.n_left, "some blocks of the layer have not been added"
        reducer = self._reducer
        on_first, excluding_sink = self._row_sums[:2]
        beyond_sink = (on_first <= reducer.most_on_first) & (excluding_sink > 0)
        on_targets = self._on_targets.sums()
        scores, sink_free, null, off_and_contrast = self._by_pattern(on_targets)
        off_sink, contrast = off_and_contrast.chunk(2, -1)
        value_weighted = None
        if self._value_weighted is not None:
            value_weighted = torch.zeros_like(scores)
            reducer.columns.spread(self._value_weighted.sums()[:, :, 0], value_weighted)
        if reducer.statistics:
            self._put_statistics(scores, sink_free, beyond_sink)
        distance = on_targets.new_zeros(on_targets.shape[1], len(reducer.counts.n_distance))
        distance[:, reducer.distances.kept] = self._distance[:, :, 0].flip(-1).sum(0)
        off = excluding_sink * reducer.real[:, None]
        rows_off, other_sinks = off.sum((0, 2)), reducer.other_sinks(self._on_keys)
        lines = None if self._lines is None else self._lines.lines(reducer.other_sinks.keys(self._on_keys))
        near = self._without_first(distance)
        sinks = reducer.early_sinks.find(self._early, self._on_keys)
        # Nothing below needs them, and controls hold as much again: of a text of 32,768 tokens, a hundred megabytes.
        del self._early, self._on_targets
        if sinks is not None:
            self._leave_out(sinks, off, near, off_and_contrast)
        control = reducer.controls(
            off, self._on_keys, self._on_keys_asking, near, len(reducer.patterns), None if sinks is None else sinks.keys
        )
        if reducer.irregular.n_kept:
            control += reducer.irregular(self._near, off, len(reducer.patterns))
        possible = reducer.possible.float()  # kept as truth values, in a fourth of the memory
        return LayerSums(
            scores=scores,
            sink_free=sink_free,
            n_sink_free=beyond_sink.float() @ possible,
            null=null,
            value_weighted=value_weighted,
            off_sink=off_sink,
            off_mass=off @ possible,
            awake=(off > AWAKE).float() @ possible,
            contrast=contrast,
            waking=off @ reducer.classes,
            control=control,
            rows_off=rows_off,
            other_sinks=other_sinks,
            distance=distance,
            far=reducer.far_lags.without_first(self._far, on_first * reducer.real[:, None]),
            lines=lines,
        )

    def _by_pattern(
        self, on_targets: Float[Tensor, "batch head 3 column"]
    ) -> tuple[
        Float[Tensor, "batch head pattern"],
        Float[Tensor, "batch head pattern"],
        Float[Tensor, "batch head pattern"],
        Float[Tensor, "batch head twice"],
    ]:
        """Sums on targets by pattern: scores, sink-free ones, those of shuffled tokens; off the sink and of contrasts.

        The last is one tensor, of which the first half is off the sink.
        """
        columns, n_patterns = self._reducer.columns, len(self._reducer.patterns)
        scores, sink_free, null, within = on_targets.new_zeros(4, *on_targets.shape[:2], n_patterns)
        columns.spread(on_targets[:, :, 0], scores, null)
        for column, in_all in self._on_target_keys.items():
            scores[:, :, column] /= in_all.clamp(min=EPSILON)
        columns.spread_within(on_targets[:, :, 0], within)
        scores[:, :, columns.within] /= within[:, :, columns.within].clamp(min=EPSILON)
        columns.spread(on_targets[:, :, 1], sink_free)
        off_and_contrast = on_targets.new_zeros(*on_targets.shape[:2], 2 * n_patterns)
        off_sink, contrast = off_and_contrast.chunk(2, -1)
        columns.spread(on_targets[:, :, 2], off_sink, contrast=contrast)
        return scores, sink_free, null, off_and_contrast

    def _put_statistics(
        self,
        scores: Float[Tensor, "batch head pattern"],
        sink_free: Float[Tensor, "batch head pattern"],
        beyond_sink: Bool[Tensor, "batch head query"],
    ) -> None:
        """Writes the row statistics into the columns of their patterns."""
        reducer = self._reducer
        sums = reducer.statistics.sums(
            RowSums(*self._row_sums), self._of_full_rows, reducer.distances.to_first, self._weights[:, :, 1],
            beyond_sink, self._output_norms, self._mean_on_keys(),
            reducer.picture_sinks(self._on_keys_of_words) if reducer.picture_sinks else None,
            reducer.binding(self._maps_of_words) if reducer.binding else None,
            reducer.later.kurtosis(self._from_later, reducer.other_sinks.keys(self._on_keys))
            if reducer.later
            else None,
        )  # fmt: skip
        for (column, of_sink_free), own in zip(reducer.statistics.variants, sums, strict=True):
            (sink_free if of_sink_free else scores)[:, :, column] = own

    def _leave_out(
        self,
        sinks: SharedSinks,
        off: Float[Tensor, "batch head query"],
        near: Float[Tensor, "head distance"],
        off_and_contrast: Float[Tensor, "batch head column"],
    ) -> None:
        """Takes what is on early sinks out of everything that is summed off the sink."""
        columns = self._reducer.off_sink_columns
        left = off_and_contrast[:, :, columns] - sinks.on_targets(len(off))
        off_and_contrast[:, :, columns] = left.clamp_(min=0)
        sinks.take_from_queries(off)
        sinks.take_from_distances(near)
        sinks.clear_keys(self._on_keys)
        sinks.clear_keys(self._on_keys_asking)
        if self._reducer.irregular.n_kept:
            sinks.clear_nearby(self._near, MAX_REACH)

    def _mean_on_keys(self) -> Float[Tensor, "batch head key"]:
        """The mean row of each sequence."""
        real = self._reducer.real[:, None]
        on_keys = self._on_keys.clone()
        on_keys[:, :, 0] = (self._row_sums[0] * real).sum(-1)
        return on_keys / real.sum(-1, keepdim=True).clamp(min=1)

    def _without_first(self, distance: Float[Tensor, "head distance"]) -> Float[Tensor, "head distance"]:
        """Attention by distance without that on the first position, which lies as far back as the query's number."""
        on_first = (self._row_sums[0] * self._reducer.real[:, None]).sum(0)[:, :N_DISTANCES]
        without = distance.clone()
        centre = N_DISTANCES - 1
        without[:, centre : centre + on_first.shape[1]] -= on_first
        return without.clamp(min=0)


def _classes(batch: Batch, names: Sequence[str]) -> Bool[Tensor, "batch query class"]:
    if not isinstance(batch, TokenBatch) or not names:
        return torch.zeros(*batch.shape[:2], 0, dtype=torch.bool)
    return query_classes(batch, names)
