"""Target keys in every sparse form are the boolean tensors they stand for, whatever is done with them."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from headatlas.inputs.block import Block
from headatlas.inputs.sequence import TokenSequence
from headatlas.inputs.sparse_targets import IndexedTargets, SparseTargets, SuffixTargets
from headatlas.inputs.token_batch import TokenBatch
from headatlas.patterns import PATTERNS
from headatlas.patterns.definition import Pattern
from headatlas.patterns.families import Family
from headatlas.scoring.batch_targets import BatchTargets
from headatlas.scoring.forms.base import BlockRows
from headatlas.scoring.forms.gathered import GatheredTargets
from headatlas.scoring.forms.pairwise import PairwiseTargets
from headatlas.scoring.forms.shared import SharedTargets
from headatlas.scoring.forms.staggered import StaggeredTargets
from headatlas.scoring.overlaps import overlaps
from headatlas.scoring.targets import find_targets, targets_of
from tests import slow
from tests.helpers import sequence

SHAPE = (2, 5, 7)
TEXTS = [
    "S a , b a , b [ c ] . a , a d a , a e",
    "S* x x x , x",
    "S ·Cat s ⏎ 12 ·the ·dog s . ⏎ The ·re 7 , the the the S*",
]


def indexed(seed: int) -> IndexedTargets:
    keys = torch.from_numpy(np.random.default_rng(seed).integers(-1, SHAPE[2], (*SHAPE[:2], 3)))
    return IndexedTargets(keys, shape=SHAPE)


def suffix(seed: int) -> SuffixTargets:
    first_query = torch.from_numpy(np.random.default_rng(seed).integers(0, SHAPE[1] + 1, (SHAPE[0], SHAPE[2])))
    return SuffixTargets(first_query, excludes_self=bool(seed // 2 % 2), shape=SHAPE)


@pytest.mark.slow
@settings(max_examples=60)
@given(seed=st.integers(0, 999), make=st.sampled_from([indexed, suffix]), mask=st.integers(0, 7), swap=st.booleans())
def test_and_is_that_of_ordinary_tensors(seed, make, mask, swap):
    targets = make(seed)
    random = torch.from_numpy(np.random.default_rng(seed + 1).random((*SHAPE, 1))[..., 0] < 0.5)
    others: list[Tensor] = [
        random, random[:, :, :1], random[:1, :, :1], random[0, :, :1], random[:, :1], random[0, :1], random[0, 0],
        (indexed if seed % 2 else suffix)(seed + 2),
    ]  # fmt: skip
    other = others[mask]
    dense = other.dense() if isinstance(other, SparseTargets) else other
    both = other & targets if swap else targets & other
    assert torch.equal(both.dense() if isinstance(both, SparseTargets) else both, targets.dense() & dense)
    if isinstance(targets, IndexedTargets) or isinstance(other, IndexedTargets):
        assert isinstance(both, IndexedTargets), "indexed targets stay indexed"


@pytest.mark.parametrize("make", [indexed, suffix])
def test_everything_else_sees_an_ordinary_tensor(make):
    targets = make(3)
    assert isinstance(targets, Tensor)
    assert (tuple(targets.shape), targets.dtype, targets.ndim) == (SHAPE, torch.bool, 3)
    dense = targets.dense()
    assert torch.equal(targets.tril(-1) | False, dense.tril(-1))
    assert torch.equal(~targets, ~dense)
    assert torch.equal(targets[:, 1:], dense[:, 1:])
    assert torch.equal(targets.roll(1, 2), dense.roll(1, 2))
    assert np.array_equal(targets.numpy(), dense.numpy())
    assert torch.equal(torch.stack([targets, dense]), torch.stack([dense, dense]))


def test_changes_in_place_are_refused():
    targets = indexed(3)
    with pytest.raises(TypeError, match="cannot be changed in place"):
        targets[:, 0] = False
    with pytest.raises(TypeError, match="cannot be changed in place"):
        targets.fill_(True)
    copy = targets.clone()
    copy[:, 0] = False
    assert not copy[:, 0].any()
    assert torch.equal(copy[:, 1:], targets.dense()[:, 1:])


def patterns() -> list[Pattern]:
    return [pattern for pattern in PATTERNS if pattern.targets is not None and "self" in pattern.attention]


@pytest.mark.slow
@pytest.mark.parametrize("window", [None, 0, 3])
@pytest.mark.parametrize("causal", [True, False])
def test_counts_are_those_of_all_pairs(causal, window):
    batch = TokenBatch([sequence(text, special=1) for text in TEXTS], causal=causal, window=window)
    assert torch.equal(batch.n_allowed, batch.allowed.sum(-1))
    assert torch.equal(batch.sees_first, batch.allowed[:, :, 0])
    forms = set()
    for pattern in patterns():
        dense, targets = targets_of(pattern, batch), find_targets(pattern, batch)
        assert torch.equal(targets.counts, dense.sum(-1)), pattern.name
        assert torch.equal(targets.on_first, dense[:, :, 0]), pattern.name
        assert torch.equal(targets.excluding_sink, dense[:, :, 1:].any(-1)), pattern.name
        expected = torch.stack([dense.diagonal(-offset, 1, 2).sum(-1) for offset in range(9)], -1)
        assert torch.equal(targets.offset_hits(9), expected), pattern.name
        forms.add(type(targets))
    if window is None:
        assert forms == {GatheredTargets, SharedTargets} | ({StaggeredTargets} if causal else set())


def checkered() -> Pattern:
    return Pattern(
        "checkered", Family.POSITIONAL, "natural_text", 1, "", (), "", "", "", "here",
        targets=lambda seq: ((seq.positions[:, None] + seq.positions) % 2 == 0) & seq.allowed,
    )  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("window", [None, 3])
@pytest.mark.parametrize("causal", [True, False])
def test_overlaps_are_those_of_all_pairs(causal, window, monkeypatch):
    monkeypatch.setattr("headatlas.scoring.overlaps.PAIRS_AT_ONCE", 60)  # several parts
    batch = TokenBatch([sequence(text, special=1) for text in TEXTS], causal=causal, window=window)
    own = [pattern for pattern in patterns() if pattern.name in slow.TARGETS] + [checkered()]
    monkeypatch.setattr("headatlas.scoring.targets.MAX_GATHERED", 4 if window is None else 1)
    targets = [find_targets(pattern, batch) for pattern in own]
    assert isinstance(targets[-1], PairwiseTargets)
    dense = torch.stack([targets_of(pattern, batch) for pattern in own]).double()
    perfect = dense / dense.sum(-1, keepdim=True).clamp(min=1)
    expected = torch.einsum("abqk,cbqk->ac", dense, perfect)
    np.testing.assert_allclose(overlaps(targets)[:, :-1], expected, atol=1e-12)


def test_pairwise_counts_are_those_of_all_pairs(monkeypatch):
    monkeypatch.setattr("headatlas.scoring.targets.MAX_GATHERED", 1)
    batch = TokenBatch([sequence(text, special=1) for text in TEXTS])
    dense, targets = targets_of(checkered(), batch), find_targets(checkered(), batch)
    assert isinstance(targets, PairwiseTargets)
    assert torch.equal(targets.counts, dense.sum(-1))
    assert torch.equal(targets.on_first, dense[:, :, 0])
    assert targets.offset_hits(3).tolist() == [[length, 0, length - 2] for length in batch.lengths]


def test_targets_of_different_forms_or_pairs_are_not_the_same():
    batch = TokenBatch([sequence(text, special=1) for text in TEXTS])
    forms = [find_targets(PATTERNS[name], batch) for name in ("previous_token", "punctuation", "frequent_token")]
    forms.append(find_targets(PATTERNS["fixed_offset_2"], batch))
    forms.append(find_targets(PATTERNS["comma"], batch))
    again = [find_targets(PATTERNS[name], batch) for name in ("previous_token", "punctuation", "frequent_token")]
    for i, targets in enumerate(forms):
        assert [targets.same_as(other) for other in forms] == [i == j for j in range(len(forms))]
    assert all(targets.same_as(other) for targets, other in zip(forms, again, strict=False))


@pytest.mark.slow
@pytest.mark.parametrize("window", [None, 100])
def test_long_texts_are_not_looked_at_pair_by_pair(window, monkeypatch):
    words = "a , b . a c , the the the ( d ) 7 \n".split(" ")
    texts = tuple(words[i * i % len(words)] for i in range(3000))
    ids = tuple(sorted(set(words)).index(text) for text in texts)
    batch = TokenBatch([TokenSequence(ids, texts, (False,) * len(texts))], window=window)
    for form in (IndexedTargets, SuffixTargets):
        monkeypatch.setattr(form, "dense", None)
    for pattern in patterns():
        assert not isinstance(find_targets(pattern, batch), PairwiseTargets), pattern.name
    BatchTargets(patterns(), batch, batch)
    assert "allowed" not in vars(batch), "nobody has asked who may look where, pair by pair"


def test_groups_by_hand():
    queries, keys = torch.tensor([[1, -1, 0, 1]]), torch.tensor([[1, 1, 0, -1]])
    targets = IndexedTargets.of_groups(queries, keys).dense()
    assert targets.nonzero().tolist() == [[0, 0, 1], [0, 3, 0], [0, 3, 1]]


def test_former_names_still_work():
    from headatlas.inputs.annotated_text import AnnotatedText, MarkedText

    batch = TokenBatch([sequence("S a , b ,")])
    marked = batch.where_text(lambda text: text == ",")
    assert torch.equal(batch.from_elsewhere(marked), batch.all_queries_except_self(marked))
    assert MarkedText is AnnotatedText


@pytest.mark.slow
@settings(max_examples=60)
@given(seed=st.integers(0, 999), small=st.booleans())
def test_without_is_a_difference_where_there_is_something_to_take_away(seed, small):
    targets, other = indexed(seed), indexed(seed + 1)
    dense = other.dense()
    rest = targets.without(other if small else dense)
    assert isinstance(rest, IndexedTargets)
    assert torch.equal(rest.dense(), targets.dense() & ~dense & dense.any(-1, keepdim=True))


def test_all_earlier_copies():
    batch = TokenBatch([sequence("S* a b a a b a a S*"), sequence("S* a a")])
    copies = batch.earlier_copies(2, 3)
    assert copies.shape == (2, 9, 3)
    kept = {q: [key for key in row if key >= 0] for q, row in enumerate(copies[0].tolist()) if max(row) >= 0}
    assert kept == {4: [1, 3], 6: [1, 3, 4]}, "one copy is too few, four are too many"
    assert not (copies[1] >= 0).any()
    assert batch.at_each(batch.earlier_copies(1, 1))[1].nonzero().tolist() == [[2, 1]]


@pytest.mark.parametrize("n", [2**15 - 1, 2**15, 2**15 + 1, 40_000])
def test_keys_of_long_texts_are_what_they_were(n):
    """Positions are kept in 16 bits where these do, and the last of a text of 32,768 tokens is 32,767."""
    batch = TokenBatch([TokenSequence((0,) * n, ("a",) * n, (False,) * n)])
    query, keys = n - 1, [0, 5, n - 2, n - 1]
    listed = torch.full((1, n, 5), -1)
    listed[0, query, 1:] = torch.tensor(keys[::-1])
    targets = GatheredTargets(listed, batch)
    assert targets.pairs(slice(0, n)).tolist() == [query * n + key for key in keys]
    asked = np.array([*keys, 4, n - 3])
    assert targets.contains(np.zeros(6, int), np.full(6, query), asked).tolist() == [True] * 4 + [False] * 2
    assert targets.offset_hits(2).tolist() == [[1, 1]]
    assert targets.without_first().pairs(slice(0, n)).tolist() == [query * n + key for key in keys[1:]]
    accumulator = GatheredTargets.group([targets], "cpu").accumulator(torch.ones(1, 1, 2, n))
    attention = torch.arange(n, dtype=torch.float32).view(1, 1, 1, n)
    accumulator.add(BlockRows(attention, torch.ones(1, 1, 2, 1), Block(slice(0, 1), slice(query, n), n)))
    assert accumulator.sums()[0, 0, 0].tolist() == [sum(keys)]
