"""A scan as a HeadVis tree: what its front end and Neuronpedia's loaders read.

Their six metrics are given where our data hold the same number, and are null where they do not. Our scores, each on the
pattern's own probe, and the labels' confidences are further metrics: `headatlas_PATTERN` and `label_NAME`. Sequences
are our examples; histograms, token tables and statistics are of what is kept of those.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from headatlas.catalog.headvis_metrics import METRICS, PROBE, SOURCE, dataset_of, metric_name
from headatlas.errors import OutputError
from headatlas.files.given import read_values
from headatlas.files.whole import put_in_place
from headatlas.heads import HEADVIS
from headatlas.probes import natural_probes
from headatlas.settings import __version__
from headatlas.share.headvis.reading import GENERATOR
from headatlas.share.headvis.tree import CONFIG, FOLDER, HEADS, SCATTER, clean
from headatlas.store import profiles
from headatlas.store.blobs import inflate

if TYPE_CHECKING:
    import sqlite3

    from jaxtyping import Float, UInt8

    from headatlas.catalog.reader import Reader

# Of each row the largest weights, and none below the smallest.
N_KEYS, MIN_WEIGHT = 8, 0.005
N_TOKENS = 50
_DISTANCES = [0, *(2**power for power in range(14))]
_ACTIVATIONS = [round(0.05 * step, 2) for step in range(21)]
_NATURAL = natural_probes()[0]


@dataclass(frozen=True)
class _Text:
    """What is kept of a head's attention on one example: a weight for each [query, key] index."""

    number: int
    tokens: list[str]
    indices: list[int]
    values: list[float]

    @cached_property
    def queries(self) -> np.ndarray:
        return np.array(self.indices, int) // len(self.tokens)

    @cached_property
    def keys(self) -> np.ndarray:
        return np.array(self.indices, int) % len(self.tokens)

    @cached_property
    def max_activation(self) -> float:
        """The largest weight outside the first row and the first column."""
        inner = (self.queries > 0) & (self.keys > 0)
        return float(np.array(self.values)[inner].max(initial=0))


def write_trees(reader: Reader, out: Path, models: Sequence[str] = ()) -> Iterator[Path]:
    """Writes scans as trees `MODEL/headvis/DATASET`, one for each kind of attention, and yields each folder.

    Raises:
        UnknownNameError: a model that the database does not hold.
        OutputError: a folder cannot be written, or holds somebody else's tree.
    """
    scans = [reader.scan(model) for model in models] or list(reader.scans())
    folders: dict[str, str] = {}  # of models: two names may make one folder
    for scan in scans:
        slug = re.sub(r"[^A-Za-z0-9._-]+", "-", scan["model"])[:80].strip("-._") or "model"
        while folders.setdefault(slug, scan["model"]) != scan["model"]:
            slug += "-2"
        kinds = [row[0] for row in reader.rows("select distinct attention from heads where scan_id = ?", [scan["id"]])]
        for kind in kinds:
            export = _Export(reader, scan, kind)
            dataset = re.sub(r"[^A-Za-z0-9._-]+", "-", export.dataset).strip("-._") or GENERATOR
            folder = out / slug / FOLDER / (dataset if len(kinds) == 1 else f"{dataset}-{kind}")
            try:
                export.write(folder)
            except OSError as error:
                raise OutputError(f"{folder} cannot be written: {error.strerror}. Give another folder.") from error
            yield folder


class _Export:
    """The heads of one kind of attention of a scan, as files."""

    def __init__(self, reader: Reader, scan: sqlite3.Row, attention: str) -> None:
        self.reader, self.scan, self.attention = reader, scan, attention
        self.heads = reader.rows(
            "select id, layer, head from heads where scan_id = ? and attention = ? order by layer, head",
            [scan["id"], attention],
        )
        self.is_theirs = scan["source"] == HEADVIS
        notes = reader.rows(
            "select note, n_sequences from scan_probes join probes on probes.id = probe_id "
            "where scan_id = ? and name = ?",
            [scan["id"], PROBE],
        )
        self.n_sequences = notes[0]["n_sequences"] if notes else None
        self.dataset = dataset_of(notes[0]["note"] or "") if notes else GENERATOR

    def write(self, folder: Path) -> None:
        """Writes all files, `config.json` last: a tree without it is not whole."""
        _check_ours(folder)
        (folder / HEADS).mkdir(parents=True, exist_ok=True)
        (folder / "attributions").mkdir(exist_ok=True)
        (folder / CONFIG).unlink(missing_ok=True)
        metrics, rows = self._metrics()
        longest = 0
        for head in self.heads:
            texts = list(self._texts(head["id"]))
            longest = max([longest, *(len(text.tokens) for text in texts)])
            _write(folder / HEADS / f"L{head['layer']}H{head['head']}.json", _head_file(texts))
        _write(folder / SCATTER, rows)
        _write(folder / "server_config.json", {})
        _write(folder / "attributions" / "manifest.json", {})
        _write(folder / CONFIG, self._config(metrics, longest))

    def _metrics(self) -> tuple[dict[str, str], list[dict[str, Any]]]:
        """The metrics with their descriptions, and a row of them for each head."""
        values: dict[str, dict[int, float]] = {} if self.is_theirs else {name: {} for name in METRICS}
        descriptions = {name: metric.summary for name, metric in METRICS.items()}
        profile = profiles.make(self.reader.connection, self.scan["id"], every=True)
        summaries = {
            row["name"]: row["summary"] or "" for row in self.reader.rows("select name, summary from patterns")
        }
        for column, scores in zip(profile.columns, profile.score.T, strict=True):
            name = metric_name(column.pattern) if self.is_theirs else f"{GENERATOR}_{column.pattern}"
            known = dict(zip(profile.heads.tolist(), scores.tolist(), strict=True))
            values[name] = {head: score for head, score in known.items() if np.isfinite(score)}
            where = "" if self.is_theirs else f" Measured by headatlas on its probe {column.probe}."
            descriptions[name] = summaries.get(column.pattern, "") + where
        if not self.is_theirs:
            self._add_theirs(values, descriptions)
            self._add_labels(values, descriptions)
        rows = [
            {
                "layer": head["layer"],
                "head": head["head"],
                **{name: _rounded(of.get(head["id"])) for name, of in values.items()},
            }
            for head in self.heads
        ]
        return {name: descriptions[name] for name in values}, rows

    def _add_theirs(self, values: dict[str, dict[int, float]], descriptions: dict[str, str]) -> None:
        """Those of the six that are a score of ours on natural text; the others stay null, which is said."""
        for name, metric in METRICS.items():
            if metric.ours is None:
                descriptions[name] += " Not measured by headatlas: null."
                continue
            rows = self.reader.rows(
                "select head_id, score from scores join heads on heads.id = head_id where scan_id = ? "
                "and pattern_id in (select id from patterns where name = ?) "
                "and probe_id in (select id from probes where name = ?)",
                [self.scan["id"], metric.ours, _NATURAL],
            )
            values[name] = {row["head_id"]: row["score"] for row in rows if row["score"] is not None}
            descriptions[name] += f" Measured by headatlas as {metric.ours} on its probe {_NATURAL}."

    def _add_labels(self, values: dict[str, dict[int, float]], descriptions: dict[str, str]) -> None:
        rows = self.reader.rows(
            "select head_id, label, confidence from labels join heads on heads.id = head_id where scan_id = ? "
            "order by label",
            [self.scan["id"]],
        )
        for row in rows:
            name = f"label_{row['label']}"
            values.setdefault(name, {})[row["head_id"]] = row["confidence"]
            descriptions[name] = f"Confidence of headatlas' label {row['label']}; null where a head does not carry it."

    def _texts(self, head: int) -> Iterator[_Text]:
        """What is kept of a head's attention, an example at a time; cross-attention has other keys than queries."""
        rows = self.reader.rows(
            "select tokens, key_tokens, sequence, weights, probes.name = ?2 as theirs, examples.id from heatmaps "
            "join examples on examples.id = example_id join probes on probes.id = probe_id "
            "where head_id = ?1 order by examples.probe_id, sequence",
            [head, PROBE],
        )
        for row in rows if self.attention != "cross" else ():
            own = "key_tokens" if self.attention == "encoder" and row["key_tokens"] else "tokens"
            tokens = [clean(str(token)) for token in json.loads(row[own])]
            weights = np.frombuffer(inflate(row["weights"], len(tokens) ** 2, "A stored heatmap"), np.uint8)
            if len(weights):
                number = row["sequence"] if row["theirs"] else self._number[row["id"]]
                yield _Text(number, tokens, *_largest(weights.reshape(len(tokens), -1)))

    @cached_property
    def _number(self) -> dict[int, int]:
        """Numbers of our examples, which are counted anew on each probe, through all probes."""
        rows = self.reader.rows(
            "select id from examples where scan_id = ? order by probe_id, sequence", [self.scan["id"]]
        )
        return {row["id"]: number for number, row in enumerate(rows)}

    def _config(self, metrics: Mapping[str, str], longest: int) -> dict[str, Any]:
        pairs = [[head["layer"], head["head"]] for head in self.heads]
        layers = sorted({layer for layer, _ in pairs})
        n_layers = self.scan["n_layers"] or len(layers)
        n_heads = self.scan["n_heads"] or 1 + max((head for _, head in pairs), default=-1)
        return {
            "model_name": self.scan["model"],
            "np_model_id": self.scan["model"],
            "dataset_name": self.dataset,
            "heads": pairs,
            "n_layers": n_layers,
            "n_heads": n_heads,
            "n_intervals": 1,
            "metrics": list(metrics),
            "metric_descriptions": dict(metrics),
            "head_data_pattern": "L{layer}H{head}.json",
            "has_umap": False,
            "umap_heads": [],
            "custom_plots": [
                {"key": "qk_distance_histogram", "label": "Distance from query to key"},
                {"key": "histogram", "label": "Largest weight of a sequence"},
            ],
            "custom_tables": [
                {"key": "top_query_tokens", "label": "Tokens that look"},
                {"key": "top_key_tokens", "label": "Tokens looked at"},
            ],
            "statistics_display": {
                "n_samples": {"label": "Sequences", "format": "d"},
                "mean_max_activation": {"label": "Mean largest weight", "format": ".4f"},
            },
            "pipeline_config": {
                "generator": GENERATOR,
                "generator_version": __version__,
                "attention": self.attention,
                "metrics_source": SOURCE if self.is_theirs else GENERATOR,
                "n_sequences": self.n_sequences,
                "actual_sequences_processed": self.n_sequences,
                "seq_len": longest,
                "dtype": self.scan["dtype"],
                "attn_implementation": None,
                "num_hidden_layers": n_layers,
                "num_attention_heads": n_heads,
                "attention_layer_indices": layers,
            },
        }


def _check_ours(folder: Path) -> None:
    """A tree that somebody else wrote is left alone.

    Raises:
        OutputError: the folder holds one.
    """
    if not folder.exists() or not any(folder.iterdir()):
        return
    config = folder / CONFIG
    try:
        if config.exists() and not config.is_file():
            raise ValueError("no file")  # a pipe, which would be waited for
        generator = read_values(config.read_bytes())["pipeline_config"]["generator"]
    except FileNotFoundError:  # ours, if anybody's, that was cut off
        generator = GENERATOR if not ({file.name for file in folder.iterdir()} - _OURS) else None
    except (OSError, ValueError, LookupError, TypeError, RecursionError):
        generator = None
    if generator != GENERATOR:
        raise OutputError(f"{folder} holds other files than `export --headvis` writes. Give another folder.")


_OURS = {HEADS, "attributions", "server_config.json", SCATTER}


def _largest(weights: UInt8[np.ndarray, "query key"]) -> tuple[list[int], list[float]]:
    """Indices query * n + key and weights, of each row's largest."""
    n = len(weights)
    values = (weights / 255).round(4)
    order = np.argsort(-values, axis=1, kind="stable")[:, :N_KEYS]
    kept = np.zeros(values.shape, bool)
    np.put_along_axis(kept, order, True, axis=1)
    indices = np.flatnonzero(kept & (values >= MIN_WEIGHT))
    return indices.tolist(), values.reshape(n * n)[indices].tolist()


def _head_file(texts: Sequence[_Text]) -> dict[str, Any]:
    peaks = [text.max_activation for text in texts]
    distances = np.concatenate([np.zeros(0), *(np.abs(text.queries - text.keys) for text in texts)])
    weights = np.concatenate([np.zeros(0), *(np.array(text.values) for text in texts)])
    return {
        "sequences": [
            {
                "sequence_id": text.number,
                "interval": 1,
                "tokens": text.tokens,
                "attention_indices": text.indices,
                "attention_values": text.values,
                "seq_len": len(text.tokens),
                "max_activation": round(text.max_activation, 4),
            }
            for text in texts
        ],
        "qk_distance_histogram": _histogram(distances, _DISTANCES, weights),
        "histogram": _histogram(np.array(peaks), _ACTIVATIONS),
        "top_query_tokens": _top(texts, "queries"),
        "top_key_tokens": _top(texts, "keys"),
        "statistics": {
            "n_samples": len(texts),
            "mean_max_activation": round(float(np.mean(peaks)), 4) if peaks else None,
        },
    }


def _histogram(
    values: Float[np.ndarray, " value"], edges: Sequence[float], weights: Float[np.ndarray, " value"] | None = None
) -> dict[str, list[float]]:
    counts, _ = np.histogram(values, edges, weights=weights)
    return {"bin_edges": list(edges), "bin_values": counts.astype(float).round(4).tolist()}


def _top(texts: Sequence[_Text], side: str) -> list[dict[str, Any]]:
    """The tokens with most attention, given (`queries`) or got (`keys`), and how much."""
    sums: Counter[str] = Counter()
    for text in texts:
        for position, weight in zip(getattr(text, side).tolist(), text.values, strict=True):
            sums[text.tokens[position]] += weight  # type: ignore[assignment]
    largest = sorted(sums.items(), key=lambda item: (-item[1], item[0]))[:N_TOKENS]
    return [{"token": token, "weight": round(weight, 4)} for token, weight in largest]


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)


def _write(path: Path, content: Any) -> None:
    with put_in_place(path) as part:
        part.write_text(json.dumps(content, ensure_ascii=True, allow_nan=False, separators=(",", ":")))
