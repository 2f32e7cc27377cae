"""Catalogue folders and databases that anyone may have made: every outcome is success or a sentence of ours."""

from __future__ import annotations

import csv
import json
import re
import shutil
import sqlite3
import tempfile
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from headatlas.cli.main import main
from headatlas.errors import HeadatlasError
from headatlas.share import files
from headatlas.store import row_counts
from headatlas.store.scans import Store
from tests import fake_database, headvis_trees
from tests.fuzzing import examples

FUZZ = examples(25)
VALUES = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=9), st.lists(st.integers(), max_size=3),
    st.sampled_from([10**7, 10**30, -1, 1e300, "inf", "nan", "[" * 9999, '["a"]', "[1]", "{}"]),
    st.sampled_from(["\0", "\ud800", "quantum"]),
)  # fmt: skip


@pytest.fixture(scope="module")
def good(tmp_path_factory) -> Path:
    """A small database, and a folder of its scan beside it."""
    folder = tmp_path_factory.mktemp("good")
    path = fake_database.make(folder / "heads.db", models=("tiny",), layers=2, heads=2, tokens=("<s>", " a", "b"))
    with sqlite3.connect(path) as connection:
        connection.execute("pragma journal_mode = delete")
    assert run("export", "--db", path, "--out", folder / "catalog") == 0
    (folder / "catalog" / "tiny" / "README.md").unlink()
    (folder / "catalog" / "tiny" / ".headatlas-export").unlink()
    return folder


def run(*arguments) -> int:
    """The exit code of a command; a traceback fails the test."""
    done = CliRunner().invoke(main, [str(argument) for argument in arguments])
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    assert done.exit_code in (0, 1), done.output
    return done.exit_code


def places(value) -> list[tuple]:
    """Every list and object inside a JSON value, with each key or position in it."""
    keys = list(value) if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    return [(value, key) for key in keys] + [inner for key in keys for inner in places(value[key])]


def change(draw, folder: Path) -> None:
    """Changes one thing in a folder: a value, a row or a byte."""
    file = draw(st.sampled_from(sorted(folder.iterdir())))
    how = draw(st.sampled_from(["value", "value", "value", "gone", "byte", "cut"]))
    if how in ("byte", "cut"):
        content = bytearray(file.read_bytes())
        at = draw(st.integers(0, len(content) - 1))
        content[at:] = b"" if how == "cut" else bytes([draw(st.integers(0, 255))]) + content[at + 1 :]
        file.write_bytes(content)
    elif file.suffix == ".json":
        content = json.loads(file.read_text())
        holder, key = draw(st.sampled_from(places(content)))
        if how == "gone":
            del holder[key]
        else:
            holder[key] = draw(VALUES)
        file.write_text(json.dumps(content))
    else:
        rows = list(csv.reader(file.read_text().splitlines(keepends=True)))
        row = draw(st.integers(0, len(rows) - 1))
        if how == "gone":
            del rows[row]
        else:
            rows[row][draw(st.integers(0, len(rows[row]) - 1))] = str(draw(VALUES)).replace("\ud800", "?")
        with file.open("w", newline="", encoding="utf-8", errors="replace") as out:
            csv.writer(out, lineterminator="\n").writerows(rows)


@pytest.mark.slow
@FUZZ
@given(st.data())
def test_any_folder_is_imported_whole_or_refused(good, data):
    with tempfile.TemporaryDirectory() as temporary:
        folder, db = Path(temporary) / "scan", Path(temporary) / "x.db"
        shutil.copytree(good / "catalog" / "tiny", folder)
        change(data.draw, folder)
        if run("import", folder, "--db", db) == 0:
            assert run("export", "--db", db, "--out", Path(temporary) / "again") == 0
            assert run("atlas", "--db", db, "--out", Path(temporary) / "site") == 0


@pytest.mark.slow
@FUZZ
@given(st.data())
def test_damaged_databases_end_in_a_sentence(good, data):
    with tempfile.TemporaryDirectory() as temporary:
        db = Path(temporary) / "x.db"
        content = bytearray((good / "heads.db").read_bytes())
        for _ in range(data.draw(st.integers(1, 4))):
            content[data.draw(st.integers(0, 4095))] = data.draw(st.integers(0, 255))
        db.write_bytes(content)
        run("models", "--db", db)
        run("heads", "--db", db)


@pytest.mark.parametrize(
    ("statement", "message"),
    [
        ("create trigger t after insert on scans begin select 1; end", "the trigger 't'"),
        ("alter table scans rename to s; create view scans as select * from s", "no table 'scans'"),
        ("alter table scans add column x as (hex(zeroblob(400000000)))", "computed columns in 'scans'"),
        ("alter table kinds rename column marks to signs", "no column 'marks' in 'kinds'"),
        ("drop view head_scores", "no view 'head_scores'"),
        ("create virtual table v using fts5(a)", "the virtual table 'v'"),
        ("update heads set layer = 1000000000 where id = 1", "numbers of layers and heads"),
        ("update heads set attention = 'quantum' where id = 1", "attention of the kind 'quantum'"),
    ],
)
def test_databases_that_are_not_ours_are_refused(good, tmp_path, statement, message):
    db = tmp_path / "x.db"
    shutil.copy(good / "heads.db", db)
    with sqlite3.connect(db) as connection:
        connection.executescript(statement)
    done = CliRunner().invoke(main, ["models", "--db", str(db)])
    assert done.exit_code == 1
    assert message in done.stderr


@pytest.mark.slow
def test_the_sentence_names_file_row_column_and_what_is_allowed(good, tmp_path):
    shutil.copytree(good / "catalog" / "tiny", tmp_path / "scan")
    scan = json.loads((tmp_path / "scan" / "scan.json").read_text())
    for heads, message in (({"L0": 10**7}, "at most 10,000 heads in a layer"), ({"L0": 2, "L9": 2}, "lacks the layer")):
        (tmp_path / "scan" / "scan.json").write_text(json.dumps({**scan, "heads": heads}))
        with Store(tmp_path / "x.db") as store, pytest.raises(HeadatlasError, match=message):
            files.read_folder(store, tmp_path / "scan")
    scan["layers"][1]["attention"] = "quantum"
    (tmp_path / "scan" / "scan.json").write_text(json.dumps(scan))
    message = r"scan\.json, row 2 of layers, column 'attention': 'quantum' is not allowed\. Allowed is one of self, enc"
    with Store(tmp_path / "x.db") as store, pytest.raises(HeadatlasError, match=message):
        files.read_folder(store, tmp_path / "scan")


@pytest.mark.slow
def test_rows_that_name_what_is_not_there_are_refused_before_anything_is_written(good, tmp_path):
    shutil.copytree(good / "catalog" / "tiny", tmp_path / "scan")
    file = tmp_path / "scan" / "scores.csv"
    first, second, rest = file.read_text().split("\n", 2)
    named = second.split(",")
    assert named[0].startswith("L0H")
    file.write_text("\n".join([first, ",".join(["L7H7", *named[1:]]), rest]))
    done = CliRunner().invoke(main, ["import", str(tmp_path / "scan"), "--db", str(tmp_path / "new.db")])
    assert "scores.csv, row 1, column 'head': 'L7H7' is not allowed. Allowed is one of the heads listed." in done.stderr
    file.write_text("\n".join([first, second, second, rest]))
    done = CliRunner().invoke(main, ["import", str(tmp_path / "scan"), "--db", str(tmp_path / "new.db")])
    assert "scores.csv, row 2: an earlier row has the same head and pattern and probe." in done.stderr
    file.write_text("\n".join([first, second, rest]))
    scan = json.loads((tmp_path / "scan" / "scan.json").read_text())
    scan["warnings"] = [{"warning": "Twice."}] * 2
    (tmp_path / "scan" / "scan.json").write_text(json.dumps(scan))
    done = CliRunner().invoke(main, ["import", str(tmp_path / "scan"), "--db", str(tmp_path / "new.db")])
    assert "scan.json, row 2 of warnings: an earlier row has the same warning." in done.stderr
    assert not (tmp_path / "new.db").exists()


def test_evidence_that_does_not_say_what_it_comes_from_is_refused(good, tmp_path):
    """It was imported, and ended the site in a traceback."""
    shutil.copytree(good / "catalog" / "tiny", tmp_path / "scan")
    file = tmp_path / "scan" / "definitions.json"
    definitions = json.loads(file.read_text())
    definitions["evidence_kinds"][0]["basis"] = None
    file.write_text(json.dumps(definitions))
    with (
        Store(tmp_path / "x.db") as store,
        pytest.raises(HeadatlasError, match="column 'basis': nothing is not allowed"),
    ):
        files.read_folder(store, tmp_path / "scan")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"heads": [[50_000, 0], [0, 1]]}, ""),
        ({"heads": [[number, 9_999] for number in range(11)], "n_heads": 2**50}, "column 'n_heads': 1125899906842624"),
        (
            {"heads": [[number, head] for number in range(11) for head in range(9_999)]},
            "heads: 109989 is not allowed. Allowed is 100,000 at most",
        ),
        ({"n_layers": 2**50}, "column 'n_layers': 1125899906842624 is not allowed"),
        (
            {"metrics": [f"metric {number}" for number in range(10_001)]},
            "is not allowed. Allowed is 10,000 rows at most",
        ),
        ({"pipeline_config": {"generator": "headatlas", "dtype": "\ud800"}}, "column 'dtype': '\\\\ud800' is not"),
    ],
    ids=["layer", "heads", "all heads", "layers", "metrics", "half a character"],
)
def test_a_tree_of_headvis_leaves_a_database_that_can_be_read(good, tmp_path, change, said):
    """Heads without number in one scan would have the whole database refused."""
    shutil.copy(good / "heads.db", tmp_path / "heads.db")
    tree = headvis_trees.make(tmp_path, layers=1, heads=2)
    config = json.loads((tree / "config.json").read_text())
    (tree / "config.json").write_text(json.dumps(config | change))
    done = CliRunner().invoke(main, ["import", str(tree), "--db", str(tmp_path / "heads.db")])
    assert done.exit_code == bool(said), done.output
    assert re.search(said, done.stderr)
    assert run("export", "--db", tmp_path / "heads.db", "--out", tmp_path / "out") == 0


def test_sequences_and_values_of_headvis_are_those_of_a_database(tmp_path):
    tree = headvis_trees.make(tmp_path, layers=1, heads=2)
    rows = json.loads((tree / "scatter_data.json").read_text())
    (tree / "scatter_data.json").write_text(json.dumps([row | {"sharpness": 1e200} for row in rows]))
    head = json.loads((tree / "heads" / "L0H1.json").read_text())
    head["sequences"][0]["sequence_id"] = 10**12
    head["sequences"].append(head["sequences"][1])  # the same text once more
    (tree / "heads" / "L0H1.json").write_text(json.dumps(head))
    assert run("import", tree, "--db", tmp_path / "heads.db") == 0
    assert run("export", "--db", tmp_path / "heads.db", "--out", tmp_path / "out") == 0


def test_definitions_of_several_scans_are_counted_together(good, tmp_path, monkeypatch):
    monkeypatch.setattr(row_counts, "MAX_DEFINITIONS", 1000)
    shutil.copy(good / "heads.db", tmp_path / "heads.db")
    with sqlite3.connect(tmp_path / "heads.db") as connection:
        (n_patterns,) = connection.execute("select count(*) from patterns").fetchone()
        others = [(f"other {number}",) for number in range(1000 - n_patterns)]
        connection.executemany("insert into patterns(name, version) values (?, 1)", others)
    done = CliRunner().invoke(main, ["import", str(headvis_trees.make(tmp_path)), "--db", str(tmp_path / "heads.db")])
    assert done.exit_code == 1
    assert "would have 1,007 rows of patterns, and at most 1,000 are read" in done.stderr
    assert run("models", "--db", tmp_path / "heads.db") == 0


def test_words_from_elsewhere_do_not_turn_a_page_round(good, tmp_path):
    shutil.copy(good / "heads.db", tmp_path / "heads.db")
    with sqlite3.connect(tmp_path / "heads.db") as connection:
        connection.execute("update scans set model = 'a\u202eb', architecture = 'c\x1b[2J\u2066'")
        connection.execute("update patterns set summary = '\u202e`d`', description = '\x9b', family = 'e\u202e'")
    assert run("atlas", "--db", tmp_path / "heads.db", "--out", tmp_path / "site", "--quiet") == 0
    pages = {path: path.read_text("utf-8") for path in (tmp_path / "site").rglob("*.html")}
    assert "a‹U+202E›b" in pages[tmp_path / "site" / "index.html"]
    assert [
        path for path, text in pages.items() if re.search("[\x00-\x08\x1b\x7f-\x9f\u202a-\u202e\u2066-\u2069]", text)
    ] == []
