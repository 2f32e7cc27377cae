"""Tables on phones and on paper: what comes first, and what is still there."""

from __future__ import annotations

import pytest

from tests.browsing import open_page

# Where the headings of a table stand: text, left, right.
HEADINGS = """table => [...table.querySelectorAll("thead th")].map((cell) => {
  const { left, right } = cell.getBoundingClientRect();
  return [cell.textContent.trim(), left, right];
})"""
TABLES = [
    ("tiny-model/heads/L0H1.html", "table[data-scores]", "Score", "Score, interval, chance"),
    ("tiny-model/heads/L0H1.html", "table[data-evidence]", "Value", "Among all heads"),
    ("patterns/induction.html", "table.scores", "Score", "Score, interval, chance"),
]


def unfolded(page, site, name: str, table: str):
    open_page(page, site, name)
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true })")
    return page.locator(table)


@pytest.mark.slow
@pytest.mark.parametrize(("name", "table", "number", "drawn"), TABLES)
def test_on_a_phone_a_number_is_seen_before_what_is_drawn_of_it(page, small_site, name, table, number, drawn):
    page.set_viewport_size({"width": 390, "height": 844})
    ends = {text: right for text, _, right in unfolded(page, small_site, name, table).evaluate(HEADINGS)}
    assert ends[number] <= 390
    assert ends[number] < ends[drawn]


@pytest.mark.slow
@pytest.mark.parametrize(("name", "table", "number", "drawn"), TABLES)
def test_paper_has_every_column(page, small_site, name, table, number, drawn):
    page.set_viewport_size({"width": 720, "height": 1000})
    shown = unfolded(page, small_site, name, table)
    before = [text for text, *_ in shown.evaluate(HEADINGS)]
    page.emulate_media(media="print")
    columns = shown.evaluate(HEADINGS)
    assert [text for text, *_ in columns] == before
    assert all(left < right <= 720 for _, left, right in columns)
