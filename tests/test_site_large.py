"""Models of so many heads that their mosaic is drawn and their table has pages."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page
from sqlite_utils import Database

from headatlas.atlas.draw.colours import from_oklab, to_oklab
from headatlas.atlas.draw.wording import two_digits
from headatlas.atlas.make import mosaics
from headatlas.atlas.site import build
from tests.browsing import open_page
from tests.fake_database import make

pytestmark = pytest.mark.slow

HEADS, LAYERS, UNSCORED = 26, 6, 3
# In the corner of a cell, where no letter is.
PIXEL = """([x, y, heads, layers]) => {
  const canvas = document.querySelector(".mosaic-frame canvas");
  const copy = new OffscreenCanvas(1, 1).getContext("2d", {willReadFrequently: true});
  const at = [(x + 0.1) / heads * canvas.width, (y + 0.2) / layers * canvas.height];
  copy.drawImage(canvas, ...at.map((pixels) => -Math.floor(pixels)));
  return Array.from(copy.getImageData(0, 0, 1, 1).data);
}"""
PROPERTY = "name => getComputedStyle(document.querySelector('.key')).getPropertyValue(name)"


@pytest.fixture(scope="module")
def database(tmp_path_factory) -> Path:
    """A model of 130 heads in six layers, one of which could not be read; the first head of each has labels."""
    path = tmp_path_factory.mktemp("large") / "a.db"
    return make(path, layers=LAYERS, heads=HEADS, examples=0, unscored=(UNSCORED,), evidence=False)


@pytest.fixture(scope="module")
def site(database) -> Path:
    """Its site, written as if so many heads were too many for a link each."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(mosaics, "MAX_LINKS", 100)
        return build(database, database.parent / "site").parent


def rgb(colour: str) -> np.ndarray:
    return np.array([int(colour.strip()[i : i + 2], 16) / 255 for i in (1, 3, 5)])


def pixel(page: Page, head: int, layer: int) -> np.ndarray:
    """Red, green, blue and opacity of a head's cell, in bytes."""
    return np.array(page.evaluate(PIXEL, [head, layer, HEADS, LAYERS]))


def test_a_drawn_mosaic_has_the_colours_of_labels_and_of_scores(page, site, database):
    open_page(page, site, "tiny-model/index.html")
    hue, raised = (to_oklab(rgb(page.evaluate(PROPERTY, name))) for name in ("--family", "--raised"))
    labelled = from_oklab(0.7 * hue + 0.3 * raised) * 255  # its label explains 0.7 of the attention
    assert np.abs(pixel(page, 0, 2)[:3] - labelled).max() < 2
    assert np.abs(pixel(page, 1, 2)[:3] - from_oklab(raised) * 255).max() < 2
    assert pixel(page, 0, UNSCORED)[3] == 0, "nothing is drawn over 'not scored'"
    page.select_option("select[name=pattern]", "entropy")
    page.wait_for_selector("[data-shown=entropy]")
    rows = Database(database).query(
        "select head, score from head_scores where pattern = 'entropy' and probe = 'natural_text' and layer = 5"
    )
    own = "table => getComputedStyle(table).getPropertyValue('--family')"
    hue = to_oklab(rgb(page.locator("table.mosaic").evaluate(own)))
    for row in rows:
        share = round(100 * round(row["score"], 3)) / 100
        wanted = from_oklab(share * hue + (1 - share) * raised) * 255
        assert np.abs(pixel(page, row["head"], 5)[:3] - wanted).max() < 3
    page.emulate_media(color_scheme="dark")
    page.wait_for_function(f"cell => Math.max(...({PIXEL})(cell).slice(0, 3)) < 60", arg=[1, 2, HEADS, LAYERS])
    assert pixel(page, 0, UNSCORED).max() == 0


def test_a_drawn_mosaic_is_one_stop_that_arrow_keys_move(page, site, database):
    open_page(page, site, "tiny-model/index.html")
    assert page.locator(".mosaic a:not([tabindex='-1'])").count() == 1
    page.locator(".mosaic a[tabindex='0']").focus()
    focused = "document.activeElement.getAttribute('href') + ' ' + (document.activeElement.ariaLabel ?? '')"
    assert page.evaluate(focused) == "heads/L0H0.html L0H0, induction .70"
    assert page.inner_text("#mosaic-readout") == "L0H0 induction 0.70 · punctuation 0.70"
    for key in ("ArrowDown", "ArrowRight", "ArrowRight"):
        page.keyboard.press(key)
    assert page.evaluate(focused) == "heads/L1H2.html L1H2, no label"
    assert page.inner_text("#mosaic-readout") == "L1H2 no label"
    assert page.evaluate("document.activeElement.closest('td').ariaColIndex") == "4"
    page.keyboard.press("PageDown")
    page.keyboard.press("End")
    assert page.evaluate(focused).startswith(f"heads/L5H{HEADS - 1}.html")
    for _ in range(2):
        page.keyboard.press("ArrowUp")
    assert page.evaluate(focused) == "layers/L3.html ", "a layer that could not be read has its name alone"
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowRight")
    assert page.locator(".mosaic a:not([tabindex='-1'])").count() == 1
    page.select_option("select[name=pattern]", "entropy")
    page.wait_for_selector("[data-shown=entropy]")
    (row,) = Database(database).query(
        "select score from head_scores where pattern = 'entropy' and probe = 'natural_text' and layer = 4 and head = 0"
    )
    stop = page.locator(".mosaic a[tabindex='0']")
    assert stop.get_attribute("aria-label") == f"L4H0 {two_digits(round(row['score'], 3))}"
    stop.press("Enter")
    page.wait_for_url("**/heads/L4H0.html")


def test_a_drawn_mosaic_answers_the_pointer_and_is_saved(page, site):
    open_page(page, site, "tiny-model/index.html")
    box = page.locator(".mosaic-frame canvas").bounding_box()
    at = box["x"] + 7.5 / HEADS * box["width"], box["y"] + 4.5 / LAYERS * box["height"]
    page.mouse.move(*at)
    assert page.inner_text("#mosaic-readout") == "L4H7 no label"
    page.mouse.move(10, 10)
    assert "Coloured by" in page.inner_text("#mosaic-readout")
    page.click(".key:has-text('punctuation')")
    with page.expect_download() as waiting:
        page.click("[data-save=svg] >> nth=0")
    figure = Path(waiting.value.path()).read_text("utf8")
    assert len(re.findall("<rect", figure)) == HEADS * (LAYERS - 1) + 2, "paper, every head, and the label in the key"
    assert len(re.findall(">pu</text>", figure)) == LAYERS - 1 + 1
    page.mouse.click(*at)
    page.wait_for_url("**/heads/L4H7.html")


def test_a_drawn_mosaic_is_a_picture_without_scripts(browser, site):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto((site / "tiny-model/index.html").as_uri())
    picture = page.locator(".mosaic-frame img")
    assert picture.is_visible()
    assert picture.evaluate("one => [one.naturalWidth, one.naturalHeight]") == [HEADS, LAYERS]
    page.click(".mosaic th a:has-text('L2')")
    assert page.locator(f"a[href='../heads/L2H{HEADS - 1}.html']").count() > 0
    context.close()


@pytest.mark.parametrize("name", ["index", "explorer"])
def test_pages_of_large_models_can_be_read_by_all(page, site, name):
    for width in (1440, 390):
        page.set_viewport_size({"width": width, "height": 800})
        open_page(page, site, f"tiny-model/{name}.html")
        if name == "explorer":
            page.wait_for_selector(".explorer[data-ready]")
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
        options = {"resultTypes": ["violations"], "preload": False}
        assert [rule["id"] for rule in Axe().run(page, options=options).response["violations"]] == []


def test_the_explorer_has_pages(page, site):
    open_page(page, site, "tiny-model/explorer.html")
    page.wait_for_selector(".explorer[data-ready]")
    names = page.locator(".explorer tbody th")
    assert names.count() == 100
    assert page.inner_text("#explorer-readout") == "130 of 130 heads, 1 to 100"
    assert page.get_attribute(".explorer", "aria-rowcount") == "132"
    page.get_by_role("button", name="Next page").first.press("Enter")
    assert page.inner_text("#explorer-readout") == "130 of 130 heads, 101 to 130"
    assert names.count() == 30
    assert page.get_attribute(".explorer tbody tr >> nth=0", "aria-rowindex") == "103"
    shown, address = names.all_inner_texts(), page.evaluate("location.href")
    assert address.endswith("#page=2")
    page.click("[data-sort=induction]")
    assert page.inner_text("#explorer-readout") == "130 of 130 heads, 1 to 100", "another order begins anew"
    page.go_back()
    page.wait_for_function("() => location.hash === '#page=2'")
    assert names.all_inner_texts() == shown
    page.fill("input[name=text]", "L5")
    assert names.count() == HEADS
    assert page.locator(".pager >> visible=true").count() == 0


def test_headings_and_names_stay_in_sight(page, site):
    open_page(page, site, "tiny-model/explorer.html")
    page.wait_for_selector(".explorer[data-ready]")
    top = "document.querySelector('.explorer thead').getBoundingClientRect().top"
    page.evaluate("scrollTo(0, 1500)")
    assert page.evaluate(top) == pytest.approx(0, abs=1)
    page.set_viewport_size({"width": 390, "height": 800})
    page.wait_for_selector(".scroll.framed")
    page.locator(".scroll").evaluate("room => room.scrollTo(400, 500)")
    left, under = page.evaluate(
        "[document.querySelector('.explorer tbody th'), document.querySelector('.explorer thead')]"
        ".map((part, i) => part.getBoundingClientRect()[i ? 'top' : 'left']"
        " - document.querySelector('.scroll').getBoundingClientRect()[i ? 'top' : 'left'])"
    )
    assert (left, under) == (pytest.approx(0, abs=1), pytest.approx(0, abs=1))
