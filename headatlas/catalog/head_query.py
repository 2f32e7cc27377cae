"""Which scores of heads are asked for, as SQL; and, where there are none, why."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from headatlas.catalog.stand_ins import StandIn, as_parameter
from headatlas.heads import HEADVIS, Head, head_name

if TYPE_CHECKING:
    from headatlas.catalog.reader import Reader

# The probe that the newest version of a pattern is meant to be read on.
_OWN_PROBE = "(select probe from patterns where name = head_scores.pattern order by version desc limit 1)"

# The score off the sink that a row of the view `head_labels` rests on; null in labels of before it was kept.
SCORE_OF_LABEL = """
    select labels.score from labels join heads on heads.id = head_id join scans on scans.id = scan_id
    where status = 'done' and labels.label = head_labels.label
    and (scans.model, heads.attention, heads.layer, heads.head)
      = (head_labels.model, head_labels.attention, head_labels.layer, head_labels.head)"""


@dataclass(frozen=True)
class HeadQuery:
    """What `Reader.head_rows` is asked for, checked; a field that is None leaves nothing out.

    `stand_ins` say which probe is read where a scan did not run the one of a pattern, and no probe is named.
    """

    model: str | None = None
    pattern: str | None = None
    probe: str | None = None
    label: str | None = None
    minimum: float | None = None
    layer: int | None = None
    head: Head | None = None
    stand_ins: list[StandIn] = field(default_factory=list)

    @property
    def sql(self) -> tuple[str, list[Any]]:
        """What follows `select ...`, and its parameters."""
        head = self.head or (None, None, None)
        asked = [
            ("head_scores.model = ?", self.model),
            ("head_scores.pattern = ?", self.pattern),
            ("head_scores.probe = ?", self.probe),
            ("score >= ?", self.minimum),
            ("head_scores.layer = ?", self.layer),
            ("label = ?", self.label),
            ("head_scores.attention = ?", head[0]),
            ("head_scores.layer = ?", head[1]),
            ("head_scores.head = ?", head[2]),
        ]
        conditions = ["1", *(condition for condition, value in asked if value is not None)]
        parameters: list[Any] = [value for _, value in asked if value is not None]
        if self.pattern is None:  # a list by score would begin with distances in tokens
            conditions.append("chance is not null")
        if self.probe is None and not self.stand_ins:
            conditions.append(f"head_scores.probe = {_OWN_PROBE}")
        elif self.probe is None:
            conditions.append(
                f"(head_scores.probe = {_OWN_PROBE} or (head_scores.model, {_OWN_PROBE}, head_scores.probe) in "
                "(select json_extract(value, '$[0]'), json_extract(value, '$[1]'), json_extract(value, '$[2]') "
                "from json_each(?)))"
            )
            parameters.append(as_parameter(self.stand_ins))
        join = "" if self.label is None else "join head_labels using (model, attention, layer, head)"
        return f"from head_scores {join} where {' and '.join(conditions)}", parameters


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
