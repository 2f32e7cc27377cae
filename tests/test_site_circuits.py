"""The page of circuits: which heads rest on which, drawn and listed."""

from __future__ import annotations

import html
import re

import pytest

from headatlas.atlas.data.edges import Edge, ScanEdges
from headatlas.atlas.data.load import load_model
from headatlas.atlas.make import circuits, circuits_page
from headatlas.catalog.reader import Reader
from tests.browsing import open_page
from tests.fake_database import make

slow = pytest.mark.slow
PAGE = "tiny-model/circuits.html"


@pytest.fixture(scope="module")
def model(small_database):
    """A made-up model with its edges."""
    with Reader(small_database) as reader:
        return load_model(reader, reader.scan("tiny/model"), "tiny-model")


def shown(page, n: int) -> None:
    page.wait_for_selector(f".circuit svg[data-shown='{n}']")


def drawn(page) -> list[str]:
    return sorted(page.locator(".circuit .edge").evaluate_all("all => all.map(path => path.dataset.edge)"))


@pytest.mark.slow
def test_without_scripts_the_strongest_edges_are_a_table(small_site):
    tables = re.sub(r"<[^>]+>", "", (small_site / PAGE).read_text("utf8").split("</form>")[-1])
    said = " ".join(html.unescape(tables).split())
    assert "induction 0.800 → 0.300" in said, "by cause, with the score before and after"
    assert "-0.500" in said
    assert "keys, repeated random tokens, nats per scored token; induction score falls by 0.350" in said
    assert "falls by 0.450" not in said, "which is the head taken out everywhere"
    assert "Without L0H0, L1H0's induction score is 0.30 in place of 0.80." in said


def test_of_many_edges_the_strongest_of_each_kind_are_kept(model, monkeypatch):
    by_name = {head.name: head.id for head in model.heads}
    a, b, unnamed = (by_name[name] for name in ("L0H0", "L1H0", "L0H2"))
    swamp = [Edge(unnamed, b, "induction", 0.9, -0.5 - number / 1000) for number in range(50)]
    weak = [Edge(a, b, "punctuation", 0.9, -0.02), Edge(unnamed, by_name["L2H0"], "induction", 0.9, 0.03)]
    monkeypatch.setitem(circuits.MAX_EDGES, "cause", 5)
    monkeypatch.setattr(model, "edges", ScanEdges([*swamp, *weak]))
    kept = circuits.circuit(model)
    assert set(weak) <= set(kept.causes), "the only ones of their kind, of a head"
    assert [abs(edge.change) for edge in kept.causes] == sorted((abs(e.change) for e in kept.causes), reverse=True)
    assert swamp[-1] == kept.causes[0]
    assert (len(kept.causes), kept.n_all["cause"]) == (5, 52)
    data = circuits_page.circuits_data(model)
    earlier, later, label, score, change = data["cause"][0]
    assert [data["heads"][earlier][0], data["heads"][later][0], data["labels"][label]] == ["L0H2", "L1H0", "induction"]
    assert (score, change) == (900, -549)


@pytest.mark.slow
def test_a_model_without_evidence_has_no_such_page(tmp_path):
    database = make(tmp_path / "a.db", evidence=False)
    with Reader(database) as reader:
        assert not circuits.has_edges(load_model(reader, reader.scan("tiny/model"), "tiny-model"))


@slow
def test_edges_are_drawn_filtered_and_listed(page, small_site):
    open_page(page, small_site, "tiny-model/index.html")
    page.click("text=Circuits")
    shown(page, 4)
    assert drawn(page) == ["L0H0 L1H0", "L0H0 L2H0", "L0H1 L2H0", "L1H0 L2H0"]
    assert page.locator(".circuit .more").evaluate_all("all => all.map(path => path.dataset.edge)") == ["L1H0 L2H0"]
    rows = page.locator("[data-drawn] tbody tr").evaluate_all("all => all.map(row => row.lastElementChild.textContent)")
    assert rows == ["-0.500", "-0.500", "-0.200", "0.100"]
    assert page.locator("[data-strongest] >> visible=true").count() == 0
    page.select_option("select[name=to]", "induction")
    shown(page, 3)
    page.select_option("select[name=from]", "none")
    shown(page, 1)
    assert drawn(page) == ["L0H1 L2H0"]
    assert page.evaluate("location.hash") == "#from=none&to=induction"
    page.go_back()
    shown(page, 3)
    page.go_back()
    shown(page, 4)
    page.locator(".edge-kinds a", has_text="induction → induction").click()
    shown(page, 2)
    assert page.input_value("select[name=from]") == "induction"


@slow
def test_a_threshold_leaves_out_what_is_weaker(page, small_site):
    open_page(page, small_site, PAGE)
    shown(page, 4)
    page.locator("input[name=least]").fill("150")
    shown(page, 3)
    assert page.evaluate("location.hash") == "#least=150"
    assert page.inner_text("output[name=shown]") == "0.150"
    open_page(page, small_site, f"{PAGE}#least=450")
    shown(page, 2)
    page.select_option("select[name=by]", "weights")  # whose numbers are other numbers
    shown(page, 2)
    assert page.evaluate("location.hash") == "#by=weights"


@slow
def test_by_weights_and_by_paths_through_what_is_read(page, small_site):
    open_page(page, small_site, f"{PAGE}#by=path")
    shown(page, 1)
    assert page.locator("[data-drawn] td").last.inner_text() == "0.800", "all that is read together"
    page.select_option("select[name=through]", "key")
    page.wait_for_function("document.querySelector('[data-drawn] td:last-child').textContent === '0.700'")
    assert "straight through L1H0's keys" in page.inner_text("#circuit-readout")
    page.select_option("select[name=by]", "weights")
    shown(page, 2)
    assert drawn(page) == ["L0H0 L1H0", "L0H0 L2H0"]
    assert "L1H0's keys read 0.100 more of what L0H0 writes" in page.inner_text("#circuit-readout")
    page.select_option("select[name=head]", "L1H0")
    shown(page, 1)
    assert page.evaluate("location.hash") == "#by=weights&through=key&head=L1H0"
    open_page(page, small_site, f"{PAGE}#head=L2H3")  # of which nothing is kept
    shown(page, 4)


@slow
def test_a_head_lights_up_its_edges_and_leads_to_its_page(page, small_site):
    open_page(page, small_site, PAGE)
    shown(page, 4)
    lit = "all => all.map(path => path.dataset.edge)"
    page.hover(".circuit a[data-head=L1H0]")
    assert sorted(page.locator(".edge.lit").evaluate_all(lit)) == ["L0H0 L1H0", "L1H0 L2H0"]
    said = page.inner_text("#circuit-readout")
    assert said.startswith(
        "L1H0 induction, punctuation. Without L0H0, L1H0's induction score is 0.30 in place of 0.80."
    )
    page.mouse.move(2, 2)
    assert page.locator(".edge.lit").count() == 0
    assert page.inner_text("#circuit-readout").startswith("4 edges of 4")
    assert page.locator(".circuit a[tabindex='0']").count() == 1
    page.focus(".circuit a[tabindex='0']")
    page.keyboard.press("Home")
    assert page.evaluate("document.activeElement.dataset.head") in ("L0H0", "L0H1")
    page.keyboard.press("ArrowDown")
    assert page.evaluate("document.activeElement.dataset.head") == "L1H0"
    assert sorted(page.locator(".edge.lit").evaluate_all(lit)) == ["L0H0 L1H0", "L1H0 L2H0"]
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/heads/L2H0\.html$"))
