"""Layers whose attention slides: what they cannot see counts neither as chance nor as a target."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from headatlas.attention.windows import claimed_windows, window_of
from headatlas.inputs.sequence import TokenSequence
from headatlas.inputs.token_batch import TokenBatch
from headatlas.patterns import PATTERNS
from headatlas.patterns.definition import Pattern
from headatlas.scanning.options import ScanSettings
from headatlas.scanning.scanner import scan_model
from headatlas.scoring.layer_reducer import RowReducer
from headatlas.scoring.sink_sums import OtherSinks
from tests import tiny_models
from tests.helpers import sequence, uniform

TEXTS = ["S a , b a , b [ c ] . a , a d a , a e", "S ·Cat s ⏎ 12 ·the ·dog s . ⏎ The ·re 7 , the the the"]
WINDOW = 4


def batch_of(causal: bool = True, window: int | None = WINDOW) -> TokenBatch:
    return TokenBatch([sequence(text, special=1) for text in TEXTS], causal=causal, window=window)


def with_targets() -> list[Pattern]:
    return [
        pattern
        for pattern in PATTERNS
        if pattern.targets is not None and "self" in pattern.attention and not pattern.by_key and pattern.within is None
    ]


@pytest.mark.slow
@pytest.mark.parametrize("causal", [True, False])
def test_scores_and_chance_are_those_of_plain_loops(causal):
    batch, patterns = batch_of(causal), with_targets()
    seen = uniform(batch) > 0
    weights = torch.rand(len(TEXTS), 3, *batch.shape[1:], generator=torch.Generator().manual_seed(0)) * seen
    attention = weights / weights.sum(-1, keepdim=True).clamp(min=1e-9)
    reducer = RowReducer(batch, patterns)
    sums = reducer(attention)
    for column, pattern in enumerate(patterns):
        targets = pattern.targets(TokenBatch(batch.sequences, causal=causal))
        score, chance, off, chance_off, n_queries = np.zeros(3), 0.0, np.zeros(3), 0.0, 0
        for row, length in enumerate(batch.lengths):
            for query in range(length):
                first, last = max(0, query - WINDOW), query if causal else min(length - 1, query + WINDOW)
                keys = range(first, last + 1)
                own = [key for key in keys if targets[row, query, key]]
                if own:
                    n_queries += 1
                    score += attention[row, :, query, own].sum(-1).numpy()
                    chance += len(own) / len(keys)
                beside = [key for key in own if key > 0]
                if beside:
                    off += attention[row, :, query, beside].sum(-1).numpy()
                    chance_off += len(beside) / sum(key > 0 for key in keys)
        assert int(reducer.counts.n_queries[:, column].sum()) == n_queries, pattern.name
        np.testing.assert_allclose(sums.scores[:, :, column].sum(0), score, atol=1e-5, err_msg=pattern.name)
        np.testing.assert_allclose(sums.off_sink[:, :, column].sum(0), off, atol=1e-5, err_msg=pattern.name)
        np.testing.assert_allclose(reducer.counts.chance[:, column].sum(), chance, atol=1e-9, err_msg=pattern.name)
        np.testing.assert_allclose(reducer.counts.chance_off[column], chance_off, atol=1e-9, err_msg=pattern.name)


def test_heads_built_by_hand_score_what_they_should():
    batch = batch_of()
    names = ("first_token", "previous_token", "induction", "punctuation", "entropy")
    reducer = RowReducer(batch, [PATTERNS[name] for name in names])
    heads = torch.zeros(len(TEXTS), 3, *batch.shape[1:])
    for row, length in enumerate(batch.lengths):
        for query in range(length):
            heads[row, 0, query, 0 if query <= WINDOW else query] = 1  # rests where it may
            heads[row, 1, query, max(0, query - 1)] = 1
            heads[row, 2, query, max(0, query - WINDOW) : query + 1] = 1 / min(query + 1, WINDOW + 1)
    sums, counts = reducer(heads), reducer.counts
    score = (sums.scores.sum(0) / counts.n_queries.sum(0)).numpy()
    assert counts.n_queries[:, 0].tolist() == [WINDOW, WINDOW], "queries that still see the first position"
    np.testing.assert_allclose(score[0, 0], 1)
    np.testing.assert_allclose(score[1, 1], 1)
    np.testing.assert_allclose(score[2, :4], counts.chance.sum(0)[:4] / counts.n_queries.sum(0)[:4], atol=1e-6)
    np.testing.assert_allclose(score[2, 4], 1, atol=1e-5, err_msg="even attention within the window is all there is")
    # Off the sink each query that is beyond its window has one key more to look at.
    assert counts.n_possible[:, 1].tolist() == [length - 2 for length in batch.lengths]


def test_nobody_rests_on_what_nobody_sees():
    batch = batch_of(window=0)
    reducer = RowReducer(batch, [PATTERNS["first_token"]])
    assert not reducer.counts.n_queries.any()


def test_sinks_are_judged_by_the_queries_that_may_look_there():
    for causal in (True, False):
        batch = batch_of(causal)
        sinks, allowed = OtherSinks(batch, torch.device("cpu")), batch.allowed.double()
        np.testing.assert_allclose(sinks._looking[batch.real], allowed.sum(1)[batch.real])
        even = (allowed / allowed.sum(-1, keepdim=True).clamp(min=1)).sum(1)
        np.testing.assert_allclose(sinks._even[batch.real], even[batch.real], atol=1e-5)


@pytest.mark.parametrize("causal", [True, False])
def test_controls_spend_nothing_beyond_the_window(causal):
    # Longer than the distances that are kept one by one; a head that looks anywhere in its window has no habit more.
    words = [f"w{number % 9}" for number in range(150)]
    text = TokenSequence(tuple(number % 9 for number in range(150)), tuple(words), (False,) * 150)
    batch = TokenBatch([text], causal=causal, window=80)
    names = ("duplicate_token", "induction_any")
    reducer = RowReducer(batch, [PATTERNS[name] for name in names])
    sums = reducer(uniform(batch))
    ratio = sums.control / sums.off_sink.sum(0)
    np.testing.assert_allclose(ratio, 1, atol=0.15, err_msg="its score is what its habits give")


def test_what_settings_claim():
    layers = ["sliding_attention", "full_attention"]
    config = SimpleNamespace(num_hidden_layers=2, sliding_window=8, layer_types=layers)
    assert claimed_windows(config) == [8, None]
    assert claimed_windows(SimpleNamespace(num_hidden_layers=2, sliding_window=8)) == [8, 8]
    assert claimed_windows(SimpleNamespace(num_hidden_layers=2, sliding_window=None)) == [None, None]
    unused = SimpleNamespace(num_hidden_layers=1, sliding_window=8, use_sliding_window=False)
    assert claimed_windows(unused) == [None]
    assert claimed_windows(SimpleNamespace(attention_layers=["global", "local"], window_size=9)) == [None, 9]
    assert claimed_windows(SimpleNamespace(is_encoder_decoder=True, sliding_window=8, num_hidden_layers=1)) == []


def test_attention_decides_where_settings_exceed_it():
    assert window_of(8, 7, 100, causal=True) == 7
    assert window_of(8, 8, 100, causal=False) == 8
    assert window_of(8, 8, 100, causal=True) == 8, "a token more than the settings say"
    assert window_of(8, 60, 100, causal=True) is None, "the layer does not slide"
    assert window_of(512, 99, 100, causal=True) == 511, "the text is too short to tell"
    assert window_of(None, 5, 100, causal=True) is None


@pytest.mark.slow
@pytest.mark.parametrize("name", ["gemma3", "modernbert"])
def test_a_scan_knows_each_layers_window(name, tmp_path):
    folder = getattr(tiny_models, f"{name}_folder")(tmp_path / name)
    db = tmp_path / "scan.db"
    scan_model(folder, db=db, name="tiny", settings=ScanSettings(probes=("repeated_random_tokens",)))
    rows = sqlite3.connect(db).execute
    windows = dict(rows("select layer, window from layers").fetchall())
    assert windows == ({0: 7, 1: None} if name == "gemma3" else {0: None, 1: 8})
    slides = 0 if name == "gemma3" else 1
    chance = dict(
        rows(f"select layer = {slides}, min(chance) from head_scores where pattern = 'previous_token' group by 1")
    )
    assert chance[1] > 2 * chance[0], "of eight keys or seventeen, not of all"
    counted = dict(
        rows(f"select layer = {slides}, max(n_queries) from head_scores where pattern = 'first_token' group by 1")
    )
    assert 0 < counted[1] < counted[0] / 4
    assert len(rows("select distinct window from overlaps").fetchall()) == 2
    n_heads = rows("select count(distinct head_id) from sentences").fetchone()[0]
    assert n_heads == tiny_models.LAYERS * tiny_models.HEADS, "heads of both kinds of layers are described"


@pytest.mark.slow
def test_texts_within_the_window_are_scored_as_without():
    short = replace(sequence(TEXTS[0], special=1))
    with_window, without = (TokenBatch([short], window=window) for window in (len(short) - 1, None))
    patterns = with_targets()
    ours, theirs = (RowReducer(batch, patterns).counts for batch in (with_window, without))
    for name in ("n_queries", "n_possible", "chance", "n_targets"):
        assert torch.equal(getattr(ours, name), getattr(theirs, name)), name
