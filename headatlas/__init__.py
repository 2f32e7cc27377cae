"""headatlas: which known patterns do a transformer's attention heads follow, how surely, and why.

```python
import headatlas
scan = headatlas.scan("smollm2-135m", db="headatlas.db")
scan.scores
headatlas.open("headatlas.db")
```

Importing it is quick: torch and the libraries of models are loaded by the functions that need them.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from headatlas.errors import (
    AttentionError,
    DatabaseError,
    HeadatlasError,
    ModelError,
    OutOfRangeError,
    OutputError,
    ScanConflictError,
    UnknownNameError,
    WeightsChangedError,
    WrongValueError,
)
from headatlas.settings import LoadOptions, default_database

if TYPE_CHECKING:
    import numpy as np
    from transformers import PreTrainedTokenizerBase

    from headatlas.catalog.catalog import Catalog
    from headatlas.evidence.paths.result import PathResult
    from headatlas.evidence.tasks.lines import TaskLine
    from headatlas.evidence.tasks.result import TaskResult
    from headatlas.models.load import AnyModel
    from headatlas.probes import Probe
    from headatlas.settings import __version__
    from headatlas.views.scan_result import Scan
    from headatlas.views.text_view import View

__all__ = [
    "AttentionError",
    "Catalog",
    "DatabaseError",
    "HeadatlasError",
    "ModelError",
    "OutOfRangeError",
    "OutputError",
    "Scan",
    "ScanConflictError",
    "UnknownNameError",
    "View",
    "WeightsChangedError",
    "WrongValueError",
    "__version__",
    "default_database",
    "open",
    "path",
    "scan",
    "score_attention",
    "task",
    "view",
]

# What is imported when it is first asked for: classes, and the version, which is looked up among installed packages.
_LAZY = {
    "__version__": "headatlas.settings",
    "Catalog": "headatlas.catalog.catalog",
    "Scan": "headatlas.views.scan_result",
    "View": "headatlas.views.text_view",
}


def scan(
    model: AnyModel,
    tokenizer: PreTrainedTokenizerBase | None = None,
    *,
    db: str | Path | None = None,
    name: str | None = None,
    probes: Sequence[str] | None = None,
    texts: Sequence[str | Path] | None = None,
    datasets: Sequence[str] | None = None,
    window: int | None = None,
    seed: int = 0,
    value_weighted: bool = False,
    device: str = "auto",
    device_map: str | None = None,
    n_devices: int | None = None,
    dtype: str = "float32",
    revision: str | None = None,
    trust_remote_code: bool = False,
    force: bool = False,
    progress: bool | Callable[[int, int], None] | None = None,
    probe_names: Sequence[str] | None = None,
    own_text: Sequence[Probe] = (),
    probe_set: str | None = None,
    passages: int | None = None,
) -> Scan:
    """Scans a model and stores the result; a scan that is stored already is returned as it is.

    ```python
    headatlas.scan("gpt2", texts=["The cat sat on the mat."], probes=["repeated_random_tokens"])
    ```

    Args:
        model: a Hugging Face id, a folder, a .gguf file, "smollm2-135m", or a model you hold: a TransformerBridge, or a
            model of transformers, which stays as it is.
        tokenizer: of a model of transformers; without it only probes of random tokens can be read.
        db: the database file; `$HEADATLAS_DB` or headatlas.db if not given.
        name: name under which the scan is stored; the model's if not given.
        probes: names of the probes to run; those of the standard set if neither these nor texts nor a set are given.
            `headatlas probes` lists them.
        texts: texts of your own; a `Path` is a file that holds one.
        datasets: datasets of the datasets library, as NAME or NAME:COLUMN.
        window: tokens in a sequence of your own text; 256 if not given.
        seed: of the probes and of the bootstrap.
        value_weighted: also store scores weighted by the norms of the value vectors.
        device: "auto" (a GPU where there is one), "cpu", "cuda", "mps".
        device_map: spreads the weights over devices: "auto", "balanced" or "sequential"; instead of `device`.
        n_devices: spreads the weights evenly over this many GPUs; instead of `device`.
        dtype: "float32", "bfloat16" or "float16".
        revision: branch, tag or commit on the hub.
        trust_remote_code: whether code that comes with the model may run.
        force: scan again what has been scanned.
        progress: True for a bar, False for none; by itself there is one in a notebook and on a terminal. Or a
            function that is called with tokens done and tokens in all.
        probe_names: the former name of `probes`.
        own_text: probes made by `headatlas.probes.own_text`.
        probe_set: "quick", "standard" or "full": the probes of this set, beside those and the texts that are named. The
            full set draws more texts of each probe.
        passages: how many passages of natural text are drawn, of 160; if not given 60, of each kind about a third.

    Raises:
        WeightsChangedError: the scan is stored, but the weights changed since: `force=True` replaces it, another `name`
            keeps both.
        HeadatlasError: with a sentence that says what was wrong and what to do.
    """
    from headatlas.scanning.options import ScanSettings
    from headatlas.scanning.scanner import scan_model
    from headatlas.views.progress import progress_of
    from headatlas.views.scan_result import Scan

    path = db or default_database()
    own = (*_own_text(texts, datasets, window), *own_text)
    settings = ScanSettings((*_names(probes), *_names(probe_names)), own, seed, value_weighted, probe_set, passages)
    load = LoadOptions(device, device_map, n_devices, dtype, revision, trust_remote_code)
    with progress_of("scanning", progress) as shown:
        outcome = scan_model(
            _held(model, tokenizer), db=path, name=name, settings=settings, load=load, force=force,
            command="headatlas.scan(...)", progress=shown,
        )  # fmt: skip
    return Scan(path, outcome.model)


def _names(given: Sequence[str] | str | None) -> tuple[str, ...]:
    """Names, of which a single one may stand by itself."""
    return (given,) if isinstance(given, str) else tuple(given or ())


def _own_text(
    texts: Sequence[str | Path] | None, datasets: Sequence[str] | None, window: int | None
) -> tuple[Probe, ...]:
    """Probes of the caller's own texts and of datasets."""
    from headatlas.probes.own_text import WINDOW, dataset_probe, texts_probe

    if window is not None and window < 2:
        raise HeadatlasError(f"window={window} is too few tokens. Give 2 or more.")
    if window is not None and not texts and not datasets:
        raise HeadatlasError("`window` is for your own text; give `texts` or `datasets` too.")
    window = window or WINDOW
    of_datasets = [dataset_probe(*given.split(":", 1), window=window) for given in _names(datasets)]
    return (*texts_probe(texts or (), window=window), *of_datasets)


def _held(model: AnyModel, tokenizer: PreTrainedTokenizerBase | None) -> AnyModel:
    """A model with the tokenizer that came with it.

    Raises:
        ModelError: a tokenizer beside a model that has its own.
    """
    if tokenizer is None:
        return model
    from headatlas.models.sharing import HeldModel, is_hf_model

    if not is_hf_model(model):
        raise ModelError("`tokenizer` is for a model of transformers; a name, a path or a bridge comes with its own.")
    return HeldModel(model, tokenizer)


def score_attention(
    attention: np.ndarray | Sequence[Any] | Mapping[str, Any] | Any,
    token_ids: np.ndarray | Sequence[Sequence[int]] | None = None,
    *,
    db: str | Path | None = None,
    name: str = "recorded",
    tokens: Sequence[Sequence[str]] | None = None,
    special: np.ndarray | Sequence[Sequence[bool]] | None = None,
    source_ids: np.ndarray | Sequence[Sequence[int]] | None = None,
    source_tokens: Sequence[Sequence[str]] | None = None,
    force: bool = False,
) -> Scan:
    """Scores attention recorded elsewhere with the same patterns, into the same tables, as a scan.

    Arrays may also be tensors.

    Args:
        attention: [layer, batch, head, query, key], a list of layers, or a mapping from kinds of attention (self,
            encoder, decoder, cross) to either. Also what other frameworks hand over: the output of transformers'
            `generate`, an ActivationCache of TransformerLens, saved values of nnsight, responses of vLLM, or a
            `headatlas.attention.converters.Recording`.
        token_ids: a list of ids for each sequence, or an array with -1 where a sequence has ended; not needed where the
            attention comes with its own.
        db: the database file; `$HEADATLAS_DB` or headatlas.db if not given.
        name: name under which the scores are stored.
        tokens: what the tokens say, a list for each sequence.
        special: marks of the tokens that a tokenizer added.
        source_ids: what the encoder of an encoder-decoder read; `token_ids` is then what its decoder read.
        source_tokens: what they say.
        force: score again what has been scored.

    Raises:
        HeadatlasError: shapes do not fit together, or rows are not attention.
    """
    from headatlas.attention import converters
    from headatlas.attention.recorded import RecordedAttention, of_recording
    from headatlas.errors import HeadatlasError
    from headatlas.scanning.scanner import score_recorded
    from headatlas.views.scan_result import Scan

    path = db or default_database()
    if isinstance(attention, converters.Recording):
        recording: converters.Recording | None = attention
    else:
        recording = converters.recognised(attention, token_ids)
    if recording is not None:
        recorded = of_recording(recording, name=name, tokens=tokens, special=special)
    elif token_ids is None:
        raise HeadatlasError("Arrays do not say which tokens were read: give token_ids.")
    else:
        recorded = RecordedAttention(
            attention, token_ids, name=name, tokens=tokens, special=special, source_ids=source_ids,
            source_tokens=source_tokens,
        )  # fmt: skip
    score_recorded(recorded, db=path, name=name, force=force, command="headatlas.score_attention(...)")
    return Scan(path, name)


def open(path: str | Path | None = None) -> Catalog:
    """A database for reading; does not load torch.

    Raises:
        DatabaseError: there is none, or it is something else.
    """
    from headatlas.catalog.catalog import Catalog

    return Catalog(path or default_database())


def view(
    model: AnyModel,
    text: str,
    *,
    tokenizer: PreTrainedTokenizerBase | None = None,
    db: str | Path | None = None,
    layer: int | None = None,
    head: int | None = None,
    device: str = "auto",
    device_map: str | None = None,
    n_devices: int | None = None,
    dtype: str = "float32",
    revision: str | None = None,
    trust_remote_code: bool = False,
    progress: bool | Callable[[int, int], None] | None = None,
) -> View:
    """Every head of a model on a text of yours; shows itself in a notebook.

    Args:
        model: a Hugging Face id, a folder, a .gguf file, "smollm2-135m", or a model you hold: a TransformerBridge, or a
            model of transformers, which stays as it is.
        text: some words, which fit into the model's context.
        tokenizer: of a model of transformers.
        db: the database whose scans can be named too; `$HEADATLAS_DB` or headatlas.db if not given.
        layer: only this layer, counted from 0.
        head: only this head of the layer, counted from 0.
        device: "auto" (a GPU where there is one), "cpu", "cuda", "mps".
        device_map: spreads the weights over devices: "auto", "balanced" or "sequential"; instead of `device`.
        n_devices: spreads the weights evenly over this many GPUs; instead of `device`.
        dtype: "float32", "bfloat16" or "float16".
        revision: branch, tag or commit on the hub.
        trust_remote_code: whether code that comes with the model may run.
        progress: as of `scan`; in layers and queries done.

    Raises:
        HeadatlasError: with a sentence that says what was wrong and what to do.
    """
    from headatlas.views.progress import progress_of
    from headatlas.views.text_view import view as view_text

    load = LoadOptions(device, device_map, n_devices, dtype, revision, trust_remote_code)
    with progress_of("reading the text", progress) as shown:
        return view_text(
            _held(model, tokenizer), text, load, layer=layer, head=head, progress=shown, db=db or default_database()
        )


def task(
    task: str | Path | Sequence[TaskLine | Mapping[str, Any]],
    model: AnyModel,
    tokenizer: PreTrainedTokenizerBase | None = None,
    *,
    task_name: str | None = None,
    db: str | Path | None = None,
    name: str | None = None,
    top: int | None = None,
    exact: bool = False,
    seed: int = 0,
    device: str = "auto",
    revision: str | None = None,
    trust_remote_code: bool = False,
    force: bool = False,
    progress: bool | Callable[[int, int], None] | None = None,
) -> TaskResult:
    """Which heads of a model a task rests on: estimated for all of them, measured for the first ones.

    ```python
    headatlas.task([{"prompt": "The keys near the door", "answer": " are", "wrong": [" is"]}], "gpt2").frame()
    ```

    Of a scanned model the result is stored with the scan, and read from there the next time.

    Args:
        task: "ioi", "greater-than" or "agreement", the path of a file of JSON lines, or its lines as mappings.
        model: as of `scan`; a decoder of text.
        tokenizer: of a model of transformers.
        task_name: what the task is stored as; the file's name if not given, of lines "task".
        db: the database; `$HEADATLAS_DB` or headatlas.db if not given. Without it nothing is stored.
        name: name of the model's scan, if it is another than the model's.
        top: heads to take out for their attribution; an eighth, but at least 12, if not given.
        exact: take out every head.
        seed: of a shipped task's lines, of the heads drawn at random, and of the bootstrap.
        device: "auto" (a GPU where there is one), "cpu", "cuda", "mps".
        revision: branch, tag or commit on the hub.
        trust_remote_code: whether code that comes with the model may run.
        force: measure again what has been measured.
        progress: as of `scan`.

    Raises:
        HeadatlasError: with a sentence that says what was wrong and what to do, and in which line.
    """
    from headatlas.evidence.tasks.given import given_task
    from headatlas.evidence.tasks.passes import TaskSettings
    from headatlas.evidence.tasks.run import measure
    from headatlas.views.progress import progress_of

    given = given_task(task, task_name, seed)
    load = LoadOptions(device, revision=revision, trust_remote_code=trust_remote_code)
    with progress_of(f"measuring {given.name}", progress) as shown:
        return measure(
            _held(model, tokenizer), given, db=db or default_database(), name=name, load=load,
            settings=TaskSettings(seed, top, exact), force=force, progress=shown,
        )  # fmt: skip


def path(
    model: AnyModel,
    a: str | tuple[int, int],
    b: str | tuple[int, int],
    tokenizer: PreTrainedTokenizerBase | None = None,
    *,
    db: str | Path | None = None,
    name: str | None = None,
    probe: str | None = None,
    pattern: str | None = None,
    resample: bool = False,
    seed: int = 0,
    device: str = "auto",
    revision: str | None = None,
    trust_remote_code: bool = False,
) -> PathResult:
    """What of head a's effect goes straight through the queries, keys and values of the later head b.

    ```python
    path = headatlas.path("smollm2-135m", "L16H0", "L18H6")
    path.sentence, path.frame()
    ```

    Of a scanned model the result is stored with the scan, in the place of an earlier one of the same edge and probe.
    After Wang et al. 2022, arXiv:2211.00593.

    Args:
        model: as of `scan`; a decoder of text.
        a: the earlier head, "L16H0" or (16, 0).
        b: the later head.
        tokenizer: of a model of transformers.
        db: the database; `$HEADATLAS_DB` or headatlas.db if not given. Without it nothing is stored.
        name: name of the model's scan, if it is another than the model's.
        probe: the prompts; those that test b's first label if not given.
        pattern: the pattern on which b is scored; its first label if not given.
        resample: replace a's output by some drawn from other prompts, not by its mean.
        seed: of the prompts, of what is drawn, and of the bootstrap.
        device: "auto" (a GPU where there is one), "cpu", "cuda", "mps".
        revision: branch, tag or commit on the hub.
        trust_remote_code: whether code that comes with the model may run.

    Raises:
        HeadatlasError: with a sentence that says what was wrong and what to do.
    """
    from headatlas.evidence.paths.run import measure_path
    from headatlas.heads import Head, parse_head

    first, second = (parse_head(head) if isinstance(head, str) else Head("self", *head) for head in (a, b))
    return measure_path(
        _held(model, tokenizer), first, second, db=db or default_database(), name=name,
        load=LoadOptions(device, revision=revision, trust_remote_code=trust_remote_code), probe=probe, pattern=pattern,
        resampled=resample, seed=seed,
    )  # fmt: skip


def __getattr__(name: str) -> Any:
    if name in _LAZY:
        return getattr(importlib.import_module(_LAZY[name]), name)
    raise AttributeError(f"module 'headatlas' has no attribute '{name}'")


def __dir__() -> list[str]:
    return sorted({*globals(), *_LAZY})
