"""Keys in a small form are the boolean tensors they stand for, whatever is done with them."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from headatlas.inputs.sequence import TokenSequence
from headatlas.inputs.sparse_targets import KeyLists, KeySets, KeysFrom
from headatlas.inputs.token_batch import TokenBatch
from headatlas.patterns import PATTERNS, Pattern
from headatlas.scoring.targets import Targets, overlaps, targets_of
from tests import slow
from tests.helpers import sequence

SHAPE = (2, 5, 7)
TEXTS = [
    "S a , b a , b [ c ] . a , a d a , a e",
    "S* x x x , x",
    "S ·Cat s ⏎ 12 ·the ·dog s . ⏎ The ·re 7 , the the the S*",
]


def lists(seed: int) -> KeyLists:
    keys = torch.from_numpy(np.random.default_rng(seed).integers(-1, SHAPE[2], (*SHAPE[:2], 3)))
    return KeyLists(keys, shape=SHAPE)


def growing(seed: int) -> KeysFrom:
    since = torch.from_numpy(np.random.default_rng(seed).integers(0, SHAPE[1] + 1, (SHAPE[0], SHAPE[2])))
    return KeysFrom(since, besides_itself=bool(seed // 2 % 2), shape=SHAPE)


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 999), make=st.sampled_from([lists, growing]), mask=st.integers(0, 7), swap=st.booleans())
def test_and_is_that_of_ordinary_tensors(seed, make, mask, swap):
    one = make(seed)
    random = torch.from_numpy(np.random.default_rng(seed + 1).random((*SHAPE, 1))[..., 0] < 0.5)
    others: list[Tensor] = [
        random, random[:, :, :1], random[:1, :, :1], random[0, :, :1], random[:, :1], random[0, :1], random[0, 0],
        (lists if seed % 2 else growing)(seed + 2),
    ]  # fmt: skip
    other = others[mask]
    dense = other.dense() if isinstance(other, KeySets) else other
    both = other & one if swap else one & other
    assert torch.equal(both.dense() if isinstance(both, KeySets) else both, one.dense() & dense)
    if isinstance(one, KeyLists) or isinstance(other, KeyLists):
        assert isinstance(both, KeyLists), "a list stays a list"


@pytest.mark.parametrize("make", [lists, growing])
def test_everything_else_sees_an_ordinary_tensor(make):
    one = make(3)
    assert isinstance(one, Tensor)
    assert (tuple(one.shape), one.dtype, one.ndim) == (SHAPE, torch.bool, 3)
    dense = one.dense()
    assert torch.equal(one.tril(-1) | False, dense.tril(-1))
    assert torch.equal(~one, ~dense)
    assert torch.equal(one[:, 1:], dense[:, 1:])
    assert torch.equal(one.roll(1, 2), dense.roll(1, 2))
    assert np.array_equal(one.numpy(), dense.numpy())
    assert torch.equal(torch.stack([one, dense]), torch.stack([dense, dense]))


def test_changes_in_place_are_refused():
    one = lists(3)
    with pytest.raises(TypeError, match="cannot be changed in place"):
        one[:, 0] = False
    with pytest.raises(TypeError, match="cannot be changed in place"):
        one.fill_(True)
    copy = one.clone()
    copy[:, 0] = False
    assert not copy[:, 0].any()
    assert torch.equal(copy[:, 1:], one.dense()[:, 1:])


def patterns() -> list[Pattern]:
    return [one for one in PATTERNS if one.targets is not None and "self" in one.attention]


@pytest.mark.parametrize("causal", [True, False])
def test_counts_are_those_of_all_pairs(causal):
    batch = TokenBatch([sequence(text, special=1) for text in TEXTS], causal=causal)
    forms = set()
    for one in patterns():
        dense, found = targets_of(one, batch), Targets(one, batch, 9)
        assert torch.equal(found.counts, dense.sum(-1)), one.name
        assert torch.equal(found.on_first, dense[:, :, 0]), one.name
        assert torch.equal(found.besides_first, dense[:, :, 1:].any(-1)), one.name
        expected = torch.stack([dense.diagonal(-offset, 1, 2).sum(-1) for offset in range(9)], -1)
        assert torch.equal(found.offset_hits, expected), one.name
        forms |= {form for form in ("keys", "marked", "since", "pairs") if getattr(found, form) is not None}
    assert forms == ({"keys", "marked", "since"} if causal else {"keys", "marked"})


@pytest.mark.parametrize("causal", [True, False])
def test_overlaps_are_those_of_all_pairs(causal, monkeypatch):
    monkeypatch.setattr("headatlas.scoring.targets.PAIRS", 60)  # several parts, where a pattern is kept pair by pair
    batch = TokenBatch([sequence(text, special=1) for text in TEXTS], causal=causal)
    checkered = Pattern(
        "checkered", "positional", "natural_text", 1, "", (), "", "", "", "here",
        targets=lambda seq: ((seq.positions[:, None] + seq.positions) % 2 == 0) & seq.allowed,
    )  # fmt: skip
    own = [one for one in patterns() if one.name in slow.TARGETS] + [checkered]
    monkeypatch.setattr("headatlas.scoring.targets.LISTED", 4)
    found = [Targets(one, batch) for one in own]
    assert found[-1].pairs is not None
    dense = torch.stack([targets_of(one, batch) for one in own]).double()
    perfect = dense / dense.sum(-1, keepdim=True).clamp(min=1)
    expected = torch.einsum("abqk,cbqk->ac", dense, perfect)
    np.testing.assert_allclose(overlaps(found)[:, :-1], expected, atol=1e-12)


def test_long_texts_are_not_looked_at_pair_by_pair(monkeypatch):
    words = "a , b . a c , the the the ( d ) 7 \n".split(" ")
    texts = tuple(words[i * i % len(words)] for i in range(3000))
    ids = tuple(sorted(set(words)).index(text) for text in texts)
    batch = TokenBatch([TokenSequence(ids, texts, (False,) * len(texts))])
    for one in (KeyLists, KeysFrom):
        monkeypatch.setattr(one, "dense", None)
    for one in PATTERNS:
        if one.targets is not None and "self" in one.attention:
            assert Targets(one, batch, 4).pairs is None, one.name
    assert "allowed" not in vars(batch), "nobody has asked who may look where, pair by pair"


def test_groups_by_hand():
    queries, keys = torch.tensor([[1, -1, 0, 1]]), torch.tensor([[1, 1, 0, -1]])
    found = KeyLists.of_groups(queries, keys).dense()
    assert found.nonzero().tolist() == [[0, 0, 1], [0, 3, 0], [0, 3, 1]]


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 999), small=st.booleans())
def test_without_is_a_difference_where_there_is_something_to_take_away(seed, small):
    one, other = lists(seed), lists(seed + 1)
    dense = other.dense()
    rest = one.without(other if small else dense)
    assert isinstance(rest, KeyLists)
    assert torch.equal(rest.dense(), one.dense() & ~dense & dense.any(-1, keepdim=True))


def test_all_earlier_copies():
    batch = TokenBatch([sequence("S* a b a a b a a S*"), sequence("S* a a")])
    copies = batch.earlier_copies(2, 3)
    assert copies.shape == (2, 9, 3)
    kept = {q: [key for key in row if key >= 0] for q, row in enumerate(copies[0].tolist()) if max(row) >= 0}
    assert kept == {4: [1, 3], 6: [1, 3, 4]}, "one copy is too few, four are too many"
    assert not (copies[1] >= 0).any()
    assert batch.at_each(batch.earlier_copies(1, 1))[1].nonzero().tolist() == [[2, 1]]
