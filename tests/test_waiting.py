"""A database that another program has locked: what is waited for is said, and Ctrl-C is heard."""

from __future__ import annotations

import os
import signal
import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import pytest

import headatlas
from headatlas.catalog.reader import Reader
from headatlas.errors import DatabaseError
from headatlas.store import guard, patience, readonly
from headatlas.store.locations import stored_model
from headatlas.store.scans import Store
from tests import fake_database


@pytest.fixture
def db(tmp_path) -> Path:
    """Of a sort that a writer locks for readers too."""
    path = fake_database.make(tmp_path / "x.db", models=("a",), layers=1, heads=1, tokens=("a", "b"))
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("pragma journal_mode = delete")
    return path


@pytest.fixture
def holder(db):
    """Another program, which has locked the file; it lets go of it with `rollback`."""
    with closing(sqlite3.connect(db, isolation_level=None, check_same_thread=False)) as connection:
        connection.execute("begin exclusive")
        yield connection


def let_go_later(holder: sqlite3.Connection, after: float) -> threading.Timer:
    timer = threading.Timer(after, holder.rollback)
    timer.start()
    return timer


def writing(path: Path) -> None:
    with Store(path, patience=30) as store:
        store.rename("a", "b")


def reading(path: Path) -> None:
    with headatlas.open(path) as catalog:
        assert [scan["model"] for scan in catalog.scans()] == ["a"]


@pytest.mark.parametrize("work", [writing, reading])
def test_it_is_said_what_is_waited_for(db, holder, monkeypatch, logged, work):
    monkeypatch.setattr(patience, "TOLD_AFTER", 0.0)
    timer = let_go_later(holder, 3 * patience.MOMENT)
    work(db)
    timer.join()
    assert logged().count("Another program has locked the database. It is waited for, up to") == 1
    assert "Ctrl-C ends that" in logged()


def test_a_file_that_stays_locked_is_waited_for_once(db, holder, monkeypatch):
    monkeypatch.setattr(Store, "_migrations_of", lambda *_: pytest.fail("it is waited for again"))
    with pytest.raises(DatabaseError, match="locked. Another program is writing to it"):
        Store(db, patience=0.0)


def test_a_short_wait_is_no_news(db, holder, logged):
    timer = let_go_later(holder, 2 * patience.MOMENT)
    writing(db)
    timer.join()
    assert not logged()


@pytest.mark.parametrize("work", [writing, reading])
def test_ctrl_c_is_heard_while_the_file_is_locked(db, holder, monkeypatch, work):
    locked = []

    def heard(*_: object) -> None:
        locked.append(holder.in_transaction)
        raise KeyboardInterrupt

    previous = signal.signal(signal.SIGINT, heard)
    stop = threading.Timer(patience.MOMENT, os.kill, (os.getpid(), signal.SIGINT))
    let_go = let_go_later(holder, 12 * patience.MOMENT)
    try:
        stop.start()
        with pytest.raises(KeyboardInterrupt):
            work(db)
    finally:
        stop.join()
        let_go.join()
        signal.signal(signal.SIGINT, previous)
    assert locked == [True], "it was heard when the file was free again"
    reading(db)


ENDLESS = "with recursive n(i) as (select 1 union all select i from n) select count(*) from n"


LATER = ENDLESS.replace("select count(*) from n", "select 1 union all select 2 from n where i > 1")


@pytest.mark.parametrize("sql", [ENDLESS, LATER], ids=["before the first row", "after it"])
def test_ctrl_c_is_heard_while_sqlite_is_at_work(db, sql):
    """Its own exception is lost there, and the statement was said to have taken too long: at its first row or later."""
    stop = threading.Timer(patience.MOMENT, os.kill, (os.getpid(), signal.SIGINT))
    with Reader(db) as reader:
        stop.start()
        with pytest.raises(KeyboardInterrupt):
            reader.rows(sql)
    stop.join()


def test_a_statement_whose_time_is_up_is_no_ctrl_c(db, monkeypatch):
    monkeypatch.setattr(guard, "WRITING_SECONDS", 0.1)
    with closing(readonly.open_readonly(db)) as connection, pytest.raises(sqlite3.OperationalError, match="interrupt"):
        connection.execute(ENDLESS)


def test_a_transaction_that_sqlite_has_ended_is_not_gone_on_with(db):
    """A statement that is refused within one is tried again only where the transaction stands."""
    with closing(sqlite3.connect(db, factory=patience.PatientConnection, isolation_level=None)) as connection:
        connection.patience = 30
        connection.execute("begin immediate")

        def ended() -> None:
            connection.rollback()
            error = sqlite3.OperationalError("database is locked")
            error.sqlite_errorcode = sqlite3.SQLITE_BUSY
            raise error

        with pytest.raises(sqlite3.OperationalError, match="locked"):
            connection._patiently(ended)


def test_what_was_read_before_another_wrote_is_refused_at_once(tmp_path):
    path = tmp_path / "x.db"
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("pragma journal_mode = wal")
        other.execute("create table t (a)")
        with closing(sqlite3.connect(path, factory=patience.PatientConnection, isolation_level=None)) as connection:
            connection.patience = 1e9
            connection.execute("begin")
            connection.execute("select * from t").fetchall()
            other.execute("insert into t values (1)")
            with pytest.raises(sqlite3.OperationalError, match="locked"):
                connection.execute("insert into t values (2)")


def test_whether_work_is_left_is_not_waited_for_after_ctrl_c(db, holder):
    """It is asked after Ctrl-C."""
    with pytest.raises(DatabaseError, match="locked"):
        readonly.open_readonly(db, patience=0.0)


def test_a_model_is_not_looked_for_in_a_table_that_never_ends(db):
    with closing(sqlite3.connect(db)) as connection:
        connection.executescript(
            "pragma legacy_alter_table = on; alter table scans rename to own; create view scans as "
            "with recursive n(i) as (select 1 union all select i from n) "
            "select 'a' as model, 'done' as status, 'folder' as source, null as location, null as revision from n"
        )
    assert stored_model(db, "a") is None
