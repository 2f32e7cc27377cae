"""What a database from elsewhere would have SQLite compute: refused."""

from __future__ import annotations

import sqlite3

import pytest
import sqlite_utils
from click.testing import CliRunner

from headatlas.cli.main import main
from headatlas.share import files
from headatlas.store import limits, own_sql
from headatlas.store.scans import Store
from headatlas.store.schema import describe, migrations
from tests import fake_database

# A third of a second of SQLite, whatever is asked of it.
SLOW = "length(hex(zeroblob(40000000)))"


@pytest.fixture
def db(tmp_path):
    path = fake_database.make(tmp_path / "heads.db", models=("tiny",), layers=1, heads=2, tokens=("a", "b"))
    with sqlite3.connect(path) as connection:
        connection.execute("pragma journal_mode = delete")
    return path


def run(*words):
    done = CliRunner().invoke(main, [str(word) for word in words])
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        (f"create index slow on labels(label, {SLOW})", "the index 'slow', which is not on columns alone"),
        (f"create index slow on labels(label) where {SLOW} > 0", "the index 'slow', which is not on columns alone"),
        (f"alter table labels add column more text check ({SLOW} > 0)", "conditions or defaults in 'labels'"),
    ],
)
@pytest.mark.parametrize("command", ["label", "models"])
def test_what_would_be_computed_for_every_row_is_refused(db, statement, said, command):
    with sqlite3.connect(db) as connection:
        connection.execute(statement)
    before = db.read_bytes()
    done = run(command, "--db", db)
    assert done.exit_code == 1
    assert said in done.stderr
    assert db.read_bytes() == before


def test_tables_and_indexes_of_ones_own_are_let_be(db):
    with sqlite3.connect(db) as connection:
        connection.execute("create table mine (a text default 'b' check (a <> ''))")
        connection.execute("create index mine_too on mine(lower(a))")
        connection.execute('create index by_control on labels("control" desc, [label])')
    assert run("models", "--db", db).exit_code == 0


def test_a_view_of_somebody_else_is_not_asked(db):
    """What it has SQLite compute for a row may take minutes, in which nobody looks at the clock."""
    with sqlite3.connect(db) as connection:
        (own,) = connection.execute("select sql from sqlite_master where name = 'head_scores'").fetchone()
        connection.execute("drop view head_scores")
        connection.execute(own.replace("select", f"select {SLOW} as slow,", 1))
    assert "it has no view 'head_scores' of ours" in run("heads", "tiny", "--db", db).stderr


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("drop table sinks; create view sinks as select * from head_scores", "no table 'sinks'"),
        ("drop table sinks; create table Sinks (head_id integer, probe_id integer)", "no table 'sinks'"),
        (f"alter table sinks add column slow as ({SLOW})", "computed columns in 'sinks'"),
    ],
)
def test_tables_that_few_commands_read_are_tables_too(db, statement, said):
    with sqlite3.connect(db) as connection:
        connection.executescript(statement)
    before = db.read_bytes()
    for command in ("models", "label"):
        assert said in run(command, "--db", db).stderr
    assert db.read_bytes() == before


def test_all_views_and_tables_of_ours_are_known():
    views, tables = set(), set()
    names = [migration.name for migration in migrations._migrations]
    for last in range(1, len(names) + 1):
        database = sqlite_utils.Database(memory=True)
        migrations.apply(database, stop_before=names[last:] or None)
        describe(database)
        views |= {
            own_sql.digest(sql) for (sql,) in database.execute("select sql from sqlite_master where type = 'view'")
        }
        tables |= set(database.table_names())
        assert own_sql.computed(database.conn) is None
    assert views == own_sql.KNOWN_VIEWS
    assert tables == own_sql.TABLES


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("insert into patterns(name, version) select value, 1 from many", "patterns: 10,0"),
        ("insert into probes(name, version) select value, 1 from many", "probes: 10,0"),
        ("insert into scans (model, status, plan, seconds) select a.value || ' ' || b.value, 'running', 'p', 0 "
         "from many a, many b limit 100000",
         "scans: 100,001 rows are not allowed. Allowed are 100,000 at most"),
        ("insert into warnings select 1, a.value || ' ' || b.value from many a, many b limit 300000",
         "warnings: 300,001 rows are not allowed. Allowed are 210,000 at most"),
    ],
)  # fmt: skip
def test_tables_of_more_rows_than_scans_have(db, statement, said):
    numbers = "with recursive many(value) as (values (1) union all select value + 1 from many limit 10001) "
    with sqlite3.connect(db) as connection:
        connection.execute(statement.replace("select", numbers + "select", 1))
    for words in (["models"], ["label"], ["heads", "tiny"]):
        done = run(*words, "--db", db)
        assert done.exit_code == 1
        assert said in done.stderr


def test_numbers_of_rows_may_have_gaps(db):
    with sqlite3.connect(db) as connection:
        connection.execute("update scores set rowid = rowid + 4000000000 where head_id = 2")
    assert run("models", "--db", db).exit_code == 0


@pytest.fixture
def folder(db, tmp_path):
    assert run("export", "--db", db, "--out", tmp_path / "catalog").exit_code == 0
    return tmp_path / "catalog" / "tiny"


def test_a_folder_whose_lists_are_endless(folder, tmp_path, monkeypatch):
    """Each list of lists takes twenty times as much memory as it has bytes."""
    (folder / "scan.json").write_bytes(b"[" + b"[]," * 5_000_001 + b"1]")
    done = run("import", folder, "--db", tmp_path / "new.db")
    assert "more than 5,000,000 values" in done.stderr
    monkeypatch.setattr(files, "MAX_BYTES_IN_ALL", 1000)
    assert "MB and is not read" in run("import", folder, "--db", tmp_path / "new.db").stderr
    assert not (tmp_path / "new.db").exists()


def test_a_table_of_more_rows_than_heads_have(folder, tmp_path, monkeypatch):
    monkeypatch.setattr(limits, "MAX_ROWS", 3)
    monkeypatch.setattr(limits, "MAX_ROWS_A_HEAD", 0)
    done = run("import", folder, "--db", tmp_path / "new.db")
    assert done.exit_code == 1
    assert "it has more than 3 rows" in done.stderr


@pytest.mark.parametrize("content", ["[" * 100_000, "[]", '{"scan": []}', "\xff"])
def test_a_scan_that_cannot_be_read_beside_an_export(db, tmp_path, content):
    there = tmp_path / "catalog" / "tiny"
    there.mkdir(parents=True)
    (there / "scan.json").write_text(content, encoding="latin-1")
    assert run("export", "--db", db, "--out", tmp_path / "catalog").exit_code == 0


def test_an_empty_database_is_copied_not_made_anew(tmp_path):
    for name in "ab":
        with Store(tmp_path / f"{name}.db") as store:
            assert store.db.execute("pragma auto_vacuum").fetchone()[0] == 2
    first, second = (sqlite3.connect(tmp_path / f"{name}.db") for name in "ab")
    assert list(first.iterdump()) == list(second.iterdump())
