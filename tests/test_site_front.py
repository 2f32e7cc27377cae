"""What somebody who comes for the first time finds on the front page, and the glossary that it leads to."""

from __future__ import annotations

import base64
import io
import re
import zlib

import pytest
from PIL import Image
from sqlite_utils import Database

from headatlas.atlas.make.glossary import terms
from headatlas.atlas.site import build
from tests.browsing import open_page
from tests.fake_database import make

pytestmark = pytest.mark.slow


def test_the_first_minute(page, small_site, small_database):
    """What is a head? Which are this model's induction heads? Does the model need them?"""
    open_page(page, small_site, "index.html")
    assert "small parts called attention heads decide, for every word, which earlier words to look back at" in (
        page.inner_text(".lead")
    )
    [row] = page.locator(".needed tbody tr", has_text="tiny/model").all()
    stored = Database(small_database).query(
        """select 'L' || layer || 'H' || head as name from labels join heads on heads.id = head_id
           join scans on scans.id = scan_id where model = 'tiny/model' and label = 'induction'"""
    )
    assert row.locator("td").nth(0).locator("a").all_inner_texts() == [head["name"] for head in stored]
    verdict, sentence = row.locator("td").nth(1).inner_text().split(" Perhaps ")
    open_page(page, small_site, "tiny-model/heads/L0H0.html")
    assert f"{verdict} Perhaps {sentence}" in re.sub(r"\s+", " ", page.inner_text("main"))


def test_the_doors_lead_to_a_head_a_model_and_a_definition(page, small_site):
    open_page(page, small_site, "index.html")
    headings = []
    for number in range(3):
        page.click(f".doors a >> nth={number}")
        headings.append(page.inner_text("h1"))
        page.go_back()
    assert headings == ["L0H0", "other", "induction"]


def test_a_random_head_is_any_of_the_site(page, small_site):
    """Without scripts the link leads to a head that was drawn once; with them each click draws another."""
    own = re.search(r'data-random href="([^"]+)"', (small_site / "index.html").read_text())[1]
    assert (small_site / own).is_file()
    heads = sorted(path.relative_to(small_site).as_posix() for path in small_site.glob("*/heads/*.html"))
    for drawn, wanted in ((0, heads[0]), (0.9999, heads[-1])):
        page.add_init_script(f"Math.random = () => {drawn}")
        open_page(page, small_site, "index.html")
        page.click("[data-random]")
        page.wait_for_url(f"**/{wanted}")


def test_the_steps_point_at_the_map_of_a_real_head(page, small_site, small_database):
    """The row and the cell that the steps name are those with the largest weight off the first token and itself."""
    open_page(page, small_site, "index.html")
    shown = page.inner_text(".steps li:nth-child(2)")
    row, column = (int(n) for n in re.findall(r"\d+", page.get_attribute(".steps li:nth-child(2) a", "href")))
    weights = read_map(small_database)
    beside = [(weights[q][k], q, k) for q in range(len(weights)) for k in range(1, q)]
    assert max(beside)[0] == weights[row][column]
    assert f"with {weights[row][column] / 255:.2f} of the attention" in re.sub(r"\s+", " ", shown)
    # The same two tokens in the text.
    tokens = page.evaluate("JSON.parse(document.querySelector('#token-data').textContent)[0].tokens")
    marked = [page.inner_text(f".steps .wild {tag}") for tag in ("b", "mark")]
    assert marked == [tokens[at].replace("·", "") for at in (row, column)]
    page.click(".steps li:nth-child(2) a")
    page.wait_for_function("document.querySelector('.reading .readout').textContent.includes('→')")
    assert f" {row} → " in page.inner_text(".reading .readout")
    assert re.search(rf" {column}: {weights[row][column] / 255:.3f}$", page.inner_text(".reading .readout"))
    page.click(".steps li:nth-child(1) a")
    page.go_back()
    page.wait_for_function(f"document.querySelector('.reading .readout').textContent.includes(' {column}: ')")


def read_map(database) -> list[list[int]]:
    """Of the kept maps of natural text of L0H0 of "other" the one with the largest weight off the first token."""

    rows = Database(database).query(
        """select weights from heatmaps join heads on heads.id = head_id join scans on scans.id = heads.scan_id
           join examples on examples.id = example_id join probes on probes.id = probe_id
           where model = 'other' and layer = 0 and head = 0 and name = 'natural_text' order by sequence"""
    )
    maps = []
    for row in rows:
        data = zlib.decompress(row["weights"])
        size = round(len(data) ** 0.5)
        maps.append([list(data[size * q : size * (q + 1)]) for q in range(size)])
    return max(maps, key=lambda weights: max(weights[q][k] for q in range(len(weights)) for k in range(1, q)))


def test_on_a_telephone_whether_a_model_needs_its_heads_is_read_without_scrolling_sideways(page, small_site):
    page.set_viewport_size({"width": 390, "height": 844})
    open_page(page, small_site, "index.html")
    room = page.locator(".scroll:has(.needed)")
    assert room.evaluate("scroll => scroll.scrollWidth - scroll.clientWidth") == 0
    headings = page.locator(".needed td").evaluate_all("cells => cells.map(cell => cell.dataset.heading)")
    assert headings[:3] == ["Its induction heads", "Without the first", "Needed, of those removed"]
    heading = page.locator(".needed td").first.evaluate("cell => getComputedStyle(cell, '::before').content")
    assert heading.replace('"', "").strip() == "Its induction heads:"


def test_small_pictures_of_models_stand_on_the_page_in_light_and_dark(tmp_path):
    """Heads without a label are transparent: a picture on paper would glare on a dark page."""
    models = [f"m{number}" for number in range(8)]
    text = build(make(tmp_path / "a.db", models=models, layers=1, heads=2), tmp_path / "site").read_text()
    row = re.search(r'class="?data model-table.*?<tr>.*?src="data:image/webp;base64,([^"]+)"', text, re.DOTALL)
    image = Image.open(io.BytesIO(base64.b64decode(row[1])))
    assert image.size == (2, 1)
    assert [image.getpixel((head, 0))[3] for head in range(2)] == [round(255 * 0.7), 0]


def test_how_to_test_what_was_not_tested_is_said_once(tmp_path):
    text = build(make(tmp_path / "a.db", models=("one", "two"), evidence=False), tmp_path / "site").read_text()
    assert text.count(">not tested<") == 2
    assert "What was not tested: <code>headatlas evidence one</code> and so on tests it." in text
    assert text.count("headatlas evidence") == 1


def test_a_site_without_labels_shows_an_invented_map(tmp_path):
    out = build(make(tmp_path / "a.db", labels=False), tmp_path / "site")
    text = out.read_text()
    assert "Drawn by hand to show what to look for, not measured" in text
    assert 'class="data needed"' not in text
    assert "See a head" not in text


def test_every_term_has_an_anchor_a_sentence_and_a_place_in_the_search(page, small_site):
    open_page(page, small_site, "glossary.html#sink")
    shown = page.locator(".glossary > div").evaluate_all("all => all.map(one => one.id)")
    assert shown == [term.anchor for term in terms()]
    assert len(set(shown)) == len(shown)
    assert all(term.text.endswith(".") for term in terms())
    page.fill("#search", "what is an attention head?")
    page.wait_for_selector("#found a")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"glossary\.html#attention-head$"))
