"""Heads that carry a task from examples to an answer: what their output adds where the examples say nothing.

After Todd et al. 2023, arXiv:2310.15213: a head's mean output at the end of prompts whose examples are right is put in
the place of its output at the end of prompts whose examples have each other's answers, and the rise in the probability
of the right answer is its effect. The sign is kept: some heads write the task, others write against it. A head that
brings the answer to the very question, such as a country's capital, is below 0 too: its mean holds those of others.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from jaxtyping import Bool, Float, Float64
from torch import Tensor

from headatlas.attention.outputs import by_head
from headatlas.evidence.probe_rows import percentiles
from headatlas.evidence.removing.passes import Clean, NotAvailable, PromptBatch, z_hook
from headatlas.evidence.removing.screen import MIN_HEADS
from headatlas.evidence.removing.screen_passes import ScreenPasses
from headatlas.evidence.store import Row
from headatlas.evidence.types import FUNCTION
from headatlas.evidence.weights.relations import single_token
from headatlas.evidence.word_pairs import RELATIONS
from headatlas.inputs.vocabulary import Vocabulary
from headatlas.models.load import Model
from headatlas.probes.metrics import LOSS, Prompt, Target
from headatlas.scoring.scores import bootstrap_interval

# Relations of words that prompts are made of.
TASKS = ("opposite", "plural", "past_tense", "capital", "comparative")
# Examples in a prompt, prompts with right examples and prompts with shuffled ones of each task.
N_EXAMPLES, N_RIGHT, N_SHUFFLED = 6, 16, 8
# A task counts where right examples have the model give at least this share of right answers.
DONE = 0.25
# Heads that are measured, the largest to first order, where a model has too many for all: this share, and no more than.
MEASURED_FRACTION, MAX_MEASURED = 1 / 8, 48


@dataclass(frozen=True)
class ShownTask:
    """A task shown by examples: prompts whose examples are right, and others whose examples have others' answers."""

    name: str
    right: tuple[Prompt, ...]
    shuffled: tuple[Prompt, ...]


def shown_tasks(vocabulary: Vocabulary, longest: int, seed: int) -> list[ShownTask]:
    """The tasks as a model reads them; those for which its vocabulary has too few pairs are left out.

    Raises:
        NotAvailable: there is no tokenizer.
    """
    if vocabulary.tokenizer is None:
        raise NotAvailable("there is no tokenizer, so that no examples can be shown")
    tasks = []
    for number, relation in enumerate(relation for relation in RELATIONS if relation.name in TASKS):
        pairs = [(source, single_token(vocabulary, target)) for source, target in relation.pairs]
        known = [(source, target) for source, target in pairs if target is not None]
        random = np.random.default_rng([seed, number])
        if len({target for _, target in known}) > N_EXAMPLES:
            right, shuffled = (
                tuple(_prompt(vocabulary, known, random, shuffles) for _ in range(n))
                for n, shuffles in ((N_RIGHT, False), (N_SHUFFLED, True))
            )
            if max(map(len, (*right, *shuffled))) <= longest:
                tasks.append(ShownTask(relation.name, right, shuffled))
    return tasks


def _prompt(
    vocabulary: Vocabulary, pairs: Sequence[tuple[str, int]], random: np.random.Generator, shuffles: bool
) -> Prompt:
    """Lines such as "hot: cold", and a last one whose answer, which no other line has, is due."""
    chosen: list[tuple[str, int]] = []
    for index in random.permutation(len(pairs)):
        if pairs[index][1] not in [target for _, target in chosen]:
            chosen.append(pairs[index])
        if len(chosen) > N_EXAMPLES:
            break
    *examples, (asked, answer) = chosen
    targets = [target for _, target in examples]
    if shuffles:  # in a circle of random order, so that nobody has its own
        order = random.permutation(N_EXAMPLES)
        targets = [targets[order[(list(order).index(i) + 1) % N_EXAMPLES]] for i in range(N_EXAMPLES)]
    ids: list[int] = []
    for (source, _), target in zip(examples, targets, strict=True):
        ids += [*vocabulary.encode(f"{source}:"), target, *vocabulary.encode("\n")]
    ids += vocabulary.encode(f"{asked}:")
    sequence = vocabulary.sequence(ids, before=vocabulary.bos, after=())
    return Prompt(sequence, (Target(len(sequence) - 1, answer),))


def effects(
    model: Model, layers: Mapping[int, int], tasks: Sequence[ShownTask], *, screened: bool = True
) -> dict[str, np.ndarray]:
    """What each head's mean output from right examples adds to the probability of the answer where they are shuffled.

    A model of few heads, or one that is not `screened`, has all of them measured; of another those with the largest
    effects to first order are, since the last token alone is changed and a gradient sees most of it.

    Returns:
        `measured` and `estimated`, [prompt, head], heads layer by layer; not a number where a head was not measured.
        `done` [task] is the share of right answers from right examples; empty `measured` where no task is done.

    Raises:
        NotAvailable: the model cannot be run backwards, or its passes cannot begin at a layer.
    """
    heads = [(layer, head) for layer, n_heads in layers.items() for head in range(n_heads)]
    done, prepared = [], []
    for task in tasks:
        on_task = _OnTask(model, layers, task)
        done.append(on_task.done)
        if on_task.done >= DONE:
            prepared.append(on_task)
    estimated = np.concatenate([np.zeros((0, len(heads))), *(on_task.estimated() for on_task in prepared)])
    chosen = np.ones(len(heads), dtype=bool)
    if screened and len(heads) >= MIN_HEADS and len(estimated):
        n = min(MAX_MEASURED, round(MEASURED_FRACTION * len(heads)))
        chosen[:] = False
        chosen[np.argsort(-np.abs(estimated.mean(0)), kind="stable")[:n]] = True
    measured = np.concatenate([np.zeros((0, len(heads))), *(on_task.measured(chosen) for on_task in prepared)])
    return {"measured": measured, "estimated": estimated, "done": np.array(done)}


class _OnTask:
    """Passes over the prompts of one task whose examples are shuffled, and what is put in at their last tokens."""

    def __init__(self, model: Model, layers: Mapping[int, int], task: ShownTask) -> None:
        self.layers = layers
        self.passes, self.batch = self._of(model, task.shuffled)
        passes, batch = self._of(model, task.right)
        right = passes.clean(batch)
        self.done = float((right.logits.argmax(-1).cpu() == _answers(batch)).float().mean())
        self._means = {layer: z.mean(0) for layer, z in right.z.items()}
        self._clean: Clean | None = None

    def _of(self, model: Model, prompts: Sequence[Prompt]) -> tuple[ScreenPasses, PromptBatch]:
        passes = ScreenPasses(model.bridge, list(self.layers), list(self.layers.values()), model.info.device)
        return passes, PromptBatch(prompts)

    @property
    def clean(self) -> Clean:
        """The pass with nothing put in."""
        if self._clean is None:
            self._clean = self.passes.clean(self.batch)
        return self._clean

    def put_in(self) -> dict[int, Float[Tensor, "head prompt position d_head"]]:
        """Outputs of each layer's heads in that pass, with the means at the last tokens."""
        outputs: dict[int, Tensor] = {}
        rows, last = self.batch.rows.to(self.passes.device), self.batch.queries.to(self.passes.device)

        def keep(layer: int) -> Any:
            def hook(z: Tensor, hook: Any) -> None:
                own = by_head(z, self.layers[layer]).float().clone()
                own[rows, last] = self._means[layer].to(own)
                outputs[layer] = own.movedim(-2, 0)

            return hook

        self.passes.logits(self.batch, [(z_hook(layer), keep(layer)) for layer in self.layers])
        return outputs

    def estimated(self) -> Float64[np.ndarray, "prompt head"]:
        """Effects to first order, all heads at once."""
        first_order = self.passes.first_order(self.batch, self.clean, self.put_in(), LOSS)
        rise_of_loss = np.concatenate([first_order.effects[layer] for layer in self.layers], 1)
        return -rise_of_loss * self._probabilities(self.clean.logits)[:, None]

    def measured(self, chosen: Bool[np.ndarray, " head"]) -> Float64[np.ndarray, "prompt head"]:
        """Effects of the chosen heads."""
        before = self._probabilities(self.clean.logits)
        values = np.full((len(self.batch.prompts), len(chosen)), np.nan)
        outputs, first = self.put_in(), 0
        for layer, n_heads in self.layers.items():
            own = np.flatnonzero(chosen[first : first + n_heads]).tolist()
            for head, logits in self.passes.ablated(self.batch, self.clean, layer, outputs[layer], own):
                values[:, first + head] = self._probabilities(logits) - before
            first += n_heads
        return values

    def _probabilities(self, logits: Float[Tensor, "prompt vocabulary"]) -> Float64[np.ndarray, " prompt"]:
        probabilities = logits.float().softmax(-1).cpu()
        rows = torch.arange(len(probabilities))
        values: Float64[np.ndarray, " prompt"] = probabilities[rows, _answers(self.batch)].double().numpy()
        return values


def _answers(batch: PromptBatch) -> Tensor:
    return torch.tensor([target.right for target in batch.targets])


def rows(arrays: Mapping[str, np.ndarray], heads: Sequence[int], seed: int) -> Iterator[Row]:
    """A row for each head (their numbers in the database, in the order of `effects`); none where no task is done."""
    if "measured" not in arrays:
        return
    measured, estimated = arrays["measured"], arrays["estimated"]
    exact = ~np.isnan(measured).any(0)
    values = np.where(exact, measured.mean(0), estimated.mean(0))
    low, high = np.full(len(values), np.nan), np.full(len(values), np.nan)
    counts = np.ones((len(measured), 1), dtype=np.int64)
    intervals = bootstrap_interval(measured[:, exact, None], counts, seed)
    low[exact], high[exact] = (end[:, 0] for end in intervals)
    done = float(arrays["done"][arrays["done"] >= DONE].mean())
    for index, rank in enumerate(percentiles(values)):
        yield Row(
            heads[index], FUNCTION, None, values[index], low[index], high[index], rank, done,
            n_sequences=len(measured), exact=bool(exact[index]),
        )  # fmt: skip
