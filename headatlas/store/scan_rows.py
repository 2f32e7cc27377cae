"""The rows that a scan's results become, table by table."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from headatlas.patterns import Pattern, rivals_of
from headatlas.probes import Probe
from headatlas.scoring.scores import Scores
from headatlas.scoring.tally import N_DISTANCES

if TYPE_CHECKING:
    from headatlas.attention.certificate import Certificate, LayerReport
    from headatlas.inputs.sequence import TokenSequence

# Overlaps smaller than this are not stored.
LEAST = 0.001


def pattern(one: Pattern) -> dict[str, Any]:
    """A row of `patterns`."""
    return {
        "name": one.name,
        "version": one.version,
        "kind": one.kind,
        "family": one.family.value,
        "probe": one.probe,
        "summary": one.summary,
        "description": one.description,
        "example": one.example,
        "formula": one.formula,
        "unit": one.unit,
        "source": one.source,
        "rivals": json.dumps(rivals_of(one)),
    }


def probe(one: Probe) -> dict[str, Any]:
    """A row of `probes`."""
    return {"name": one.name, "version": one.version, "summary": one.summary, "description": one.description}


def example(sequence: TokenSequence) -> dict[str, Any]:
    """The columns of `examples` that say what was read."""
    columns: dict[str, Any] = {}
    for prefix, one in (("", sequence), ("key_", sequence.source)):
        if one is not None:
            columns |= {
                f"{prefix}token_ids": json.dumps(one.ids),
                f"{prefix}tokens": json.dumps(one.texts, ensure_ascii=False),
                f"{prefix}special": json.dumps([int(special) for special in one.special]),
            }
    if sequence.image is not None and sequence.grid is not None:
        columns |= {"image": _png(sequence.image), "grid_rows": sequence.grid[0], "grid_columns": sequence.grid[1]}
    return columns


def certificate(one: Certificate) -> dict[str, Any]:
    """The columns of `certificates`, over all layers that are scored."""
    rows = [layer.rows for layer in one.layers if layer.scored]
    return {
        "passed": one.passed,
        "compared_with": one.compared_with,
        "probe": one.probe,
        "n_sequences": one.n_sequences,
        "n_tokens": one.n_tokens,
        "max_difference": one.max_difference,
        "tolerance": one.tolerance,
        "row_sum_min": min(row.row_sum_min for row in rows),
        "row_sum_max": max(row.row_sum_max for row in rows),
        "above_diagonal": max((layer.rows.above_diagonal for layer in one.layers if layer.causal), default=None),
    }


def layer(one: LayerReport) -> dict[str, Any]:
    """The columns of `layers`."""
    return {
        "attention": one.module.attention,
        "layer": one.module.layer,
        "hook": one.module.hook,
        "n_heads": one.n_heads,
        "causal": one.causal,
        "scored": one.scored,
        "max_difference": one.max_difference,
        "row_sum_min": one.rows.row_sum_min,
        "row_sum_max": one.rows.row_sum_max,
        "above_diagonal": one.rows.above_diagonal,
    }


def scores(
    found: Scores, patterns: Sequence[Pattern], pattern_ids: Sequence[int], head_ids: Sequence[int]
) -> Iterator[dict[str, Any]]:
    """Rows of `scores` without their probe: one a head and pattern that has queries."""
    places = {one.name: column for column, one in enumerate(patterns) if found.n_queries[column]}
    for one, pattern_id in zip(patterns, pattern_ids, strict=True):
        column = places.get(one.name)
        if column is None:
            continue
        columns = _score_columns(one, column, found)
        rivals = [name for name in rivals_of(one) if name in places]
        rival_scores = found.score[:, [places[name] for name in rivals]]
        for row, head_id in enumerate(head_ids):
            best = int(rival_scores[row].argmax()) if rivals else None
            yield {
                "head_id": head_id,
                "pattern_id": pattern_id,
                **{name: _number(values[row]) for name, values in columns.items()},
                "rival": None if best is None else rivals[best],
                "rival_score": None if best is None else float(rival_scores[row, best]),
            }


def overlaps(found: Scores, pattern_ids: Sequence[int]) -> Iterator[dict[str, Any]]:
    """Rows of `overlaps` without their scan, probe and kind of attention."""
    for row, other in zip(*np.nonzero(np.nan_to_num(found.overlaps) > LEAST), strict=True):
        yield {
            "pattern_id": pattern_ids[row],
            "other_id": pattern_ids[other] if other < len(pattern_ids) else None,
            "score": round(float(found.overlaps[row, other]), 5),
        }


def distances(found: Scores, head_ids: Sequence[int]) -> Iterator[dict[str, Any]]:
    """Rows of `distances` without their probe: one a head."""
    known = np.flatnonzero(~np.isnan(found.distance[0]))
    first, last = int(known[0]), int(known[-1]) + 1
    for row, head_id in enumerate(head_ids):
        values = np.nan_to_num(found.distance[row, first:last]).round(5).tolist()
        yield {"head_id": head_id, "first": first - (N_DISTANCES - 1), "attention": json.dumps(values)}


def _score_columns(one: Pattern, column: int, found: Scores) -> dict[str, np.ndarray]:
    """A pattern's columns of the table, each with one entry a head."""
    shared: tuple[str, ...] = ("n_queries", "n_sequences")
    per_head = ("score", "score_nosink", "ci_low", "ci_high", "half_a", "half_b")
    columns = {name: getattr(found, name)[:, column] for name in per_head}
    columns["n_sunk"] = found.n_sink_dominated[:, column]
    if one.kind == "target":
        shared = (*shared, "chance", "best_offset", "offset_score")
        columns |= {name: getattr(found, name)[:, column] for name in ("p_value", "q_value")}
        null = found.null[:, column]
        if not np.array_equal(null, found.score[:, column]):  # else shuffling the tokens changes nothing
            columns["null_score"] = null
        if found.value_weighted[:, column].any():
            columns["value_weighted"] = found.value_weighted[:, column]
    n_heads = len(found.score)
    return columns | {name: np.full(n_heads, getattr(found, name)[column]) for name in shared}


def _png(image: np.ndarray) -> bytes:
    from PIL import Image

    buffer = io.BytesIO()
    Image.fromarray(image).save(buffer, "PNG")
    return buffer.getvalue()


def _number(value: Any) -> float | int | None:
    return None if np.isnan(value) else value.item()
