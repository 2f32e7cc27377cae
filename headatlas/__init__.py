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
    OutputError,
    UnknownNameError,
    WeightsChangedError,
)
from headatlas.settings import LoadOptions, __version__, default_database

if TYPE_CHECKING:
    import numpy as np
    from transformer_lens.model_bridge import TransformerBridge

    from headatlas.catalog.catalog import Catalog
    from headatlas.probes import Probe
    from headatlas.views.scan_result import Scan
    from headatlas.views.text_view import View

__all__ = [
    "AttentionError",
    "Catalog",
    "DatabaseError",
    "HeadatlasError",
    "ModelError",
    "OutputError",
    "Scan",
    "UnknownNameError",
    "View",
    "WeightsChangedError",
    "__version__",
    "default_database",
    "open",
    "scan",
    "score_attention",
    "view",
]

# Classes that are imported when they are first asked for.
_LAZY = {
    "Catalog": "headatlas.catalog.catalog",
    "Scan": "headatlas.views.scan_result",
    "View": "headatlas.views.text_view",
}


def scan(
    model: str | Path | TransformerBridge,
    *,
    db: str | Path | None = None,
    name: str | None = None,
    probe_names: Sequence[str] | None = None,
    own_text: Sequence[Probe] = (),
    seed: int = 0,
    value_weighted: bool = False,
    device: str = "auto",
    device_map: str | None = None,
    n_devices: int | None = None,
    dtype: str = "float32",
    revision: str | None = None,
    trust_remote_code: bool = False,
    force: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> Scan:
    """Scans a model and stores the result; a scan that is stored already is returned as it is.

    Args:
        model: a Hugging Face id, a folder, a .gguf file, "smollm2-135m", or a TransformerBridge you hold.
        db: the database file; `$HEADATLAS_DB` or headatlas.db if not given.
        name: name under which the scan is stored; the model's if not given.
        probe_names: probes to run; all if neither these nor `own_text` are given. `headatlas probes` lists them.
        own_text: probes made of your own texts by `headatlas.probes.own_text`.
        seed: of the probes and of the bootstrap.
        value_weighted: also store scores weighted by the norms of the value vectors.
        device: "auto" (a GPU where there is one), "cpu", "cuda", "mps".
        device_map: spreads the weights over devices: "auto", "balanced" or "sequential"; instead of `device`.
        n_devices: spreads the weights evenly over this many GPUs; instead of `device`.
        dtype: "float32", "bfloat16" or "float16".
        revision: branch, tag or commit on the hub.
        trust_remote_code: whether code that comes with the model may run.
        force: scan again what has been scanned.
        progress: called with tokens done and tokens in all.

    Raises:
        WeightsChangedError: the scan is stored, but the weights changed since: `force=True` replaces it, another `name`
            keeps both.
        HeadatlasError: with a sentence that says what was wrong and what to do.
    """
    from headatlas.scanning.options import ScanSettings
    from headatlas.scanning.scanner import scan_model
    from headatlas.views.scan_result import Scan

    path = db or default_database()
    settings = ScanSettings(tuple(probe_names or ()), tuple(own_text), seed, value_weighted)
    load = LoadOptions(device, device_map, n_devices, dtype, revision, trust_remote_code)
    outcome = scan_model(
        model, db=path, name=name, settings=settings, load=load, force=force, command="headatlas.scan(...)",
        progress=progress,
    )  # fmt: skip
    return Scan(path, outcome.model)


def score_attention(
    attention: np.ndarray | Sequence[Any] | Mapping[str, Any],
    token_ids: np.ndarray | Sequence[Sequence[int]],
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
            encoder, decoder, cross) to either.
        token_ids: a list of ids for each sequence, or an array with -1 where a sequence has ended.
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
    from headatlas.attention.recorded import RecordedAttention
    from headatlas.scanning.scanner import score_recorded
    from headatlas.views.scan_result import Scan

    path = db or default_database()
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
    model: str | Path | TransformerBridge,
    text: str,
    *,
    layer: int | None = None,
    head: int | None = None,
    device: str = "auto",
    device_map: str | None = None,
    n_devices: int | None = None,
    dtype: str = "float32",
    revision: str | None = None,
    trust_remote_code: bool = False,
) -> View:
    """Every head of a model on a text of yours; shows itself in a notebook.

    Args:
        model: a Hugging Face id, a folder, a .gguf file, "smollm2-135m", or a TransformerBridge you hold.
        text: some words, which fit into the model's context.
        layer: only this layer, counted from 0.
        head: only this head of the layer, counted from 0.
        device: "auto" (a GPU where there is one), "cpu", "cuda", "mps".
        device_map: spreads the weights over devices: "auto", "balanced" or "sequential"; instead of `device`.
        n_devices: spreads the weights evenly over this many GPUs; instead of `device`.
        dtype: "float32", "bfloat16" or "float16".
        revision: branch, tag or commit on the hub.
        trust_remote_code: whether code that comes with the model may run.

    Raises:
        HeadatlasError: with a sentence that says what was wrong and what to do.
    """
    from headatlas.views.text_view import view as view_text

    load = LoadOptions(device, device_map, n_devices, dtype, revision, trust_remote_code)
    return view_text(model, text, load, layer=layer, head=head)


def __getattr__(name: str) -> Any:
    if name in _LAZY:
        return getattr(importlib.import_module(_LAZY[name]), name)
    raise AttributeError(f"module 'headatlas' has no attribute '{name}'")


def __dir__() -> list[str]:
    return sorted({*globals(), *_LAZY})
