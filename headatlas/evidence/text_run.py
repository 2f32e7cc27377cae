"""Evidence about models that read text, decoders and encoders: its parts, and what of them goes into the database."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import cached_property, partial

import numpy as np

from headatlas import probes
from headatlas.attention.lanes import Lanes
from headatlas.errors import HeadatlasError
from headatlas.evidence import function_vectors, generation
from headatlas.evidence.probe_rows import ProbeRows, percentiles
from headatlas.evidence.probe_run import EvidencePart, OnProbe
from headatlas.evidence.removing import masked
from headatlas.evidence.removing.metrics import metric_of, prompts
from headatlas.evidence.removing.passes import NotAvailable, z_hook
from headatlas.evidence.store import Arrays, Composition, Cost, EvidenceStore, Row
from headatlas.evidence.types import TYPES, WRITING_TYPES
from headatlas.evidence.weight_parts import N_PAIRS, OF_HEADS, WeightParts
from headatlas.evidence.weights import composition
from headatlas.inputs.sequence import TokenSequence
from headatlas.inputs.vocabulary import Vocabulary
from headatlas.models.load import Model
from headatlas.models.threads import ThreadShare
from headatlas.probes import Probe
from headatlas.probes.metrics import Metric, Prompt
from headatlas.store.job import Part, Progress

# Texts that are scored throughout are cut to this length, so that there are several.
LONGEST = 40


class TextRun:
    """A run on a model of text: parts, each computed unless it is already in the database, and their summary."""

    def __init__(
        self,
        kept: EvidenceStore,
        number: int,
        model: Model,
        chosen: Sequence[Probe],
        seed: int,
        *,
        screened: bool,
        generate: bool = False,
    ) -> None:
        self.kept = kept
        self.number = number
        self.model = model
        self.chosen = chosen
        self.seed = seed
        self.screened = screened
        self.generate = generate
        self.notes: list[str] = []
        rows = [row for row in kept.store.layers(kept.scan) if row["scored"]]
        # Of an encoder-decoder nothing is gathered: its blocks are of two stacks.
        kinds = {row["attention"] for row in rows}
        self.kind = next(iter(kinds)) if kinds in ({"self"}, {"encoder"}) else "self"
        self.layers = {row["layer"]: row["n_heads"] for row in rows if row["attention"] == self.kind}
        self.causal = all(row["causal"] for row in rows)
        self.heads = [(layer, head) for layer, n_heads in self.layers.items() for head in range(n_heads)]
        if not self.layers:
            raise HeadatlasError(
                "This scan has heads of several kinds or of images; evidence is for decoders and for encoders of text."
            )

    def gather(self, progress: Progress | None) -> None:
        """Computes what is missing, then writes the summary of everything.

        Raises:
            DatabaseError: another process has begun another run in its place.
        """
        jobs = self.kept.jobs
        with (
            ThreadShare() as share,
            Lanes(self.model.bridge, self.model.info.device, z_hook(min(self.layers)), share) as self.lanes,
        ):
            parts = [replace(part, compute=partial(share, partial(_or_reason, part.compute))) for part in self._parts()]
            jobs.compute(self.number, parts, partial(self.kept.write_part, self.number), progress)
        if not jobs.is_running(self.number):  # another process has finished it
            return
        for part in parts:
            arrays = self.kept.part(self.number, part.key)
            if "left_out" in arrays:
                self._note(f"{part.key.split('/')[0]}: left out, {arrays['left_out']}")
        ids = {
            (row["layer"], row["head"]): row["id"]
            for row in self.kept.store.db.query(
                "select * from heads where scan_id = ? and attention = ?", [self.kept.scan, self.kind]
            )
        }
        costs = list(self._costs([part.key for part in parts]))
        groups = [
            group
            for on_probe in (self.on_probes if self.causal else ())
            for group in ProbeRows(on_probe).group_rows(self.kept.probe_id(on_probe.probe))
        ]
        self.kept.finish(
            self.number,
            self._rows(ids),
            self._compositions(ids),
            costs,
            groups,
            self._edges(ids),
            self.notes,
            len(parts),
            TYPES | WRITING_TYPES if self.generate else TYPES,
        )

    def _is_missing(self, part: str) -> bool:
        return bool(self.kept.jobs.missing(self.number, [part]))

    def _note(self, text: str) -> None:
        if text not in self.notes:
            self.notes.append(text)

    # What there is to do.

    def _parts(self) -> Iterator[EvidencePart]:
        yield from self.by_weights.parts()
        if self.generate:
            yield Part("generation", self.model.info.d_vocab, self._generation)
            n_tokens = len(function_vectors.TASKS) * function_vectors.N_SHUFFLED * 32
            n_heads = min(len(self.heads), function_vectors.MAX_MEASURED)
            yield Part("function vectors", n_tokens * n_heads * len(self.layers) // 2, self._function_vectors)
        if not self.removes:
            why_not = masked.why_not(self.model)
            self._note(f"ablations: left out, the model's attention is bidirectional, and {why_not}")
            return
        for on_probe in self.on_probes:
            yield from on_probe.parts()

    @cached_property
    def removes(self) -> bool:
        """Whether heads are removed: the model predicts next tokens, or masked ones."""
        return self.causal or not masked.why_not(self.model)

    @cached_property
    def vocabulary(self) -> Vocabulary:
        """The model's vocabulary."""
        return Vocabulary(self.model.tokenizer, self.model.info.d_vocab)

    @cached_property
    def by_weights(self) -> WeightParts:
        """What the weights say."""
        return WeightParts(self.model, self.layers, self.vocabulary, self.seed)

    @cached_property
    def on_probes(self) -> list[OnProbe]:
        """The removals on each probe that has predictions to score; for the others a note says why not."""
        on_probes = []
        captions = self.model.captions
        media = ("text",) if captions is None else ("text", captions.medium)
        for probe in self.chosen:
            made = probes.make(probe, self.vocabulary, self.model.info.context, self.seed, media, captions)
            metric = metric_of(probe)
            chosen = self._prompts(probe, metric, made.sequences)
            if chosen:
                names = [other.name for other in self.chosen]
                expected = self.kept.tested_on(probe.name, names)
                stored = partial(self.kept.part, self.number)
                on_probes.append(
                    OnProbe(
                        self.model,
                        self.layers,
                        self.by_weights.weights,
                        probe,
                        metric,
                        chosen,
                        expected,
                        stored,
                        self.seed if self.screened else None,
                        self.kept.groups_on(probe.name, names),
                        self.lanes,
                        self._is_missing,
                    )
                )
            else:
                why_not = made.reason or "none of its sequences has a prediction to score"
                if not self.causal and not probe.natural:
                    why_not = "its answers come next, and this model predicts masked tokens"
                self._note(f"{probe.name}: left out, {why_not}")
        return on_probes

    def _prompts(self, probe: Probe, metric: Metric, sequences: Sequence[TokenSequence]) -> list[Prompt]:
        """The prompts of a probe; for an encoder natural text with some tokens masked."""
        if self.causal:
            return prompts(sequences, metric, n_tokens=metric.n_tokens, longest=LONGEST)
        if not probe.natural:
            return []
        mask = int(self.model.tokenizer.mask_token_id)  # type: ignore[union-attr]
        return masked.masked_prompts(sequences, mask, n_tokens=metric.n_tokens, longest=LONGEST, seed=self.seed)

    def _generation(self) -> Arrays:
        if not self.causal:
            raise NotAvailable("the model's attention is bidirectional, so that it writes nothing")
        texts = generation.haystacks(self.vocabulary, self.model.info.context)
        if not texts:
            raise NotAvailable(f"a context of {self.model.info.context} tokens is too short for any of the texts")
        arrays = generation.copied(self.model, self.layers, texts)
        if not (arrays["said"] > generation.SAID).any():
            return {"left_out": np.array("the model gives none of the answers that it is asked for")}
        return arrays

    def _function_vectors(self) -> Arrays:
        if not self.causal:
            raise NotAvailable("the model's attention is bidirectional, so that it writes nothing")
        tasks = function_vectors.shown_tasks(self.vocabulary, self.model.info.context, self.seed)
        if not tasks:
            raise NotAvailable("its vocabulary has too few of the words, or its context is too short")
        arrays = function_vectors.effects(self.model, self.layers, tasks, screened=self.screened)
        if not len(arrays["measured"]):
            return {"left_out": np.array("the model does none of the tasks that it is shown examples of")}
        return arrays

    # What comes of it.

    def _rows(self, ids: dict[tuple[int, int], int]) -> Iterator[Row]:
        numbers = [ids[head] for head in self.heads]
        for part in OF_HEADS:
            arrays = self.kept.part(self.number, part)
            for type_, values in arrays.items():
                if type_ in TYPES:
                    ranks = percentiles(values)
                    n_pairs = arrays.get(f"{N_PAIRS}{type_}")
                    n = None if n_pairs is None else int(n_pairs)
                    for head, value, rank in zip(numbers, values, ranks, strict=True):
                        if not np.isnan(value):
                            yield Row(head, type_, None, value, percentile=rank, n_targets=n)
        if self.generate:
            yield from generation.rows(self.kept.part(self.number, "generation"), numbers, self.seed)
            yield from function_vectors.rows(self.kept.part(self.number, "function vectors"), numbers, self.seed)
        if self.removes:
            for on_probe in self.on_probes:
                yield from ProbeRows(on_probe).rows(numbers, self.kept.probe_id(on_probe.probe), self.seed)

    def _edges(self, ids: dict[tuple[int, int], int]) -> Iterator[dict[str, object]]:
        for on_probe in self.on_probes if self.causal else ():
            yield from ProbeRows(on_probe).edge_rows(ids, self.kept.probe_id(on_probe.probe))

    def _costs(self, parts: Sequence[str]) -> Iterator[Cost]:
        """What the weights cost, then each probe."""
        by_probe: dict[str, list[str]] = {}
        for part in parts:
            by_probe.setdefault(part.split("/")[0] if "/" in part else "", []).append(part)
        yield Cost(None, self.kept.seconds(self.number, by_probe[""]))
        for on_probe in self.on_probes if self.removes else ():
            seconds = self.kept.seconds(self.number, by_probe.get(on_probe.probe.name, ()))
            yield ProbeRows(on_probe).cost(self.kept.probe_id(on_probe.probe), seconds)

    def _compositions(self, ids: dict[tuple[int, int], int]) -> Iterator[Composition]:
        arrays = self.kept.part(self.number, "composition")
        if "places" not in arrays:
            return
        for (layer, head, early_layer, early_head, reader, rank), value in zip(
            arrays["places"].tolist(), arrays["values"].tolist(), strict=True
        ):
            yield Composition(
                ids[layer, head], ids[early_layer, early_head], composition.READERS[reader], round(value, 5), rank
            )


def _or_reason(compute: Callable[[], Arrays]) -> Arrays:
    """What a part gives, or why it cannot be had from this model."""
    try:
        return compute()
    except NotAvailable as reason:
        return {"left_out": np.array(str(reason))}
