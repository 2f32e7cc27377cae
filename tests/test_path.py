"""Path patching on heads that were built, and against a plain computation."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch
from click.testing import CliRunner

import headatlas
from headatlas.cli.main import main
from headatlas.errors import HeadatlasError
from headatlas.evidence.paths.patching import Edge, drawn_elsewhere
from headatlas.evidence.paths.result import ALL, READS, ROUTES, TOTAL, sentence
from headatlas.evidence.paths.run import measure_path
from headatlas.evidence.removing import ablation
from headatlas.evidence.removing.metrics import default_probes, metric_of, prompts
from headatlas.evidence.removing.passes import NotAvailable, PromptBatch
from headatlas.evidence.removing.removals import Removals
from headatlas.heads import parse_head
from headatlas.inputs.vocabulary import Vocabulary
from headatlas.models.load import load_model
from headatlas.probes import make
from headatlas.probes.metrics import LOSS
from headatlas.scanning.options import ScanSettings
from headatlas.scanning.scanner import scan_model
from tests.planted_model import planted


@pytest.fixture(scope="module")
def bridge():
    return planted()


@pytest.mark.parametrize("resampled", [pytest.param(False, marks=pytest.mark.slow), True])
def test_the_built_edge_goes_through_keys(bridge, tmp_path, resampled):
    result = measure_path(
        bridge, parse_head("L0H0"), parse_head("L1H0"), db=tmp_path / "no.db", pattern="induction",
        resampled=resampled,
    )  # fmt: skip
    routes = {route.route: route for route in result.routes}
    assert result.score > 0.999
    assert routes["total"].effect.value > 2
    for route in ("k", "all"):
        assert routes[route].effect.value == pytest.approx(routes["total"].effect.value, rel=1e-3)
        assert routes[route].score.value == pytest.approx(routes["total"].score.value, rel=1e-3)
        assert routes[route].effect.low <= routes[route].effect.value <= routes[route].effect.high
    assert routes["k"].score.value > 0.7
    for route in ("q", "v"):
        assert routes[route].effect.value == pytest.approx(0, abs=1e-4)
        assert routes[route].score.value == pytest.approx(0, abs=1e-4)
    assert "100% of the effect of taking L0H0 out; most of it through its keys" in sentence(result)


@pytest.mark.slow
@pytest.mark.parametrize(("a", "b"), [("L0H1", "L1H0"), ("L0H3", "L1H0"), ("L0H0", "L1H1"), ("L0H0", "L1H3")])
def test_nothing_goes_where_nothing_was_built(bridge, tmp_path, a, b):
    result = measure_path(bridge, parse_head(a), parse_head(b), db=tmp_path / "no.db", pattern="induction")
    for route in result.routes:
        if route.route != "total":
            assert route.effect.value == pytest.approx(0, abs=1e-3), route
    assert sentence(result) == f"Nothing that can be measured goes from {a} straight to {b}."


@pytest.mark.slow
@pytest.mark.parametrize("architecture", ["gpt2", "llama", "neox"])
def test_all_routes_together_are_the_residual_stream_read_by_one_head(tiny, architecture):
    """Norm, grouped keys and rotary positions included: the block itself on a stream from which A's part is gone."""
    model = load_model(tiny(architecture))
    (probe,) = [probe for probe in default_probes() if probe.name == "repeated_random_tokens"]
    vocabulary = Vocabulary(model.tokenizer, model.info.d_vocab)
    batch = PromptBatch(prompts(make(probe, vocabulary, 128, 0).sequences, metric_of(probe), n_tokens=150, longest=40))
    passes = Removals(model.bridge, [0, 1], [4, 4], "cpu")
    edge = Edge(passes, batch, (0, 1), (1, 2))
    mean = 30 * ablation.means([edge.clean], [batch], 0) + 1
    before, routes = edge.routes(mean, [LOSS])
    assert set(routes) == set(ROUTES)

    # By hand: the attention's own output weights on the change of A, added to what enters the next block.
    own, heads = {}, {}

    def hidden(z, hook):
        own["z"] = z.reshape(*z.shape[:2], 4, -1).clone()

    with torch.inference_mode(), model.bridge.hooks(fwd_hooks=[("blocks.0.attn.hook_z", hidden)]):
        model.bridge(batch.tokens, return_type="logits")
    w_o = model.bridge.blocks[0].attn.W_O
    change = (mean[1] - own["z"][:, :, 1]) @ w_o[1]

    def put(x, hook):
        return x + change

    def see(z, hook):
        heads["z"] = z.reshape(*z.shape[:2], 4, -1)[:, :, 2].clone()

    def replaced(z, hook):
        shape, z = z.shape, z.reshape(*z.shape[:2], 4, -1).clone()
        z[:, :, 2] = heads["z"]
        return z.reshape(shape)

    with torch.inference_mode():
        with model.bridge.hooks(fwd_hooks=[("blocks.1.hook_in", put), ("blocks.1.attn.hook_z", see)]):
            model.bridge(batch.tokens, return_type="logits")
        with model.bridge.hooks(fwd_hooks=[("blocks.1.attn.hook_z", replaced)]):
            logits = model.bridge(batch.tokens, return_type="logits")
        clean = model.bridge(batch.tokens, return_type="logits")
    losses = [
        torch.nn.functional.cross_entropy(
            x[batch.rows, batch.queries], torch.tensor([target.right for target in batch.targets]), reduction="none"
        )
        for x in (logits, clean)
    ]
    expected = [part.sum() for part in (losses[0] - losses[1]).split([len(p.targets) for p in batch.prompts])]
    np.testing.assert_allclose(routes[ALL].effects[:, 0], expected, atol=2e-4)
    assert np.abs(expected).max() > 1e-3
    # No route but that of values leaves the pattern as it is.
    changes = {name: float((route.pattern - before.pattern).abs().amax()) for name, route in routes.items()}
    assert changes["v"] == 0
    assert min(changes[name] for name in ("q", "k", TOTAL)) > 1e-3
    assert len(READS) == 3


def test_what_cannot_be_followed_says_so(bridge, tmp_path):
    db = tmp_path / "no.db"
    with pytest.raises(HeadatlasError, match="L1H0 does not stand before L0H0: only an earlier layer's output"):
        measure_path(bridge, parse_head("L1H0"), parse_head("L0H0"), db=db)
    with pytest.raises(HeadatlasError, match="L1H9 is no head of 'native', which has 2 layers of 4."):
        measure_path(bridge, parse_head("L0H0"), parse_head("L1H9"), db=db)
    with pytest.raises(HeadatlasError, match="X0H0 is no head of a decoder"):
        measure_path(bridge, parse_head("X0H0"), parse_head("L1H0"), db=db)


@pytest.mark.slow
def test_of_a_scanned_model_it_is_stored(bridge, tmp_path):
    db = tmp_path / "heads.db"
    scan_model(bridge, db=db, name="planted", settings=ScanSettings(("repeated_random_tokens",)))
    result = headatlas.path(bridge, "L0H0", (1, 0), db=db, name="planted")
    assert (result.stored, result.pattern, result.probe) == (True, "induction", "repeated_random_tokens")
    assert "through its keys" in result.sentence
    frame = result.frame().set_index("route")
    assert frame.loc["k", "effect"] == pytest.approx(frame.loc["all", "effect"], rel=1e-3)
    again = headatlas.path(bridge, "L0H0", "L1H0", db=db, name="planted", seed=1)
    with headatlas.open(db) as catalog:
        rows = catalog.paths("planted")
    assert len(rows) == len(ROUTES), "an edge measured again takes the former's place"
    rows = rows.set_index("route")
    assert set(zip(rows.earlier_layer, rows.earlier_head, rows.layer, rows["head"], strict=True)) == {(0, 0, 1, 0)}
    for route in again.routes:
        row = rows.loc[route.route]
        assert (row.effect, row.ci_low, row.score_lost) == (route.effect.value, route.effect.low, route.score.value)
    assert set(rows.seed) == {1}
    other = planted()
    next(other.original_model.parameters()).data[0, 0] += 1
    with pytest.raises(HeadatlasError, match="are not those of the scan 'planted'"):
        headatlas.path(other, "L0H0", "L1H0", db=db, name="planted")


def test_outputs_are_drawn_from_other_prompts():
    real = torch.arange(40) < torch.tensor([[2], [40], [3]])
    rows, positions = drawn_elsewhere(real, 0)
    assert not (rows == torch.arange(3)[:, None]).any()
    assert real[rows, positions].all()
    assert [set(row.tolist()) for row in rows] == [{1, 2}, {0, 2}, {0, 1}]
    with pytest.raises(NotAvailable, match="where there is one alone"):
        drawn_elsewhere(real[:1], 0)


@pytest.mark.slow
def test_the_command(tiny, tmp_path):
    base = ["path", str(tiny("llama")), "L0H1", "L1H2", "--db", str(tmp_path / "no.db")]
    done = CliRunner().invoke(main, [*base, "--json", "--pattern", "induction"])
    assert done.exit_code == 0, done.output
    rows = json.loads(done.stdout)
    assert [row["route"] for row in rows] == ["q", "k", "v", "all", "total"]
    assert all(row["effect_low"] <= row["effect"] <= row["effect_high"] for row in rows)
    table = CliRunner().invoke(main, base)
    assert table.output.startswith("through")
    assert "L0H1" in table.output
    wrong = CliRunner().invoke(main, ["path", str(tiny("llama")), "first", "L1H2"])
    assert (wrong.exit_code, "'first' is not a head." in wrong.output) == (1, True)
