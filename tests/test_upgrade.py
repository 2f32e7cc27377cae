"""Files of older versions: read where they can be, brought up to date when they are written into."""

from __future__ import annotations

import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from sqlite_utils import Database

import headatlas
from headatlas.cli.main import main
from headatlas.errors import DatabaseError, HeadatlasError
from headatlas.evidence.run import gather
from headatlas.evidence.tasks.lines import TaskLine
from headatlas.store import profiles, readonly
from headatlas.store.scans import Store
from headatlas.store.schema import migrations
from headatlas.store.schema.base import OWNERS
from tests import fake_database, old_database


@pytest.fixture
def old(tmp_path) -> Path:
    return old_database.make(tmp_path / "old.db")


def rows(path: Path) -> dict[str, list[tuple]]:
    """Everything in a file's tables, its own account of them aside."""
    with closing(sqlite3.connect(path)) as connection:
        names = [row[0] for row in connection.execute("select name from sqlite_master where type = 'table'")]
        return {
            name: connection.execute(f"select * from {name} order by rowid").fetchall()
            for name in names
            if name not in ("_sqlite_migrations", "descriptions")
        }


def shape(path: Path) -> dict[str, object]:
    """Columns, keys and indexes of all tables, and the views."""
    with closing(sqlite3.connect(path)) as connection:
        masters = connection.execute("select type, name, sql from sqlite_master").fetchall()
        tables = sorted(name for kind, name, _ in masters if kind == "table" and not name.startswith("sqlite_"))
        tables_and_views: dict[str, object] = {}
        for name in tables:
            indexes = connection.execute(f"select name, [unique], partial from pragma_index_list('{name}')")
            tables_and_views[name] = (
                sorted(connection.execute(f"select name, type, [notnull], pk from pragma_table_info('{name}')")),
                sorted(row[2:] for row in connection.execute(f"pragma foreign_key_list('{name}')")),
                sorted(indexes.fetchall()),
            )
        return tables_and_views | {name: " ".join(sql.split()) for kind, name, sql in masters if kind == "view"}


@pytest.mark.slow
def test_an_old_file_becomes_what_a_new_one_is(old, tmp_path):
    before = rows(old)
    Store(old).close()
    Store(tmp_path / "new.db").close()
    assert shape(old) == shape(tmp_path / "new.db")
    after = rows(old)
    for table, content in before.items():
        width = len(content[0])
        assert [row[:width] for row in after[table]] == content, f"{table} has changed"
    with closing(sqlite3.connect(old)) as connection:
        assert connection.execute("pragma integrity_check").fetchone() == ("ok",)
        assert connection.execute("pragma foreign_key_check").fetchall() == []
        described = dict(connection.execute("select table_name, description from descriptions where column_name = ''"))
        assert described["scans"].startswith("One run of a model")
        assert "profiles" in described


@pytest.mark.slow
def test_profiles_are_made_for_the_scans_of_an_old_file(old):
    with Store(old) as store:
        stored = store.db.execute("select scan_id from profiles order by 1").fetchall()
        assert stored == [(1,), (2,)], "of finished scans"
        profile = profiles.read(store.db, 1)
    assert [column.pattern for column in profile.columns] == ["entropy", "previous_token"]
    np.testing.assert_array_equal(profile.score, np.array([[0.5, 0.5], [0.25, 0.75]], np.float32))
    with headatlas.open(old) as catalog:
        assert len(catalog.similar("first", "L0H0")) == 3


@pytest.mark.slow
def test_readers_refuse_only_what_they_must(old, tmp_path, monkeypatch):
    with pytest.raises(DatabaseError, match="made by an older headatlas. Run any `headatlas scan` on it"):
        headatlas.open(old)
    newest = shape(fake_database.make(tmp_path / "new.db"))
    for name in readonly.FOR_WRITING:
        path = tmp_path / f"before-{name}.db"
        database = Database(path)
        database.execute("pragma synchronous = off")  # waiting for the disk at every migration takes seconds
        with monkeypatch.context() as without:  # that migration alone
            others = [migration for migration in migrations._migrations if migration.name != name]
            without.setattr(migrations, "_migrations", others)
            migrations.apply(database)
        database.close()
        with headatlas.open(path) as catalog:
            assert list(catalog.scans()) == []
        Store(path).close()
        assert shape(path) == newest


@pytest.mark.slow
def test_all_that_belongs_to_a_scan_goes_with_it(old):
    with Store(old) as store, store.transaction():
        store.remove(1)
    left = rows(old)
    assert [row[0] for row in left["scans"]] == [2, 3]
    assert [row[0] for row in left["heads"]] == [3, 4]
    for table in ("warnings", "layers", "certificates", "scan_probes", "examples", "heatmaps", "labels", "profiles"):
        assert len(left[table]) == 1, table
    assert {row[0] for row in left["scores"]} == {3, 4}
    assert len(left["chunks"]) == 1
    assert len(left["patterns"]) == 2, "definitions stay"


def test_every_row_of_a_scan_goes_with_it(tmp_path):
    """Of a new file, with everything in it that can be."""
    path = fake_database.make(tmp_path / "heads.db", models=["one", "two"])
    whole = rows(path)
    with Store(path) as store:
        with store.transaction():
            store.remove(1)
        for name in store.db.table_names():
            for key in store.table(name).foreign_keys:
                assert (key.on_delete == "CASCADE") == (key.other_table in OWNERS), f"{name}.{key.column}"
        assert store.db.execute("pragma foreign_key_check").fetchall() == []
    left = rows(path)
    definitions = {"patterns", "probes", "evidence_kinds"}
    for table in whole:
        if whole[table]:
            expected = len(whole[table]) if table in definitions else len(whole[table]) // 2
            assert len(left[table]) == expected, table
    with Store(path) as store, store.transaction():
        store.remove(2)
    assert {table for table, content in rows(path).items() if content} == definitions


@pytest.mark.slow
def test_two_programs_bring_a_file_up_to_date_at_once(old):
    failures = []
    start = threading.Barrier(4)

    def upgrade() -> None:
        start.wait()
        try:
            Store(old).close()
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=upgrade) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
    with headatlas.open(old) as catalog:
        assert len(catalog.scans()) == 2


@pytest.mark.slow
def test_a_failed_upgrade_leaves_the_file_as_it_was(old, monkeypatch):
    before = rows(old), shape(old)

    def fail(_: object) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr("headatlas.store.profiles.write_missing", fail)
    with pytest.raises(DatabaseError, match="The disk is full"):
        Store(old)
    assert (rows(old), shape(old)) == before


REFUSED = {
    "a view of a later table's name": ("create view overlaps as select 1", "it has no table 'overlaps'"),
    "a table of a later table's name": ("create table overlaps (a)", 'table "overlaps" already exists'),
    "scores that are none": ("update scores set score = 'much'", "cannot be brought up to date: something"),
    "a trigger": ("create trigger t after insert on labels begin delete from scans; end", "the trigger 't'"),
    "a newer version": (
        "insert into _sqlite_migrations (migration_set, name, applied_at) values ('headatlas', 'to_come', '')",
        "made by a newer headatlas",
    ),
    "heads without end": ("update heads set layer = 10000000", "not those of a model"),
}


@pytest.mark.parametrize(("statement", "message"), REFUSED.values(), ids=REFUSED)
def test_an_old_file_that_is_refused_stays_as_it_was_to_the_last_byte(old, statement, message):
    """Also where that is found out while it is brought up to date."""
    with closing(sqlite3.connect(old)) as connection, connection:
        connection.execute(statement)
    before = old.read_bytes()
    with pytest.raises(DatabaseError, match=message):
        Store(old)
    assert old.read_bytes() == before
    assert [path.name for path in old.parent.iterdir()] == [old.name]


def test_a_damaged_old_file_stays_as_it_was_to_the_last_byte(old):
    content = bytearray(old.read_bytes())
    with closing(sqlite3.connect(old)) as connection:
        (page,) = connection.execute("select rootpage from sqlite_master where name = 'scores'").fetchone()
    content[4096 * (page - 1) : 4096 * page] = bytes(4096)
    old.write_bytes(content)
    with pytest.raises(DatabaseError, match="malformed"):
        Store(old)
    assert old.read_bytes() == content


COMMANDS = {
    "label": (["label", "nobody"], "has no finished scan of 'nobody'"),
    "label all": (["label"], "says nothing of attention off the sink"),
    "import": (["import", "{here}/damaged"], "scan.json is damaged"),
    "scan": (["scan", "{here}/nothing"], "There is no file or folder"),
    "scan of a taken name": (["scan", "{here}/nothing", "--as", "first"], "a scan of 'first' made with other settings"),
    "evidence": (["evidence", "nobody"], "holds no finished scan of 'nobody'"),
    "evidence of no model": (["evidence", "first"], "first"),
}


@pytest.mark.parametrize(("words", "said"), COMMANDS.values(), ids=COMMANDS)
def test_a_command_that_is_refused_does_not_bring_an_old_file_up_to_date(old, words, said):
    (old.parent / "damaged").mkdir()
    (old.parent / "damaged" / "scan.json").write_text("{}")
    (old.parent / "damaged" / "definitions.json").write_text("{}")
    before = old.read_bytes()
    done = CliRunner().invoke(main, [*(word.format(here=old.parent) for word in words), "--db", str(old)])
    assert done.exit_code == 1, done.output
    assert said in done.stderr
    assert old.read_bytes() == before


@pytest.fixture
def before_lines(tmp_path) -> Path:
    """A file that can be read as it is, of before there were lines, with a scan that is called "tiny"."""
    path = fake_database.make(tmp_path / "old.db", models=["tiny"])
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.executescript(
            """drop table head_lines; drop table line_texts;
               delete from _sqlite_migrations where name = 'lines'; pragma journal_mode = delete"""
        )
    return path


OTHER_WEIGHTS = {
    "evidence": lambda model, db: gather(model, db=db, name="tiny", force=True),
    "task": lambda model, db: headatlas.task([TaskLine("the cat", " sat", (" ran",))], model, db=db, name="tiny"),
    "path": lambda model, db: headatlas.path(model, "L0H0", "L1H0", db=db, name="tiny"),
}


@pytest.mark.parametrize("measure", OTHER_WEIGHTS.values(), ids=OTHER_WEIGHTS)
def test_a_model_of_other_weights_is_refused_before_an_old_file_is_brought_up_to_date(before_lines, tiny, measure):
    before = before_lines.read_bytes()
    with pytest.raises(HeadatlasError, match="are not those of the scan 'tiny'"):
        measure(str(tiny("gpt2")), before_lines)
    assert before_lines.read_bytes() == before


def test_recorded_attention_is_refused_before_an_old_file_is_brought_up_to_date(old):
    even = np.full((1, 1, 1, 4, 4), 0.25, np.float32)
    np.savez(old.parent / "recorded.npz", attention=even, token_ids=np.arange(4)[None])
    before = old.read_bytes()
    words = ["score", str(old.parent / "recorded.npz"), "--as", "first", "--db", str(old)]
    done = CliRunner().invoke(main, words)
    assert done.exit_code == 1, done.output
    assert "a scan of 'first' made with other settings" in done.stderr
    assert old.read_bytes() == before


def test_others_may_write_into_an_old_file_while_a_model_is_loaded(old):
    before = old.read_bytes()
    with Store(old) as store:
        with store.open_to_others():
            assert old.read_bytes() == before
            with Store(old, patience=0) as other:
                other.rename("first", "another")
        assert store.finished("another") is not None
        store.rename("another", "third")
    with headatlas.open(old) as catalog:
        assert "third" in [scan["model"] for scan in catalog.scans()]


def test_what_fails_while_others_may_write_leaves_an_old_file_as_it_was(old):
    before = old.read_bytes()
    with pytest.raises(ZeroDivisionError), Store(old) as store, store.open_to_others():
        raise ZeroDivisionError
    assert old.read_bytes() == before


def failing(old: Path, *, renamed: bool) -> None:
    """Opens an old file, writes into it or not, and fails."""
    with Store(old) as store:
        assert store.finished("first")["calibration"] is None, "columns of this version are there"
        if renamed:
            store.rename("first", "another")
        raise ZeroDivisionError


def test_what_an_old_file_is_brought_up_to_date_with_is_kept_with_the_first_writing(old):
    with pytest.raises(ZeroDivisionError):
        failing(old, renamed=False)
    with pytest.raises(DatabaseError, match="made by an older"):
        headatlas.open(old)
    with pytest.raises(ZeroDivisionError):
        failing(old, renamed=True)
    with Store(old) as store:
        assert store.finished("another") is not None
        with store.transaction():
            store.remove(1)
        assert store.first_row("select 1 from heads where scan_id = 1") is None, "keys are kept"


def test_nothing_has_to_be_written_to_bring_an_old_file_up_to_date(old):
    Store(old).close()
    with headatlas.open(old) as catalog:
        assert len(catalog.scans()) == 2
