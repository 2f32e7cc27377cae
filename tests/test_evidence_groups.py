"""Groups of heads whose joint effect is known because they were built."""

from __future__ import annotations

import json
import sqlite3

import numpy as np
import pytest
from click.testing import CliRunner

import headatlas
from headatlas.cli.main import main
from headatlas.evidence.removing import groups, screen
from headatlas.evidence.run import gather
from headatlas.evidence.words.group_words import group_rows, in_words
from headatlas.scanning.scanner import scan_model
from headatlas.store.job import Outcome
from tests import fake_database
from tests.planted_model import HEADS, INDUCTION, planted

TWIN = (1, 2)


def with_a_twin():
    """The planted model, whose second layer has another induction head: either does the work alone."""
    bridge = planted()
    weights = dict(bridge.original_model.named_parameters())
    own, twin = INDUCTION[1], TWIN[1]
    for name, kind in (("q", "weight"), ("q", "bias"), ("k", "weight"), ("v", "weight"), ("o", "weight")):
        path = f"layers.1._original_component.attn._original_component.{name}._original_component.{kind}"
        whole = weights[path].data
        of_heads = whole.view(whole.shape[0], HEADS, -1) if name == "o" else whole.view(HEADS, -1)
        if name == "o":
            of_heads[:, twin] = of_heads[:, own]
        else:
            of_heads[twin] = of_heads[own]
    return bridge


@pytest.fixture(scope="module")
def db(tmp_path_factory):
    path = tmp_path_factory.mktemp("groups") / "heads.db"
    bridge = with_a_twin()
    scan_model(bridge, db=path, name="twins")
    gather(bridge, db=path, name="twins", probe_names=["repeated_random_tokens"])
    return path


def induction(db):
    with headatlas.open(db) as catalog:
        return next(row for row in group_rows(catalog, "twins") if row["label"] == "induction")


@pytest.mark.slow
def test_evidence_of_other_labels_is_told(db, tmp_path):
    path = tmp_path / "heads.db"
    path.write_bytes(db.read_bytes())
    bridge = with_a_twin()

    def again():
        outcome = gather(bridge, db=path, name="twins", probe_names=["repeated_random_tokens"])
        assert not outcome.ran
        return outcome.relabelled

    assert not again()
    with sqlite3.connect(path) as changed:
        changed.execute("delete from labels where label = 'induction' and head_id = (select max(head_id) from labels "
                        "where label = 'induction')")  # fmt: skip
    assert again()
    with sqlite3.connect(path) as changed:
        changed.execute("update evidence_runs set settings = json_remove(settings, '$.labels')")
    assert not again(), "earlier versions did not say for which labels they gathered"


def test_evidence_of_other_labels_is_said(monkeypatch):
    outcome = Outcome("twins", ran=False, resumed=False, relabelled=True)
    monkeypatch.setattr("headatlas.evidence.run.gather", lambda *_, **__: outcome)
    said = CliRunner().invoke(main, ["evidence", "twins", "--db", "heads.db"])
    assert said.exit_code == 0
    assert "its labels have changed since" in said.stderr
    assert "--force gathers it again" in said.stderr


@pytest.mark.slow
def test_redundancy_comes_out_as_built(db):
    with headatlas.open(db) as catalog:
        labelled = catalog.rows("select layer, head from head_labels where label = 'induction' order by head")
        losses = catalog.rows("select layer, head, value from head_evidence where kind = 'ablation_loss'")
    assert [tuple(row) for row in labelled] == [INDUCTION, TWIN], "the twin is what it was built to be"
    single = {(row["layer"], row["head"]): row["value"] for row in losses}
    row = induction(db)
    assert row["n_heads"] == 2
    assert row["effect"] > 2, "without both nothing says the token"
    assert abs(single[INDUCTION]) < 1e-3, "either does it alone"
    assert abs(row["single_sum"]) < 2e-3
    assert (row["n_control"], row["n_draws"]) == (2, groups.FIRST_DRAWS), "the first draws decide"
    assert max(abs(row["control_low"]), abs(row["control_high"])) < 1e-3
    assert row["smallest"] == "L1H0 L1H2", "it takes both"


@pytest.mark.slow
def test_said_and_listed(db):
    row = induction(db)
    said = in_words(row)
    assert said.startswith("Without its 2 induction heads loss on repeats rises by ")
    assert ", without 2 others of the same layers " in said
    assert said.endswith("Half of it takes 2 of them: L1H0, L1H2.")
    shown = CliRunner().invoke(main, ["groups", "twins", "--db", str(db)], env={"COLUMNS": "80"}).output
    assert said in [" ".join(paragraph.split()) for paragraph in shown.split("\n\n")]
    assert max(map(len, shown.splitlines())) <= 80
    listed = json.loads(CliRunner().invoke(main, ["groups", "twins", "--db", str(db), "--json"]).output)
    assert row in listed


@pytest.mark.slow
def test_cut_off_after_every_part_it_ends_with_the_same_numbers(db, tmp_path, monkeypatch):
    """With a screen: its choice, and what it estimates, are of the parts that are kept."""
    monkeypatch.setattr(screen, "MIN_HEADS", 1)
    options = {"name": "twins", "probe_names": ["repeated_random_tokens"], "force": True}
    copies = [tmp_path / "whole.db", tmp_path / "cut.db"]
    for copy in copies:
        with sqlite3.connect(db) as source, sqlite3.connect(copy) as target:
            source.backup(target)
    bridge = with_a_twin()
    gather(bridge, db=copies[0], **options)
    n_begun = 0
    while True:
        begun: list[int] = []

        def stop(done, total, begun=begun):
            if begun and done > begun[0]:
                raise KeyboardInterrupt
            begun.append(done)

        n_begun += 1
        try:
            gather(bridge, db=copies[1], progress=stop, **options)
            break
        except KeyboardInterrupt:
            assert n_begun < 50
    assert n_begun > 6
    rows = []
    for copy in copies:
        with headatlas.open(copy) as catalog:
            effects = catalog.rows("select * from head_evidence order by layer, head, kind, probe")
            rows.append(([tuple(row) for row in effects], catalog.groups("twins").to_dict("records")))
    assert rows[0][0] == rows[1][0]
    assert rows[0][1] == rows[1][1]
    assert rows[0][1]
    assert {row[-1] for row in rows[0][0]} == {0, 1}, "some are estimates"


@pytest.mark.slow
def test_where_there_are_none_it_says_what_to_do(tmp_path):
    db = fake_database.make(tmp_path / "heads.db", models=("some model",))
    shown = CliRunner().invoke(main, ["groups", "some model", "--db", str(db)])
    assert shown.exit_code == 0
    assert "Nothing about groups of some model's heads is stored. `headatlas evidence" in shown.output
    unknown = CliRunner().invoke(main, ["groups", "nobody", "--db", str(db)])
    assert unknown.exit_code == 1
    assert "nobody" in unknown.output


def draws(heads, n_heads):
    return groups.draw_controls(heads, n_heads, np.random.default_rng(0))


def test_the_smallest_set_and_its_controls():
    """Two pairs of twins: a pair does 2, either of a pair alone nothing; four heads do nothing at all."""
    pairs = [{(0, 0), (1, 0)}, {(0, 1), (1, 1)}]
    asked = []

    def effect_of(sets):
        asked.extend(map(tuple, sets))
        return np.array([2.0 * sum(pair <= set(heads) for pair in pairs) for heads in sets])

    heads = [(0, 0), (0, 1), (1, 0), (1, 1), (1, 2)]
    singles = dict.fromkeys(heads, 0.0) | {(1, 2): -0.1}
    made = groups.measure("induction", heads, singles, draws(heads, {0: 8, 1: 4}), effect_of)
    assert (made.effect, made.single_sum) == (4.0, -0.1)
    assert made.controls == (0.0,) * groups.FIRST_DRAWS
    for draw in asked[1 : 1 + groups.FIRST_DRAWS]:
        assert not set(draw) & set(heads)
        assert [layer for layer, _ in draw] == [0, 0, 1], "of the second layer there is only one other"
    assert made.n_control == 3
    assert any(pair <= set(made.smallest) for pair in pairs)
    assert not any(len(some) == 1 for some in asked), "what each does alone is known"
    calm = [(0, 4), (0, 5)]
    quiet = groups.measure("x", calm, dict.fromkeys(calm, 0.0), draws(calm, {0: 8}), effect_of)
    assert quiet.smallest == ()


@pytest.mark.parametrize(
    ("others", "n_draws", "named"),
    [(0.1, groups.FIRST_DRAWS, True), (0.4, groups.N_DRAWS, True), (0.6, groups.FIRST_DRAWS, False)],
)
def test_more_is_drawn_where_the_first_draws_leave_it_open(others, n_draws, named):
    """Two heads do 1 together and 0.4 alone; any draw of others does `others`."""
    heads = [(0, 0), (0, 1)]

    def effect_of(sets):
        return np.array([1.0 if set(heads) <= set(some) else others for some in sets])

    made = groups.measure("x", heads, dict.fromkeys(heads, 0.4), draws(heads, {0: 6}), effect_of)
    assert made.controls == (others,) * n_draws
    assert made.smallest == (tuple(heads) if named else ())


def test_work_that_is_spread_over_many_heads_is_not_searched():
    heads = [(0, head) for head in range(30)]
    asked = []

    def effect_of(sets):
        asked.extend(sets)
        return np.array([float(sum(head in heads for head in some)) for some in sets])

    made = groups.measure("x", heads, dict.fromkeys(heads, 1.0), draws(heads, {0: 60}), effect_of)
    assert (made.effect, made.single_sum, made.smallest) == (30.0, 30.0, ())
    assert len(asked) == 1 + groups.FIRST_DRAWS + 1
