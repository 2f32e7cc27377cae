"""Queries kept to be read: against a slow sort, in any split, and from the whole of a text of one's own."""

from __future__ import annotations

import csv
import json
import re
import sqlite3
from contextlib import closing
from dataclasses import replace

import numpy as np
import pytest

import headatlas
from headatlas.atlas.draw.wording import score
from headatlas.atlas.site import build
from headatlas.errors import HeadatlasError
from headatlas.patterns import PATTERNS
from headatlas.probes import PROBES, ProbeText
from headatlas.probes.own_text import text_probe
from headatlas.scanning.options import ScanSettings
from headatlas.scanning.scanner import scan_model
from headatlas.scoring import blocks, chunks, lines
from headatlas.scoring.chunk_reducer import ChunkReducer
from headatlas.scoring.chunks import Chunk
from headatlas.scoring.tally import Tally
from headatlas.share.files import export, import_folder
from headatlas.store.scans import Store
from tests.helpers import drawn_layer, padded, random_attention, sequence

LENGTHS = (40, 23, 40, 9, 31, 12, 40, 37)
HEADS = 3
SEED = 7
NAMES = ("ferry", "cat", "red fox", "river", "door")


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


def equal(entry, other):
    return all(np.array_equal(own, other.lines.arrays()[name]) for name, own in entry.lines.arrays().items())


@pytest.mark.slow
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
            quarter = shares[(band - 1) * 9 : band * 9]
            assert all(quarter[-1] <= line.off_sink <= quarter[0] for line in own if line.band == band)
        assert len({(line.sequence, line.query) for line in own}) == len(own)


def test_a_text_of_one_token_has_no_lines():
    text = ProbeText(PROBES["natural_text"], (sequence("S", special=1),), "")
    tally = tallied(text, [np.ones((HEADS, 1, 1), np.float32)], [0])
    assert most_of(tally) == [[]] * HEADS
    assert [*tally.lines.drawn()] == []


def test_a_single_text_fills_the_list_and_other_texts_have_none():
    attentions = attention_of([40])
    tally = tallied(text_of([40], "text:mine.txt"), attentions, [0])
    assert most_of(tally) == slowly(attentions, of_each=lines.N_MOST)
    assert [*tallied(text_of([40], "repeated_random_tokens"), attentions, [0]).lines.drawn()] == []


TEXT = "".join(
    f"The {name} leaves the quay at {hour}, and the baker waves. " for hour in range(9, 22) for name in NAMES
)


@pytest.fixture(scope="module")
def essay(tmp_path_factory):
    path = tmp_path_factory.mktemp("essay") / "essay.txt"
    path.write_text(TEXT)
    return path


@pytest.fixture(scope="module")
def scanned(tiny, tmp_path_factory, essay):
    """A scan of a text of one's own that is longer than the kept map."""
    return scan(tiny, tmp_path_factory.mktemp("lines") / "heads.db", essay)


def scan(tiny, db, essay, progress=None):
    settings = ScanSettings(own_text=(text_probe(essay),))
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(chunks, "BATCH_TOKENS", 300)  # many parts of a short text
        scan_model(str(tiny("llama")), db=db, name="tiny", settings=settings, progress=progress)
    return db


def rows_of(db, table):
    with closing(sqlite3.connect(db)) as connection:
        return connection.execute(f"select * from {table} order by rowid").fetchall()


@pytest.mark.slow
def test_lines_of_ones_own_text_are_from_its_whole_length(scanned):
    with headatlas.open(scanned) as catalog:
        (n_sequences,) = catalog.query("select n_sequences from scan_probes")[1][0]
        _, rows = catalog.query(
            "select head_id, band, sequence, query, keys, weights, off_sink, tokens from head_lines"
            " join line_texts using (probe_id, sequence)"
        )
        kept = {row[0] for row in catalog.query("select sequence from examples")[1]}
    assert n_sequences > 6
    assert kept == {0}
    assert len({row[2] for row in rows}) > n_sequences / 2
    assert max(row[2] for row in rows) > n_sequences / 2
    assert len(rows) == 8 * 22
    assert {row[2] for row in rows if row[1] == 0} - kept, "the most awake are not those of the map"
    for *_, query, keys, weights, off_sink, tokens in rows:
        assert 0 < query < len(json.loads(tokens))
        assert all(0 < key <= query for key in json.loads(keys))
        assert sum(json.loads(weights)) <= off_sink + 0.05


@pytest.mark.slow
def test_a_scan_that_is_cut_off_keeps_the_same_lines(scanned, tiny, tmp_path, essay):
    calls = []

    def stop(done: int, total: int) -> None:
        calls.append(done)
        if len(calls) in (2, 5):  # after the first part, and two parts later
            raise KeyboardInterrupt

    db = tmp_path / "heads.db"
    for _ in range(2):
        with pytest.raises(KeyboardInterrupt):
            scan(tiny, db, essay, stop)
    assert rows_of(db, "head_lines") == []
    scan(tiny, db, essay, stop)
    assert len(set(calls)) > 5
    for table in ("head_lines", "line_texts"):
        assert rows_of(db, table) == rows_of(scanned, table)


@pytest.mark.slow
def test_lines_go_with_their_scan_and_into_folders_and_back(scanned, tmp_path):
    db = tmp_path / "heads.db"
    with headatlas.open(scanned) as reader:
        (folder,) = export(reader, tmp_path / "catalog")
    with Store(db) as store:
        import_folder(store, folder)
    for table in ("head_lines", "line_texts"):
        assert sorted(rows_of(db, table)) == sorted(rows_of(scanned, table))
    with Store(db) as store:
        store.forget("tiny")
    assert rows_of(db, "head_lines") == rows_of(db, "line_texts") == []


@pytest.mark.slow
@pytest.mark.parametrize(
    ("column", "value", "words"),
    [
        ("query", "5000", "a position of the text's"),
        ("keys", '"[1,5000]"', "a position of the text's"),
        ("sequence", "99", "lacks its text"),
        ("weights", '"[0.5,0.5,0.5]"', "not as many entries"),
        ("keys", '"[1,2,3,4,5,6,7,8,9]"', "a list of 8 positions"),
        ("band", "7", "a whole number from 0 to 4"),
    ],
)
def test_lines_of_a_folder_are_checked(scanned, tmp_path, column, value, words):
    with headatlas.open(scanned) as reader:
        (folder,) = export(reader, tmp_path / "catalog")
    file = folder / "head_lines.csv"
    header, first, *others = file.read_text().splitlines()
    row = dict(zip(header.split(","), next(csv.reader([first])), strict=True))
    row |= {"keys": "[1,2]", "weights": "[0.2,0.1]"} | {column: value.strip('"')}
    line = ",".join(f'"{own}"' if "," in own else own for own in row.values())
    file.write_text("\n".join([header, line, *others]) + "\n")
    with Store(tmp_path / "heads.db") as store, pytest.raises(HeadatlasError, match=words):
        import_folder(store, folder)


@pytest.mark.slow
def test_pages_show_lines_of_a_whole_text(scanned, tmp_path):
    build(scanned, tmp_path / "site")
    page = (tmp_path / "site" / "tiny" / "heads" / "L1H2.html").read_text()
    section = page[page.index("id=wild") : page.index("id=maps")]
    tables = drawn_layer(tmp_path / "site" / "tiny", "L1")["tables"]
    most, typical = tables["wild"]["L1H2"]
    rows = [row for row in rows_of(scanned, "head_lines") if row[0] == 7]
    # Those with most, then of each quarter the first, the second, the third.
    shares = [row[6] for row in sorted(rows, key=lambda row: (row[2] > 0, row[3] if row[2] else 0, row[2], row[3]))]
    shown = re.findall(r"<li>(?:<a[^>]*>)?([\d.]+)", section)
    assert section.count("<li>") == len(shown) == 9
    all_shown = [*shown[:5], *(line[0] for line in most), *shown[5:], *(line[0] for line in typical)]
    assert all_shown == [score(share, 2) for share in shares]
    assert "5 more" in section
    assert "8 more" in section
    kept = sum(row[4] == 0 for row in rows_of(scanned, "head_lines") if row[0] == 7)
    assert section.count("<li><a href=") + sum(bool(line[1]) for line in [*most, *typical]) == kept
    for _, _, *pieces in [*most, *typical]:
        assert sum(piece[2] for piece in pieces if not isinstance(piece, str)) == 1, "one token looks"
