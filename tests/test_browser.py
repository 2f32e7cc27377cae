"""The site as people use it: opened from a folder in headless Chromium, with mouse and keyboard."""

from __future__ import annotations

import json
import os
import shutil
import zlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser, Page, sync_playwright
from sqlite_utils import Database

from headatlas.atlas import build
from headatlas.atlas.glyphs import visible
from tests.fake_database import ODD_TOKENS, make

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
# One worker: a browser is started once.
pytestmark = pytest.mark.xdist_group("browser")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    path = os.environ.get("CHROMIUM") or next((found for name in NAMES if (found := shutil.which(name))), None)
    if path is None:
        pytest.fail("No Chromium found. `make test` installs one; or `apt-get install chromium`, or set CHROMIUM.")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield started
        started.close()


@pytest.fixture(scope="module")
def database(tmp_path_factory) -> Path:
    return make(tmp_path_factory.mktemp("db") / "a.db", models=("tiny/model",), examples=2)


@pytest.fixture(scope="module")
def site(database, tmp_path_factory) -> Path:
    # A blank and a hash in the path: nothing may depend on where the folder stands.
    return build(database, tmp_path_factory.mktemp("site") / "my atlas #1").parent


@pytest.fixture
def page(browser) -> Iterator[Page]:
    """A page that must ask for nothing outside its folder and report no error."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    context.set_default_timeout(10_000)
    requests: list[str] = []
    problems: list[str] = []
    context.on("request", lambda request: requests.append(request.url))
    opened = context.new_page()
    opened.on(
        "console", lambda message: problems.append(message.text) if message.type in ("error", "warning") else None
    )
    opened.on("pageerror", lambda error: problems.append(str(error)))
    yield opened
    context.close()
    assert [url for url in requests if not url.startswith(("file:", "data:"))] == []
    assert problems == []


def open_page(page: Page, site: Path, name: str) -> None:
    path, mark, state = name.partition("#")
    page.goto((site / path).as_uri() + mark + state)
    if page.locator(".map-set").count():
        page.locator(".map-set >> visible=true").first.scroll_into_view_if_needed()
        page.wait_for_selector(".map-set[data-ready] >> visible=true")


def colours(page: Page) -> list[str]:
    cells = page.locator(".mosaic td a")
    return cells.evaluate_all("cells => cells.map(cell => getComputedStyle(cell).backgroundColor)")


def stored(database: Path, head: tuple[int, int], probe: str, sequence: int) -> np.ndarray:
    rows = Database(database).query(
        """select weights from heatmaps join heads on heads.id = head_id join examples on examples.id = example_id
           join probes on probes.id = probe_id where layer = ? and head = ? and name = ? and sequence = ?""",
        [*head, probe, sequence],
    )
    (row,) = rows
    size = len(ODD_TOKENS)
    return np.frombuffer(zlib.decompress(row["weights"]), dtype=np.uint8).reshape((size, size))


def test_front_page_leads_to_the_model(page, site):
    open_page(page, site, "index.html")
    assert "descriptive, not explanatory" in page.inner_text("main")
    page.click(".models h3 a")
    assert page.inner_text("h1") == "tiny/model"


def test_the_worked_map_answers(page, site):
    open_page(page, site, "index.html")
    box = page.locator("canvas").bounding_box()
    page.mouse.move(box["x"] + 2.5 * box["width"] / 7, box["y"] + 5.5 * box["height"] / 7)
    assert page.inner_text(".readout") == "·red 5 → ·fox 2: 0.820"


def test_choosing_a_pattern_recolours_the_mosaic(page, site, database):
    open_page(page, site, "tiny-model/index.html")
    before = colours(page)
    page.select_option("select[name=pattern]", "previous_token")
    assert colours(page) != before
    rows = Database(database).query(
        "select score from head_scores where pattern = 'previous_token' and probe = 'natural_text' order by layer, head"
    )
    thousandths = [round(1000 * row["score"]) / 1000 for row in rows]  # what a page carries
    wanted = [f"{value:.2f}".replace("1.00", "1").replace("0.", ".") for value in thousandths]
    assert page.locator(".mosaic td a").all_inner_texts() == wanted
    assert page.input_value("select[name=probe]") == "natural_text", "the probe the pattern is read on"
    assert "previous token" in page.inner_text("[data-caption]")


def test_the_choice_is_in_the_address(page, site):
    open_page(page, site, "tiny-model/index.html")
    page.select_option("select[name=pattern]", "entropy")
    page.select_option("select[name=probe]", "repeated_random_tokens")
    page.select_option("select[name=value]", "sinkfree")
    page.select_option("select[name=scale]", "fit")
    texts, seen, address = page.locator(".mosaic td a").all_inner_texts(), colours(page), page.url
    assert address.endswith("#pattern=entropy&probe=repeated_random_tokens&value=sinkfree&scale=fit")
    page.goto("about:blank")
    page.goto(address)
    assert page.locator(".mosaic td a").all_inner_texts() == texts
    assert colours(page) == seen
    page.goto("about:blank")
    page.goto(address.split("#")[0] + "#pattern=nonsense&probe=nonsense")
    assert page.input_value("select[name=pattern]") == "induction"


def test_a_small_mosaic_chooses_its_pattern(page, site):
    open_page(page, site, "tiny-model/index.html")
    page.click("[data-pattern=punctuation]")
    assert page.input_value("select[name=pattern]") == "punctuation"
    assert page.get_attribute("[data-pattern=punctuation]", "aria-current") == "true"


def test_a_score_that_does_not_exist_is_marked(page, site):
    open_page(page, site, "tiny-model/index.html#pattern=first_token&value=sinkfree")
    assert set(page.locator(".mosaic td a").all_inner_texts()) == {"–"}
    page.hover(".mosaic td a >> nth=0")
    assert "sink-free none" in page.inner_text("#mosaic-readout")


def test_a_cell_leads_to_its_head(page, site):
    open_page(page, site, "tiny-model/index.html")
    page.locator(".mosaic tbody tr").nth(2).locator("td a").nth(1).click()
    assert page.inner_text("h1") == "L2H1"


def test_the_mosaic_works_by_keyboard(page, site):
    open_page(page, site, "tiny-model/index.html")
    page.locator(".mosaic td a").first.focus()
    for key in ("ArrowDown", "ArrowRight", "ArrowRight"):
        page.keyboard.press(key)
    assert page.evaluate("document.activeElement.getAttribute('href')") == "heads/L1H2.html"
    assert page.inner_text("#mosaic-readout").startswith("L1H2 induction ")
    assert page.locator(".mosaic a[tabindex='0']").count() == 1, "one stop of the tab key"
    page.keyboard.press("Enter")
    page.wait_for_url("**/L1H2.html")
    assert page.inner_text("h1") == "L1H2"


def test_pointing_at_a_heatmap_names_tokens_and_weight(page, site, database):
    open_page(page, site, "tiny-model/heads/L1H2.html#example-2")
    weights = stored(database, (1, 2), "repeated_random_tokens", 1)
    mean = np.round(np.mean([stored(database, (1, head), "repeated_random_tokens", 1) for head in range(4)], axis=0))
    canvas = page.locator(".example:not([hidden]) canvas").first
    box = canvas.bounding_box()
    cell = box["width"] / len(ODD_TOKENS)
    for query, key in ((0, 0), (5, 1), (12, 9), (19, 19), (16, 6), (9, 3)):
        page.mouse.move(box["x"] + (key + 0.5) * cell, box["y"] + (query + 0.5) * cell)
        said = page.inner_text(".example:not([hidden]) .readout")
        tokens = f"{visible(ODD_TOKENS[query])} {query} → {visible(ODD_TOKENS[key])} {key}: "
        assert said == f"{tokens}{weights[query, key] / 255:.3f} · mean of 4 heads of L1 {mean[query, key] / 255:.3f}"
    page.mouse.move(box["x"] + 9.5 * cell, box["y"] + 3.5 * cell)
    assert page.inner_text(".example:not([hidden]) .readout").endswith(": later, cannot be seen")


def test_every_weight_is_read_back_whatever_the_scale(page, site, database):
    open_page(page, site, "tiny-model/heads/L0H1.html#example-1")
    canvas = page.locator(".example:not([hidden]) canvas").first
    pixel = "canvas => Array.from(canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data)"
    linear = canvas.evaluate(pixel)
    page.select_option("[data-stretch]", "root")
    assert canvas.evaluate(pixel) != linear
    assert page.locator("[data-scale-ticks] >> visible=true").locator("li").all_inner_texts() == [
        "0",
        ".06",
        ".25",
        ".56",
        "1",
    ]
    canvas.focus()
    weights = stored(database, (0, 1), "repeated_random_tokens", 0)
    page.keyboard.press("Home")
    assert f": {weights[19, 0] / 255:.3f} " in page.inner_text(".example:not([hidden]) .readout")


def test_a_heatmap_works_by_keyboard(page, site, database):
    open_page(page, site, "tiny-model/heads/L0H0.html#example-1")
    weights = stored(database, (0, 0), "repeated_random_tokens", 0)
    page.locator(".example:not([hidden]) canvas").first.focus()
    readout = page.locator(".example:not([hidden]) .readout")
    key = int(weights[19].argmax())
    assert readout.inner_text().startswith(f"{visible(ODD_TOKENS[19])} 19 → {visible(ODD_TOKENS[key])} {key}: ")
    for name in ("Home", "ArrowUp", "ArrowRight"):
        page.keyboard.press(name)
    assert f": {weights[18, 1] / 255:.3f}" in readout.inner_text()
    assert page.url.endswith("L0H0.html#example-1"), "arrow keys stay in the map"


def test_sequences_are_chosen_by_links(page, site):
    open_page(page, site, "tiny-model/heads/L0H0.html")
    assert page.locator(".example >> visible=true").count() == 1
    page.click(".examples a >> nth=2")
    assert page.locator(".example >> visible=true").get_attribute("id") == "example-3"
    assert page.url.endswith("#example-3")
    page.keyboard.press("ArrowRight")
    page.wait_for_url("**/L0H1.html#example-3")
    assert page.locator(".example >> visible=true").get_attribute("id") == "example-3"


def test_arrow_keys_turn_the_page(page, site):
    open_page(page, site, "tiny-model/heads/L0H3.html")
    page.keyboard.press("ArrowRight")
    page.wait_for_url("**/L1H0.html*")
    page.keyboard.press("ArrowLeft")
    page.wait_for_url("**/L0H3.html*")
    open_page(page, site, "tiny-model/layers/L0.html")
    page.keyboard.press("ArrowRight")
    page.wait_for_url("**/L1.html*")


def test_a_layer_shows_all_heads_at_one_pair_of_tokens(page, site, database):
    open_page(page, site, "tiny-model/layers/L1.html#example-1")
    canvas = page.locator(".example:not([hidden]) canvas").nth(1)
    box = canvas.bounding_box()
    cell = box["width"] / len(ODD_TOKENS)
    page.mouse.move(box["x"] + 4.5 * cell, box["y"] + 11.5 * cell)
    said = page.locator(".example:not([hidden]) output").all_inner_texts()
    weights = [stored(database, (1, head), "repeated_random_tokens", 0)[11, 4] for head in range(4)]
    assert said == [f"{weight / 255:.3f}" for weight in [*weights, round(float(np.mean(weights)))]]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
def test_no_page_is_wider_than_the_screen_and_all_text_can_be_read(browser, site, width, scheme):
    context = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme)
    page = context.new_page()
    for name in ("index", "methods", "tiny-model/index", "tiny-model/heads/L0H0", "tiny-model/layers/L0"):
        open_page(page, site, f"{name}.html")
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), name
        assert page.evaluate(FAINT_TEXT) == [], name
    context.close()


def test_pages_say_everything_without_scripts(browser, site):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto((site / "tiny-model/heads/L0H0.html").as_uri())
    assert page.locator(".example").count() == 4
    assert page.locator("img.pixels").first.is_visible()
    assert not page.locator("select").first.is_visible(), "no control that does nothing"
    page.goto((site / "tiny-model/index.html").as_uri())
    page.click(".mosaic td a >> nth=0")
    assert page.inner_text("h1") == "L0H0"
    context.close()


def test_controls_have_names(page, site):
    for name in ("index", "tiny-model/index", "tiny-model/heads/L0H0", "tiny-model/layers/L0"):
        open_page(page, site, f"{name}.html")
        unnamed = page.locator("select, canvas, a, nav, [role=region], [role=grid]").evaluate_all(
            "all => all.filter(one => !(one.labels?.length || one.getAttribute('aria-label') || "
            "one.getAttribute('aria-labelledby') || one.innerText?.trim() || one.querySelector('img[alt]')))"
            ".map(one => one.outerHTML.slice(0, 80))"
        )
        assert unnamed == [], name


def test_token_data_is_what_the_database_holds(page, site):
    open_page(page, site, "tiny-model/heads/L0H0.html")
    data = json.loads(page.locator("#token-data").text_content())
    assert [one["tokens"] for one in data] == [[visible(token) for token in ODD_TOKENS]] * 4


# Text whose contrast with what is behind it is under 4.5, as WCAG counts it.
FAINT_TEXT = """() => {
  const context = document.createElement("canvas").getContext("2d", {willReadFrequently: true});
  const rgba = (colour) => {
    context.clearRect(0, 0, 1, 1);
    context.fillStyle = colour;
    context.fillRect(0, 0, 1, 1);
    return Array.from(context.getImageData(0, 0, 1, 1).data);
  };
  const luminance = (colour) => {
    const linear = (v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    const [r, g, b] = colour.slice(0, 3).map((v) => linear(v / 255));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const colour = rgba(getComputedStyle(at).backgroundColor);
      if (colour[3] === 255) return colour;
    }
    return rgba(getComputedStyle(document.body).backgroundColor);
  };
  const faint = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    const text = walker.currentNode.data.trim().slice(0, 30);
    if (!text || !element.getClientRects().length || element.closest("script, svg, option")) continue;
    const both = [luminance(rgba(getComputedStyle(element).color)), luminance(behind(element))];
    const contrast = (Math.max(...both) + 0.05) / (Math.min(...both) + 0.05);
    if (contrast < 4.5) faint.push(`${element.className} ${text} ${contrast.toFixed(2)}`);
  }
  return faint.slice(0, 10);
}"""
