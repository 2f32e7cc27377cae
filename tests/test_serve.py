"""`headatlas serve`: the command on a free port, asked over HTTP as a browser would."""

from __future__ import annotations

import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner

from headatlas.catalog import named_queries
from headatlas.catalog.catalog import Catalog
from headatlas.catalog.datasette import with_defaults
from headatlas.cli.main import main
from tests import fake_database


@pytest.fixture(scope="module")
def db(tmp_path_factory) -> Path:
    path = fake_database.make(tmp_path_factory.mktemp("serve") / "my heads.db", models=["tiny/model", "other"])
    with closing(sqlite3.connect(path)) as connection, connection:  # one head in three looks 12 tokens back
        connection.execute(
            """insert into distances (head_id, probe_id, first, attention)
               select heads.id, probes.id, 0, json_set(?, '$[12]', heads.id % 3 * 0.3) from heads, probes
               where probes.name = 'natural_text'""",
            [json.dumps([0.01] * 20)],
        )
    return path


def start(db: Path) -> tuple[subprocess.Popen[str], str]:
    process = subprocess.Popen(
        [sys.executable, "-m", "headatlas", "serve", "--db", str(db), "--port", "0"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=os.environ | {"PYTHONUNBUFFERED": "1"},
    )  # fmt: skip
    address = process.stdout.readline().strip()
    if not address:
        process.kill()
        pytest.fail(process.communicate()[1])
    return process, address


@pytest.fixture(scope="module")
def address(db) -> Iterator[str]:
    process, address = start(db)
    yield address
    process.terminate()
    process.communicate(timeout=20)


def fetch(address: str) -> str:
    with urllib.request.urlopen(address, timeout=20) as answer:
        return answer.read().decode()


@pytest.mark.slow
def test_page_of_the_database_describes_tables_and_queries(address):
    page = fetch(address)
    assert "head_scores" in page
    for query in named_queries.QUERIES.values():
        assert f"/{query.name}" in page
    table = fetch(f"{address}/head_scores")
    assert "Every score of every finished scan" in table
    assert "Calibrated probability that the label is right." in fetch(f"{address}/labels")


@pytest.mark.slow
def test_every_named_query_gives_what_the_command_gives(address, db):
    with Catalog(db) as catalog:
        for query in named_queries.QUERIES.values():
            columns, rows = catalog.query(query.name)
            answer = json.loads(fetch(f"{address}/{query.name}.json"))
            assert answer["columns"] == columns
            assert answer["rows"] == [list(row) for row in rows], query.name


@pytest.mark.slow
def test_parameters_of_a_form_are_texts_and_still_numbers(address, db):
    asked = urllib.parse.urlencode({"minimum": "0.05", "pattern": "induction"})
    answer = json.loads(fetch(f"{address}/pattern-heads.json?{asked}"))["rows"]
    with Catalog(db) as catalog:
        assert answer == [
            list(row) for row in catalog.query("pattern-heads", {"minimum": 0.05, "pattern": "induction"})[1]
        ]
    assert answer
    # A difference is an expression: without a cast SQLite would hold every text for larger.
    assert json.loads(fetch(f"{address}/halves-disagree.json?difference=0"))["rows"]


def test_defaults_are_those_of_the_command():
    with closing(sqlite3.connect(":memory:")) as connection:
        of_induction, of_pattern = (
            with_defaults(named_queries.find(name), connection) for name in ("induction-heads", "pattern-heads")
        )
    assert of_induction.count("cast(coalesce(nullif(:minimum, ''), 0.4) as real)") == 1
    assert "nullif(:pattern, ''), 'previous_token') as text" in of_pattern


@pytest.mark.slow
@pytest.mark.parametrize("sql", ["delete from labels", "drop table labels", "attach 'x' as x", "pragma user_version=3"])
def test_nothing_can_be_written(address, db, sql):
    with pytest.raises(urllib.error.HTTPError) as refused:
        fetch(f"{address}.json?{urllib.parse.urlencode({'sql': sql})}")
    assert not json.loads(refused.value.read())["ok"]
    with sqlite3.connect(db) as connection:
        assert connection.execute("select count(*) from labels").fetchone()[0] == 12


@pytest.mark.slow
def test_a_page_not_found_prints_no_traceback(db):
    process, address = start(db)
    with pytest.raises(urllib.error.HTTPError):
        fetch(f"{address}/nothing-of-this-name")
    process.terminate()
    _, errors = process.communicate(timeout=20)
    assert errors == f"Serving {db}; Ctrl-C stops it.\n"


@pytest.mark.slow
@pytest.mark.parametrize("asked", [False, True], ids=["at once", "after a page"])
def test_ctrl_c_stops_it_quietly(db, asked):
    process, address = start(db)
    process.stderr.readline()  # it says so once it serves
    if asked:
        fetch(address)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=20)
    assert process.returncode == 0, errors
    assert "Traceback" not in errors


def run(*arguments: object):
    return CliRunner().invoke(main, ["serve", *map(str, arguments)])


def test_without_datasette_it_says_what_to_install(db, monkeypatch):
    for name in ("datasette", "datasette.app"):
        monkeypatch.setitem(sys.modules, name, None)
    result = run("--db", db)
    assert result.exit_code == 1
    assert "pip install 'headatlas[serve]'" in result.stderr


@pytest.mark.slow
def test_address_in_use(db):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        result = run("--db", db, "--port", taken.getsockname()[1])
    assert result.exit_code == 1
    assert "Address already in use. Choose another --port" in result.stderr


@pytest.mark.slow
def test_no_database(tmp_path):
    result = run("--db", tmp_path / "none.db")
    assert result.exit_code == 1
    assert "There is no database" in result.stderr
    odd = fake_database.make(tmp_path / "50%.db", layers=1, heads=1)
    result = run("--db", odd, "--port", 0)
    assert result.exit_code == 1
    assert "without ?, # and %" in result.stderr
