"""The site as people use it: opened from a folder in headless Chromium, with mouse and keyboard."""

from __future__ import annotations

import csv
import io
import json
import re
import sqlite3
import zlib
from contextlib import closing
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from PIL import Image
from playwright.sync_api import Page
from sqlite_utils import Database

from headatlas.atlas.draw.colours import RAMP
from headatlas.atlas.draw.glyphs import visible
from headatlas.atlas.draw.wording import two_digits
from headatlas.atlas.site import build
from headatlas.catalog.reader import Reader
from headatlas.evidence.tasks.lines import TaskLine
from headatlas.evidence.tasks.result import TaskHead, TaskResult, Value
from headatlas.probes.metrics import LEAD
from headatlas.views.attention_maps import LayerAttention
from headatlas.views.single_page import framed
from headatlas.views.svg import heatmap_svg
from headatlas.views.task_page import task_page
from headatlas.views.text_view import View, stored_labels
from tests.browsing import open_page
from tests.fake_database import ODD_TOKENS, make

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def database(small_database) -> Path:
    return small_database


@pytest.fixture(scope="module")
def site(small_site) -> Path:
    return small_site


def here(page: Page) -> str:
    """The address, as the page itself sees it: what Playwright keeps may lag behind."""
    return page.evaluate("location.href")


def colours(page: Page) -> list[str]:
    cells = page.locator(".mosaic td a")
    return cells.evaluate_all("cells => cells.map(cell => getComputedStyle(cell).backgroundColor)")


def stored(database: Path, head: tuple[int, int], probe: str, sequence: int) -> np.ndarray:
    rows = Database(database).query(
        """select weights from heatmaps join heads on heads.id = head_id join examples on examples.id = example_id
           join probes on probes.id = probe_id join scans on scans.id = heads.scan_id
           where model = 'tiny/model' and layer = ? and head = ? and name = ? and sequence = ?""",
        [*head, probe, sequence],
    )
    (row,) = rows
    size = len(ODD_TOKENS)
    return np.frombuffer(zlib.decompress(row["weights"]), dtype=np.uint8).reshape((size, size))


def choose_pattern(page: Page, name: str) -> None:
    page.select_option("select[name=pattern]", name)
    page.wait_for_selector(f"[data-shown='{name}']")


def test_front_page_leads_to_the_model(page, site):
    open_page(page, site, "index.html")
    assert "descriptive, not explanatory" in page.inner_text("main")
    page.click(".models h3 a >> nth=1")
    assert page.inner_text("h1") == "tiny/model"


def test_the_mosaic_begins_with_labels_and_the_legend_filters(page, site):
    open_page(page, site, "tiny-model/index.html")
    cells = page.locator(".mosaic td a")
    # The first head of each layer is labelled induction, then punctuation.
    assert cells.all_inner_texts() == ["in", "", "", ""] * 3
    page.hover(".mosaic td a >> nth=0")
    assert page.inner_text("#mosaic-readout") == "L0H0 induction 0.70 · punctuation 0.70"
    page.click(".key:has-text('punctuation')")
    assert cells.all_inner_texts() == ["pu", "", "", ""] * 3
    assert here(page).endswith("#label=punctuation")
    assert "Attends as a punctuation head does." in page.inner_text("#mosaic-readout")
    choose_pattern(page, "induction")
    assert page.locator(".mosaic td a.dim").count() == 9, "the filter stays when the colour is a score"
    page.click(".key:has-text('punctuation')")
    assert page.locator(".mosaic td a.dim").count() == 0


def test_families_keep_their_hue(page, site):
    open_page(page, site, "tiny-model/index.html")
    hue = "one => getComputedStyle(one).getPropertyValue('--family')"
    mosaic = page.locator(".mosaic td a").first.evaluate(hue)
    assert page.locator("[data-dots='0']").evaluate(hue) == mosaic
    assert page.locator(".key:has-text('induction')").evaluate(hue) == mosaic
    assert page.locator(".thumbnail[data-pattern=induction]").evaluate(hue) == mosaic
    open_page(page, site, "tiny-model/heads/L0H0.html")
    assert page.locator(".chip:has-text('induction')").first.evaluate(hue) == mosaic
    assert page.locator(".all-scores tbody:has-text('induction') .bar").first.evaluate(hue) == mosaic
    open_page(page, site, "patterns/induction.html")
    assert page.locator(".ideal .target").first.evaluate(hue) == mosaic


def test_choosing_a_pattern_recolours_the_mosaic(page, site, database):
    open_page(page, site, "tiny-model/index.html#pattern=induction")
    page.wait_for_selector("[data-shown=induction]")
    before = colours(page)
    choose_pattern(page, "previous_token")
    assert colours(page) != before
    rows = Database(database).query(
        """select score from head_scores where model = 'tiny/model' and pattern = 'previous_token'
           and probe = 'natural_text' order by layer, head"""
    )
    kept = [round(1000 * row["score"]) / 1000 for row in rows]  # as the data file has them
    wanted = [f"{score:.2f}".replace("1.00", "1").replace("0.", ".") for score in kept]
    assert page.locator(".mosaic td a").all_inner_texts() == wanted
    assert page.input_value("select[name=probe]") == "natural_text", "the probe the pattern is read on"
    assert "previous token" in page.inner_text("[data-caption]")


def test_the_mosaic_is_coloured_by_causes(page, site, database):
    with closing(sqlite3.connect(database)) as db:
        rows = db.execute(
            "select layer, head, value from head_evidence where model = 'tiny/model' and kind = 'ablation_loss'"
        ).fetchall()
    open_page(page, site, "tiny-model/index.html#pattern=ablation_loss&scale=fit")
    page.wait_for_selector("[data-shown=ablation_loss]")
    shown = page.locator(".mosaic td a").evaluate_all("cells => cells.map(cell => [cell.textContent, cell.className])")
    most = max(value for *_, value in rows)
    for (layer, head, value), (text, style) in zip(rows, shown, strict=True):
        assert text == two_digits(round(value, 3)), (layer, head)
        assert style == "v100" if value == most else style.startswith("v"), "the largest saturates"
    assert not page.locator("input[name=sink]").is_visible()
    assert "Loss it saves on repeated random tokens" in page.inner_text("[data-caption]")
    page.locator(".mosaic td a[href='heads/L1H0.html']").focus()
    assert page.inner_text("#mosaic-readout").startswith("L1H0 Loss it saves on repeated random tokens 0.420 nats")
    page.select_option("select[name=pattern]", "ov_copying")
    page.wait_for_selector("[data-shown=ov_copying]")
    assert not page.locator("select[name=probe]").is_visible(), "weights are of no probe"
    cells = page.locator(".mosaic td a").evaluate_all("cells => cells.map(cell => [cell.textContent, cell.className])")
    assert all(style.startswith("f-positional v") == text.startswith("-") for text, style in cells)
    assert any(text.startswith("-") for text, _ in cells)


def test_the_figure_of_evidence_says_its_unit_and_what_the_second_hue_is(page, site, tmp_path):
    open_page(page, site, "tiny-model/index.html")
    choose_pattern(page, "ablation_loss")
    with page.expect_download() as download:
        page.click("[data-save=svg]")
    download.value.save_as(tmp_path / "figure.svg")
    assert re.search(r">nats[a-z ]*; the other hue: below zero<", (tmp_path / "figure.svg").read_text())
    assert download.value.suggested_filename.startswith("tiny-model-Loss-it-saves-on-")


def test_a_random_head_is_one_of_the_model(browser, site):
    page = browser.new_context().new_page()
    page.add_init_script("Math.random = () => 0.999")
    open_page(page, site, "tiny-model/index.html")
    page.click("[data-random]")
    page.wait_for_url("**/tiny-model/heads/L2H3.html")
    page.context.close()


@pytest.mark.parametrize("width", [320, 390, 1440])
def test_nothing_jumps_when_a_pattern_is_chosen(page, site, width):
    page.set_viewport_size({"width": width, "height": 844})
    open_page(page, site, "tiny-model/index.html")
    tops = """() => ["[data-mosaic]", "#glance"].map(
        (part) => document.querySelector(part).getBoundingClientRect().top + scrollY)"""
    before = page.evaluate(tops)
    values = page.eval_on_selector_all("[name=pattern] option", "options => options.map(({value}) => value)")
    assert {"induction", "entropy", "ablation_loss", "ov_copying"} <= {*values}  # of weights, which have no probe, too
    for pattern in (*values, ""):
        page.select_option("select[name=pattern]", pattern)
        page.wait_for_selector(f"[data-shown='{pattern}']")
        assert page.evaluate(tops) == pytest.approx(before, abs=0.5), pattern


def test_lists_are_folded(page, site):
    open_page(page, site, "tiny-model/index.html")
    assert not page.locator("#top-induction").is_visible()
    page.click("summary:has-text('Top heads')")
    assert page.locator("#top-induction").is_visible()


def test_the_choice_is_in_the_address(page, site):
    open_page(page, site, "tiny-model/index.html")
    choose_pattern(page, "entropy")
    page.select_option("select[name=probe]", "repeated_random_tokens")
    page.check("input[name=sink]")
    page.select_option("select[name=scale]", "fit")
    texts, seen, address = page.locator(".mosaic td a").all_inner_texts(), colours(page), here(page)
    assert address.endswith("#pattern=entropy&probe=repeated_random_tokens&value=sinkfree&scale=fit")
    page.goto("about:blank")
    page.goto(address)
    page.wait_for_selector("[data-shown=entropy]")
    assert page.locator(".mosaic td a").all_inner_texts() == texts
    assert colours(page) == seen
    page.goto("about:blank")
    page.goto(address.split("#pattern")[0] + "#pattern=nonsense&probe=nonsense")
    page.wait_for_selector("[data-shown='']")
    assert page.input_value("select[name=pattern]") == ""


def test_a_small_mosaic_chooses_its_pattern(page, site):
    open_page(page, site, "tiny-model/index.html")
    page.click("[data-pattern=punctuation]")
    page.wait_for_selector("[data-shown=punctuation]")
    assert page.input_value("select[name=pattern]") == "punctuation"
    assert page.get_attribute("[data-pattern=punctuation]", "aria-current") == "true"


def test_a_score_that_does_not_exist_is_marked(page, site):
    open_page(page, site, "tiny-model/index.html#pattern=first_token&value=sinkfree")
    page.wait_for_selector("[data-shown=first_token]")
    assert set(page.locator(".mosaic td a").all_inner_texts()) == {"–"}
    page.hover(".mosaic td a >> nth=0")
    assert "sink-free none" in page.inner_text("#mosaic-readout")
    with page.expect_download() as waiting:
        page.click("[data-save=svg] >> nth=0")
    cells = re.findall(r'<rect[^>]*width="25"[^>]*fill="(.*?)"', Path(waiting.value.path()).read_text("utf8"))
    assert len(cells) == 12
    assert set(cells) == {"#f6f4ee"}, "no colour, which is not black"


def test_the_map_of_heads_answers(page, site):
    open_page(page, site, "tiny-model/index.html")
    map_ = page.locator(".head-map")
    map_.scroll_into_view_if_needed()
    box = map_.bounding_box()
    places = json.loads(page.locator("#mosaic-data").text_content())["dots"]
    x, y = (float(coordinate) for coordinate in places["L0H0"].split())
    page.mouse.move(box["x"] + x / 600 * box["width"], box["y"] + y / 600 * box["height"])
    assert page.inner_text("#map-readout").startswith("L0H0 induction")
    page.mouse.click(box["x"] + x / 600 * box["width"], box["y"] + y / 600 * box["height"])
    page.wait_for_url("**/heads/L0H0.html")


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
    assert page.inner_text("#mosaic-readout") == "L1H2 no label"
    assert page.locator(".mosaic a[tabindex='0']").count() == 1, "one stop of the tab key"
    page.keyboard.press("Enter")
    page.wait_for_url("**/L1H2.html")
    assert page.inner_text("h1") == "L1H2"


def test_lists_are_one_stop_that_arrow_keys_move(page, site):
    open_page(page, site, "tiny-model/index.html")
    for box in (".thumbnails", ".keys"):
        stops = page.locator(f"{box} a[tabindex='0']")
        assert stops.count() == 1
        stops.focus()
        page.keyboard.press("ArrowRight")
        assert page.evaluate(f"document.activeElement === document.querySelectorAll('{box} a')[1]")
        assert stops.count() == 1, "the stop moved"
        page.keyboard.press("Home")
        assert page.evaluate(f"document.activeElement === document.querySelector('{box} a')")
    open_page(page, site, "tiny-model/heads/L0H0.html")
    page.locator(".examples a[tabindex='0']").focus()
    page.keyboard.press("ArrowDown")
    assert page.evaluate("document.activeElement === document.querySelectorAll('.examples a')[1]")
    open_page(page, site, "tiny-model/explorer.html")
    page.wait_for_selector(".explorer[data-ready]")
    page.click("[data-sort=entropy]")
    names = page.locator(".explorer tbody th a")
    names.first.focus()
    page.keyboard.press("ArrowDown")
    assert page.evaluate("document.activeElement.textContent") == names.nth(1).inner_text()
    assert page.locator(".explorer tbody th a[tabindex='0']").count() == 1


def test_pointing_at_a_heatmap_names_tokens_and_weight(page, site, database):
    open_page(page, site, "tiny-model/heads/L1H2.html#repeated_random_tokens-1")
    weights = stored(database, (1, 2), "repeated_random_tokens", 1)
    canvas = page.locator(".example:not([hidden]) canvas").first
    box = canvas.bounding_box()
    cell = box["width"] / len(ODD_TOKENS)
    for query, key in ((0, 0), (5, 1), (12, 9), (19, 19), (16, 6), (9, 3)):
        page.mouse.move(box["x"] + (key + 0.5) * cell, box["y"] + (query + 0.5) * cell)
        said = page.inner_text(".example:not([hidden]) .readout")
        tokens = f"{visible(ODD_TOKENS[query])} {query} → {visible(ODD_TOKENS[key])} {key}: "
        assert said == f"{tokens}{weights[query, key] / 255:.3f}"
    page.mouse.move(box["x"] + 9.5 * cell, box["y"] + 3.5 * cell)
    assert page.inner_text(".example:not([hidden]) .readout").endswith(": later, cannot be seen")


def test_every_weight_is_read_back_whatever_the_scale(page, site, database):
    open_page(page, site, "tiny-model/heads/L0H1.html#repeated_random_tokens-0")
    canvas = page.locator(".example:not([hidden]) canvas").first
    pixel = "canvas => Array.from(canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data)"
    linear = canvas.evaluate(pixel)
    page.select_option("select[name=scale]", "root")
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
    assert page.inner_text(".example:not([hidden]) .readout").endswith(f": {weights[19, 0] / 255:.3f}")
    assert here(page).endswith("#repeated_random_tokens-0&scale=root")


def test_a_heatmap_works_by_keyboard(page, site, database):
    open_page(page, site, "tiny-model/heads/L0H0.html#repeated_random_tokens-0")
    weights = stored(database, (0, 0), "repeated_random_tokens", 0)
    page.locator(".example:not([hidden]) canvas").first.focus()
    readout = page.locator(".example:not([hidden]) .readout")
    key = int(weights[19].argmax())
    assert readout.inner_text().startswith(f"{visible(ODD_TOKENS[19])} 19 → {visible(ODD_TOKENS[key])} {key}: ")
    for name in ("Home", "ArrowUp", "ArrowRight"):
        page.keyboard.press(name)
    assert f": {weights[18, 1] / 255:.3f}" in readout.inner_text()
    assert here(page).endswith("L0H0.html#repeated_random_tokens-0"), "arrow keys stay in the map"


def test_sequences_are_chosen_by_links(page, site):
    open_page(page, site, "tiny-model/heads/L0H0.html")
    assert page.locator(".example >> visible=true").count() == 1
    assert page.locator(".example >> visible=true").get_attribute("id") == "natural_text-0"  # natural text
    assert page.locator(".examples span").all_inner_texts() == ["natural text", "repeated random tokens"]
    titles = page.locator(".examples a").evaluate_all("links => links.map(link => link.title)")
    assert titles == [f"{probe} {i}" for probe in ("natural text", "repeated random tokens") for i in (0, 1)]
    assert page.locator(".example").evaluate_all("figures => figures.map(figure => figure.id)") == [
        title.replace(" ", "_", title.count(" ") - 1).replace(" ", "-") for title in titles
    ]
    page.click(".examples a >> nth=2")
    assert page.locator(".example >> visible=true").get_attribute("id") == "repeated_random_tokens-0"
    assert here(page).endswith("#repeated_random_tokens-0")
    page.keyboard.press("ArrowRight")
    page.wait_for_url("**/L0H1.html#repeated_random_tokens-0")
    assert page.locator(".example >> visible=true").get_attribute("id") == "repeated_random_tokens-0"


def test_a_line_of_natural_text_leads_to_its_row_in_the_map(page, site):
    open_page(page, site, "tiny-model/heads/L0H1.html#repeated_random_tokens-0")
    line = page.locator(".wild li").first
    anchor, row = re.fullmatch(r"#(natural_text-[01])&row=(\d+)", line.locator("a").get_attribute("href")).groups()
    line.locator("a").click()
    page.wait_for_selector(f"#{anchor} .map-set[data-ready]")
    chosen = page.locator(f"#{anchor} .tokens [aria-pressed=true]")
    assert chosen.inner_text() == visible(ODD_TOKENS[int(row)])
    assert page.locator(".example >> visible=true").get_attribute("id") == anchor


def test_reasons_evidence_and_scores_are_folded(page, site):
    open_page(page, site, "tiny-model/heads/L0H0.html")
    assert page.locator("details").count() == 3  # this scan has no budgets
    scores = page.locator(".all-scores")
    assert not scores.is_visible()
    page.click("summary:has-text('Scores')")
    assert scores.is_visible()


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
    open_page(page, site, "tiny-model/layers/L1.html#repeated_random_tokens-0&sink=show")
    canvas = page.locator(".example:not([hidden]) canvas").nth(1)
    box = canvas.bounding_box()
    cell = box["width"] / len(ODD_TOKENS)
    page.mouse.move(box["x"] + 4.5 * cell, box["y"] + 11.5 * cell)
    said = page.locator(".example:not([hidden]) output").all_inner_texts()
    weights = [stored(database, (1, head), "repeated_random_tokens", 0)[11, 4] for head in range(4)]
    assert said == [f"{weight / 255:.3f}" for weight in [*weights, round(float(np.mean(weights)))]]
    whole = [stored(database, (1, head), "repeated_random_tokens", 0) for head in range(4)]
    mean = np.mean(whole, axis=0).round().astype(np.uint8)  # halves to the even, as everywhere
    drawn = page.locator(".example:not([hidden]) canvas.pixels").last.evaluate(
        """canvas => Array.from(canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data)"""
    )
    seen = np.tril(np.ones(mean.shape, dtype=bool))
    assert (np.array(drawn, dtype=np.uint8).reshape(*mean.shape, 4)[seen][:, :3] == RAMP[mean[seen]]).all()


def test_layers_set_the_sink_aside(page, site):
    open_page(page, site, "tiny-model/layers/L1.html#repeated_random_tokens-0")
    canvas = page.locator(".example:not([hidden]) canvas").first
    first_column = "canvas => canvas.getContext('2d').getImageData(0, 1, 1, canvas.height - 1).data.some(byte => byte)"
    assert not canvas.evaluate(first_column), "nothing is painted there"
    page.uncheck("input[name=sink]")
    assert canvas.evaluate(first_column)
    assert here(page).endswith("#repeated_random_tokens-0&sink=show")
    page.check("input[name=sink]")
    assert here(page).endswith("#repeated_random_tokens-0")


def test_hiding_the_sink_shares_its_weight_out(page, site, database):
    open_page(page, site, "tiny-model/heads/L0H0.html#repeated_random_tokens-0")
    weights = stored(database, (0, 0), "repeated_random_tokens", 0).astype(int)
    page.check("input[name=sink]")
    canvas = page.locator(".example:not([hidden]) canvas").first
    canvas.scroll_into_view_if_needed()
    row = next(q for q in range(5, 20) if weights[q, 0] > 20 and weights[q, 1:].sum() > 60)
    key = int(weights[row, 1:].argmax()) + 1
    box = canvas.bounding_box()
    cell = box["width"] / len(ODD_TOKENS)
    page.mouse.move(box["x"] + (key + 0.5) * cell, box["y"] + (row + 0.5) * cell)
    said = float(page.inner_text(".example:not([hidden]) .readout").rsplit(": ")[1])
    assert said == pytest.approx(weights[row, key] * weights[row].sum() / weights[row, 1:].sum() / 255, abs=0.003)
    page.mouse.move(box["x"] + 0.5 * cell, box["y"] + (row + 0.5) * cell)
    assert page.inner_text(".example:not([hidden]) .readout").endswith(": the sink, taken out")


def test_a_click_keeps_a_row_and_colours_the_text(page, site, database):
    open_page(page, site, "tiny-model/heads/L0H0.html#repeated_random_tokens-0")
    weights = stored(database, (0, 0), "repeated_random_tokens", 0)
    box = page.locator(".example:not([hidden]) canvas").first.bounding_box()
    cell = box["width"] / len(ODD_TOKENS)
    page.mouse.click(box["x"] + 2.5 * cell, box["y"] + 12.5 * cell)
    assert here(page).endswith("#repeated_random_tokens-0&row=12&column=2")
    page.mouse.move(5, 5)
    titles = "tokens => tokens.map(token => token.title)"
    shown = page.locator(".example:not([hidden]) .map-text .token").evaluate_all(titles)
    assert shown == [*(f"{weight / 255:.3f}" for weight in weights[12, :13]), *[""] * 7]
    address = here(page)
    page.goto("about:blank")
    page.goto(address)
    page.wait_for_selector(".map-set[data-ready] >> visible=true")
    again = page.locator(".example:not([hidden]) .map-text .token")
    assert again.evaluate_all(titles) == shown, "a permalink for a row"
    assert again.nth(12).get_attribute("aria-pressed") == "true"
    again.nth(12).focus()
    page.keyboard.press("Escape")
    assert here(page).endswith("#repeated_random_tokens-0")


def test_text_view_shades_tokens_by_attention_to_or_from(page, site, database):
    open_page(page, site, "tiny-model/heads/L0H1.html#repeated_random_tokens-1&view=text")
    weights = stored(database, (0, 1), "repeated_random_tokens", 1)
    assert not page.locator(".example:not([hidden]) canvas.pixels").is_visible()
    tokens = page.locator(".example:not([hidden]) .map-text .token")
    titles = "tokens => tokens.map(token => token.title)"
    tokens.nth(8).hover()
    assert tokens.evaluate_all(titles) == [*(f"{weight / 255:.3f}" for weight in weights[8, :9]), *[""] * 11]
    page.locator("label:has-text('is looked at by')").click()
    tokens.nth(3).hover()
    assert tokens.evaluate_all(titles) == [*[""] * 3, *(f"{weight / 255:.3f}" for weight in weights[3:, 3])]
    assert here(page).endswith("#repeated_random_tokens-1&view=text&direction=from")
    tokens.nth(3).focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    assert "column=4" in here(page)


def test_a_token_of_the_text_says_in_words_where_it_looks_most(page, site, database):
    open_page(page, site, "tiny-model/heads/L0H0.html#repeated_random_tokens-0")
    weights = stored(database, (0, 0), "repeated_random_tokens", 0)
    page.locator(".example:not([hidden]) canvas").first.focus()
    page.keyboard.press("Tab")
    for _ in range(12):
        page.keyboard.press("ArrowRight")
    readout = page.locator(".example:not([hidden]) .readout")
    assert readout.get_attribute("role") == "status"
    most = int(weights[12].argmax())
    said = r" 12 looks most at .+ {}, {}$"
    assert re.search(said.format(most, f"{weights[12, most] / 255:.3f}"), readout.inner_text())
    page.check("[name=sink]")
    rest = weights[12].astype(float)
    rest[0] = 0
    most = int(rest.argmax())
    assert re.search(said.format(most, r"[01]\.\d+"), readout.inner_text()), "without the sink"


def test_arcs_are_drawn_for_the_token_one_points_at(page, site):
    open_page(page, site, "tiny-model/heads/L0H1.html#repeated_random_tokens-1")
    page.locator("label:has-text('arcs')").click()
    arcs = page.locator(".example:not([hidden]) canvas.arcs")
    picture = "one => one.toDataURL()"
    before = arcs.evaluate(picture)
    assert len(before) > 5000
    arcs.scroll_into_view_if_needed()
    box = arcs.bounding_box()
    page.mouse.move(box["x"] + 20, box["y"] + 4 + 19.5 * 19)
    assert arcs.evaluate(picture) != before
    said = page.inner_text(".example:not([hidden]) .readout")
    assert re.search(r" looks most at .+ \d+, [01]\.\d+", said), "a weight for those who do not see lines"
    page.mouse.move(2, 2)
    assert page.inner_text(".example:not([hidden]) .readout").startswith("Left: the token that looks.")
    shown = page.locator(".scale-bar").evaluate("bar => getComputedStyle(bar).backgroundImage")
    link = page.evaluate("getComputedStyle(document.querySelector('header a[href]:not(.mark)')).color")
    assert link in shown  # the lines' colour, not the map's


@pytest.mark.parametrize("kind", ["svg", "png"])
def test_figures_download_with_tokens_and_scale(page, site, kind):
    open_page(page, site, "tiny-model/heads/L0H1.html#repeated_random_tokens-1")
    with page.expect_download() as waiting:
        page.click(f"[data-save={kind}]")
    saved = Path(waiting.value.path())
    assert waiting.value.suggested_filename == f"L0H1-of-tiny-model-repeated-random-tokens-1.{kind}"
    if kind == "png":
        assert Image.open(saved).width > 600
    else:
        texts = [element.text or "" for element in ElementTree.parse(saved).iter("{http://www.w3.org/2000/svg}text")]
        assert texts.count('·"quoted"') == 2
        assert "<script>alert(1…" in texts
        assert {"0", "0.25", "1"} <= set(texts)
    open_page(page, site, "tiny-model/index.html")
    with page.expect_download() as waiting:
        page.click(f"[data-save={kind}]")
    saved = Path(waiting.value.path())
    if kind == "svg":
        texts = [element.text for element in ElementTree.parse(saved).iter("{http://www.w3.org/2000/svg}text")]
        assert texts[0] == "tiny/model: labels"
        assert texts.count("in") == 4  # three heads and the key
        light = [rect.get("fill") for rect in ElementTree.parse(saved).iter("{http://www.w3.org/2000/svg}rect")]
        page.emulate_media(color_scheme="dark")
        with page.expect_download() as waiting:
            page.click("[data-save=svg]")
        dark = ElementTree.parse(waiting.value.path()).iter("{http://www.w3.org/2000/svg}rect")
        assert [rect.get("fill") for rect in dark] == light  # paper is white whatever the screen
        page.emulate_media(color_scheme="light")
        assert "induction" in texts
    open_page(page, site, "tiny-model/index.html#pattern=duplicate_token&probe=natural_text&scale=fit")
    page.wait_for_selector("[data-shown=duplicate_token]")
    with page.expect_download() as waiting:
        page.click(f"[data-save={kind}]")
    assert waiting.value.suggested_filename == f"tiny-model-duplicate-token-on-natural-text.{kind}"
    if kind == "svg":
        root = ElementTree.parse(waiting.value.path()).getroot()
        title, *texts = [text.text for text in root.iter("{http://www.w3.org/2000/svg}text")]
        assert title == "tiny/model: duplicate token on natural text"
        assert texts[-6:-1] == page.locator("[data-ticks] li").all_inner_texts()
        assert texts[-1] == "Upright line: chance."
        box = page.evaluate(
            "text => { const svg = new DOMParser().parseFromString(text, 'image/svg+xml').documentElement;"
            " document.body.append(svg);"
            " return [svg.querySelector('text').getBBox().width, svg.width.baseVal.value]; }",
            Path(waiting.value.path()).read_text("utf-8"),
        )
        assert box[0] < box[1], "the whole title"


def test_text_and_arcs_are_saved_as_they_are_shown(page, site, database):
    open_page(page, site, "tiny-model/heads/L0H1.html#repeated_random_tokens-1&view=text&row=8")
    weights = stored(database, (0, 1), "repeated_random_tokens", 1)
    with page.expect_download() as waiting:
        page.click("[data-save=svg]")
    name = "L0H1-of-tiny-model-repeated-random-tokens-1-{}-row-8.svg"
    assert waiting.value.suggested_filename == name.format("text")
    root = ElementTree.parse(waiting.value.path()).getroot()
    texts = [text.text or "" for text in root.iter("{http://www.w3.org/2000/svg}text")]
    assert texts[0] == "L0H1 of tiny/model, repeated random tokens 1: what ·the 8 looks at"
    assert texts[1 : 1 + len(ODD_TOKENS)] == [visible(token) for token in ODD_TOKENS]
    fills = [rect.get("fill") for rect in root.iter("{http://www.w3.org/2000/svg}rect")][1 : 1 + len(ODD_TOKENS)]
    expected = [f"#{''.join(f'{byte:02x}' for byte in RAMP[weight])}" for weight in weights[8]]
    assert fills[:9] == expected[:9]
    assert set(fills[9:]) == {"#fff"}  # later tokens cannot be seen
    page.locator("label:has-text('arcs')").click()
    with page.expect_download() as waiting:
        page.click("[data-save=svg]")
    assert waiting.value.suggested_filename == name.format("arcs")
    root = ElementTree.parse(waiting.value.path()).getroot()
    lines = [float(path.get("stroke-opacity", 0)) for path in root.iter("{http://www.w3.org/2000/svg}path")]
    drawn = [weight / 255 for weight in weights[8] if weight / 255 > 0.02]
    assert lines == pytest.approx(drawn, abs=0.001)


def drawing(svg: str) -> list[tuple[str, str, dict[str, str]]]:
    """Every element with its text and attributes, numbers to a tenth."""

    def rounded(text: str) -> str:
        return re.sub(r"-?\d+(\.\d+)?", lambda number: f"{float(number[0]):.1f}", text)

    return [
        (
            element.tag.rpartition("}")[2],
            (element.text or "").strip(),
            {name: value if "#" in value else rounded(value) for name, value in element.attrib.items()},
        )
        for element in ElementTree.fromstring(svg).iter()
    ]


def test_script_and_python_draw_the_same_figure(page, site, database):
    open_page(page, site, "tiny-model/heads/L0H1.html#repeated_random_tokens-1")
    with page.expect_download() as waiting:
        page.click("[data-save=svg]")
    weights = stored(database, (0, 1), "repeated_random_tokens", 1)
    title = "L0H1 of tiny/model, repeated random tokens 1"
    wanted = drawing(heatmap_svg(weights, ODD_TOKENS, ODD_TOKENS, title, causal=True))
    assert drawing(Path(waiting.value.path()).read_text("utf-8")) == wanted
    assert len(wanted) > 20 * 21 / 2


def test_a_thousand_tokens_stay_smooth(page, tmp_path):
    database = make(tmp_path / "a.db", tokens=[f" t{i}" for i in range(1000)], layers=1, heads=1)
    site = build(database, tmp_path / "out").parent
    open_page(page, site, "tiny-model/heads/L0H0.html#repeated_random_tokens-0")
    box = page.locator(".example:not([hidden]) canvas").first.bounding_box()
    took = page.evaluate(
        """async ([left, top, width]) => {
             const canvas = document.querySelector(".example:not([hidden]) canvas");
             const times = [];
             for (let i = 0; i < 30; i++) {
               const at = {clientX: left + (width * i) / 60, clientY: top + width / 2 + i, bubbles: true};
               const start = performance.now();
               canvas.dispatchEvent(new PointerEvent("pointermove", at));
               document.body.offsetHeight;
               times.push(performance.now() - start);
               await new Promise(requestAnimationFrame);
             }
             return times.sort((a, b) => a - b)[15];
           }""",
        [box["x"], box["y"], box["width"]],
    )
    assert took < 100, f"{took:.0f} ms for a step of the pointer"


def test_the_explorer_sorts_filters_and_keeps_its_state(page, site, database):
    open_page(page, site, "tiny-model/explorer.html")
    page.wait_for_selector(".explorer[data-ready]")
    assert page.inner_text("#explorer-readout") == "12 of 12 heads"
    page.click("[data-sort=induction]")
    values = [float(text) for text in page.locator(".explorer tbody tr td:nth-child(6)").all_inner_texts()]
    assert values == sorted(values, reverse=True)
    page.click("[data-sort=induction]")
    assert [float(text) for text in page.locator(".explorer tbody tr td:nth-child(6)").all_inner_texts()] == values[
        ::-1
    ]
    page.select_option("select[name=label]", "punctuation")
    assert page.inner_text("#explorer-readout") == "3 of 12 heads"
    page.fill("input[name=text]", "L2")
    assert page.locator(".explorer tbody th").all_inner_texts() == ["L2H0"]
    page.fill("input[name=text]", "")
    page.select_option("select[name=column]", "punctuation")
    page.fill("input[aria-label='punctuation, least value']", "0")
    page.fill("input[name=from]", "1")
    assert page.inner_text("#explorer-readout") == "2 of 12 heads"
    heads, address = page.locator(".explorer tbody").inner_text(), here(page)
    assert "label=punctuation" in address
    page.goto("about:blank")
    page.goto(address)
    page.wait_for_selector(".explorer[data-ready]")
    assert page.locator(".explorer tbody").inner_text() == heads
    assert here(page) == address
    with page.expect_download() as waiting:
        page.click("[data-csv]")
    rows = list(csv.DictReader(Path(waiting.value.path()).read_text().splitlines()))
    assert [row["head"] for row in rows] == page.locator(".explorer tbody th").all_inner_texts()
    assert {row["labels"] for row in rows} == {"induction; punctuation"}
    assert {row["strengths"] for row in rows} == {"0.7; 0.7"}
    assert {row["confidences"] for row in rows} == {"0.77; 0.57"}
    chip = page.locator(".explorer .chip").first
    assert (chip.inner_text(), chip.get_attribute("title")) == ("induction .70", "confidence .77")


def test_the_explorer_shows_scores_on_the_probe_one_chooses(page, site, database):
    open_page(page, site, "tiny-model/explorer.html")
    page.wait_for_selector(".explorer[data-ready]")
    scores = {
        row["probe"]: f"{row['score']:.3f}"
        for row in Database(database).query(
            "select probe, score from head_scores where model = 'tiny/model' and pattern = 'induction'"
            " and layer = 0 and head = 0"
        )
    }
    cell = page.locator(".explorer tbody tr").first.locator("td").nth(4)
    assert cell.inner_text() == scores["repeated_random_tokens"]  # induction's own probe
    page.select_option("select[name=probe]", "natural_text")
    page.wait_for_selector("th[title^='natural text'] [data-sort=induction]")
    assert cell.inner_text() == scores["natural_text"]
    with page.expect_download() as waiting:
        page.click("[data-csv]")
    header = Path(waiting.value.path()).read_text().splitlines()[0]
    assert "induction on natural_text" in header
    address = here(page)
    page.goto("about:blank")
    page.goto(address)
    page.wait_for_selector(".explorer[data-ready]")
    assert cell.inner_text() == scores["natural_text"]


def test_two_models_are_compared(page, site, database):
    open_page(page, site, "compare.html#a=other&b=tiny-model&pattern=induction")
    page.wait_for_selector("#compare[data-ready]")
    assert page.locator(".compare-mosaics figcaption").all_inner_texts() == ["other", "tiny/model"]
    scores = {
        (row["model"], f"L{row['layer']}H{row['head']}"): row["score"]
        for row in Database(database).query(
            "select * from head_scores where pattern = 'induction' and probe = 'repeated_random_tokens'"
        )
    }
    first = page.locator("#compare-heads tr").nth(1).locator("th, td").all_inner_texts()
    differences = {head: scores["tiny/model", head] - scores["other", head] for _, head in scores}
    largest = max(differences, key=lambda head: abs(differences[head]))
    assert first[0] == largest
    assert float(first[3]) == pytest.approx(differences[largest], abs=0.002)
    page.select_option("select[name=pattern]", "entropy")
    page.wait_for_url("**#a=other&b=tiny-model&pattern=entropy")
    assert "entropy" in page.inner_text("#compare-caption")


@pytest.fixture(scope="module")
def own_text(tmp_path_factory) -> Path:
    """A page of `headatlas view`."""
    folder = tmp_path_factory.mktemp("view")
    rng = np.random.default_rng(0)
    layers = []
    for layer in range(2):
        raw = np.tril(rng.gamma(0.2, size=(3, 7, 7)) + 1e-9)
        weights = np.round(255 * raw / raw.sum(-1, keepdims=True)).astype(np.uint8)
        layers.append(LayerAttention("self", layer, True, weights, tuple(range(len(weights)))))
    tokens = ("<s>", " the", "</script>", '"', " the", "\ud83d", "שלום")
    return View("tiny", "text", tokens, layers).save(folder / "view.html")


def test_the_page_of_ones_own_text_shows_the_head_one_chooses(page, own_text):
    page.goto(own_text.as_uri())
    page.wait_for_selector(".map-set[data-ready]")
    assert page.inner_text("#shown-name") == "average of 6 heads in 2 layers"
    page.click(".head-thumbnails a[title=L1H2]")
    page.wait_for_selector("#L1H2 .map-set[data-ready]")
    assert page.inner_text("#shown-name") == "L1H2"
    page.locator("#L1H2 canvas").focus()
    page.keyboard.press("Enter")
    assert "#L1H2&row=6" in here(page)
    address = here(page)
    page.goto("about:blank")
    page.goto(address)
    page.wait_for_selector("#L1H2 .map-set[data-ready]")
    assert page.locator("#L1H2 .map-text .token").nth(6).get_attribute("aria-pressed") == "true"
    assert page.locator("#L1H2 .map-text .token").nth(5).inner_text() == "‹U+D83D›"


def test_the_page_of_ones_own_text_has_labels_and_fills_the_width(page, site, database, tmp_path):
    called = stored_labels(database, "tiny/model")
    assert called, "the scan has labels"
    weights = np.full((4, 3, 3), 85, dtype=np.uint8)
    layers = [LayerAttention("self", layer, False, weights, tuple(range(4))) for layer in range(2)]
    named = next(name for name in called if re.fullmatch(r"L[01]H[0-3]", name))
    page.goto(View("tiny/model", "text", ("a", "b", "c"), layers, labels=called).save(tmp_path / "view.html").as_uri())
    page.wait_for_selector(".map-set[data-ready]")
    first = called[named].split(", ")[0]
    assert page.inner_text(f".head-thumbnails a[title={named}] .called") == first
    assert page.locator(".head-thumbnails").bounding_box()["width"] > 1000
    page.click(f".head-thumbnails a[title={named}]")
    page.wait_for_selector(f"#{named} .map-set[data-ready]")
    assert page.inner_text("#shown-labels") == called[named]
    assert stored_labels(tmp_path / "none.db", "tiny/model") == stored_labels(database, "another") == {}


def test_small_maps_have_the_colours_of_the_large_one_in_the_dark(page, own_text):
    page.emulate_media(color_scheme="dark")
    page.goto(own_text.as_uri())
    page.wait_for_selector(".map-set[data-ready]")
    page.click(".head-thumbnails a[href='#L1H2']")
    page.wait_for_selector("#L1H2 .map-set[data-ready]")
    page.wait_for_selector("a[href='#L1H2'] img[data-painted]")
    pixels = """source => { const canvas = document.createElement("canvas");
        const [width, height] = [source.naturalWidth || source.width, source.naturalHeight || source.height];
        [canvas.width, canvas.height] = [width, height];
        const context = canvas.getContext("2d"); context.drawImage(source, 0, 0);
        return Array.from(context.getImageData(0, 0, width, height).data); }"""
    small, large = (page.locator(of).evaluate(pixels) for of in ("a[href='#L1H2'] img", "#L1H2 canvas.pixels"))
    assert small == large
    page.emulate_media(color_scheme="light")
    page.wait_for_selector("a[href='#L1H2'] img:not([data-painted])")


def test_a_frame_in_a_notebook_works_without_an_address(page, own_text, tmp_path):
    notebook = tmp_path / "notebook.html"
    notebook.write_text(f"<!doctype html><title>notebook</title>{framed(own_text.read_text())}", encoding="utf-8")
    page.goto(notebook.as_uri())
    frame = page.frame_locator("iframe")
    frame.locator(".map-set[data-ready]").wait_for()
    frame.locator(".head-thumbnails a[title=L0H1]").click()
    frame.locator("#L0H1 .map-set[data-ready]").wait_for()
    assert frame.locator("#shown-name").inner_text() == "L0H1"


KINDS = (
    "index", "glossary", "methods", "compare", "heads", "patterns/induction", "patterns/entropy", "probes/natural_text",
    "tiny-model/index", "tiny-model/explorer", "tiny-model/scatter", "tiny-model/circuits",
    "tiny-model/about", "tiny-model/heads/L0H0", "tiny-model/layers/L0",
)  # fmt: skip


def violations(page: Page, only: str | None = None, contrast: bool = True) -> list[tuple[str, list[str]]]:
    """What axe-core finds, by all of its rules or by `only` that: rules, each with elements that break it.

    Without `contrast` it does not look at that, which takes most of its time.
    """
    # Style sheets are not asked for once more, which a folder of files does not allow.
    options = {"resultTypes": ["violations"], "preload": False, **({"runOnly": [only]} if only else {})}
    if not contrast:
        options["rules"] = {"color-contrast": {"enabled": False}}
    broken = Axe().run(page, options=options).response["violations"]
    return [(rule["id"], [node["html"][:120] for node in rule["nodes"][:3]]) for rule in broken]


# Each width and each scheme once: what depends on the scheme is colours, which are looked at in both at both widths.
@pytest.mark.parametrize(("width", "schemes"), [(1440, ("light", "dark")), (390, ("dark", "light"))])
def test_every_kind_of_page_fits_and_can_be_read_by_all(page, site, width, schemes):
    page.set_viewport_size({"width": width, "height": 800})
    for name in KINDS:
        page.emulate_media(color_scheme=schemes[0])
        open_page(page, site, f"{name}.html")
        page.evaluate("for (const fold of document.querySelectorAll('details')) fold.open = true")
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), name
        assert page.locator(CONTROLS).evaluate_all(UNNAMED) == [], name
        assert violations(page, contrast=width == 1440) == [], name
        for scheme in schemes:
            page.emulate_media(color_scheme=scheme)
            assert page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches") == (scheme == "dark")
            assert page.evaluate(FAINT_TEXT) == [], (name, scheme)


def test_every_kind_of_page_fits_on_paper(page, site):
    page.set_viewport_size({"width": 720, "height": 1000})  # a sheet of A4 between its margins
    page.emulate_media(media="print")
    for name in KINDS:
        open_page(page, site, f"{name}.html")
        assert page.evaluate("document.documentElement.scrollWidth") <= 720, name


@pytest.mark.parametrize(("width", "scheme"), [(1440, "light"), (390, "dark")])
def test_the_page_of_a_task_fits_and_can_be_read_by_all(page, tmp_path, width, scheme):
    effects = [Value(head - 1.5, head - 2, head - 1) for head in range(4)]
    heads = tuple(
        TaskHead("self", layer, head, Value(layer - head, -9, 9), effect, Value(0.1), None, drawn=head == 3)
        for layer in range(3)
        for head, effect in enumerate(effects)
    )
    labels = {head.key: ("induction", "previous_token") for head in heads[:5]}
    line = TaskLine("A <prompt> " + "x" * 80, " b", (" c", " d"), "Another")
    numbers = (LEAD, True, 9, 9, Value(2, 1, 3), 0.9, heads, 0.5)
    result = TaskResult("ioi", "Who?", "us", "tiny/model", *numbers, ("A note.",), (line,), labels, True)
    path = tmp_path / "task.html"
    path.write_bytes(task_page(result))
    page.set_viewport_size({"width": width, "height": 800})
    page.emulate_media(color_scheme=scheme)
    page.goto(path.as_uri())
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    assert violations(page) == []
    assert page.evaluate(FAINT_TEXT) == []
    # A bar is as long as its head's effect, on one scale for all.
    lengths = page.locator(".effects .effect").evaluate_all("bars => bars.map(bar => bar.getTotalLength())")
    assert lengths == pytest.approx([abs(head.effect.value) * max(lengths) / 1.5 for head in result.ranked], abs=0.2)


def test_the_page_of_ones_own_text_can_be_read_by_all(page, own_text):
    page.goto(own_text.as_uri())
    page.wait_for_selector(".map-set[data-ready]")
    assert violations(page) == []
    page.emulate_media(color_scheme="dark")
    assert violations(page, "color-contrast") == []


@pytest.fixture(scope="module")
def other_kinds(tmp_path_factory) -> Path:
    """A decoder that reads "the black cat" beside "le chat noir", and a picture of two by two patches."""
    folder = tmp_path_factory.mktemp("kinds")
    path = make(folder / "a.db", attention=("cross", "vision"), heads=1, layers=1)
    db = Database(path)
    buffer = io.BytesIO()
    Image.new("RGB", (20, 20), (128, 128, 128)).save(buffer, "PNG")
    [probe] = list(db.query("select min(probe_id) as id from examples"))
    scan = next(db["scans"].rows)["id"]
    db["heatmaps"].delete_where()
    db["examples"].delete_where()
    heads = {row["attention"]: row["id"] for row in db["heads"].rows if row["layer"] == 0 and row["head"] == 0}
    cross = np.zeros((4, 4), np.uint8)
    cross[[0, 1, 2, 3], [0, 2, 1, 3]] = 255
    vision = np.zeros((5, 5), np.uint8)
    vision[:, 4] = 255
    shown: list[dict[str, Any]] = [
        {"tokens": ["<s>", "the", "black", "cat"], "key_tokens": json.dumps(["le", "chat", "noir", "</s>"])},
        {
            "tokens": ["[CLS]", "r1c1", "r1c2", "r2c1", "r2c2"],
            "image": buffer.getvalue(),
            "grid_rows": 2,
            "grid_columns": 2,
        },
    ]
    for number, (values, kind, weights) in enumerate(zip(shown, ("cross", "vision"), (cross, vision), strict=True)):
        special = json.dumps([number == 0 for number in range(len(values["tokens"]))])
        row = values | {"tokens": json.dumps(values["tokens"]), "special": special}
        row |= {"id": 9000 + number, "scan_id": scan, "probe_id": probe["id"], "sequence": number}
        db["examples"].insert(row)
        packed = zlib.compress(weights.tobytes())
        db["heatmaps"].insert({"example_id": 9000 + number, "head_id": heads[kind], "weights": packed})
    db.close()
    return build(path, folder / "site").parent / "tiny-model" / "heads"


def test_cross_attention_has_two_texts(page, other_kinds):
    page.goto((other_kinds / "X0H0.html").as_uri())
    page.wait_for_selector(".map-set[data-ready]")
    box = page.locator("canvas.pixels").first.bounding_box()
    page.mouse.move(box["x"] + 2.5 * box["width"] / 4, box["y"] + 1.5 * box["height"] / 4)
    assert page.inner_text(".readout") == "the ▸ black 1 → noir 2: 1.000"
    texts = page.locator(".map-text .tokens")
    assert texts.nth(0).locator(".token").all_inner_texts() == ["<s>", "the", "black", "cat"]
    assert texts.nth(1).locator(".token").all_inner_texts() == ["le", "chat", "noir", "</s>"]
    page.mouse.click(box["x"] + 2.5 * box["width"] / 4, box["y"] + 1.5 * box["height"] / 4)
    assert "row=1" in page.evaluate("location.hash")


def test_attention_stands_on_the_picture(page, other_kinds):
    page.goto((other_kinds / "V0H0.html").as_uri())
    page.wait_for_selector(".map-set[data-ready]")
    pictures = page.locator(".example:not([hidden]) .overlays img")
    assert pictures.count() >= 2
    assert pictures.first.get_attribute("alt").startswith("The image, tinted where [CLS] looks in V0H0; 1.00")
    tint = """img => { const canvas = document.createElement("canvas");
      [canvas.width, canvas.height] = [img.naturalWidth, img.naturalHeight];
      const context = canvas.getContext("2d"); context.drawImage(img, 0, 0);
      const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
      return [0.25, 0.75].map(at => {
        const i = 4 * (Math.floor(at * canvas.height) * canvas.width + Math.floor(at * canvas.width));
        return data[i] - data[i + 2] }) }"""
    elsewhere, seen = pictures.first.evaluate(tint)
    assert elsewhere == 0
    assert seen > 50, "the patch that is looked at carries the tint"


def test_pointing_at_a_patch_tints_the_picture(page, other_kinds):
    page.goto((other_kinds / "V0H0.html").as_uri())
    page.wait_for_selector(".map-set[data-ready]")
    pointed = page.locator(".example:not([hidden]) .overlays .pointed")
    assert pointed.inner_text().strip() == "Point at a patch."
    tinted = """canvas => { const copy = document.createElement("canvas").getContext("2d");
      copy.drawImage(canvas, 0, 0);
      const { data } = copy.getImageData(0, 0, canvas.width, canvas.height);
      return data.filter((red, i) => i % 4 === 0 && red - data[i + 2] > 50).length }"""
    assert pointed.locator("canvas").evaluate(tinted) == 0
    page.locator(".example:not([hidden]) .map-set canvas").first.focus()
    page.keyboard.press("ArrowUp")
    assert pointed.inner_text() == "Where r2c1 looks"
    page.keyboard.press("ArrowDown")
    assert pointed.inner_text() == "Where r2c2 looks"
    assert pointed.locator(".spot").is_visible(), "the patch that looks is outlined"
    assert pointed.locator("canvas").evaluate(tinted) == 100, "one patch of four"


@pytest.mark.parametrize("name", ["X0H0", "V0H0"])
def test_other_kinds_of_attention_can_be_read_by_all(page, other_kinds, name):
    page.goto((other_kinds / f"{name}.html").as_uri())
    page.wait_for_selector(".map-set[data-ready]")
    assert violations(page) == []
    page.emulate_media(color_scheme="dark")
    assert violations(page, "color-contrast") == []


def test_pages_say_everything_without_scripts(browser, site, small_database):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto((site / "tiny-model/heads/L0H0.html").as_uri())
    assert page.locator("img.pixels").first.is_visible(), "the map of natural text"
    assert page.locator(".similar tbody a").count() == 8
    scores = page.locator("table.scores[data-scores] tbody tr")
    assert scores.count() == 6, "of every pattern that has a chance"
    assert not page.locator(".map-controls").is_visible()
    assert not page.locator("select").first.is_visible(), "no control that does nothing"
    assert "the numbers are in files too" in page.inner_text("main")
    page.click("a[href$='#download']")
    (sql,) = re.findall(r'headatlas query "(.*?)"', page.inner_text("section[aria-labelledby=download]"))
    with Reader(small_database) as reader:
        assert {row["head"] for row in reader.rows(sql.replace("layer = 5", "layer = 0"))} == {0, 1, 2, 3}
    page.goto((site / "tiny-model/index.html").as_uri())
    page.click(".mosaic td a >> nth=0")
    assert page.inner_text("h1") == "L0H0"
    context.close()


def test_wide_mosaics_are_coloured_alone_and_figures_of_them_written(page, tmp_path):
    """Above twenty heads a layer cells have no room for letters; downloads have."""
    wide = build(make(tmp_path / "a.db", layers=1, heads=24, examples=0), tmp_path / "site").parent
    open_page(page, wide, "tiny-model/index.html#pattern=induction")
    page.wait_for_selector("[data-shown=induction]")
    cells = page.locator(".mosaic td a").evaluate_all(
        "cells => cells.map(cell => [cell.textContent, ...cell.getAttribute('aria-label').split(' ')])"
    )
    assert len(cells) == 24
    assert all(text == "" and name == f"L0H{head}" for head, (text, name, _) in enumerate(cells))
    with page.expect_download() as waiting:
        page.click("[data-save=svg] >> nth=0")
    figure = Path(waiting.value.path()).read_text("utf8")
    shares = [shown for *_, shown in cells if shown.startswith(".")]
    assert len(shares) > 12
    assert re.findall(r">(\.\d\d)</text>", figure) == shares


@pytest.fixture(scope="module")
def many_models(tmp_path_factory) -> Path:
    """An atlas of more models than have a card each."""
    folder = tmp_path_factory.mktemp("many")
    names = [f"step{number}" for number in (1, 2, 3, 4, 5, 20, 100)]
    return build(make(folder / "a.db", models=names, layers=1, heads=2, examples=0), folder / "site").parent


def test_many_models_are_a_line_each_that_sort_as_people_count(page, many_models):
    open_page(page, many_models, "index.html")
    lines = page.locator(".model-table tbody tr")
    counted = ["step1", "step2", "step3", "step4", "step5", "step20", "step100"]
    assert lines.locator("th").all_inner_texts() == counted
    assert all(box["height"] < 50 for box in (line.bounding_box() for line in lines.all()))
    page.click(".model-table thead button:has-text('Model')")
    assert lines.locator("th").all_inner_texts() == counted[::-1]
    assert page.get_attribute(".model-table thead th >> nth=0", "aria-sort") == "descending"
    page.locator(".model-table thead button:has-text('Heads')").focus()
    page.keyboard.press("Enter")
    assert page.get_attribute(".model-table thead th >> nth=4", "aria-sort") == "descending"
    assert violations(page) == []
    page.emulate_media(color_scheme="dark")
    page.set_viewport_size({"width": 390, "height": 800})
    # Tables are fitted to a window whose width changed with the next frame.
    page.wait_for_function("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    assert violations(page) == []
    assert page.evaluate(FAINT_TEXT) == []
    page.locator(".model-table").get_by_role("link", name="step20", exact=True).click()
    assert page.inner_text("h1") == "step20"


def test_maps_and_tables_are_drawn_from_the_layers_data(page, site, database):
    open_page(page, site, "tiny-model/heads/L1H3.html#repeated_random_tokens-1")
    shown = page.locator(".example:not([hidden])")
    assert "sequence 1 of repeated random tokens, 20 tokens" in shown.locator("figcaption").inner_text()
    stored_map = stored(database, (1, 3), "repeated_random_tokens", 1)
    drawn = shown.locator("canvas.pixels").evaluate(
        """canvas => Array.from(canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data)"""
    )
    pixels = np.array(drawn, dtype=np.uint8).reshape(*stored_map.shape, 4)
    seen = np.tril(np.ones(stored_map.shape, dtype=bool))
    assert (pixels[seen][:, :3] == RAMP[stored_map[seen]]).all()
    assert (pixels[~seen][:, 3] == 0).all()
    page.click("summary:has-text('Scores')")
    page.wait_for_selector(".all-scores tbody:nth-of-type(2)")
    rows = Database(database).query(
        """select pattern, score, ci_low from head_scores join patterns on patterns.name = pattern
           where model = 'tiny/model' and layer = 1 and head = 3 and head_scores.probe = patterns.probe"""
    )
    cells = page.locator(".all-scores tbody tr").evaluate_all(
        "rows => Object.fromEntries(rows.map(row => Array.from(row.cells, cell => cell.textContent.trim()))"
        ".map(([name, ...rest]) => [name, rest]))"
    )
    for row in rows:
        score, _, interval = cells.pop(row["pattern"].replace("_", " "))[:3]
        assert score == f"{row['score']:.{3 if row['score'] < 10 else 1}f}"
        assert interval.split("–")[0] == f"{row['ci_low']:.{3 if row['ci_low'] < 10 else 1}f}"
    assert cells == {}
    assert page.inner_text("[data-of-all]") == "of all 8 patterns, with intervals, chance and ranks"


CONTROLS = "select, canvas, a, nav, [role=region], [role=grid]"
UNNAMED = """all => all.filter(one => !(one.labels?.length || one.getAttribute('aria-label') ||
  one.getAttribute('aria-labelledby') || one.innerText?.trim() || one.querySelector('img[alt]')))
  .map(one => one.outerHTML.slice(0, 80))"""

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
