"""A model's passes over the prompts of one probe: undisturbed, screened, and without heads; on every lane the same."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from functools import cached_property, partial

import numpy as np
import torch
from jaxtyping import Bool, Float, Float64
from torch import Tensor

from headatlas.attention.lanes import Lanes
from headatlas.evidence.movement import share_moved
from headatlas.evidence.removing import ablation, edges, screen
from headatlas.evidence.removing.passes import Clean, NotAvailable, PromptBatch, z_hook
from headatlas.evidence.removing.screen_passes import ScreenPasses, Seen
from headatlas.evidence.store import Arrays
from headatlas.evidence.weights.model_weights import ModelWeights
from headatlas.models.load import Model
from headatlas.probes.metrics import Metric, Prompt

# The share of the prompts on which every head is removed, and the fewest of them.
SCREENING_FRACTION = 1 / 3
SCREENING_MINIMUM = 3


class ProbePasses:
    """Passes over prompts in two batches, those of the screening and the rest; clean ones are kept while they are used.

    Args:
        model: the model.
        layers: number of heads by layer.
        metric: how the prompts are scored.
        prompts: the prompts.
        together: heads that carry the same label, by it; later ones are watched while earlier ones are out.
        lanes: copies of the model, on which several layers are worked on at a time.
    """

    def __init__(
        self,
        model: Model,
        layers: Mapping[int, int],
        metric: Metric,
        prompts: Sequence[Prompt],
        together: Mapping[str, Sequence[tuple[int, int]]] | None = None,
        lanes: Lanes | None = None,
    ) -> None:
        self.model = model
        self.layers = layers
        self.metric = metric
        self.together = together or {}
        self.lanes = lanes or Lanes(model.bridge, model.info.device, z_hook(min(layers)))
        first, rest = split(len(prompts))
        self.prompts = [prompts[index] for index in (*first, *rest)]
        self.n_first = len(first)

    @property
    def heads(self) -> list[tuple[int, int]]:
        """All heads, as (layer, head)."""
        return [(layer, head) for layer, n_heads in self.layers.items() for head in range(n_heads)]

    def start(self, layer: int) -> int:
        """The number of a layer's first head among all."""
        return sum(n_heads for other, n_heads in self.layers.items() if other < layer)

    @cached_property
    def batches(self) -> list[PromptBatch]:
        """The prompts of the screening, and the rest if there are any."""
        parts = (self.prompts[: self.n_first], self.prompts[self.n_first :])
        return [PromptBatch(part) for part in parts if part]

    @cached_property
    def _passes(self) -> list[ScreenPasses]:
        # One for each batch: what blocks return beside the residual stream depends on its length.
        layers, heads = list(self.layers), list(self.layers.values())
        return [ScreenPasses(self.model.bridge, layers, heads, self.model.info.device) for _ in self.batches]

    @cached_property
    def by_lane(self) -> list[tuple[list[ScreenPasses], edges.Watch]]:
        """For each lane the passes over each batch, and what sees attention on the first.

        Has to be there before any lane is at work: it takes undisturbed passes.
        """
        # Of which the copies know what blocks return, and whether their own copies of a batch may start anywhere.
        for passes, batch, clean in zip(self._passes, self.batches, self.cleans, strict=True):
            passes.try_joining(batch, clean)
        copies = self.lanes.bridges[1:]
        watches = [edges.Watch(self.batches[0], self.together, bridge.hook_dict) for bridge in copies]
        return [
            (self._passes, self.watch),
            *(([own.on(bridge) for own in self._passes], watch) for bridge, watch in zip(copies, watches, strict=True)),
        ]

    @cached_property
    def cleans(self) -> list[Clean]:
        """An undisturbed pass over each batch; over the first one the watch sees what it is compared with."""
        with self._passes[0].hooks.hooked(self.watch.hooks(-1)):
            cleans = [self._passes[0].clean(self.batches[0])]
        self.__dict__.setdefault("watched_before", self.watch.scores([-1]))
        rest = zip(self._passes[1:], self.batches[1:], strict=True)
        return cleans + [passes.clean(batch) for passes, batch in rest]

    def let_go(self) -> None:
        """Frees what undisturbed passes have left."""
        del self.cleans, self.by_lane

    @cached_property
    def watch(self) -> edges.Watch:
        """What sees the attention of labelled heads on the prompts of the first stage."""
        return edges.Watch(self.batches[0], self.together, self.model.bridge.hook_dict)

    @cached_property
    def watched_before(self) -> Float64[np.ndarray, "1 watched"]:
        """Scores with all heads in place."""
        with self._passes[0].hooks.hooked(self.watch.hooks(-1)):
            self._passes[0].clean(self.batches[0])
        return self.watch.scores([-1])

    def means(self, layer: int) -> Float[Tensor, "head d_head"]:
        """Mean output of each head of a layer over all real positions of both batches."""
        return ablation.means(self.cleans, self.batches, layer)

    def side_by_side(self, number: int, heads: Mapping[int, Sequence[int]]) -> list[dict[int, Sequence[int]]]:
        """Heads of each layer, in groups of layers whose heads share passes over the batch of this number."""
        groups: list[dict[int, Sequence[int]]] = []
        for layer, some in heads.items():
            n_heads = len(some) + (sum(map(len, groups[-1].values())) if groups else 0)
            if groups and self._passes[number].share_a_pass(self.batches[number], self.metric.types, n_heads):
                groups[-1][layer] = some
            else:
                groups.append({layer: some})
        return groups

    def effects(
        self, number: int, heads: Mapping[int, Sequence[int]], lane: int
    ) -> dict[int, Float64[np.ndarray, "prompt head kind"]]:
        """What each reading rises by on the batch of this number without each of some heads, by layer."""
        passes = self.by_lane[lane][0][number]
        means = {layer: self.means(layer) for layer in heads}
        return ablation.effects(passes, self.batches[number], self.cleans[number], means, self.metric.types, heads)

    def watched(self, heads: Mapping[int, Sequence[int]], lane: int) -> dict[int, Arrays]:
        """Effects of some layers' heads, and what the attention of later labelled heads is without each."""
        passes, watch = self.by_lane[lane]
        starts = [layer for layer, some in heads.items() for _ in some]
        hooks = watch.hooks(starts[0]) if starts else []
        with passes[0].hooks.hooked(hooks):
            effects = self.effects(0, heads, lane)
        made: dict[int, Arrays] = {layer: {"sums": effects[layer]} for layer in heads}
        if hooks:
            changes = watch.scores(starts) - self.watched_before
            for layer in set(starts):
                if any(later > layer for _, later, _ in watch.heads):
                    made[layer]["watched"] = changes[[start == layer for start in starts]]
        return made

    def together_without(self, sets: Sequence[Sequence[tuple[int, int]]]) -> Float64[np.ndarray, " set"]:
        """What the first reading rises by per target of the first batch without all heads of each set."""
        batch, clean, type_ = self.batches[0], self.cleans[0], self.metric.types[:1]
        before = ablation.before(batch, clean, type_)
        means = {layer: self.means(layer) for layer in self.layers}
        passes = [own[0] for own, _ in self.by_lane]
        # Sets of a pass begin at about the same layer, at the same one where none may join later; each lane has some.
        most = -(-len(sets) // len(passes))
        parts: list[list[int]] = []
        for number in sorted(range(len(sets)), key=lambda number: min(sets[number])):
            last = parts[-1] if parts else []
            together = [min(sets[other])[0] for other in (*last, number)]
            fits = passes[0].share_a_pass(batch, type_, len(together), one_layer=len(set(together)) == 1)
            if last and fits and len(together) <= most:
                last.append(number)
            else:
                parts.append([number])

        def effects(part: Sequence[int], lane: int) -> list[float]:
            several = passes[lane].without(batch, clean, means, [sets[number] for number in part], type_)
            return [float((each - before).double().mean()) for each in several]

        made = np.zeros(len(sets))
        for part, of_part in zip(parts, self.lanes.map(partial(effects, part) for part in parts), strict=True):
            made[part] = of_part
        return made

    def choose(
        self, expected: Collection[tuple[int, int]], random: np.random.Generator, weights: ModelWeights
    ) -> Arrays:
        """Which heads a screen has the first stage remove, and estimates of the others; see `screen.choose`."""
        passes, batch, clean = self._passes[0], self.batches[0], self.cleans[0]
        means = {layer: self.means(layer) for layer in self.layers}
        moves: dict[int, Float64[np.ndarray, " head"]] = {}
        first = passes.first_order(batch, clean, means, self.metric.types[0], self._movement(weights, moves))

        def carry(heads: Bool[np.ndarray, " head"]) -> tuple[np.ndarray, np.ndarray]:
            effects, moved = np.full((self.n_first, len(heads)), np.nan), np.full(len(heads), np.nan)

            def through(layer: int, lane: int) -> list[tuple[int, np.ndarray, float]]:
                some = np.flatnonzero(heads[self.start(layer) :][: self.layers[layer]]).tolist()
                own = self.by_lane[lane][0][0]
                return list(own.carried(batch, clean, layer, means[layer], some, first))

            _ = self.by_lane
            carried = self.lanes.map(partial(through, layer) for layer in self.layers)
            for layer, of_layer in zip(self.layers, carried, strict=True):
                for head, effect, share in of_layer:
                    effects[:, self.start(layer) + head], moved[self.start(layer) + head] = effect, share
            return effects, moved

        effects = np.concatenate([first.effects[layer] for layer in self.layers], 1)
        known = np.concatenate([moves[layer] for layer in self.layers]) if set(moves) == set(self.layers) else None
        return screen.choose(effects, np.array([head in expected for head in self.heads]), carry, random, known)

    def _movement(self, weights: ModelWeights, moves: dict[int, Float64[np.ndarray, " head"]]) -> Seen | None:
        """What writes down how far a change to a layer's heads moves the stream; None where the weights do not tell."""
        try:
            by_layer = {own.layer: own for own in weights.layers}
            biases = weights.output_biases
        except NotAvailable:
            return None

        def see(layer: int, z: Tensor, change: Tensor) -> None:
            with suppress(NotAvailable):
                stream, real = self.cleans[0].entering[layer], self.batches[0].real
                bias = biases.get(layer, torch.zeros(stream.shape[-1]))
                moves[layer] = share_moved(by_layer[layer], bias, z, change, stream, real).double().numpy()

        return see


def split(n_prompts: int) -> tuple[list[int], list[int]]:
    """Which prompts are for screening, spread evenly over all (which are ordered by length), and which are the rest."""
    n_first = max(SCREENING_MINIMUM, round(SCREENING_FRACTION * n_prompts))
    if n_first >= n_prompts:
        return list(range(n_prompts)), []
    first = [number * n_prompts // n_first for number in range(n_first)]
    return first, sorted(set(range(n_prompts)) - set(first))
