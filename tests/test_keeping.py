"""Nothing is lost: a scan that is killed, interrupted, locked out or short of disk ends with the same numbers."""

from __future__ import annotations

import contextlib
import math
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import pytest

from headatlas.errors import DatabaseError
from headatlas.scanning.options import ScanSettings
from headatlas.scanning.scanner import scan_model
from headatlas.store import writable
from headatlas.store.scans import Store
from tests import warm
from tests.helpers import FEW_PATTERNS, dump

PROBES = ("repeated_random_tokens", "needle_in_filler")
SETTINGS = ScanSettings(probes=PROBES)
N_KILLS = 20
# What a scan's file grows to before it is finished, as a multiple of what is left of it.
WHILE_AT_WORK = 1.6

SCAN = f"""{FEW_PATTERNS}
import sys
import headatlas.scoring.chunks
from headatlas.scanning.options import ScanSettings
from headatlas.scanning.scanner import scan_model
headatlas.scoring.chunks.BATCH_TOKENS = 150  # several small chunks
scan_model(sys.argv[1], db=sys.argv[2], name="tiny", settings=ScanSettings(("ambiguous_repeats",)))
"""


def sound(db: Path) -> None:
    """The file is whole, also by its own account."""
    with sqlite3.connect(db) as connection:
        assert connection.execute("pragma integrity_check").fetchone() == ("ok",)
        assert connection.execute("pragma foreign_key_check").fetchall() == []
    connection.close()


def n_chunks(db: Path) -> float | None:
    """How many chunks are there, infinitely many once they have become scores; None without a database."""
    if not db.exists():
        return None
    connection = sqlite3.connect(f"file:{db}?mode=ro", uri=True, timeout=30)
    try:
        if connection.execute("select count(*) from scans where status = 'done'").fetchone()[0]:
            return math.inf
        return connection.execute("select count(*) from chunks").fetchone()[0]
    finally:
        connection.close()


@pytest.mark.slow
def test_killed_at_many_moments(tiny, tmp_path):
    folder = tiny("llama")

    def scan(db: Path, seconds: float = 120) -> int:
        """How it ended; it is killed after that many seconds."""
        process = warm.Process(folder, db, code=SCAN)
        process.join(seconds)
        process.send_signal(signal.SIGKILL)
        process.communicate()
        return process.returncode

    assert scan(tmp_path / "first.db") == 0  # the first has more to do than the others
    started = time.monotonic()
    assert scan(tmp_path / "whole.db") == 0
    whole = time.monotonic() - started
    expected, chance = dump(tmp_path / "whole.db"), random.Random(0)
    assert dump(tmp_path / "first.db") == expected
    kills, done, numbers, before = 0, [], 0, 0
    while kills < N_KILLS:
        db = tmp_path / f"{numbers}.db"
        if scan(db, chance.uniform(0, whole)) == -signal.SIGKILL:
            kills += 1
            done.append(n_chunks(db))
            if done[-1] is not None:
                sound(db)
                assert done[-1] >= before, "what was done before is kept"
                before = done[-1]
        else:
            assert dump(db) == expected
            numbers, before = numbers + 1, 0
    assert scan(db) == 0
    sound(db)
    assert dump(db) == expected
    assert len(set(done)) > 4, f"the moments are spread over the scan: {done}"


def arguments(folder: Path, db: Path) -> list[object]:
    probes = [part for probe in PROBES for part in ("--probe", probe)]
    return ["scan", folder, "--db", db, "--as", "tiny", *probes]


def command(folder: Path, db: Path) -> warm.Process:
    """The scan as a command, its errors among its output."""
    return warm.Process(*arguments(folder, db), errors_apart=False)


@contextmanager
def small_disk(folder: Path, n_bytes: int):
    folder.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={n_bytes}", "tmpfs", folder], capture_output=True)
    if mounted.returncode:
        pytest.skip("a small disk cannot be mounted here")
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", folder], check=True)


@pytest.mark.slow
def test_a_finished_scan_takes_no_more_room_than_it_needs(expected, tmp_path):
    """The sums of its chunks, which are half of what is written, are gone; no log is left beside the file."""
    whole = tmp_path / "whole.db"
    shutil.copy(expected, whole)
    with contextlib.closing(sqlite3.connect(whole)) as connection:
        connection.execute("vacuum")
    assert expected.stat().st_size <= 1.2 * whole.stat().st_size
    assert [file.name for file in expected.parent.iterdir()] == [expected.name]


@pytest.mark.slow
def test_room_that_cannot_be_given_back_is_given_back_the_next_time(tiny, tmp_path, expected, monkeypatch):
    """A disk that is full just then, or another program at the file, costs nothing but the room."""
    db = tmp_path / "heads.db"

    def full(*_: object) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    with monkeypatch.context() as patch:
        patch.setattr("sqlite_utils.Database.executescript", full)
        assert scan_model(tiny("llama"), db=db, name="tiny", settings=SETTINGS).ran
    assert dump(db) == dump(expected)
    before = db.stat().st_size
    assert before > 1.2 * expected.stat().st_size
    with Store(db) as store:
        store.give_back()
    assert db.stat().st_size <= 1.2 * expected.stat().st_size
    assert dump(db) == dump(expected)


@pytest.fixture(scope="module")
def expected(tiny, tmp_path_factory):
    db = tmp_path_factory.mktemp("whole") / "whole.db"
    scan_model(tiny("llama"), db=db, name="tiny", settings=SETTINGS)
    return db


def check_full(said: str, code: int) -> None:
    assert code == 1, said
    assert "Traceback" not in said
    assert "full" in said or "disk I/O" in said, said
    assert "run the same command again" in " ".join(said.split()), said


@pytest.mark.slow
@pytest.mark.parametrize("share", [0.02, 0.45, 0.8, 1.05])
def test_disk_full(tiny, tmp_path, expected, share):
    """Too small for a new database, for its tables, for the chunks, and for the results beside them."""
    disk = tmp_path / "disk"
    with small_disk(disk, int(WHILE_AT_WORK * expected.stat().st_size * share)):
        process = command(tiny("llama"), disk / "heads.db")
        said, _ = process.communicate(timeout=120)
        check_full(said, process.returncode)
        if (disk / "heads.db").exists():
            sound(disk / "heads.db")
            before = n_chunks(disk / "heads.db")
            with contextlib.closing(sqlite3.connect(expected)) as connection:
                assert (before,) == connection.execute("select n_chunks from scans").fetchone() or share < 1
            subprocess.run(["mount", "-o", "remount,size=200m", disk], check=True)
            process = command(tiny("llama"), disk / "heads.db")
            said, _ = process.communicate(timeout=120)
            assert process.returncode == 0, said
            if before:
                assert "taken up" in said, said
            assert dump(disk / "heads.db") == dump(expected)


LIMITED = """
import resource, signal
from headatlas.cli.main import main
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, ({most}, {most}))
main()
"""


@pytest.mark.slow
def test_file_may_not_grow(tiny, tmp_path, expected):
    """The same without a disk of its own: the system refuses to make files larger."""
    db, most = tmp_path / "heads.db", int(WHILE_AT_WORK * expected.stat().st_size / 3)

    process = warm.Process(*arguments(tiny("llama"), db), code=LIMITED.format(most=most), errors_apart=False)
    said, _ = process.communicate(timeout=120)
    check_full(said, process.returncode)
    sound(db)
    process = command(tiny("llama"), db)
    said, _ = process.communicate(timeout=120)
    assert process.returncode == 0, said
    assert dump(db) == dump(expected)


@pytest.mark.slow
def test_locked(tiny, tmp_path, expected, monkeypatch):
    db = tmp_path / "heads.db"
    monkeypatch.setattr(writable, "PATIENCE", 0.3)
    scan_model(tiny("gpt2"), db=db, name="other", settings=SETTINGS)
    before = dump(db)
    other = sqlite3.connect(db)
    other.execute("begin immediate")
    with pytest.raises(DatabaseError, match="locked. Another program is writing to it; run the same command again"):
        scan_model(tiny("llama"), db=db, name="tiny", settings=SETTINGS)
    other.rollback()
    assert dump(db) == before
    scan_model(tiny("llama"), db=db, name="tiny", settings=SETTINGS)
    rows = other.execute("select * from head_scores where model = 'tiny' order by 1, 2, 3, 4, 5, 6").fetchall()
    other.close()
    assert rows == dump(expected)["head_scores"]


@pytest.mark.slow
@pytest.mark.parametrize("moment", ["starting", "loading", "scanning"])
def test_interrupted(tiny, tmp_path, expected, moment):
    db = tmp_path / "heads.db"
    if moment == "starting":  # torch takes more than a second to import
        started = [sys.executable, "-m", "headatlas", *map(str, arguments(tiny("llama"), db))]
        process = subprocess.Popen(
            started, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True
        )
        assert process.stdout.readline().startswith("Loading")
    else:
        process = command(tiny("llama"), db)
    end = time.monotonic() + 60
    while moment != "starting" and not (n_chunks(db) if moment == "scanning" else db.exists()):
        assert process.poll() is None, "it has ended before it could be interrupted"
        assert time.monotonic() < end
        time.sleep(0.005)
    os.killpg(process.pid, signal.SIGINT)
    said, _ = process.communicate(timeout=60)
    assert process.returncode == 130, said
    assert "Traceback" not in said
    kept = "What was done is kept; the same command goes on from there"
    assert (kept if n_chunks(db) else "Nothing was stored yet; the same command starts anew") in said, said
    if moment != "starting":
        sound(db)
        assert not dump(db)["head_scores"], "it was interrupted before its end"
    process = command(tiny("llama"), db)
    said, _ = process.communicate(timeout=120)
    assert process.returncode == 0, said
    assert dump(db) == dump(expected)
