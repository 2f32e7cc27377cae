"""Edges between heads whose circuit is known because it was built."""

from __future__ import annotations

import numpy as np
import pytest
import torch

import headatlas
from headatlas.evidence import ablation, edges
from headatlas.evidence.passes import Passes, PromptBatch, z_hook
from headatlas.evidence.run import gather
from headatlas.models.load import load_model
from headatlas.patterns import PATTERNS
from headatlas.scanning.options import ScanSettings
from headatlas.scanning.scanner import scan_model
from tests.planted_model import INDUCTION, PREVIOUS_TOKEN, planted
from tests.test_evidence import made_prompts


@pytest.mark.slow
def test_the_built_edge_and_no_other(tmp_path):
    bridge, db = planted(), tmp_path / "heads.db"
    scan_model(bridge, db=db, name="planted", settings=ScanSettings(("repeated_random_tokens", "natural_text")))
    gather(bridge, db=db, name="planted", probe_names=["repeated_random_tokens"])
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


@pytest.mark.slow
@pytest.mark.parametrize("architecture", ["gpt2", "llama"])
def test_scores_equal_a_pass_for_each_head(tiny, architecture, monkeypatch):
    model = load_model(tiny(architecture))
    batch = PromptBatch(made_prompts(model, "repeated_random_tokens"))
    run = Passes(model.bridge, [0, 1], [4, 4], "cpu")
    clean = run.clean(batch)
    means = ablation.means([clean], [batch], 0)
    watch = edges.Watch(batch, {"induction": [(1, 0), (1, 3)], "previous_token": [(0, 1), (1, 2)]},
                        model.bridge.hook_dict)  # fmt: skip
    # Three heads a pass, so that the second pass has one.
    monkeypatch.setattr("headatlas.evidence.passes.PASS_TOKENS", 3 * batch.tokens.numel())
    with model.bridge.hooks(fwd_hooks=watch.hooks(0)):
        list(run.ablated(batch, clean, 0, means))
    scores = watch.scores()
    assert scores.shape == (4, 4)
    assert watch.scores().shape == (0, 4), "what was handed out is let go of"
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
