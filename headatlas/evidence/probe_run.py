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
from headatlas.evidence.metrics import readings
from headatlas.evidence.movement import share_moved
from headatlas.evidence.passes import Clean, NotAvailable, PromptBatch
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
            for layer in self.layers:
                start = self._start(layer)
                some = np.flatnonzero(heads[start : start + self.layers[layer]]).tolist()
                for head, effect, share in passes.carried(batch, clean, layer, means[layer], some, first):
                    effects[:, start + head], moved[start + head] = effect, share
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

        def effect_of(sets: Sequence[groups.Heads]) -> Float64[np.ndarray, " set"]:
            several = self._passes[0].without(batch, clean, means, sets)
            return np.array(
                [float((readings(each, batch.targets, type_) - before).double().mean()) for each in several]
            )

        random = np.random.default_rng([self.seed or 0, crc32(self.probe.name.encode()), 1])
        measured = []
        for label, heads in self.together.items():
            known = [head for head in heads if head in singles]
            if len(known) > 1:
                measured.append(asdict(groups.measure(label, known, singles, self.layers, effect_of, random)))
        return {"groups": np.array(json.dumps(measured))}

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
        heads = None
        if chosen is not None:
            start = self._start(layer)
            removed = (chosen["chosen"] | chosen["drawn"])[start : start + self.layers[layer]]
            heads = np.flatnonzero(removed).tolist()
        return self._watched(layer, heads)

    def _watched(self, layer: int, heads: Sequence[int] | None) -> Arrays:
        """Effects of a layer's heads, and what the attention of later labelled heads is without each."""
        hooks = self.watch.hooks(layer)
        if not hooks or heads == []:
            return {"sums": self._effects(0, layer, heads)}
        # Before hooks are in place, for these are passes of their own.
        _, before = self._cleans, self.watched_before
        with self.model.bridge.hooks(fwd_hooks=hooks):
            sums = self._effects(0, layer, heads)
        return {"sums": sums, "watched": self.watch.scores() - before}

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
        start = self._start(layer)
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
