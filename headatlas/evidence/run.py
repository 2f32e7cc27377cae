"""Gathers the evidence about a scan's heads, part by part, and stores it; goes on where it was cut off."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch

from headatlas import probes
from headatlas.errors import HeadatlasError
from headatlas.evidence import composition, copying, masked, pair_run, preferences, screen
from headatlas.evidence.metrics import default_probes, metric_of, prompts
from headatlas.evidence.passes import NotAvailable
from headatlas.evidence.probe_rows import ProbeRows, percentiles
from headatlas.evidence.probe_run import (
    SCREENING_FRACTION,
    SCREENING_MINIMUM,
    SECOND_STAGE_FRACTION,
    EvidencePart,
    OnProbe,
)
from headatlas.evidence.store import Arrays, Composition, Cost, EvidenceStore, Row, check_weights
from headatlas.evidence.types import TYPES
from headatlas.evidence.weights import ModelWeights
from headatlas.inputs.sequence import TokenSequence
from headatlas.inputs.vocabulary import Vocabulary
from headatlas.models.load import DEFAULT_CONTEXT, Model, load_model, name_of
from headatlas.models.source import location_of
from headatlas.models.threads import ThreadShare
from headatlas.probes import PROBES, Probe, natural_probes
from headatlas.probes.metrics import Metric, Prompt
from headatlas.settings import LoadOptions
from headatlas.store.job import Outcome, Part, Plan, Progress
from headatlas.store.locations import stored_model
from headatlas.store.scans import Store

if TYPE_CHECKING:
    from headatlas.models.load import AnyModel

# Goes up when the same probes and kinds would give other numbers than before.
METHOD_VERSION = 3
SCREEN_VERSION = 2
# Texts that are scored throughout are cut to this length, so that there are several.
LONGEST = 40


def gather(
    model: AnyModel,
    *,
    db: str | Path,
    name: str | None = None,
    probe_names: Sequence[str] = (),
    load: LoadOptions = LoadOptions(),
    force: bool = False,
    exact: bool = False,
    progress: Progress | None = None,
) -> Outcome:
    """Adds evidence to the finished scan of a model: from its weights, and from ablations on `probe_names`.

    The model is the one that was scanned (the digest of its weights is compared) and runs in float32 on one device.
    Heads that a screen lets go are not removed, and what they do is estimated; with `exact` every head is removed.
    Evidence that is there is left alone unless `force` is given, and replaced only when the new one is complete.
    `progress` is called with work done and work in all. `probe_names` default to `default_probes()`, of
    an encoder-decoder to the probes of pairs of texts.

    Raises:
        HeadatlasError: there is no such scan, it is of other weights, or its evidence was made with other settings.
    """
    if isinstance(model, str | Path):
        model, name, load = resolved(str(model), name, load, db)
    name = name or name_of(model)
    if not Path(db).exists():
        raise HeadatlasError(f"There is no database {db}. Make one with `headatlas scan {name} --evidence --db {db}`.")
    with Store(db) as store:
        scan = store.finished(name)
        if scan is None:
            raise HeadatlasError(
                f"{store.path} holds no finished scan of '{name}' to add evidence to. "
                "Run `headatlas scan` first, or `headatlas scan --evidence` for both."
            )
        # Of an encoder-decoder the loss of the target is scored, where texts have one.
        of_pairs = any(row["attention"] == "cross" for row in store.layers(scan["id"]))
        by_default = pair_run.pair_probes() if of_pairs else default_probes()
        chosen = [PROBES[probe] for probe in probe_names] if probe_names else by_default
        settings = {
            "method": METHOD_VERSION,
            "kinds": [(type_.name, type_.version) for type_ in TYPES.values()],
            "probes": [(probe.name, probe.version, metric_of(probe).n_tokens) for probe in chosen],
            "longest": LONGEST,
            "first": [SCREENING_FRACTION, SCREENING_MINIMUM, SECOND_STAGE_FRACTION],
            "seed": scan["seed"],
        }
        # Where every head is removed the plan is that of versions which did nothing else: their evidence stands.
        whole = _plan(settings)
        if not exact:
            settings["screen"] = [
                SCREEN_VERSION, screen.MIN_HEADS, screen.FIRST_ORDER_FRACTION, screen.CARRIED_FRACTION,
                screen.RANDOM_FRACTION, screen.CARRIED_BLOCKS, screen.CARRIED_BLOCKS_EARLY,
            ]  # fmt: skip
        plan = _plan(settings)
        kept = EvidenceStore(store, scan["id"])
        finished = kept.jobs.done(scan["id"])
        if finished is not None and not force:
            if finished["plan"] in (plan.digest, whole.digest):  # what is measured need not be estimated
                return Outcome(name, ran=False, resumed=False)
            raise HeadatlasError(
                f"{store.path} holds evidence about '{name}' made with other settings or another version. "
                "Use --force to gather it again."
            )
        # On one device: what a block gives is held and put into later blocks.
        load = replace(load, dtype="float32", device_map=None, n_devices=None)
        loaded = load_model(model, load, name_as=name)
        check_weights(model, loaded.info, scan, store)
        number, resumed = kept.jobs.take_up(scan["id"], plan, lambda: kept.begin(plan, settings, chosen))
        seed = int(scan["seed"])
        run = (
            pair_run.PairRun(kept, number, loaded, chosen, seed, named=bool(probe_names))
            if of_pairs and loaded.decoder_start
            else _Run(kept, number, loaded, chosen, seed, screened=not exact)
        )
        run.gather(progress)
    return Outcome(name, ran=True, resumed=resumed)


def _plan(settings: Mapping[str, object]) -> Plan:
    return Plan(hashlib.sha256(json.dumps(settings, sort_keys=True).encode()).hexdigest())


def resolved(model: str, name: str | None, load: LoadOptions, db: str | Path) -> tuple[str, str | None, LoadOptions]:
    """What to load for a model or a stored scan, the name of the scan, and how to load it.

    Raises:
        ModelError: the model of a stored scan is not where it was.
    """
    stored = stored_model(db, model) if name in (None, model) else None
    if stored is None:
        return model, name, load
    if location_of(model) is not None:
        return model, stored.model, load
    return stored.to_load(), stored.model, replace(load, revision=load.revision or stored.revision)


class _Run:
    """One run: its parts, each of which is computed unless it is already in the database, and their summary."""

    def __init__(
        self, kept: EvidenceStore, number: int, model: Model, chosen: Sequence[Probe], seed: int, *, screened: bool
    ) -> None:
        self.kept = kept
        self.number = number
        self.model = model
        self.chosen = chosen
        self.seed = seed
        self.screened = screened
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
        with ThreadShare() as share:
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
        )

    def _note(self, text: str) -> None:
        if text not in self.notes:
            self.notes.append(text)

    # What there is to do.

    def _parts(self) -> Iterator[EvidencePart]:
        size = self.model.info.d_vocab
        yield Part("copying", size // 8, self._copying)
        yield Part("top_tokens", size // 4, self._top_tokens)
        yield Part("composition", size // 8, self._composition)
        yield Part("preferences", size // 32, self._preferences)
        if not self.causal and (reason := masked.why_not(self.model)):
            self._note(f"ablations: left out, the model's attention is bidirectional, and {reason}")
            return
        for on_probe in self.on_probes:
            yield from on_probe.parts()

    @cached_property
    def vocabulary(self) -> Vocabulary:
        return Vocabulary(self.model.tokenizer, self.model.info.d_vocab)

    @cached_property
    def on_probes(self) -> list[OnProbe]:
        on_probes = []
        for probe in self.chosen:
            made = probes.make(probe, self.vocabulary, self.model.info.context, self.seed)
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
                        self.weights,
                        probe,
                        metric,
                        chosen,
                        expected,
                        stored,
                        self.seed if self.screened else None,
                        self.kept.groups_on(probe.name, names),
                    )
                )
            else:
                why_not = made.note or "none of its sequences has a prediction to score"
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

    # From the weights.

    @cached_property
    def weights(self) -> ModelWeights:
        return ModelWeights(self.model.bridge, self.layers, self.model.info.device)

    def _copying(self) -> Arrays:
        own = self.weights
        tokens = copying.token_sample(len(own.embedding))
        towards = own.unembedding[:, tokens]
        arrays = {"ov_copying": copying.copying_scores(own.layers, own.embedding[tokens], towards, own.final)}
        try:
            scores = copying.copying_scores(own.layers, own.after_mlp(tokens), towards, own.final)
        except NotAvailable as reason:
            return {**arrays, "left_out": np.array(f"after the first feed-forward layer only: {reason}")}
        return {**arrays, "ov_copying_after_mlp": scores}

    def _top_tokens(self) -> Arrays:
        own = self.weights
        tokens = self._real_tokens()
        read = own.after_mlp(torch.as_tensor(tokens))
        top, bottom = copying.top_tokens(own.layers, tokens, read, own.unembedding, own.final)
        return {"ov_top_tokens": top, "ov_bottom_tokens": bottom}

    def _composition(self) -> Arrays:
        reasons: list[NotAvailable] = []

        def reduced() -> Iterator[composition.Reduced]:
            for layer in self.weights.layers:
                made = composition.Reduced(layer)
                reasons.extend([made.left_out] if made.left_out else [])
                yield made

        links = list(composition.links(reduced()))
        rows = [(*link.later, *link.earlier, composition.READERS.index(link.reads), link.rank) for link in links]
        values = np.array([link.value for link in links])
        arrays = {"places": np.array(rows, dtype=np.int64).reshape(-1, 6), "values": values}
        if reasons:
            arrays["left_out"] = np.array(f"queries and keys only: {reasons[0]}")
        return arrays

    def _preferences(self) -> Arrays:
        tokens = self._real_tokens()
        read = self.weights.after_mlp(torch.as_tensor(tokens))
        return preferences.preferences(self.model, self.weights.layers, read, tokens)

    def _real_tokens(self) -> np.ndarray:
        """Different tokens of the natural texts, or any ordinary ones where there is no text; in a drawn order."""
        made = probes.make(PROBES[natural_probes()[0]], self.vocabulary, DEFAULT_CONTEXT, self.seed)
        seen = {
            token
            for sequence in made.sequences
            for token, special in zip(sequence.ids, sequence.special, strict=True)
            if not special
        }
        ids = np.array(sorted(seen)) if seen else self.vocabulary.ordinary_ids
        return np.random.default_rng(self.seed).permutation(ids)[: copying.N_TOKENS]

    # What comes of it.

    def _rows(self, ids: dict[tuple[int, int], int]) -> Iterator[Row]:
        numbers = [ids[head] for head in self.heads]
        for part in ("copying", "top_tokens", "preferences"):
            for type_, values in self.kept.part(self.number, part).items():
                if type_ in TYPES:
                    ranks = percentiles(values)
                    for head, value, rank in zip(numbers, values, ranks, strict=True):
                        if not np.isnan(value):
                            yield Row(head, type_, None, value, percentile=rank)
        if self.causal or not masked.why_not(self.model):
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
        for on_probe in self.on_probes if self.causal else ():
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
