"""Ablations and direct attribution on one probe, in parts that can be cut off and taken up.

Screening removes every head on a share of the prompts. The second stage goes through the rest, and removes only heads
that may matter: those whose effect was among the largest, and those with a label that is tested on this probe.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from functools import cached_property, partial

import numpy as np
from jaxtyping import Bool, Float64, Int64
from scipy import stats

from headatlas.evidence import ablation
from headatlas.evidence.attribution import direct_logits
from headatlas.evidence.passes import Clean, NotAvailable, Passes, PromptBatch
from headatlas.evidence.store import Arrays, Row
from headatlas.evidence.types import HELD_OUT
from headatlas.evidence.weights import ModelWeights
from headatlas.models.load import Model
from headatlas.probes import Probe
from headatlas.probes.metrics import Metric, Prompt
from headatlas.scoring.scores import bootstrap_interval
from headatlas.store.job import Part

# The share of the prompts on which every head is removed, and the fewest of them.
SCREENING_FRACTION = 1 / 3
SCREENING_MINIMUM = 3
# The share of the heads that are removed on the other prompts too.
SECOND_STAGE_FRACTION = 1 / 8

# A piece of the work; its cost is in tokens through one block, about.
EvidencePart = Part[str, Arrays]


class OnProbe:
    """The prompts of one probe, and the passes over them; clean passes are kept while their layers are worked on.

    Args:
        model: the model.
        layers: number of heads by layer.
        weights: the model's weights.
        probe: the probe.
        metric: how it is scored.
        prompts: its prompts.
        expected: heads, as (layer, head), to be removed on all prompts whatever screening finds.
        stored: gives a part's numbers by its name, once it was computed.
    """

    def __init__(
        self,
        model: Model,
        layers: Mapping[int, int],
        weights: ModelWeights,
        probe: Probe,
        metric: Metric,
        prompts: Sequence[Prompt],
        expected: Collection[tuple[int, int]],
        stored: Callable[[str], Arrays],
    ) -> None:
        self.model = model
        self.layers = layers
        self.weights = weights
        self.probe = probe
        self.metric = metric
        self.expected = expected
        self.stored = stored
        first, rest = split(len(prompts))
        self.prompts = [prompts[index] for index in (*first, *rest)]
        self.n_first = len(first)

    def parts(self) -> Iterator[EvidencePart]:
        """What there is to do, in order: later parts read earlier ones."""
        n_blocks = len(self.model.bridge.blocks)
        tokens = [batch.tokens.numel() for batch in self.batches]
        name = self.probe.name
        yield Part(f"{name}/clean", sum(tokens) * n_blocks, self._clean_part)
        for layer, n_heads in self.layers.items():
            yield Part(f"{name}/L{layer}", n_heads * tokens[0] * (n_blocks - layer), partial(self._screening, layer))
        if len(tokens) > 1:
            yield Part(f"{name}/second stage", 0, self._selection)
            for layer, n_heads in self.layers.items():
                cost = round(n_heads * SECOND_STAGE_FRACTION) * tokens[1] * (n_blocks - layer)
                yield Part(f"{name}/rest/L{layer}", cost, partial(self._second_stage, layer))

    def rows(self, heads: Sequence[int], probe: int, seed: int) -> Iterator[Row]:
        """A row for each head and type of evidence, from the stored parts.

        `heads` and `probe` are numbers in the database.
        """
        clean = self.stored(f"{self.probe.name}/clean")
        counts = np.concatenate([ablation.counts(batch) for batch in self.batches])
        by_type: dict[str, Float64[np.ndarray, "prompt head"]] = {}
        sums = self._sums()
        if sums is not None and "readings" in clean:
            by_type = {type_: sums[:, :, column] for column, type_ in enumerate(self.metric.types)}
            yield from self._held_out(heads, probe, seed, sums[:, :, 0], counts)
        if "direct" in clean:
            by_type["direct_logit"] = clean["direct"]
        for type_, effects in by_type.items():
            measured = ~np.isnan(effects)
            values = np.nansum(effects, 0) / (measured * counts[:, None]).sum(0)
            ranks = percentiles(values)
            # Heads of the second stage have all prompts, the others those of the screening.
            for used in np.unique(measured, axis=1).T:
                indices = np.flatnonzero((measured == used[:, None]).all(0))
                low, high = bootstrap_interval(effects[np.ix_(used, indices)][:, :, None], counts[used, None], seed)
                intact = None
                if type_ in self.metric.types:
                    readings = clean["readings"][used, self.metric.types.index(type_)]
                    intact = _intact(type_, readings.sum() / counts[used].sum())
                for row, head in enumerate(indices.tolist()):
                    yield Row(
                        heads[head], type_, probe, values[head], low[row, 0], high[row, 0], ranks[head], intact,
                        int(counts[used].sum()), int(used.sum()),
                    )  # fmt: skip

    def _held_out(
        self, heads: Sequence[int], probe: int, seed: int, effects: Float64[np.ndarray, "prompt head"],
        counts: Int64[np.ndarray, " prompt"],
    ) -> Iterator[Row]:  # fmt: skip
        """The first measure's effects on the prompts of the second stage alone, which did not choose the heads."""
        rest, counted = effects[self.n_first :], counts[self.n_first :]
        indices = np.flatnonzero(~np.isnan(rest).any(0)) if len(rest) else np.array([], dtype=int)
        if not len(indices):
            return
        low, high = bootstrap_interval(rest[:, indices, None], counted[:, None], seed)
        for row, head in enumerate(indices.tolist()):
            value = rest[:, head].sum() / counted.sum()
            yield Row(
                heads[head], HELD_OUT, probe, value, low[row, 0], high[row, 0],
                n_targets=int(counted.sum()), n_sequences=len(rest),
            )  # fmt: skip

    @cached_property
    def batches(self) -> list[PromptBatch]:
        """The prompts of the screening, and the rest if there are any."""
        parts = (self.prompts[: self.n_first], self.prompts[self.n_first :])
        return [PromptBatch(part) for part in parts if part]

    @cached_property
    def _passes(self) -> list[Passes]:
        # One for each batch: what blocks return beside the residual stream depends on its length.
        layers, heads = list(self.layers), list(self.layers.values())
        return [Passes(self.model.bridge, layers, heads, self.model.info.device) for _ in self.batches]

    @cached_property
    def _cleans(self) -> list[Clean]:
        return [passes.clean(batch) for passes, batch in zip(self._passes, self.batches, strict=True)]

    def _clean_part(self) -> Arrays:
        """Readings of the undisturbed model, and direct attribution where answers have few tokens."""
        both = list(zip(self.batches, self._cleans, strict=True))
        types = self.metric.types
        arrays: Arrays = {"readings": np.concatenate([ablation.clean_readings(*pair, types) for pair in both])}
        if self.metric.direct:
            own = self.weights
            try:
                arrays["direct"] = np.concatenate([
                    direct_logits(*pair, own.layers, own.unembedding, own.final, output_biases=own.output_biases,
                                  unembedding_bias=own.unembedding_bias, logit_scale=own.logit_scale)
                    for pair in both
                ])  # fmt: skip
            except NotAvailable as reason:
                arrays["left_out"] = np.array(f"direct attribution only: {reason}")
        return arrays

    def _screening(self, layer: int) -> Arrays:
        return {"sums": self._effects(0, layer, None)}

    def _second_stage(self, layer: int) -> Arrays:
        chosen = self._selected()
        if chosen is None:
            return {}
        start = sum(n_heads for other, n_heads in self.layers.items() if other < layer)
        heads = np.flatnonzero(chosen[start : start + self.layers[layer]]).tolist()
        sums = self._effects(1, layer, heads)
        if layer == max(self.layers):
            del self._cleans
        return {"sums": sums}

    def _effects(self, number: int, layer: int, heads: Sequence[int] | None) -> Float64[np.ndarray, "prompt head kind"]:
        means = ablation.means(self._cleans, self.batches, layer)
        return ablation.layer_effects(
            self._passes[number], self.batches[number], self._cleans[number], layer, means, self.metric.types, heads
        )

    def _selection(self) -> Arrays:
        """Which heads the second stage removes."""
        parts = [self.stored(f"{self.probe.name}/L{layer}") for layer in self.layers]
        if any("sums" not in part for part in parts):
            return {}
        effects = np.abs(np.concatenate([part["sums"][:, :, 0].sum(0) for part in parts]))
        chosen = effects >= np.quantile(effects, 1 - SECOND_STAGE_FRACTION)
        heads = [(layer, head) for layer, n_heads in self.layers.items() for head in range(n_heads)]
        return {"chosen": chosen | np.array([head in self.expected for head in heads])}

    def _selected(self) -> Bool[np.ndarray, " head"] | None:
        return self.stored(f"{self.probe.name}/second stage").get("chosen")

    def _sums(self) -> Float64[np.ndarray, "prompt head kind"] | None:
        """All effects, not a number where a head was not removed; None where the model does not allow ablations."""
        stages = ["", "/rest"][: len(self.batches)]
        parts = [[self.stored(f"{self.probe.name}{stage}/L{layer}") for layer in self.layers] for stage in stages]
        if any("sums" not in part for stage in parts for part in stage):
            return None
        return np.concatenate([np.concatenate([part["sums"] for part in stage], 1) for stage in parts])


def split(n_prompts: int) -> tuple[list[int], list[int]]:
    """Which prompts are for screening, spread evenly over all (which are ordered by length), and which are the rest."""
    n_first = max(SCREENING_MINIMUM, round(SCREENING_FRACTION * n_prompts))
    if n_first >= n_prompts:
        return list(range(n_prompts)), []
    first = [number * n_prompts // n_first for number in range(n_first)]
    return first, sorted(set(range(n_prompts)) - set(first))


def percentiles(values: Float64[np.ndarray, " head"]) -> Float64[np.ndarray, " head"]:
    """Share of the other heads with a smaller value, in percent; ties count half, heads without a value not at all."""
    measured = ~np.isnan(values)
    ranks = np.full(len(values), np.nan)
    n = int(measured.sum())
    if n > 1:
        ranks[measured] = 100 * (stats.rankdata(values[measured]) - 1) / (n - 1)
    return ranks


def _intact(type_: str, reading: float) -> float:
    """The undisturbed model's own value, from how badly it does: its loss, its lead in logits, its accuracy."""
    return {"ablation_logit_difference": -reading, "ablation_accuracy": 1 - reading}.get(type_, reading)
