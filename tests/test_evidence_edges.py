"""Edges between heads whose circuit is known because it was built."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch
from click.testing import CliRunner
from sqlite_utils import Database

import headatlas
from headatlas.cli.main import main
from headatlas.evidence.removing import ablation, edges
from headatlas.evidence.removing.passes import PromptBatch, z_hook
from headatlas.evidence.removing.removals import Removals
from headatlas.evidence.run import gather
from headatlas.models.load import load_model
from headatlas.patterns import PATTERNS
from headatlas.scanning.options import ScanSettings
from headatlas.scanning.scanner import scan_model
from tests import fake_database
from tests.planted_model import INDUCTION, PREVIOUS_TOKEN, planted
from tests.test_evidence import made_prompts


@pytest.fixture(scope="module")
def db(tmp_path_factory):
    bridge, db = planted(), tmp_path_factory.mktemp("edges") / "heads.db"
    scan_model(bridge, db=db, name="planted", settings=ScanSettings(("repeated_random_tokens", "natural_text")))
    gather(bridge, db=db, name="planted", probe_names=["repeated_random_tokens"])
    return db


@pytest.mark.slow
def test_the_built_edge_and_no_other(db):
    with headatlas.open(db) as catalog:
        rows = catalog.edges("planted")
        labels = catalog.labels("planted")
    assert "induction" in set(labels["label"])
    rows = rows[rows["label"] == "induction"]
    assert [(row.layer, row.head, row.earlier_layer, row.earlier_head) for row in rows.itertuples()] == [
        (*INDUCTION, *PREVIOUS_TOKEN)
    ]
    (edge,) = rows.itertuples()
    assert edge.score > 0.99
    assert edge.change < -0.9, "without the previous-token head nothing is found"


def said(*words):
    done = CliRunner().invoke(main, [*map(str, words)])
    assert done.exit_code == 0, done.output
    return done


@pytest.mark.slow
def test_the_command_and_the_query(db):
    asked = ["edges", "planted", "--db", db, "--from", "previous_token", "--to", "induction"]
    (row,) = json.loads(said(*asked, "--json").stdout)
    assert (row["earlier"], row["later"], row["label"]) == ("L0H0", "L1H0", "induction")
    assert "previous_token" in row["earlier_labels"].split(", ")
    table = said(*asked).output
    assert f"Without L0H0 L1H0's induction score is 0.0{table.split('score is 0.0')[1][0]} in place of 1.00." in table
    (known,) = json.loads(said("query", "edges", "--set", "label=induction", "--db", db, "--json").stdout)
    assert (known["without"], known["later"], known["change"]) == ("L0H0", "L1H0", row["change"])
    assert "No edge between heads with these labels" in said(*asked[:4], "--from", "induction").output


def test_where_there_are_none_it_says_why(tmp_path):
    db = fake_database.make(tmp_path / "heads.db", models=("some model",))
    without = Database(db)
    with without.conn:
        without.execute("delete from edges")
    without.close()
    assert "`headatlas evidence some model --force` measures them." in said("edges", "some model", "--db", db).output
    other = fake_database.make(tmp_path / "other.db", models=("reads",), attention=("encoder",))
    assert "reads is no decoder; edges are measured" in said("edges", "reads", "--db", other).output


@pytest.mark.slow
@pytest.mark.parametrize("architecture", ["gpt2", "llama"])
def test_scores_equal_a_pass_for_each_head(tiny, architecture, monkeypatch):
    model = load_model(tiny(architecture))
    batch = PromptBatch(made_prompts(model, "repeated_random_tokens"))
    run = Removals(model.bridge, [0, 1], [4, 4], "cpu")
    clean = run.clean(batch)
    means = ablation.means([clean], [batch], 0)
    watch = edges.Watch(batch, {"induction": [(1, 0), (1, 3)], "previous_token": [(0, 1), (1, 2)]},
                        model.bridge.hook_dict)  # fmt: skip
    # Three heads a pass, so that the second pass has one.
    monkeypatch.setattr("headatlas.evidence.removing.removals.PASS_TOKENS", 3 * batch.tokens.numel())
    with model.bridge.hooks(fwd_hooks=watch.hooks(0)):
        list(run.ablated(batch, clean, 0, means))
    scores = watch.scores([0] * 4)
    assert scores.shape == (4, 4)
    assert np.isnan(watch.scores([0] * 4)).all(), "what was handed out is let go of"
    for head in range(4):
        patterns = {}

        def keep(pattern, hook, patterns=patterns):
            patterns[1] = pattern

        def replace(z, hook, head=head):
            z = z.clone()
            z[:, :, head] = means[head]
            return z

        with torch.inference_mode():
            model.bridge.run_with_hooks(
                batch.tokens, fwd_hooks=[(z_hook(0), replace), ("blocks.1.attn.hook_pattern", keep)]
            )
        for number, (label, layer, later) in enumerate(watch.heads):
            if layer == 0:
                assert np.isnan(scores[head, number]), "a head of the same layer does not read it"
                continue
            total = n = 0.0
            for row, prompt in enumerate(batch.prompts):
                tokens = edges.TokenBatch([prompt.sequence])
                targets = edges.targets_of(PATTERNS[label], tokens)[0]
                length = len(prompt)
                total += float((patterns[1][row, later, :length, :length] * targets).sum())
                n += int(targets.any(-1).sum())
            assert scores[head, number] == pytest.approx(total / n, abs=1e-5)
