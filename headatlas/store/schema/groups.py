"""What all heads with a label do together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headatlas.store.schema.base import DESCRIPTIONS, PROBE, foreign_keys, migrations, table_of

if TYPE_CHECKING:
    from sqlite_utils import Database

_COLUMNS = {
    "label": "The label that the heads of the group carry.",
    "n_heads": "Heads of the group.",
    "effect": "How much worse the model does with all of them out together (negative: better), in the kind's unit.",
    "control": "The same without others of the same layers, as many as there are up to that number: mean of the draws.",
    "control_low": "The least of the draws.",
    "control_high": "The most of the draws.",
    "n_control": "Heads of a draw.",
    "n_draws": "Number of draws.",
    "single_sum": "Sum of the effects of removing each alone; `effect` less this is what single removals hide.",
    "n_smallest": "Heads of the smallest set whose removal does half of `effect`, by a greedy search; null for none.",
    "smallest": "Their names, with blanks between.",
    "n_targets": "Predictions scored.",
    "n_sequences": "Sequences they stand in.",
}
DESCRIPTIONS |= {
    "label_groups": {
        "": "What all heads with a label do together, on the probe that tests the label.",
        "run_id": "The run of evidence.",
        "kind_id": "The kind of ablation.",
        "probe_id": "The probe.",
        **_COLUMNS,
    },
    "head_groups": {
        "": "What all heads with a label do together, for every finished scan.",
        "model": "Name of the model as given to `scan`, or with --as.",
        "kind": "Name of the kind of ablation.",
        "probe": "Name of the probe.",
        **_COLUMNS,
    },
}

_VIEW = f"""
    select scans.model, label_groups.label, evidence_kinds.name as kind, probes.name as probe,
           {", ".join(f"label_groups.{name}" for name in list(_COLUMNS)[1:])}
    from label_groups
    join evidence_runs on evidence_runs.id = label_groups.run_id
    join scans on scans.id = evidence_runs.scan_id
    join evidence_kinds on evidence_kinds.id = label_groups.kind_id
    join probes on probes.id = label_groups.probe_id
    where scans.status = 'done' and evidence_runs.status = 'done'
"""


@migrations(name="groups")
def groups(db: Database) -> None:
    """Adds the table and its view."""
    keys = [("run_id", "evidence_runs", "id"), ("kind_id", "evidence_kinds", "id"), PROBE]
    table_of(db, "label_groups").create(
        dict(run_id=int, kind_id=int, probe_id=int, label=str, n_heads=int, effect=float)
        | dict(control=float, control_low=float, control_high=float, n_control=int, n_draws=int, single_sum=float)
        | dict(n_smallest=int, smallest=str, n_targets=int, n_sequences=int),
        pk=("run_id", "label"),
        foreign_keys=foreign_keys("label_groups", keys),
        not_null={"effect"},
    )
    db.create_view("head_groups", _VIEW)
