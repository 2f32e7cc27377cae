"""Words of commands that once lost a file, took minutes, or ended in a traceback: a sentence each."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from headatlas.catalog import user_sql
from headatlas.catalog.datasette import serve
from headatlas.cli.main import main
from headatlas.errors import HeadatlasError, OutputError
from headatlas.views.single_page import check_place, write_page
from tests import fake_database


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A database of two scans, which no test changes."""
    return fake_database.make(
        tmp_path_factory.mktemp("words") / "x.db", models=("a", "b"), layers=1, heads=1, tokens=("a", "b")
    )


def said(db, *words):
    return CliRunner().invoke(main, [words[0], "--db", str(db), *words[1:]])


def test_a_page_does_not_take_the_place_of_the_database(made):
    before = made.read_bytes()
    done = said(made, "compare", "a", "b", "--html", str(made))
    assert done.exit_code == 1
    assert "is there already, and is no page: it would be lost" in done.stderr
    assert made.read_bytes() == before


def test_pages_and_pictures_take_the_place_of_earlier_ones(tmp_path):
    page = tmp_path / "page"
    for content in (b"", b"\n<!doctype html>", b"\xef\xbb\xbf<svg>", b"\x89PNG\r\n", b"<html>"):
        check_place(page)
        write_page(page, content)
    page.write_text("notes")
    for write in (check_place, lambda path: write_page(path, b"<html>")):
        with pytest.raises(OutputError, match="is no page"):
            write(page)
    assert page.read_text() == "notes"


@pytest.mark.parametrize(
    "words",
    [("heads", "--db", ""), ("export", "--out", ""), ("atlas", "--out", ""), ("compare", "a", "b", "--html", "")],
    ids=lambda words: words[0],
)
def test_an_empty_name_is_no_folder(made, tmp_path, monkeypatch, words):
    monkeypatch.chdir(tmp_path)
    done = said(made, *words)
    assert done.exit_code == 2
    assert "An empty name is no path" in done.stderr
    assert not list(tmp_path.iterdir())


def test_a_search_has_so_many_words(made):
    assert said(made, "search", "attends " * 50_000).exit_code == 0
    done = said(made, "search", " ".join(map(str, range(50_000))))
    assert done.exit_code == 1
    assert "At most 100 words are looked for at once, and these are 50,000" in done.stderr


@pytest.mark.parametrize(
    "words",
    [("search", "x" * 100_000), ("patterns", "x" * 100_000), ("heads", "x" * 100_000),
     ("query", "select :a where 0", "--set", f"a={'x' * 100_000}")],
    ids=lambda words: words[0],
)  # fmt: skip
def test_a_long_word_is_repeated_in_part(made, words):
    done = CliRunner().invoke(main, [*words, *(() if words[0] == "patterns" else ("--db", str(made)))])
    assert "xxx..." in done.stderr
    assert len(done.stderr) < 1000


@pytest.mark.parametrize("host", ["", "x" * 300, "\ud800", "192.0.2.1", "no such host"])
def test_addresses_that_this_machine_has_not(made, host):
    with pytest.raises(HeadatlasError, match="is no address of this machine. Choose another --host"):
        serve(made, host=host, port=0)


@pytest.mark.parametrize(
    ("shell", "words", "current"),
    [("bash", "'", "x"), ("bash", 'headatlas "', ""), ("bash", None, None), ("zsh", "headatlas", "1.5"),
     ("fish", "headatlas", " "), ("fish", "headatlas '", "\t"), ("bash", "headatlas info", "9" * 5000)],
)  # fmt: skip
def test_a_shell_that_asks_in_an_odd_way_is_offered_nothing(monkeypatch, shell, words, current):
    monkeypatch.setenv("_MAIN_COMPLETE", f"{shell}_complete")
    for name, value in (("COMP_WORDS", words), ("COMP_CWORD", current)):
        if value is not None:
            monkeypatch.setenv(name, value)
    done = CliRunner().invoke(main, [])
    assert isinstance(done.exception, SystemExit), done.exception
    assert done.stderr == ""


def test_an_empty_name_is_no_model():
    done = CliRunner().invoke(main, ["patterns", "--imitated-by", "--model", ""])
    assert done.exit_code == 2
    assert "An empty name is no model" in done.stderr


def test_a_step_of_sqlite_that_takes_long(made, monkeypatch):
    monkeypatch.setattr(user_sql, "_GRACE", 0.1)
    sql = "select instr(printf('%.9999999c', 'a'), printf('%.10000c', 'a') || 'b')"
    done = said(made, "query", sql, "--seconds", "0.1")
    assert done.exit_code == 1
    assert "The query took longer than 0.1 seconds and was stopped" in done.stderr


def test_an_answer_that_would_fill_the_memory(made):
    many = "with recursive many(n) as (select 1 union all select n + 1 from many limit 300)"
    done = said(made, "query", f"{many} select zeroblob(2000000) from many", "--csv")
    assert done.exit_code == 1
    assert "The answer has more than 200 MB in long values" in done.stderr
    assert said(made, "query", f"{many} select length(zeroblob(2000000)) from many", "--csv").exit_code == 0


@pytest.mark.parametrize("words", [("heads", "a"), ("kinds",)])
def test_a_score_that_is_no_number(made, words):
    assert "nan is no number that a score can have" in said(made, *words, "--min", "nan").stderr


def test_a_time_that_is_no_number(made):
    done = said(made, "query", "select 1", "--seconds", "nan")
    assert done.exit_code == 1
    assert "A query may take some seconds, not nan" in done.stderr


@pytest.mark.parametrize("sql", [";", " ", "-- select 1"])
def test_sql_that_says_nothing(made, sql):
    done = said(made, "query", "--", sql)
    assert done.exit_code == 1
    assert "There is no statement in that SQL" in done.stderr
