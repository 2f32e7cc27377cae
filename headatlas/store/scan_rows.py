"""The rows that a scan's results become, table by table."""

from __future__ import annotations

import io
import json
import math
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from jaxtyping import Float64

from headatlas.inputs.sequence import with_folded_padding
from headatlas.patterns.definition import Pattern
from headatlas.patterns.lookup import rivals_of
from headatlas.probes import Probe
from headatlas.scoring.scores import Scores
from headatlas.scoring.tally import N_DISTANCES
from headatlas.scoring.waking import Waking

if TYPE_CHECKING:
    from headatlas.attention.certificate import Certificate, LayerReport
    from headatlas.inputs.sequence import TokenSequence

# Columns of `scores` that not every pattern has.
_OF_SOME = ("null_score", "value_weighted", "chance", "best_offset", "offset_score", "p_value", "q_value")
# Columns of `off_sink` that differ from head to head.
_OFF_SINK = (
    "score", "ci_low", "ci_high", "half_a", "half_b", "mass", "awake", "control", "contrast", "contrast_low",
)  # fmt: skip
_DIGITS = 6
# Some rows of a table: its columns, each with a value a row.
Columns = Mapping[str, Sequence[Any]]
# Overlaps smaller than this are not stored.
MIN_OVERLAP = 0.001
# Of the lags beyond `N_DISTANCES` those are stored at which a head's mean attention is at least this, over at least so
# many queries in all and in each text that is long enough, so that no single key, such as another sink, makes it large;
# of a head and probe the best few.
MIN_FAR, MIN_FAR_QUERIES, MIN_FAR_IN_TEXT, MAX_FAR = 0.02, 64, 16, 8
# A class of queries wakes a head where the corrected p-value is below this, and the lift at least this.
MAX_Q = 0.01
MIN_LIFT = 1.2


def pattern_row(pattern: Pattern) -> dict[str, Any]:
    """A row of `patterns`."""
    return {
        "name": pattern.name,
        "version": pattern.version,
        "kind": pattern.kind,
        "family": pattern.family.value,
        "probe": pattern.probe,
        "summary": pattern.summary,
        "description": pattern.description,
        "example": pattern.example,
        "formula": pattern.formula,
        "unit": pattern.unit,
        "source": pattern.source,
        "rivals": json.dumps(rivals_of(pattern)),
    }


def probe_row(probe: Probe) -> dict[str, Any]:
    """A row of `probes`."""
    return {"name": probe.name, "version": probe.version, "summary": probe.summary, "description": probe.description}


def example_columns(sequence: TokenSequence) -> dict[str, Any]:
    """The columns of `examples` that say what was read."""
    columns: dict[str, Any] = {}
    source = None if sequence.source is None else with_folded_padding(sequence.source)
    for prefix, read in (("", sequence), ("key_", source)):
        if read is not None:
            columns |= {
                f"{prefix}token_ids": json.dumps(read.ids),
                f"{prefix}tokens": json.dumps(read.texts, ensure_ascii=False),
                f"{prefix}special": json.dumps([int(special) for special in read.special]),
            }
    if sequence.image is not None and sequence.grid is not None:
        columns |= {"image": _png(sequence.image), "grid_rows": sequence.grid[0], "grid_columns": sequence.grid[1]}
    if (drawing := sequence.drawing) is not None:
        columns |= {"prompt": drawing.prompt, "noise": drawing.noise, "step": drawing.step}
    return columns


def certificate_columns(certificate: Certificate) -> dict[str, Any]:
    """The columns of `certificates`, over all layers that are scored."""
    rows = [layer.rows for layer in certificate.layers if layer.scored]
    return {
        "passed": certificate.passed,
        "compared_with": certificate.compared_with,
        "probe": certificate.probe,
        "n_sequences": certificate.n_sequences,
        "n_tokens": certificate.n_tokens,
        "max_difference": certificate.max_difference,
        "tolerance": certificate.tolerance,
        "row_sum_min": min(row.row_sum_min for row in rows),
        "row_sum_max": max(row.row_sum_max for row in rows),
        "above_diagonal": max(
            (layer.rows.above_diagonal for layer in certificate.layers if layer.causal), default=None
        ),
    }


def layer_columns(layer: LayerReport) -> dict[str, Any]:
    """The columns of `layers`."""
    return {
        "attention": layer.module.attention,
        "layer": layer.module.layer,
        "hook": layer.module.hook,
        "n_heads": layer.n_heads,
        "causal": layer.causal,
        "scored": layer.scored,
        "max_difference": layer.max_difference,
        "row_sum_min": layer.rows.row_sum_min,
        "row_sum_max": layer.rows.row_sum_max,
        "above_diagonal": layer.rows.above_diagonal,
        "outputs": layer.outputs,
        "window": layer.window,
    }


def score_columns(
    scores: Scores, patterns: Sequence[Pattern], pattern_ids: Sequence[int], head_ids: Sequence[int]
) -> Iterator[Columns]:
    """Columns of `scores` without their probe, a head a row, of each pattern that has queries."""
    column_of = {pattern.name: column for column, pattern in enumerate(patterns) if scores.n_queries[column]}
    nothing = [None] * len(head_ids)
    for pattern, pattern_id in zip(patterns, pattern_ids, strict=True):
        column = column_of.get(pattern.name)
        if column is None or pattern.is_rival:
            continue
        columns: dict[str, Sequence[Any]] = dict.fromkeys((*_OF_SOME, "rival", "rival_score"), nothing)
        columns |= {name: _numbers(values) for name, values in _score_columns(pattern, column, scores).items()}
        columns |= {"head_id": head_ids, "pattern_id": [pattern_id] * len(head_ids)}
        rivals = [name for name in rivals_of(pattern) if name in column_of]
        if rivals:
            rival_scores = scores.score[:, [column_of[name] for name in rivals]]
            columns["rival"] = [rivals[best] for best in rival_scores.argmax(1)]
            columns["rival_score"] = rival_scores.max(1).tolist()
        yield columns


def off_sink_columns(scores: Scores, pattern_ids: Sequence[int], head_ids: Sequence[int]) -> Iterator[Columns]:
    """Columns of `off_sink` without their probe, a head a row, of each pattern or rival that has queries there."""
    off = scores.off_sink
    # Row statistics have no targets, and no queries off the sink where they have a chance.
    for column in np.flatnonzero((off.n_queries > 0) & (scores.chance > 0)).tolist():
        shared = {
            "pattern_id": pattern_ids[column],
            "chance": _rounded(off.chance[column]),
            "n_queries": int(off.n_queries[column]),
        }
        yield {
            "head_id": head_ids,
            **{name: rounded(getattr(off, name)[:, column]) for name in _OFF_SINK},
            **{name: [value] * len(head_ids) for name, value in shared.items()},
        }


def overlap_rows(scores: Scores, pattern_ids: Sequence[int]) -> Iterator[dict[str, Any]]:
    """Rows of `overlaps` without their scan, probe and kind of attention."""
    n_patterns = len(pattern_ids)
    overlaps = np.nan_to_num(scores.overlaps)
    off_sink = np.zeros_like(overlaps)
    off_sink[:, :n_patterns] = np.nan_to_num(scores.off_sink.overlaps)
    for row, other in zip(*np.nonzero(np.maximum(overlaps, off_sink) > MIN_OVERLAP), strict=True):
        yield {
            "pattern_id": pattern_ids[row],
            "other_id": pattern_ids[other] if other < n_patterns else None,
            "score": round(float(overlaps[row, other]), 5),
            "off_sink": round(float(off_sink[row, other]), 5) if off_sink[row, other] else None,
        }


def awakening_rows(waking: Waking, classes: Sequence[str], head_ids: Sequence[int]) -> Iterator[dict[str, Any]]:
    """Rows of `awakenings` without their probe: the classes on which a head is surely awake more than on others."""
    awake = (waking.q_value < MAX_Q) & (waking.ci_low > 1) & (waking.lift >= MIN_LIFT)
    for row, column in zip(*np.nonzero(awake), strict=True):
        yield {
            "head_id": head_ids[row],
            "class": classes[column],
            **{name: _rounded(getattr(waking, name)[row, column]) for name in ("lift", "ci_low", "ci_high")},
            "q_value": float(waking.q_value[row, column]),
            "n_queries": int(waking.n_queries[column]),
        }


def sink_rows(waking: Waking, head_ids: Sequence[int]) -> Iterator[dict[str, Any]]:
    """Rows of `sinks` without their probe."""
    for head_id, off_sink, others in zip(head_ids, waking.off_sink, waking.other_sinks, strict=True):
        yield {"head_id": head_id, "first": _rounded(1 - off_sink), "others": _rounded(others)}


def distance_rows(scores: Scores, head_ids: Sequence[int]) -> Iterator[dict[str, Any]]:
    """Rows of `distances` without their probe: one for each head."""
    known = np.flatnonzero(~np.isnan(scores.distance[0]))
    first, last = int(known[0]), int(known[-1]) + 1
    for row, head_id in enumerate(head_ids):
        values = np.nan_to_num(scores.distance[row, first:last]).round(5).tolist()
        yield {"head_id": head_id, "first": first - (N_DISTANCES - 1), "attention": json.dumps(values)}


def far_lag_rows(scores: Scores, head_ids: Sequence[int]) -> Iterator[dict[str, Any]]:
    """Rows of `far_lags` without their probe: the lags at which a head's mean attention is largest, best first."""
    # A text has one query less at each next lag, until it has none.
    n_texts = -np.diff(scores.n_far, append=0)
    counted = np.flatnonzero(scores.n_far >= np.maximum(MIN_FAR_QUERIES, MIN_FAR_IN_TEXT * n_texts))
    means = scores.far[:, counted]
    for head_id, own in zip(head_ids, means, strict=True):
        for best in np.argsort(-own, kind="stable")[:MAX_FAR]:
            if own[best] >= MIN_FAR:
                lag = int(counted[best])
                yield {
                    "head_id": head_id,
                    "lag": N_DISTANCES + lag,
                    "score": _rounded(own[best]),
                    "n_queries": int(scores.n_far[lag]),
                }


def _score_columns(pattern: Pattern, column: int, scores: Scores) -> dict[str, np.ndarray]:
    """A pattern's columns of the table, each with an entry for each head."""
    shared: tuple[str, ...] = ("n_queries", "n_sequences")
    per_head = ("score", "score_nosink", "ci_low", "ci_high", "half_a", "half_b")
    columns = {name: getattr(scores, name)[:, column] for name in per_head}
    columns["n_sunk"] = scores.n_sink_dominated[:, column]
    if pattern.kind == "target" or pattern.chance is not None:
        shared = (*shared, "chance")
        columns |= {name: getattr(scores, name)[:, column] for name in ("p_value", "q_value")}
    if pattern.kind == "target":
        shared = (*shared, "best_offset", "offset_score")
        null = scores.null[:, column]
        if not np.array_equal(null, scores.score[:, column]):  # else shuffling the tokens changes nothing
            columns["null_score"] = null
        if scores.value_weighted[:, column].any():
            columns["value_weighted"] = scores.value_weighted[:, column]
    n_heads = len(scores.score)
    return columns | {name: np.full(n_heads, getattr(scores, name)[column]) for name in shared}


def _png(image: np.ndarray) -> bytes:
    from PIL import Image

    buffer = io.BytesIO()
    Image.fromarray(image).save(buffer, "PNG")
    return buffer.getvalue()


def _rounded(value: float) -> float | None:
    """As it is stored; more digits would be noise, and bytes."""
    return round(float(value), _DIGITS) if math.isfinite(value) else None


def rounded(values: Float64[np.ndarray, " row"]) -> list[float | None]:
    """A column as it is stored: each number as Python's `round` gives it, None where it is not finite."""
    finite = np.isfinite(values)
    scaled = np.where(finite, values, 0) * 10**_DIGITS
    column: list[float | None] = (np.rint(scaled) / 10**_DIGITS).tolist()
    # Where the product may have come to lie on the other side of a half, or has no digits behind the point.
    unsure = (np.abs(scaled - np.floor(scaled) - 0.5) < 1e-3) | (np.abs(scaled) > 2**40) | ~finite
    for row in np.flatnonzero(unsure).tolist():
        column[row] = _rounded(values[row])
    return column


def _numbers(values: np.ndarray) -> list[float | int | None]:
    numbers: list[float | int | None] = values.tolist()
    for row in np.flatnonzero(np.isnan(values)).tolist():
        numbers[row] = None
    return numbers
