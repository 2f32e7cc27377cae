"""Encoders: what the prediction of masked tokens loses without each head."""

from __future__ import annotations

import json
from types import SimpleNamespace

import numpy as np
import pytest
import torch

import headatlas
from headatlas.evidence.removing import masked
from headatlas.evidence.run import gather
from headatlas.inputs.sequence import TokenSequence
from headatlas.inputs.vocabulary import Vocabulary
from headatlas.models.load import load_model
from headatlas.probes import PROBES, make
from headatlas.probes.metrics import LOSS
from headatlas.scanning.options import ScanSettings
from headatlas.scanning.scanner import scan_model


def test_prompts_are_masked_text_of_one_length():
    def sequence(n: int) -> TokenSequence:
        ids = (1, *range(10, 10 + n), 2)
        return TokenSequence(ids, tuple(map(str, ids)), (True, *(False,) * n, True))

    made = masked.masked_prompts([sequence(60), sequence(5), sequence(70), sequence(80)], 4, n_tokens=90, longest=40,
                                 seed=0, fewest=2)  # fmt: skip
    assert [len(prompt) for prompt in made] == [40, 40], "the short one would need padding, the last is too much"
    for prompt in made:
        ids = prompt.sequence.ids
        assert (ids[0], ids[-1]) == (1, 2)
        hidden = {position for position, token in enumerate(ids) if token == 4}
        assert {target.query for target in prompt.targets} == hidden
        assert len(hidden) == round(0.15 * 38)
        assert all(target.right == 9 + target.query for target in prompt.targets)
    assert made[0].targets != made[1].targets


@pytest.fixture(scope="module")
def db(tiny, tmp_path_factory):
    path = tmp_path_factory.mktemp("masked") / "heads.db"
    scan_model(str(tiny("bert")), db=path, name="tiny", settings=ScanSettings(("natural_text",)))
    gather(str(tiny("bert")), db=path, name="tiny")
    return path


@pytest.mark.slow
def test_effects_are_those_of_plain_hooks_on_masked_text(db, tiny):
    model = load_model(tiny("bert"))
    made = make(PROBES["natural_text"], Vocabulary(model.tokenizer, model.info.d_vocab), model.info.context, 0)
    prompts = masked.masked_prompts(made.sequences, model.tokenizer.mask_token_id, n_tokens=320, longest=40, seed=0)
    tokens = torch.tensor([prompt.sequence.ids for prompt in prompts])
    outputs = []

    def keep(z, hook):
        outputs.append(z.reshape(*z.shape[:2], 4, -1))

    def loss(hooks) -> np.ndarray:
        with torch.inference_mode(), model.bridge.hooks(fwd_hooks=hooks):
            logits = model.bridge(tokens, return_type="logits").log_softmax(-1)
        return np.array([
            [-float(logits[row, target.query, target.right]) for target in prompt.targets]
            for row, prompt in enumerate(prompts)
        ])  # fmt: skip

    with headatlas.open(db) as catalog:
        rows = catalog.rows(
            """select attention, layer, head, value, intact, n_sequences, n_targets from evidence
               join heads on heads.id = head_id join evidence_kinds as kinds on kinds.id = kind_id
               where kinds.name = ? order by n_sequences desc, layer desc""",
            [LOSS],
        )
        (run,) = catalog.rows("select notes from evidence_runs")
    assert {(row["attention"], row["layer"], row["head"]) for row in rows} == {
        ("encoder", layer, head) for layer in (0, 1) for head in range(4)
    }
    chosen = rows[0]
    assert (chosen["n_sequences"], chosen["n_targets"]) == (
        len(prompts),
        sum(len(prompt.targets) for prompt in prompts),
    )
    name = f"blocks.{chosen['layer']}.attn.hook_z"
    clean = loss([(name, keep)])
    mean = outputs[0].mean((0, 1))

    def replace(z, hook):
        shape, z = z.shape, z.reshape(*z.shape[:2], 4, -1).clone()
        z[:, :, chosen["head"]] = mean[chosen["head"]]
        return z.reshape(shape)

    assert chosen["intact"] == pytest.approx(clean.mean(), abs=1e-4)
    assert chosen["value"] == pytest.approx(loss([(name, replace)]).mean() - clean.mean(), abs=1e-5)
    assert abs(chosen["value"]) > 1e-4
    assert "its answers come next, and this model predicts masked tokens" in " ".join(json.loads(run["notes"]))


@pytest.mark.slow
def test_what_the_removals_took_is_told_beside_the_weights(db):
    with headatlas.open(db) as catalog:
        costs = catalog.rows(
            """select probes.name, seconds, n_heads, n_exact from evidence_costs
               left join probes on probes.id = probe_id order by evidence_costs.id"""
        )
    assert [tuple(cost)[::2] for cost in costs] == [(None, None), ("natural_text", 8)]
    assert costs[1]["n_exact"] == 8
    assert costs[1]["seconds"] > 0


@pytest.mark.slow
def test_encoders_get_what_their_weights_say_besides(db):
    with headatlas.open(db) as catalog:
        types = set(catalog.evidence("tiny")["kind"])
        (run,) = catalog.rows("select notes from evidence_runs")
    assert types == {"qk_same_token", "q_effective_rank", "k_effective_rank", LOSS, "held_out_effect"}
    # Norms of BERT's stand on the residual stream itself, and its logits have a layer of their own.
    assert "copying: left out, its logits do not follow from the normed residual stream" in run["notes"]
    assert "composition: left out, L0 does not hand on the residual stream as it is" in run["notes"]


@pytest.mark.parametrize(
    ("architecture", "mask", "reason"),
    [
        ("BertForMaskedLM", 4, ""),
        ("BertModel", 4, "it has no head that predicts masked tokens"),
        ("BertForMaskedLM", None, "its tokenizer has no mask"),
    ],
)
def test_what_predicts_no_masked_tokens_says_so(architecture, mask, reason):
    model = SimpleNamespace(
        info=SimpleNamespace(architecture=architecture), tokenizer=SimpleNamespace(mask_token_id=mask)
    )
    assert masked.why_not(model) == reason
