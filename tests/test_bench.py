"""Heads whose truth is known, through scoring and labelling; what is counted of them."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import partial

import numpy as np
import pytest
from click.testing import CliRunner

from headatlas.bench import head, run
from headatlas.bench.report import GivenLabel, JudgedHead, summarise
from headatlas.bench.usual import usual_labels
from headatlas.catalog.catalog import Catalog
from headatlas.cli.main import main
from headatlas.errors import HeadatlasError
from headatlas.patterns import PATTERNS
from headatlas.scanning.options import ScanSettings
from headatlas.store.scans import Store

MY_HEADS = '''
"""Two heads."""

import numpy as np
from headatlas.bench import head


@head(truth={"previous_token": 1.0})
def looks_back(text):
    attention = np.eye(len(text), k=-1)
    attention[0, 0] = 1
    return attention


@head(truth={})
def spreads(text):
    return np.tril(np.ones((len(text), len(text)))) / np.arange(1, len(text) + 1)[:, None]
'''


@head(truth={"previous_token": 1.0})
def looks_back(text):
    attention = np.eye(len(text), k=-1)
    attention[0, 0] = 1
    return attention


@head(truth={})
def sums_to_two(text):
    return 2 * np.eye(len(text))


def given(label: str, confidence: float, rank: int = 1) -> GivenLabel:
    return GivenLabel(label, confidence, rank, "always", None, None, None)


@pytest.mark.slow
def test_heads_get_the_labels_a_scan_would_give(tiny, tmp_path):
    db = tmp_path / "bench.db"
    result = run([looks_back], model=str(tiny("short_gpt2")), db=db)
    (judged,) = result.heads
    assert judged.labels[0].label == "previous_token"
    assert judged.named_rightly
    assert result.summary.kinds[0].n_right == 1
    ours, plain, above_chance = result.summary.ways
    assert (ours.way, ours.n_right, ours.macro_f1) == ("headatlas", 1, 1.0)
    assert plain.n_wrong == above_chance.n_wrong == 1, "in long words the token before continues the word"
    with Store(db) as store:
        named = usual_labels(store, "bench")
    with Catalog(db) as catalog:
        rows = [row for row in catalog.head_rows("bench", limit=None) if PATTERNS[row["pattern"]].kind == "target"]
    rows = [row for row in rows if row["pattern"] != "first_token"]
    assert (
        {given.label for given in named[plain.way][0, 0]}
        == {row["pattern"] for row in rows if row["score"] > 0.4}
        >= {"previous_token", "word_continuation"}
    )
    assert (
        {given.label for given in named[above_chance.way][0, 0]}
        == {row["pattern"] for row in rows if row["score"] - row["chance"] > 0.4}
        >= {"previous_token", "word_continuation"}
    )
    with Catalog(db) as catalog:
        rows = catalog.head_rows("bench", pattern="previous_token")
    assert [row["score"] for row in rows] == [1.0]


@pytest.mark.slow
def test_the_command_counts_and_its_json_is_what_is_promised(tiny, tmp_path, monkeypatch):
    few = partial(ScanSettings, ("natural_text", "repeated_random_tokens"))  # all are read above
    monkeypatch.setattr("headatlas.bench.judge.ScanSettings", few)
    file = tmp_path / "my_heads.py"
    file.write_text(MY_HEADS)
    arguments = ["bench", str(file), "--model", str(tiny("llama")), "--quiet"]
    done = CliRunner().invoke(main, [*arguments, "--json"])
    assert done.exit_code == 0, done.output
    answer = json.loads(done.output)
    assert set(answer) == {"heads", "summary"}
    back, even = answer["heads"]
    assert (back["name"], back["truth"]) == ("looks_back", {"previous_token": 1.0})
    assert set(back["labels"][0]) == {"label", "confidence", "rank", "basis", "awake", "score", "control"}
    assert (even["name"], even["labels"]) == ("spreads", [])
    table = CliRunner().invoke(main, arguments)
    assert "named rightly" in table.output


@pytest.mark.slow
def test_the_bench_reads_the_set_that_is_asked_for(tiny, tmp_path):
    db, model = tmp_path / "bench.db", str(tiny("short_gpt2"))
    n_tokens = {}
    for name in ("quick", "standard", "full"):
        run([looks_back], model=model, db=db, name=name, probe_set=name)
        with Catalog(db) as catalog:
            rows = catalog.rows(
                "select sum(n_tokens) as n from scan_probes join scans on id = scan_id where model = ?", [name]
            )
            n_tokens[name] = rows[0]["n"]
    assert 0 < n_tokens["quick"] < n_tokens["standard"] < n_tokens["full"]


@pytest.mark.slow
def test_what_is_no_attention_is_refused_by_a_sentence(tiny):
    with pytest.raises(HeadatlasError, match=r"Head 'sums_to_two' on probe '\w+': the row of query 0 sums to 2"):
        run([sums_to_two], model=str(tiny("llama")))
    with pytest.raises(HeadatlasError, match="is no head of a bench: mark the function"):
        run([len], model=str(tiny("llama")))


def test_errors_are_counted_by_kind_pattern_confidence_and_rule():
    heads = [
        JudgedHead("a", "planted", None, {"induction": 0.6}, (given("induction", 0.95), given("comma", 0.6, 2))),
        JudgedHead("b", "planted", None, {"induction": 0.6}, ()),
        JudgedHead("c", "unlisted", "latest_capital", {}, (given("comma", 0.95),)),
        JudgedHead("d", "unlisted", "latest_capital", {}, ()),
        JudgedHead("e", "planted", None, {"induction": 0.1}, (given("induction", 0.7),)),  # neither right nor wrong
    ]
    summary = summarise(heads)
    planted, unlisted = summary.kinds
    assert (planted.n_heads, planted.n_right, planted.n_wrong, planted.n_surely_wrong) == (3, 2, 1, 0)
    assert (unlisted.n_heads, unlisted.n_right, unlisted.n_wrong, unlisted.n_surely_wrong) == (2, 0, 1, 1)
    comma, induction = summary.patterns
    assert (comma.n_planted, comma.n_wrong) == (0, 2)
    assert (induction.n_planted, induction.n_found, induction.n_wrong) == (2, 1, 0)
    assert induction.f1 == summary.macro_f1 == pytest.approx(2 / 3)
    assert summary.rules == {"latest_capital": (2, 1)}
    assert [(part.n_labels, part.right) for part in summary.confidence] == [(1, 0.0), (2, 0.5)]
    assert summary.calibration_error == pytest.approx((0.6 + 2 * 0.45) / 3)


def test_other_ways_are_counted_on_the_same_heads():
    heads = [
        JudgedHead("a", "planted", None, {"induction": 1.0}, (given("induction", 0.99),)),
        JudgedHead("b", "unlisted", "some_rule", {}, ()),
    ]
    named = [replace(head, labels=(given("comma", 1.0), given("induction", 1.0, 2))) for head in heads]
    ours, theirs = summarise(heads, {"theirs": named}).ways
    assert (ours.n_heads, ours.n_planted, ours.n_right, ours.n_wrong, ours.macro_f1) == (2, 1, 1, 0, 1.0)
    assert (theirs.way, theirs.n_right, theirs.n_wrong) == ("theirs", 0, 2)
    assert theirs.macro_f1 == pytest.approx(2 / 3), "found once, given wrongly once"
