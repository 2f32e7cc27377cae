"""`headatlas evidence` and `headatlas scan --evidence` as a user types them."""

from __future__ import annotations

import signal
import sqlite3
import time
from pathlib import Path

import pytest

import headatlas
from tests import warm
from tests.test_cli import run, said

pytestmark = pytest.mark.slow
PROBES = ["--probe", "repeated_random_tokens", "--probe", "natural_text"]


@pytest.fixture(scope="module")
def folder(tiny) -> str:
    return str(tiny("short_gpt2"))


@pytest.fixture(scope="module")
def db(folder, tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("evidence-cli") / "heads.db"
    done = run("scan", folder, "--as", "tiny", "--db", path, *PROBES, "--evidence")
    assert done.returncode == 0, done.stderr
    assert done.stdout == ""
    assert "tiny: 8 heads scored" in done.stderr
    assert "tiny: evidence gathered in" in done.stderr
    return path


def evidence(db: Path) -> list[dict[str, object]]:
    with headatlas.open(db) as catalog:
        return list(map(dict, catalog.rows("select * from head_evidence order by layer, head, kind, probe")))


def test_scan_with_evidence_and_the_command_give_the_same(db, folder, tmp_path):
    other = tmp_path / "heads.db"
    assert run("scan", folder, "--as", "tiny", "--db", other, *PROBES, "--quiet").returncode == 0
    assert evidence(other) == []
    done = run("evidence", folder, "--as", "tiny", "--db", other, "--quiet")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    rows = evidence(db)
    assert rows
    assert evidence(other) == rows
    names = ["model", "attention", "layer", "head", "kind", "probe", "value", "ci_low", "ci_high", "percentile",
             "exact"]  # fmt: skip
    assert list(rows[0]) == names


def test_what_is_there_is_left_alone(db, folder):
    for command in (["evidence", folder], ["scan", folder, *PROBES, "--evidence"]):
        again = run(*command, "--as", "tiny", "--db", db)
        assert again.returncode == 0, again.stderr
        assert "Evidence about tiny is already in" in again.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["{folder}", "--as", "tiny", "--db", "missing.db"], "There is no database missing.db. Make one with"),
        (["{folder}", "--as", "nobody"], "holds no finished scan of 'nobody' to add evidence to. Run `headatlas scan`"),
        (["{folder}", "--as", "tiny", "--probe", "natural"], "There is no probe 'natural'. Did you mean"),
        (["{folder}", "--as", "tiny", "--probe", "natural_text"], "made with other settings or another version."),
        (["{other}", "--as", "tiny", "--force"], "are not those of the scan 'tiny'"),
        (["./nowhere", "--as", "tiny", "--force"], "There is no file or folder ./nowhere"),
    ],
)  # fmt: skip
def test_errors_are_sentences(db, folder, tiny, arguments, message):
    before = evidence(db)
    filled = [argument.format(folder=folder, other=tiny("gpt2")) for argument in arguments]
    assert message in said(run("evidence", *filled, *([] if "--db" in filled else ["--db", db])))
    assert evidence(db) == before
    assert not Path("missing.db").exists()


@pytest.mark.parametrize("kill", [signal.SIGKILL, signal.SIGINT])
def test_cut_off_and_taken_up(db, folder, tmp_path, kill):
    cut = tmp_path / "heads.db"
    command = ["scan", folder, "--as", "tiny", "--db", str(cut), *PROBES, "--evidence"]
    process = warm.Process(*command)
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline and process.poll() is None and not parts(cut):
        time.sleep(0.005)
    process.send_signal(kill)
    _, errors = process.communicate(timeout=60)
    if process.returncode == 0:
        pytest.skip("it was done before it could be stopped")
    if kill == signal.SIGINT:
        assert process.returncode == 130
        assert "the same command goes on from there" in errors
    assert evidence(cut) == []
    written = parts(cut)
    assert written
    done = run(*command)
    assert done.returncode == 0, done.stderr
    assert "(an earlier run was taken up)" in done.stderr
    assert evidence(cut) == evidence(db)


def parts(db: Path) -> int:
    try:
        connection = sqlite3.connect(f"file:{db}?mode=ro", uri=True)
        try:
            return int(connection.execute("select count(*) from evidence_parts").fetchone()[0])
        finally:
            connection.close()
    except sqlite3.Error:
        return 0
