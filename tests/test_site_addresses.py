"""Addresses say by name what is shown, and the browser's Back undoes what somebody chose."""

from __future__ import annotations

import pytest

from tests.browsing import open_page

pytestmark = pytest.mark.slow

SHOWN = ".example:not([hidden])"


def hash_of(page) -> str:
    return page.evaluate("location.hash")


@pytest.mark.parametrize("anchor", ["repeated_random_tokens-1", "example-2"])
def test_a_sequence_is_named_and_its_old_number_still_leads_to_it(page, small_site, anchor):
    open_page(page, small_site, f"tiny-model/heads/L1H0.html#{anchor}&row=7")
    assert page.locator(SHOWN).get_attribute("id") == "repeated_random_tokens-1"
    assert page.locator(f"{SHOWN} .tokens [aria-pressed=true]").count() == 1
    page.check("input[name=sink]")
    assert hash_of(page) == "#repeated_random_tokens-1&sink=hide&row=7"


def test_back_undoes_each_choice_about_a_map(page, small_site):
    open_page(page, small_site, "tiny-model/heads/L1H0.html")
    kept = page.locator(f"{SHOWN} .tokens [aria-pressed=true]")
    page.click(".examples a >> nth=2")
    page.select_option("select[name=scale]", "root")
    page.locator(f"{SHOWN} .tokens .token >> nth=4").click()
    page.locator(f"{SHOWN} .tokens .token >> nth=6").hover()
    assert hash_of(page) == "#repeated_random_tokens-0&scale=root&row=4", "what is pointed at is no choice"
    page.go_back()
    page.wait_for_function("location.hash === '#repeated_random_tokens-0&scale=root'")
    assert kept.count() == 0
    page.go_back()
    page.wait_for_function("document.querySelector('select[name=scale]').value === 'linear'")
    page.go_back()
    page.wait_for_selector("#natural_text-0:not([hidden])")
    page.go_forward()
    page.wait_for_selector("#repeated_random_tokens-0:not([hidden])")


def test_back_undoes_each_choice_about_a_mosaic(page, small_site):
    open_page(page, small_site, "tiny-model/index.html")
    page.select_option("select[name=pattern]", "induction")
    page.wait_for_selector("[data-shown=induction]")
    page.click(".key:has-text('punctuation')")
    page.go_back()
    page.wait_for_function("document.querySelectorAll('.mosaic td a.dim').length === 0")
    page.go_back()
    page.wait_for_selector("[data-shown='']")


def test_back_undoes_what_was_typed_as_one_step(page, small_site):
    open_page(page, small_site, "tiny-model/explorer.html")
    page.wait_for_selector(".explorer[data-ready]")
    rows = page.locator(".explorer tbody tr")
    page.select_option("select[name=label]", "induction")
    page.locator("input[name=text]").press_sequentially("L2H0")
    page.wait_for_function("location.hash === '#text=L2H0&label=induction'")
    assert rows.count() == 1
    page.go_back()
    page.wait_for_function("location.hash === '#label=induction'")
    page.wait_for_function("document.querySelectorAll('.explorer tbody tr').length === 3")
    assert page.input_value("input[name=text]") == ""
    page.go_back()
    page.wait_for_function("document.querySelectorAll('.explorer tbody tr').length === 12")


def test_back_undoes_the_choice_of_a_model(page, small_site):
    open_page(page, small_site, "compare.html")
    page.wait_for_selector("#compare[data-ready]")
    before = page.input_value("select[name=pattern]")
    page.select_option("select[name=pattern]", "entropy")
    page.wait_for_function("document.querySelector('#compare-caption').textContent.startsWith('entropy')")
    page.go_back()
    page.wait_for_function(f"document.querySelector('select[name=pattern]').value === '{before}'")
