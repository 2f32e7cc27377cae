"""Writing evidence into the database: parts while it is gathered, rows when all of it is there."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from headatlas.catalog.reader import Reader
from headatlas.errors import HeadatlasError
from headatlas.evidence.types import TYPES, EvidenceType
from headatlas.evidence.words.effect_words import tested_on
from headatlas.evidence.words.verdicts import is_resting
from headatlas.files.given import exists
from headatlas.probes import Probe
from headatlas.store import scan_rows
from headatlas.store.job import Jobs, Plan
from headatlas.store.scans import Store

if TYPE_CHECKING:
    from headatlas.models.info import ModelInfo

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
    exact: bool = True


@dataclass(frozen=True)
class Cost:
    """One row of `evidence_costs`; `probe` is a number in the database, None for what comes from the weights."""

    probe: int | None
    seconds: float
    n_heads: int | None = None
    n_exact: int | None = None
    n_random: int | None = None
    correlation: float | None = None
    recall: float | None = None


@dataclass(frozen=True)
class Composition:
    """One row of `compositions`; heads are numbers in the database."""

    head: int
    earlier: int
    kind: str
    value: float
    rank: int


class PartStore:
    """Parts of work on one scan in a database that is open for writing, and types of evidence by their number.

    Args:
        store: the database.
        scan: number of the scan.
        jobs: the runs whose parts these are.
    """

    def __init__(self, store: Store, scan: int, jobs: Jobs[str]) -> None:
        self.store = store
        self.scan = scan
        self.jobs = jobs

    def write_part(self, run: int, part: str, arrays: Arrays, seconds: float) -> None:
        """Stores a part's numbers, at once."""
        buffer = io.BytesIO()
        np.savez_compressed(buffer, **arrays)  # type: ignore[arg-type]
        self.jobs.write(run, part, buffer.getvalue(), seconds)

    def part(self, run: int, part: str) -> Arrays:
        """A part's numbers.

        Raises:
            DatabaseError: another process has finished the run, or begun another.
        """
        with np.load(io.BytesIO(self.jobs.read(run, part)), allow_pickle=False) as arrays:
            return dict(arrays)

    def kind_id(self, type_: EvidenceType) -> int:
        """Number of a type's version; its words may be improved, its meaning may not."""
        kind = asdict(type_)
        known = self.store.first_row(
            "select id from evidence_kinds where name = ? and version = ?", [kind["name"], kind["version"]]
        )
        if known is not None:
            self.store.table("evidence_kinds").update(known["id"], kind)
            return cast(int, known["id"])
        return cast(int, self.store.table("evidence_kinds").insert(kind).last_pk)

    def insert_rows(self, rows: Iterable[Row], types: Mapping[str, EvidenceType]) -> dict[str, int]:
        """Writes rows of `evidence`; gives the numbers of the types."""
        kinds = {name: self.kind_id(type_) for name, type_ in types.items()}
        self.store.table("evidence").insert_all(
            {
                "head_id": row.head,
                "kind_id": kinds[row.kind],
                "probe_id": row.probe,
                **{name: _number(value) for name, value in list(asdict(row).items())[3:]},
            }
            for row in rows
        )
        return kinds


class EvidenceStore(PartStore):
    """The evidence of one scan in a database that is open for writing."""

    def __init__(self, store: Store, scan: int) -> None:
        jobs: Jobs[str] = Jobs(
            store, "evidence_runs", subject="scan_id", parts="evidence_parts", owner="run_id", key="part"
        )
        super().__init__(store, scan, jobs)

    def begin(self, plan: Plan, settings: Mapping[str, Any], probes: Iterable[Probe]) -> int:
        """Starts a run instead of any other unfinished one; returns its number."""
        with self.store.transaction():
            for probe in probes:
                self.probe_id(probe)
            return self.jobs.begin(self.scan, plan, settings=json.dumps(dict(settings)))

    def seconds(self, run: int, parts: Iterable[str]) -> float:
        """Seconds that some parts of an unfinished run took."""
        rows = self.store.db.query("select part, seconds from evidence_parts where run_id = ?", [run])
        by_part = {row["part"]: row["seconds"] for row in rows}
        return float(sum(by_part.get(part, 0.0) for part in parts))

    def finish(
        self,
        run: int,
        rows: Iterable[Row],
        compositions: Iterable[Composition],
        costs: Iterable[Cost],
        groups: Iterable[Mapping[str, Any]],
        edges: Iterable[Mapping[str, Any]],
        notes: Sequence[str],
        n_parts: int,
        types: Mapping[str, EvidenceType] = TYPES,
    ) -> None:
        """Puts the evidence in the place of an earlier run's and lets go of the parts, at once.

        Nothing happens where another process has finished the run already.
        """
        of_scan = "head_id in (select id from heads where scan_id = ?)"
        with self.store.transaction():
            if not self.jobs.is_running(run):
                return
            of_no_task = "probe_id is null or probe_id not in (select probe_id from tasks)"
            self.store.db.execute(f"delete from evidence where {of_scan} and ({of_no_task})", [self.scan])
            self.store.db.execute(f"delete from compositions where {of_scan}", [self.scan])
            kinds = self.insert_rows(rows, types)
            self.store.table("compositions").insert_all(
                {"head_id": link.head, "earlier_id": link.earlier, "kind": link.kind, "value": link.value,
                 "rank": link.rank}
                for link in compositions
            )  # fmt: skip
            self.store.table("evidence_costs").insert_all(
                {"run_id": run, "probe_id": cost.probe}
                | {name: _number(value) for name, value in list(asdict(cost).items())[1:]}
                for cost in costs
            )
            self.store.table("label_groups").insert_all(
                {"run_id": run, "kind_id": kinds[group["kind"]]}
                | {name: _number(value) for name, value in group.items() if name != "kind"}
                for group in groups
            )
            self.store.db.execute(f"delete from edges where {of_scan}", [self.scan])
            self.store.table("edges").insert_all(dict(edge) for edge in edges)
            self.jobs.finish(run, notes=json.dumps(list(notes)), n_parts=n_parts)
        self.store.give_back()

    def probe_id(self, probe: Probe) -> int:
        """Number of a probe's version, written down if it is not yet."""
        values = [probe.name, probe.version]
        row = self.store.first_row("select id from probes where name = ? and version = ?", values)
        if row is not None:
            return cast(int, row["id"])
        return cast(int, self.store.table("probes").insert(scan_rows.probe_row(probe)).last_pk)

    def tested_on(self, probe: str, probes: Sequence[str]) -> set[tuple[int, int]]:
        """Heads, as (layer, head), with a label that evidence on this one of the `probes` tells most about."""
        return {head for heads in self._labelled(probe, probes, ("self", "encoder")).values() for head in heads}

    def groups_on(self, probe: str, probes: Sequence[str]) -> dict[str, list[tuple[int, int]]]:
        """Heads of a decoder, as (layer, head), by label: labels that this one of the `probes` tests."""
        return self._labelled(probe, probes, ("self",))

    def labels_digest(self, probes: Sequence[str]) -> str:
        """Digest of which heads have which of the labels that evidence on the probes tests."""
        labelled = {probe: self._labelled(probe, probes, ("self", "encoder")) for probe in probes}
        return hashlib.sha256(json.dumps(labelled, sort_keys=True).encode()).hexdigest()

    def _labelled(self, probe: str, probes: Sequence[str], kinds: Sequence[str]) -> dict[str, list[tuple[int, int]]]:
        rows = self.store.db.query(
            f"""select layer, head, label, (select probe from patterns where name = label
                                            order by version desc limit 1) as probe
                from labels join heads on heads.id = head_id
                where scan_id = ? and attention in ({", ".join("?" * len(kinds))}) order by label, layer, head""",
            [self.scan, *kinds],
        )
        groups: dict[str, list[tuple[int, int]]] = {}
        for row in rows:
            if not is_resting(row["label"]) and tested_on(row["probe"], probes) == probe:
                groups.setdefault(row["label"], []).append((row["layer"], row["head"]))
        return groups


def has_scan(db: str | Path, name: str) -> bool:
    """Whether the database holds a finished scan of this name; a database that is none of ours is an error."""
    if not exists(db):
        return False
    with closing(Reader(db)) as reader:
        return bool(reader.rows("select 1 from scans where status = 'done' and model = ?", [name]))


def check_weights(given: object, info: ModelInfo, scan: Mapping[str, Any], store: Store) -> None:
    """Compares the weights of a model, as it was given and loaded, with those of a scan in an open database.

    Raises:
        HeadatlasError: they are others.
    """
    # Bridges had no digest in earlier versions.
    if info.digest != scan["digest"] and (scan["digest"] is not None or info.source != "bridge"):
        raise HeadatlasError(
            f"The weights of '{given}' are not those of the scan '{scan['model']}' in {store.path}. "
            "Give the model that was scanned, or scan this one with --as NAME."
        )


def _number(value: Any) -> Any:
    """Not-a-number is null, and numpy's numbers are Python's."""
    value = value.item() if hasattr(value, "item") else value
    return None if isinstance(value, float) and np.isnan(value) else value
