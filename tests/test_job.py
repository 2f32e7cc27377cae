"""The engine of work that can be cut off, with the tables of scans and with those of evidence."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from headatlas.errors import DatabaseError
from headatlas.evidence.store import EvidenceStore
from headatlas.store.job import Jobs, Part, Plan
from headatlas.store.scans import Store

PLAN = Plan("this")


@pytest.fixture(params=["scans", "evidence_runs"])
def job_type(request, tmp_path) -> tuple[Callable[[], Jobs], Any, list]:
    """Opens the jobs of a file as another process would; what they are about; keys of parts."""
    path: Path = tmp_path / "heads.db"
    if request.param == "scans":
        return lambda: Store(path).jobs, "a model", [0, 1, 2]
    with Store(path) as store, store.transaction():
        scan = store.table("scans").insert({"model": "m", "status": "done", "plan": "p"}).last_pk
    return lambda: EvidenceStore(Store(path), scan).jobs, scan, ["copying", "a/L0", "a/L1"]


class Work:
    """Parts that count how often they are computed; one of them may fail."""

    def __init__(self, jobs: Jobs, job: int, keys: list, fails: object = None) -> None:
        self.jobs, self.job, self.fails = jobs, job, fails
        self.computed: list = []
        self.told: list[tuple[int, int]] = []
        self.parts = [Part(key, 10, lambda key=key: self._compute(key)) for key in keys]

    def _compute(self, key: object) -> bytes:
        if key == self.fails:
            raise KeyboardInterrupt
        self.computed.append(key)
        return str(key).encode()

    def run(self) -> None:
        self.jobs.compute(
            self.job, self.parts, lambda key, data, seconds: self.jobs.write(self.job, key, data, 2.0),
            lambda done, total: self.told.append((done, total)),
        )  # fmt: skip


def test_a_job_that_is_cut_off_is_taken_up(job_type):
    jobs_of, about, keys = job_type
    jobs = jobs_of()
    work = Work(jobs, jobs.begin(about, PLAN), keys, fails=keys[2])
    with pytest.raises(KeyboardInterrupt):
        work.run()
    assert work.told == [(0, 30), (10, 30), (20, 30)]
    again = jobs_of()
    row = again.unfinished(about, PLAN)
    assert row["id"] == work.job
    assert row["seconds"] == 4
    rest = Work(again, row["id"], keys)
    rest.run()
    assert rest.computed == keys[2:], "what was written is not computed again"
    assert rest.told == [(20, 30), (30, 30)]
    assert [again.read(row["id"], key) for key in keys] == [str(key).encode() for key in keys]
    again.finish(row["id"])
    assert again.done(about)["id"] == row["id"]
    assert again.unfinished(about, PLAN) is None
    assert again.written(row["id"]) == set(), "its parts are let go of"


def test_only_the_same_plan_is_taken_up(job_type):
    jobs_of, about, _ = job_type
    jobs = jobs_of()
    first = jobs.begin(about, PLAN)
    assert jobs.unfinished(about, Plan("another")) is None
    assert jobs.unfinished(about, PLAN)["id"] == first
    second = jobs.begin(about, Plan("another"))
    assert jobs.unfinished(about, PLAN) is None, "there is one unfinished job about a thing"
    assert jobs.unfinished(about, Plan("another"))["id"] == second


def test_a_finished_job_takes_the_place_of_the_one_before(job_type):
    jobs_of, about, keys = job_type
    jobs = jobs_of()
    first = jobs.begin(about, PLAN)
    jobs.finish(first)
    second = jobs.begin(about, Plan("another"))
    jobs.write(second, keys[0], b"", 1)
    assert jobs.done(about)["id"] == first, "until the new one is finished"
    jobs.finish(second)
    assert jobs.done(about)["id"] == second
    assert jobs.database.first_row(f"select count(*) as n from {jobs.table} where plan = ?", [PLAN.digest]) == {"n": 0}


@pytest.mark.slow
def test_two_processes_at_one_job(job_type):
    jobs_of, about, keys = job_type
    ours, others = jobs_of(), jobs_of()
    work = Work(ours, ours.begin(about, PLAN), keys)
    assert others.write(work.job, keys[0], b"theirs", 1)
    assert not ours.write(work.job, keys[0], b"mine", 1), "it is written once"
    assert ours.read(work.job, keys[0]) == b"theirs"
    others.finish(work.job)
    work.run()
    assert work.computed == [], "the other has finished it"
    assert not ours.write(work.job, keys[1], b"", 1)


@pytest.mark.slow
def test_processes_that_begin_at_once_share_a_job(job_type):
    jobs_of, about, _ = job_type
    jobs_of()  # the file is there
    start, taken_up = threading.Barrier(4), []

    def begin() -> None:
        start.wait()
        jobs = jobs_of()
        taken_up.append(jobs.take_up(about, PLAN, lambda: jobs.begin(about, PLAN)))

    threads = [threading.Thread(target=begin) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(taken_up) == 4
    assert len({number for number, _ in taken_up}) == 1
    assert sorted(resumed for _, resumed in taken_up) == [False, True, True, True]


@pytest.mark.slow
def test_a_job_that_was_begun_anew_by_another_process_is_said(job_type):
    jobs_of, about, keys = job_type
    ours, others = jobs_of(), jobs_of()
    job = ours.begin(about, PLAN)
    ours.write(job, keys[0], b"", 1)
    others.begin(about, Plan("another"))
    for attempt in (Work(ours, job, keys).run, lambda: ours.read(job, keys[0]), lambda: ours.write(job, 1, b"", 1)):
        with pytest.raises(DatabaseError, match="begun it anew under the same name. Run the same command again"):
            attempt()
