"""CSV and JSON of catalogue folders as spreadsheets, editors and other hands leave them."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import zlib

import pytest
from click.testing import CliRunner

from headatlas.catalog import literature
from headatlas.cli.main import main
from headatlas.errors import HeadatlasError
from tests import fake_database


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    """A catalogue with one scan."""
    folder = tmp_path_factory.mktemp("exported")
    db = fake_database.make(folder / "x.db", models=("tiny",), layers=1, heads=1, tokens=("a", "b"))
    assert CliRunner().invoke(main, ["export", "--db", str(db), "--out", str(folder / "out")]).exit_code == 0
    return folder / "out" / "tiny"


@pytest.fixture
def scan(exported, tmp_path):
    """Its folder, to be changed."""
    return shutil.copytree(exported, tmp_path / "tiny")


def imported(folder):
    return CliRunner().invoke(main, ["import", str(folder), "--db", str(folder.parent / "new.db")])


def refusal(folder):
    done = imported(folder)
    assert done.exit_code == 1, done.output
    assert not (folder.parent / "new.db").exists()
    return done.stderr


def change(path, old, new, times=1):
    content = path.read_bytes()
    assert old in content
    path.write_bytes(content.replace(old, new, times))


def test_what_spreadsheets_put_before_and_between_rows(scan):
    for path in scan.glob("*.csv"):
        path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n"))
    assert imported(scan).exit_code == 0


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [(b"head,", b"head,head,", "line 1 cannot be read: it has two columns 'head'"),
     (b"head,", "hé,".encode("utf-16"), "scores.csv cannot be read: it is no text in UTF-8"),
     (b"head,", b"Head,", "written by a newer headatlas, or changed by hand: it has a column 'Head' of scores"),
     (b"natural_text,", b"natural_text,0x1", "line 2 cannot be read: '0x10"),
     (b"natural_text,", b"natural_text,1_", "in the column 'score' is not a number"),
     (b"natural_text,", "natural_text,１".encode(), "in the column 'score' is not a number"),
     (b"natural_text,", b"natural_text," + b"9" * 5000 + b"x", "in the column 'score' is not a number"),
     (b"natural_text,", b"natural_text," + b"x" * 48_000_001, "field larger than field limit (48000000)")],
    ids=["twice", "utf-16", "unknown", "hexadecimal", "underscore", "fullwidth", "long", "longest"],
)  # fmt: skip
def test_tables_that_others_wrote(scan, old, new, said):
    change(scan / "scores.csv", old, new)
    stderr = refusal(scan)
    assert said in stderr
    assert len(stderr) < 500


@pytest.mark.parametrize("content", [b"", bytes(100), b"\n\n", b"head,pattern,probe,score\n"])
@pytest.mark.parametrize("table", ["scores", "heatmaps"])
def test_tables_that_were_cut_off(scan, table, content):
    """A scan without its scores would be in the database, and nobody be told."""
    (scan / f"{table}.csv").write_bytes(content)
    assert f"{table}.csv, line " in refusal(scan)


def test_a_map_that_packs_badly_comes_back(tmp_path):
    """As of a picture of 577 patches: in base64 it has more characters than Python's CSV reads in a field."""
    db, tokens = tmp_path / "x.db", ["a"] * 400
    fake_database.make(db, models=("tiny",), layers=1, heads=1, tokens=("a", "b"))
    packed = zlib.compress(os.urandom(400 * 400))
    with sqlite3.connect(db) as connection:
        connection.execute("update examples set tokens = ?, token_ids = null, special = null", [json.dumps(tokens)])
        connection.execute("update heatmaps set weights = ?", [packed])
    words = [["export", "--db", str(db), "--out", str(tmp_path / "out")],
             ["import", str(tmp_path / "out"), "--db", str(tmp_path / "y.db")]]  # fmt: skip
    for command in words:
        done = CliRunner().invoke(main, command)
        assert done.exit_code == 0, done.output
    with sqlite3.connect(tmp_path / "y.db") as connection:
        assert connection.execute("select weights from heatmaps").fetchone()[0] == packed


@pytest.mark.parametrize("name", ["a\nb", "a\tb", "   ", "\x1b[31m", "\x85"])
def test_names_that_no_listing_can_show(scan, name):
    change(scan / "scan.json", b'"model": "tiny"', f'"model": {json.dumps(name)}'.encode())
    assert "none of them a line break or another sign of control" in refusal(scan)


@pytest.mark.parametrize("column", ["versions", "notes"])
def test_halves_of_surrogate_pairs_in_json(scan, column):
    """No page could be written with them."""
    half = r'{"a": "\ud800"}' if column == "versions" else r'["\ud800"]'
    content = json.loads((scan / "scan.json").read_text())
    row = content["scan"] if column == "versions" else content["evidence_runs"][0]
    row[column] = half
    (scan / "scan.json").write_text(json.dumps(content))
    assert f"column '{column}': " in refusal(scan)


@pytest.mark.parametrize("table", ["certificates", "scan_probes"])
def test_rows_of_which_a_scan_has_one(scan, table):
    content = json.loads((scan / "scan.json").read_text())
    content[table] *= 2
    (scan / "scan.json").write_text(json.dumps(content))
    assert {"certificates": "a scan has one of them", "scan_probes": "the same probe"}[table] in refusal(scan)


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("tiny", "line 2: '' is not a head"),
        ("tiny,L0H0,induction,induction,attention,inf", "line 2: the value is inf. Allowed is a finite number"),
        ("tiny,L0H0,induction,induction,attention,nan", "line 2: the value is nan. Allowed is a finite number"),
        (f"tiny,L0H0,{'x' * 200_000}", "line 2 cannot be read: field larger than field limit"),
    ],
    ids=["cut off", "infinite", "nan", "long"],
)
def test_lists_of_literature_that_others_wrote(tmp_path, row, said):
    (tmp_path / "list.csv").write_text(f"{','.join(literature.COLUMNS)}\n{row}\n", newline="")
    with pytest.raises(HeadatlasError, match=said):
        literature.read(tmp_path / "list.csv")


def test_a_finding_may_say_little(tmp_path):
    (tmp_path / "list.csv").write_text(f"{','.join(literature.COLUMNS)}\ntiny,L0H0,induction\n")
    assert literature.read(tmp_path / "list.csv").of(["tiny"])[0].patterns == ()
