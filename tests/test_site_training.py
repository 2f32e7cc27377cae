"""Runs over training in a site: how one comes to their page, and from there to models and heads."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from sqlite_utils import Database

from headatlas.atlas.site import build
from tests import fake_database
from tests.browsing import open_page


@pytest.fixture(scope="module")
def database(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("runs") / "heads.db"
    return fake_database.make(path, models=["a run@step0", "a run@step10", "other"])


@pytest.fixture(scope="module")
def site(database) -> Path:
    return build(database, database.parent / "site").parent


@pytest.mark.slow
def test_a_run_is_reached_from_the_front_and_leads_to_its_heads(page, site, database):
    open_page(page, site, "index.html")
    page.click("text=a run over training")
    page.wait_for_url("**/training/a-run.html")
    names = page.locator("ul.curves li").evaluate_all("all => all.map(one => one.id)")
    heads = Database(database).query(
        "select name from (select 'L' || layer || 'H' || head as name, attention from heads join scans"
        " on scans.id = scan_id where model = 'a run@step10') where attention = 'self'"
    )
    assert set(names) >= {row["name"] for row in heads}
    page.click("#L1H2 a")
    page.wait_for_url("**/a-run-step10/heads/L1H2.html")
    page.go_back()
    page.click(".steps thead >> text=0")
    page.wait_for_url("**/a-run-step0/index.html")
    page.click("text=Over training")
    page.wait_for_url("**/training/a-run.html")
    assert page.locator("nav a.mark").count() == 1, "the site is around it"


@pytest.mark.slow
def test_of_a_run_the_figure_over_models_counts_the_last_checkpoint(site, database, tmp_path):
    """The others are no models of their own, and one whose heads carry no label is counted."""
    text = (site / "index.html").read_text()
    assert "the mean of 2 models" in text
    assert "of a run's checkpoints the last" in text
    needed = text[text.index('aria-label="Heads that models need"') :]
    named = re.findall(r"<th scope=row><a href=\"[^\"]+\">([^<]+)</a>", needed[: needed.index("</table>")])
    assert sorted(named) == ["a run@step10", "other"]
    assert set(re.findall(r",([^,]+),0.0,", (site / "figures/kinds-by-depth.csv").read_text())) == {
        "a run@step10", "other"
    }  # fmt: skip
    bare = shutil.copyfile(database, tmp_path / "bare.db")
    with Database(bare).conn as db:
        db.execute("update scans set calibration = 'x' where model = 'other'")
        db.execute(
            "delete from labels where head_id in (select heads.id from heads join scans on scans.id = scan_id"
            " where model = 'other')"
        )
    figure = build(bare, tmp_path / "bare").parent / "figures/kinds-by-depth.csv"
    shares = re.findall(r"\n\w+,other,[^,]+,[^,]+,(.*)", figure.read_text())
    assert shares
    assert set(shares) == {"0"}


@pytest.mark.slow
def test_only_whole_runs_have_a_page(database, tmp_path):
    part = build(database, tmp_path / "part", models=["a run@step0", "other"]).parent
    assert not (part / "training").exists()
    assert "Over training" not in (part / "other/index.html").read_text()
