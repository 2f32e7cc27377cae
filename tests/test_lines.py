"""Queries kept to be read: against a slow sort, in any split, and from the whole of a text of one's own."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from headatlas.patterns import PATTERNS
from headatlas.probes import PROBES, ProbeText
from headatlas.scoring import blocks, lines
from headatlas.scoring.chunk_reducer import ChunkReducer
from headatlas.scoring.chunks import Chunk
from headatlas.scoring.tally import Tally
from tests.helpers import padded, random_attention, sequence

LENGTHS = (40, 23, 40, 9, 31, 12, 40, 37)
HEADS = 3
SEED = 7


def text_of(lengths, name="natural_text"):
    sequences = [sequence("S " + " ".join("abcdefgh"[i % 8] for i in range(n - 1)), special=1) for n in lengths]
    return ProbeText(replace(PROBES["natural_text"], name=name), tuple(sequences), "")


def attention_of(lengths):
    """Random heads; of the first text all rest on the sixth token, besides the first."""
    attentions = random_attention(np.random.default_rng(3), list(lengths), heads=HEADS)
    for attention in attentions:  # from heads that hardly do anything off the sink to those that mostly do
        attention[:, :, 0] += np.array([0.2, 2, 5], np.float32)[:, None] * np.arange(attention.shape[1]) / 40
    attentions[0][:, 5:, 5] += 2
    return [attention / attention.sum(-1, keepdims=True) for attention in attentions]


def tallied(text, attentions, indices):
    """The tally of a chunk of some sequences."""
    chunk = Chunk(text, tuple(indices))
    reducer = ChunkReducer(
        chunk, {"self": [PATTERNS["previous_token"]]}, {"self": HEADS}, causal={"self": True}, seed=SEED
    )
    rows = padded([attentions[i] for i in indices], max(len(text.sequences[i]) for i in indices))
    reducer.add_whole("self", slice(0, HEADS), rows)
    return reducer.tallies["self"]


def slowly(attentions, n_most=lines.N_MOST, of_each=lines.MOST_OF_A_SEQUENCE):
    """Of each head the queries with most off the sink: all of them sorted, then chosen one after the other."""
    kept = []
    for head in range(HEADS):
        every = []
        for number, attention in enumerate(attentions):
            n = attention.shape[1]
            mean = attention.mean(0)
            looking, even = np.arange(n, 0, -1), np.array([sum(1 / (q + 1) for q in range(k, n)) for k in range(n)])
            sinks = {k for k in range(1, n) if (mean[:, k].sum() - even[k]) / looking[k] >= 0.1 and looking[k] >= 16}
            for q in range(1, n):
                row = attention[head, q].copy()
                row[0] = 0
                top = int(row.argmax())
                row[list(sinks)] = 0
                if q not in sinks and top not in sinks and row.sum() >= 0.05:
                    every.append((-round(float(row.sum()) * lines.PARTS), number, q, top))
        chosen, seen = [], set()
        for off, number, q, top in sorted(every):
            if (number, top) not in seen and sum(other == number for _, other, _ in chosen) < of_each:
                chosen.append((-off, number, q))
                seen.add((number, top))
        kept.append(chosen[:n_most])
    return kept


def most_of(tally):
    return [
        [(int(line["off"]), int(line["sequence"]), int(line["query"])) for line in of_head if line["off"] >= 0]
        for of_head in tally.lines.most
    ]


@pytest.mark.parametrize("queries", [128, 16, 7])
def test_the_most_awake_queries_are_those_of_a_slow_sort(monkeypatch, queries):
    monkeypatch.setattr(blocks, "QUERIES_PER_BLOCK", queries)
    attentions = attention_of(LENGTHS)
    tally = tallied(text_of(LENGTHS), attentions, range(len(LENGTHS)))
    expected = slowly(attentions)
    assert most_of(tally) == expected
    assert {len(of_head) for of_head in expected} == {lines.N_MOST}
    assert any(number == 0 for of_head in expected for _, number, _ in of_head)


def test_keys_are_the_strongest_besides_sinks():
    attentions = attention_of(LENGTHS)
    tally = tallied(text_of(LENGTHS), attentions, range(len(LENGTHS)))
    for head in range(HEADS):
        for line in (*tally.lines.most[head], *tally.lines.sampled[head]):
            row = attentions[line["sequence"]][head, line["query"]].copy()
            row[[0, 5] if line["sequence"] == 0 else 0] = 0
            assert abs(int(line["off"]) / lines.PARTS - row.sum()) < 1e-4
            kept = line["keys"] != lines.NOTHING
            order = np.argsort(-row)[: lines.N_KEYS]
            assert line["keys"][kept].tolist() == [k for k in order if round(100 * row[k]) >= lines.MIN_WEIGHT]
            assert np.abs(line["weights"][kept] / 100 - row[line["keys"][kept]]).max(initial=0) <= 0.0051


def equal(one, other):
    return all(np.array_equal(own, other.lines.arrays()[name]) for name, own in one.lines.arrays().items())


def test_any_split_gives_the_same_lines(monkeypatch):
    attentions, text = attention_of(LENGTHS), text_of(LENGTHS)
    whole = tallied(text, attentions, range(len(LENGTHS)))
    monkeypatch.setattr(blocks, "QUERIES_PER_BLOCK", 5)
    for parts in ([[0, 1, 2, 3, 4, 5, 6, 7]], [[3, 0], [7, 1, 4], [2], [6, 5]]):
        merged = Tally.empty(HEADS, 1, whole.n_waking.shape[1])
        for part in parts:  # stored and read again, as a scan that was cut off has it
            merged.add(Tally.from_bytes(tallied(text, attentions, part).to_bytes()))
        assert equal(whole, merged)


def test_the_sample_is_every_query_with_the_same_chance():
    drawn = np.zeros(200)
    for seed in range(400):
        every = lines.priorities(seed, [3, 8], np.arange(100)).ravel()
        drawn[np.argsort(every)[:20]] += 1
    assert drawn.sum() == 8000
    assert 15 < drawn.min() <= drawn.max() < 75  # 40 on the mean, a standard deviation of 6
    assert abs(drawn[:100].sum() - 4000) < 300


def test_three_are_drawn_from_each_quarter():
    tally = tallied(text_of(LENGTHS), attention_of(LENGTHS), range(len(LENGTHS)))
    assert tally.lines.sampled.shape == (HEADS, lines.N_SAMPLED)
    drawn = list(tally.lines.drawn())
    for head in range(HEADS):
        own = [line for line in drawn if line.head == head]
        assert [line.band for line in own] == [0] * 10 + [1] * 3 + [2] * 3 + [3] * 3 + [4] * 3
        shares = np.sort(tally.lines.sampled["off"][head])[::-1] / lines.PARTS
        for band in range(1, 5):
            quarter = shares[(band - 1) * 12 : band * 12]
            assert all(quarter[-1] <= line.off_sink <= quarter[0] for line in own if line.band == band)
        assert len({(line.sequence, line.query) for line in own}) == len(own)


def test_a_single_text_fills_the_list_and_other_texts_have_none():
    attentions = attention_of([40])
    tally = tallied(text_of([40], "text:mine.txt"), attentions, [0])
    assert most_of(tally) == slowly(attentions, of_each=lines.N_MOST)
    assert [*tallied(text_of([40], "repeated_random_tokens"), attentions, [0]).lines.drawn()] == []
