"""Two heads side by side: maps on one text, labels, scores and evidence in tables of differences."""

from __future__ import annotations

import re

import pytest
from sqlite_utils import Database

from tests.browsing import open_page

pytestmark = pytest.mark.slow

PAGE = "heads.html"


def ready(page) -> None:
    page.wait_for_selector("#heads[data-ready]")


def stored(database, model: str, head: tuple[int, int]) -> dict[str, float]:
    """Scores of a head on the probe that each pattern is meant to be read on."""
    rows = Database(database).query(
        """select pattern, score from head_scores join patterns on patterns.name = pattern
           where model = ? and layer = ? and head = ? and head_scores.probe = patterns.probe and score is not null""",
        [model, *head],
    )
    return {row["pattern"]: row["score"] for row in rows}


def test_two_heads_of_two_models_on_one_text_with_what_differs(page, small_site, small_database):
    open_page(page, small_site, f"{PAGE}#a=tiny-model/L1H0&b=other/L0H2&text=natural_text-1")
    ready(page)
    assert page.locator("[data-side] h2").all_inner_texts() == ["L1H0 tiny/model", "L0H2 other"]
    assert "induction" in page.inner_text("[data-side=a] .chips")
    assert page.inner_text("[data-side=b] .chips") == "no label"
    assert page.locator("[data-side] canvas.pixels").count() == 2
    assert page.input_value("select[name=text]") == "natural_text-1"
    a, b = stored(small_database, "tiny/model", (1, 0)), stored(small_database, "other", (0, 2))
    rows = page.locator("#score-differences tbody tr").evaluate_all(
        "rows => rows.map(row => [row.querySelector('th a').textContent, "
        "...[1, 2].map(i => row.cells[i].firstChild.firstChild.textContent.trim()), row.cells[3].textContent])"
    )
    assert {name.replace(" ", "_") for name, *_ in rows} == set(a) | set(b)
    for name, left, right, difference in rows:
        pattern = name.replace(" ", "_")
        assert float(left) == pytest.approx(a[pattern], abs=0.06 if a[pattern] > 10 else 0.0006)
        assert float(right) == pytest.approx(b[pattern], abs=0.06 if b[pattern] > 10 else 0.0006)
        assert float(difference) == pytest.approx(b[pattern] - a[pattern], abs=0.11)
    sizes = [abs(float(row[3])) for row in rows if row[0] != "mean distance"]
    assert sizes == sorted(sizes, reverse=True)
    # Tokens are not compared with shares of attention: a distance counts by its part of the largest.
    assert max(abs(float(row[3])) for row in rows if row[0] == "mean distance") > max(sizes)
    assert rows[0][0] != "mean distance"
    loss = page.locator("#evidence-differences tbody tr").first.inner_text()
    assert re.match(r"Loss it saves nats per scored token repeated random tokens\s+0\.420 0\.300 to 0\.500", loss)


def test_what_is_pointed_at_and_kept_on_one_map_is_on_both(page, small_site):
    open_page(page, small_site, f"{PAGE}#a=tiny-model/L1H0&b=tiny-model/L2H1&text=natural_text-0")
    ready(page)
    page.locator("[data-side=a] canvas.pixels").hover(position={"x": 30, "y": 150})
    said = page.locator("[data-side] .readout").all_inner_texts()
    cells = [re.sub(r": [\d.]+$", "", text) for text in said]
    assert "→" in cells[0]
    assert cells[0] == cells[1]
    page.locator("[data-side=b] canvas.pixels").click(position={"x": 30, "y": 150})
    assert re.search(r"&row=\d+&column=\d+$", page.evaluate("location.hash"))
    address = page.evaluate("location.href")
    page.goto("about:blank")
    page.goto(address)
    ready(page)
    assert page.locator(".mark-kept >> visible=true").count() == 2


def test_choices_are_in_the_address_and_back_undoes_them(page, small_site):
    open_page(page, small_site, "tiny-model/heads/L1H0.html")
    page.click("text=Compare with another head")
    ready(page)
    assert page.locator("[data-side] h2 a").all_inner_texts() == ["L1H0", "L0H0"], "one with the same label"
    page.select_option("select[name=model-b]", "other")
    ready(page)
    page.select_option("select[name=head-b]", "L2H3")
    page.wait_for_function("document.querySelector('[data-side=b] h2 a').textContent === 'L2H3'")
    ready(page)
    assert page.evaluate("location.hash").startswith("#a=tiny-model/L1H0&b=other/L2H3&text=")
    page.click("[data-swap]")
    page.wait_for_function("document.querySelector('[data-side=a] h2 a').textContent === 'L2H3'")
    page.go_back()
    page.wait_for_function("document.querySelector('[data-side=a] h2 a').textContent === 'L1H0'")
    ready(page)
    page.click("[data-side=b] h2 a")
    page.wait_for_url(re.compile(r"/other/heads/L2H3\.html$"))
    page.click(".similar td.n a >> nth=0")
    ready(page)
    assert page.locator("[data-side=a] h2").inner_text() == "L2H3 other"
