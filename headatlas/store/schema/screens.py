"""Which effects were measured and which estimated, how far estimates can be trusted, and what the gathering cost."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headatlas.store.schema.base import DESCRIPTIONS, PROBE, foreign_keys, migrations, table_of

if TYPE_CHECKING:
    from sqlite_utils import Database

_EXACT = (
    "1 where the value was measured; 0 where it is an estimate to first order, which has no interval. Null in files "
    "made before anything was estimated."
)
DESCRIPTIONS["evidence"]["exact"] = _EXACT
DESCRIPTIONS["head_evidence"]["exact"] = "1 where the value was measured, 0 where it is an estimate to first order."
DESCRIPTIONS |= {
    "evidence_costs": {
        "": "What the evidence of a finished run cost on each probe, and how far its screen can be trusted.",
        "id": "Number of the row.",
        "run_id": "The run.",
        "probe_id": "The probe; null for what comes from the weights.",
        "seconds": "Seconds spent computing.",
        "n_heads": "Heads that were looked at.",
        "n_exact": "Heads that were removed; what the others do is estimated.",
        "n_random": "Of these, heads drawn at random whatever the screen said; null where there was no screen.",
        "correlation": "Spearman's, over the heads drawn: size of the effect as estimated and as measured.",
        "recall": "Share that the screen chose of the tenth of all heads with the largest effects, by the heads drawn.",
    },
}

_VIEW = """
    select scans.model, heads.attention, heads.layer, heads.head, evidence_kinds.name as kind,
           probes.name as probe, evidence.value, evidence.ci_low, evidence.ci_high, evidence.percentile,
           coalesce(evidence.exact, 1) as exact
    from evidence
    join heads on heads.id = evidence.head_id
    join scans on scans.id = heads.scan_id
    join evidence_kinds on evidence_kinds.id = evidence.kind_id
    left join probes on probes.id = evidence.probe_id
    where scans.status = 'done'
"""


@migrations(name="screens")
def screens(db: Database) -> None:
    """Adds `evidence.exact`, also to the view, and the costs by probe."""
    table_of(db, "evidence").add_column("exact", int)
    table_of(db, "evidence_costs").create(
        dict(id=int, run_id=int, probe_id=int, seconds=float, n_heads=int, n_exact=int, n_random=int)
        | dict(correlation=float, recall=float),
        pk="id",
        foreign_keys=foreign_keys("evidence_costs", [("run_id", "evidence_runs", "id"), PROBE]),
        not_null={"run_id", "seconds"},
    )
    table_of(db, "evidence_costs").create_index(["run_id"])
    db.execute("drop view head_evidence")
    db.create_view("head_evidence", _VIEW)
