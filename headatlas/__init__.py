"""headatlas: which known patterns do a transformer's attention heads follow, how surely, and why.

```python
import headatlas
scan = headatlas.scan("smollm2-135m", db="headatlas.db")
scan.scores
headatlas.open("headatlas.db")
```
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from headatlas.settings import __version__, default_database

if TYPE_CHECKING:
    from transformer_lens.model_bridge import TransformerBridge

    from headatlas.catalog.catalog import Catalog
    from headatlas.views.scan_result import Scan
    from headatlas.views.text_view import View

__all__ = ["HeadatlasError", "__version__", "default_database", "open", "scan", "score_attention", "view"]


def scan(model: str | Path | TransformerBridge, *, db: str | Path | None = None, **options: Any) -> Scan:
    """Scans a model and stores the result; an already stored scan is returned as it is.

    `model` is a Hugging Face id, a folder, a .gguf file, "smollm2-135m", or a TransformerBridge you hold.
    Options: `name`, `probe_names`, `seed`, `device`, `dtype`, `revision`, `trust_remote_code`, `force`,
    `progress`; see `headatlas.scanning.scanner.scan_model`.

    Raises:
        HeadatlasError: with a sentence that says what was wrong and what to do.
    """
    from headatlas.scanning.scanner import scan_model
    from headatlas.views.scan_result import Scan

    path = db or default_database()
    outcome = scan_model(model, db=path, command="headatlas.scan(...)", **options)
    return Scan(path, outcome.model)


def score_attention(
    attention: Any,
    token_ids: Any,
    *,
    db: str | Path | None = None,
    name: str = "recorded",
    force: bool = False,
    **options: Any,
) -> Scan:
    """Scores attention recorded elsewhere with the same patterns, into the same tables, as a scan.

    `attention` is [layer, batch, head, query, key], a list of layers, or a mapping from kinds of attention (self,
    encoder, decoder, cross) to either; `token_ids` a list of ids a sequence, or an array with -1 where one has ended.
    Options: `tokens` (what they say), `special` (marks of tokens that a tokenizer added), `source_ids` and
    `source_tokens` (what the encoder of an encoder-decoder read); see `headatlas.attention.recorded.RecordedAttention`.

    Raises:
        HeadatlasError: shapes do not fit together, or rows are not attention.
    """
    from headatlas.attention.recorded import RecordedAttention
    from headatlas.scanning.scanner import score_recorded
    from headatlas.views.scan_result import Scan

    path = db or default_database()
    recorded = RecordedAttention(attention, token_ids, name=name, **options)
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
    **options: Any,
) -> View:
    """Every head of a model on a text of yours; shows itself in a notebook. See `headatlas.views.text_view.view`.

    Raises:
        HeadatlasError: with a sentence that says what was wrong and what to do.
    """
    from headatlas.views.text_view import view as look

    return look(model, text, layer=layer, head=head, **options)


def __getattr__(name: str) -> Any:
    if name == "HeadatlasError":
        from headatlas.errors import HeadatlasError

        return HeadatlasError
    raise AttributeError(f"module 'headatlas' has no attribute '{name}'")
