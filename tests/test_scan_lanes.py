"""Chunks of a scan side by side on copies of the model: the numbers of one lane, and nothing lost when cut off."""

from __future__ import annotations

import sqlite3
import threading
from collections import Counter
from contextlib import closing
from functools import partial

import pytest
import torch

from headatlas.attention import source
from headatlas.scanning import chunk_scorer, stored_scan
from headatlas.scanning.chunk_lanes import ChunkLanes
from headatlas.scanning.chunk_receiver import ChunkReceiver, GivenUp
from headatlas.scanning.options import ScanSettings
from headatlas.scanning.scanner import scan_model
from headatlas.scoring.tally import N_UNITS

PROBE = "repeated_random_tokens"


@pytest.fixture
def scan(tiny, tmp_path):
    return partial(scan_model, str(tiny("llama")), name="tiny", settings=ScanSettings((PROBE,)))


@pytest.fixture
def threads(monkeypatch):
    """How many chunks each thread has scored or given up."""
    counted: Counter = Counter()
    score = chunk_scorer.Scorer.score_chunk

    def counting(scorer, chunk):
        try:
            return score(scorer, chunk)
        except GivenUp:
            counted["given up"] += 1
            raise
        finally:
            counted[threading.get_ident()] += 1

    monkeypatch.setattr(chunk_scorer.Scorer, "score_chunk", counting)
    return counted


def numbers(db):
    with closing(sqlite3.connect(db)) as connection:
        return [connection.execute(f"select * from {view}").fetchall() for view in ("head_scores", "head_labels")]


@pytest.mark.slow
def test_lanes_have_the_numbers_of_one_thread(scan, tmp_path, two_threads, threads):
    scan(db=tmp_path / "two.db")
    assert threading.get_ident() not in threads
    assert len(threads) == 2
    torch.set_num_threads(1)
    scan(db=tmp_path / "one.db")
    assert threads[threading.get_ident()] == sum(threads.values()) / 2
    assert numbers(tmp_path / "one.db") == numbers(tmp_path / "two.db")
    with closing(sqlite3.connect(tmp_path / "two.db")) as connection:
        ((seconds, began, ended),) = connection.execute(
            "select seconds, unixepoch(started), unixepoch(finished) from scans"
        )
    assert 0 < seconds <= ended - began + 2, "two chunks at a time take the time of one"


@pytest.mark.slow
def test_sums_that_take_much_room_are_read_one_at_a_time(tiny, tmp_path, monkeypatch):
    scan = partial(scan_model, str(tiny("llama")), name="tiny", settings=ScanSettings((PROBE, "indirect_object")))
    scan(db=tmp_path / "ahead.db")
    by_thread: Counter = Counter()
    of_probe = stored_scan.StoredScan._of_probe

    def counting(*arguments):
        by_thread[threading.get_ident()] += 1
        return of_probe(*arguments)

    monkeypatch.setattr(stored_scan.StoredScan, "_of_probe", counting)
    monkeypatch.setattr(stored_scan, "MOST_AHEAD", 0)
    scan(db=tmp_path / "one.db")
    assert by_thread == {threading.get_ident(): 2}
    assert numbers(tmp_path / "one.db") == numbers(tmp_path / "ahead.db")
    with closing(sqlite3.connect(tmp_path / "one.db")) as connection:
        assert connection.execute("select count(*) from chunks").fetchone() == (0,)


@pytest.mark.slow
def test_what_is_cut_off_goes_on_with_what_was_written(scan, tmp_path, two_threads, threads, monkeypatch):
    scan(db=tmp_path / "whole.db")
    n_chunks = sum(threads.values())
    threads.clear()
    # All others wait until the first chunk is written, so that there is something to give up.
    written, blocks, begin = threading.Event(), ChunkReceiver.blocks, ChunkLanes.__init__
    first = []

    def noting(lanes, scorer, chunks, missing, share):
        first.extend(i % N_UNITS for i in chunks[missing[0]].indices)
        begin(lanes, scorer, chunks, missing, share)

    def waiting(receiver, module, n_heads):
        if module.layer == 1 and receiver.reducer._units != first:
            assert written.wait(60)
        return blocks(receiver, module, n_heads)

    def stop(done: int, total: int) -> None:
        if done:
            written.set()
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(ChunkLanes, "__init__", noting)
        patch.setattr(ChunkReceiver, "blocks", waiting)
        with pytest.raises(KeyboardInterrupt):
            scan(db=tmp_path / "cut.db", progress=stop)
    assert torch.get_num_threads() == 2
    threads.clear()
    assert scan(db=tmp_path / "cut.db").resumed
    assert sum(threads.values()) == n_chunks - 1
    assert numbers(tmp_path / "cut.db") == numbers(tmp_path / "whole.db")


@pytest.mark.slow
@pytest.mark.parametrize("why", ["long texts", "a copy that fails", "one chunk"])
def test_where_chunks_are_scored_one_by_one(scan, tmp_path, two_threads, threads, monkeypatch, why):
    if why == "long texts":
        monkeypatch.setattr(source, "MOST_POSITIONS", 20)
    if why == "a copy that fails":
        monkeypatch.setattr("headatlas.attention.lanes._copy_of", lambda *given: 1 / 0)
    settings = ScanSettings(("known_phrases",)) if why == "one chunk" else ScanSettings((PROBE,))
    scan(db=tmp_path / "heads.db", settings=settings)
    assert set(threads) == {threading.get_ident()}
