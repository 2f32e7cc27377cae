"""Scores of attention given as arrays, against the slow computation and by hand."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
import pytest
import torch

from headatlas.errors import HeadatlasError
from headatlas.inputs.sequence import shuffled
from headatlas.inputs.token_batch import TokenBatch
from headatlas.patterns import PATTERNS
from headatlas.patterns.definition import Pattern
from headatlas.patterns.families import Family
from headatlas.scoring import blocks
from headatlas.scoring.forms.pairwise import PairwiseGroup
from headatlas.scoring.forms.shared import SharedGroup
from headatlas.scoring.forms.staggered import StaggeredGroup
from headatlas.scoring.layer_reducer import SINK_DOMINATED, LayerAccumulator, RowReducer
from headatlas.scoring.layer_sums import LayerSums
from headatlas.scoring.targets import targets_of
from tests import slow
from tests.helpers import padded, random_attention, sequence

TEXTS = [
    "S the cat , the dog ; a cat . the end",
    "S a b c d a b c d",
    "S x x , y",
    "S . . a b a , ( a b ) a b c a . b",
    "S ·Cat s ⏎ 12 ·the ·dog s . ⏎ The ·re ·7 31 0 , the the the S*",
]


def reduced(batch: TokenBatch, attention: torch.Tensor, patterns: list[Pattern]) -> dict[str, dict[str, np.ndarray]]:
    reducer = RowReducer(batch, patterns)
    sums = reducer(attention)
    n = reducer.counts.n_queries.sum(0).double()
    with np.errstate(invalid="ignore", divide="ignore"):
        return {
            pattern.name: {
                "score": (sums.scores.double().sum(0)[:, i] / n[i]).numpy(),
                "score_nosink": sums.sink_free.double().sum(0)[:, i].numpy() / sums.n_sink_free.sum(0)[:, i].numpy(),
                "chance": (reducer.counts.chance.sum(0)[i] / n[i]).numpy(),
                "n": n[i].numpy(),
            }
            for i, pattern in enumerate(patterns)
        }


@pytest.mark.slow
@pytest.mark.parametrize("causal", [True, False])
def test_padded_batch_equals_slow_computation(causal):
    sequences = [sequence(text, special=1) for text in TEXTS]
    batch = TokenBatch(sequences, causal=causal)
    attentions = random_attention(np.random.default_rng(5), batch.lengths, heads=3, causal=causal)
    patterns = [
        pattern
        for pattern in PATTERNS
        if pattern.name in slow.TARGETS or (pattern.statistic and not (pattern.of_outputs or pattern.of_sentences))
        if not pattern.defined_in.rpartition("/")[2].startswith(
            ("sounds.py", "captions.py", "scenes.py")
        )  # in tests of their own
    ]
    assert len(patterns) >= 30
    scores = reduced(batch, padded(attentions, max(batch.lengths)), patterns)
    expected = slow.scores(sequences, attentions, causal=causal)
    for pattern in patterns:
        name = pattern.name
        if name not in expected:
            assert scores[name]["n"] == 0
            assert causal
            assert pattern.bidirectional
            continue
        for key in ("score", "n") + (("chance",) if pattern.kind == "target" else ()):
            np.testing.assert_allclose(scores[name][key], expected[name][key], atol=2e-6, err_msg=name)
        if name not in ("first_token", "sink_mass"):  # these have no sink-free form
            np.testing.assert_allclose(
                scores[name]["score_nosink"], expected[name]["score_nosink"], atol=1e-5, err_msg=name
            )


def test_sink_dominated_queries_are_left_out_of_the_sink_free_score():
    batch = TokenBatch([sequence("S a b c")])
    attention = torch.tensor([[1, 0, 0, 0], [0.5, 0.5, 0, 0], [0.995, 0.003, 0.002, 0], [0.2, 0, 0.6, 0.2]])
    reducer = RowReducer(batch, [PATTERNS["previous_token"]])
    sums = reducer(attention[None, None])
    assert reducer.counts.n_queries.tolist() == [[3]]
    # Query 1's target is the first position itself; query 2 is sink-dominated; query 3 has 0.6 of the remaining 0.8.
    assert reducer.counts.n_possible.tolist() == [[2]]
    assert sums.n_sink_free.tolist() == [[[1.0]]]
    assert sums.scores[0, 0, 0].item() == pytest.approx(0.5 + 0.003 + 0.6)
    assert sums.sink_free[0, 0, 0].item() == pytest.approx(0.75)


@pytest.mark.slow
@pytest.mark.parametrize("queries", [4, 128])
def test_many_targets_a_query_agree_in_every_form(queries, monkeypatch):
    monkeypatch.setattr(blocks, "QUERIES_PER_BLOCK", queries)
    every_other = replace(
        PATTERNS["previous_token"],
        name="every_other",
        targets=lambda seq: ((seq.positions[:, None] + seq.positions) % 2 == 0) & seq.allowed,
    )
    batch = TokenBatch([sequence("S " + ", . a ; , a : , . a " * 4, special=1), sequence("S a , b", special=1)])
    patterns = [PATTERNS["punctuation"], PATTERNS["frequent_token"], every_other]
    reducer = RowReducer(batch, patterns)
    assert {type(group) for group in reducer.targets.groups} == {SharedGroup, StaggeredGroup, PairwiseGroup}
    attention = padded(random_attention(np.random.default_rng(3), batch.lengths, heads=2, causal=True), 41)
    sums = reducer(attention)
    for column, pattern in enumerate(patterns):
        targets = targets_of(pattern, batch)[:, None]
        mass = (attention * targets).double().sum((-2, -1))
        np.testing.assert_allclose(sums.scores[:, :, column], mass, rtol=1e-5, err_msg=pattern.name)
        sink_free = (attention * targets)[..., 1:].double().sum(-1) / attention[..., 1:].double().sum(-1)
        beyond_sink = attention[..., 0] <= SINK_DOMINATED
        expected = sink_free.where(beyond_sink & targets[..., 1:].any(-1), 0).sum(-1)
        np.testing.assert_allclose(sums.sink_free[:, :, column], expected, rtol=1e-4, err_msg=pattern.name)


@pytest.mark.slow
@pytest.mark.parametrize("causal", [True, False])
def test_blocks_of_any_size_give_the_same(causal, monkeypatch):
    batch = TokenBatch([sequence(text, special=1) for text in TEXTS], causal=causal)
    attention = padded(
        random_attention(np.random.default_rng(7), batch.lengths, heads=2, causal=causal), max(batch.lengths)
    )
    reducer = RowReducer(batch, [own for own in PATTERNS if "self" in own.attention], null_batch=batch)
    norms = torch.rand(len(TEXTS), 2, max(batch.lengths))
    whole = reducer(attention, norms)
    monkeypatch.setitem(blocks.WEIGHTS_PER_BLOCK, "cpu", 100)
    monkeypatch.setattr(blocks, "QUERIES_PER_BLOCK", 3)
    assert len(list(reducer.blocks(2))) > len(TEXTS)
    parts = reducer(attention, norms)
    assert parts.lines is None  # nobody asked for any
    assert whole.lines is None
    for part in fields(LayerSums):
        if part.name != "lines":
            np.testing.assert_allclose(getattr(parts, part.name), getattr(whole, part.name), rtol=1e-4, atol=1e-5)


def test_a_learned_sink_counts_as_sink_mass():
    batch = TokenBatch([sequence("a b c")])
    attention = torch.tensor([[0.5, 0, 0], [0.2, 0.3, 0], [0.1, 0.1, 0.4]])
    sums = RowReducer(batch, [PATTERNS["sink_mass"]])(attention[None, None])
    assert sums.scores.item() == pytest.approx((0.2 + 0.5) + (0.1 + 0.4))


def test_a_pattern_that_returns_something_else_is_named():
    wrong = Pattern(
        "wrong", Family.POSITIONAL, "natural_text", 1, "", (), "", "", "", "somewhere.py:1",
        targets=lambda seq: seq.tokens,
    )  # fmt: skip
    with pytest.raises(HeadatlasError, match=r"Pattern 'wrong' \(somewhere.py:1\) must return a boolean tensor"):
        targets_of(wrong, TokenBatch([sequence("a b")]))


def test_value_weighted_by_hand():
    batch = TokenBatch([sequence("a b c")])
    attention = torch.tensor([[1, 0, 0], [0.5, 0.5, 0], [0.2, 0.4, 0.4]])[None, None]
    norms = torch.tensor([[[1.0, 3.0, 0.0]]])
    sums = RowReducer(batch, [PATTERNS["previous_token"]])(attention, norms)
    # Query 1 looks at a: 0.5 of 0.5 + 1.5; query 2 at b: 1.2 of 0.2 + 1.2 + 0.
    assert sums.value_weighted.item() == pytest.approx(0.25 + 1.2 / 1.4)
    assert sums.scores.item() == pytest.approx(0.5 + 0.4)


def test_offsets_by_hand():
    batch = TokenBatch([sequence("a b c a b c"), sequence("a b a")])
    reducer = RowReducer(batch, [PATTERNS["duplicate_token"]])
    assert reducer.counts.offset_hits[0, 0].nonzero().flatten().tolist() == [3]
    assert reducer.counts.offset_hits[0, 0, 3] == 3
    assert reducer.counts.offset_hits[1, 0, 2] == 1


def test_null_takes_the_targets_from_shuffled_tokens():
    original = sequence("S a b c d e f[x1] a b c d e f[x2]", special=1)
    other = shuffled(original, np.random.default_rng(0))
    assert sorted(other.ids) == sorted(original.ids)
    assert other.ids != original.ids
    assert other.ids[0] == original.ids[0], "special tokens stay"
    assert {other.texts[position] for position in other.roles["x"]} == {"f"}
    batch, null_batch = TokenBatch([original]), TokenBatch([other])
    patterns = [PATTERNS["duplicate_token"], PATTERNS["previous_token"]]
    reducer = RowReducer(batch, patterns, null_batch=null_batch)
    perfect = targets_of(patterns[0], batch).float()[:, None]
    sums = reducer(perfect)
    assert sums.scores[0, 0, 0] == 6
    # By hand: the perfect head's weights on the targets of the shuffled sequence.
    expected = (perfect[0, 0] * targets_of(patterns[0], null_batch)[0]).sum()
    assert sums.null[0, 0, 0] == expected < 6
    assert reducer.counts.n_null[0, 0] == 6
    assert sums.null[0, 0, 1] == sums.scores[0, 0, 1], "where order alone decides, shuffling changes nothing"


@pytest.mark.slow
@pytest.mark.parametrize("causal", [True, False])
def test_overlaps_are_what_perfect_heads_score(causal):
    batch = TokenBatch([sequence(text, special=1) for text in TEXTS], causal=causal)
    patterns = [pattern for pattern in PATTERNS if pattern.name in slow.TARGETS]
    reducer = RowReducer(batch, patterns)
    perfect = [targets_of(pattern, batch).float() for pattern in patterns]
    resting = torch.zeros_like(perfect[0])
    resting[..., 0] = 1
    heads = torch.stack([own / own.sum(-1, keepdim=True).clamp(min=1) for own in perfect] + [resting], 1)
    np.testing.assert_allclose(reducer(heads).scores.double().sum(0).T, reducer.counts.overlaps, atol=1e-4)
    assert np.count_nonzero(reducer.counts.overlaps) > 2 * len(patterns)


@pytest.mark.parametrize("causal", [True, False])
def test_attention_by_distance_equals_a_loop(causal):
    batch = TokenBatch([sequence(text, special=1) for text in TEXTS], causal=causal)
    attentions = random_attention(np.random.default_rng(6), batch.lengths, heads=2, causal=causal)
    reducer = RowReducer(batch, [PATTERNS["previous_token"]])
    distance = reducer(padded(attentions, max(batch.lengths))).distance
    middle = len(reducer.counts.n_distance) // 2
    sums, counts = torch.zeros_like(distance), torch.zeros_like(reducer.counts.n_distance)
    for attention in attentions:
        for q in range(attention.shape[1]):
            for k in range(q + 1 if causal else attention.shape[1]):
                sums[:, middle + q - k] += torch.as_tensor(attention[:, q, k])
                counts[middle + q - k] += 1
    np.testing.assert_allclose(distance, sums, atol=1e-5)
    assert reducer.counts.n_distance.tolist() == counts.tolist()


@pytest.mark.parametrize("scores", [True, False])
def test_a_statistic_of_full_rows_gets_the_attention(scores, monkeypatch):
    monkeypatch.setattr(blocks, "QUERIES_PER_BLOCK", 4)

    def squares(rows):
        return (rows.attention**2).sum(-1)

    own = replace(PATTERNS["largest_weight"], name="squares", statistic=squares, full_rows=True)
    batch = TokenBatch([sequence(text, special=1) for text in TEXTS])
    logits = torch.randn(len(TEXTS), 2, *batch.shape[1:]).masked_fill(~batch.allowed[:, None], -1e30)
    attention = logits.softmax(-1)
    reducer = RowReducer(batch, [PATTERNS["entropy"], own])
    layer = LayerAccumulator(reducer, 2)
    for block in reducer.blocks(2):
        part = block.rows, slice(None), block.queries, slice(0, block.n_keys)
        layer.add(block, attention[part], scores=logits[part] if scores else None)
    sums = layer.sums()
    counted = batch.real & (batch.n_allowed > 1)
    expected = (attention**2).sum(-1).where(counted[:, None], 0).sum(-1)
    np.testing.assert_allclose(sums.scores[:, :, 1], expected, rtol=1e-5)
    rest = attention[..., 1:] / attention[..., 1:].sum(-1, keepdim=True)
    beyond_sink = (attention[..., 0] <= SINK_DOMINATED) & (batch.n_allowed > 2)[:, None] & batch.real[:, None]
    np.testing.assert_allclose(sums.sink_free[:, :, 1], (rest**2).sum(-1).where(beyond_sink, 0).sum(-1), rtol=1e-4)
    entropy = (torch.special.entr(attention).sum(-1) / batch.n_allowed.log()[:, None]).where(counted[:, None], 0)
    np.testing.assert_allclose(sums.scores[:, :, 0], entropy.sum(-1), rtol=1e-4)
