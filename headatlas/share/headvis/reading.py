"""A HeadVis tree as a scan: metrics as scores of a probe of their own, sequences as examples.

What such a tree does not have (chance, interval, labels, evidence, attention by distance) stays empty.
"""

from __future__ import annotations

import json
import zlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from headatlas.catalog.headvis_metrics import METRICS, PROBE, note_of, pattern_name, pattern_row, probe_row
from headatlas.heads import ATTENTION_KINDS, HEADVIS, head_name
from headatlas.share.check import check
from headatlas.share.headvis.tree import HeadText, Tree, trees
from headatlas.share.layout import layout_of
from headatlas.share.record import Row, ScanRecord

if TYPE_CHECKING:
    from jaxtyping import Int, UInt8

    from headatlas.store.scans import Store

GENERATOR = "headatlas"
# Sequences kept of each head of somebody else's tree, those with the largest weights first.
N_EXAMPLES = 3
# Longer sequences are kept in part: the first token, and those around the largest weight's query and key.
WHOLE = 128
_BEFORE, _AFTER = 48, 15
# Numbers of sequences that are kept in part begin here; whole ones keep their own.
_PARTS_FROM = 1_000_000


@dataclass
class _Examples:
    """Examples of a scan in the making, and the heads' maps of them."""

    tokens: dict[int, tuple[str, ...]] = field(default_factory=dict)
    maps: list[Row] = field(default_factory=list)
    causal: dict[int, bool] = field(default_factory=dict)
    parts: dict[tuple[Any, ...], int] = field(default_factory=dict)

    def number(self, text: HeadText, kept: Int[np.ndarray, " kept"], tokens: tuple[str, ...]) -> int | None:
        """The number of an example with these tokens; None where another text has its number already."""
        number = text.number
        if len(kept) < len(text.tokens):
            number = self.parts.setdefault((text.number, *kept.tolist()), _PARTS_FROM + len(self.parts))
        return number if self.tokens.setdefault(number, tokens) == tokens else None


def find_trees(path: Path) -> list[tuple[str, Path]]:
    """The trees in a folder with the names of their models; with the data set's, where a model has several.

    Raises:
        HeadatlasError: a tree's `config.json` or `scatter_data.json` cannot be read.
    """
    folders = trees(path)
    known = [(tree.model, tree.dataset) for tree in map(Tree, folders)]  # one tree in memory at a time
    names = Counter(model for model, _ in known)
    return [
        (model if names[model] == 1 else f"{model} ({dataset})", folder)
        for (model, dataset), folder in zip(known, folders, strict=True)
    ]


def read_tree(store: Store, folder: Path, model: str, *, examples: int | None = None) -> ScanRecord:
    """The scan in a tree, under a name, for a database.

    Args:
        store: the database it is for: where it holds this very tree, the record is that scan's own.
        folder: holds `config.json` and `scatter_data.json`.
        model: what to call it.
        examples: sequences of each head to keep, largest weights first. None: three of somebody else's tree, all of
            one that `headatlas export --headvis` wrote.

    Raises:
        HeadatlasError: the tree cannot be read, names no head, or makes a scan that no database may hold. What single
            files lack is a warning of the scan.
    """
    tree = Tree(folder)
    ours = tree.pipeline.get("generator") == GENERATOR
    kind = tree.pipeline.get("attention") if ours else "self"
    attention = kind if isinstance(kind, str) and kind in ATTENTION_KINDS else "self"
    limit = examples if examples is not None else None if ours else N_EXAMPLES
    names = {head: head_name(attention, *head) for head in tree.heads}
    kept = _Examples()
    for head, name in names.items():
        _add_examples(kept, tree, head, name, limit)
    descriptions = tree.descriptions()
    layout = layout_of(store.db)
    definitions: dict[str, list[Row]] = {name: [] for name in layout.definitions} | {
        "patterns": [pattern_row(metric, text) for metric, text in descriptions.items()],
        "probes": [probe_row()],
    }
    tables: dict[str, list[Row]] = {
        "scores": _scores(tree, names, descriptions),
        "layers": _layers(tree.heads, attention, kept),
        "examples": [
            {"probe": PROBE, "sequence": number, "tokens": json.dumps(tokens), "token_ids": "[]",
             "special": json.dumps([0] * len(tokens))}
            for number, tokens in kept.tokens.items()
        ],
        "heatmaps": kept.maps,
        "scan_probes": [_scan_probe(tree)],
        "certificates": [{"passed": None, "compared_with": "not compared: the attention was measured by HeadVis"}],
        "warnings": [{"warning": text} for text in dict.fromkeys(_warnings(tree, kept, descriptions))],
    }  # fmt: skip
    record = ScanRecord(_scan(store, tree, model), list(names.values()), definitions, tables)
    # As of any other folder: what is refused when a database is opened would take all its other scans with it.
    check(record, layout, partial(_where, folder))
    return record


def _where(folder: Path, table: str, row: int) -> str:
    return f"{folder}, {table}" if row < 0 or table == "scans" else f"{folder}, row {row + 1} of {table}"


def _add_examples(kept: _Examples, tree: Tree, head: tuple[int, int], name: str, limit: int | None) -> None:
    texts = sorted(tree.sequences(head), key=lambda text: (-text.interval, -text.max_activation))
    if limit is None:  # in their own order
        texts.sort(key=lambda text: text.number)
    there: set[int] = set()
    for text in texts[:limit]:
        positions = _positions(text)
        tokens = tuple(text.tokens[position] for position in positions)
        number = kept.number(text, positions, tokens)
        if number is None or number in there:
            tree.remarks.add("sequences left out whose number another text has", f"{name}, {text.number}")
            continue
        there.add(number)
        if (text.keys > text.queries).any():
            kept.causal[head[0]] = False
        kept.causal.setdefault(head[0], True)
        weights = zlib.compress(_map(text, positions).tobytes(), 9)
        kept.maps.append({"example": f"{PROBE}:{number}", "head": name, "weights": weights})


def _positions(text: HeadText) -> Int[np.ndarray, " kept"]:
    """The positions of a sequence that are kept."""
    n = len(text.tokens)
    if n <= WHOLE:
        return np.arange(n)
    inner = (text.queries > 0) & (text.keys > 0)
    peak = int(np.argmax(np.where(inner, text.weights, -1))) if inner.any() else 0
    middles = (int(text.queries[peak]), int(text.keys[peak])) if len(text.weights) else (0, 0)
    wanted = {0} | {position for middle in middles for position in range(middle - _BEFORE, middle + _AFTER)}
    return np.array(sorted(position for position in wanted if 0 <= position < n))


def _map(text: HeadText, positions: Int[np.ndarray, " kept"]) -> UInt8[np.ndarray, "query key"]:
    """The weights among some positions as bytes, 255 is 1."""
    place_of = np.full(len(text.tokens), -1)
    place_of[positions] = np.arange(len(positions))
    queries, keys = place_of[text.queries], place_of[text.keys]
    inside = (queries >= 0) & (keys >= 0)
    weights = np.zeros((len(positions), len(positions)), np.uint8)
    weights[queries[inside], keys[inside]] = np.rint(text.weights[inside] * 255).astype(np.uint8)
    return weights


def _scores(tree: Tree, names: Mapping[tuple[int, int], str], metrics: Mapping[str, str]) -> list[Row]:
    """A row for each head and metric that has a value; nothing but the value is known."""
    return [
        {"head": name, "pattern": pattern_name(metric), "probe": PROBE, "score": tree.values[head][metric]}
        for metric in metrics
        for head, name in names.items()
        if metric in tree.values.get(head, {})
    ]


def _layers(heads: Sequence[tuple[int, int]], attention: str, kept: _Examples) -> list[Row]:
    counts: dict[int, int] = {}  # a tree need not have all heads of a layer
    for layer, head in heads:
        counts[layer] = max(counts.get(layer, 0), head + 1)
    return [
        {"attention": attention, "layer": layer, "hook": "", "n_heads": n_heads, "scored": 1,
         "causal": int(kept.causal.get(layer, attention in ("self", "decoder")))}
        for layer, n_heads in sorted(counts.items())
    ]  # fmt: skip


def _scan_probe(tree: Tree) -> Row:
    # Texts may be shorter than `seq_len`, so how many tokens there were is not known.
    n_sequences = tree.number("actual_sequences_processed", "n_sequences")
    return {"probe": PROBE, "n_sequences": n_sequences, "n_tokens": None, "note": note_of(tree.dataset)}


def _warnings(tree: Tree, kept: _Examples, metrics: Mapping[str, str]) -> Iterator[str]:
    yield (
        "Read from files of HeadVis: its metrics have no chance, interval or control, so there are no labels, and "
        "heads are compared by those metrics alone."
    )
    missing = [name for name in METRICS if name not in metrics]
    if missing:
        yield f"The files lack {', '.join(missing)}."
    if kept.parts:
        yield (
            f"Sequences of more than {WHOLE} tokens are shown in part: the first token, and those around the largest "
            "weight's query and key."
        )
    yield from tree.remarks.sentences()


def _scan(store: Store, tree: Tree, model: str) -> Row:
    heads = tree.heads
    dtype = tree.pipeline.get("dtype")
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    scan: Row = {
        "model": model,
        "status": "done",
        "plan": tree.digest,
        "source": HEADVIS,
        "digest": tree.digest,
        "n_layers": tree.number("n_layers", "num_hidden_layers") or 1 + max(layer for layer, _ in heads),
        "n_heads": tree.number("n_heads", "num_attention_heads") or 1 + max(head for _, head in heads),
        "dtype": dtype[:40] if isinstance(dtype, str) else None,
        "command": "headatlas import",
        "versions": "{}",
        "started": now,
        "finished": now,
        "calibration": None,
    }
    before = store.finished(model)
    if (
        before is not None and before["digest"] == tree.digest
    ):  # the very same: when it was read makes no other scan of it
        scan |= {name: before[name] for name in ("plan", "started", "finished", "calibration")}
    return scan
