"""Published measures of heads that no pattern's score stands for, and what of a scan stands beside them.

Function vectors (Todd et al. 2023, arXiv:2310.15213) are effects, which evidence measures while a model writes. Gates
(DuoAttention, Xiao et al. 2024, arXiv:2410.10819) are learned: how much of full attention the heads that share keys
and values need beside the first tokens and the recent ones. A scan has learned none; how much attention its heads
spend elsewhere is the nearest that it knows.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from headatlas.store.limits import MAX_LIST

if TYPE_CHECKING:
    from headatlas.catalog.reader import Reader

# Tokens, the query's own among them, that count as recent.
RECENT = 16


@dataclass(frozen=True)
class Counterpart:
    """What of a scan stands beside a published measure.

    Attributes:
        name: what it is called in tables.
        measure: the published measure, as the column `measure` of a list has it.
        roles: heads that sources call so belong here too, whatever they measured.
        rows: of a model, a row a head with `attention`, `layer`, `head`, `score`, `ci_low`, `ci_high` and `chance`,
            highest first.
        below: a head with a smaller published value than this is said to be the opposite: it is not looked for among
            our highest.
        nothing: said of a head that has no more than chance.
        remedy: how a scan gets it.
    """

    name: str
    measure: str
    roles: tuple[str, ...]
    rows: Callable[[Reader, str], list[Mapping[str, Any]]]
    below: float
    nothing: str
    remedy: str


def _function_vectors(reader: Reader, model: str) -> list[Mapping[str, Any]]:
    if not reader.rows("select 1 from sqlite_master where name = 'head_evidence'"):
        return []
    rows = reader.rows(
        """select attention, layer, head, value as score, ci_low, ci_high, 0.0 as chance from head_evidence
           where model = ? and kind = 'function_vector' order by value desc, layer, head""",
        [model],
    )
    return [dict(row) for row in rows]


def _far_attention(reader: Reader, model: str) -> list[Mapping[str, Any]]:
    """About the mean attention of each head that falls neither on the first position nor on recent tokens.

    Attention by distance is a mean over the queries that have such a key, and near the beginning the first position is
    a recent one: what is left is a little too small, at least 0.
    """
    from headatlas.probes import natural_probes

    if not reader.rows("select 1 from sqlite_master where name = 'sinks'"):
        return []
    rows = reader.rows(
        f"""select heads.attention, layer, head, substr(distances.attention, 1, {MAX_LIST + 1}) as by_distance,
                  distances.first as nearest, sinks.first as sink
           from distances join sinks using (head_id, probe_id) join heads on heads.id = head_id
           join scans on scans.id = scan_id join probes on probes.id = probe_id
           where scans.model = ? and status = 'done' and probes.name = ? and heads.attention = 'self'""",
        [model, natural_probes()[0]],
    )
    heads: list[Mapping[str, Any]] = []
    for row in rows:
        by_distance = json.loads(row["by_distance"])[max(0, -row["nearest"]) :][:RECENT]
        score = max(0.0, 1 - row["sink"] - sum(value or 0.0 for value in by_distance))
        heads.append({
            "attention": row["attention"], "layer": row["layer"], "head": row["head"], "score": score, "ci_low": None,
            "ci_high": None, "chance": 0.0,
        })  # fmt: skip
    return sorted(heads, key=lambda head: (-head["score"], head["layer"], head["head"]))


COUNTERPARTS = (
    Counterpart(
        "function_vector", "indirect effect", ("function vector",), _function_vectors, 0.0,
        "we measure no effect above zero", "`headatlas evidence MODEL --generate` measures it",
    ),
    Counterpart(
        "far attention", "learned gate", ("retrieval (duoattention)",), _far_attention, 0.5,
        "we measure no attention there", "a scan with natural text has it",
    ),
)  # fmt: skip


def counterpart_of(role: str, measure: str) -> Counterpart | None:
    """What stands beside a measure of heads with a role; None where nothing does."""
    for counterpart in COUNTERPARTS:
        if measure == counterpart.measure or role.strip().lower() in counterpart.roles:
            return counterpart
    return None
