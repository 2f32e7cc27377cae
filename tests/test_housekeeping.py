"""Housekeeping: deleting and renaming scans, what was cut off, sizes, and the cache folder."""

from __future__ import annotations

import csv
import io
import json
import sqlite3
from contextlib import closing

import pytest
from click.testing import CliRunner

import headatlas
from headatlas.cli.main import main
from tests import fake_database


@pytest.fixture
def db(tmp_path):
    """Two finished scans, and one of "tuned" that was cut off."""
    path = fake_database.make(tmp_path / "heads.db", models=("base", "tuned"))
    connection = sqlite3.connect(path)
    with connection:
        connection.execute(
            "insert into scans (id, model, status, plan, started, n_chunks, command) "
            "values (9, 'tuned', 'running', 'other', '2026-03-04T05:06:07Z', 40, 'headatlas scan tuned')"
        )
        connection.execute("insert into chunks values (9, 0, 1.5, zeroblob(1500)), (9, 1, 1.5, zeroblob(500))")
    connection.close()
    return path


def invoke(*arguments, **keywords):
    return CliRunner().invoke(main, [*map(str, arguments)], env={"COLUMNS": "100"}, **keywords)


def rows_of(db, table):
    with sqlite3.connect(db) as connection:
        return connection.execute(f"select count(*) from {table}").fetchone()[0]


def names(db):
    with headatlas.open(db) as catalog:
        return [row["model"] for row in catalog.scans()], [row["model"] for row in catalog.unfinished()]


@pytest.mark.slow
def test_rm_asks_and_deletes_all_that_belongs_to_a_scan(db):
    refused = invoke("rm", "base", "--db", db, input="n\n")
    assert refused.exit_code == 1
    assert "base: 12 heads, scanned 2026-01-02" in refused.stderr
    assert names(db) == (["base", "tuned"], ["tuned"])
    before = {table: rows_of(db, table) for table in ("heads", "scores", "heatmaps", "labels", "evidence", "examples")}
    done = invoke("rm", "base", "--db", db, input="y\n")
    assert done.exit_code == 0, done.stderr
    assert names(db) == (["tuned"], ["tuned"])
    assert {table: rows_of(db, table) * 2 for table in before} == before
    assert invoke("rm", "tuned", "--db", db, "--yes").exit_code == 0
    assert names(db) == ([], [])
    assert rows_of(db, "chunks") == rows_of(db, "heads") == 0


@pytest.mark.slow
def test_rm_of_what_was_cut_off_alone(db):
    said = invoke("rm", "tuned", "--unfinished", "--yes", "--db", db)
    assert said.stderr == "tuned: unfinished, 2 of 40 chunks\n"
    assert names(db) == (["base", "tuned"], [])
    again = invoke("rm", "tuned", "--unfinished", "--yes", "--db", db)
    assert again.exit_code == 1
    assert "There is no unfinished scan 'tuned'." in again.stderr


@pytest.mark.slow
def test_rm_deletes_nothing_where_a_name_is_wrong(db):
    wrong = invoke("rm", "tuned", "bsae", "--yes", "--db", db)
    assert wrong.stderr == "Error: There is no model 'bsae'. Did you mean 'base'?\n"
    assert names(db) == (["base", "tuned"], ["tuned"])
    missing = invoke("rm", "base", "--yes", "--db", db.with_name("missing.db"))
    assert "There is no database" in missing.stderr
    assert not db.with_name("missing.db").exists()


@pytest.mark.slow
def test_rename(db):
    before = invoke("heads", "tuned", "--db", db, "--csv").stdout
    assert invoke("rename", "tuned", "a better name", "--db", db).exit_code == 0
    assert names(db) == (["base", "a better name"], ["a better name"])
    assert invoke("heads", "a better name", "--db", db, "--csv").stdout == before.replace("tuned", "a better name")
    taken = invoke("rename", "base", "a better name", "--db", db)
    assert "already holds a scan of 'a better name'" in taken.stderr
    assert "There is no model 'tuned'" in invoke("rename", "tuned", "x", "--db", db).stderr


@pytest.mark.slow
def test_models_say_what_was_cut_off_and_how_large_the_file_is(db):
    table = invoke("models", "--db", db)
    assert (
        "tuned: unfinished, 2 of 40 chunks since 2026-03-04 (2.0 kB); `headatlas scan tuned` goes on with it, "
        "`headatlas rm tuned --unfinished` deletes it."
    ) in table.stderr
    assert f"{db}: " in table.stderr
    assert " kB, 2 scans." in table.stderr
    assert "123.5M" in table.stdout
    rows = json.loads(invoke("models", "--db", db, "--json").stdout)
    assert [(row["model"], row["status"]) for row in rows] == [
        ("base", "done"), ("tuned", "done"), ("tuned", "unfinished: 2 of 40 chunks")
    ]  # fmt: skip
    assert rows[0]["parameters"] == 123456789
    assert [row["status"] for row in csv.DictReader(io.StringIO(invoke("models", "--db", db, "--csv").stdout))] == [
        row["status"] for row in rows
    ]


@pytest.fixture
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("HEADATLAS_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def test_what_lies_in_the_cache(cache):
    assert invoke("cache").stderr == f"Nothing lies in {cache}.\n"
    for name, size in (("a" * 64, 3000), ("b" * 64, 5000)):
        (cache / "gguf" / name).mkdir(parents=True)
        (cache / "gguf" / name / "model.safetensors").write_bytes(bytes(size))
    (cache / "gguf" / ("b" * 64) / "config.json").write_text('{"architectures": ["LlamaForCausalLM"]}')
    (cache / "gguf" / ".draft-1").mkdir()
    rows = json.loads(invoke("cache", "--json").stdout)
    assert [(row["content"], row["size"]) for row in rows] == [
        ("LlamaForCausalLM from a .gguf file", 5039), ("a .gguf file, converted", 3000), ("unfinished conversion", 0)
    ]  # fmt: skip
    table = invoke("cache")
    assert "5.0 kB" in table.stdout
    assert table.stderr == f"8.0 kB in {cache}; --clear deletes it.\n"
    assert invoke("cache", "--clear").stderr == f"8.0 kB deleted from {cache}.\n"
    assert list(cache.rglob("*")) == []
    assert invoke("cache", "--clear").stderr == f"0 bytes deleted from {cache}.\n"


@pytest.mark.slow
def test_models_and_info_say_how_large_each_scan_is(db):
    """Larger by what is added to it, for any table that belongs to a scan; the other stays as it is."""

    def sizes() -> dict[str, int]:
        rows = json.loads(invoke("models", "--db", db, "--json").stdout)
        return {row["model"]: row["bytes"] for row in rows if row["status"] == "done"}

    before = sizes()
    assert before["base"] > 10_000
    with closing(sqlite3.connect(db)) as connection, connection:
        (scan,) = connection.execute("select id from scans where model = 'base' and status = 'done'").fetchone()
        connection.execute("insert into warnings values (?, ?)", [scan, "w" * 5000])  # and the number of the scan
        (head,) = connection.execute("select min(id) from heads where scan_id = ?", [scan]).fetchone()
        (example,) = connection.execute("select min(example_id) from heatmaps where head_id = ?", [head]).fetchone()
        connection.execute(
            "update heatmaps set weights = zeroblob(length(weights) + 3000) where head_id = ? and example_id = ?",
            [head, example],
        )
    assert sizes() == before | {"base": before["base"] + 8008}
    assert json.loads(invoke("info", "base", "--db", db, "--json").stdout)["scan_bytes"] == before["base"] + 8008
    assert "2 scans; this one holds" in " ".join(invoke("info", "base", "--db", db).stdout.split())


@pytest.mark.slow
def test_what_cannot_be_deleted_is_not_to_be_scanned(db):
    assert invoke("rm", "nobody", "--db", db).stderr == "Error: There is no model 'nobody'. Available: base, tuned.\n"
