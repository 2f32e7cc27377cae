"""Heads of several layers that share a pass, each copy of the batch from its own layer on."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from headatlas.evidence.removing import ablation, edges, joining, removals
from headatlas.evidence.removing.removals import Removals
from headatlas.probes.metrics import LOSS
from tests.test_evidence_architectures import HEADS, LAYERS, MODELS, loaded, prompts_of

CHOSEN = {0: [1], LAYERS - 1: [2, 0]}


def made(tmp_path, name):
    model, batch = loaded(tmp_path, name, **MODELS[name][1]), prompts_of()
    run = Removals(model.bridge, list(range(LAYERS)), [HEADS] * LAYERS, "cpu")
    clean = run.clean(batch)
    return model, batch, run, clean, {layer: ablation.means([clean], [batch], layer) for layer in range(LAYERS)}


def layer_by_layer(batch, run, clean, means):
    return {
        layer: ablation.layer_effects(run, batch, clean, layer, means[layer], (LOSS,), some)
        for layer, some in CHOSEN.items()
    }


def sizes_of_passes(run):
    sizes, whole = [], run._run

    def counted(batch, copies, *rest, **named):
        sizes.append(copies)
        return whole(batch, copies, *rest, **named)

    run._run = counted
    return sizes


@pytest.mark.parametrize("name", list(MODELS))
def test_effects_are_those_of_a_layer_at_a_time(tmp_path, name, monkeypatch):
    _model, batch, run, clean, means = made(tmp_path, name)
    apart = layer_by_layer(batch, run, clean, means)
    assert not run.share_a_pass(batch, (LOSS,), 3), "nothing is known yet"
    run.try_joining(batch, clean)
    assert run.share_a_pass(batch, (LOSS,), 3)
    sizes = sizes_of_passes(run)
    together = ablation.effects(run, batch, clean, means, (LOSS,), CHOSEN)
    assert sizes == [3], "one pass"
    for layer in CHOSEN:
        np.testing.assert_allclose(together[layer], apart[layer], atol=1e-5)
        assert np.nanmax(np.abs(apart[layer])) > 1e-3
    sets = [[(1, 2)], [(0, 1), (1, 3)], [(1, 0)]]
    out_of_order = list(run.without(batch, clean, means, sets, (LOSS,)))
    assert sizes == [3, 3]
    for heads, each in zip(sets, out_of_order, strict=True):
        (alone,) = run.without(batch, clean, means, [heads], (LOSS,))
        torch.testing.assert_close(each, alone, atol=1e-5, rtol=0)
    monkeypatch.setattr(removals, "JOINED_TOKENS", 2 * batch.tokens.numel())
    assert run.share_a_pass(batch, (LOSS,), 2)
    assert not run.share_a_pass(batch, (LOSS,), 3)
    assert run.share_a_pass(batch, (LOSS,), 3, one_layer=True)


def test_the_attention_of_later_heads_is_seen_where_they_come_later(tmp_path):
    model, batch, run, clean, means = made(tmp_path, "neox")
    run.try_joining(batch, clean)
    watch = edges.Watch(batch, {"first_token": [(0, 3), (1, 0)]}, model.bridge.hook_dict)
    with run.hooks.hooked(watch.hooks(0)):
        ablation.effects(run, batch, clean, means, (LOSS,), {0: [0, 1]})
        expected = watch.scores([0, 0])
        ablation.effects(run, batch, clean, means, (LOSS,), {0: [0, 1], 1: [2]})
        scores = watch.scores([0, 0, 1])
    np.testing.assert_allclose(scores[:2, 1], expected[:, 1], atol=1e-6)
    assert np.isfinite(expected[:, 1]).all()
    assert np.isnan(scores[:, 0]).all()
    assert np.isnan(scores[2]).all()


@pytest.mark.parametrize("wrong", ["an error", "another number"])
def test_a_model_whose_blocks_take_whole_batches_alone_is_left_as_it_is(tmp_path, wrong, monkeypatch):
    _, batch, run, clean, means = made(tmp_path, "neox")
    apart = layer_by_layer(batch, run, clean, means)
    whole = joining._run_some

    def run_some(*given, **named):
        if wrong == "an error":
            raise RuntimeError("a batch of another size than it was told")
        return tuple(part * 1.01 for part in out) if isinstance(out := whole(*given, **named), tuple) else out * 1.01

    monkeypatch.setattr(joining, "_run_some", run_some)
    run.try_joining(batch, clean)
    assert not run.share_a_pass(batch, (LOSS,), 2)
    for layer, effects in ablation.effects(run, batch, clean, means, (LOSS,), CHOSEN).items():
        np.testing.assert_allclose(effects, apart[layer], atol=1e-5)


def test_as_many_rows_as_positions_do_not_join(tmp_path):
    """Which of a block's inputs belong to rows is told by their number."""
    _, batch, run, clean, means = made(tmp_path, "neox")
    run.try_joining(batch, clean)
    size, n_positions = batch.tokens.shape
    n = n_positions // size
    assert n * size == n_positions
    assert not run.share_a_pass(batch, (LOSS,), n)
    assert run.share_a_pass(batch, (LOSS,), n + 1)
    sets = [[(0, 0)]] * (n - 1) + [[(1, 1)]]
    *_, last = run.without(batch, clean, means, sets, (LOSS,))
    (alone,) = run.without(batch, clean, means, [[(1, 1)]], (LOSS,))
    torch.testing.assert_close(last, alone, atol=1e-5, rtol=0)
