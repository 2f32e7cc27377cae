"""Why a database has none of the scores of heads that were asked for."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from headatlas.heads import HEADVIS, head_name

if TYPE_CHECKING:
    from headatlas.catalog.head_query import HeadQuery
    from headatlas.catalog.reader import Reader


def why_none(reader: Reader, query: HeadQuery) -> str:
    """Why a query for scores of heads has no rows, in a sentence."""
    whose = query.model or "any model"
    if not reader.scans():
        return f"{reader.path} holds no finished scan."
    if query.minimum is not None:
        best = _best(reader, replace(query, minimum=None))
        if best is not None:
            which = f"{head_name(best['attention'], best['layer'], best['head'])}, {best['pattern']}"
            return f"No score is {query.minimum:g} or more; the highest is {best['score']:.3f} ({which})."
    if query.label is not None and _best(reader, replace(query, label=None)) is not None:
        unlabelled = [row["model"] for row in reader.scans() if row["calibration"] is None]
        if query.model is not None and reader.scan(query.model)["source"] == HEADVIS:
            return (
                f"{query.model} was read from files of HeadVis and has no labels; `headatlas heads --pattern` ranks it."
            )
        advice = " It has no labels yet; `headatlas label` makes them." if query.model in unlabelled else ""
        return f"No head of {whose}{_within(query)} carries the label '{query.label}'.{advice}"
    if query.probe is not None and _best(reader, replace(query, probe=None)) is not None:
        of = f" for {query.pattern}" if query.pattern else ""
        return f"Nothing was scored on '{query.probe}'{of} in {whose}{_within(query)}."
    measured = _without_chance(reader, query.model)
    if measured and query.pattern is None:
        return f"{whose} was measured by {', '.join(measured)} alone, which have no chance. Name one with --pattern."
    if query.pattern is not None:
        return (
            f"No head of {whose}{_within(query)} has a score for {query.pattern}, which may not apply to its attention."
        )
    return f"No head of {whose}{_within(query)} has a score."


def _without_chance(reader: Reader, model: str | None) -> list[str]:
    """The patterns of a model none of whose scores has a chance, as in a scan that was read from files of HeadVis."""
    rows = reader.rows(
        "select pattern, max(chance is not null) as known from head_scores where model = ? group by pattern", [model]
    )
    return [] if any(row["known"] for row in rows) else [row["pattern"] for row in rows]


def _best(reader: Reader, query: HeadQuery) -> Any | None:
    """The highest score that a query finds."""
    asked, values = query.sql
    rows = reader.rows(f"select head_scores.* {asked} order by score desc limit 1", values)
    return rows[0] if rows and rows[0]["score"] is not None else None


def _within(query: HeadQuery) -> str:
    if query.head is not None:
        return f", {query.head},"
    return "" if query.layer is None else f" in layer {query.layer}"
