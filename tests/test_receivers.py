"""What sentences get from later ones: sums by blocks against a slow computation and SciPy's kurtosis."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy.stats import kurtosis

import headatlas
from headatlas.inputs.sequence import TokenSequence
from headatlas.inputs.token_batch import TokenBatch
from headatlas.patterns import PATTERNS
from headatlas.scoring import blocks
from headatlas.scoring.layer_reducer import RowReducer
from headatlas.scoring.sentences import BAND, MIN_SENTENCES, sentence_numbers

N_HEADS = 3


def text(n_sentences, rng):
    """Sentences of 4 to 7 tokens behind a special token, and the number of each token's sentence."""
    words, numbers = ["<s>"], [-1]
    for number in range(n_sentences):
        length = int(rng.integers(4, 8))
        words += [f" w{i}" for i in range(length - 1)] + ["."]
        numbers += [number] * length
    special = (True,) + (False,) * (len(words) - 1)
    return TokenSequence(tuple(range(len(words))), tuple(words), special), np.array(numbers)


def attention_of(batch, rng, n_heads=N_HEADS):
    """Rows that are peaked in different ways, over what each query may see."""
    weights = rng.gamma(0.2, size=(batch.shape[0], n_heads, *batch.shape[1:])) + 1e-6
    weights = np.where(batch.allowed[:, None].numpy(), weights, 0)
    return torch.from_numpy(weights / np.maximum(weights.sum(-1, keepdims=True), 1e-30)).float()


def slowly(attention, numbers, window=None):
    """The kurtosis of one head on one text, from the average of each pair of sentences."""
    n = numbers.max() + 1
    received = []
    for sentence in range(n - BAND):
        total, n_later = 0.0, 0.0
        for later in range(sentence + BAND, n):
            queries, keys = np.flatnonzero(numbers == later), np.flatnonzero(numbers == sentence)
            total += attention[np.ix_(queries, keys)].mean()
            seen = 1.0 if window is None else (queries[:, None] - keys <= window).mean()
            n_later += seen
        if n_later:
            received.append(total / n_later)
    return kurtosis(received, fisher=False)


@pytest.mark.slow
@pytest.mark.parametrize(("causal", "window"), [(True, None), (False, None), (True, 45)])
def test_it_is_scipys_kurtosis_of_what_sentences_get(causal, window, monkeypatch):
    monkeypatch.setattr(blocks, "QUERIES_PER_BLOCK", 17)
    monkeypatch.setitem(blocks.WEIGHTS_PER_BLOCK, "cpu", 2**14)
    rng = np.random.default_rng(0)
    texts = [text(n, rng) for n in (19, MIN_SENTENCES + BAND, MIN_SENTENCES + BAND - 1, 25)]
    batch = TokenBatch([sequence for sequence, _ in texts], causal=causal, window=window)
    reducer = RowReducer(batch, [PATTERNS["entropy"], PATTERNS["sentence_kurtosis"]])
    assert len(list(reducer.blocks(N_HEADS))) > 3, "it is summed in several blocks"
    attention = attention_of(batch, rng)
    for _ in range(2):  # as for the next layer, for which plans are remembered
        sums = reducer(attention)
    assert reducer.counts.n_queries[:, 1].tolist() == [1, 1, 0, 1]
    assert (sums.scores[2, :, 1] == 0).all()
    for row in (0, 1, 3):
        n = len(texts[row][1])
        expected = [slowly(own[:n, :n], texts[row][1], window) for own in attention[row].numpy()]
        np.testing.assert_allclose(sums.scores[row, :, 1], expected, rtol=1e-4)
    assert max(expected) > 3.5


def test_sinks_are_left_out():
    """Every head rests on the second token of the second sentence, which stands out in none for that."""
    rng = np.random.default_rng(3)
    sequence, numbers = text(18, rng)
    batch = TokenBatch([sequence])
    sink = int(np.flatnonzero(numbers == 1)[1])
    attention = attention_of(batch, rng)
    attention[:, :, sink + 1 :] *= 0.3
    attention[:, :, sink + 1 :, sink] += 0.7
    scores = RowReducer(batch, [PATTERNS["sentence_kurtosis"]])(attention).scores[0, :, 0]
    with_it = [slowly(own, numbers) for own in attention[0].numpy()]
    numbers[sink] = -1
    without = [slowly(own, numbers) for own in attention[0].numpy()]
    np.testing.assert_allclose(scores, without, rtol=1e-4)
    assert max(without) < min(with_it) - 2


def test_a_sentence_is_what_ends_with_a_mark_or_a_line_and_is_no_abbreviation():
    words = ["A", " Mr", ".", " Hall", " came", ".", "\n", "\n", "Then", " he", " sat", " down", "!", ")", " So", " be"]
    sequence = TokenSequence(tuple(range(len(words))), tuple(words), (False,) * len(words))
    numbers = sentence_numbers(TokenBatch([sequence]))[0].tolist()
    assert numbers == [-1, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 2, 2]


def planted(numbers, n_heads=4):
    """Heads that look at one sentence, at two, evenly at all, and at the first token alone."""
    n = len(numbers)
    even = np.tril(np.ones((n, n))) / np.arange(1, n + 1)[:, None]
    heads = np.zeros((n_heads, n, n), np.float32)
    for head, sentences in enumerate(([2], [1, 5], None)):
        heads[head] = even
        if sentences is not None:
            keys = np.isin(numbers, sentences)
            behind = numbers > max(sentences)
            heads[head][behind] = keys / keys.sum()
    heads[3, :, 0] = 1
    return heads


@pytest.fixture(scope="module")
def scanned(tmp_path_factory):
    rng = np.random.default_rng(1)
    texts = [text(16, rng) for _ in range(4)] + [text(6, rng)]
    longest = max(len(numbers) for _, numbers in texts)
    attention = np.zeros((1, len(texts), 4, longest, longest), np.float32)
    for row, (_, numbers) in enumerate(texts):
        n = len(numbers)
        attention[0, row, :, :n, :n] = planted(numbers)
    db = tmp_path_factory.mktemp("receivers") / "scan.db"
    headatlas.score_attention(
        attention,
        [list(sequence.ids) for sequence, _ in texts],
        tokens=[list(sequence.texts) for sequence, _ in texts],
        special=[list(sequence.special) for sequence, _ in texts],
        db=db,
        name="planted",
    )
    return db


@pytest.mark.slow
def test_a_receiver_head_stands_out(scanned):
    with headatlas.open(scanned) as catalog:
        rows = {row["head"]: row for row in catalog.head_rows("planted", pattern="sentence_kurtosis")}
    # One sentence of twelve gets all from most of those behind it, then two of them; the others get next to nothing.
    assert rows[0]["score"] > 9
    assert 3 < rows[1]["score"] < rows[0]["score"]
    assert rows[2]["score"] < 3
    assert rows[3]["score"] == 1
    assert {row["n_queries"] for row in rows.values()} == {4}, "a text of six sentences does not count"
    assert all(row["score_nosink"] is None and row["chance"] is None for row in rows.values())


@pytest.mark.slow
def test_heads_are_not_compared_by_it(scanned):
    with headatlas.open(scanned) as catalog:
        compared = catalog.connection.execute("select columns from profiles").fetchone()[0]
    assert "entropy" in compared
    assert "sentence_kurtosis" not in compared


@pytest.mark.slow
def test_texts_of_few_sentences_have_none(tmp_path):
    rng = np.random.default_rng(2)
    sequence, numbers = text(6, rng)
    db = tmp_path / "scan.db"
    headatlas.score_attention(
        planted(numbers)[None, None], [list(sequence.ids)], tokens=[list(sequence.texts)], db=db, name="short"
    )
    with headatlas.open(db) as catalog:
        assert catalog.head_rows("short", pattern="entropy")
        assert not catalog.head_rows("short", pattern="sentence_kurtosis")
