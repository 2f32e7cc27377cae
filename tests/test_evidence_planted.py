"""Evidence about heads whose truth is known because they were built."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import numpy as np
import pytest

import headatlas
from headatlas.evidence.load import evidence_of
from headatlas.evidence.run import gather
from headatlas.scanning.scanner import scan_model
from tests.planted_model import CONTEXT, COPIER, HEADS, INDUCTION, PREVIOUS_TOKEN, SUPPRESSOR, VOCABULARY, planted

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def db(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("planted") / "heads.db"
    bridge = planted()
    scan_model(bridge, db=path, name="planted")
    gather(bridge, db=path, name="planted")
    return path


@pytest.fixture(scope="module")
def values(db) -> dict[str, np.ndarray]:
    """[layer, head] of every kind of evidence on repeats or from the weights."""
    with headatlas.open(db) as catalog:
        frame = catalog.evidence("planted")
    frame = frame[frame["probe"].isna() | (frame["probe"] == "repeated_random_tokens")]
    return {kind: rows.pivot(index="layer", columns="head", values="value").to_numpy()
            for kind, rows in frame.groupby("kind")}  # fmt: skip


def test_the_model_is_what_it_was_built_to_be(db):
    with headatlas.open(db) as catalog:
        for pattern, (layer, head) in (("previous_token", PREVIOUS_TOKEN), ("induction", INDUCTION)):
            (row,) = catalog.rows(
                "select score from head_scores where pattern = ? and layer = ? and head = ? and probe = ?",
                [pattern, layer, head, "repeated_random_tokens"],
            )
            assert row["score"] > 0.999, pattern


def test_only_the_circuit_breaks_the_repeat(db, values):
    loss = values["ablation_loss"]
    circuit = np.zeros((2, HEADS), bool)
    circuit[INDUCTION] = circuit[PREVIOUS_TOKEN] = True
    with headatlas.open(db) as catalog:
        intact = {row["name"]: row["intact"] for row in catalog.rows(
            """select distinct kinds.name, intact from evidence join evidence_kinds as kinds on kinds.id = kind_id
               join probes on probes.id = probe_id where probes.name = 'repeated_random_tokens'""")}  # fmt: skip
    assert intact["ablation_accuracy"] == 1
    assert intact["ablation_loss"] < 1e-3
    assert (loss[circuit] > 2).all(), loss
    assert (np.abs(loss[~circuit]) < 1e-3).all(), loss
    accuracy = values["ablation_accuracy"]
    assert (accuracy[circuit] > 0.8).all()
    assert (accuracy[~circuit] == 0).all()
    # Of the two, only the induction head says the answer itself.
    direct = values["direct_logit"]
    assert direct[INDUCTION] == pytest.approx(20, abs=0.6)
    assert direct[PREVIOUS_TOKEN] == pytest.approx(0, abs=1e-5)


def test_copying_scores_of_copiers_and_suppressors(values):
    copying = values["ov_copying"]
    assert copying[INDUCTION] == pytest.approx(1, abs=1e-3)
    assert copying[COPIER] == pytest.approx(1, abs=1e-3)
    assert copying[SUPPRESSOR] == pytest.approx(-1, abs=1e-3)
    rest = np.ones((2, HEADS), bool)
    for head in (INDUCTION, COPIER, SUPPRESSOR):
        rest[head] = False
        assert (values["ov_top_tokens"][head], values["ov_bottom_tokens"][head]) == ((0, 1) if head == SUPPRESSOR
                                                                                     else (1, 0))  # fmt: skip
    assert (copying[rest] == 0).all(), "what writes nothing that is unembedded copies nothing"


def test_composition_names_the_built_previous_token_head(db):
    with headatlas.open(db) as catalog:
        rows = catalog.rows(
            "select * from head_compositions where layer = 1 and head = 0 and kind = 'key' order by rank"
        )
        evidence = evidence_of(catalog, "planted")
    assert (rows[0]["earlier_layer"], rows[0]["earlier_head"]) == PREVIOUS_TOKEN
    # Forty directions written and read, out of the width's two hundred: see `composition_scores`.
    assert rows[0]["value"] == pytest.approx(VOCABULARY**-0.5 - (3 * VOCABULARY + CONTEXT) ** -0.5, abs=1e-4)
    assert all(row["value"] <= 0 for row in rows[1:])
    (induction,) = [head for head in evidence.heads.values() if head.name == "L1H0"]
    assert induction.built_on == ("L0H0",)
    assert "Its keys read the output of the previous-token head L0H0." in induction.besides


def test_preferences(values):
    position, distance = values["qk_position"], values["qk_distance"]
    assert distance[PREVIOUS_TOKEN] == 1
    assert position[PREVIOUS_TOKEN] > 0.999
    assert distance[SUPPRESSOR] == 0
    assert position[0, 3] == pytest.approx(1 / 32, abs=1e-4), "an idle head prefers nothing"
    # The induction head's query is a token and its key the token before: no token prefers itself by the weights alone.
    assert values["qk_same_token"][INDUCTION] == pytest.approx(0.5)


def test_words(db):
    with headatlas.open(db) as catalog:
        heads = {head.name: head for head in evidence_of(catalog, "planted").heads.values()}
    induction = heads["L1H0"].verdicts[0]
    assert (induction.label, induction.verdict, induction.agrees) == ("induction", "mechanism", True)
    assert {check.name: check.holds for check in induction.checks} == {
        "other prompts": True, "direct effect": True, "other heads of the layer": True,
    }  # fmt: skip
    assert induction.sentence.startswith("Looks like an induction head; removing it raises loss on repeats by 3.")
    assert "Its output weights copy what it attends to (copying score 1.00 and 1.00)." in heads["L1H0"].besides
    assert [head.sentence for head in heads["L0H3"].verdicts] == [
        "Carries no label, and removing it changes nothing much that was measured."
    ]


def test_table_of_the_documentation(db, values):
    """The induction head beside its three idle or suppressing neighbours, with the values of the database."""
    spec = importlib.util.spec_from_file_location("generate", Path(__file__).parent.parent / "docs" / "generate.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    lines = module.induction_and_others(db, "planted").splitlines()
    loss = values["ablation_loss"]
    mean = f"{loss[INDUCTION]:.3f}"
    assert f"| labelled induction | 1 | {mean} (1) | {mean} | {mean} to {mean} | – | – | – |" in lines
    (others,) = [line for line in lines if line.startswith("| not so labelled | 3 |")]
    assert others.split(" | ")[3] == f"{loss[1, 1:].mean():.3f}"
    assert any(
        line.startswith("On repeats, a labelled head is missed more") and "100% of pairs" in line for line in lines
    )
    (head,) = [line for line in lines if line.startswith("| L1H0 |")]
    assert head.split(" | ")[2].startswith(f"{mean} (")
    assert head.endswith("| 1.000 | L0H0 |")
