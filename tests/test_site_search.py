"""The search in the top bar of every page, as people use it."""

from __future__ import annotations

import json
import re

import pytest

from headatlas.atlas.draw.wording import words
from headatlas.atlas.make import packing
from tests.browsing import open_page
from tests.fake_database import PATTERNS

pytestmark = pytest.mark.slow

ASKED = {
    # As people write layers and heads.
    "L2H1 tiny": "L2H1 of tiny/model head",
    "l2 h1 tiny": "L2H1 of tiny/model head",
    "2.1": "L2H1 of other head",
    "(2, 1) tiny/model": "L2H1 of tiny/model head",
    "layer 1": "L1 of other layer",
    "Layer 2, head 3": "L2H3 of other head",
    "head 3 of layer 2 of tiny": "L2H3 of tiny/model head",
    "L1": "L1 of other layer",
    # As people call what heads do.
    "duplicate": "duplicate token pattern: Attends as a duplicate token head does.",
    "attention sink": "first token pattern: Attends as a first token head does.",
    "what is induction?": "induction pattern: Attends as a induction head does.",
    "duplicate_token heads": "duplicate token pattern: Attends as a duplicate token head does.",
    "prefix matching": "induction pattern: Attends as a induction head does.",
    "refusal head": "refusal head name: Kowalczyk 2025, Safety; not measured here",
    "shift head": "previous token pattern: Attends as a previous token head does.",
    "previous word": "previous token pattern: Attends as a previous token head does.",
    "does it repeat words?": "duplicate token pattern: Attends as a duplicate token head does.",
    "duplicate unheard-of": "duplicate token pattern: Attends as a duplicate token head does.",
    # Everything else that has a page.
    "natural": "natural text probe: Natural text.",
    "Tiny": "tiny/model model",
    "compare": "compare two models page: Labels, patterns and heads side by side.",
}


def hits(page, text: str) -> list[str]:
    """What the list shows for a text, once it has answered."""
    page.fill("#search", text)
    page.wait_for_function("document.querySelector('#found-said').textContent !== ''")
    return page.locator("#found [role=option]").all_inner_texts()


def test_the_search_knows_peoples_words(page, small_site):
    open_page(page, small_site, "methods.html")
    page.focus("#search")
    answered = {}
    for text in ASKED:
        page.fill("#search", "")
        page.wait_for_function("document.querySelector('#found-said').textContent === ''")
        answered[text] = hits(page, text)[0]
    assert answered == ASKED


def test_the_heads_that_do_it_are_among_the_hits_and_the_pages_own_model_comes_first(page, small_site):
    open_page(page, small_site, "tiny-model/layers/L1.html")
    listed = hits(page, "induction heads")
    assert listed[0] == "induction pattern: Attends as a induction head does."
    assert listed[1].startswith("induction head term")
    assert listed[2:5] == [
        "L0H0 of tiny/model head: the strongest induction 0.70",
        "L0H0 of other head: the strongest induction 0.70",
        "L1H0 of tiny/model head: induction 0.70",
    ]
    assert hits(page, "induction other")[0] == "L0H0 of other head: the strongest induction 0.70"
    assert hits(page, "0.2")[:2] == ["L0H2 of tiny/model head", "L0H2 of other head"]
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/tiny-model/heads/L0H2\.html$"))


def test_the_list_is_a_combobox(page, small_site):
    open_page(page, small_site, "tiny-model/heads/L0H0.html")
    page.locator("h1").click()
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "search"
    assert hits(page, "L9H9") == []
    assert page.inner_text("#found-said") == "Nothing here has that name."
    shown = hits(page, "on")
    assert len(shown) == 13
    assert re.fullmatch(r"\d+ more: show all", shown[-1]), "the list says that it does not end there"
    for key, at in (("ArrowDown", 0), ("ArrowDown", 1), ("ArrowUp", 0), ("ArrowUp", None), ("ArrowUp", 12)):
        page.keyboard.press(key)
        chosen = page.locator("#found [aria-selected=true]")
        assert (chosen.get_attribute("id") if chosen.count() else None) == page.get_attribute(
            "#search", "aria-activedescendant"
        )
        assert page.locator("#found [role=option]").evaluate_all(
            "all => all.findIndex(one => one.ariaSelected === 'true')"
        ) == (-1 if at is None else at)
    page.keyboard.press("Enter")
    assert page.locator("#found a").count() == 12 + int(shown[-1].split()[0])
    assert page.url.endswith("L0H0.html"), "arrow keys and Enter in the list turn no page"
    page.keyboard.press("Escape")
    assert page.get_attribute("#search", "aria-expanded") == "false"
    assert page.input_value("#search") == "on"
    page.keyboard.press("Escape")
    assert page.input_value("#search") == ""


def test_without_scripts_there_is_a_link_to_the_heads(browser, small_site):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto((small_site / "tiny-model/heads/L0H0.html").as_uri())
    assert page.locator("#search").count() == 0
    page.click("text=Find a head")
    assert page.inner_text("h1") == "Heads of tiny/model"
    context.close()


def test_an_index_of_37_large_models_is_small_and_complete(page, small_site):
    """Models by name and shape, never an entry a head: 37 of 1,000 heads and every pattern."""
    labels = [[number, *(part for head in range(3) for part in (f"L{head}H9", 0.5))] for number in range(len(PATTERNS))]
    layers = [[f"L{layer}", 25] for layer in range(40)]
    models = [
        {
            "name": f"model-{number}",
            "slug": f"m{number}",
            "layers": layers,
            "strongest": labels,
        }
        for number in range(37)
    ]
    entries = [["pattern", words(pattern[0]), "", f"Attends as a {pattern[0]} head does.", ""] for pattern in PATTERNS]
    names = {"models": models, "entries": entries}
    assert len(json.dumps(names, separators=(",", ":"))) < 64_000
    open_page(page, small_site, "methods.html")
    page.evaluate("names => { (window.headatlas ??= {}).data = { names } }", packing.table(names, []))
    assert hits(page, "39.24")[-1] == "25 more: show all"
    assert hits(page, "induction")[0].startswith("induction pattern")
    assert hits(page, "model-36 39.24") == ["L39H24 of model-36 head"]
