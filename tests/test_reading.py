"""What the commands that read a database print: all rows for programs, some for people, words where there are none."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

import headatlas
from headatlas.cli.main import main
from tests import fake_database


@pytest.fixture(scope="module")
def db(tmp_path_factory):
    path = tmp_path_factory.mktemp("reading") / "heads.db"
    return fake_database.make(path, models=("base", "tuned"))


def invoke(*arguments, columns=100):
    return CliRunner().invoke(main, [*map(str, arguments)], env={"COLUMNS": str(columns)})


def rows_of(*arguments):
    done = invoke(*arguments, "--json")
    assert done.exit_code == 0, done.stderr
    return json.loads(done.stdout)


def test_programs_get_all_rows_and_tables_say_what_they_left_out(db):
    every = rows_of("heads", "base", "--db", db)
    with headatlas.open(db) as catalog:
        frame = catalog.heads("base")
        changes = catalog.compare("base", "tuned")
    assert len(every) == len(frame) == 12 * 6
    assert [row["score"] for row in every] == list(frame.score)
    assert invoke("heads", "base", "--db", db, "--csv").stdout.count("\n") == len(every) + 1
    assert len(rows_of("compare", "base", "tuned", "--db", db)["changes"]) == len(changes) == 12 * 8
    table = invoke("heads", "base", "--db", db)
    assert table.stderr == "20 of 72 rows; --limit 0 gives all.\n"
    assert table.stdout.count("L0H") + table.stdout.count("L1H") + table.stdout.count("L2H") == 20
    assert "rows; --limit 0 gives all." in invoke("compare", "base", "tuned", "--db", db).stderr
    assert invoke("heads", "base", "--db", db, "--limit", 0).stderr == ""


def test_a_limit_cuts_programs_too(db):
    cut = invoke("heads", "base", "--db", db, "--limit", 5, "--json")
    assert len(json.loads(cut.stdout)) == 5
    assert cut.stderr == "5 of 72 rows; --limit 0 gives all.\n"
    assert len(rows_of("compare", "base", "tuned", "--db", db, "--limit", 5)["changes"]) == 5


@pytest.mark.parametrize(
    "arguments",
    [
        ("heads", "--limit", "-5"),
        ("heads", "--limit", "99999999999999999999"),
        ("heads", "--layer", "-1"),
        ("query", "select 1", "--limit", "2147483648"),
        ("query", "select 1", "--seconds", "0"),
        ("search", "head", "--limit", "-1"),
        ("similar", "base", "L0H0", "--limit", "0"),
        ("compare", "base", "tuned", "--limit", "many"),
        ("scan", "nothing", "--seed", "-1"),
        ("scan", "nothing", "--seed", "99999999999999999999"),
    ],
)
def test_impossible_numbers_are_usage_errors(db, arguments):
    done = invoke(*arguments, "--db", db)
    assert done.exit_code == 2
    assert done.stderr.startswith("Usage: ")
    assert done.stdout == ""
