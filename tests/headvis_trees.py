"""Made-up HeadVis trees, and a checker of trees: both written from the description of the format alone."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np

THE_SIX = (
    "self_attention_score", "prev_token_score", "pattern_entropy", "qk_distance", "qk_distance_variance",
    "induction_score",
)  # fmt: skip
CONFIG = {
    "model_name": str, "np_model_id": str, "dataset_name": str, "heads": list, "n_layers": int, "n_heads": int,
    "n_intervals": int, "metrics": list, "metric_descriptions": dict, "head_data_pattern": str, "has_umap": bool,
    "umap_heads": list, "custom_plots": list, "custom_tables": list, "statistics_display": dict,
    "pipeline_config": dict,
}  # fmt: skip
PIPELINE = {
    "n_sequences", "seq_len", "dtype", "attn_implementation", "actual_sequences_processed", "num_hidden_layers",
    "num_attention_heads", "attention_layer_indices",
}  # fmt: skip


def make(
    folder: Path, *, model: str = "made-up", dataset: str = "pile", layers: int = 2, heads: int = 3, length: int = 12,
    sequences: int = 4, seed: int = 0,
) -> Path:  # fmt: skip
    """Writes a tree as the published pipeline does: of each row at most 8 weights of at least 0.005, four decimals."""
    rng = np.random.default_rng(seed)
    tree = folder / model / "headvis" / dataset
    (tree / "heads").mkdir(parents=True)
    pairs = [[layer, head] for layer in range(layers) for head in range(heads)]
    config = {
        "model_name": model, "np_model_id": model, "dataset_name": dataset, "heads": pairs, "n_layers": layers,
        "n_heads": heads, "n_intervals": 2, "metrics": [*THE_SIX, "sharpness"],
        "metric_descriptions": {"sharpness": "How sharp."}, "head_data_pattern": "L{layer}H{head}.json",
        "has_umap": False, "umap_heads": [], "custom_plots": [], "custom_tables": [], "statistics_display": {},
        "pipeline_config": {"n_sequences": 16384, "seq_len": length, "dtype": "bfloat16",
                            "attn_implementation": "eager", "actual_sequences_processed": 16000,
                            "num_hidden_layers": layers, "num_attention_heads": heads,
                            "attention_layer_indices": list(range(layers))},
    }  # fmt: skip
    largest = (1, 1, 6, 200, 9000, 1, 3)
    rows = [
        {"layer": layer, "head": head}
        | {name: round(float(rng.random() * top), 4) for name, top in zip(config["metrics"], largest, strict=True)}
        for layer, head in pairs
    ]
    for layer, head in pairs:
        content = {"sequences": [_sequence(rng, number, length) for number in range(sequences)]}
        _write(tree / "heads" / f"L{layer}H{head}.json", content)
    for name, value in (("config.json", config), ("scatter_data.json", rows), ("server_config.json", {})):
        _write(tree / name, value)
    return tree


def _sequence(rng: np.random.Generator, number: int, length: int) -> dict[str, Any]:
    weights = np.tril(rng.random((length, length)) ** 8 + 1e-3)
    weights = (weights / weights.sum(1, keepdims=True)).round(4)
    weights[np.argsort(np.argsort(-weights, axis=1), axis=1) >= 8] = 0
    weights[weights < 0.005] = 0
    indices = np.flatnonzero(weights)
    return {
        "sequence_id": number, "interval": 2 if number < 2 else 1, "tokens": [f" w{number}.{i}" for i in range(length)],
        "attention_indices": indices.tolist(), "attention_values": weights.ravel()[indices].tolist(), "seq_len": length,
        "max_activation": float(weights[1:, 1:].max()),
    }  # fmt: skip


def dense(sequence: dict[str, Any]) -> np.ndarray:
    """The weights [query, key] of a sequence, 0 where none is given."""
    n = sequence["seq_len"]
    weights = np.zeros(n * n)
    weights[sequence["attention_indices"]] = sequence["attention_values"]
    return weights.reshape(n, n)


def check(tree: Path) -> dict[str, Any]:
    """Reads a tree as its front end would, asserts what the format says, and returns its numbers."""
    config, rows = _read(tree / "config.json"), _read(tree / "scatter_data.json")
    assert _read(tree / "server_config.json") == {}
    assert _read(tree / "attributions" / "manifest.json") == {}
    for name, kind in CONFIG.items():
        assert type(config[name]) is kind, name
    assert set(config["pipeline_config"]) >= PIPELINE
    assert set(config["metric_descriptions"]) == set(config["metrics"])
    assert len(set(config["metrics"])) == len(config["metrics"])
    assert sorted([row["layer"], row["head"]] for row in rows) == sorted(config["heads"])
    for row in rows:
        assert set(row) == {"layer", "head", *config["metrics"]}
        for name in config["metrics"]:
            assert row[name] is None or (math.isfinite(row[name]) and round(row[name], 4) == row[name]), name
    files = {}
    for layer, head in config["heads"]:
        name = config["head_data_pattern"].format(layer=layer, head=head)
        files[name] = _read(tree / "heads" / name)
        _check_head(files[name], config)
    return {"config": config, "rows": rows, "heads": files}


def _check_head(content: dict[str, Any], config: dict[str, Any]) -> None:
    for sequence in content["sequences"]:
        assert sequence["seq_len"] == len(sequence["tokens"]) <= config["pipeline_config"]["seq_len"]
        assert 1 <= sequence["interval"] <= config["n_intervals"]
        assert len(sequence["attention_indices"]) == len(sequence["attention_values"])
        weights = dense(sequence)
        assert ((weights > 0).sum(1) <= 8).all()
        assert weights[weights > 0].min(initial=1) >= 0.005
        assert weights.sum(1).max() < 1.02
        assert sequence["max_activation"] == round(weights[1:, 1:].max(initial=0), 4)
    for key in ("qk_distance_histogram", "histogram", *(plot["key"] for plot in config["custom_plots"])):
        assert len(content[key]["bin_edges"]) == len(content[key]["bin_values"]) + 1
    for key in ("top_query_tokens", "top_key_tokens", *(table["key"] for table in config["custom_tables"])):
        assert len(content[key]) <= 50
        assert all(set(row) == {"token", "weight"} for row in content[key])
    assert content["statistics"]["n_samples"] == len(content["sequences"])
    assert set(content["statistics"]) >= {"n_samples", "mean_max_activation", *config["statistics_display"]}


def _read(path: Path) -> Any:
    def refuse(constant: str) -> None:
        raise AssertionError(f"{constant} is no JSON")

    return json.loads(path.read_text(), parse_constant=refuse)


def _write(path: Path, content: Any) -> None:
    path.write_text(json.dumps(content))
