"""Sinks that half of a layer's heads share: everything off the sink is as if nothing lay on them."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from headatlas.inputs.token_batch import TokenBatch
from headatlas.patterns import PATTERNS
from headatlas.scoring import blocks
from headatlas.scoring.early_sinks import REACH, EarlySinks
from headatlas.scoring.layer_reducer import AWAKE, LayerAccumulator, RowReducer
from headatlas.scoring.layer_sums import LayerSums
from headatlas.scoring.targets import contrast_of, targets_of
from tests.helpers import padded, random_attention, sequence

TEXTS = ["S " + "the dog , a cat ; dog ( the cat ) . a " * 3 + "end", "S " + "a b . c d a b c d , " * 3, "S a , b"]
PATTERNS_HERE = [pattern for pattern in PATTERNS if pattern.kind == "target" and "self" in pattern.attention]
SINK = 2
HEADS = 5


def resting(causal: bool = True, n_resting: int = HEADS) -> tuple[TokenBatch, list[np.ndarray]]:
    """Random attention of which `n_resting` heads leave most on one early key of the two longer texts."""
    batch = TokenBatch([sequence(text, special=1) for text in TEXTS], causal=causal)
    attention = random_attention(np.random.default_rng(5), batch.lengths, heads=HEADS, causal=causal)
    for own in attention[:2]:
        own[:n_resting, SINK:] *= 0.4
        own[:n_resting, SINK:, SINK] += 0.6
    return batch, attention


def reduced(batch: TokenBatch, attention: list[np.ndarray]) -> LayerSums:
    return RowReducer(batch, PATTERNS_HERE)(padded(attention, max(batch.lengths)))


@pytest.mark.slow
@pytest.mark.parametrize("causal", [True, False])
@pytest.mark.parametrize("block", [None, pytest.param(7, marks=pytest.mark.slow)])
def test_sums_off_the_sink_equal_those_of_attention_without_the_shared_sink(causal, block, monkeypatch):
    if block:  # so that a layer comes in many blocks
        monkeypatch.setattr(blocks, "QUERIES_PER_BLOCK", block)
        monkeypatch.setattr(blocks, "WEIGHTS_PER_BLOCK", {"cpu": 2**11, "other": 2**11})
    batch, attention = resting(causal)
    sums = reduced(batch, attention)
    without = [own.copy() for own in attention]
    for own in without[:2]:
        own[:, :, SINK] = 0
    for column, pattern in enumerate(PATTERNS_HERE):
        targets = targets_of(pattern, batch).numpy().copy()
        targets[:, :, 0] = False
        possible = targets.any(-1)
        for row, weights in enumerate(without):
            n = batch.lengths[row]
            off = weights[:, :, 1:].sum(-1)
            expected = (weights * targets[row, :n, :n]).sum((1, 2))
            np.testing.assert_allclose(sums.off_sink[row, :, column], expected, atol=1e-4, err_msg=pattern.name)
            np.testing.assert_allclose(sums.off_mass[row, :, column], (off * possible[row, :n]).sum(-1), atol=1e-4)
            awake = ((off > AWAKE) * possible[row, :n]).sum(-1)
            np.testing.assert_array_equal(sums.awake[row, :, column], awake)
            if pattern.contrast is not None:
                wrong = contrast_of(pattern, batch).numpy().copy()[row, :n, :n]
                wrong[:, 0] = False
                np.testing.assert_allclose(sums.contrast[row, :, column], (weights * wrong).sum((1, 2)), atol=1e-4)
    # Where heads rest is said of all their attention, and so is every score of full rows.
    np.testing.assert_allclose(sums.rows_off, sum(own[:, :, 1:].sum((1, 2)) for own in attention), rtol=1e-5)
    in_all = RowReducer(batch, PATTERNS_HERE)(padded(without, max(batch.lengths)))
    np.testing.assert_allclose(sums.off_sink, in_all.off_sink, atol=1e-4)
    assert not np.allclose(sums.scores, in_all.scores, atol=1e-2)


@pytest.mark.slow
def test_controls_are_those_of_attention_on_other_keys():
    """As if the sink could not be looked at: nothing is expected there, whatever the distance or the key."""
    batch, attention = resting()
    names = [pattern.name for pattern in PATTERNS_HERE]
    control = reduced(batch, attention).control
    without = [own.copy() for own in attention]
    for own in without[:2]:
        own[:, :, SINK] = 0
    unmarked = RowReducer(batch, PATTERNS_HERE)(padded(without, max(batch.lengths))).control
    # Without the mark some of what is expected falls on the sink's place; elsewhere it is the same.
    column = names.index("fixed_offset_2")
    np.testing.assert_allclose(control[:, column], unmarked[:, column], rtol=1e-4, atol=1e-4)
    column = names.index("punctuation")
    assert (control[:, column] > 0).all()
    np.testing.assert_allclose(control[:, column], unmarked[:, column], rtol=0.1)


@pytest.mark.slow
@pytest.mark.parametrize("n_resting", [HEADS, 3, 2])
def test_what_less_than_half_of_the_heads_do_is_no_sink(n_resting):
    batch, attention = resting(n_resting=n_resting)
    reducer = RowReducer(batch, PATTERNS_HERE)
    layer = LayerAccumulator(reducer, HEADS)
    padded_rows = padded(attention, max(batch.lengths))
    for block in reducer.blocks(HEADS):
        layer.add(block, padded_rows[block.rows, :, block.queries, : block.n_keys])
    sinks = reducer.early_sinks.find(layer._early, layer._on_keys)
    if 2 * n_resting < HEADS:
        assert sinks is None
    else:
        assert sinks is not None
        assert sinks.keys.nonzero().tolist() == [[0, SINK], [1, SINK]]


def test_a_layer_of_few_heads_shares_no_sink():
    batch, attention = resting()
    few = [own[:3] for own in attention]
    sums = reduced(batch, few)
    column = [pattern.name for pattern in PATTERNS_HERE].index("punctuation")
    possible = targets_of(PATTERNS["punctuation"], batch).numpy()[:, :, 1:].any(-1)
    for row, own in enumerate(few):
        off = (own[:, :, 1:].sum(-1) * possible[row, : own.shape[1]]).sum(-1)
        np.testing.assert_allclose(sums.off_mass[row, :, column], off, rtol=1e-5)


@pytest.mark.slow
def test_early_sinks_alone_and_every_early_key_give_the_same(monkeypatch):
    """On a processor sinks are listed; on other devices every early key is gone through."""
    batch, attention = resting()
    listed = reduced(batch, attention)
    make = EarlySinks.__init__

    def of_every_key(self: EarlySinks, *arguments: object) -> None:
        make(self, *arguments)
        rows, keys = np.indices((len(TEXTS), min(REACH, batch.shape[2]))).reshape(2, -1)
        self._every, self._members = torch.from_numpy(np.stack([rows, keys])), self._contained(rows, keys)

    monkeypatch.setattr(EarlySinks, "__init__", of_every_key)
    dense = reduced(batch, attention)
    for name in ("off_sink", "off_mass", "awake", "contrast", "waking", "control"):
        torch.testing.assert_close(getattr(dense, name), getattr(listed, name), rtol=1e-5, atol=1e-5)


@pytest.mark.slow
def test_what_is_remembered_of_sinks_stays_bounded(monkeypatch):
    batch, attention = resting()
    in_all = reduced(batch, attention)
    monkeypatch.setattr("headatlas.scoring.early_sinks.MAX_KEPT", 0)
    reducer = RowReducer(batch, PATTERNS_HERE)
    rows = padded(attention, max(batch.lengths))
    for _ in range(3):  # layers
        torch.testing.assert_close(reducer(rows).off_sink, in_all.off_sink)
    assert len(reducer.early_sinks._members) == 2
