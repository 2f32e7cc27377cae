"""A site of several models is written by several processes, each of which is a copy of the first."""

from __future__ import annotations

import multiprocessing
import os
import sys
import time
from pathlib import Path

import pytest

from headatlas.atlas import site as site_module
from headatlas.atlas.build import processes
from headatlas.atlas.build.folder import MARKER
from headatlas.atlas.site import build
from headatlas.errors import HeadatlasError, UnknownNameError
from tests.fake_database import make

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="elsewhere one process writes all"),
]


@pytest.fixture
def several(monkeypatch) -> None:
    """As if there were two cores, and any number of heads enough."""
    monkeypatch.setattr(site_module, "MIN_HEADS", 1)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1})


def contents(folder: Path) -> dict[str, bytes]:
    return {str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


def test_several_processes_write_what_one_writes(tmp_path, request):
    database = make(tmp_path / "a.db", models=("one", "two", "three"), layers=2)
    alone = contents(build(database, tmp_path / "alone").parent)
    request.getfixturevalue("several")
    seen: list[tuple[int, int]] = []
    by_several = build(database, tmp_path / "several", progress=lambda *pages: seen.append(pages)).parent
    assert contents(by_several) == alone
    assert alone[MARKER]
    done, total = zip(*seen, strict=True)
    assert list(done) == sorted(done)
    assert done[-1] == total[-1] == sum(name.endswith(".html") for name in alone)
    # What is there is not made again, what is missing is.
    (by_several / "two" / "heads" / "L1H1.html").unlink()
    kept = (by_several / "two" / "heads" / "L0H1.html").stat().st_mtime_ns
    build(database, by_several)
    assert contents(by_several) == alone
    assert (by_several / "two" / "heads" / "L0H1.html").stat().st_mtime_ns == kept


def test_errors_of_a_copy_are_told_as_they_are(tmp_path, several, monkeypatch):
    def fails(*_: object) -> None:
        raise UnknownNameError("model", "two", ["tow"])

    database = make(tmp_path / "a.db", models=("one", "two"), layers=1)
    monkeypatch.setattr(site_module, "load_model", fails)
    with (
        pytest.raises(UnknownNameError, match="There is no model 'two'. Did you mean 'tow'?"),
        processes.working(fails, 2) as submit,
    ):
        processes.result(submit("two"))
    with pytest.raises(UnknownNameError):
        build(database, tmp_path / "site")
    assert not multiprocessing.active_children()


def test_a_copy_that_is_ended_from_outside_is_told_in_a_sentence():
    with (
        pytest.raises(HeadatlasError, match="was ended from outside, most often because memory ran out"),
        processes.working(lambda _: os._exit(9), 2) as submit,
    ):
        list(processes.results([submit("one"), submit("two")]))


def test_an_interruption_ends_the_copies_and_what_they_began_is_cleared_away(tmp_path):
    def works(name: str) -> None:
        draft = tmp_path / name
        try:
            draft.write_text("half")
            time.sleep(60)
        finally:
            draft.unlink()

    def interrupted() -> None:
        with processes.working(works, 2) as submit:
            begun = [submit("one"), submit("two")]
            while len(list(tmp_path.iterdir())) < len(begun) and not any(future.done() for future in begun):
                time.sleep(0.01)
            raise KeyboardInterrupt

    started = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert time.monotonic() - started < 30
    assert not list(tmp_path.iterdir())
    assert not multiprocessing.active_children()
