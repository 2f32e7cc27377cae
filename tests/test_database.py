"""The file: promised views, descriptions of everything, and files that are something else."""

from __future__ import annotations

import ast
import os
import sqlite3
import threading
from contextlib import closing
from pathlib import Path
from unittest.mock import patch

import pytest

import headatlas
from headatlas.catalog.reader import SCORE_COLUMNS
from headatlas.errors import DatabaseError
from headatlas.store import readonly
from headatlas.store.scans import Store
from headatlas.store.schema import base, migrations

PROMISED = {
    "head_scores": "model, attention, layer, head, pattern, probe, score, score_nosink, chance, ci_low, ci_high, "
    "n_queries, n_sequences",
    "head_budget": "model, attention, layer, head, probe, part, share",
    "head_labels": "model, attention, layer, head, label, confidence, rank, basis, awake",
    "head_evidence": "model, attention, layer, head, kind, probe, value, ci_low, ci_high, percentile, exact",
}


@pytest.fixture
def db(tmp_path) -> Path:
    Store(tmp_path / "heads.db").close()
    return tmp_path / "heads.db"


def columns(connection: sqlite3.Connection, table: str) -> list[str]:
    return [row[1] for row in connection.execute(f"pragma table_info({table})")]


def test_promised_views(db):
    connection = sqlite3.connect(db)
    for view, names in PROMISED.items():
        assert columns(connection, view) == names.split(", ")
    assert list(SCORE_COLUMNS) == columns(connection, "head_scores")


def test_every_table_and_column_is_described(db):
    connection = sqlite3.connect(db)
    names = [
        row[0]
        for row in connection.execute("select name from sqlite_master where type in ('table', 'view')")
        if not row[0].startswith(("sqlite_", "_sqlite"))
    ]
    stored: dict[str, set[str]] = {}
    for table, column, text in connection.execute("select * from descriptions"):
        assert text.strip().endswith("."), f"{table}.{column}"
        stored.setdefault(table, set()).add(column)
    assert stored == {name: {"", *columns(connection, name)} for name in names}


def test_a_new_database_is_what_migrations_make(db, tmp_path):
    def content(path: Path) -> list[str]:
        with closing(sqlite3.connect(path)) as connection:
            lines = list(connection.iterdump())
            pragmas = [connection.execute(f"pragma {pragma}").fetchone() for pragma in ("auto_vacuum", "journal_mode")]
        # When a migration was run is of the day.
        return [line for line in lines if not line.startswith('INSERT INTO "_sqlite_migrations"')] + pragmas

    made = tmp_path / "made.db"
    with patch.object(migrations, "apply", wraps=migrations.apply) as applied:
        made.touch()  # a file of nothing is not copied to, but brought up to date
        Store(made).close()
    assert applied.called
    lines = content(db)
    assert content(made) == lines
    assert any("head_scores" in str(line) for line in lines)


def test_known_migrations_are_all():
    assert tuple(migration.name for migration in migrations._migrations) == readonly.MIGRATIONS


@pytest.mark.parametrize("file", sorted(Path(base.__file__).parent.glob("*.py")), ids=lambda file: file.stem)
def test_migrations_call_none_of_our_code_outside_their_folder(file):
    """What a migration does to an old file may not change with the rest of the program."""
    imported = {
        name
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in ([node.module] if isinstance(node, ast.ImportFrom) else [alias.name for alias in node.names])
    }
    own = {name for name in imported if name.split(".")[0] == "headatlas"}
    assert own <= {"headatlas.store.schema", "headatlas.store.schema.base"}


def test_write_ahead_log_and_foreign_keys(db):
    with Store(db) as store:
        assert store.db.execute("pragma journal_mode").fetchone()[0] == "wal"
        with pytest.raises(DatabaseError, match="FOREIGN KEY"), store.transaction():
            store.table("heads").insert({"scan_id": 99, "attention": "self", "layer": 0, "head": 0})


def test_failed_transaction_changes_nothing(db):
    with Store(db) as store:

        def half_done() -> None:
            with store.transaction():
                store.table("probes").insert({"name": "p", "version": 1})
                raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            half_done()
        assert store.table("probes").count == 0


def test_text_file_is_no_database(tmp_path):
    path = tmp_path / "notes.db"
    path.write_text("these are notes, not a database, and there are enough of them to fill a page " * 50)
    for attempt in (headatlas.open, Store):
        with pytest.raises(DatabaseError, match=r"notes.db is not a SQLite database"):
            attempt(path)
    assert path.read_text().startswith("these are notes")


def test_what_fails_in_its_first_transaction_leaves_no_file(tmp_path):
    path = tmp_path / "new.db"

    def fail(meanwhile=lambda store: None) -> None:
        with Store(path) as store, store.transaction():
            assert path.exists()
            meanwhile(store)
            raise ZeroDivisionError

    def used_by_another(store) -> None:
        store.db.rollback()
        with Store(path) as other, other.transaction():
            other.db.execute("insert into scans(model, status, plan) values ('tiny', 'running', '')")
        store.db.execute("begin")

    with pytest.raises(ZeroDivisionError):
        fail()
    assert not list(tmp_path.iterdir())
    with pytest.raises(ZeroDivisionError):
        fail(used_by_another)
    assert [file.name for file in tmp_path.iterdir()] == ["new.db"]


def test_database_of_something_else(tmp_path):
    path = tmp_path / "other.db"
    connection = sqlite3.connect(path)
    connection.execute("create table friends(name)")
    connection.commit()
    with pytest.raises(DatabaseError, match="not one of headatlas"):
        headatlas.open(path)
    with pytest.raises(DatabaseError, match="a SQLite database of something else"):
        Store(path)
    assert [row[0] for row in connection.execute("select name from sqlite_master")] == ["friends"]


def test_database_of_a_newer_version(db):
    connection = sqlite3.connect(db)
    connection.execute("insert into _sqlite_migrations(migration_set, name) values ('headatlas', 'from_the_future')")
    connection.commit()
    connection.close()
    for attempt in (headatlas.open, Store):
        with pytest.raises(DatabaseError, match="made by a newer headatlas. Upgrade"):
            attempt(db)


def test_no_database(tmp_path):
    with pytest.raises(DatabaseError, match=r"There is no database .*missing.db. Make one with `headatlas scan"):
        headatlas.open(tmp_path / "missing.db")
    with pytest.raises(DatabaseError, match="is a folder"):
        headatlas.open(tmp_path)
    with pytest.raises(DatabaseError, match="The folder .* does not exist"):
        Store(tmp_path / "nowhere" / "heads.db")


def test_read_only_folder(tmp_path):
    # Root may write anywhere but into the kernel's own file systems.
    folder = Path("/proc") if os.geteuid() == 0 else tmp_path
    if folder == tmp_path:
        tmp_path.chmod(0o500)
    with pytest.raises(DatabaseError, match=r"cannot be opened|cannot be written"):
        Store(folder / "heads.db")


def test_reading_never_writes(db):
    with headatlas.open(db) as catalog:
        for sql in ("delete from scans", "create table x(y)", "drop view head_scores"):
            with pytest.raises(DatabaseError, match="only reads"):
                catalog.query(sql)


@pytest.mark.slow
def test_a_new_file_made_by_many_at_once(tmp_path):
    """Several scans may begin on the same new file; SQLite keeps threads apart as it does processes."""
    failures = []

    def make() -> None:
        try:
            Store(tmp_path / "heads.db").close()
        except DatabaseError as error:
            failures.append(error)

    for _ in range(5):
        threads = [threading.Thread(target=make) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        # Of two that close it in the same moment each takes the other for a user of the log; the next one removes it.
        make()
        assert [file.name for file in tmp_path.iterdir()] == ["heads.db"], "nothing is left beside it"
        (tmp_path / "heads.db").unlink()
    assert not failures


@pytest.mark.slow
@pytest.mark.parametrize("name", ["new.db", ":memory:", "x" * 250])
def test_a_file_is_made_for_what_is_stored(tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    path = Path(name)
    with pytest.raises(DatabaseError, match="No such model"), Store(path):
        raise DatabaseError("No such model.")
    assert list(tmp_path.iterdir()) == []
    with Store(path) as store:
        assert store.finished("model") is None
        assert not path.exists()
        with store.transaction():
            assert path.exists()
            store.table("probes").insert({"name": "probe", "version": 1})
    with Store(path) as store:
        assert store.first_row("select name from probes") == {"name": "probe"}


@pytest.mark.slow
def test_two_that_make_one_file_write_into_the_same(tmp_path):
    row = {"version": 1}
    with Store(tmp_path / "new.db") as first, Store(tmp_path / "new.db") as other:
        for store, name in ((first, "first"), (other, "other")):
            with store.transaction():
                store.table("probes").insert({"name": name, **row})
        assert [row["name"] for row in first.db.query("select name from probes order by id")] == ["first", "other"]
