"""Attention many tokens back: sums by lag against a loop, built heads, and what is asked of the database."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import numpy as np
import pytest
import torch

import headatlas
from headatlas.inputs.token_batch import TokenBatch
from headatlas.patterns import PATTERNS
from headatlas.scoring import blocks
from headatlas.scoring.layer_reducer import RowReducer
from headatlas.scoring.tally import N_DISTANCES, Tally
from tests.helpers import padded, random_attention, sequence

LENGTHS = (190, 64, 70, 131)
LAG = 100


def batch_of(lengths, causal=True):
    return TokenBatch([sequence("S " + " ".join("abcdefgh"[i % 8] for i in range(n - 1))) for n in lengths], causal)


def slowly(attentions, n_lags):
    """Sums and counts at each lag, the first position aside."""
    sums, counts = np.zeros((attentions[0].shape[0], n_lags)), np.zeros(n_lags, int)
    for attention in attentions:
        for q in range(attention.shape[1]):
            for k in range(1, q - N_DISTANCES + 1):
                sums[:, q - k - N_DISTANCES] += attention[:, q, k]
                counts[q - k - N_DISTANCES] += 1
    return sums, counts


@pytest.mark.parametrize("queries", [128, 50, 7])
def test_sums_by_lag_equal_a_loop(monkeypatch, queries):
    monkeypatch.setattr(blocks, "QUERIES_PER_BLOCK", queries)
    batch = batch_of(LENGTHS)
    attentions = random_attention(np.random.default_rng(3), list(LENGTHS), heads=2)
    reducer = RowReducer(batch, [PATTERNS["previous_token"]])
    sums, counts = slowly(attentions, max(LENGTHS) - N_DISTANCES)
    assert reducer.counts.n_far.tolist() == counts.tolist()
    whole = padded(attentions, max(LENGTHS))
    for axes in ((0, 0), (0, 1), (2, 3)):
        laid_out = whole.transpose(*axes).contiguous().transpose(*axes)
        np.testing.assert_allclose(reducer(laid_out).far, sums, atol=1e-5)


def test_none_where_attention_looks_ahead_or_texts_are_short():
    for batch in (batch_of(LENGTHS, causal=False), batch_of([64, 12])):
        size = max(batch.lengths)
        reducer = RowReducer(batch, [PATTERNS["previous_token"]])
        assert reducer(torch.full((len(batch.lengths), 1, size, size), 1 / size)).far.shape == (1, 0)


def test_texts_of_any_length_are_summed():
    whole = Tally.empty(1, 1)
    for values in ([0.5], [0.25, 1.0, 2.0], []):
        part = Tally.empty(1, 1)
        part.far, part.n_far = np.array([values]), np.ones(len(values), np.int64)
        part.n_sequences[0] = 1
        whole.add(Tally.from_bytes(part.to_bytes()))
    assert whole.far.tolist() == [[0.75, 1.0, 2.0]]
    assert whole.n_far.tolist() == [2, 1, 1]


def built(n, rng):
    """Heads that look 100 back where they can, 20 back, at the first token, evenly, 100 back with a quarter,
    and at the third token."""
    attention = np.zeros((6, n, n), np.float32)
    for q in range(n):
        attention[0, q, q - LAG if q > LAG else 0] = 1
        attention[1, q, max(q - 20, 0)] = 1
        attention[2, q, 0] = 1
        attention[3, q, : q + 1] = 1 / (q + 1)
        attention[4, q, 0] = 0.75
        attention[4, q, max(q - LAG, 0)] += 0.25
        attention[5, q, min(q, 2)] = 1
    return attention


@pytest.fixture(scope="module")
def recorded(tmp_path_factory):
    """Of texts of 200 tokens, long enough that the best lag is not where few queries are."""
    rng = np.random.default_rng(0)
    db = tmp_path_factory.mktemp("far") / "heads.db"
    attention = np.stack([built(200, rng) for _ in range(2)])[None]
    # The head that looks at the third token looks 197 back from the last, and far back by no more than a sixteenth.
    headatlas.score_attention(attention, rng.integers(5, 300, (2, 200)), db=db, name="built")
    return db


def slash_heads(path):
    """Head, lag and score of each, on the texts that were recorded."""
    with headatlas.open(path) as catalog:
        (probe,) = catalog.query("select name from probes join scan_probes on probes.id = probe_id")[1][0]
        columns, answer = catalog.query("slash-heads", {"probe": probe})
    return [tuple(row[columns.index(name)] for name in ("head", "lag", "score")) for row in answer]


@pytest.mark.slow
def test_built_heads_have_their_lag(recorded):
    with headatlas.open(recorded) as catalog:
        _, stored = catalog.query("select head, lag, score, n_queries from far_lags join heads on heads.id = head_id")
    assert [tuple(row) for row in stored if row[0] != 5] == [(0, LAG, 1.0, 198), (4, LAG, 0.25, 198)]
    at_third = [row[2] for row in stored if row[0] == 5]
    assert at_third, "a sink behind the first position looks far back from somewhere"
    assert max(at_third) <= 1 / 16
    assert slash_heads(recorded) == [(0, LAG, 1.0), (1, 20, pytest.approx(1)), (4, LAG, 0.25)]


@pytest.mark.slow
def test_a_database_of_before_is_asked_too(recorded, tmp_path):
    path = tmp_path / "before.db"
    path.write_bytes(recorded.read_bytes())
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("drop table far_lags")
        connection.execute("delete from _sqlite_migrations where name = 'far_lags'")
    assert slash_heads(path) == [(1, 20, pytest.approx(1))]
