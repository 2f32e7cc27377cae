"""Databases whose values someone changed, or the disk: commands go on, or say what is wrong and where."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import tempfile
import zlib
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

import headatlas
from headatlas.cli.main import main
from headatlas.errors import DatabaseError, HeadatlasError
from headatlas.share.diagnosis import refusal
from headatlas.store import guard, lengths, rules
from headatlas.store.scans import Store
from tests import fake_database
from tests.test_fuzz_catalogue import FUZZ, run

# Of each, {db} is the database, {copy} one that may be written into, {out} a path where nothing is.
COMMANDS = [
    command.split()
    for command in (
        "models --db {db}", "info tiny --db {db}", "heads tiny --db {db}", "heads --json --db {db}", "kinds --db {db}",
        "similar tiny L1H0 --db {db}", "compare tiny other --db {db}", "groups tiny --db {db}", "edges tiny --db {db}",
        "search induction --db {db}", "export --db {db} --out {out}", "export --db {db} --headvis {out}",
        "export --db {db} --parquet {out}", "merge {out} {db}", "label --recompute --db {copy}",
        "rename tiny new --db {copy}", "rm tiny --yes --db {copy}", "atlas --quiet --db {db} --out {out}",
    )
]  # fmt: skip
VALUES = [
    None, "abc", b"\xff\x00", float("inf"), -1e300, -1, 10**12, 2**62, 0.5, "a\0b", "", "[1", "[]", "{}", "[null]",
    '["a"]', "[1e999]", "[" * 9999, '["\\ud800"]', "9" * 5000, "NaN", 7, 0,
]  # fmt: skip
# One change each: there is nothing to make smaller, and each try takes a second.
ONE = settings(FUZZ, phases=(Phase.explicit, Phase.generate))


@pytest.fixture(scope="module")
def good(tmp_path_factory) -> Path:
    """A database of two scans, with what labels are made from."""
    path = tmp_path_factory.mktemp("good") / "heads.db"
    fake_database.make(path, models=("tiny", "other"), layers=2, heads=2, tokens=("<s>", " a", "b"))
    with sqlite3.connect(path) as connection:
        connection.execute("pragma journal_mode = delete")
        connection.execute(
            "insert into overlaps values (1, 1, 1, 2, 0.1, 'self', 0.1, null), (2, 1, 1, 2, 0.1, 'self', 0.1, null)"
        )
        connection.execute("insert into distances select id, 1, -1, '[0.5, 0.5]' from heads")
    return path


@pytest.fixture
def db(good, tmp_path) -> Path:
    return Path(shutil.copy(good, tmp_path / "x.db"))


def spoil(db: Path, *statements: str) -> None:
    with sqlite3.connect(db) as connection:
        for statement in statements:
            connection.execute(statement)


def said(command: str, db: Path, out: Path) -> str:
    """What a command that fails says in one sentence."""
    words = [word.format(db=db, copy=db, out=out) for word in command.split()]
    done = CliRunner().invoke(main, words)
    assert isinstance(done.exception, SystemExit), done.exception
    assert done.exit_code == 1, done.output
    return done.stderr.strip().splitlines()[-1]


@pytest.mark.slow
@ONE
@given(st.data())
def test_any_value_anywhere(good, data):
    with tempfile.TemporaryDirectory() as temporary:
        db = Path(shutil.copy(good, Path(temporary) / "x.db"))
        with sqlite3.connect(db) as connection:
            names = [row[0] for row in connection.execute("select name from sqlite_master where type = 'table'")]
            table = data.draw(st.sampled_from([name for name in names if "sqlite" not in name]))
            columns = [row[1] for row in connection.execute(f"pragma table_info({table})")]
            column = data.draw(st.sampled_from(columns))
            only = data.draw(st.sampled_from(["", f" where rowid = (select max(rowid) from {table})"]))
            try:
                connection.execute(f'update {table} set "{column}" = ?{only}', [data.draw(st.sampled_from(VALUES))])
            except sqlite3.IntegrityError:
                return
        run_one(data, db)


@pytest.mark.slow
@ONE
@given(st.data())
def test_any_damaged_page(good, data):
    with tempfile.TemporaryDirectory() as temporary:
        content = bytearray(good.read_bytes())
        start = 4096 * data.draw(st.integers(1, len(content) // 4096 - 1))
        for _ in range(data.draw(st.sampled_from([1, 8, 4096]))):
            content[start + data.draw(st.integers(0, 4095))] = data.draw(st.integers(0, 255))
        db = Path(temporary) / "x.db"
        db.write_bytes(content)
        run_one(data, db)


def run_one(data, db: Path) -> None:
    """Runs a command; a traceback fails the test."""
    copy = shutil.copy(db, db.with_name("copy.db"))
    run(*(word.format(db=db, copy=copy, out=db.with_name("out")) for word in data.draw(st.sampled_from(COMMANDS))))


@pytest.mark.parametrize(
    ("statement", "command", "message"),
    [
        ("update scores set score = 'much' where rowid = 3", "atlas --quiet --db {db} --out {out}",
         "table scores, row 3, column 'score': 'much' is not allowed. Allowed is a finite number"),
        ("update scores set score = 9e999 where rowid = 2", "heads --json --db {db}",
         "table scores, row 2, column 'score': inf is not allowed"),
        ("update scans set n_parameters = 'many' where id = 2", "models --db {db}",
         "table scans, row 2, column 'n_parameters': 'many' is not allowed. Allowed is a whole number"),
        ("update scans set model = cast(x'ff' as text) where id = 2", "models --db {db}",
         "table scans, row 2, column 'model'"),
        ("update scans set versions = 'new' where id = 1", "atlas --quiet --db {db} --out {out}",
         "row 1, column 'versions': 'new' is not allowed. Allowed is JSON: an object of texts"),
        ("update examples set tokens = '7' where id = 2", "search induction --db {db}",
         "table examples, row 2, column 'tokens'"),
        ("update heatmaps set weights = x'00' where rowid = 2", "atlas --quiet --db {db} --out {out}",
         "of 'tiny' in {db}, column 'weights': it is damaged, or not 3 by 3 weights"),
        ("delete from layers where layer = 1", "export --db {db} --out {out}", "lacks the layer of the head L1H0"),
        ("update distances set attention = '[1' where rowid = 2", "similar tiny L1H0 --db {db}",
         "table distances, row 2, column 'attention'"),
        ("update scores set half_a = 'a'", "label --recompute --db {db}", "table scores, row 1, column 'half_a'"),
        ("update paths set route = 'False' where rowid = 1", "atlas --quiet --db {db} --out {out}",
         "table paths, row 1, column 'route': 'False' is not allowed. Allowed is one of q, k, v, all, total"),
        ("update certificates set tolerance = null", "export --db {db} --out {out}",
         "certificates, row 1 of 'tiny' in {db}, column 'tolerance': nothing is not allowed. Allowed is a number"),
        ("update head_map set kind_id = 99 where head_id = 2", "export --db {db} --out {out}",
         "table head_map, row 2 refers to a row of kinds that is not there"),
        ("delete from scan_probes where scan_id = 1", "export --db {db} --out {out}",
         "row 1 of 'tiny' in {db}, column 'probe': 'natural_text' is not allowed"),
        ("update labels set confidence = 7", "merge {out} {db}",
         "labels, row 1 of 'tiny' in {db}, column 'confidence': 7.0 is not allowed"),
    ],
)  # fmt: skip
def test_the_value_is_named(db, tmp_path, statement, command, message):
    spoil(db, "pragma foreign_keys = off", statement)
    sentence = said(command, db, tmp_path / "out")
    assert message.format(db=db) in sentence
    assert str(db) in sentence


def tokens_and_maps(db: Path, n_tokens: int, weights: bytes) -> None:
    with sqlite3.connect(db) as connection:
        tokens, zeros = json.dumps(["a"] * n_tokens), json.dumps([0] * n_tokens)
        connection.execute("update examples set tokens = ?, token_ids = ?, special = ?", [tokens, zeros, zeros])
        connection.execute("update heatmaps set weights = ?", [weights])


@pytest.mark.slow
@pytest.mark.parametrize("command", ["atlas --quiet --db {db} --out {out}", "export --db {db} --out {out}"])
def test_a_map_that_is_longer_than_what_it_holds_is_not_unpacked(db, tmp_path, command, monkeypatch):
    """Its bytes are a good map and then three megabytes of nothing."""
    tokens_and_maps(db, 3, zlib.compress(bytes(9)) + bytes(3_000_000))
    monkeypatch.setattr(zlib, "decompressobj", lambda: pytest.fail("it is unpacked"))
    assert "it is damaged, or not 3 by 3 weights" in said(command, db, tmp_path / "out")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("n_tokens", "command", "message"),
    [
        (9000, "atlas --quiet --db {db} --out {out}", "it is damaged, or not 9000 by 9000 weights"),
        (9000, "export --db {db} --headvis {out}", "it is damaged, or not 9000 by 9000 weights"),
        (9000, "export --db {db} --out {out}", "it is damaged, or not 9000 by 9000 weights"),
    ],
)
def test_maps_that_no_scan_keeps(db, tmp_path, n_tokens, command, message):
    """A small blob would be as large as memory when it is unpacked, as tokens are many."""
    tokens_and_maps(db, n_tokens, b"x")
    assert message in said(command, db, tmp_path / "out")


@pytest.mark.slow
def test_maps_of_a_layer_that_are_too_many(db, tmp_path, monkeypatch):
    monkeypatch.setattr("headatlas.atlas.data.load._MAX_CELLS_OF_LAYER", 20)
    message = "The maps of the layer L0 in {db} have more than 20 weights together"
    assert message.format(db=db) in said("atlas --quiet --db {db} --out {out}", db, tmp_path / "out")


@pytest.mark.parametrize(
    ("statement", "value"),
    [
        ("update distances set attention = '[' || replace(printf('%.*c', 60000, 'x'), 'x', '0,') || '0]'",
         "table distances, row 1, column 'attention': '[0,0"),
        ("insert into head_lines select id, 1, 0, 1, 0, 1, 0.5, '[' || replace(printf('%.*c', 60000, 'x'), 'x', '0,') "
         "|| '0]', '[0.5]' from heads", "table head_lines, row 1, column 'keys': '[0,0"),
    ],
)  # fmt: skip
def test_a_list_that_is_too_long_is_not_read_to_its_end(db, tmp_path, statement, value):
    spoil(db, statement)
    assert value in said("atlas --quiet --db {db} --out {out}", db, tmp_path / "out")


@pytest.mark.slow
def test_a_value_that_is_too_long_is_named_without_being_read(db, tmp_path, monkeypatch):
    monkeypatch.setattr(rules, "RULES", {**rules.RULES, "heatmaps": {"weights": replace(rules._BLOB, most_bytes=5000)}})
    tokens_and_maps(db, 3, bytes(9000))
    sentence = said("atlas --quiet --db {db} --out {out}", db, tmp_path / "out")
    assert "table heatmaps, row 1, column 'weights': a value of 9,000 bytes is not allowed" in sentence


@pytest.mark.parametrize(
    ("statement", "table"),
    [
        ("insert into heads (scan_id, attention, layer, head) with recursive k(i) as (select 2000 union all "
         "select i + 1 from k where i < 102000) select 2, 'self', i / 1000, i % 1000 from k", "heads"),
        ("insert into layers (scan_id, attention, layer, n_heads, causal, scored) with recursive k(i) as (select 2 "
         "union all select i + 1 from k where i < 20) select 2, 'self', i, 10000, 1, 0 from k", "layers"),
    ],
)  # fmt: skip
def test_a_scan_of_more_heads_than_a_model_has(db, tmp_path, statement, table):
    spoil(db, statement)
    assert f"{table}: a scan claims 1" in said("models --db {db}", db, tmp_path / "out")


@pytest.mark.parametrize(
    ("statement", "message"),
    [
        ("update scans set model = printf('%.*c', 1001, 'm') where id = 2", "scans, column 'model': a value of 1,001"),
        ("insert into warnings (scan_id, warning) values (1, printf('%.*c', 1000001, 'w'))",
         "warnings, column 'warning': a value of 1,000,001"),
        ("update examples set tokens = '[\"' || printf('%.*c', 20000000, 't') || '\"]' where id = 1",
         "examples, column 'tokens': a value of 20,000,004"),
        ("update labels set label = printf('%.*c', 20000, 'l') where rank = 1",
         "labels, column 'label': a value of 20,000"),
        ("update scans set seconds = printf('%.*c', 20000, 's') where id = 1",
         "scans, column 'seconds': a value of 20,000"),
        ("update patterns set summary = 'a' || char(0) || printf('%.*c', 9000000, 's') where id = 1",
         "patterns, column 'summary': a value of 2,250,000"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("command", ["models --db {db}", "atlas --quiet --db {db} --out {out}"])
def test_texts_that_are_too_long_are_not_read(db, tmp_path, statement, message, command):
    spoil(db, statement)
    assert message in said(command, db, tmp_path / "out")


def test_a_nul_in_a_name_that_python_gives(db):
    with pytest.raises(DatabaseError, match="cannot be a database: embedded null byte"):
        headatlas.open("a\0b")
    with Store(db) as store, pytest.raises(DatabaseError, match="allowed are 1 to 1,000 characters"):
        store.rename("tiny", "a\0b")


def test_names_that_are_no_text(db):
    """SQLite puts them into what it says of a damaged file."""
    broken = "update sqlite_master set name = cast(x'ff' as text), sql = 'create table (' where name = 'labels'"
    spoil(db, "pragma writable_schema = on", broken)
    assert "is not a SQLite database, or is damaged" in said("models --db {db}", db, db)


@pytest.mark.slow
def test_nothing_of_a_scan_that_is_refused_is_merged(db, tmp_path):
    spoil(db, "update labels set confidence = 7")
    said("merge {out} {db}", db, tmp_path / "out.db")
    with Store(tmp_path / "out.db") as store:
        assert store.first_row("select 1 from scans") is None


def test_every_view_of_ours_is_looked_at(db):
    with Store(db) as store:
        assert set(store.db.view_names()) == guard._VIEWS | guard._LATER_VIEWS


def test_good_values_are_not_blamed(good):
    assert refusal(good, ValueError("of our own")) is None


def test_an_error_of_our_own_stays_one(db, monkeypatch):
    monkeypatch.setattr("headatlas.cli.tables.model_rows", lambda *_: 1 / 0)
    done = CliRunner().invoke(main, ["models", "--db", str(db)])
    assert isinstance(done.exception, ZeroDivisionError)


@pytest.mark.parametrize(
    "statement",
    [
        "create trigger t after delete on labels begin delete from scans; end",
        "create trigger t instead of insert on head_labels begin delete from scans; end",
        "drop view head_labels; create view head_labels as with recursive n(i) as (select 1 union all select i + 1 "
        "from n) select i as model from n",
        "drop view head_edges; create view head_edges as with recursive n(i) as (select 1 union all select i from n) "
        "select i from n",
        "alter table labels rename to l; create view labels as select * from l",
    ],
    ids=["trigger", "of a view", "endless view", "another view", "no table"],
)
@pytest.mark.parametrize("command", ["label --recompute --db {db}", "rm tiny --yes --db {db}", "merge {db} {out}"])
def test_nothing_is_written_into_what_is_not_ours(good, db, tmp_path, statement, command):
    """Not even the first page: the file stays as it was."""
    with sqlite3.connect(db) as connection:
        connection.executescript(statement)
    before = db.read_bytes()
    shutil.copy(good, tmp_path / "out")
    assert "not as headatlas makes its databases" in said(command, db, tmp_path / "out")
    assert db.read_bytes() == before


def test_statements_that_write_end_too(db, monkeypatch):
    monkeypatch.setattr(guard, "WRITING_SECONDS", 0.1)
    endless = "with recursive n(i) as (select 1 union all select i from n) select * from n"
    with Store(db) as store, pytest.raises(sqlite3.OperationalError, match="interrupted"):
        store.db.execute(f"create temp table t as {endless}")


@pytest.mark.parametrize(
    ("content", "command"),
    [(b"", "models --db {db}"), (b"a", "models --db {db}"), (b"SQLite format 3", "models --db {db}"),
     (b"a", "label --db {db}")],
)  # fmt: skip
def test_files_too_short_to_be_databases(tmp_path, content, command):
    (tmp_path / "x.db").write_bytes(content)
    sentence = said(command, tmp_path / "x.db", tmp_path / "out")
    assert ("is not a SQLite database" if content else "is empty") in sentence
    assert (tmp_path / "x.db").read_bytes() == content


LONG = "x" * 300


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["models", "--db", LONG], "cannot be a database: File name too long"),
        (["label", "--db", LONG], "There is no database"),
        (["merge", LONG, "{db}"], "cannot be a database: File name too long"),
        (["merge", "{out}", LONG], "cannot be a database: File name too long"),
        (["heads", LONG, "--db", "{db}"], "There is no model"),
        (["export", "--db", "{db}", "--out", LONG], "File name too long"),
        (["import", LONG, "--db", "{db}"], "holds no exported scan"),
        (["task", LONG, "--model", "tiny", "--db", "{db}"], "There is no task"),
        (["rename", "tiny", "x" * 1001, "--db", "{db}"], "allowed are 1 to 1,000 characters"),
        (["rename", "tiny", " ", "--db", "{db}"], "allowed are 1 to 1,000 characters"),
        (["rename", "tiny", "two\nlines", "--db", "{db}"], "none of them a line break"),
        (["rename", "tiny", "\x1b[2J", "--db", "{db}"], "none of them a line break"),
        (["rename", "tiny", "\udcff", "--db", "{db}"], "bytes that are no text"),
        (["merge", "/proc/x.db", "{db}"], "cannot be opened for writing"),
        (["models", "--db", "/dev/zero"], "is no file, so it is no database"),
        (["label", "--db", "/dev/zero"], "is no file, so it is no database"),
    ],
    ids=lambda value: " ".join(value)[:20] if isinstance(value, list) else "",
)  # fmt: skip
def test_names_and_places(db, tmp_path, monkeypatch, words, said):
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(main, [word.format(db=db, out=tmp_path / "out.db") for word in words])
    assert isinstance(done.exception, SystemExit), done.exception
    assert done.exit_code == 1
    assert said in done.stderr


def test_the_log_of_another_database_is_not_put_into_this_one(db, tmp_path):
    """Copied beside a file it hides what is in it; a command that wrote would have lost it for good."""
    with closing(sqlite3.connect(db)) as connection:
        connection.execute("pragma journal_mode = wal")
    before, log = db.read_bytes(), db.with_name(f"{db.name}-wal")
    with closing(sqlite3.connect(tmp_path / "other.db")) as other, other:
        other.execute("pragma journal_mode = wal")
        other.execute("create table own (a)")
        other.commit()
        shutil.copy(tmp_path / "other.db-wal", log)
    assert "is a SQLite database of something else" in said("label --db {db}", db, db)
    assert db.read_bytes() == before
    log.unlink()
    db.with_name(f"{db.name}-shm").unlink()
    with headatlas.open(db) as catalog:
        assert len(catalog.scans()) == 2


def test_a_journal_that_was_left_beside_a_database(db, monkeypatch):
    """Readers say who can undo what was begun, and whoever writes does."""
    with closing(sqlite3.connect(db, isolation_level=None)) as connection:
        connection.execute("pragma cache_size = 1")
        connection.execute("begin")
        connection.execute("update scores set score = 0.123")
        connection.execute("pragma cache_spill = 1")
        connection.execute("update heatmaps set weights = zeroblob(100000)")
        left = {path: path.read_bytes() for path in (db, db.with_name(f"{db.name}-journal"))}
        connection.execute("rollback")
    for path, content in left.items():
        path.write_bytes(content)
    assert "was cut off, which a command that only reads cannot undo. One that writes does" in said(
        "models --db {db}", db, db
    )
    run("label", "--db", db)
    with headatlas.open(db) as catalog:
        assert len(catalog.scans()) == 2
        assert catalog.rows("select 1 from scores where score = 0.123") == []


@pytest.mark.parametrize("end", ["", "-wal"])
@pytest.mark.parametrize("command", ["atlas --quiet --db {db} --out {out}", "label --db {db}"])
def test_files_that_are_mostly_a_hole(db, tmp_path, end, command):
    file = db.with_name(db.name + end)
    file.touch()
    os.truncate(file, 2**40)
    assert "has 1,099.5 GB, of which" in said(command, db, tmp_path / "out")


def test_no_value_that_a_folder_may_have_is_too_long_for_a_database(db):
    """Else what was imported could not be read."""
    with closing(sqlite3.connect(db)) as connection:
        tables = {row[0] for row in connection.execute("select name from sqlite_master where type = 'table'")}
        assert set(lengths._COLUMNS) <= tables
        for table, (names, json_columns) in lengths._COLUMNS.items():
            declared = {row[1]: row[2] for row in connection.execute(f"pragma table_info({table})")}
            assert {*names.split(), *json_columns.split()} <= set(declared)
            for column, kind in declared.items():
                most = lengths._most(kind, column, names.split(), json_columns.split())
                rule = rules.rule_of(table, column, kind)
                if most is not None and column not in ("id", "scan_id"):
                    with pytest.raises(HeadatlasError, match="is not allowed"):
                        rules.check_column(rule, ["x" * (most + 1)], lambda _: "it")
