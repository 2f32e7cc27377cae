"""Writing evidence into the database: parts while it is gathered, rows when all of it is there."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any, cast

import numpy as np

from headatlas.evidence.types import TYPES
from headatlas.evidence.verdicts import is_resting, tested_on
from headatlas.probes import Probe
from headatlas.store.scans import Store

Arrays = dict[str, np.ndarray]


@dataclass(frozen=True)
class Row:
    """One row of `evidence`; `head` and `probe` are numbers in the database."""

    head: int
    kind: str
    probe: int | None
    value: float
    ci_low: float | None = None
    ci_high: float | None = None
    percentile: float | None = None
    intact: float | None = None
    n_targets: int | None = None
    n_sequences: int | None = None


@dataclass(frozen=True)
class Composition:
    """One row of `compositions`; heads are numbers in the database."""

    head: int
    earlier: int
    kind: str
    value: float
    rank: int


class EvidenceStore:
    """The evidence of one scan in a database that is open for writing."""

    def __init__(self, store: Store, scan: int) -> None:
        self.store = store
        self.scan = scan

    def run(self, status: str, plan: str | None = None) -> dict[str, Any] | None:
        """The finished or unfinished run, of any plan or of the given one."""
        return self.store.one(
            "select * from evidence_runs where scan_id = ? and status = ? and (?3 is null or plan = ?3)",
            [self.scan, status, plan],
        )

    def begin(self, plan: str, settings: Mapping[str, Any], probes: Iterable[Probe]) -> int:
        """Starts a run instead of any other unfinished one; returns its number."""
        with self.store.transaction():
            unfinished = "scan_id = ? and status = 'running'"
            self.store.db.execute(
                f"delete from evidence_parts where run_id in (select id from evidence_runs where {unfinished})",
                [self.scan],
            )
            self.store.db.execute(f"delete from evidence_runs where {unfinished}", [self.scan])
            for one in probes:
                self.probe_id(one)
            row = {"scan_id": self.scan, "status": "running", "plan": plan, "settings": json.dumps(dict(settings))}
            inserted = self.store.table("evidence_runs").insert({**row, "started": _now(), "seconds": 0.0})
            return cast(int, inserted.last_pk)

    def parts_done(self, run: int) -> set[str]:
        """Names of the parts already written."""
        return {row["part"] for row in self.store.db.query("select part from evidence_parts where run_id = ?", [run])}

    def write_part(self, run: int, part: str, arrays: Arrays, seconds: float) -> None:
        """Stores a part's numbers, at once."""
        buffer = io.BytesIO()
        np.savez_compressed(buffer, **arrays)  # type: ignore[arg-type]
        with self.store.transaction():
            self.store.table("evidence_parts").insert(
                {"run_id": run, "part": part, "seconds": seconds, "data": buffer.getvalue()}
            )
            self.store.db.execute("update evidence_runs set seconds = seconds + ? where id = ?", [seconds, run])

    def part(self, run: int, part: str) -> Arrays:
        """A part's numbers."""
        row = self.store.one("select data from evidence_parts where run_id = ? and part = ?", [run, part])
        assert row is not None
        with np.load(io.BytesIO(row["data"]), allow_pickle=False) as found:
            return dict(found)

    def finish(
        self, run: int, rows: Iterable[Row], compositions: Iterable[Composition], notes: Sequence[str], n_parts: int
    ) -> None:
        """Puts the evidence in the place of an earlier run's and lets go of the parts, at once."""
        of_scan = "head_id in (select id from heads where scan_id = ?)"
        with self.store.transaction():
            self.store.db.execute(f"delete from evidence where {of_scan}", [self.scan])
            self.store.db.execute(f"delete from compositions where {of_scan}", [self.scan])
            kinds = {name: self._kind_id(name) for name in TYPES}
            self.store.table("evidence").insert_all(
                {
                    "head_id": one.head,
                    "kind_id": kinds[one.kind],
                    "probe_id": one.probe,
                    **{name: _number(value) for name, value in list(asdict(one).items())[3:]},
                }
                for one in rows
            )
            self.store.table("compositions").insert_all(
                {"head_id": one.head, "earlier_id": one.earlier, "kind": one.kind, "value": one.value,
                 "rank": one.rank}
                for one in compositions
            )  # fmt: skip
            self.store.db.execute("delete from evidence_parts where run_id = ?", [run])
            self.store.db.execute(
                "delete from evidence_runs where scan_id = ? and status = 'done' and id <> ?", [self.scan, run]
            )
            self.store.db.execute(
                "update evidence_runs set status = 'done', finished = ?, notes = ?, n_parts = ? where id = ?",
                [_now(), json.dumps(list(notes)), n_parts, run],
            )

    def probe_id(self, one: Probe) -> int:
        """Number of a probe's version, written down if it is not yet."""
        values = [one.name, one.version]
        row = self.store.one("select id from probes where name = ? and version = ?", values)
        if row is not None:
            return cast(int, row["id"])
        columns = {"name": one.name, "version": one.version, "summary": one.summary, "description": one.description}
        return cast(int, self.store.table("probes").insert(columns).last_pk)

    def tested_on(self, probe: str, probes: Sequence[str]) -> set[tuple[int, int]]:
        """Heads, as (layer, head), with a label that evidence on this one of the `probes` tells most about."""
        rows = self.store.db.query(
            """select distinct layer, head, label, (select probe from patterns where name = label
                                                    order by version desc limit 1) as probe
               from labels join heads on heads.id = head_id where scan_id = ? and attention = 'self'""",
            [self.scan],
        )
        return {
            (row["layer"], row["head"])
            for row in rows
            if not is_resting(row["label"]) and tested_on(row["probe"], probes) == probe
        }

    def _kind_id(self, name: str) -> int:
        """Number of a kind's version; its words may be improved, its meaning may not."""
        kind = asdict(TYPES[name])
        known = self.store.one(
            "select id from evidence_kinds where name = ? and version = ?", [kind["name"], kind["version"]]
        )
        if known is not None:
            self.store.table("evidence_kinds").update(known["id"], kind)
            return cast(int, known["id"])
        return cast(int, self.store.table("evidence_kinds").insert(kind).last_pk)


def _number(value: Any) -> Any:
    """Not-a-number is null, and numpy's numbers are Python's."""
    value = value.item() if hasattr(value, "item") else value
    return None if isinstance(value, float) and np.isnan(value) else value


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
