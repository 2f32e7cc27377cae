"""What holds for every pattern on any text at all."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from headatlas.inputs.pair_batch import PairBatch
from headatlas.inputs.token_batch import TokenBatch
from headatlas.patterns import PATTERNS
from headatlas.scoring.layer_reducer import RowReducer
from headatlas.scoring.targets import targets_of
from tests.fuzzing import examples
from tests.helpers import padded, random_attention, sequence, uniform

WORDS = st.sampled_from(["a", "·the", "Cat", ",", ".", "⏎", "7", "x[noun0]", "y[det0]", "z[answer1]", "##s", "S*", "("])
TEXTS = st.lists(st.lists(WORDS, min_size=1, max_size=14).map(" ".join), min_size=1, max_size=3)
TARGETS = [pattern for pattern in PATTERNS if pattern.kind == "target" and "self" in pattern.attention]
CROSS = [pattern for pattern in PATTERNS if pattern.kind == "target" and "cross" in pattern.attention]


@pytest.mark.slow
@examples(15)
@given(TEXTS, st.booleans())
def test_uniform_attention_scores_chance_and_targets_can_be_seen(texts, causal):
    batch = TokenBatch([sequence(text) for text in texts], causal=causal)
    for pattern in TARGETS:
        assert not (targets_of(pattern, batch) & ~batch.allowed).any(), pattern.name
    reducer = RowReducer(batch, TARGETS)
    scores = reducer(uniform(batch)).scores[:, 0].double()
    np.testing.assert_allclose(scores, reducer.counts.chance, atol=1e-5)
    assert (reducer.counts.chance <= reducer.counts.n_queries + 1e-9).all()


@pytest.mark.slow
@examples(15)
@given(TEXTS, TEXTS)
def test_the_same_for_cross_attention(sources, targets):
    batch = PairBatch([sequence(f"{source} → {target}") for source, target in zip(sources, targets, strict=False)])
    reducer = RowReducer(batch, CROSS)
    scores = reducer(uniform(batch)).scores[:, 0].double()
    np.testing.assert_allclose(scores, reducer.counts.chance, atol=1e-5)
    for pattern in CROSS:
        assert not (targets_of(pattern, batch) & ~batch.allowed).any(), pattern.name


@pytest.mark.slow
@examples(15)
@given(TEXTS, st.integers(0, 2**32 - 1))
def test_scores_do_not_depend_on_the_batch(texts, seed):
    sequences = [sequence(text) for text in texts]
    batch = TokenBatch(sequences)
    attentions = random_attention(np.random.default_rng(seed), batch.lengths, heads=2)
    together = RowReducer(batch, TARGETS)(padded(attentions, max(batch.lengths)))
    for row, (tokens, attention) in enumerate(zip(sequences, attentions, strict=True)):
        alone = RowReducer(TokenBatch([tokens]), TARGETS)(torch.from_numpy(attention)[None])
        for name in ("scores", "sink_free", "n_sink_free"):
            batched, expected = getattr(together, name)[row], getattr(alone, name)[0]
            assert batched.numpy() == pytest.approx(expected.numpy(), abs=1e-4), name
