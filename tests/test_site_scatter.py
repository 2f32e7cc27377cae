"""Any number of a model's heads against any other."""

from __future__ import annotations

import itertools
import re

import pytest
from sqlite_utils import Database

from tests.browsing import open_page

pytestmark = pytest.mark.slow


def stored(database, pattern: str) -> dict[str, float]:
    rows = Database(database).query(
        """select 'L' || layer || 'H' || head as name, score from head_scores
           where model = 'tiny/model' and pattern = ? and probe = 'natural_text'""",
        [pattern],
    )
    return {row["name"]: row["score"] for row in rows}


def test_points_stand_where_their_numbers_say_and_lead_to_their_heads(page, small_site, small_database):
    open_page(page, small_site, "tiny-model/scatter.html#x=previous_token&y=punctuation")
    page.wait_for_selector(".scatter svg[data-shown='previous_token punctuation']")
    x, y = stored(small_database, "previous_token"), stored(small_database, "punctuation")
    drawn = page.locator(".scatter a").evaluate_all(
        "all => all.map(a => [a.dataset.head, ...['cx', 'cy'].map(name => Number(a.firstChild.getAttribute(name)))])"
    )
    both = [name for name in x if x[name] is not None and y.get(name) is not None]
    assert sorted(name for name, *_ in drawn) == sorted(both)
    for axis, values, sign in ((1, x, 1), (2, y, -1)):
        (low, at_low), (high, at_high) = (
            (values[p[0]], p[axis])
            for p in (min(drawn, key=lambda p: values[p[0]]), max(drawn, key=lambda p: values[p[0]]))
        )
        assert sign * (at_high - at_low) > 0
        for point in drawn:
            along = at_low + (values[point[0]] - low) / (high - low) * (at_high - at_low)
            assert point[axis] == pytest.approx(along, abs=1.5), point
    page.locator(f".scatter a[data-head={drawn[0][0]}]").hover()
    assert page.inner_text("#scatter-readout").startswith(f"{drawn[0][0]}: {x[drawn[0][0]]:.3f} across")


def test_names_of_points_lie_on_no_others(page, small_site):
    page.set_viewport_size({"width": 320, "height": 700})
    open_page(page, small_site, "tiny-model/scatter.html")
    numbers = page.eval_on_selector_all("[name=x] option", "options => options.map(({value}) => value)")
    n_named = 0
    for x, y in itertools.combinations(numbers, 2):
        page.select_option("[name=x]", x)
        page.select_option("[name=y]", y)
        page.wait_for_selector(f".scatter svg[data-shown='{x} {y}']", state="attached")
        boxes = page.eval_on_selector_all(
            ".scatter .name",
            "all => all.map(name => name.getBoundingClientRect()).map(b => [b.left, b.right, b.top, b.bottom])",
        )
        n_named += len(boxes)
        for a, b in itertools.combinations(boxes, 2):
            assert a[1] <= b[0] or b[1] <= a[0] or a[3] <= b[2] + 1 or b[3] <= a[2] + 1, (x, y)
    assert n_named > 4 * len(numbers)


def test_choices_are_in_the_address_and_back_undoes_them(page, small_site):
    open_page(page, small_site, "tiny-model/scatter.html")
    page.wait_for_selector(".scatter svg[data-shown]")
    assert re.match(r"induction ablation_loss:", page.get_attribute(".scatter svg", "data-shown"))
    before = page.get_attribute(".scatter svg", "data-shown")
    page.select_option("select[name=y]", "entropy")
    page.wait_for_selector(".scatter svg[data-shown='induction entropy']")
    assert page.evaluate("location.hash") == "#x=induction&y=entropy"
    page.click("[data-swap]")
    page.wait_for_selector(".scatter svg[data-shown='entropy induction']")
    page.go_back()
    page.wait_for_selector(".scatter svg[data-shown='induction entropy']")
    page.go_back()
    page.wait_for_selector(f".scatter svg[data-shown='{before}']")


def test_points_are_one_stop_of_the_tab_key(page, small_site):
    open_page(page, small_site, "tiny-model/scatter.html#x=previous_token&y=punctuation")
    page.wait_for_selector(".scatter svg[data-shown]")
    assert page.locator(".scatter a[tabindex='0']").count() == 1
    page.focus(".scatter a[tabindex='0']")
    page.keyboard.press("Home")
    page.keyboard.press("ArrowRight")
    second = page.locator(".scatter a").nth(1).get_attribute("data-head")
    assert page.evaluate("document.activeElement.dataset.head") == second
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(rf"/heads/{second}\.html$"))
