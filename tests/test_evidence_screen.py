"""Estimates against finite differences and plain hooks; who is removed; an estimate is never said to be measured."""

from __future__ import annotations

import json
import sqlite3

import numpy as np
import pytest
import torch

import headatlas
from headatlas.evidence import run
from headatlas.evidence.load import evidence_of
from headatlas.evidence.movement import share_moved
from headatlas.evidence.removing import ablation, screen, screen_passes
from headatlas.evidence.removing.metrics import readings
from headatlas.evidence.removing.passes import NotAvailable, PromptBatch, z_hook
from headatlas.evidence.removing.screen_passes import ScreenPasses
from headatlas.evidence.run import gather
from headatlas.evidence.weights.model_weights import ModelWeights
from headatlas.evidence.words.effect_words import Line, effect_in_words
from headatlas.evidence.words.verdicts import QUIET, UNTESTED, describe
from headatlas.models.load import load_model
from headatlas.probes.metrics import LOSS
from headatlas.scanning.options import ScanSettings
from headatlas.scanning.scanner import scan_model
from tests.planted_model import INDUCTION, PREVIOUS_TOKEN, planted
from tests.test_evidence import made_prompts

ARCHITECTURES = ["gpt2", "llama", "neox"]


def prepared(tiny, architecture):
    model = load_model(tiny(architecture))
    batch = PromptBatch(made_prompts(model, "repeated_random_tokens"))
    passes = ScreenPasses(model.bridge, [0, 1], [4, 4], "cpu")
    clean = passes.clean(batch)
    means = {layer: ablation.means([clean], [batch], layer) for layer in (0, 1)}
    return model, batch, passes, clean, means


def change_of_loss(bridge, batch, layer, head, mean, share) -> np.ndarray:
    """[prompt], with the head's output moved by a share of the way to its mean, through a plain hook."""

    def move(z, hook):
        z = z.clone()
        z[:, :, head] += share * (mean - z[:, :, head])
        return z

    effects = []
    for prompt in batch.prompts:
        tokens = torch.tensor([prompt.sequence.ids])
        queries = [target.query for target in prompt.targets]
        with torch.inference_mode():
            before = readings(bridge(tokens, return_type="logits")[0, queries], prompt.targets, (LOSS,))
            moved = bridge.run_with_hooks(tokens, return_type="logits", fwd_hooks=[(z_hook(layer), move)])
        rise = readings(moved[0, queries], prompt.targets, (LOSS,)) - before
        effects.append(float(rise.double().sum()))
    return np.array(effects)


@pytest.mark.slow
@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_first_order_is_the_slope_of_the_ablation(tiny, architecture, monkeypatch):
    model, batch, passes, clean, means = prepared(tiny, architecture)
    wanted = {name: weight.requires_grad for name, weight in model.bridge.named_parameters()}
    monkeypatch.setattr(screen_passes, "PASS_TARGETS", 7)  # the gradient comes in pieces
    effects = passes.first_order(batch, clean, means, LOSS).effects
    assert {name: weight.requires_grad for name, weight in model.bridge.named_parameters()} == wanted
    for layer in (0, 1):
        for head in (0, 3):
            share = 0.02
            # A slope from both sides, so that curvature drops out.
            ahead, behind = (
                change_of_loss(model.bridge, batch, layer, head, means[layer][head], sign * share) for sign in (1, -1)
            )
            slope = (ahead - behind) / (2 * share)
            np.testing.assert_allclose(effects[layer][:, head], slope, atol=0.02 * np.abs(slope).max() + 2e-3)
    assert max(np.abs(effects[layer]).max() for layer in (0, 1)) > 0.02


@pytest.mark.slow
@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_carried_effects_end_in_the_slope_of_what_blocks_hand_on(tiny, architecture):
    """Through every block a change is exact but for the logits: there the gradient times the change is known."""
    model, batch, passes, clean, means = prepared(tiny, architecture)
    first = passes.first_order(batch, clean, means, LOSS)
    for layer in (0, 1):
        left = []
        for head, effect, moved in passes.carried(batch, clean, layer, means[layer], [1, 2], first):

            def replace(z, hook, head=head, mean=means[layer][head]):
                z = z.clone()
                z[:, :, head] = mean
                return z

            handle = model.bridge.blocks[1].register_forward_hook(lambda _, args, out, left=left: left.append(out))
            with torch.inference_mode():
                model.bridge.run_with_hooks(batch.tokens, fwd_hooks=[(z_hook(layer), replace)])
            handle.remove()
            out = left[-1][0] if isinstance(left[-1], tuple) else left[-1]
            change = (out - clean.leaving) * batch.real[..., None]
            expected = (change * first.gradients[2]).sum((1, 2)).numpy()
            np.testing.assert_allclose(effect, expected, atol=1e-4)
            share = (change.norm(dim=-1) / clean.leaving.norm(dim=-1))[batch.real].mean()
            assert moved == pytest.approx(float(share), rel=1e-3)
            assert moved > 0


def test_who_is_removed():
    n = 80
    first = np.zeros((2, n))
    first[:, 5] = 3.0
    first[:, 6:15] = 1.0
    expected = np.zeros(n, dtype=bool)
    expected[70] = True
    asked = []

    def carry(heads):
        asked.append(heads)
        carried, moved = np.where(heads, 0.1, np.nan)[None].repeat(2, 0), np.where(heads, 1.0, np.nan)
        carried[:, 40] = 9.0  # what no gradient showed
        return carried, moved

    made = screen.choose(first, expected, carry, np.random.default_rng(0))
    assert made["drawn"].sum() == 8
    assert made["chosen"][[5, *range(6, 15), 40, 70]].all()
    assert made["chosen"].sum() == 10 + 10 + 1
    (heads,) = asked
    assert not (heads & ~made["drawn"])[[5, 70]].any(), "what is removed anyway need not be carried"
    assert heads[made["drawn"]].all(), "estimates are judged as they are for others"
    assert (made["estimates"][:, 40] == 9.0).all()
    assert made["estimates"][0, 5] == (0.1 if made["drawn"][5] else 3.0)


def test_of_equal_effects_the_one_that_moves_the_stream_counts():
    n = 80
    first = np.zeros((1, n))
    first[:, :10] = 3.0
    effects, moved = np.zeros(n), np.full(n, 0.01)
    effects[10:30] = 0.4
    effects[30:40] = 0.25
    moved[30:40] = 0.02
    made = screen.choose(first, np.zeros(n, dtype=bool), lambda heads: (effects[None], moved), np.random.default_rng(0))
    assert made["chosen"][:10].all()
    assert np.flatnonzero(made["chosen"]).tolist() == [*range(10), *range(30, 40)], "0.25 x 0.02 is more"


def test_heads_that_hardly_move_the_stream_are_not_carried():
    n = 80
    first = np.zeros((1, n))
    first[:, :10] = 3.0
    first[:, 79] = 1.0
    moves = np.arange(n, 0, -1.0)
    asked = []

    def carry(heads):
        asked.append(heads)
        return np.where(heads, 0.5, np.nan)[None], np.where(heads, 1.0, np.nan)

    made = screen.choose(first, np.zeros(n, dtype=bool), carry, np.random.default_rng(0), moves)
    (heads,) = asked
    end = 10 + round(screen.MOVING_FRACTION * 70)
    assert heads[10:end].all(), "those of the heads that the first order does not choose which move it most"
    assert not heads[end:].any()
    assert made["estimates"][0, 79] == 1.0, "first order is all that is known of the others"
    assert not made["chosen"][end:].any(), "whatever moves the stream comes before what does not"
    assert made["chosen"].sum() == 20


@pytest.mark.slow
@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_how_far_a_head_moves_the_stream(tiny, architecture):
    model, batch, passes, clean, means = prepared(tiny, architecture)
    own = ModelWeights(model.bridge, {0: 4, 1: 4}, "cpu")
    shares = {}

    def see(layer, z, change):
        bias = own.output_biases.get(layer, torch.zeros(clean.leaving.shape[-1]))
        shares[layer] = share_moved(own.layers[layer], bias, z, change, clean.entering[layer], batch.real)

    passes.first_order(batch, clean, means, LOSS, see)
    for layer in (0, 1):
        for head in (0, 3):
            given = []

            def replace(z, hook, mean=means[layer][head], head=head):
                z = z.clone()
                z[:, :, head] = mean
                return z

            keep = (f"blocks.{layer}.attn.hook_out", lambda out, hook, given=given: given.append(out))
            with torch.inference_mode():
                model.bridge.run_with_hooks(batch.tokens, fwd_hooks=[keep])
                model.bridge.run_with_hooks(batch.tokens, fwd_hooks=[(z_hook(layer), replace), keep])
            moved = (given[1] - given[0]).norm(dim=-1) / clean.entering[layer].norm(dim=-1)
            assert float(shares[layer][head]) == pytest.approx(float(moved[batch.real].mean()), rel=1e-3)
            assert shares[layer][head] > 0


def test_trust():
    sizes = np.arange(40, 0, -1.0)
    chosen = np.arange(40) < 8
    drawn = np.isin(np.arange(40), [0, 9, 20, 30, 39])
    measured = np.where(chosen | drawn, sizes, np.nan)
    perfect = screen.trust(sizes, measured, chosen, drawn)
    assert (perfect.n_random, perfect.correlation, perfect.recall) == (5, pytest.approx(1), 1)
    # A head that was not chosen has the largest effect: it stands for eight, more than the four that are the tenth.
    measured[9] = -100.0
    missed = screen.trust(sizes, measured, chosen, drawn)
    assert missed.recall == 0
    assert missed.correlation < 1
    # It comes after the three largest of those chosen, and has the fourth place.
    measured[9] = 37.5
    assert screen.trust(sizes, measured, chosen, drawn).recall == pytest.approx(3 / 4)
    assert np.isnan(screen.trust(sizes, np.where(chosen, sizes, np.nan), chosen, chosen).recall)


@pytest.fixture(scope="module")
def dbs(tmp_path_factory):
    """The planted model, every head removed; and screened, with shares for a model of eight heads."""
    folder = tmp_path_factory.mktemp("screened")
    whole, screened = folder / "whole.db", folder / "screened.db"
    bridge = planted()
    scan_model(bridge, db=whole, name="planted", settings=ScanSettings(("repeated_random_tokens",)))
    with sqlite3.connect(whole) as source, sqlite3.connect(screened) as target:
        source.backup(target)
    options = {"name": "planted", "probe_names": ["repeated_random_tokens"]}
    gather(bridge, db=whole, exact=True, **options)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(screen, "MIN_HEADS", 1)
        gather(bridge, db=screened, **options)
    return whole, screened


def losses(db):
    with headatlas.open(db) as catalog:
        rows = catalog.rows("select * from head_evidence where kind = 'ablation_loss'")
    return {(row["layer"], row["head"]): dict(row) for row in rows}


@pytest.mark.slow
def test_what_is_exact_is_as_if_every_head_had_been_removed(dbs):
    whole, screened = map(losses, dbs)
    assert all(row["exact"] == 1 for row in whole.values())
    exact = {head for head, row in screened.items() if row["exact"]}
    assert {INDUCTION, PREVIOUS_TOKEN} <= exact, "the screen finds the circuit"
    assert len(exact) < len(screened) == 8
    for head, row in screened.items():
        if head in exact:
            assert row["value"] == pytest.approx(whole[head]["value"], abs=1e-4)
            assert row["ci_low"] is not None
        else:
            assert (row["ci_low"], row["ci_high"]) == (None, None)
            assert row["percentile"] is not None
            assert abs(row["value"]) < 0.05


@pytest.mark.slow
def test_other_readings_of_heads_that_were_not_removed_are_not_made_up(dbs):
    _, screened = dbs
    with headatlas.open(screened) as catalog:
        rows = catalog.rows("select layer, head, percentile from head_evidence where kind = 'ablation_accuracy'")
        (cost,) = catalog.rows("select * from evidence_costs where probe_id is not null")
    exact = {head for head, row in losses(screened).items() if row["exact"]}
    assert {(row["layer"], row["head"]) for row in rows} == exact
    assert all(row["percentile"] is None for row in rows), "nobody knows how many heads have less"
    assert (cost["n_heads"], cost["n_exact"], cost["n_random"]) == (8, len(exact), 1)


@pytest.mark.slow
def test_evidence_that_measured_every_head_stands_for_what_is_screened(dbs, tmp_path, monkeypatch):
    whole, screened = dbs
    options = {"name": "planted", "probe_names": ["repeated_random_tokens"]}
    monkeypatch.setattr(screen, "MIN_HEADS", 1)
    assert not gather(planted(), db=whole, **options).ran
    with pytest.raises(headatlas.HeadatlasError, match="made with other settings"):
        gather(planted(), db=screened, exact=True, **options)
    with headatlas.open(screened) as catalog:
        (kept,) = catalog.rows("select settings from evidence_runs")
    monkeypatch.setattr(run, "OLDER_SCREENS", (json.loads(kept["settings"])["screen"],))
    monkeypatch.setattr(run, "SCREEN_VERSION", run.SCREEN_VERSION + 1)
    assert not gather(planted(), db=screened, **options).ran, "who was removed before was measured as well"
    monkeypatch.setattr(run, "OLDER_SCREENS", ())
    with pytest.raises(headatlas.HeadatlasError, match="made with other settings"):
        gather(planted(), db=screened, **options)


@pytest.mark.slow
def test_a_model_that_cannot_be_run_backwards_is_measured_whole(dbs, tmp_path, monkeypatch):
    whole, screened = dbs
    copy = tmp_path / "copy.db"
    with sqlite3.connect(screened) as source, sqlite3.connect(copy) as target:
        source.backup(target)

    def refuse(*arguments):
        raise RuntimeError("derivative is not implemented")

    monkeypatch.setattr(screen, "MIN_HEADS", 1)
    monkeypatch.setattr(screen_passes, "_gradient", refuse)
    gather(planted(), db=copy, name="planted", probe_names=["repeated_random_tokens"], force=True)
    assert losses(copy) == losses(whole)
    with headatlas.open(copy) as catalog:
        assert any("it cannot be run backwards" in note for note in evidence_of(catalog, "planted").notes)


@pytest.mark.slow
def test_a_file_without_the_column_is_read_as_measured(dbs, tmp_path):
    """As made before anything was estimated."""
    whole, _ = dbs
    old = tmp_path / "old.db"
    with sqlite3.connect(whole) as source, sqlite3.connect(old) as target:
        source.backup(target)
    with sqlite3.connect(old) as connection:
        connection.execute("drop view head_evidence")
        connection.execute("alter table evidence drop column exact")
        connection.execute("drop table evidence_costs")
        connection.execute("drop view head_groups")
        connection.execute("drop table label_groups")
        connection.execute("delete from _sqlite_migrations where name in ('screens', 'groups')")
    with headatlas.open(old) as catalog, headatlas.open(whole) as now:
        assert evidence_of(catalog, "planted") == evidence_of(now, "planted")
        assert catalog.groups("planted").empty


def test_an_estimate_is_never_said_to_be_measured():
    line = Line("ablation_loss", "repeated_random_tokens", "causes", "nats", 0.4, None, None, 99.0, None, 99.0, False)
    said = "removing it is estimated to change loss on repeats by about 0.40, which was not measured"
    assert effect_in_words(line) == said
    labelled = describe("induction", 0.99, "repeated_random_tokens", [line])
    assert (labelled.verdict, labelled.agrees) == (UNTESTED, None)
    assert said in labelled.sentence
    for label in (None, "first_token"):
        quiet = describe(label, 0.99, "repeated_random_tokens", [line])
        assert (quiet.verdict, quiet.agrees) == (QUIET, None)
        assert "estimated, not measured" in quiet.sentence


@pytest.mark.slow
def test_nothing_of_a_pass_that_fails_is_left_behind(tiny):
    model, batch, passes, clean, means = prepared(tiny, "llama")
    before = model.bridge(batch.tokens, return_type="logits")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(screen_passes, "_gradient", lambda *arguments: (_ for _ in ()).throw(RuntimeError("no")))
        with pytest.raises(NotAvailable, match="cannot be run backwards"):
            passes.first_order(batch, clean, means, LOSS)
    list(passes.carried(batch, clean, 0, means[0], [0], passes.first_order(batch, clean, means, LOSS)))
    assert torch.equal(model.bridge(batch.tokens, return_type="logits"), before)
