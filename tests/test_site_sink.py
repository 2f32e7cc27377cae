"""One switch sets the sink aside in maps, mosaics and stacks, and is remembered from page to page."""

from __future__ import annotations

import zlib
from pathlib import Path

import numpy as np
import pytest
from sqlite_utils import Database

from headatlas.atlas.site import build
from headatlas.patterns import PATTERNS
from tests.browsing import open_page
from tests.fake_database import ODD_TOKENS, make

SECOND = 4

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


@pytest.fixture(scope="module")
def second_sink(tmp_path_factory) -> Path:
    """A model of one layer, all of whose heads rest on the fifth token too."""
    folder = tmp_path_factory.mktemp("second")
    database = make(folder / "a.db", layers=1)
    size = len(ODD_TOKENS)
    weights = np.zeros((size, size), dtype=np.uint8)
    weights[:, 0] = 255
    weights[SECOND:, [0, SECOND, 1]] = 100, 125, 30
    with Database(database).conn as db:
        db.execute("update heatmaps set weights = ?", [zlib.compress(weights.tobytes())])
    return build(database, folder / "site").parent


@pytest.mark.parametrize("name", ["layers/L0", "heads/L0H0"])
def test_a_second_sink_is_set_aside_with_the_first(page, second_sink, name):
    open_page(page, second_sink, f"tiny-model/{name}.html#sink=show")
    column = """(canvas, key) => { const map = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
      return Array.from({length: canvas.height}, (_, row) => map.data[4 * (row * canvas.width + key) + 3]) }"""
    canvas = page.locator(".example:not([hidden]) canvas.pixels").last  # of the layer the mean
    assert canvas.evaluate(column, SECOND)[SECOND:] == [255] * (len(ODD_TOKENS) - SECOND)
    page.check("input[name=sink]")
    assert not any(canvas.evaluate(column, 0))
    assert not any(canvas.evaluate(column, SECOND))
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    cell = box["width"] / len(ODD_TOKENS)
    for key, said in ((1, "1.000"), (SECOND, "the sink, taken out")):
        page.mouse.move(box["x"] + (key + 0.5) * cell, box["y"] + 8.5 * cell)
        if name.startswith("heads"):
            assert page.inner_text(".example:not([hidden]) .readout").endswith(f": {said}")


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
