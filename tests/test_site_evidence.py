"""Evidence beside heads wherever heads are listed: explorer, layers, patterns, comparison."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from sqlite_utils import Database

from tests.browsing import open_page

pytestmark = pytest.mark.slow

LOSS = "Loss, repeated random tokens"
COLUMN = "ablation_loss:repeated_random_tokens"


def stored(database: Path, model: str = "tiny/model") -> dict[str, str]:
    """The loss without each head, as pages print it."""
    rows = Database(database).query(
        "select layer, head, value from head_evidence where model = ? and kind = 'ablation_loss'", [model]
    )
    return {f"L{row['layer']}H{row['head']}": f"{row['value']:.3f}" for row in rows}


def test_layers_and_patterns_show_what_the_model_loses_without_each_head(page, small_site, small_database):
    open_page(page, small_site, "tiny-model/layers/L1.html")
    assert page.locator(".label-list thead th").last.inner_text() == LOSS
    rows = page.locator(".label-list tbody tr").evaluate_all(
        "rows => rows.map(row => [row.cells[0].textContent.trim(), row.cells[2].textContent])"
    )
    assert dict(rows) == {name: value for name, value in stored(small_database).items() if name.startswith("L1")}
    open_page(page, small_site, "patterns/previous_token.html")
    assert page.locator(".scores thead th").last.inner_text() == LOSS
    rows = page.locator(".scores tbody tr").evaluate_all(
        "rows => rows.map(row => [row.cells[0].textContent.trim(), row.cells[1].textContent,"
        " row.lastElementChild.textContent])"
    )
    assert len(rows) == 20
    assert all(value == stored(small_database, model)[name] for name, model, value in rows)


def test_a_head_page_has_every_number_of_its_evidence(page, small_site, small_database):
    open_page(page, small_site, "tiny-model/heads/L1H0.html")
    page.wait_for_selector(".all-evidence .strip", state="attached")
    rows = page.locator(".all-evidence tbody tr").evaluate_all(
        "rows => rows.map(row => Array.from(row.cells, cell => cell.textContent))"
    )
    [copying] = Database(small_database).query(
        "select value from head_evidence where model = 'tiny/model' and kind = 'ov_copying' and layer = 1 and head = 0"
    )
    assert rows[0] == ["What changes without it"]
    assert rows[1][:4] == ["Loss it saves nats per scored token", "repeated random tokens", "0.420", ""]
    assert rows[1][4:] == ["0.300 to 0.500", "100%", "3.000"]
    last = rows[-1]
    assert last[:4] == ["Copying, by eigenvalues share, -1 to 1", "–", f"{copying['value']:.3f}", ""]


def test_the_explorer_sorts_filters_and_saves_by_evidence(page, small_site, small_database):
    open_page(page, small_site, f"tiny-model/explorer.html#sort=-{COLUMN}")
    page.wait_for_selector(".explorer[data-ready]")
    values = stored(small_database)
    cells = page.locator(".explorer tbody tr").evaluate_all(
        "rows => rows.map(row => [row.cells[0].textContent, row.lastElementChild.textContent])"
    )
    assert dict(cells) == values
    assert cells[0] == ["L1H0", "0.420"], "the largest first"
    assert [float(value) for _, value in cells] == sorted(map(float, values.values()), reverse=True)
    page.fill("input[aria-label='Loss it saves, repeated random tokens, least value']", "0.005")
    kept = [name for name, value in values.items() if float(value) >= 0.005]
    assert sorted(page.locator(".explorer tbody th").all_inner_texts()) == sorted(kept)
    page.select_option("select[name=column]", "ov_copying")
    page.wait_for_selector("th [data-sort=ov_copying]")
    address = page.evaluate("location.href")
    page.goto("about:blank")
    page.goto(address)
    page.wait_for_selector(".explorer[data-ready]")
    page.wait_for_selector("th [data-sort=ov_copying]")  # whose numbers are in a file of their own
    assert page.locator(".explorer tbody tr").count() == len(kept), "bounds of evidence are in the address"
    with page.expect_download() as waiting:
        page.click("[data-csv]")
    rows = list(csv.DictReader(Path(waiting.value.path()).read_text().splitlines()))
    assert {row["head"]: f"{float(row[COLUMN]):.3f}" for row in rows} == {name: values[name] for name in kept}
    assert all(row["ov_copying"] for row in rows)


def test_two_models_are_compared_by_evidence(page, small_site, small_database):
    open_page(page, small_site, f"compare.html#a=other&b=tiny-model&pattern={COLUMN}")
    page.wait_for_selector("#compare[data-ready]")
    assert page.inner_text("#compare-caption").startswith(f"{LOSS}, both on one scale")
    page.select_option("select[name=pattern]", "induction")
    page.wait_for_function("document.querySelector('#compare-caption').textContent.startsWith('induction')")
    assert LOSS in page.locator("#compare-heads th").all_inner_texts()
    before, after = stored(small_database, "other"), stored(small_database)
    rows = page.locator("#compare-heads tr:has(td)").evaluate_all(
        "rows => rows.map(row => [row.cells[0].textContent, row.querySelector('.from-to').textContent])"
    )
    assert rows
    assert all(said == f"{before[name]} → {after[name]}" for name, said in rows)
    [line] = page.locator("#compare-patterns tr", has_text=LOSS).all()
    assert line.locator("td").nth(1).inner_text() == max(after.values())
