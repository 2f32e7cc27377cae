"""Ablations and direct attribution on one probe, in parts that can be cut off and taken up.

The first stage removes heads on a share of the prompts: every head, or those that a screen chooses (see `screen`), that
have a label which is tested on this probe, or that are drawn at random. The second stage goes through the rest, and
removes only heads that may matter: those whose effect was among the largest, and those with such a label.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict
from functools import cached_property, partial
from zlib import crc32

import numpy as np
import torch
from jaxtyping import Bool, Float64
from torch import Tensor

from headatlas.evidence import ablation, edges, groups, screen
from headatlas.evidence.attribution import direct_logits
from headatlas.evidence.lanes import Lanes
from headatlas.evidence.metrics import readings
from headatlas.evidence.movement import share_moved
from headatlas.evidence.passes import Clean, NotAvailable, PromptBatch, z_hook
from headatlas.evidence.store import Arrays
from headatlas.evidence.weights import ModelWeights
from headatlas.models.load import Model
from headatlas.probes import Probe
from headatlas.probes.metrics import Metric, Prompt
from headatlas.store.job import Part

# The share of the prompts on which every head is removed, and the fewest of them.
SCREENING_FRACTION = 1 / 3
SCREENING_MINIMUM = 3
# The share of the heads that are removed on the other prompts too.
SECOND_STAGE_FRACTION = 1 / 8

# A piece of the work; its cost is in tokens through one block, about.
EvidencePart = Part[str, Arrays]
# What is to be done of a layer on the lane of this number.
LayerWork = Callable[[int], Arrays]


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
        screened: draws heads for a screen, and is None where every head is removed.
        together: heads that are removed together, by their label.
        lanes: copies of the model, on which several layers are worked on at a time.
        missing: whether a part is still to be computed.
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
        screened: int | None = None,
        together: Mapping[str, Sequence[tuple[int, int]]] | None = None,
        lanes: Lanes | None = None,
        missing: Callable[[str], bool] = lambda key: True,
    ) -> None:
        self.model = model
        self.layers = layers
        self.weights = weights
        self.probe = probe
        self.metric = metric
        self.expected = expected
        self.stored = stored
        self.seed = screened
        self.together = together or {}
        self.lanes = lanes or Lanes(model.bridge, model.info.device, z_hook(min(layers)))
        self.missing = missing
        self._stage: tuple[str | None, Iterator[tuple[int, Arrays | NotAvailable]]] = (None, iter(()))
        self.screened = screened is not None and sum(layers.values()) >= screen.MIN_HEADS
        first, rest = split(len(prompts))
        self.prompts = [prompts[index] for index in (*first, *rest)]
        self.n_first = len(first)

    def parts(self) -> Iterator[EvidencePart]:
        """What there is to do, in order: later parts read earlier ones."""
        n_blocks = len(self.model.bridge.blocks)
        tokens = [batch.tokens.numel() for batch in self.batches]
        name = self.probe.name
        yield Part(f"{name}/clean", sum(tokens) * n_blocks, self._clean_part)
        share = 1.0
        if self.screened:
            share = screen.FIRST_ORDER_FRACTION + screen.CARRIED_FRACTION + screen.RANDOM_FRACTION
            carried = sum(screen.carried_to(layer, n_blocks) - layer for layer, _ in self.heads)
            cost = tokens[0] * (4 * n_blocks + carried)
            yield Part(f"{name}/screen", cost, self._screen_part)
        for layer, n_heads in self.layers.items():
            cost = round(share * n_heads * tokens[0] * (n_blocks - layer))
            yield Part(f"{name}/L{layer}", cost, partial(self._first_stage, layer))
        if any(len(heads) > 1 for heads in self.together.values()):
            n_sets = len(self.together) * (1 + groups.N_DRAWS)
            yield Part(f"{name}/groups", n_sets * tokens[0] * n_blocks // 2, self._groups_part)
        if len(tokens) > 1:
            yield Part(f"{name}/second stage", 0, self._selection)
            for layer, n_heads in self.layers.items():
                cost = round(n_heads * SECOND_STAGE_FRACTION) * tokens[1] * (n_blocks - layer)
                yield Part(f"{name}/rest/L{layer}", cost, partial(self._second_stage, layer))

    @property
    def heads(self) -> list[tuple[int, int]]:
        """All heads, as (layer, head)."""
        return [(layer, head) for layer, n_heads in self.layers.items() for head in range(n_heads)]

    @cached_property
    def batches(self) -> list[PromptBatch]:
        """The prompts of the screening, and the rest if there are any."""
        parts = (self.prompts[: self.n_first], self.prompts[self.n_first :])
        return [PromptBatch(part) for part in parts if part]

    @cached_property
    def _passes(self) -> list[screen.ScreenPasses]:
        # One for each batch: what blocks return beside the residual stream depends on its length.
        layers, heads = list(self.layers), list(self.layers.values())
        return [screen.ScreenPasses(self.model.bridge, layers, heads, self.model.info.device) for _ in self.batches]

    @cached_property
    def _by_lane(self) -> list[tuple[list[screen.ScreenPasses], edges.Watch]]:
        """For each lane the passes over each batch, and what sees attention on the first.

        Has to be there before any lane is at work: it takes undisturbed passes.
        """
        _ = self._cleans  # of which the copies know what blocks return
        copies = self.lanes.bridges[1:]
        watches = [edges.Watch(self.batches[0], self.together, bridge.hook_dict) for bridge in copies]
        return [
            (self._passes, self.watch),
            *(([own.on(bridge) for own in self._passes], watch) for bridge, watch in zip(copies, watches, strict=True)),
        ]

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

    def _screen_part(self) -> Arrays:
        """Which heads the first stage removes, and estimates of the others."""
        passes, batch, clean = self._passes[0], self.batches[0], self._cleans[0]
        means = {layer: ablation.means(self._cleans, self.batches, layer) for layer in self.layers}
        moves: dict[int, Float64[np.ndarray, " head"]] = {}
        first = passes.first_order(batch, clean, means, self.metric.types[0], self._movement(moves))

        def carry(heads: Bool[np.ndarray, " head"]) -> tuple[np.ndarray, np.ndarray]:
            effects, moved = np.full((self.n_first, len(heads)), np.nan), np.full(len(heads), np.nan)

            def through(layer: int, lane: int) -> list[tuple[int, np.ndarray, float]]:
                some = np.flatnonzero(heads[self._start(layer) :][: self.layers[layer]]).tolist()
                own = self._by_lane[lane][0][0]
                return list(own.carried(batch, clean, layer, means[layer], some, first))

            _ = self._by_lane
            carried = self.lanes.map(partial(through, layer) for layer in self.layers)
            for layer, of_layer in zip(self.layers, carried, strict=True):
                for head, effect, share in of_layer:
                    effects[:, self._start(layer) + head], moved[self._start(layer) + head] = effect, share
            return effects, moved

        effects = np.concatenate([first.effects[layer] for layer in self.layers], 1)
        random = np.random.default_rng([self.seed or 0, crc32(self.probe.name.encode())])
        known = np.concatenate([moves[layer] for layer in self.layers]) if set(moves) == set(self.layers) else None
        return screen.choose(effects, self._expected, carry, random, known)

    def _movement(self, moves: dict[int, Float64[np.ndarray, " head"]]) -> screen.Seen | None:
        """What writes down how far a change to a layer's heads moves the stream; None where the weights do not tell."""
        try:
            by_layer = {own.layer: own for own in self.weights.layers}
            biases = self.weights.output_biases
        except NotAvailable:
            return None

        def see(layer: int, z: Tensor, change: Tensor) -> None:
            with suppress(NotAvailable):
                stream, real = self._cleans[0].entering[layer], self.batches[0].real
                bias = biases.get(layer, torch.zeros(stream.shape[-1]))
                moves[layer] = share_moved(by_layer[layer], bias, z, change, stream, real).double().numpy()

        return see

    def _groups_part(self) -> Arrays:
        """What the heads with each label do together, on the prompts of the first stage."""
        parts = [self.stored(f"{self.probe.name}/L{layer}") for layer in self.layers]
        if any("sums" not in part for part in parts):
            return {}
        batch, clean, type_ = self.batches[0], self._cleans[0], self.metric.types[:1]
        means = {layer: ablation.means(self._cleans, self.batches, layer) for layer in self.layers}
        before = readings(clean.logits, batch.targets, type_)
        effects = np.concatenate([part["sums"][:, :, 0].sum(0) for part in parts]) / len(batch.targets)
        # Labels may have been made since it was decided who is removed.
        singles = {head: float(effect) for head, effect in zip(self.heads, effects, strict=True) if effect == effect}

        def effect_of(lane: int, sets: Sequence[groups.Heads]) -> Float64[np.ndarray, " set"]:
            several = self._by_lane[lane][0][0].without(batch, clean, means, sets)
            return np.array(
                [float((readings(each, batch.targets, type_) - before).double().mean()) for each in several]
            )

        def measured(label: str, heads: groups.Heads, draws: Sequence[groups.Heads], lane: int) -> groups.Group:
            return groups.measure(label, heads, singles, draws, partial(effect_of, lane))

        _ = self._by_lane
        random = np.random.default_rng([self.seed or 0, crc32(self.probe.name.encode()), 1])
        tasks = []
        for label, heads in self.together.items():
            known = [head for head in heads if head in singles]
            if len(known) > 1:
                tasks.append(partial(measured, label, known, groups.draw_controls(known, self.layers, random)))
        made = [asdict(group) for group in self.lanes.map(tasks)]
        return {"groups": np.array(json.dumps(made))}

    def chosen(self) -> Arrays | None:
        """What the screen gave; None where there was none, or the model does not allow it."""
        part = self.stored(f"{self.probe.name}/screen") if self.screened else {}
        return part if "chosen" in part else None

    def _start(self, layer: int) -> int:
        """The number of a layer's first head among all."""
        return sum(n_heads for other, n_heads in self.layers.items() if other < layer)

    @property
    def _expected(self) -> Bool[np.ndarray, " head"]:
        return np.array([head in self.expected for head in self.heads])

    def _first_stage(self, layer: int) -> Arrays:
        chosen = self.chosen()

        def work(layer: int) -> LayerWork:
            heads = None
            if chosen is not None:
                start = self._start(layer)
                removed = (chosen["chosen"] | chosen["drawn"])[start : start + self.layers[layer]]
                heads = np.flatnonzero(removed).tolist()
            return partial(self._watched, layer, heads)

        return self._of_layer("", layer, work)

    def _of_layer(self, stage: str, layer: int, work: Callable[[int], LayerWork]) -> Arrays:
        """What is to be done of a layer, while the same is done of the layers after it.

        Raises:
            NotAvailable: the model does not allow it.
        """
        if self._stage[0] != stage:
            _ = self._by_lane
            if self.watch.heads:
                _ = self.watched_before
            to_do = [other for other in self.layers if self.missing(f"{self.probe.name}{stage}/L{other}")]
            given = self.lanes.map([partial(_or_reason, work(other)) for other in to_do])
            self._stage = stage, zip(to_do, given, strict=True)
        for other, arrays in self._stage[1]:
            if other == layer:
                if layer == max(self.layers):
                    next(self._stage[1], None)  # nothing more: the lanes are given back
                if isinstance(arrays, NotAvailable):
                    raise arrays
                return arrays
        raise AssertionError(f"layer {layer} is asked for after a later one")

    def _watched(self, layer: int, heads: Sequence[int] | None, lane: int) -> Arrays:
        """Effects of a layer's heads, and what the attention of later labelled heads is without each."""
        watch = self._by_lane[lane][1]
        hooks = watch.hooks(layer)
        if not hooks or heads == []:
            return {"sums": self._effects(0, layer, heads, lane)}
        with self.lanes.bridges[lane].hooks(fwd_hooks=hooks):
            sums = self._effects(0, layer, heads, lane)
        return {"sums": sums, "watched": watch.scores() - self.watched_before}

    @cached_property
    def watch(self) -> edges.Watch:
        """What sees the attention of labelled heads on the prompts of the first stage."""
        return edges.Watch(self.batches[0], self.together, self.model.bridge.hook_dict)

    @cached_property
    def watched_before(self) -> Float64[np.ndarray, "1 watched"]:
        """Scores with all heads in place."""
        with self.model.bridge.hooks(fwd_hooks=self.watch.hooks(-1)):
            self._passes[0].clean(self.batches[0])
        scores = self.watch.scores()
        return scores if len(scores) else np.full((1, len(self.watch.heads)), np.nan)

    def _second_stage(self, layer: int) -> Arrays:
        chosen = self._selected()
        if chosen is None:
            return {}

        def work(layer: int) -> LayerWork:
            start = self._start(layer)
            heads = np.flatnonzero(chosen[start : start + self.layers[layer]]).tolist()
            return lambda lane: {"sums": self._effects(1, layer, heads, lane)}

        arrays = self._of_layer("/rest", layer, work)
        if layer == max(self.layers):
            del self._cleans, self._by_lane
        return arrays

    def _effects(
        self, number: int, layer: int, heads: Sequence[int] | None, lane: int
    ) -> Float64[np.ndarray, "prompt head kind"]:
        means = ablation.means(self._cleans, self.batches, layer)
        passes = self._by_lane[lane][0][number]
        return ablation.layer_effects(
            passes, self.batches[number], self._cleans[number], layer, means, self.metric.types, heads
        )

    def _selection(self) -> Arrays:
        """Which heads the second stage removes."""
        parts = [self.stored(f"{self.probe.name}/L{layer}") for layer in self.layers]
        if any("sums" not in part for part in parts):
            return {}
        effects = np.abs(np.concatenate([part["sums"][:, :, 0].sum(0) for part in parts]))
        effects = np.nan_to_num(effects, nan=-1.0)  # a head that was not removed does not go on
        chosen = effects >= np.quantile(effects, 1 - SECOND_STAGE_FRACTION)
        expected = self._expected
        if self.chosen() is not None and expected.sum() > len(expected) * SECOND_STAGE_FRACTION:
            # Where most heads have a label, as on natural text, only large effects are measured further.
            expected[:] = False
        return {"chosen": chosen | expected}

    def _selected(self) -> Bool[np.ndarray, " head"] | None:
        return self.stored(f"{self.probe.name}/second stage").get("chosen")

    def sums(self) -> Float64[np.ndarray, "prompt head kind"] | None:
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


def _or_reason(work: LayerWork, lane: int) -> Arrays | NotAvailable:
    """What there is of a layer, or why it cannot be had: a later layer may be asked for all the same."""
    try:
        return work(lane)
    except NotAvailable as reason:
        return reason
