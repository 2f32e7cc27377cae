"""Which scores of heads are asked for, as SQL."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from headatlas.catalog.stand_ins import StandIn, as_parameter
from headatlas.heads import Head

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
