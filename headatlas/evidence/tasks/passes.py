"""What is computed of a task, in parts that can be cut off and taken up: estimates of all heads, effects of some."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial

import numpy as np
import torch
from jaxtyping import Bool, Float64, Int64

from headatlas.evidence.attribution import direct_logits
from headatlas.evidence.removing import ablation
from headatlas.evidence.removing.passes import Clean, NotAvailable, PromptBatch
from headatlas.evidence.removing.screen_passes import ScreenPasses
from headatlas.evidence.store import Arrays
from headatlas.evidence.tasks.prompts import TaskPrompt
from headatlas.evidence.tasks.replacement import Replacement, outputs
from headatlas.evidence.weights.model_weights import ModelWeights
from headatlas.models.load import Model
from headatlas.probes.metrics import ACCURACY, LEAD, LOSS
from headatlas.store.job import Part

# Most tokens of the prompts that go together through a pass, forward and back; a longer prompt goes alone.
BATCH_TOKENS = 1024
# How many heads are taken out: the share with the largest attribution, and the share drawn at random from the others.
TOP_SHARE, TOP_LEAST = 1 / 8, 12
DRAWN_SHARE, DRAWN_LEAST = 1 / 20, 4
# What a pass back costs, in passes forward.
_BACK = 2


@dataclass(frozen=True)
class TaskSettings:
    """How a task is measured.

    Args:
        seed: of the lines of a task that is generated, of the heads drawn at random and of the bootstrap.
        top: how many heads are taken out for their attribution; an eighth, but at least 12, where it is None.
        exact: whether all heads are.
    """

    seed: int = 0
    top: int | None = None
    exact: bool = False


class TaskPasses:
    """The prompts of a task and the passes over them.

    Args:
        model: the model.
        layers: number of heads by layer.
        prompts: the task's prompts.
        settings: how it is measured.
        stored: gives a part's numbers by its name, once it was computed.
    """

    def __init__(
        self,
        model: Model,
        layers: Mapping[int, int],
        prompts: Sequence[TaskPrompt],
        settings: TaskSettings,
        stored: Callable[[str], Arrays],
    ) -> None:
        self.model = model
        self.layers = dict(layers)
        self.settings = settings
        self.stored = stored
        # Prompts of about the same length share a batch, so that there is little padding.
        self.prompts = sorted(prompts, key=lambda prompt: len(prompt.prompt))
        self.resampled = prompts[0].corrupted is not None
        with_wrong = bool(prompts[0].prompt.targets[0].wrong)
        self.types = (LEAD, ACCURACY) if with_wrong else (LOSS,)
        self.batches, self.corrupted = self._batches()
        self._kept: tuple[int, Clean, Replacement] | None = None

    @property
    def heads(self) -> list[tuple[int, int]]:
        """All heads, as (layer, head), in the order of the arrays."""
        return [(layer, head) for layer, n_heads in self.layers.items() for head in range(n_heads)]

    @property
    def counts(self) -> Int64[np.ndarray, " prompt"]:
        """Scored predictions of each prompt."""
        return np.concatenate([ablation.counts(batch) for batch in self.batches])

    def parts(self) -> Iterator[Part[str, Arrays]]:
        """What there is to do, in order: later parts read earlier ones."""
        n_blocks = len(self.model.bridge.blocks)
        tokens = [batch.tokens.numel() for batch in self.batches]
        for number, size in enumerate(tokens):
            yield Part(f"clean/{number}", size * n_blocks, partial(self._clean_part, number))
        for number, size in enumerate(tokens):
            cost = size * n_blocks * (2 + _BACK + self.resampled)
            yield Part(f"attribution/{number}", cost, partial(self._attribution, number))
        yield Part("chosen", 0, self._choice)
        n_top, n_drawn = self._how_many()
        share = (n_top + n_drawn) / len(self.heads)
        for number, size in enumerate(tokens):
            for layer, n_heads in self.layers.items():
                cost = round(n_heads * share * size * (n_blocks - layer))
                yield Part(f"exact/{number}/L{layer}", cost, partial(self._exact, number, layer))

    # What came of it, from the stored parts.

    def readings(self) -> Float64[np.ndarray, "prompt type"]:
        """The undisturbed model's readings, summed over each prompt's predictions; more is worse."""
        return self._joined("clean", "readings")

    def direct(self) -> Float64[np.ndarray, "prompt head"] | None:
        """Direct effects, summed over each prompt's predictions; None where the model does not allow them."""
        return None if self.left_out() else self._joined("clean", "direct")

    def left_out(self) -> str:
        """Why there are no direct effects; empty where there are."""
        return str(self.stored("clean/0").get("left_out", ""))

    def estimates(self) -> Float64[np.ndarray, "prompt head"]:
        """Estimated effects of all heads on the first type, summed over each prompt's predictions."""
        return self._joined("attribution", "effects")

    def effects(self) -> Float64[np.ndarray, "prompt head type"]:
        """Measured effects, not a number for heads that were not taken out."""
        return np.concatenate([
            np.concatenate([self.stored(f"exact/{number}/L{layer}")["sums"] for layer in self.layers], 1)
            for number in range(len(self.batches))
        ])  # fmt: skip

    def drawn(self) -> Bool[np.ndarray, " head"]:
        """Heads that were drawn at random."""
        return self.stored("chosen")["drawn"]

    def _joined(self, part: str, name: str) -> np.ndarray:
        return np.concatenate([self.stored(f"{part}/{number}")[name] for number in range(len(self.batches))])

    # The passes.

    def _batches(self) -> tuple[list[PromptBatch], list[PromptBatch]]:
        groups: list[list[TaskPrompt]] = []
        for prompt in self.prompts:
            # Prompts come in order of length, so that this one's is that of the batch it joins.
            if not groups or (len(groups[-1]) + 1) * len(prompt.prompt) > BATCH_TOKENS:
                groups.append([])
            groups[-1].append(prompt)
        batches = [PromptBatch([prompt.prompt for prompt in group]) for group in groups]
        corrupted = [
            PromptBatch([
                replace(prompt.prompt, sequence=prompt.corrupted) for prompt in group if prompt.corrupted is not None
            ])
            for group in groups
        ] if self.resampled else []  # fmt: skip
        return batches, corrupted

    @cached_property
    def _passes(self) -> list[ScreenPasses]:
        # One for each batch: what blocks return beside the residual stream depends on its length.
        layers, heads = list(self.layers), list(self.layers.values())
        return [ScreenPasses(self.model.bridge, layers, heads, self.model.info.device) for _ in self.batches]

    @cached_property
    def _weights(self) -> ModelWeights:
        return ModelWeights(self.model.bridge, self.layers, self.model.info.device)

    def _clean_part(self, number: int) -> Arrays:
        """Readings of the undisturbed model, sums of its heads' outputs, and direct attribution."""
        batch = self.batches[number]
        clean = self._passes[number].clean(batch)
        arrays: Arrays = {"readings": ablation.clean_readings(batch, clean, self.types)}
        arrays |= {f"z{layer}": sums.cpu().numpy() for layer, sums in clean.z_sums.items()}
        try:
            own = self._weights
            arrays["direct"] = direct_logits(
                batch, clean, own.layers, own.unembedding, own.final, output_biases=own.output_biases,
                unembedding_bias=own.unembedding_bias, logit_scale=own.logit_scale,
            )  # fmt: skip
        except NotAvailable as reason:
            arrays["left_out"] = np.array(str(reason))
        return arrays

    def _attribution(self, number: int) -> Arrays:
        clean, replaced = self._undisturbed(number)
        first = self._passes[number].first_order(self.batches[number], clean, replaced, self.types[0])
        return {"effects": np.concatenate([first.effects[layer] for layer in self.layers], 1)}

    def _choice(self) -> Arrays:
        """Which heads are taken out: the first by attribution, and some that are drawn from the others."""
        sizes = np.abs(self.estimates().sum(0))
        n_top, n_drawn = self._how_many()
        order = np.argsort(-sizes, kind="stable")
        drawn = np.zeros(len(sizes), dtype=bool)
        drawn[np.random.default_rng(self.settings.seed).permutation(order[n_top:])[:n_drawn]] = True
        chosen = drawn.copy()
        chosen[order[:n_top]] = True
        return {"chosen": chosen, "drawn": drawn}

    def _how_many(self) -> tuple[int, int]:
        """How many heads are taken out for their attribution, and how many at random."""
        n = len(self.heads)
        if self.settings.exact:
            return n, 0
        top = max(TOP_LEAST, round(n * TOP_SHARE)) if self.settings.top is None else self.settings.top
        top = min(n, top)
        return top, min(n - top, max(DRAWN_LEAST, round(n * DRAWN_SHARE)))

    def _exact(self, number: int, layer: int) -> Arrays:
        start = sum(n_heads for other, n_heads in self.layers.items() if other < layer)
        heads = np.flatnonzero(self.stored("chosen")["chosen"][start : start + self.layers[layer]]).tolist()
        if not heads:
            return {"sums": np.full((len(self.batches[number].prompts), self.layers[layer], len(self.types)), np.nan)}
        clean, replaced = self._undisturbed(number)
        sums = ablation.layer_effects(
            self._passes[number], self.batches[number], clean, layer, replaced[layer], self.types, heads
        )
        return {"sums": sums}

    def _undisturbed(self, number: int) -> tuple[Clean, Replacement]:
        """The clean pass over a batch, and what heads are replaced by there; kept until another batch is asked for."""
        if self._kept is None or self._kept[0] != number:
            self._kept = None  # before the next is made
            self._kept = (number, self._passes[number].clean(self.batches[number]), self._replacement(number))
        return self._kept[1:]

    def _replacement(self, number: int) -> Replacement:
        """What each head's output is replaced by: its own on the corrupted prompts, or its mean over all prompts."""
        if self.resampled:
            return outputs(self._passes[number], self.corrupted[number])
        return self._means

    @cached_property
    def _means(self) -> Replacement:
        n = sum(int(batch.real.sum()) for batch in self.batches)
        return {layer: torch.as_tensor(self._summed(f"z{layer}") / n) for layer in self.layers}

    def _summed(self, name: str) -> np.ndarray:
        sums = [self.stored(f"clean/{number}")[name] for number in range(len(self.batches))]
        return np.stack(sums).sum(0)
