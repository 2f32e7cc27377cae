"""Work that can be cut off and taken up: scans, and the gathering of evidence.

A job has a plan (the digest of what decides its numbers) and parts, each of which is written as soon as it is computed.
It is running until what its parts come to is stored; then it is done, its parts are let go of, and it takes the place
of the job that was done before about the same thing.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast

from headatlas.errors import DatabaseError

if TYPE_CHECKING:
    from headatlas.store.writable import WritableDatabase

# Called with the work done and the work in all.
Progress = Callable[[int, int], None]
Key = TypeVar("Key", int, str)
Value = TypeVar("Value")


@dataclass(frozen=True)
class Plan:
    """Digest of everything that decides a job's numbers."""

    digest: str


@dataclass(frozen=True)
class Outcome:
    """What was done about a model: the name of its scan, whether there was anything to do, and whether it had begun.

    `relabelled`: what is there already was gathered for other labels than the scan has now.
    """

    model: str
    ran: bool
    resumed: bool
    relabelled: bool = False


@dataclass(frozen=True)
class Part(Generic[Key, Value]):
    """A piece of a job; `cost` is its share of the work, in a unit that all parts of the job have in common."""

    key: Key
    cost: int
    compute: Callable[[], Value]


def one_by_one(parts: Iterable[Part[Key, Value]]) -> Iterator[tuple[Part[Key, Value], Value, float]]:
    """What each part gives, and the seconds it took."""
    for part in parts:
        started = time.perf_counter()
        value = part.compute()
        yield part, value, time.perf_counter() - started


class Jobs(Generic[Key]):
    """The jobs of one type in a database that is open for writing.

    Args:
        database: the database.
        table: a row for each job: id, status ('running' or 'done'), plan, started, finished, seconds.
        subject: the column that says what a job is about. Only one job about it is done.
        parts: a row for each part that is written: seconds and data, besides the next two.
        owner: the column of `parts` with the number of the job.
        key: the column of `parts` with the part's own name or number.
    """

    def __init__(self, database: WritableDatabase, table: str, subject: str, parts: str, owner: str, key: str) -> None:
        self.database = database
        self.table = table
        self.subject = subject
        self.parts = parts
        self.owner = owner
        self.key = key

    def done(self, subject: str | int) -> dict[str, Any] | None:
        """The job about this that is done."""
        return self.database.first_row(
            f"select * from {self.table} where {self.subject} = ? and status = 'done'", [subject]
        )

    def unfinished(self, subject: str | int, plan: Plan, **same: Any) -> dict[str, Any] | None:
        """A job about this, of the same plan and with the `same` columns, that was cut off."""
        alike = "".join(f" and {column} is ?" for column in same)
        return self.database.first_row(
            f"select * from {self.table} where {self.subject} = ? and status = 'running' and plan = ?{alike}",
            [subject, plan.digest, *same.values()],
        )

    def take_up(self, subject: str | int, plan: Plan, begin: Callable[[], int], **same: Any) -> tuple[int, bool]:
        """The number of such an unfinished job, or of one that `begin` starts; and whether there was one.

        Of two processes that come at once, the second takes up what the first has begun.
        """
        with self.database.transaction():
            row = self.unfinished(subject, plan, **same)
            return (begin(), False) if row is None else (int(row["id"]), True)

    def begin(self, subject: str | int, plan: Plan, **columns: Any) -> int:
        """Starts a job in the place of any other that is not finished; returns its number."""
        own = {self.subject: subject, "status": "running", "plan": plan.digest, "started": _now(), "seconds": 0.0}
        with self.database.transaction():
            job = cast(int, self.database.table(self.table).insert({**columns, **own}).last_pk)
            # Only now, so that its number is not given again to the new one: another process may be at work on it.
            self.database.db.execute(
                f"delete from {self.table} where {self.subject} = ? and status = 'running' and id <> ?", [subject, job]
            )
        return job

    def is_running(self, job: int) -> bool:
        """Whether it is still to be finished; not where another process has done so.

        Raises:
            DatabaseError: another process has begun a job about the same thing in its place.
        """
        row = self.database.first_row(f"select status from {self.table} where id = ?", [job])
        if row is None:
            raise self._replaced()
        return bool(row["status"] == "running")

    def add_seconds(self, job: int, seconds: float) -> None:
        """Counts time that was spent on a job."""
        self.database.db.execute(f"update {self.table} set seconds = seconds + ? where id = ?", [seconds, job])

    def written(self, job: int) -> set[Key]:
        """Keys of the parts that are written."""
        rows = self.database.db.query(f"select {self.key} from {self.parts} where {self.owner} = ?", [job])
        return {row[self.key] for row in rows}

    def missing(self, job: int, keys: Iterable[Key]) -> list[Key]:
        """Those of the keys whose parts are not written yet; none where another process has finished the job.

        Raises:
            DatabaseError: another process has begun a job about the same thing in its place.
        """
        if not self.is_running(job):
            return []
        written = self.written(job)
        return [key for key in keys if key not in written]

    def compute(
        self,
        job: int,
        parts: Sequence[Part[Key, Value]],
        write: Callable[[Key, Value, float], None],
        progress: Progress | None = None,
        run: Callable[[Iterable[Part[Key, Value]]], Iterator[tuple[Part[Key, Value], Value, float]]] = one_by_one,
    ) -> None:
        """Computes the parts that are not written yet, in their order.

        Args:
            job: its number.
            parts: all its parts.
            write: stores what a part has given, with the seconds it took.
            progress: called with the cost of what is done and of everything, first before any part is computed.
            run: gives what parts come to, in their order; it may ask for the next before it has given the last.

        Raises:
            DatabaseError: another process has begun a job about the same thing in its place.
        """
        progress = progress or (lambda done, total: None)
        total = sum(part.cost for part in parts)
        missing = self.missing(job, [part.key for part in parts])
        done = total - sum(part.cost for part in parts if part.key in missing)
        progress(done, total)
        for part, value, seconds in run(
            # Another process may be at work too.
            part
            for part in parts
            if part.key in missing and self.missing(job, [part.key])
        ):
            write(part.key, value, seconds)
            done += part.cost
            progress(done, total)

    def write(self, job: int, key: Key, data: bytes, seconds: float) -> bool:
        """Stores a part, at once; False where another process, at work on the same job, has stored it or finished."""
        with self.database.transaction():
            if not self.missing(job, [key]):
                return False
            row = {self.owner: job, self.key: key, "seconds": seconds, "data": data}
            self.database.table(self.parts).insert(row)
            self.add_seconds(job, seconds)
            return True

    def read(self, job: int, key: Key) -> bytes:
        """What a part that is written has given.

        Raises:
            DatabaseError: another process has finished the job, or begun another in its place.
        """
        row = self.database.first_row(
            f"select data from {self.parts} where {self.owner} = ? and {self.key} = ?", [job, key]
        )
        if row is None:
            raise self._replaced()
        return cast(bytes, row["data"])

    def finish(self, job: int, **columns: Any) -> None:
        """Marks a job as done in the place of an earlier one, which is deleted, and lets go of its parts, at once."""
        with self.database.transaction():
            execute = self.database.db.execute
            execute(f"delete from {self.parts} where {self.owner} = ?", [job])
            execute(
                f"delete from {self.table} where status = 'done' "
                f"and {self.subject} = (select {self.subject} from {self.table} where id = ?)",
                [job],
            )
            changes: dict[str, Any] = {"status": "done", "finished": _now(), **columns}
            assignments = ", ".join(f"{column} = ?" for column in changes)
            execute(f"update {self.table} set {assignments} where id = ?", [*changes.values(), job])

    def _replaced(self) -> DatabaseError:
        return DatabaseError(
            f"{self.database.path}: another program has finished the same work, or begun it anew under the same name. "
            "Run the same command again, or keep both with --as NAME."
        )


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
