"""Scans to take away from a site: labels, files and a database that say what the site's database says."""

from __future__ import annotations

import csv
import zipfile

import pytest
from click.testing import CliRunner

import headatlas
from headatlas.atlas.site import build
from headatlas.cli.main import main
from tests import fake_database

LABELS = (
    "select layer, head, label, round(confidence, 4), rank from head_labels where model = 'maker/a' order by 1, 2, 5"
)


@pytest.fixture(scope="module")
def database(tmp_path_factory):
    return fake_database.make(tmp_path_factory.mktemp("db") / "heads.db", models=("maker/a", "b"), layers=2, heads=2)


@pytest.fixture(scope="module")
def site(database, tmp_path_factory):
    folder = tmp_path_factory.mktemp("site")
    build(database, folder, downloads=True)
    return folder


@pytest.mark.slow
def test_the_labels_are_those_of_the_database(database, site):
    with (site / "maker-a" / "labels.csv").open(newline="", encoding="utf8") as file:
        rows = list(csv.DictReader(file))
    with headatlas.open(database) as catalog:
        known = catalog.query(LABELS).rows
    assert known
    assert [(int(row["layer"]), int(row["head"]), row["label"]) for row in rows] == [row[:3] for row in known]


@pytest.mark.slow
def test_the_files_can_be_imported(database, site, tmp_path):
    with zipfile.ZipFile(site / "maker-a" / "maker-a.zip") as archive:
        archive.extractall(tmp_path)
    done = CliRunner().invoke(main, ["import", str(tmp_path / "maker-a"), "--db", str(tmp_path / "own.db")])
    assert done.exit_code == 0, done.output
    with headatlas.open(database) as ours, headatlas.open(tmp_path / "own.db") as theirs:
        assert theirs.query(LABELS).rows == ours.query(LABELS).rows


@pytest.mark.slow
def test_the_database_holds_one_scan(database, site, tmp_path):
    with headatlas.open(database) as ours, headatlas.open(site / "b" / "b.db") as theirs:
        assert [scan["model"] for scan in theirs.scans()] == ["b"]
        question = LABELS.replace("maker/a", "b")
        assert theirs.query(question).rows == ours.query(question).rows


@pytest.mark.slow
def test_they_are_offered_where_they_are(database, site, tmp_path):
    build(database, tmp_path / "without")
    page = (site / "b" / "about.html").read_text()
    assert "in these files as well" in page
    assert 'href="b.zip"' in page
    assert 'href="b.db"' in page
    page = (tmp_path / "without" / "b" / "about.html").read_text()
    assert 'href="labels.csv"' in page
    assert "b.zip" not in page
    assert "head_evidence" in page
    assert not list((tmp_path / "without").rglob("*.zip"))


@pytest.mark.slow
def test_the_same_scan_gives_the_same_bytes(database, site, tmp_path):
    build(database, tmp_path / "again", downloads=True)
    for name in ("b/b.zip", "b/b.db", "b/labels.csv"):
        assert (tmp_path / "again" / name).read_bytes() == (site / name).read_bytes()
