"""One edge between two heads, on a probe: the prompts, the passes and what they come to, with intervals."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch
from jaxtyping import Bool, Float64, Int64
from torch import Tensor

from headatlas import probes
from headatlas.catalog.reader import Reader
from headatlas.errors import HeadatlasError
from headatlas.evidence.paths.patching import Edge, by_route, drawn_elsewhere, scores
from headatlas.evidence.paths.result import ROUTES, Measured, PathResult, RouteEffect
from headatlas.evidence.paths.store import keep, open_scan
from headatlas.evidence.removing import ablation
from headatlas.evidence.removing.metrics import default_probes, metric_of, prompts
from headatlas.evidence.removing.passes import Clean, NotAvailable, PromptBatch, z_hook
from headatlas.evidence.removing.removals import Removals
from headatlas.evidence.run import resolved
from headatlas.evidence.tasks.replacement import outputs
from headatlas.evidence.text_run import LONGEST
from headatlas.evidence.words.effect_words import tested_on
from headatlas.evidence.words.verdicts import is_resting
from headatlas.files.given import exists
from headatlas.heads import Head
from headatlas.inputs.sequence import TokenSequence
from headatlas.inputs.token_batch import TokenBatch
from headatlas.inputs.vocabulary import Vocabulary
from headatlas.models.load import Model, load_model, name_of
from headatlas.patterns import PATTERNS
from headatlas.patterns.definition import Pattern
from headatlas.probes import PROBES, Probe
from headatlas.probes.metrics import Prompt
from headatlas.scoring.scores import bootstrap_interval
from headatlas.scoring.targets import targets_of
from headatlas.settings import LoadOptions

if TYPE_CHECKING:
    from headatlas.models.load import AnyModel


def measure_path(
    model: AnyModel,
    a: Head,
    b: Head,
    *,
    db: str | Path,
    name: str | None = None,
    load: LoadOptions = LoadOptions(),
    probe: str | None = None,
    pattern: str | None = None,
    resampled: bool = False,
    seed: int = 0,
) -> PathResult:
    """What of head `a`'s effect goes through the queries, keys and values of the later head `b`.

    `probe` is by default the one that tests b's first label which says more than that it rests, and `pattern` that
    label, where the model is scanned in `db`; else the first that evidence is gathered on. The model runs in float32
    on one device. The result is stored with the model's finished scan, where `db` holds one, in the place of an
    earlier one of the same edge and probe; otherwise nothing is written.

    Raises:
        HeadatlasError: the heads are not of two layers in this order, or of another model; the model allows no such
            passes, or its weights are not those of the scan; there is no such probe or pattern.
    """
    if isinstance(model, str | Path):
        model, name, load = resolved(str(model), name, load, db)
    name = name or name_of(model)
    for head in (a, b):
        if head.attention != "self":
            raise HeadatlasError(f"{head} is no head of a decoder; paths are followed between those of a decoder.")
    if a.layer >= b.layer:
        raise HeadatlasError(f"{a} does not stand before {b}: only an earlier layer's output can be read.")
    known = PATTERNS[pattern] if pattern else _label_of(db, name, b)
    chosen = PROBES[probe] if probe else _probe_of(known)
    loaded = load_model(model, replace(load, dtype="float32", device_map=None, n_devices=None), name_as=name)
    try:
        with open_scan(db, name, model, loaded.info) as kept:
            with nullcontext() if kept is None else kept.store.open_to_others():
                result = _measured(loaded, name, a, b, chosen, known, resampled, seed)
            if kept is None:
                return result
            keep(kept, result, a, b, chosen, seed)
            return replace(result, stored=True)
    except NotAvailable as reason:
        raise HeadatlasError(f"The path from {a} to {b} of '{name}' cannot be followed: {reason}.") from reason


def _label_of(db: str | Path, name: str, head: Head) -> Pattern | None:
    """The pattern of a head's first label that is more than rest; None where there is none, or no scan."""
    if not exists(db):
        return None
    with closing(Reader(db)) as reader:
        rows = reader.rows(
            "select label from head_labels where model = ? and attention = ? and layer = ? and head = ? order by rank",
            [name, *head],
        )
    return next((PATTERNS.get(row["label"]) for row in rows if not is_resting(row["label"])), None)


def _probe_of(pattern: Pattern | None) -> Probe:
    """The probe on which evidence tests a pattern; the first of evidence where there is none."""
    tested = tested_on(pattern.probe, [probe.name for probe in default_probes()]) if pattern is not None else None
    return PROBES[tested] if tested else default_probes()[0]


def _measured(
    model: Model, name: str, a: Head, b: Head, probe: Probe, pattern: Pattern | None, resampled: bool, seed: int
) -> PathResult:
    metric = metric_of(probe)
    made = probes.make(probe, Vocabulary(model.tokenizer, model.info.d_vocab), model.info.context, seed)
    chosen = prompts(made.sequences, metric, n_tokens=metric.n_tokens, longest=LONGEST)
    if not chosen:
        raise HeadatlasError(f"{probe.name} has no prompts for this model: {made.reason or 'none can be scored'}.")
    bridge, n_heads = model.bridge, model.info.n_heads
    layers = [layer for layer in range(len(bridge.blocks)) if z_hook(layer) in bridge.hook_dict]
    for head in (a, b):
        if head.layer not in layers or head.head >= n_heads:
            raise HeadatlasError(f"{head} is no head of '{name}', which has {len(layers)} layers of {n_heads}.")
    batch = PromptBatch(chosen)
    passes = Removals(bridge, layers, [n_heads] * len(layers), model.info.device)
    edge = Edge(passes, batch, (a.layer, a.head), (b.layer, b.head))
    before, routes = edge.routes(
        _replacement(passes, batch, edge.clean, a.layer, seed if resampled else None), metric.types
    )
    targets = _targets(pattern, chosen, made.sequences)
    falls, counted = by_route(routes, targets, before), _counted(targets)
    counts = ablation.counts(batch)
    effects = _with_intervals({route: routes[route].effects[:, 0] for route in ROUTES}, counts, seed)
    changes = _with_intervals(falls, counted, seed) if counted is not None else {}
    score = None if targets is None or counted is None else float(scores(before.pattern, targets).sum() / counted.sum())
    return PathResult(
        name, str(a), str(b), probe.name, metric.types[0], pattern.name if pattern and targets is not None else None,
        resampled, len(chosen), score,
        tuple(RouteEffect(route, effects[route], changes.get(route)) for route in ROUTES),
    )  # fmt: skip


def _replacement(passes: Removals, batch: PromptBatch, clean: Clean, layer: int, seed: int | None) -> Tensor:
    """What outputs of a layer's heads are replaced by: their mean, or (with a seed) those drawn from other prompts."""
    if seed is None:
        return ablation.means([clean], [batch], layer)
    rows, positions = drawn_elsewhere(batch.real.cpu(), seed)
    return outputs(passes, batch)[layer][:, rows.to(passes.device), positions.to(passes.device)]


def _targets(
    pattern: Pattern | None, chosen: Sequence[Prompt], sequences: Sequence[TokenSequence]
) -> Bool[Tensor, "batch query key"] | None:
    """The keys of a pattern in the prompts; None where it has none there."""
    if pattern is None or pattern.targets is None:
        return None
    targets = targets_of(pattern, TokenBatch([_with_roles(prompt.sequence, sequences) for prompt in chosen]))
    targets = torch.as_tensor(np.asarray(targets)) if not isinstance(targets, Tensor) else targets
    return targets if bool(targets.any()) else None


def _with_roles(sequence: TokenSequence, sequences: Sequence[TokenSequence]) -> TokenSequence:
    """A prompt with the roles of the sequence that it was cut from."""
    for whole in sequences:
        n = min(len(whole), len(sequence))
        if whole.ids[:n] == sequence.ids[:n]:
            kept = {
                role: {position: group for position, group in groups.items() if position < n}
                for role, groups in whole.roles.items()
            }
            return replace(sequence, roles=kept)
    return sequence


def _counted(targets: Bool[Tensor, "batch query key"] | None) -> Int64[np.ndarray, " prompt"] | None:
    """Queries of each prompt that a pattern has keys for."""
    return None if targets is None else targets.any(-1).sum(-1).long().numpy()


def _with_intervals(
    sums: dict[str, Float64[np.ndarray, " prompt"]], counts: Int64[np.ndarray, " prompt"], seed: int
) -> dict[str, Measured]:
    if not sums:
        return {}
    stacked = np.stack(list(sums.values()), 1)
    low, high = bootstrap_interval(stacked[:, :, None], counts[:, None], seed)
    return {
        name: Measured(float(values.sum() / counts.sum()), *(None if np.isnan(end) else float(end) for end in ends))
        for name, values, ends in zip(sums, stacked.T, np.concatenate([low, high], 1), strict=True)
    }
