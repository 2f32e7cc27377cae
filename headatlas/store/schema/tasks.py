"""Tables of tasks: questions of one's own that heads were measured on. Their values stand in `evidence`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from headatlas.store.schema.base import DESCRIPTIONS, PROBE, SCAN, Key, foreign_keys, migrations, table_of

if TYPE_CHECKING:
    from sqlite_utils import Database

DESCRIPTIONS |= {
    "tasks": {
        "": "A task that a scanned model was measured on; its name and its words stand in `probes`.",
        "id": "Number of the task of this scan.",
        "scan_id": "The scan.",
        "probe_id": "Under which name its values stand in `evidence`.",
    },
    "task_runs": {
        "": "One measuring of a task.",
        "id": "Number of the run.",
        "task_id": "The task.",
        "status": "'running' until all parts are written, then 'done'; only finished runs have rows in `evidence`.",
        "plan": "Digest of everything that decides the numbers; a run is taken up again only when it is the same.",
        "settings": "JSON object: digest of the lines, seed, how many heads are taken out.",
        "result": "JSON object: what came of it, head by head; null until then.",
        "n_parts": "Number of parts of work.",
        "started": "When the run began (UTC, ISO 8601).",
        "finished": "When it ended (UTC, ISO 8601).",
        "seconds": "Seconds spent computing, interruptions not counted.",
    },
    "task_parts": {
        "": "Work done of unfinished runs; emptied when a run is finished.",
        "task_run_id": "The run.",
        "part": "What was computed: 'clean', 'attribution' or 'exact', and of which prompts and layer.",
        "seconds": "Seconds it took.",
        "data": "Its numbers (npz).",
    },
}


@migrations(name="tasks")
def tasks(db: Database) -> None:
    """What `headatlas task` writes."""
    runs = dict(id=int, task_id=int, status=str, plan=str, settings=str, result=str, n_parts=int)
    runs |= dict(started=str, finished=str, seconds=float)
    parts = dict(task_run_id=int, part=str, seconds=float, data=bytes)
    tables: list[tuple[str, dict[str, Any], Any, Key, set[str]]] = [
        ("tasks", dict(id=int, scan_id=int, probe_id=int), "id", SCAN, {"scan_id", "probe_id"}),
        ("task_runs", runs, "id", ("task_id", "tasks", "id"), {"task_id", "status", "plan"}),
        ("task_parts", parts, ("task_run_id", "part"), ("task_run_id", "task_runs", "id"), set()),
    ]
    for name, columns, pk, owner, not_null in tables:
        keys = [owner, PROBE] if name == "tasks" else [owner]
        table_of(db, name).create(columns, pk=pk, foreign_keys=foreign_keys(name, keys), not_null=not_null)
    table_of(db, "tasks").create_index(["scan_id", "probe_id"], unique=True)
    table_of(db, "tasks").create_index(["probe_id"])
    table_of(db, "task_runs").create_index(["task_id"])
