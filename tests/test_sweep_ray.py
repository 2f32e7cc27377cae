"""Sweeps: in turn and on a local Ray cluster, where a worker is killed and a model is missing; the same numbers."""

from __future__ import annotations

import os
import signal
import sqlite3
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

import headatlas
from headatlas.cli.main import main
from headatlas.errors import HeadatlasError
from headatlas.scanning.options import ScanSettings
from headatlas.scanning.scanner import scan_model
from headatlas.scanning.sweep import Listed, read_list, sweep
from headatlas.settings import LoadOptions

PROBES = ("few_shot_labels", "needle_in_filler")
SETTINGS = ScanSettings(probes=PROBES)
SCORES = (
    "select model, layer, head, pattern, probe, score, score_nosink, chance, ci_low, ci_high, n_queries, n_sequences "
    "from head_scores order by 1, 2, 3, 4, 5"
)
LABELS = "select model, layer, head, label, confidence from head_labels order by 1, 2, 3, 4"
HEATMAPS = (
    "select model, layer, head, name, sequence, hex(weights) from heatmaps join heads on heads.id = head_id join scans "
    "on scans.id = heads.scan_id join examples on examples.id = example_id join probes on probes.id = probe_id "
    "order by 1, 2, 3, 4, 5"
)
# A sweep that waits for ever ends as a failure; on two quiet cores nothing here takes a tenth of this.
HARD_LIMIT = 300


@pytest.fixture(autouse=True)
def alarm():
    def ring(*_):
        raise TimeoutError(f"longer than {HARD_LIMIT} s")

    before = signal.signal(signal.SIGALRM, ring)
    signal.alarm(HARD_LIMIT)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


@pytest.fixture
def listed(tiny, tmp_path) -> list[Listed]:
    return [
        Listed("gpt2", str(tiny("gpt2"))),
        Listed("none", str(tmp_path / "none")),
        Listed("llama", str(tiny("llama"))),
    ]


def rows(db: Path, sql: str) -> list[tuple]:
    connection = sqlite3.connect(db)
    assert connection.execute("pragma integrity_check").fetchone() == ("ok",)
    rows_of_query = connection.execute(sql).fetchall()
    connection.close()
    return rows_of_query


def assert_same(db: Path, expected: Path) -> None:
    assert len(rows(expected, SCORES)) > 500
    for sql, n_names in ((SCORES, 5), (LABELS, 4), (HEATMAPS, 6)):
        here, wanted = rows(db, sql), rows(expected, sql)
        assert [row[:n_names] for row in here] == [row[:n_names] for row in wanted]
        numbers = (np.array([row[n_names:] for row in each], float) for each in (here, wanted))
        np.testing.assert_allclose(*numbers, atol=1e-6, equal_nan=True)


def test_list(tmp_path):
    path = tmp_path / "models.txt"
    path.write_text("# ours\n\ngpt2\n  mine = ./a folder  # the last one\nb#c\n")
    assert read_list(path) == [Listed("gpt2", "gpt2"), Listed("mine", "./a folder"), Listed("b#c", "b#c")]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "There is no file"),
        (b"# nothing\n\n", "names no model"),
        (b"gpt2\n\ngpt2\n", "names 'gpt2' twice, in lines 1 and 3"),
        (b"\xff\xfe\x00", "cannot be read as UTF-8 text"),
    ],
    ids=["missing", "empty", "twice", "binary"],
)
def test_a_list_that_is_none_is_said(tmp_path, content, said):
    path = tmp_path / "models.txt"
    if content is not None:
        path.write_bytes(content)
    done = CliRunner().invoke(main, ["sweep", str(path), "--db", str(tmp_path / "heads.db")])
    assert done.exit_code == 1
    assert said in done.output
    assert not (tmp_path / "heads.db").exists()


def test_without_ray_the_extra_is_named(tmp_path, monkeypatch):
    (tmp_path / "models.txt").write_text("gpt2\n")
    monkeypatch.setitem(sys.modules, "ray", None)
    monkeypatch.delitem(sys.modules, "headatlas.scanning.ray_sweep", raising=False)
    done = CliRunner().invoke(main, ["sweep", str(tmp_path / "models.txt"), "--ray", "auto"])
    assert done.exit_code == 1
    assert "pip install 'headatlas[sweep]'" in done.output


@pytest.mark.slow
def test_in_turn(tiny, tmp_path, monkeypatch):
    path, db = tmp_path / "models.txt", tmp_path / "heads.db"
    path.write_text(f"gpt2 = {tiny('gpt2')}\nlate = {tmp_path / 'late'}\nllama = {tiny('llama')}\n")
    command = ["sweep", str(path), "--db", str(db), "--probe", "needle_in_filler"]
    monkeypatch.setenv("COLUMNS", "80")
    done = CliRunner().invoke(main, command)
    assert done.exit_code == 1, done.output
    outcomes = [line.split()[:2] for line in done.stdout.splitlines() if line.strip()][2:]
    assert outcomes == [["gpt2", "scanned"], ["llama", "scanned"], ["late", "failed"]]
    assert "late: There is no file or folder" in done.stderr
    assert "Traceback" not in done.output
    (tmp_path / "late").symlink_to(tiny("neox"))
    with headatlas.open(db) as catalog:
        before = {row["model"]: row["finished"] for row in catalog.rows("select model, finished from scans")}
    again = CliRunner().invoke(main, command)
    assert again.exit_code == 0, again.output
    assert again.stdout.count("already there") == 2
    with headatlas.open(db) as catalog:
        after = {row["model"]: row["finished"] for row in catalog.rows("select model, finished from scans")}
    assert set(after) == {"gpt2", "llama", "late"}
    assert after | before == after


@pytest.mark.slow
def test_stopping_leaves_a_database_to_go_on_with(tiny, tmp_path, monkeypatch):
    path, db = tmp_path / "models.txt", tmp_path / "heads.db"
    path.write_text(f"gpt2 = {tiny('gpt2')}\n")
    command = ["sweep", str(path), "--db", str(db), *(part for probe in PROBES for part in ("--probe", probe))]
    written = scan_model.__globals__["StoredScan"].write_chunk

    def stop(self, *rest):
        written(self, *rest)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("headatlas.scanning.stored_scan.StoredScan.write_chunk", stop)
        done = CliRunner().invoke(main, command)
    assert done.exit_code == 130
    assert "the same command goes on from there" in done.stderr
    assert len(rows(db, "select * from chunks")) == 1
    assert CliRunner().invoke(main, command).exit_code == 0
    scan_model(tiny("gpt2"), db=tmp_path / "whole.db", name="gpt2", settings=SETTINGS)
    assert_same(db, tmp_path / "whole.db")


@pytest.fixture
def cluster(monkeypatch):
    """Ray with two workers, whose processes find this checkout."""
    ray = pytest.importorskip("ray")
    root = str(Path(__file__).parent.parent)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([root, os.environ.get("PYTHONPATH", "")]))
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    monkeypatch.setenv("RAY_USAGE_STATS_ENABLED", "0")
    monkeypatch.setenv("RAY_worker_niceness", "0")  # else workers get next to nothing of a machine that is busy
    ray.init(address="local", num_cpus=2, include_dashboard=False, log_to_driver=False, logging_level="error")
    yield ray
    ray.shutdown()


@pytest.mark.slow
def test_a_killed_worker_and_a_missing_model(cluster, listed, tmp_path):
    from headatlas.scanning.ray_sweep import RaySweep, sweep_on_ray
    from headatlas.store.scans import Store

    expected, db = tmp_path / "here.db", tmp_path / "ray.db"
    here = {result.name: result for result in sweep(listed, db=expected, settings=SETTINGS)}
    assert "no file or folder" in here["none"].failure
    killed: list[int] = []

    def kill(name: str, done: int, total: int) -> None:
        """Kills a worker that is at a chunk, once some chunks are written and some are not."""
        if killed or not 0 < done < total:
            return
        slot = next((slot for slot, _, what, _ in work._at_work.values() if what == "score"), None)
        if slot is not None:
            killed.append(pids[slot])
            os.kill(pids[slot], signal.SIGKILL)

    with Store(db) as store:
        work = RaySweep(listed, store, SETTINGS, LoadOptions(), 2, progress=kill)
        # Asked for beforehand: a worker answers one question at a time.
        pids = {slot: cluster.get(slot.worker.process.remote(), timeout=HARD_LIMIT / 2) for slot in work.slots}
        assert len(set(pids.values()) | {os.getpid()}) == 3
        results = {result.name: result for result in work.run()}
        assert {result.name: result.outcome for result in results.values()} == {
            name: result.outcome for name, result in here.items()
        }
        assert results["none"].failure == here["none"].failure
        (dead,) = killed
        new = [cluster.get(slot.worker.process.remote(), timeout=HARD_LIMIT / 2) for slot in work.slots]
        assert dead not in new
        assert len(set(new) & set(pids.values())) == 1
        for slot in work.slots:
            cluster.kill(slot.worker)
    assert_same(db, expected)

    started = time.perf_counter()
    again = {
        result.name: result.outcome for result in sweep_on_ray([listed[0], listed[2]], "auto", db=db, settings=SETTINGS)
    }
    assert again == {"gpt2": "already there", "llama": "already there"}
    assert time.perf_counter() - started < 5


@pytest.mark.slow
@pytest.mark.parametrize("where", ["127.0.0.1:1", "nowhere", "ray://127.0.0.1:1"])
def test_no_cluster_is_said(tmp_path, where):
    pytest.importorskip("ray")
    from headatlas.scanning.ray_sweep import sweep_on_ray

    with pytest.raises(HeadatlasError, match="no Ray cluster at"):
        list(sweep_on_ray([Listed("gpt2", "gpt2")], where, db=tmp_path / "heads.db"))
