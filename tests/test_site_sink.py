"""One switch sets the sink aside in maps, mosaics and stacks, and is remembered from page to page."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlite_utils import Database

from headatlas.atlas.site import build
from headatlas.patterns import PATTERNS
from tests.browsing import open_page
from tests.fake_database import make

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def resting_site(tmp_path_factory) -> Path:
    """A model whose first heads rest, and secondly do something."""
    folder = tmp_path_factory.mktemp("resting")
    database = make(folder / "a.db", layers=1)
    name = next(pattern.name for pattern in PATTERNS if pattern.label_last)
    with Database(database).conn as db:
        db.execute("update labels set label = ? where rank = 1", [name])
    return build(database, folder / "site").parent


def test_the_switch_is_remembered_from_a_map_to_the_mosaic_and_back(page, small_site):
    open_page(page, small_site, "tiny-model/heads/L0H0.html")
    assert not page.is_checked("input[name=sink]")
    page.check("input[name=sink]")
    open_page(page, small_site, "tiny-model/index.html#pattern=induction")
    page.wait_for_function("location.hash.includes('value=sinkfree')")
    assert page.is_checked("input[name=sink]")
    assert "sink-free" in page.inner_text("[data-caption]")
    page.uncheck("input[name=sink]")
    open_page(page, small_site, "tiny-model/layers/L0.html")
    assert not page.is_checked("input[name=sink]"), "though pages of layers begin otherwise"
    assert page.evaluate("location.hash") == "#sink=show"
    open_page(page, small_site, "tiny-model/layers/L0.html#sink=hide&view=text")
    assert page.evaluate("location.hash").startswith("#sink=hide"), "a link shows what its sender saw"
    assert page.is_checked("input[name=sink]")


def test_labels_that_say_where_heads_rest_are_set_aside(page, resting_site):
    open_page(page, resting_site, "tiny-model/index.html")
    cell = page.locator(".mosaic td a").first
    drawn = "paths => paths.map(path => getComputedStyle(path).display !== 'none')"
    shown, aside = (page.locator(f".stacks [data-sink={state}]") for state in ("shown", "aside"))
    before = cell.inner_text()
    assert (shown.evaluate_all(drawn), aside.evaluate_all(drawn)) == ([True], [False])
    page.check("input[name=sink]")
    assert (before, cell.inner_text()) == (before, "pu")
    assert before != "pu"
    assert (shown.evaluate_all(drawn), aside.evaluate_all(drawn)) == ([False], [True])
    assert page.evaluate("location.hash") == "#value=sinkfree"
    page.go_back()
    page.wait_for_function("!document.querySelector('input[name=sink]').checked")
    assert cell.inner_text() == before
