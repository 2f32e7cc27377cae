"""Tasks in a database: parts while they are measured, rows of `evidence` and the whole result when all is there."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, cast

from headatlas.errors import HeadatlasError
from headatlas.evidence.store import PartStore, Row
from headatlas.evidence.tasks.lines import Task
from headatlas.evidence.tasks.types import TASK_TYPES
from headatlas.probes import PROBES
from headatlas.store.job import Jobs, Plan
from headatlas.store.scans import Store

# Of a task's row among the probes, which have versions; a changed task takes the place of the former one.
_VERSION = 1


class TaskStore(PartStore):
    """The tasks of one scan in a database that is open for writing."""

    def __init__(self, store: Store, scan: int) -> None:
        jobs: Jobs[str] = Jobs(
            store, "task_runs", subject="task_id", parts="task_parts", owner="task_run_id", key="part"
        )
        super().__init__(store, scan, jobs)

    def done(self, task: Task) -> dict[str, Any] | None:
        """The run of the task of this scan that is done; nothing is written.

        Raises:
            HeadatlasError: a probe has this name.
        """
        self._check_name(task)
        row = self.store.first_row(
            """select tasks.id from tasks join probes on probes.id = probe_id
               where scan_id = ? and name = ? and version = ?""",
            [self.scan, task.name, _VERSION],
        )
        return None if row is None else self.jobs.done(row["id"])

    def number(self, task: Task) -> int:
        """The number of the task of this scan, written down if it is not yet.

        Raises:
            HeadatlasError: a probe has this name.
        """
        with self.store.transaction():
            probe = self._probe(task)
            values = [self.scan, probe]
            row = self.store.first_row("select id from tasks where scan_id = ? and probe_id = ?", values)
            if row is not None:
                return cast(int, row["id"])
            return cast(int, self.store.table("tasks").insert({"scan_id": self.scan, "probe_id": probe}).last_pk)

    def begin(self, task: int, plan: Plan, settings: Mapping[str, Any]) -> int:
        """Starts a run instead of any other unfinished one; returns its number."""
        return self.jobs.begin(task, plan, settings=json.dumps(dict(settings)))

    def seconds(self, run: int) -> dict[str, float]:
        """Seconds that the parts of an unfinished run took, added up by what stands first in their names."""
        seconds: dict[str, float] = {}
        for row in self.store.db.query("select part, seconds from task_parts where task_run_id = ?", [run]):
            name = row["part"].split("/")[0]
            seconds[name] = seconds.get(name, 0.0) + row["seconds"]
        return seconds

    def finish(self, task: Task, run: int, rows: Iterable[Row], result: str, n_parts: int) -> None:
        """Puts the rows and the result in the place of an earlier run's and lets go of the parts, at once.

        Nothing happens where another process has finished the run already. The rows' `probe` is filled in here.
        """
        with self.store.transaction():
            if not self.jobs.is_running(run):
                return
            probe = self._probe(task)
            self.store.db.execute(
                "delete from evidence where probe_id = ? and head_id in (select id from heads where scan_id = ?)",
                [probe, self.scan],
            )
            self.insert_rows((replace(row, probe=probe) for row in rows), TASK_TYPES)
            self.jobs.finish(run, result=result, n_parts=n_parts)
        self.store.give_back()

    def _probe(self, task: Task) -> int:
        """The number under which the task's name stands among the probes."""
        self._check_name(task)
        summary = task.summary or f"A task of {len(task.lines)} lines, from {task.source}."
        words = {"summary": summary, "description": f"{summary}\n\nSource: {task.source}."}
        row = self.store.first_row("select id from probes where name = ? and version = ?", [task.name, _VERSION])
        if row is not None:
            self.store.table("probes").update(row["id"], words)
            return cast(int, row["id"])
        made = self.store.table("probes").insert({"name": task.name, "version": _VERSION, **words})
        return cast(int, made.last_pk)

    def _check_name(self, task: Task) -> None:
        taken = self.store.first_row(
            """select probes.name from probes where name = ? and id not in (select probe_id from tasks)
               and (exists (select 1 from scan_probes where probe_id = probes.id)
                    or exists (select 1 from evidence where probe_id = probes.id))""",
            [task.name],
        )
        if PROBES.get(task.name) is not None or taken is not None:
            raise HeadatlasError(f"A probe is called '{task.name}', so a task cannot be. Give another name with --as.")
