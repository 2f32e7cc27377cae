"""Tables and views of evidence: what heads' weights say and what breaks without them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from headatlas.store.schema.base import DESCRIPTIONS, HEAD, PROBE, SCAN, Key, foreign_keys, migrations, table_of

if TYPE_CHECKING:
    from sqlite_utils import Database

DESCRIPTIONS |= {
    "evidence_runs": {
        "": "One gathering of evidence for a scan.",
        "id": "Number of the run.",
        "scan_id": "The scan whose heads it is about.",
        "status": "'running' until all parts are written, then 'done'; only finished runs have rows in `evidence`.",
        "plan": "Digest of everything that decides the numbers; a run is taken up again only when it is the same.",
        "settings": "JSON object: probes, tokens a probe may take, seed, dtype.",
        "notes": "JSON list: what was left out, and why.",
        "n_parts": "Number of parts of work.",
        "started": "When the run began (UTC, ISO 8601).",
        "finished": "When it ended (UTC, ISO 8601).",
        "seconds": "Seconds spent computing, interruptions not counted.",
    },
    "evidence_parts": {
        "": "Work done of unfinished runs; emptied when a run is finished.",
        "run_id": "The run.",
        "part": "What was computed: 'copying', or a probe and a layer.",
        "seconds": "Seconds it took.",
        "data": "Its numbers (npz).",
    },
    "evidence_kinds": {
        "": "What each kind of evidence says, one row a version.",
        "id": "Number of the kind's version.",
        "name": "Name.",
        "version": "Goes up when a change breaks comparison with earlier values.",
        "basis": "'weights', 'causes' when the model was run with or without something, or 'writing' while it wrote.",
        "unit": "Unit of the value.",
        "description": "What is computed.",
        "source": "Paper the definition comes from.",
    },
    "evidence": {
        "": "Evidence about each head; for causes, on each probe.",
        "id": "Number of the row.",
        "head_id": "The head.",
        "kind_id": "The kind of evidence.",
        "probe_id": "The probe; null for evidence from the weights.",
        "value": "The value; for ablations how much worse the model does without the head (negative: better).",
        "ci_low": "Lower end of the 95% bootstrap interval over sequences; null for evidence from the weights.",
        "ci_high": "Upper end of the 95% bootstrap interval over sequences.",
        "percentile": "Share of the model's other heads with a smaller value, in percent; ties count half.",
        "intact": "For ablations: loss, logit difference or accuracy of the undisturbed model.",
        "n_targets": "Predictions scored; null for evidence from the weights.",
        "n_sequences": "Sequences they stand in.",
    },
    "compositions": {
        "": "Through which earlier heads' outputs a head's query, key or value is written: the strongest of each.",
        "head_id": "The later head.",
        "earlier_id": "The earlier head.",
        "kind": "'query', 'key' or 'value': which input of the later head reads the earlier head's output.",
        "value": "|W_OV W_QK| / (|W_OV| |W_QK|) (Frobenius norms) minus what random weights of that width would give.",
        "rank": "1 for the strongest of all earlier heads.",
    },
    "head_evidence": {"": "All evidence about the heads of every finished scan; a promised view."},
    "head_compositions": {"": "The compositions of every finished scan, heads by layer and number."},
}

EVIDENCE_VIEWS = {
    "head_evidence": """
        select scans.model, heads.attention, heads.layer, heads.head, evidence_kinds.name as kind,
               probes.name as probe, evidence.value, evidence.ci_low, evidence.ci_high, evidence.percentile
        from evidence
        join heads on heads.id = evidence.head_id
        join scans on scans.id = heads.scan_id
        join evidence_kinds on evidence_kinds.id = evidence.kind_id
        left join probes on probes.id = evidence.probe_id
        where scans.status = 'done'
    """,
    "head_compositions": """
        select scans.model, heads.attention, heads.layer, heads.head, compositions.kind,
               earlier.layer as earlier_layer, earlier.head as earlier_head, compositions.value, compositions.rank
        from compositions
        join heads on heads.id = compositions.head_id
        join heads as earlier on earlier.id = compositions.earlier_id
        join scans on scans.id = heads.scan_id
        where scans.status = 'done'
    """,
}


@migrations(name="evidence")
def evidence(db: Database) -> None:
    """What `headatlas evidence` writes."""
    run = ("run_id", "evidence_runs", "id")
    tables: list[tuple[str, dict[str, Any], Any, list[Key], set[str]]] = [
        (
            "evidence_runs",
            dict(id=int, scan_id=int, status=str, plan=str, settings=str, notes=str, n_parts=int)
            | dict(started=str, finished=str, seconds=float),
            "id",
            [SCAN],
            {"scan_id", "status", "plan"},
        ),
        ("evidence_parts", dict(run_id=int, part=str, seconds=float, data=bytes), ("run_id", "part"), [run], set()),
        (
            "evidence_kinds",
            dict(id=int, name=str, version=int, basis=str, unit=str, description=str, source=str),
            "id",
            [],
            {"name", "version"},
        ),
        (
            "evidence",
            dict(id=int, head_id=int, kind_id=int, probe_id=int, value=float, ci_low=float, ci_high=float)
            | dict(percentile=float, intact=float, n_targets=int, n_sequences=int),
            "id",
            [HEAD, ("kind_id", "evidence_kinds", "id"), PROBE],
            {"head_id", "kind_id", "value"},
        ),
        (
            "compositions",
            dict(head_id=int, earlier_id=int, kind=str, value=float, rank=int),
            ("head_id", "kind", "rank"),
            [HEAD, ("earlier_id", "heads", "id")],
            {"earlier_id", "value"},
        ),
    ]
    for name, columns, pk, keys, not_null in tables:
        table_of(db, name).create(columns, pk=pk, foreign_keys=foreign_keys(name, keys), not_null=not_null)
    table_of(db, "evidence_kinds").create_index(["name", "version"], unique=True)
    # A null probe is a probe of its own here: one value of each kind.
    db.execute("create unique index one_value_of_a_kind on evidence(head_id, kind_id, coalesce(probe_id, 0))")
    for name, sql in EVIDENCE_VIEWS.items():
        db.create_view(name, sql)
