"""Tallies merge in any split and order; the bootstrap is what it says."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headatlas.scoring import resampling
from headatlas.scoring.scores import bootstrap_interval, summarise
from headatlas.scoring.tally import Tally
from headatlas.store import scan_rows


def tally_of(values: np.ndarray, units: list[int], n_units: int = 8) -> Tally:
    """One query a sequence; `values` [sequence, head, pattern]."""
    tally = Tally.empty(values.shape[1], values.shape[2], n_units=n_units)
    for value, unit in zip(values, units, strict=True):
        tally.scores[unit] += value
        tally.sink_free += value / 2
        tally.n_sink_free += 1
        tally.chance[unit] += 0.25
        tally.n_queries[unit] += 1
        tally.n_possible[unit] += 2
        tally.n_sequences[unit] += 1
    return tally


@pytest.mark.slow
@settings(max_examples=50)
@given(st.integers(2, 20), st.randoms(use_true_random=False), st.integers(0, 2**32 - 1))
def test_any_split_and_order_merge_to_the_same(n, shuffler, seed):
    values = np.random.default_rng(seed).random((n, 3, 2))
    units = [i % 8 for i in range(n)]
    whole = summarise(tally_of(values, units), seed=1)
    order = list(range(n))
    shuffler.shuffle(order)
    cuts = sorted(shuffler.sample(range(1, n), shuffler.randrange(1, n)))
    merged = Tally.empty(3, 2, n_units=8)
    for start, end in pairwise([0, *cuts, n]):
        part = order[start:end]
        merged.add(Tally.from_bytes(tally_of(values[part], [units[i] for i in part]).to_bytes()))
    again = summarise(merged, seed=1)
    for name in ("score", "score_nosink", "chance", "ci_low", "ci_high", "half_a", "half_b", "n_queries",
                 "n_sink_dominated"):  # fmt: skip
        np.testing.assert_allclose(getattr(again, name), getattr(whole, name), rtol=1e-12, err_msg=name)


def test_summary_by_hand():
    values = np.array([[[0.2]], [[0.4]], [[0.9]]])
    scores = summarise(tally_of(values, [0, 1, 2]), seed=0)
    assert scores.score[0, 0] == pytest.approx(0.5)
    assert scores.score_nosink[0, 0] == pytest.approx(0.25)
    assert scores.chance[0] == pytest.approx(0.25)
    assert scores.half_a[0, 0] == pytest.approx((0.2 + 0.9) / 2)
    assert scores.half_b[0, 0] == pytest.approx(0.4)
    assert scores.n_sink_dominated[0, 0] == 3
    assert 0.2 <= scores.ci_low[0, 0] < 0.5 < scores.ci_high[0, 0] <= 0.9


def test_bootstrap_agrees_with_scipy():
    from scipy.stats import bootstrap

    values = np.random.default_rng(3).normal(0.5, 0.1, 40)
    low, high = bootstrap_interval(values[:, None, None], np.ones((40, 1), np.int64), seed=0)
    expected = bootstrap((values,), np.mean, method="percentile", n_resamples=5000, rng=1).confidence_interval
    assert low[0, 0] == pytest.approx(expected.low, abs=0.004)
    assert high[0, 0] == pytest.approx(expected.high, abs=0.004)


def test_sequences_without_a_target_are_not_drawn():
    values = np.array([0.3, 0.0, 0.7, 0.0])
    counts = np.array([1, 0, 1, 0])
    low, high = bootstrap_interval(values[:, None, None], counts[:, None], seed=0)
    assert (low[0, 0], high[0, 0]) == (0.3, 0.7)


def test_one_sequence_has_no_interval():
    low, high = bootstrap_interval(np.ones((1, 1, 1)), np.ones((1, 1), np.int64), seed=0)
    assert np.isnan(low).all()
    assert np.isnan(high).all()


def test_intervals_of_many_heads_are_those_of_each_alone(monkeypatch):
    monkeypatch.setattr(resampling, "_MOST_AT_ONCE", 7_000)  # three heads at a time
    rng = np.random.default_rng(0)
    above, below, scale = rng.random((12, 8, 2)), rng.random((12, 8, 2)) + 1, rng.random((8, 1000)) + 1
    draws = resampling.draws_of(12, 0)
    for under, divided in ((below, None), (below[:, :1], scale)):
        low, high = resampling.ratio_interval(above, under, draws, divided)
        for head in range(8):
            ratio = (draws @ above[:, head]) / (draws @ under[:, min(head, under.shape[1] - 1)])
            ratio /= 1 if divided is None else divided[head][:, None]
            np.testing.assert_allclose([low[head], high[head]], np.quantile(ratio, (0.025, 0.975), axis=0), rtol=1e-12)


def test_quantiles_are_numpys_to_the_last_bit():
    values = np.random.default_rng(0).normal(size=(5, 2, 1000))
    values[1, 0, 17] = np.nan
    values[2] = 0.25
    values[3, 1, ::2] = np.inf
    with np.errstate(invalid="ignore"):
        expected = np.quantile(values, (0.025, 0.975), axis=-1)
        quantiles = resampling._quantiles(values.copy(), (0.025, 0.975))
    np.testing.assert_array_equal(quantiles, expected)
    assert np.isnan(quantiles[0][1, 0])


def test_columns_are_rounded_as_python_rounds():
    rng = np.random.default_rng(0)
    halves = (rng.integers(0, 10**6, 2000) + 0.5) / 10**6
    values = np.concatenate(
        [rng.random(2000), -rng.random(50), halves, [0, 1e-9, 3e12 + 0.123, np.nan, np.inf, -np.inf]]
    )
    expected = [round(value, 6) if np.isfinite(value) else None for value in values.tolist()]
    assert scan_rows.rounded(values) == expected


def test_p_and_q_values():
    from scipy.stats import ttest_1samp

    rng = np.random.default_rng(0)
    values = np.stack([rng.normal(mean, 0.1, 8) for mean in (0.25, 0.3, 0.5)], axis=1)[:, :, None]
    scores = summarise(tally_of(values, list(range(8))), seed=0)
    for head in range(3):
        expected = ttest_1samp(values[:, head, 0], 0.25, alternative="greater").pvalue
        assert scores.p_value[head, 0] == pytest.approx(expected)
    # Benjamini-Hochberg by hand: p * n / rank, made monotone from the largest down.
    p = np.sort(scores.p_value[:, 0])
    by_hand = np.minimum.accumulate((p * 3 / np.arange(1, 4))[::-1])[::-1]
    np.testing.assert_allclose(np.sort(scores.q_value[:, 0]), by_hand)
    assert scores.p_value[2, 0] < 0.001 < scores.p_value[0, 0]


def test_exact_chance_is_no_evidence():
    scores = summarise(tally_of(np.full((4, 1, 1), 0.25), [0, 1, 2, 3]), seed=0)
    assert scores.p_value[0, 0] == 1
