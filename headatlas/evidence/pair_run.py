"""Evidence about an encoder-decoder: what the loss of the target rises by without each head of its two stacks.

The heads of the encoder, of the decoder, and those that read the encoder from the decoder are replaced by their means,
one at a time, in whole passes: the two stacks are not cut at a layer.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property, partial
from typing import Any

import numpy as np
import torch
from jaxtyping import Bool, Float, Float64, Int64
from torch import Tensor

from headatlas import probes
from headatlas.attention.hooks import model_input
from headatlas.attention.modules import AttentionModule, find_modules
from headatlas.attention.outputs import by_head
from headatlas.evidence.probe_rows import percentiles
from headatlas.evidence.removing import ablation
from headatlas.evidence.removing.metrics import prompts, readings
from headatlas.evidence.removing.passes import NotAvailable, PromptBatch
from headatlas.evidence.store import Arrays, Cost, EvidenceStore, Row
from headatlas.inputs.forward_batch import Inputs
from headatlas.inputs.vocabulary import Vocabulary
from headatlas.models.load import Model
from headatlas.models.threads import ThreadShare
from headatlas.probes import PROBES, Probe
from headatlas.probes.metrics import EVERY_TOKEN, LOSS
from headatlas.scoring.scores import bootstrap_interval
from headatlas.store.job import Part, Progress

# Tokens of the targets that are scored on a probe.
N_TOKENS = 300
KINDS = ("encoder", "decoder", "cross")
_LEFT_OUT = "this model has two stacks, and they are looked at in one"


def pair_probes() -> list[Probe]:
    """Probes whose texts come with a source and a target."""
    return [probe for probe in PROBES if probe.medium == "pairs"]


class PairRun:
    """One run over an encoder-decoder; its parts are computed unless they are in the database already.

    Of probes that were not `named` by somebody the one is scored whose targets the model predicts best: it translates
    one way.
    """

    def __init__(
        self, kept: EvidenceStore, number: int, model: Model, chosen: Sequence[Probe], seed: int, *, named: bool
    ) -> None:
        self.kept, self.number, self.model, self.chosen, self.seed = kept, number, model, chosen, seed
        self.named = named
        rows = [row for row in kept.store.layers(kept.scan) if row["scored"] and row["attention"] in KINDS]
        self.n_heads = {(row["attention"], row["layer"]): row["n_heads"] for row in rows}
        self.causal = {row["attention"]: bool(row["causal"]) for row in rows}
        self.modules = [
            module for module in find_modules(model.bridge) if (module.attention, module.layer) in self.n_heads
        ]
        self.notes = [f"weights: left out, {_LEFT_OUT}", f"groups and edges: left out, {_LEFT_OUT}"]

    def gather(self, progress: Progress | None) -> None:
        """Computes what is missing, then writes everything.

        Raises:
            DatabaseError: another process has begun another run in its place.
        """
        jobs = self.kept.jobs
        parts = list(self._parts())
        with ThreadShare() as share:
            shared = [replace(part, compute=partial(share, part.compute)) for part in parts]
            jobs.compute(self.number, shared, partial(self.kept.write_part, self.number), progress)
        if not jobs.is_running(self.number):
            return
        rows, costs = list(self._rows()), list(self._costs())
        self.kept.finish(self.number, rows, (), costs, (), (), self.notes, len(parts))

    @cached_property
    def texts(self) -> dict[str, PairTexts]:
        """What is scored, by the name of the probe."""
        vocabulary = Vocabulary(self.model.tokenizer, self.model.info.d_vocab, self.model.decoder_start)
        longest = self.model.info.context - len(self.model.decoder_start)
        texts = {}
        for probe in self.chosen:
            made = probes.make(probe, vocabulary, longest, self.seed, self.model.media)
            if any(sequence.source is None for sequence in made.sequences):
                self.notes.append(f"{probe.name}: left out, its texts come without a target of their own")
                continue
            scored = prompts(made.sequences, EVERY_TOKEN, n_tokens=N_TOKENS, longest=self.model.info.context)
            if scored:
                texts[probe.name] = PairTexts(self.model, PromptBatch(scored), self.causal)
            else:
                self.notes.append(f"{probe.name}: left out, {made.reason or 'none of its sequences can be scored'}")
        if self.named or len(texts) < 2:
            return texts
        losses = {name: some.losses().sum() / len(some.batch.targets) for name, some in texts.items()}
        best = min(losses, key=lambda name: losses[name])
        self.notes += [
            f"{name}: left out, the model predicts these targets worse than those of {best}"
            for name in texts
            if name != best
        ]
        return {best: texts[best]}

    def _parts(self) -> Iterator[Part[str, Arrays]]:
        for name, texts in self.texts.items():
            cost = texts.batch.tokens.numel()
            yield Part(f"{name}/clean", cost, partial(_clean_part, texts))
            for module in self.modules:
                n_heads = self.n_heads[module.attention, module.layer]
                yield Part(f"{name}/{module.name}", n_heads * cost, partial(_effects_part, texts, module, n_heads))

    def _rows(self) -> Iterator[Row]:
        ids = {
            (row["attention"], row["layer"], row["head"]): row["id"]
            for row in self.kept.store.db.query("select * from heads where scan_id = ?", [self.kept.scan])
        }
        for name, texts in self.texts.items():
            counts = ablation.counts(texts.batch)
            clean = self.kept.part(self.number, f"{name}/clean")["readings"]
            intact = float(clean.sum() / counts.sum())
            heads: list[int] = []
            parts = []
            for module in self.modules:
                part = self.kept.part(self.number, f"{name}/{module.name}")
                if "left_out" in part:
                    self.notes.append(f"{name}: {module.name} left out, {part['left_out']}")
                    continue
                parts.append(part["sums"])
                heads += [ids[module.attention, module.layer, head] for head in range(part["sums"].shape[1])]
            if parts:
                yield from _rows_of(np.concatenate(parts, 1), counts, heads, self._probe(name), intact, self.seed)

    def _costs(self) -> Iterator[Cost]:
        for name in self.texts:
            seconds = self.kept.seconds(self.number, [f"{name}/clean", *(f"{name}/{m.name}" for m in self.modules)])
            n_heads = sum(self.n_heads.values())
            yield Cost(self._probe(name), seconds, n_heads, n_heads)

    def _probe(self, name: str) -> int:
        return self.kept.probe_id(PROBES[name])


class PairTexts:
    """Pairs that are run together, with the predictions that are scored in their targets."""

    def __init__(self, model: Model, batch: PromptBatch, causal: Mapping[str, bool]) -> None:
        self.model, self.batch = model, batch
        self.inputs = Inputs([prompt.sequence for prompt in batch.prompts], causal)

    def real(self, attention: str) -> Bool[Tensor, "batch query"]:
        """The queries of a kind of attention that are not padding."""
        return self.inputs.batch(attention).real

    def losses(self, hooks: Sequence[tuple[str, Any]] = ()) -> Float64[np.ndarray, " prompt"]:
        """The loss of each target, summed over its tokens, with hooks in place."""
        device = self.model.info.device
        first, options = model_input(self.inputs, device=device, masked=True)
        with torch.inference_mode(), self.model.bridge.hooks(fwd_hooks=list(hooks)):
            logits = self.model.bridge(first, return_type="logits", **options)
        at_targets = logits[self.batch.rows.to(logits.device), self.batch.queries.to(logits.device)]
        losses = readings(at_targets, self.batch.targets, (LOSS,))[:, 0].double().cpu()
        return np.array([float(part.sum()) for part in losses.split(ablation.counts(self.batch).tolist())])

    def effects(self, module: AttentionModule, n_heads: int) -> Float64[np.ndarray, "prompt head"]:
        """What each target's loss rises by with each head of a module replaced by its mean over what is no padding.

        Raises:
            NotAvailable: its heads' outputs pass no hook.
        """
        name = module.hook.removesuffix("hook_pattern") + "hook_z"
        if name not in self.model.bridge.hook_dict or not module.hook.endswith("hook_pattern"):
            raise NotAvailable("its heads' outputs pass no hook")
        kept: list[Tensor] = []
        before = self.losses([(name, lambda z, hook: kept.append(by_head(z, n_heads).float()))])
        if not kept:
            raise NotAvailable("the hook of its heads' outputs does not fire")
        means: Float[Tensor, "head d_head"] = kept[0][self.real(module.attention).to(kept[0].device)].mean(0)
        rises = [self.losses([(name, _replacing(head, means, n_heads))]) - before for head in range(n_heads)]
        return np.stack(rises, 1)


def _replacing(head: int, means: Float[Tensor, "head d_head"], n_heads: int) -> Any:
    """A hook that puts a head's mean in the place of its output."""

    def replace_output(z: Tensor, hook: Any) -> Tensor:
        shape = z.shape
        z = by_head(z, n_heads).clone()
        z[:, :, head] = means[head].to(z)
        return z.reshape(shape)

    return replace_output


def _clean_part(texts: PairTexts) -> Arrays:
    return {"readings": texts.losses()}


def _effects_part(texts: PairTexts, module: AttentionModule, n_heads: int) -> Arrays:
    try:
        return {"sums": texts.effects(module, n_heads)}
    except NotAvailable as reason:
        return {"left_out": np.array(str(reason))}


def _rows_of(
    sums: Float64[np.ndarray, "prompt head"], counts: Int64[np.ndarray, " prompt"], heads: Sequence[int], probe: int,
    intact: float, seed: int,
) -> Iterator[Row]:  # fmt: skip
    """A row for each head, by its number in the database."""
    values = sums.sum(0) / counts.sum()
    ranks = percentiles(values)
    low, high = bootstrap_interval(sums[:, :, None], counts[:, None], seed)
    for number, head in enumerate(heads):
        yield Row(
            head, LOSS, probe, values[number], low[number, 0], high[number, 0], ranks[number], intact,
            int(counts.sum()), len(counts),
        )  # fmt: skip
