"""The questions people ask of a database, by name. SQL with parameters, used by `query` and by Datasette."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from headatlas.errors import DatabaseError, UnknownNameError

# A score of a pattern on the probe it was made for; a name may have several versions, the newest counts.
_OWN = """scores join patterns on patterns.id = scores.pattern_id
join probes on probes.id = scores.probe_id and probes.name = patterns.probe
join heads on heads.id = scores.head_id
join scans on scans.id = heads.scan_id and scans.status = 'done'"""
_HEAD = "scans.model, heads.attention, heads.layer, heads.head"
# Labels that say where a head rests: that removing it changes little is what they lead one to expect.
_RESTING = "'first_token', 'special_token'"


@dataclass(frozen=True)
class NamedQuery:
    """A question with a name: what it answers, its SQL, its parameters with their defaults."""

    name: str
    title: str
    sql: str
    parameters: Mapping[str, Any] = field(default_factory=dict)
    # Views or tables that an older database may lack, each with what would fill it.
    needs: Mapping[str, str] = field(default_factory=dict)
    # Tables that it can do without, each with the columns that it takes of them: in an older database they have no row.
    empty_if_missing: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def sql_for(self, connection: sqlite3.Connection) -> str:
        """The SQL as a database can answer it, whatever its age; it begins with `with` where tables may be missing."""
        sql = self.sql
        for table, columns in self.empty_if_missing.items():
            if connection.execute("select 1 from sqlite_master where name = ?", [table]).fetchone() is None:
                empty = ", ".join(f"null as {column}" for column in columns)
                sql = f"with {table} as (select {empty} where 0), {sql.removeprefix('with ')}"
        return sql


_ALL = (
    NamedQuery(
        "induction-heads",
        "Heads that score as induction heads on repeated random tokens, in every model",
        f"""select {_HEAD}, score, ci_low, ci_high, chance from {_OWN}
where patterns.name = 'induction' and score >= :minimum
order by scans.model, score desc""",
        {"minimum": 0.4},
    ),
    NamedQuery(
        "pattern-heads",
        "Heads that follow a pattern, best first, in every model",
        f"""select {_HEAD}, score, score_nosink, ci_low, ci_high, chance from {_OWN}
where patterns.name = :pattern and score >= :minimum
order by score desc, {_HEAD}""",
        {"pattern": "previous_token", "minimum": 0.4},
    ),
    NamedQuery(
        "best-heads",
        "The head of each model that follows each pattern most",
        # A scan's heads lie side by side in an index of scores, so that each best one is found within a range of it;
        # the plus sign keeps SQLite from walking the index by score, which is slow where a scan has only low ones.
        """with ranges as materialized (
  select scan_id, min(heads.id) as first, max(heads.id) as last from heads group by scan_id),
best as materialized (
  select patterns.id as pattern_id, probes.id as probe_id, (
    select scores.head_id from scores where scores.pattern_id = patterns.id and scores.probe_id = probes.id
    and scores.head_id between first and last
    and (select heads.scan_id from heads where heads.id = scores.head_id) = ranges.scan_id
    order by +scores.score desc limit 1) as head_id
  from patterns join probes on probes.name = patterns.probe cross join ranges where patterns.kind = 'target')
select scans.model, patterns.name as pattern, heads.attention, heads.layer, heads.head, score, score_nosink, chance
from best join scores using (head_id, pattern_id, probe_id)
join patterns on patterns.id = best.pattern_id
join heads on heads.id = best.head_id
join scans on scans.id = heads.scan_id and scans.status = 'done'
order by patterns.name, scans.model""",
    ),
    NamedQuery(
        "sinks-by-layer",
        "Layers by how many of their heads put much of their attention on the first token",
        f"""select scans.model, heads.attention, heads.layer, sum(score > :minimum) as sinks, count(*) as heads,
       avg(score) as mean_on_first_token from {_OWN}
where patterns.name = 'first_token'
group by scans.id, heads.attention, heads.layer
order by sinks desc, mean_on_first_token desc""",
        {"minimum": 0.3},
    ),
    NamedQuery(
        "hidden-by-sink",
        "Heads whose pattern shows only when the attention sink is taken out",
        f"""select {_HEAD}, patterns.name as pattern, score, score_nosink, n_queries - n_sunk as queries_left
from {_OWN}
where patterns.kind = 'target' and score_nosink >= :minimum and score < score_nosink / 2
order by score_nosink - score desc""",
        {"minimum": 0.5},
    ),
    NamedQuery(
        "pattern-depth",
        "How deep in the network each pattern lives: relative layer of the heads that follow it",
        f"""select patterns.name as pattern, scans.model, count(*) as heads,
       avg(heads.layer / max(scans.n_layers - 1.0, 1.0)) as mean_depth,
       min(heads.layer) as first_layer, max(heads.layer) as last_layer from {_OWN}
where patterns.kind = 'target' and score >= :minimum
group by patterns.id, scans.id order by patterns.name, scans.model""",
        {"minimum": 0.4},
    ),
    NamedQuery(
        "explained-by-rival",
        "High scores that another pattern explains at least as well",
        f"""select {_HEAD}, patterns.name as pattern, score, scores.rival, rival_score from {_OWN}
where patterns.kind = 'target' and score >= :minimum and rival_score >= score
order by rival_score - score desc""",
        {"minimum": 0.4},
    ),
    NamedQuery(
        "halves-disagree",
        "Scores that differ much between the two halves of the probe: not to be trusted",
        f"""select {_HEAD}, patterns.name as pattern, score, half_a, half_b, n_sequences from {_OWN}
where patterns.kind = 'target' and abs(half_a - half_b) >= :difference
order by abs(half_a - half_b) desc""",
        {"difference": 0.2},
    ),
    NamedQuery(
        "labels-by-model",
        "How many heads of each model carry each label, and how deep they lie",
        """select labels.label, scans.model, count(*) as heads, sum(labels.rank = 1) as first_label,
       avg(labels.confidence) as mean_confidence, avg(heads.layer / max(scans.n_layers - 1.0, 1.0)) as mean_depth
from labels join heads on heads.id = labels.head_id
join scans on scans.id = heads.scan_id and scans.status = 'done'
group by labels.label, scans.id order by labels.label, heads desc""",
        needs={"labels": "labels"},
    ),
    NamedQuery(
        "several-labels",
        "Heads that do several things",
        f"""select {_HEAD}, count(*) as labels, group_concat(labels.label, ', ') as names
from labels join heads on heads.id = labels.head_id
join scans on scans.id = heads.scan_id and scans.status = 'done'
group by heads.id having count(*) >= 2 order by labels desc, {_HEAD}""",
        needs={"labels": "labels"},
    ),
    NamedQuery(
        "unlabelled",
        "Heads without a label, and the share of them in each layer",
        """select scans.model, heads.attention, heads.layer, count(*) as heads,
       sum(not exists (select 1 from labels where labels.head_id = heads.id)) as unlabelled,
       avg(not exists (select 1 from labels where labels.head_id = heads.id)) as share
from heads join scans on scans.id = heads.scan_id and scans.status = 'done'
group by scans.id, heads.attention, heads.layer order by scans.model, share desc, heads.layer""",
        needs={"labels": "labels"},
    ),
    NamedQuery(
        "labels-in-doubt",
        "Heads whose label and evidence disagree: removing them changes little on the probe of the label's pattern",
        f"""select model, attention, layer, head, label, confidence, kind, probe, value, ci_low, ci_high, percentile
from head_labels join head_evidence using (model, attention, layer, head)
where confidence >= :confidence and kind like 'ablation%' and probe in (select probe from patterns where name = label)
  and label not in ({_RESTING})
  and ci_low is not null and ((ci_low <= 0 and ci_high >= 0) or percentile < :percentile)
order by confidence desc, percentile""",
        {"confidence": 0.8, "percentile": 50},
        needs={"head_evidence": "evidence (weights, ablation)", "labels": "labels"},
    ),
    NamedQuery(
        "word-heads",
        "Heads whose output weights give, or take back, a relation of words (a capital, an opposite, a successor)",
        """select model, attention, layer, head, kind, value, percentile from head_evidence
where (kind like 'ov_relation_%' or kind like 'ov_suppressed_%' or kind = 'ov_successor') and value >= :minimum
order by value desc, model, layer, head""",
        {"minimum": 0.25},
        needs={"head_evidence": "evidence (weights, ablation)"},
    ),
    NamedQuery(
        "function-vectors",
        "Heads that carry a task from examples to its answer (above 0), or whose mean is against it (below)",
        """select model, attention, layer, head, value, ci_low, ci_high, percentile, exact from head_evidence
where kind = 'function_vector' and abs(value) >= :minimum
order by abs(value) desc, model, layer, head""",
        {"minimum": 0.01},
        needs={"head_evidence": "evidence (weights, ablation)"},
    ),
    NamedQuery(
        "copy-suppression",
        "Heads that by their weights look for the token that is predicted and write against it",
        """select model, attention, layer, head, sought.value as seeks, lowered.value as lowers
from head_evidence as sought
join head_evidence as lowered using (model, attention, layer, head)
where sought.kind = 'qk_predicted_token' and lowered.kind = 'ov_own_token_lowered'
  and min(sought.value, lowered.value) >= :minimum
order by min(sought.value, lowered.value) desc""",
        {"minimum": 0.8},
        needs={"head_evidence": "evidence (weights, ablation)"},
    ),
    NamedQuery(
        "edges",
        "Heads whose removal takes a later head's pattern away, with both heads' labels",
        """select head_edges.model, 'L' || earlier_layer || 'H' || earlier_head as without,
  'L' || layer || 'H' || head as later, label, change, score, (
  select group_concat(own.label, ', ') from head_labels as own where (own.model, own.attention, own.layer, own.head)
  = (head_edges.model, head_edges.attention, earlier_layer, earlier_head)) as labels_without, probe from head_edges
where change <= -:change and (:label = '' or label = :label)
order by change""",
        {"change": 0.1, "label": ""},
        needs={"head_edges": "edges (evidence)"},
    ),
    NamedQuery(
        "slash-heads",
        "Heads that look a certain number of tokens back, farther than the nearby ones: their best lag, however far",
        f"""with by_lag as (
  select head_id, probes.name as probe, first + key as lag, value as score
  from distances join probes on probes.id = probe_id, json_each(distances.attention)
  union all select head_id, probes.name, lag, score from far_lags join probes on probes.id = probe_id)
select {_HEAD}, lag, max(score) as score, probe, (
  select other.score from by_lag as other where other.head_id = by_lag.head_id and other.lag = by_lag.lag
  and other.probe = 'repeated_random_tokens') as on_random_tokens
from by_lag join heads on heads.id = head_id join scans on scans.id = heads.scan_id and scans.status = 'done'
where lag >= :from_lag and probe = :probe
group by head_id having max(score) >= :minimum order by max(score) desc, {_HEAD}""",
        # After Cheng et al. 2026, arXiv:2601.08297: the mean of A[q, q - lag], natural and random tokens alike. Beyond
        # 63 tokens the best few lags are stored, so that the score on random tokens may be unknown: null.
        {"minimum": 0.1, "from_lag": 9, "probe": "natural_text"},
        needs={"distances": "attention by distance"},
        empty_if_missing={"far_lags": ("head_id", "probe_id", "lag", "score")},
    ),
    NamedQuery(
        "far-attention",
        "How much of its attention each head spends beyond the first token and the nearest 16: most of all retrieval "
        "heads, and next to nothing heads that stream",
        f"""with near as (
  select head_id, probe_id, (select total(value) from json_each(distances.attention)
  where distances.first + key between 0 and 15) as attention from distances)
select {_HEAD}, max(0.0, 1 - sinks.first - near.attention) as far, sinks.first as on_first
from near join sinks using (head_id, probe_id) join probes on probes.id = probe_id
join heads on heads.id = head_id join scans on scans.id = heads.scan_id and scans.status = 'done'
where heads.attention = 'self' and probes.name = :probe and far >= :minimum
order by far desc, {_HEAD}""",
        # After Xiao et al. 2024, arXiv:2410.10819, whose gates are learned; see `counterparts` for what is left out.
        {"minimum": 0.0, "probe": "natural_text"},
        needs={"distances": "attention by distance"},
        empty_if_missing={"sinks": ("head_id", "probe_id", "first")},
    ),
    NamedQuery(
        "text-and-random",
        "How alike each head looks back in natural text and among random tokens: 1 where each distance gets the same",
        f"""with by_lag as (
  select head_id, count(*) as n, case count(*) when 2 then min(value) else 0.0 end as common, sum(value) as both
  from distances join probes on probes.id = probe_id, json_each(distances.attention)
  where probes.name in (:text, :random) and value is not null group by head_id, distances.first + key)
select {_HEAD}, 2 * sum(common) / sum(both) as agreement
from by_lag join heads on heads.id = head_id join scans on scans.id = heads.scan_id and scans.status = 'done'
group by head_id having max(n) = 2 and agreement >= :minimum order by agreement desc, {_HEAD}""",
        {"minimum": 0.0, "text": "natural_text", "random": "repeated_random_tokens"},
        needs={"distances": "attention by distance"},
    ),
    NamedQuery(
        "certificates",
        "Whether each scan's attention equals Hugging Face's own, and how nearly",
        """select scans.model, passed, compared_with, max_difference, tolerance, row_sum_min, row_sum_max
from certificates join scans on scans.id = certificates.scan_id
where scans.status = 'done' order by scans.model""",
    ),
)
QUERIES: dict[str, NamedQuery] = {query.name: query for query in _ALL}


def is_name(text: str) -> bool:
    """Whether a text is the name of a query rather than SQL."""
    return bool(text.strip()) and not any(letter in text.strip() for letter in " \n\t;(*")


def find(name: str) -> NamedQuery:
    """The query of a name.

    Raises:
        UnknownNameError: there is none.
    """
    if name not in QUERIES:
        raise UnknownNameError("query", name, QUERIES, "`headatlas query --list` shows them all.")
    return QUERIES[name]


def lacking(connection: sqlite3.Connection, query: NamedQuery) -> str:
    """What a database lacks that the query needs, as a clause; empty when it can be asked."""
    for table, content in query.needs.items():
        known = connection.execute("select 1 from sqlite_master where name = ?", [table]).fetchone()
        if known is None or connection.execute(f"select 1 from {table} limit 1").fetchone() is None:
            return f"no {content} in this database"
    return ""


def bind(query: NamedQuery, given: Mapping[str, str]) -> dict[str, Any]:
    """Values of a query's parameters: those given as text, in the type of the default, and the defaults.

    Raises:
        UnknownNameError: a parameter that the query does not have.
        DatabaseError: a text that is not a number where one is needed.
    """
    values = dict(query.parameters)
    for name, text in given.items():
        if name not in values:
            raise UnknownNameError("parameter", name, values, f"'{query.name}' has {len(values)}.")
        if isinstance(values[name], str):
            values[name] = text
            continue
        try:
            values[name] = float(text)
        except ValueError:
            raise DatabaseError(f"'{name}' of the query '{query.name}' is a number, not '{text}'.") from None
    return values
