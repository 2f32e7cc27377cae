"""Sinks within pictures: found in attention whose truth is known, told from what goes by the word."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from headatlas.inputs.pair_batch import PairBatch
from headatlas.inputs.sequence import TokenSequence
from headatlas.inputs.token_batch import TokenBatch
from headatlas.labels.sentences import HeadFacts, head_sentence
from headatlas.patterns import PATTERNS
from headatlas.scoring.layer_reducer import RowReducer

N_PATCHES, N_WORDS, SINK = 16, 13, 5
PATCHES = tuple(f"r{row}c{column}" for row in range(1, 5) for column in range(1, 5))


def texts(crossed=False, n_words=N_WORDS):
    """A text behind its picture of 4 by 4 patches, or beside it."""
    words = tuple(f"w{number}" for number in range(n_words))
    picture = {"picture": dict.fromkeys(range(1, 1 + N_PATCHES), 0)}
    read, special = ("S", *PATCHES), (True,) + (False,) * N_PATCHES
    if crossed:
        source = TokenSequence(tuple(range(len(read))), read, special, picture, grid=(4, 4))
        return TokenSequence(tuple(range(n_words)), words, (False,) * n_words, source=source)
    ids = tuple(range(len(read) + n_words))
    return TokenSequence(ids, read + words, special + (False,) * n_words, picture, grid=(4, 4))


def even(sequence):
    """Even attention [query, key], and the position of the first word."""
    if sequence.source is not None:
        return torch.full((len(sequence), len(sequence.source)), 1 / len(sequence.source)), 0
    n = len(sequence)
    return torch.ones(n, n).tril() / torch.arange(1, n + 1)[:, None], 1 + N_PATCHES


def looking(sequence, words, share):
    """Even attention, of which some words give a share to one patch."""
    rows, start = even(sequence)
    for word in words:
        rows[start + word] *= 1 - share
        rows[start + word, 1 + SINK] += share
    return rows


def scored(heads, sequence):
    """The statistic of each head of one layer."""
    batch = (PairBatch if sequence.source is not None else TokenBatch)([sequence])
    reducer = RowReducer(batch, [PATTERNS["picture_sink"]])
    sums = reducer(torch.stack(heads)[None].float()).scores[0, :, 0]
    return (sums / reducer.counts.n_queries[0, 0]).tolist()


@pytest.mark.parametrize("crossed", [False, True])
def test_what_all_words_leave_on_a_patch_is_a_sink(crossed):
    """A head that rests there, one that does half as much, one that looks everywhere: more than a tenth on the mean."""
    sequence = texts(crossed)
    heads = [looking(sequence, range(N_WORDS), share) for share in (0.6, 0.3, 0.0)]
    start = even(sequence)[1]
    expected = [float(rows[start:, 1 + SINK].mean()) for rows in heads]
    np.testing.assert_allclose(scored(heads, sequence), expected, rtol=1e-4)


@pytest.mark.parametrize("crossed", [False, True])
@pytest.mark.parametrize(
    ("words", "share", "rests"),
    [((3, 7, 8), 1.0, False), (range(N_WORDS), 0.09, False), (range(8), 1.0, True)],
    ids=["what two of four groups of words do", "too little beyond an even share", "half of each group"],
)
def test_what_goes_by_the_word_is_none(crossed, words, share, rests):
    sequence = texts(crossed)
    own = scored([looking(sequence, words, share)] * 2, sequence)
    assert own == [0, 0] if not rests else min(own) > 0.5


def test_a_text_of_few_words_cannot_tell():
    short = texts(n_words=7)
    assert scored([looking(short, range(7), 1.0)], short) == [0]
    assert scored([looking(texts(n_words=8), range(8), 1.0)], texts(n_words=8))[0] == pytest.approx(1)


def test_texts_without_a_picture_have_none():
    plain = TokenSequence(tuple(range(20)), tuple("abcdefghijklmnopqrst"), (False,) * 20)
    assert scored([torch.ones(20, 20).tril() / torch.arange(1, 21)[:, None]], plain) == [0]


def test_the_sentence_says_so():
    facts = HeadFacts(sink=0.1, names=[], wakes=[], looked_at=[], looking=[], distance=None, picture_sinks=0.42)
    said = "Has no name. In pictures, words leave 42% on patches where its layer rests."
    assert head_sentence(facts) == said
