"""Measures which heads of a model a task rests on, and keeps it beside the model's scan where there is one."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from jaxtyping import Float64, Int64
from scipy import stats

from headatlas.catalog.reader import Reader
from headatlas.errors import HeadatlasError
from headatlas.evidence.probe_rows import percentiles
from headatlas.evidence.removing.passes import NotAvailable, PromptBatch, z_hook
from headatlas.evidence.run import resolved
from headatlas.evidence.store import Arrays, Row, check_weights, has_scan
from headatlas.evidence.tasks.lines import Task
from headatlas.evidence.tasks.passes import TaskPasses, TaskSettings
from headatlas.evidence.tasks.prompts import TaskPrompt, task_prompts
from headatlas.evidence.tasks.result import TaskHead, TaskResult, Value, from_json, stored_labels
from headatlas.evidence.tasks.store import TaskStore
from headatlas.evidence.tasks.types import ATTRIBUTION, DIRECT, exact_type
from headatlas.inputs.vocabulary import Vocabulary
from headatlas.models.load import Model, load_model, name_of
from headatlas.probes.metrics import ACCURACY, LEAD
from headatlas.scoring.scores import bootstrap_interval
from headatlas.settings import LoadOptions
from headatlas.store.job import Plan, Progress
from headatlas.store.scans import Store

if TYPE_CHECKING:
    from headatlas.models.load import AnyModel

# Goes up when the same task and settings would give other numbers than before.
METHOD_VERSION = 1
# Lines of the task that are kept with the result.
N_EXAMPLES = 3
# Largest difference, as a share of the largest logit, between logits that are computed from the same tokens.
_SAME = 1e-3


def measure(
    model: AnyModel,
    task: Task,
    *,
    db: str | Path,
    name: str | None = None,
    load: LoadOptions = LoadOptions(),
    settings: TaskSettings = TaskSettings(),
    force: bool = False,
    progress: Progress | None = None,
) -> TaskResult:
    """Which heads of a model a task rests on.

    Where the model's finished scan is in the database, the result is stored with it: it is read from there the next
    time, unless `force` is given, and measuring that was cut off goes on where it was. Otherwise nothing is written,
    and the result has `scanned` false. The model runs in float32 on one device. `progress` is called with work done
    and work in all.

    Raises:
        HeadatlasError: the model is no decoder of text, its weights are not those of the scan, or lines of the task
            cannot be scored by its tokens.
    """
    if isinstance(model, str | Path):
        model, name, load = resolved(str(model), name, load, db)
    name = name or name_of(model)
    # On one device: what a block gives is held and put into later blocks.
    load = replace(load, dtype="float32", device_map=None, n_devices=None)
    plan = _plan(task, settings)
    if not has_scan(db, name):
        return _in_memory(load_model(model, load, name_as=name), name, task, settings, progress)
    with Store(db) as store:
        scan = store.finished(name)
        assert scan is not None
        kept = TaskStore(store, scan["id"])
        done = kept.done(task)
        if done is None or done["plan"] != plan.digest or force:
            with store.open_to_others():
                loaded = load_model(model, load, name_as=name)
            check_weights(model, loaded.info, scan, store)
            _check_scan(store.layers(scan["id"]), name)
            layers = {row["layer"]: row["n_heads"] for row in store.layers(scan["id"]) if row["scored"]}
            prompts = _prompts(loaded, task)
            about = {"task": task.name, "lines": task.digest, "prompts": len(prompts), "seed": settings.seed}
            number = kept.number(task)
            run, _ = kept.jobs.take_up(number, plan, lambda: kept.begin(number, plan, about))
            _store(kept, run, TaskPasses(loaded, layers, prompts, settings, lambda part: kept.part(run, part)), name,
                   task, progress)  # fmt: skip
            done = kept.jobs.done(number)
        assert done is not None
    with closing(Reader(db)) as reader:
        return from_json(done["result"], stored_labels(reader, name))


def _plan(task: Task, settings: TaskSettings) -> Plan:
    """What decides the numbers. The lines of a generated task follow from the seed, and its name is in the database."""
    deciding = [METHOD_VERSION, task.digest, task.wanted, settings.seed, settings.top, settings.exact]
    return Plan(hashlib.sha256(json.dumps(deciding).encode()).hexdigest())


def _check_scan(rows: Sequence[dict[str, Any]], name: str) -> None:
    scored = [row for row in rows if row["scored"]]
    if {row["attention"] for row in scored} != {"self"} or not all(row["causal"] for row in scored):
        raise _no_decoder(name)


def _no_decoder(name: str) -> HeadatlasError:
    return HeadatlasError(
        f"'{name}' predicts no next token of a text, so it cannot be given a task. Tasks are for decoders."
    )


def _prompts(model: Model, task: Task) -> list[TaskPrompt]:
    return task_prompts(task, Vocabulary(model.tokenizer, model.info.d_vocab), model.info.context)


def _in_memory(model: Model, name: str, task: Task, settings: TaskSettings, progress: Progress | None) -> TaskResult:
    """The result for a model that is not scanned; nothing of it is kept."""
    if model.kinds != ("self",) or model.patch_grid is not None:
        raise _no_decoder(name)
    prompts = _prompts(model, task)
    bridge = model.bridge
    if not _is_causal(model, prompts[0]):
        raise _no_decoder(name)
    layers = {layer: model.info.n_heads for layer in range(len(bridge.blocks)) if z_hook(layer) in bridge.hook_dict}
    arrays: dict[str, Arrays] = {}
    passes = TaskPasses(model, layers, prompts, settings, arrays.__getitem__)
    with _as_sentence(name):
        parts = list(passes.parts())
        total, done = sum(part.cost for part in parts), 0
        seconds: dict[str, float] = {}
        for part in parts:
            started = time.perf_counter()
            arrays[part.key] = part.compute()
            kind = part.key.split("/")[0]
            seconds[kind] = seconds.get(kind, 0.0) + time.perf_counter() - started
            done += part.cost
            if progress is not None:
                progress(done, total)
    return replace(_result(passes, name, task, settings.seed), seconds=seconds)


def _is_causal(model: Model, prompt: TaskPrompt) -> bool:
    """Whether what comes last changes nothing before it, as of a decoder."""
    tokens = PromptBatch([prompt.prompt]).tokens
    both = torch.cat([tokens, tokens]).to(model.info.device)
    both[1, -1] = (both[1, -1] + 1) % model.info.d_vocab
    with torch.inference_mode():
        logits = model.bridge(both, return_type="logits").float()
    first, second = logits[:, :-1]
    return bool((first - second).abs().amax() <= _SAME * first.abs().amax()) if len(first) else True


@contextmanager
def _as_sentence(name: str) -> Iterator[None]:
    """Inside, what a model does not allow becomes an error for people."""
    try:
        yield
    except NotAvailable as reason:
        raise HeadatlasError(f"'{name}' cannot be given a task: {reason}.") from reason


def _store(kept: TaskStore, run: int, passes: TaskPasses, name: str, task: Task, progress: Progress | None) -> None:
    """Computes what is missing, then writes rows and result of everything."""
    with _as_sentence(name):
        parts = list(passes.parts())
        kept.jobs.compute(run, parts, partial(kept.write_part, run), progress)
    if not kept.jobs.is_running(run):  # another process has finished it
        return
    result = replace(_result(passes, name, task, passes.settings.seed), seconds=kept.seconds(run))
    ids = {
        (row["layer"], row["head"]): row["id"]
        for row in kept.store.db.query("select * from heads where scan_id = ? and attention = 'self'", [kept.scan])
    }
    kept.finish(task, run, _rows(result, ids), result.to_json(), len(parts))


def _result(passes: TaskPasses, name: str, task: Task, seed: int) -> TaskResult:
    counts = passes.counts
    readings, effects = passes.readings(), passes.effects()
    direct = passes.direct()
    estimated = _values(passes.estimates(), counts, seed)
    measured = [_values(effects[:, :, column], counts, seed) for column in range(len(passes.types))]
    straight = None if direct is None else _values(direct, counts, seed)
    with_accuracy = ACCURACY in passes.types
    heads = []
    for index, (layer, head) in enumerate(passes.heads):
        estimate = estimated[index]
        assert estimate is not None
        heads.append(
            TaskHead(
                "self", layer, head, estimate, measured[0][index], measured[1][index] if with_accuracy else None,
                None if straight is None else straight[index], bool(passes.drawn()[index]),
            )
        )  # fmt: skip
    sign = -1 if passes.types[0] == LEAD else 1
    (intact,) = _values(sign * readings[:, :1], counts, seed)
    assert intact is not None
    return TaskResult(
        task=task.name, summary=task.summary, source=task.source, model=name, measure=passes.types[0],
        resampled=passes.resampled, n_prompts=len(counts), n_targets=int(counts.sum()), intact=intact,
        accuracy=1 - float(readings[:, 1].sum() / counts.sum()) if with_accuracy else None, heads=tuple(heads),
        agreement=_agreement(heads), notes=tuple(_notes(passes)),
        examples=task.lines[:N_EXAMPLES],
    )  # fmt: skip


def _values(
    sums: Float64[np.ndarray, "prompt head"], counts: Int64[np.ndarray, " prompt"], seed: int
) -> list[Value | None]:
    """Means over predictions with their intervals over prompts; None where nothing was measured."""
    means = sums.sum(0) / counts.sum()
    low, high = bootstrap_interval(np.nan_to_num(sums)[:, :, None], counts[:, None], seed)
    return [
        None if np.isnan(mean) else Value(float(mean), *(None if np.isnan(end) else float(end) for end in ends))
        for mean, ends in zip(means, np.concatenate([low, high], 1), strict=True)
    ]


def _agreement(heads: Sequence[TaskHead]) -> float | None:
    """Spearman's correlation between estimates and effects; None where there are fewer than three, or no ranks."""
    pairs = [(head.attribution.value, head.effect.value) for head in heads if head.effect is not None]
    if len(pairs) < 3 or any(len(set(column)) == 1 for column in zip(*pairs, strict=True)):
        return None
    return float(stats.spearmanr(*zip(*pairs, strict=True)).statistic)


def _notes(passes: TaskPasses) -> Iterator[str]:
    shared = sum(prompt.n_shared > 0 for prompt in passes.prompts)
    later = sum(prompt.n_unscored > 0 for prompt in passes.prompts)
    if shared or later:
        yield (
            f"Answers of several tokens ({max(shared, later)} prompts) are scored by the first token in which they "
            "differ; tokens before it are read with the prompt, those after it are not scored."
        )
    if passes.left_out():
        yield f"There is no direct attribution: {passes.left_out()}."


def _rows(result: TaskResult, ids: dict[tuple[int, int], int]) -> Iterator[Row]:
    """A row of `evidence` for each number of each head; ranks only where all heads have the number."""
    columns: dict[str, Sequence[Value | None]] = {
        ATTRIBUTION[result.measure]: [head.attribution for head in result.heads],
        DIRECT: [head.direct for head in result.heads],
        exact_type(result.measure, result.resampled): [head.effect for head in result.heads],
        exact_type(ACCURACY, result.resampled): [head.accuracy for head in result.heads],
    }
    intact = {
        exact_type(result.measure, result.resampled): result.intact.value,
        exact_type(ACCURACY, result.resampled): result.accuracy,
    }
    for kind, values in columns.items():
        ranks: list[float | None] = [None] * len(values)
        if all(value is not None for value in values):
            ranks = percentiles(np.array([value.value for value in values if value is not None])).tolist()
        for head, value, rank in zip(result.heads, values, ranks, strict=True):
            if value is not None:
                yield Row(
                    ids[head.layer, head.head], kind, None, value.value, value.low, value.high, rank,
                    intact.get(kind), result.n_targets, result.n_prompts,
                )  # fmt: skip
