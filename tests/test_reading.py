"""What the commands that read a database print: all rows for programs, some for people, words where there are none."""

from __future__ import annotations

import json
import sqlite3

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


@pytest.mark.slow
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
        ("heads", "--sort", "scores"),
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


def change(db, *statements):
    connection = sqlite3.connect(db)
    for sql in statements:
        connection.execute(sql)
    connection.commit()
    connection.close()


@pytest.fixture
def own_texts(tmp_path):
    """A scan on two texts of the user's own, "a" with more tokens and "b"."""
    db = fake_database.make(tmp_path / "heads.db", models=("essay",))
    change(
        db,
        "update probes set name = case id when 1 then 'a' else 'b' end",
        "update scan_probes set n_tokens = 900 - 100 * probe_id",
    )
    return db


@pytest.mark.slow
def test_a_scan_on_own_texts_is_read_on_them(own_texts):
    listed = invoke("heads", "--db", own_texts, "--json")
    rows = json.loads(listed.stdout)
    assert {(row["model"], row["probe"]) for row in rows} == {("essay", "a")}
    assert len(rows) == 12 * 6
    assert listed.stderr == (
        "essay was not run on the probes that these patterns were made for: its scores are those on 'a'.\n"
    )
    alone = invoke("heads", "essay", "--db", own_texts, "--pattern", "induction")
    assert "essay was not run on repeated_random_tokens: its scores are those on 'a'." in alone.stderr
    assert {row["probe"] for row in rows_of("heads", "--db", own_texts, "--probe", "b")} == {"b"}


@pytest.mark.slow
def test_the_probe_that_has_the_score_stands_in(own_texts):
    change(own_texts, "delete from scores where probe_id = 1 and pattern_id in (select id from patterns "
                      "where name = 'induction')")  # fmt: skip
    assert {row["probe"] for row in rows_of("heads", "--db", own_texts, "--pattern", "induction")} == {"b"}


@pytest.mark.slow
def test_recorded_attention_is_listed(tmp_path):
    db = fake_database.make(tmp_path / "heads.db", models=("recorded elsewhere",))
    change(db, "delete from scores where probe_id = 2", "delete from scan_probes where probe_id = 2",
           "update probes set name = 'recorded' where id = 1")  # fmt: skip
    for arguments in (("heads",), ("heads", "recorded elsewhere")):
        assert {row["probe"] for row in rows_of(*arguments, "--db", db)} == {"recorded"}
    assert len(rows_of("heads", "--db", db, "--pattern", "previous_token")) == 12


def test_a_scan_that_ran_the_probes_is_read_on_them(db):
    rows = rows_of("heads", "--db", db)
    assert {(row["pattern"], row["probe"]) for row in rows} >= {
        ("induction", "repeated_random_tokens"), ("previous_token", "natural_text")
    }  # fmt: skip
    assert len(rows) == 2 * 12 * 6
    # One of two probes: its own patterns are listed as they are, another one by name on what there is.
    with headatlas.open(db) as catalog:
        assert catalog.head_query("base").stand_ins == []


@pytest.mark.slow
def test_a_pattern_by_name_is_read_on_what_was_run(tmp_path):
    db = fake_database.make(tmp_path / "heads.db", models=("part",))
    change(db, "update probes set name = 'word_variants' where id = 2",
           "update patterns set probe = 'word_variants' where name = 'punctuation'")  # fmt: skip
    assert {row["pattern"] for row in rows_of("heads", "--db", db)} == {"induction", "duplicate_token", "punctuation"}
    named = invoke("heads", "--db", db, "--pattern", "previous_token")
    assert "part was not run on natural_text: its scores are those on" in named.stderr
    assert "L0H0" in named.stdout


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        ("heads base --layer 99", 1, "There is no layer '99' in base: it has layers 0-2."),
        ("heads --layer 3", 1, "There is no layer '3' in base: it has layers 0-2."),
        ("heads base --head L0H4", 1, "There is no head 'L0H4' in base: it has layers 0-2, heads 0-3."),
        ("similar base L3H0", 1, "There is no head 'L3H0' in base: it has layers 0-2, heads 0-3."),
        ("heads base --min 2", 0, "No score is 2 or more; the highest is 0."),
        (
            "heads base --label duplicate_token",
            0,
            "No head of base carries the label 'duplicate_token'. It has no labels",
        ),
        ("heads base --label induction --layer 1 --min 0.99", 0, "No score is 0.99 or more; the highest is"),
        ("query pattern-heads --set pattern=inducton", 1, "There is no pattern 'inducton'. Did you mean 'induction'?"),
        ("query pattern-heads --set minimum=2", 0, "No rows with pattern=previous_token, minimum=2."),
        ("search zyzzyva", 0, "Nothing has all of these words: zyzzyva"),
    ],
)
def test_empty_results_speak(db, arguments, code, message):
    done = invoke(*arguments.split(), "--db", db)
    assert done.exit_code == code
    assert done.stdout == ""
    assert message in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_an_empty_list_is_one_for_programs_too(db):
    done = invoke("heads", "--db", db, "--min", "2", "--json")
    assert json.loads(done.stdout) == []
    assert "the highest is" in done.stderr


def test_one_head_alone(db):
    rows = rows_of("heads", "base", "--db", db, "--head", "L1H2")
    assert {(row["model"], row["layer"], row["head"]) for row in rows} == {("base", 1, 2)}
    assert len(rows) == 6
    with headatlas.open(db) as catalog:
        assert len(catalog.heads(head="1.2")) == 12


@pytest.mark.slow
def test_an_empty_database_says_so(tmp_path):
    db = fake_database.make(tmp_path / "heads.db", models=())
    assert "holds no finished scan" in invoke("heads", "--db", db).stderr
    assert "holds no finished scan" in invoke("models", "--db", db).stderr
