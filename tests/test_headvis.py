"""HeadVis: its trees are read, ours are what its front end reads, and nothing is made up on the way."""

from __future__ import annotations

import json
import sqlite3
import tracemalloc
import zlib
from pathlib import Path

import numpy as np
import pytest
import torch
from click.testing import CliRunner

import headatlas
from benchmarks import headvis
from headatlas.cli.main import main
from headatlas.errors import ModelError
from headatlas.share.headvis.reading import find_trees, read_tree
from headatlas.share.writing import write_record
from headatlas.store.locations import stored_model
from headatlas.store.scans import Store
from tests import fake_database, headvis_trees
from tests.helpers import drawn_layer


def invoke(*arguments):
    return CliRunner().invoke(main, [*map(str, arguments)], env={"COLUMNS": "200"})


@pytest.fixture
def imported(tmp_path):
    headvis_trees.make(tmp_path / "trees", model="first")
    headvis_trees.make(tmp_path / "trees", model="second", seed=1)
    done = invoke("import", tmp_path / "trees", "--db", tmp_path / "heads.db")
    assert (done.exit_code, done.stderr) == (0, "first: imported\nsecond: imported\n")
    return tmp_path / "heads.db"


def _numbers(tree: Path):
    known = headvis_trees.check(tree)
    return {key: known[key] for key in ("rows", "heads")}


@pytest.mark.slow
def test_metrics_and_sequences_are_theirs_and_the_rest_is_empty(tmp_path, imported):
    tree = tmp_path / "trees" / "first" / "headvis" / "pile"
    rows = json.loads((tree / "scatter_data.json").read_text())
    with headatlas.open(imported) as catalog:
        scores = catalog.scores("first")
        assert set(scores.probe) == {"headvis_text"}
        assert scores[["chance", "score_nosink", "ci_low", "ci_high", "n_queries", "n_sequences"]].isna().all(axis=None)
        for row in rows:
            of_head = scores[(scores.layer == row["layer"]) & (scores["head"] == row["head"])]
            known = dict(zip(of_head.pattern, of_head.score, strict=True))
            assert known == {name: row[name] for name in headvis_trees.THE_SIX} | {
                "headvis_sharpness": row["sharpness"]
            }
        for view in ("head_labels", "head_budget", "head_evidence"):
            assert catalog.query(f"select count(*) from {view}").rows[0][0] == 0
        content = json.loads((tree / "heads" / "L1H2.json").read_text())
        kept = catalog.rows(
            "select tokens, weights from heatmaps join examples on examples.id = example_id where head_id = ?",
            [catalog.head_id("first", "self", 1, 2)],
        )
    # Three of the four, those of the highest interval first; weights in steps of 1/255.
    expected = sorted(content["sequences"], key=lambda text: (-text["interval"], -text["max_activation"]))[:3]
    assert {row["tokens"] for row in kept} == {json.dumps(sequence["tokens"]) for sequence in expected}
    for row in kept:
        theirs = next(sequence for sequence in expected if json.dumps(sequence["tokens"]) == row["tokens"])
        ours = np.frombuffer(zlib.decompress(row["weights"]), np.uint8).reshape(theirs["seq_len"], -1) / 255
        assert np.abs(ours - headvis_trees.dense(theirs)).max() <= 0.5 / 255 + 1e-9


@pytest.mark.slow
def test_every_command_works_or_says_why_not(tmp_path, imported):
    here = ("--db", imported)
    assert "measured by HeadVis" in invoke("info", "first", *here).stdout
    said = invoke("heads", "first", *here)
    assert "induction_score" in said.stderr
    assert "have no chance" in said.stderr
    assert len(json.loads(invoke("heads", "first", "--pattern", "qk_distance", "--json", *here).stdout)) == 6
    near = json.loads(invoke("similar", "first", "L0H0", "--json", *here).stdout)
    assert {row["model"] for row in near} == {"first", "second"}
    assert all(np.isfinite(row["distance"]) for row in near)
    changes = json.loads(invoke("compare", "first", "second", "--json", "--limit", "0", *here).stdout)["changes"]
    assert len(changes) == 6 * 7
    assert {(row["ci_low"], row["ci_high"], row["real"]) for row in changes} == {(None, None, False)}
    assert "which really changed is not known" in invoke("compare", "first", "second", *here).stdout
    assert "needs labels" in invoke("compare", "first", "second", "--exit-code", *here).stderr
    named = invoke("label", "first", *here)
    assert named.exit_code == 1
    assert "cannot be labelled" in named.stderr
    assert invoke("label", *here).exit_code == 0
    assert invoke("export", "--out", tmp_path / "catalog", *here).exit_code == 0
    again = invoke("import", tmp_path / "catalog", "--db", tmp_path / "again.db")
    assert again.exit_code == 0, again.stderr
    with pytest.raises(ModelError, match="was measured by HeadVis"):
        stored_model(imported, "first").to_load()
    assert invoke("import", tmp_path / "trees", *here).stderr == "first: already there\nsecond: already there\n"


@pytest.mark.slow
def test_site_of_such_models(tmp_path, imported):
    assert invoke("atlas", "--db", imported, "--out", tmp_path / "site").exit_code == 0
    page = (tmp_path / "site" / "first" / "heads" / "L1H2.html").read_text()
    assert "data:image/webp" in page
    tables = drawn_layer(tmp_path / "site" / "first", "L1")["tables"]
    assert "induction_score" in [pattern[0] for pattern in tables["patterns"]]


@pytest.mark.slow
def test_our_trees_are_what_the_format_says(tmp_path):
    db = fake_database.make(tmp_path / "a.db", models=("some/model",), attention=("self", "encoder"), examples=2)
    with sqlite3.connect(db) as connection:
        connection.execute("update patterns set name = 'current_token' where name = 'first_token'")
        connection.execute("update patterns set name = 'loudness' where name = 'punctuation'")
    done = invoke("export", "--headvis", tmp_path / "out", "--db", db)
    assert done.exit_code == 0, done.stderr
    trees = sorted((tmp_path / "out" / "some-model" / "headvis").iterdir())
    assert [tree.name for tree in trees] == ["headatlas-encoder", "headatlas-self"]
    for tree in trees:
        headvis_trees.check(tree)
    known = headvis_trees.check(trees[1])
    # What heads are not compared by is a metric too.
    assert {"label_induction", "headatlas_induction", "headatlas_loudness", *headvis_trees.THE_SIX} <= set(
        known["config"]["metrics"]
    )
    row = next(row for row in known["rows"] if (row["layer"], row["head"]) == (2, 1))
    with headatlas.open(db) as catalog:
        expected = catalog.heads("some/model", head="L2H1", limit=None).set_index("pattern").score
        of_probe = catalog.heads("some/model", head="L2H1", pattern="mean_distance").score[0]
    assert row["prev_token_score"] == row["headatlas_previous_token"] == round(expected["previous_token"], 4)
    assert row["self_attention_score"] == round(expected["current_token"], 4)
    assert row["qk_distance"] == round(of_probe, 4)
    assert [row[name] for name in ("pattern_entropy", "qk_distance_variance", "induction_score")] == [None] * 3


@pytest.mark.slow
@pytest.mark.parametrize("source", ["ours", "theirs"])
def test_export_import_export_gives_the_same_numbers(tmp_path, source):
    if source == "ours":
        db = fake_database.make(tmp_path / "heads.db", models=("m",), layers=2, heads=2)
    else:
        db = tmp_path / "heads.db"
        headvis_trees.make(tmp_path / "trees", model="m")
        invoke("import", tmp_path / "trees", "--db", db)
    assert invoke("export", "--headvis", tmp_path / "one", "--db", db).exit_code == 0
    assert invoke("import", tmp_path / "one", "--db", tmp_path / "again.db").exit_code == 0
    assert invoke("export", "--headvis", tmp_path / "two", "--db", tmp_path / "again.db").exit_code == 0
    name = next((tmp_path / "one").glob("m/headvis/*")).relative_to(tmp_path / "one")
    first, second = _numbers(tmp_path / "one" / name), _numbers(tmp_path / "two" / name)
    if source == "ours":  # what has no value for any head is not known to be a metric of the files
        for row in (row for known in (first, second) for row in known["rows"]):
            for metric in [metric for metric, value in row.items() if value is None]:
                del row[metric]
    assert first == second
    assert any(head["sequences"] for head in first["heads"].values())


def test_long_sequences_are_cut_around_their_largest_weight(tmp_path):
    tree = headvis_trees.make(tmp_path, layers=1, heads=1, length=140, sequences=1)
    content = json.loads((tree / "heads" / "L0H0.json").read_text())
    content["sequences"][0] |= {"attention_indices": [0, 139 * 140 + 70, 5 * 140], "attention_values": [1.0, 0.9, 0.5]}
    (tree / "heads" / "L0H0.json").write_text(json.dumps(content))
    with Store(tmp_path / "a.db") as store:
        record = read_tree(store, tree, "m")
    tokens = json.loads(record.tables["examples"][0]["tokens"])
    weights = np.frombuffer(zlib.decompress(record.tables["heatmaps"][0]["weights"]), np.uint8).reshape(len(tokens), -1)
    assert len(tokens) <= 128
    assert weights[0, 0] == 255
    assert weights[tokens.index(" w0.139"), tokens.index(" w0.70")] == round(0.9 * 255)
    assert np.count_nonzero(weights) == 2
    assert any("shown in part" in row["warning"] for row in record.tables["warnings"])


DAMAGE = {
    "no sequences": ({"sequences": 3}, "Head files without sequences: heads/L0H0.json."),
    "outside": ({"attention_indices": [144], "attention_values": [0.5]}, "lie outside the sequence"),
    "lengths": ({"attention_indices": [1], "attention_values": []}, "differ in length"),
    "negative": ({"attention_indices": [13], "attention_values": [-0.5]}, "are no attention"),
    "above 1": ({"attention_indices": [13, 14], "attention_values": [0.9, 0.9]}, "are no attention"),
    "not a number": ({"attention_indices": [13], "attention_values": ["x"]}, "could not convert"),
    "tokens": ({"tokens": "abc"}, "is no list of texts"),
    "length": ({"seq_len": 5}, "is not the number of tokens"),
}


@pytest.mark.slow
@pytest.mark.parametrize("kind", DAMAGE)
def test_damaged_head_files_are_said_and_left_out(tmp_path, kind):
    tree = headvis_trees.make(tmp_path, layers=1, heads=2)
    change, said = DAMAGE[kind]
    path = tree / "heads" / "L0H0.json"
    content = json.loads(path.read_text())
    if "sequences" in change:
        content |= change
    else:
        content["sequences"][1] |= change
    path.write_text(json.dumps(content))
    with Store(tmp_path / "a.db") as store:
        record = read_tree(store, tree, "m", examples=10)
        assert write_record(store, record)
    assert any(said in row["warning"] for row in record.tables["warnings"])
    assert sum(row["head"] == "L0H1" for row in record.tables["heatmaps"]) == 4


@pytest.mark.slow
def test_lacking_and_hostile_fields_are_said_and_the_rest_is_read(tmp_path):
    tree = headvis_trees.make(tmp_path, layers=1, heads=2)
    (tree / "heads" / "L0H0.json").unlink()
    (tree / "heads" / "L0H1.json").write_text("[" * 100_000)
    config = json.loads((tree / "config.json").read_text())
    del config["pipeline_config"], config["metric_descriptions"], config["n_layers"]
    config |= {"heads": [[0, 0], [0, 1], [0, -1], "L0H2", [0, True]], "model_name": "a\nb\x1b[31m" + "c" * 300}
    (tree / "config.json").write_text(json.dumps(config))
    rows = [
        {"layer": 0, "head": 0, "induction_score": None, "qk_distance": 3, "odd": "much", "more": [1]},
        {"layer": 0, "head": 1, "induction_score": float("nan"), "\ud800": 0.5, "qk_distance": 10**400},
        {"layer": "x", "head": 0}, 7,
    ]  # fmt: skip
    (tree / "scatter_data.json").write_text(json.dumps(rows))
    done = invoke("import", tmp_path, "--db", tmp_path / "a.db")
    assert done.exit_code == 0, done.stderr
    with headatlas.open(tmp_path / "a.db") as catalog:
        (model,) = [row["model"] for row in catalog.scans()]
        assert model.isprintable()
        assert len(model) <= 100
        scores = catalog.scores(model)
        warnings = "\n".join(row[0] for row in catalog.rows("select warning from warnings"))
    assert sorted(zip(scores["head"], scores.pattern, scores.score, strict=True)) == [
        (0, "qk_distance", 3.0), (1, "headvis_?", 0.5),
    ]  # fmt: skip
    for said in (
        "Heads without a file of their own have no examples: heads/L0H0.json", "L0H1.json is damaged",
        "Fields missing in config.json: pipeline_config and 1 more", "entries of `heads`",
        "values in scatter_data.json",
        "rows of scatter_data.json that name no head: number 2 and 1 more", "Read from files of HeadVis",
    ):  # fmt: skip
        assert said.lower() in warnings.lower(), said


@pytest.mark.parametrize(
    ("file", "content", "said"),
    [("config.json", "[]", "holds no object"), ("config.json", "{", "damaged"), ("scatter_data.json", "{}", "no list"),
     ("scatter_data.json", "[]", "names no head")],
)  # fmt: skip
def test_trees_that_cannot_be_read_at_all(tmp_path, file, content, said):
    tree = headvis_trees.make(tmp_path)
    (tree / "config.json").write_text("{}")
    (tree / file).write_text(content)
    done = invoke("import", tree, "--db", tmp_path / "a.db")
    assert done.exit_code == 1
    assert said in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.slow
def test_somebody_elses_tree_is_not_written_over(tmp_path):
    db = fake_database.make(tmp_path / "a.db", models=("m",), layers=1, heads=1)
    tree = headvis_trees.make(tmp_path / "out", model="m", dataset="headatlas")
    before = (tree / "config.json").read_bytes()
    done = invoke("export", "--headvis", tmp_path / "out", "--db", db)
    assert done.exit_code == 1
    assert "holds other files" in done.stderr
    assert (tree / "config.json").read_bytes() == before
    again = tmp_path / "mine"
    assert [invoke("export", "--headvis", again, "--db", db).exit_code for _ in range(2)] == [0, 0]


def test_data_sets_of_a_model_have_names_of_their_own(tmp_path):
    headvis_trees.make(tmp_path, model="m", dataset="code", layers=1, heads=1)
    headvis_trees.make(tmp_path, model="m", dataset="web", layers=1, heads=1)
    assert [name for name, _ in find_trees(tmp_path)] == ["m (code)", "m (web)"]


@pytest.mark.slow
def test_memory_is_that_of_one_model(tmp_path):
    """Six models take far less than three times what two do: one is in memory at a time."""
    for number in range(6):
        headvis_trees.make(tmp_path / "trees", model=f"m{number}", layers=10, heads=4, sequences=3, seed=number)

    def peak(n_models: int) -> int:
        tracemalloc.start()
        with Store(tmp_path / f"{n_models}.db") as store:
            for name, folder in find_trees(tmp_path / "trees")[:n_models]:
                write_record(store, read_tree(store, folder, name))
        size = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return size

    peak(1)  # what is imported on the way
    assert peak(6) < 1.8 * peak(2)


def test_what_benchmarks_measure_in_its_way():
    """Of two heads by hand: uniform attention, and all of it on the token before."""
    tokens = torch.tensor([[7, 8, 7, 8]])
    uniform = torch.ones(4, 4).tril() / torch.arange(1, 5)[:, None]
    before = torch.eye(4)[[0, 0, 1, 2]]
    measured = headvis.metrics(torch.stack([uniform, before])[None], tokens)
    log = np.log
    expected = {
        "self_attention_score": [(1 + 1 / 2 + 1 / 3 + 1 / 4) / 4, 1 / 4],
        "prev_token_score": [(1 / 2 + 1 / 3 + 1 / 4) / 3, 1],
        "pattern_entropy": [(log(2) + log(3) + log(4)) / 4, 0],
        "qk_distance": [(1 / 2 + 1 + 3 / 2) / 4, 3 / 4],
        "qk_distance_variance": [(1 / 4 + 2 / 3 + 5 / 4) / 4, 0],
        "induction_score": [(1 / 3 + 1 / 4) / 2, 1],
    }
    assert measured.keys() == expected.keys()
    for name, values in expected.items():
        np.testing.assert_allclose(measured[name], values, atol=1e-6, err_msg=name)
    weights, keys, most = headvis.sparse(torch.tensor([[[[1.0, 0, 0], [0.5, 0.5, 0], [0.004, 0.3, 0.696]]]]))
    assert keys[0, 0, 2].tolist() == [2, 1, 0]
    np.testing.assert_allclose(weights[0, 0, 2], [0.696, 0.3, 0])
    assert most.item() == pytest.approx(0.696)
