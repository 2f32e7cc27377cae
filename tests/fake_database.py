"""A made-up but plausible database, through the real migrations, for tests of the site and of reading."""

from __future__ import annotations

import json
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from sqlite_utils import Database

from headatlas.store.writable import empty_database

PROBES = ("repeated_random_tokens", "natural_text")
# name, family, kind, probe, unit, rivals, worked example
PATTERNS: tuple[tuple[str, str, str, str, str, list[str], str], ...] = (
    ("previous_token", "positional", "target", "natural_text", "share of attention", ["fixed_offset"],
     "A B C: query 2 (C) looks at key 1 (B)."),
    ("first_token", "positional", "target", "natural_text", "share of attention", [],
     "A B C: query 2 (C) looks at key 0 (A)."),
    ("fixed_offset_2", "positional", "target", "natural_text", "share of attention", ["previous_token"],
     "A B C: query 2 looks at key 0."),
    ("duplicate_token", "content", "target", "repeated_random_tokens", "share of attention", ["induction"],
     "A B C A: query 3 (the second A) looks at key 0 (the first A)."),
    ("induction", "content", "target", "repeated_random_tokens", "share of attention", ["duplicate_token"],
     "A B C A: query 3 (the second A) looks at key 1 (B)."),
    ("punctuation", "token class", "target", "natural_text", "share of attention", ["first_token"],
     "A , B C .: query 3 (C) looks at key 1 (the comma)."),
    ("entropy", "statistic", "statistic", "natural_text", "fraction of the largest possible entropy", [], ""),
    ("mean_distance", "statistic", "statistic", "natural_text", "tokens", [], ""),
)  # fmt: skip

ODD_TOKENS = (
    "<s>", "<script>alert(1)</script>", ' "quoted"', "\n", " \t", "</script>", "שלום", "👩‍🚀", " the", "\u202eabc",
    "\ud83d", "&amp;", "'", "", "\x00", "̈", " 中文", "·", "{{ 7*7 }}", "a very long token that goes on",
)  # fmt: skip


def make(
    path: Path,
    *,
    models: Sequence[str] = ("tiny/model",),
    layers: int = 3,
    heads: int = 4,
    tokens: Sequence[str] = ODD_TOKENS,
    examples: int = 1,
    attention: Sequence[str] = ("self",),
    unscored: Sequence[int] = (),
    labels: bool = True,
    evidence: bool = True,
    status: str = "done",
    seed: int = 0,
) -> Path:
    """Writes a database of made-up scans.

    Args:
        path: where.
        models: names, one finished scan each.
        layers: layers of each kind of attention.
        heads: heads in a layer.
        tokens: tokens of each example.
        examples: examples on each of the two probes.
        attention: kinds of attention; all but "cross" and "encoder" are causal.
        unscored: layers whose hook gave nothing.
        labels: whether some heads are labelled.
        evidence: whether there is evidence about the heads of self-attention.
        status: of the scans; only "done" ones count.
        seed: of the made-up numbers.
    """
    db = Database(path)
    db.execute("pragma synchronous = off")  # a hundred commits, none of which has to outlive a power cut
    empty_database().backup(db.conn)
    rng = np.random.default_rng(seed)
    insert(db, "patterns", [_pattern(number, *pattern) for number, pattern in enumerate(PATTERNS, start=1)])
    insert(db, "probes", [
        {"id": number, "name": name, "version": 1, "summary": f"{name.replace('_', ' ').capitalize()}.",
         "description": f"{name.replace('_', ' ').capitalize()}.\n\nMade up for tests."}
        for number, name in enumerate(PROBES, start=1)
    ])  # fmt: skip
    for scan, model in enumerate(models, start=1):
        _scan(db, rng, scan, model, layers, heads, status)
        maps: list[dict[str, Any]] = []
        places: list[dict[str, Any]] = []
        scores: list[dict[str, Any]] = []
        example_ids = _examples(db, scan, tokens, examples)
        for kind in attention:
            causal = kind not in ("cross", "encoder")
            for layer in range(layers):
                scored = layer not in unscored
                insert(db, "layers", [_layer(scan, kind, layer, heads, causal, scored)])
                for head in range(heads if scored else 0):
                    insert(db, "heads", [{"scan_id": scan, "attention": kind, "layer": layer, "head": head}])
                    number = db.execute("select max(id) from heads").fetchone()[0]
                    scores += _scores(rng, number)
                    maps += [
                        {"example_id": example, "head_id": number, "weights": _weights(rng, len(tokens), causal)}
                        for example in example_ids
                    ]
                    if labels and head == 0:
                        insert(db, "labels", [_label(number, "induction", 1), _label(number, "punctuation", 2)])
                    places.append({"head_id": number, "typicality": 1.0, "x": rng.random(), "y": rng.random()})
        insert(db, "scores", scores)
        if labels:
            _kinds(db, scan, places)
        insert(db, "heatmaps", maps)
        if evidence:
            _evidence(db, rng, scan)
    db.execute("pragma wal_checkpoint")
    db.close()
    return path


def insert(db: Database, table: str, rows: list[dict[str, Any]]) -> None:
    """Adds rows to a table."""
    db[table].insert_all(rows)  # type: ignore[union-attr]


def _edges(db: Database, heads: dict[tuple[int, int], int]) -> None:
    """Without L0H0 the first head of every later layer loses most of its induction, L2H0 some without L0H1; without
    L1H0 it looks at more punctuation. Most of what goes straight from L0H0 to L1H0 goes through its keys.
    """
    first = min(heads, default=None)
    edges = [(first, head, "induction", -0.5) for head in heads if head[0] and not head[1]]
    edges += [((0, 1), (2, 0), "induction", -0.2), ((1, 0), (2, 0), "punctuation", 0.1)]
    insert(db, "edges", [
        {"head_id": heads[later], "earlier_id": heads[earlier], "label": label, "probe_id": 1, "score": 0.8,
         "change": change}
        for earlier, later, label, change in edges
        if {earlier, later} <= heads.keys()
    ])  # fmt: skip
    if not {(0, 0), (1, 0)} <= heads.keys():
        return
    insert(db, "paths", [
        {"head_id": heads[1, 0], "earlier_id": heads[0, 0], "probe_id": 1, "resampled": 0, "route": route,
         "kind": "ablation_loss", "effect": effect, "ci_low": effect - 0.1, "ci_high": effect + 0.1,
         "pattern": "induction", "score": 0.8, "score_lost": effect / 2, "score_low": 0.0, "score_high": 0.9,
         "n_prompts": 4, "seed": 0}
        for route, effect in (("q", 0.1), ("k", 0.7), ("v", 0.05), ("all", 0.8), ("total", 0.9))
    ])  # fmt: skip


def _evidence(db: Database, rng: np.random.Generator, scan: int) -> None:
    """One kind from causes, on the first probe, one from weights; every head reads the first one of an earlier layer.

    L1H0 is missed on repeats more than any other head, the rest not at all.
    """
    heads = list(db.query("select * from heads where scan_id = ? and attention = 'self' order by id", [scan]))
    insert(db, "evidence_runs", [
        {"scan_id": scan, "status": "done", "plan": "plan", "settings": "{}", "seconds": 9.0, "n_parts": 3,
         "notes": json.dumps(["a <made-up> probe: left out, it is made up"])}
    ])  # fmt: skip
    if scan == 1:
        insert(db, "evidence_kinds", [
            {"id": 1, "name": "ov_copying", "version": 1, "basis": "weights", "unit": "share, -1 to 1",
             "description": "Made up.", "source": "Nobody 2026"},
            {"id": 2, "name": "ablation_loss", "version": 1, "basis": "causes", "unit": "nats per scored token",
             "description": "Made up.", "source": "Nobody 2026"},
        ])  # fmt: skip
    rows: list[dict[str, Any]] = []
    links = []
    for number, head in enumerate(heads):
        missed = (head["layer"], head["head"]) == (1, 0)
        rank = 100.0 * number / max(len(heads) - 1, 1)
        rows.append({"head_id": head["id"], "kind_id": 1, "probe_id": None, "value": float(rng.uniform(-1, 1)),
                     "percentile": rank})  # fmt: skip
        rows.append({"head_id": head["id"], "kind_id": 2, "probe_id": 1, "value": 0.42 if missed else 0.001 * number,
                     "ci_low": 0.3 if missed else -0.1, "ci_high": 0.5 if missed else 0.1, "intact": 3.0,
                     "percentile": 100.0 if missed else rank / 2, "n_targets": 40, "n_sequences": 4})  # fmt: skip
        if head["layer"]:
            links += [{"head_id": head["id"], "earlier_id": heads[0]["id"], "kind": kind, "value": 0.1, "rank": 1}
                      for kind in ("query", "key", "value")]  # fmt: skip
    insert(db, "evidence", [dict.fromkeys(rows[1], None) | row for row in rows])
    insert(db, "compositions", links)
    _edges(db, {(head["layer"], head["head"]): head["id"] for head in heads})


def _pattern(
    number: int, name: str, family: str, kind: str, probe: str, unit: str, rivals: list[str], example: str
) -> dict[str, Any]:
    summary = f"Attends as a {name.replace('_', ' ')} head does."
    return {
        "id": number, "name": name, "version": 1, "kind": kind, "family": family, "probe": probe, "summary": summary,
        "description": f"{summary}\n\nMade up for tests.\n\n{example}".strip(), "example": example,
        "formula": "mean over q of A[q, k]", "unit": unit, "source": "Nobody 2026", "rivals": json.dumps(rivals),
    }  # fmt: skip


def _scan(db: Database, rng: np.random.Generator, scan: int, model: str, layers: int, heads: int, status: str) -> None:
    insert(db, "scans", [{
        "id": scan, "model": model, "status": status, "plan": f"plan {scan}", "architecture": "MadeUpForCausalLM",
        "source": "folder", "revision": None, "digest": "0" * 64, "n_layers": layers, "n_heads": heads, "d_model": 64,
        "d_vocab": 1000, "context_length": 512, "n_parameters": 123456789, "tokenizer": "MadeUpTokenizer",
        "dtype": "float32", "device": "cpu", "seed": 0, "command": f"headatlas scan {model}",
        "versions": json.dumps({"torch": "2.0", "headatlas": "0.1"}), "started": "2026-01-02T03:04:05+00:00",
        "finished": "2026-01-02T03:05:05+00:00", "seconds": 60.0, "n_chunks": 4,
    }])  # fmt: skip
    insert(db, "warnings", [{"scan_id": scan, "warning": "A made-up <warning> & more."}])
    insert(db, "certificates", [{
        "scan_id": scan, "passed": 1, "compared_with": "Hugging Face eager attention", "probe": "natural_text",
        "n_sequences": 4, "n_tokens": 200, "max_difference": 1.2e-7, "tolerance": 1e-4, "row_sum_min": 0.9999998,
        "row_sum_max": 1.0000002, "above_diagonal": 0.0,
    }])  # fmt: skip
    insert(db, "scan_probes", [
        {"scan_id": scan, "probe_id": number, "n_sequences": 20, "n_tokens": int(rng.integers(1000, 2000)), "note": ""}
        for number in range(1, len(PROBES) + 1)
    ])  # fmt: skip


def _layer(scan: int, kind: str, layer: int, heads: int, causal: bool, scored: bool) -> dict[str, Any]:
    return {
        "scan_id": scan, "attention": kind, "layer": layer, "hook": f"blocks.{layer}.attn.hook_pattern",
        "n_heads": heads, "causal": int(causal), "scored": int(scored), "max_difference": 1e-7 if scored else None,
        "row_sum_min": 1.0, "row_sum_max": 1.0, "above_diagonal": 0.0 if causal else 1.0,
    }  # fmt: skip


def _examples(db: Database, scan: int, tokens: Sequence[str], examples: int) -> list[int]:
    numbers = []
    row = {
        "scan_id": scan,
        "token_ids": json.dumps(list(range(len(tokens)))),
        "tokens": json.dumps(list(tokens)),
        "special": json.dumps([1] + [0] * (len(tokens) - 1)),
    }
    for probe in range(1, len(PROBES) + 1):
        for sequence in range(examples):
            insert(db, "examples", [row | {"probe_id": probe, "sequence": sequence}])
            numbers.append(db.execute("select max(id) from examples").fetchone()[0])
    return numbers


def _scores(rng: np.random.Generator, head: int) -> list[dict[str, Any]]:
    rows = []
    for pattern, (name, _, kind, *_rest) in enumerate(PATTERNS, start=1):
        for probe in range(1, len(PROBES) + 1):
            score = float(rng.beta(0.4, 2.5)) * (40 if name == "mean_distance" else 1)
            rows.append({
                "head_id": head, "pattern_id": pattern, "probe_id": probe, "score": score,
                "score_nosink": None if name == "first_token" else min(1.3 * score, 1.0),
                "chance": None if kind == "statistic" else 0.05, "ci_low": 0.9 * score, "ci_high": 1.08 * score,
                "null_score": None if kind == "statistic" else 0.06, "q_value": None if kind == "statistic" else 0.0004,
                "rival": "first_token" if name == "induction" else None,
                "rival_score": 0.2 if name == "induction" else None,
                "half_a": score, "half_b": score, "n_queries": 900, "n_sequences": 20, "n_sunk": 3,
            })  # fmt: skip
    return rows


def _label(head: int, name: str, rank: int) -> dict[str, Any]:
    return {
        "head_id": head, "label": name, "confidence": 0.97 - 0.2 * rank, "rank": rank, "strength": 0.7,
        "explained": 0.11, "explained_by": "first_token",
    }  # fmt: skip


def _kinds(db: Database, scan: int, places: list[dict[str, Any]]) -> None:
    """Every third head is of a named kind, every other third of an unnamed one."""
    marks = json.dumps([["entropy", "natural_text", 0.9, 0.4]])
    numbers = []
    for name, label in (("induction", "induction"), ("unnamed kind 1", None)):
        insert(db, "kinds", [{
            "scan_id": scan, "name": name, "n_heads": len(places) // 3, "label": label,
            "share": 0.8 if label else 0.0, "marks": marks,
        }])  # fmt: skip
        numbers.append(db.execute("select max(id) from kinds").fetchone()[0])
    insert(db, "head_map", [row | {"kind_id": [*numbers, None][number % 3]} for number, row in enumerate(places)])


def _weights(rng: np.random.Generator, size: int, causal: bool) -> bytes:
    raw = rng.gamma(0.15, size=(size, size)) + 1e-9
    if causal:
        raw = np.tril(raw)
    weights = np.round(255 * raw / raw.sum(1, keepdims=True)).astype(np.uint8)
    return zlib.compress(weights.tobytes())
