"""What heads do off the sink: sums and controls against a slow computation, and heads whose truth is known."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from headatlas.inputs.token_batch import TokenBatch
from headatlas.patterns import PATTERNS
from headatlas.patterns.families import Control
from headatlas.scoring import blocks
from headatlas.scoring.layer_reducer import AWAKE, RowReducer
from headatlas.scoring.off_sink import off_sink
from headatlas.scoring.query_classes import class_names
from headatlas.scoring.sink_rule import sinks_of
from headatlas.scoring.tally import N_DISTANCES, Tally
from headatlas.scoring.targets import contrast_of, targets_of
from headatlas.scoring.waking import EVERY_QUERY, waking
from tests.helpers import padded, random_attention, sequence

TEXTS = [
    "S the cat , the dog ; a cat . the end",
    "S a b c d a b c d",
    "S " + "the dog , a cat ; dog ( the cat ) . a " * 9 + "end",
]
PATTERNS_HERE = [pattern for pattern in PATTERNS if pattern.kind == "target" and "self" in pattern.attention]


def habit_of(attention: list[np.ndarray], causal: bool) -> dict[int, np.ndarray]:
    """Mean attention on a key by distance, the first position left out; distances beyond the near ones are one."""
    sums: dict[int, list[np.ndarray]] = {}
    for own in attention:
        n = own.shape[-1]
        for query in range(n):
            for key in range(1, query + 1 if causal else n):
                distance = query - key if abs(query - key) < N_DISTANCES else N_DISTANCES
                sums.setdefault(distance, []).append(own[:, query, key])
    return {distance: np.mean(own, 0) for distance, own in sums.items()}


def slow_control(attention: list[np.ndarray], targets: list[np.ndarray], kind: Control, causal: bool) -> np.ndarray:
    """Query by query: what habits would put on some targets, summed over all queries of all sequences."""
    habit = habit_of(attention, causal)
    total = np.zeros(attention[0].shape[0])
    for own, wanted in zip(attention, targets, strict=True):
        n_heads, n, _ = own.shape
        imagined = np.zeros((n_heads, n, n))
        for query in range(n):
            for key in range(1, query + 1 if causal else n):
                imagined[:, query, key] = habit[query - key if abs(query - key) < N_DISTANCES else N_DISTANCES]
        off = own[:, :, 1:].sum(-1)

        def scaled(weights: np.ndarray, off: np.ndarray = off) -> np.ndarray:
            return weights * (off / np.maximum(weights.sum(-1), 1e-9))[..., None]

        expected = scaled(imagined)
        if kind is Control.POPULARITY:
            prior = 0.3 * off.mean(-1)[:, None]
            others = ~wanted[:, 1:].any(-1)  # queries that have no target of the pattern
            got = own[:, others].sum(1)
            got[:, 0] = 0
            popular = (got + prior) / (expected[:, others].sum(1) + prior)
            expected = scaled(imagined * popular[:, None])
        total += (expected * wanted).sum((1, 2))
    return total


def slow_irregular(attention: list[np.ndarray], possible: list[np.ndarray], near: range) -> np.ndarray:
    """Query by query: what is spent on near keys beyond the share that their distance gets on all queries."""
    queries = [
        (own, query) for own, counted in zip(attention, possible, strict=True) for query in np.flatnonzero(counted)
    ]

    def spent(own: np.ndarray, query: int, distance: int) -> np.ndarray:
        return own[:, query, query - distance] if 0 < query - distance < own.shape[-1] else np.zeros(len(own))

    off = sum(own[:, query, 1:].sum(-1) for own, query in queries)
    total = np.zeros(len(attention[0]))
    for distance in near:
        share = sum(spent(own, query, distance) for own, query in queries) / off
        for own, query in queries:
            total += np.maximum(0, spent(own, query, distance) - share * own[:, query, 1:].sum(-1))
    return total


@pytest.mark.slow
@pytest.mark.parametrize("causal", [True, pytest.param(False, marks=pytest.mark.slow)])
@pytest.mark.parametrize("block", [None, pytest.param(7, marks=pytest.mark.slow)])
def test_sums_and_controls_equal_a_slow_computation(causal, block, monkeypatch):
    if block:  # so that a layer comes in many blocks
        monkeypatch.setattr(blocks, "QUERIES_PER_BLOCK", block)
        monkeypatch.setattr(blocks, "WEIGHTS_PER_BLOCK", {"cpu": 2**11, "other": 2**11})
    batch = TokenBatch([sequence(text, special=1) for text in TEXTS], causal=causal)
    attention = random_attention(np.random.default_rng(3), batch.lengths, heads=2, causal=causal)
    sums = RowReducer(batch, PATTERNS_HERE)(padded(attention, max(batch.lengths)))
    seen = 0
    for column, pattern in enumerate(PATTERNS_HERE):
        targets = targets_of(pattern, batch).numpy().copy()
        targets[:, :, 0] = False
        possible = targets.any(-1)
        own = [targets[row, :n, :n] for row, n in enumerate(batch.lengths)]
        off = [weights[:, :, 1:].sum(-1) for weights in attention]
        for row, weights in enumerate(attention):
            expected = (weights * own[row]).sum((1, 2))
            n = batch.lengths[row]
            np.testing.assert_allclose(sums.off_sink[row, :, column], expected, atol=1e-4)
            np.testing.assert_allclose(sums.off_mass[row, :, column], (off[row] * possible[row, :n]).sum(-1), atol=1e-4)
            awake = ((off[row] > AWAKE) * possible[row, :n]).sum(-1)
            np.testing.assert_array_equal(sums.awake[row, :, column], awake)
            if pattern.contrast is not None:
                wrong = contrast_of(pattern, batch).numpy().copy()[row, :n, :n]
                wrong[:, 0] = False
                np.testing.assert_allclose(sums.contrast[row, :, column], (weights * wrong).sum((1, 2)), atol=1e-4)
        kind = pattern.control
        if kind is Control.IRREGULAR:
            counted = [possible[row, :n] for row, n in enumerate(batch.lengths)]
            start = pattern.offset or (0 if causal else -pattern.reach)
            slow = slow_irregular(attention, counted, range(start, (pattern.offset or pattern.reach) + 1))
        else:
            slow = 0 if kind is Control.NONE else slow_control(attention, own, kind, causal)
        np.testing.assert_allclose(sums.control[:, column], slow, rtol=2e-4, atol=1e-4, err_msg=pattern.name)
        seen += bool(possible.any() and kind is not Control.NONE)
    assert seen > 10


def tally_of(attention: torch.Tensor, batch: TokenBatch, names: list[str]) -> Tally:
    patterns = [PATTERNS[name] for name in names]
    classes = class_names(batch.sequences, "self")
    reducer = RowReducer(batch, patterns, classes=classes)
    tally = Tally.empty(attention.shape[1], len(patterns), len(classes), n_units=len(batch.lengths))
    tally.add_counts(reducer.counts, range(len(batch.lengths)))
    tally.add_layer(reducer(attention), slice(0, attention.shape[1]), range(len(batch.lengths)))
    return tally


def test_a_head_that_is_awake_on_few_queries_scores_what_it_does_then():
    batch = TokenBatch([sequence("S " + "a b c d e f g , " * 5) for _ in range(4)])
    n = batch.shape[1]
    attention = torch.zeros(4, 1, n, n)
    attention[:, :, :, 0] = 1
    for query in range(8, n, 8):  # on the token after each comma it looks two back, and a little at itself
        attention[:, 0, query] = 0
        attention[:, 0, query, query - 2], attention[:, 0, query, query], attention[:, 0, query, 0] = 0.8, 0.1, 0.1
    scores = off_sink(tally_of(attention, batch, ["fixed_offset_2", "current_token"]), seed=0)
    assert scores.score[0] == pytest.approx([8 / 9, 1 / 9], abs=1e-6)
    assert scores.mass[0, 0] == pytest.approx(0.9 * 5 / (n - 3), abs=0.01)
    assert scores.awake[0, 0] == pytest.approx(5 / (n - 3), abs=0.02)
    assert scores.ci_low[0, 0] == pytest.approx(8 / 9, abs=1e-6), "all sequences are alike"


def test_habits_explain_a_head_that_goes_by_distance_and_not_one_that_knows():
    words = np.random.default_rng(0).choice([*"abcdefghijklmnop"], size=(6, 40))
    batch = TokenBatch([sequence("S " + " ".join([*row, *row])) for row in words])
    n = batch.shape[1]
    induction = targets_of(PATTERNS["induction"], batch).float()
    knows = induction / induction.sum(-1, keepdim=True).clamp(min=1)
    knows[:, :, 0] += 1 - knows.sum(-1)
    by_distance = torch.zeros(6, n, n)
    for query in range(n):
        by_distance[:, query, max(0, query - 39)] = 1
    scores = off_sink(tally_of(torch.stack([knows, by_distance], 1), batch, ["induction"]), seed=0)
    assert scores.score[0, 0] == pytest.approx(1)
    assert scores.control[0, 0] < 0.6 * scores.score[0, 0]
    assert scores.control[1, 0] == pytest.approx(scores.score[1, 0], abs=0.02)


@pytest.mark.parametrize("causal", [True, False])
def test_other_positions_on_which_a_layer_rests_are_found(causal):
    batch = TokenBatch([sequence("S " + "a b c d e f g " * 5), sequence("S a b c d")], causal=causal)
    n = batch.shape[1]
    attention = random_attention(np.random.default_rng(0), batch.lengths, heads=3, causal=causal)
    sink = 5
    for head, share in enumerate((0.5, 0.2, 0.0)):  # on the mean over heads more than a tenth
        at = slice(sink if causal else 0, None)
        attention[0][head, at] *= 1 - share
        attention[0][head, at, sink] += share
    attention[1][:, 2:, 2] += 5  # of a text with too few queries to tell
    attention[1] /= attention[1].sum(-1, keepdims=True)
    sums = RowReducer(batch, [PATTERNS["previous_token"]])(padded(attention, n))
    expected = attention[0][:, :, sink].sum(-1)
    assert [sinks_of(own.mean(0)).tolist() for own in attention] == [[sink], []]
    np.testing.assert_allclose(sums.other_sinks, expected, rtol=1e-4)


def test_looking_nearby_is_told_from_keys_that_happen_to_be_near():
    words = np.random.default_rng(0).choice([*"abcdefgh,"], size=(6, 60))
    batch = TokenBatch([sequence("S " + " ".join(row)) for row in words])
    n = batch.shape[1]
    habit, latest = torch.zeros(6, n, n), torch.zeros(6, n, n)
    for query in range(n):
        distance = torch.arange(min(query, 8) + 1)
        habit[:, query, query - distance] = 0.8**distance / (0.8**distance).sum()
        for row in range(6):
            marks = [key for key in range(1, query + 1) if batch.sequences[row].texts[key].strip() == ","]
            latest[row, query, marks[-1] if marks else 0] = 1
    scores = off_sink(tally_of(torch.stack([habit, latest], 1), batch, ["nearby_tokens"]), seed=0)
    assert scores.score[0, 0] == pytest.approx(1), "all keys are near"
    assert scores.score[1, 0] > 0.5, "most of the latest commas are near as well"
    assert scores.score[0, 0] - scores.control[0, 0] == pytest.approx(1, abs=0.01)
    assert scores.score[1, 0] - scores.control[1, 0] < 0.15


def test_what_wakes_a_head_is_found():
    batch = TokenBatch([sequence("S " + "a b , c d e f g " * 5) for _ in range(5)])
    n = batch.shape[1]
    attention = torch.full((5, 1, n, n), 0.0)
    attention[:, :, :, 0] = 1
    generator = torch.Generator().manual_seed(0)
    for query in range(1, n):
        off = 0.9 if (query - 3) % 8 == 0 else 0.1
        off = off * (0.9 + 0.1 * torch.rand(5, generator=generator))
        attention[:, 0, query, 0] = 1 - off
        attention[:, 0, query, query - 1] += off
    tally = tally_of(attention, batch, ["previous_token"])
    classes = class_names(batch.sequences, "self")
    lifts = waking(tally, 0, classes)
    comma, every = classes.index("commas"), classes.index(EVERY_QUERY)
    assert lifts.lift[0, every] == pytest.approx(1)
    assert lifts.lift[0, comma] == pytest.approx(0.9 / (0.1 * 7 / 8 + 0.9 / 8), rel=0.05)
    assert lifts.ci_low[0, comma] > 4
    assert lifts.q_value[0, comma] < 0.01
    assert lifts.q_value[0, classes.index("function words")] > 0.05
