"""Ablations and direct attribution on one probe, in parts that can be cut off and taken up.

The first stage removes heads on a share of the prompts: every head, or those that a screen chooses (see `screen`), that
have a label which is tested on this probe, or that are drawn at random. The second stage goes through the rest, and
removes only heads that may matter: those whose effect was among the largest, and those with such a label.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from functools import partial
from zlib import crc32

import numpy as np
from jaxtyping import Bool, Float64

from headatlas.attention.lanes import Lanes
from headatlas.evidence.attribution import direct_logits
from headatlas.evidence.probe_passes import ProbePasses
from headatlas.evidence.removing import ablation, groups, screen
from headatlas.evidence.removing.passes import NotAvailable
from headatlas.evidence.store import Arrays
from headatlas.evidence.weights.model_weights import ModelWeights
from headatlas.models.load import Model
from headatlas.probes import Probe
from headatlas.probes.metrics import Metric, Prompt
from headatlas.store.job import Part

# The share of the heads that are removed on the other prompts too.
SECOND_STAGE_FRACTION = 1 / 8

# A piece of the work; its cost is in tokens through one block, about.
EvidencePart = Part[str, Arrays]
# What is to be done of some heads, by layer, on the lane of this number.
LayersWork = Callable[[Mapping[int, Sequence[int]], int], dict[int, Arrays]]


class OnProbe(ProbePasses):
    """What is to be done on the prompts of one probe, part by part.

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
        super().__init__(model, layers, metric, prompts, together, lanes)
        self.weights = weights
        self.probe = probe
        self.expected = expected
        self.stored = stored
        self.seed = screened
        self.missing = missing
        self._stage: tuple[str | None, Iterator[tuple[int, Arrays | NotAvailable]]] = (None, iter(()))
        self.screened = screened is not None and sum(layers.values()) >= screen.MIN_HEADS

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

    def _clean_part(self) -> Arrays:
        """Readings of the undisturbed model, and direct attribution where answers have few tokens."""
        both = list(zip(self.batches, self.cleans, strict=True))
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
        return self.choose(self.expected, self._random(), self.weights)

    def _random(self, *more: int) -> np.random.Generator:
        """Draws for this probe, the same in every run of the same seed."""
        return np.random.default_rng([self.seed or 0, crc32(self.probe.name.encode()), *more])

    def _groups_part(self) -> Arrays:
        """What the heads with each label do together, on the prompts of the first stage."""
        parts = [self.stored(f"{self.probe.name}/L{layer}") for layer in self.layers]
        if any("sums" not in part for part in parts):
            return {}
        effects = np.concatenate([part["sums"][:, :, 0].sum(0) for part in parts]) / len(self.batches[0].targets)
        # Labels may have been made since it was decided who is removed.
        singles = {head: float(effect) for head, effect in zip(self.heads, effects, strict=True) if effect == effect}

        _ = self.by_lane
        random = self._random(1)
        steps = []
        for label, heads in self.together.items():
            known = [head for head in heads if head in singles]
            if len(known) > 1:
                draws = groups.draw_controls(known, self.layers, random)
                steps.append(groups.measuring(label, known, singles, draws))
        made = [asdict(group) for group in groups.measure_all(steps, self.together_without)]
        return {"groups": np.array(json.dumps(made))}

    def chosen(self) -> Arrays | None:
        """What the screen gave; None where there was none, or the model does not allow it."""
        part = self.stored(f"{self.probe.name}/screen") if self.screened else {}
        return part if "chosen" in part else None

    @property
    def _expected(self) -> Bool[np.ndarray, " head"]:
        return np.array([head in self.expected for head in self.heads])

    def _first_stage(self, layer: int) -> Arrays:
        chosen = self.chosen()
        removed = None if chosen is None else chosen["chosen"] | chosen["drawn"]
        return self._of_layer("", layer, removed, self.watched)

    def _of_layer(self, stage: str, layer: int, removed: Bool[np.ndarray, " head"] | None, work: LayersWork) -> Arrays:
        """What is to be done of a layer's heads that are removed (of all where None), while it is done of others.

        Raises:
            NotAvailable: the model does not allow it.
        """
        if self._stage[0] != stage:
            _ = self.by_lane
            if self.watch.heads:
                _ = self.watched_before
            heads = {}
            for other, n_heads in self.layers.items():
                if self.missing(f"{self.probe.name}{stage}/L{other}"):
                    own = None if removed is None else removed[self.start(other) :][:n_heads]
                    heads[other] = list(range(n_heads)) if own is None else np.flatnonzero(own).tolist()
            groups = self.side_by_side(1 if stage else 0, heads)
            given = self.lanes.map([partial(_or_reason, partial(work, some)) for some in groups])
            self._stage = stage, _by_layer(groups, given)
        for other, arrays in self._stage[1]:
            if other == layer:
                if layer == max(self.layers):
                    next(self._stage[1], None)  # nothing more: the lanes are given back
                if isinstance(arrays, NotAvailable):
                    raise arrays
                return arrays
        raise AssertionError(f"layer {layer} is asked for after a later one")

    def _second_stage(self, layer: int) -> Arrays:
        chosen = self._selected()
        if chosen is None:
            return {}

        def work(heads: Mapping[int, Sequence[int]], lane: int) -> dict[int, Arrays]:
            return {other: {"sums": sums} for other, sums in self.effects(1, heads, lane).items()}

        arrays = self._of_layer("/rest", layer, chosen, work)
        if layer == max(self.layers):
            self.let_go()
        return arrays

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


def _or_reason(work: Callable[[int], dict[int, Arrays]], lane: int) -> dict[int, Arrays] | NotAvailable:
    """What there is of some layers, or why it cannot be had: a later layer may be asked for all the same."""
    try:
        return work(lane)
    except NotAvailable as reason:
        return reason


def _by_layer(
    groups: Iterable[Mapping[int, object]], given: Iterable[dict[int, Arrays] | NotAvailable]
) -> Iterator[tuple[int, Arrays | NotAvailable]]:
    """What there is of each layer of each group of them."""
    for layers, of_layers in zip(groups, given, strict=True):
        for layer in layers:
            yield layer, of_layers if isinstance(of_layers, NotAvailable) else of_layers[layer]
