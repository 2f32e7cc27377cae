"""Work side by side on copies of a model: in order, each lane for itself, with the numbers of one lane."""

from __future__ import annotations

import shutil
import sqlite3
import threading
import time
from contextlib import closing
from dataclasses import replace
from functools import partial
from itertools import islice
from pathlib import Path

import pytest
import torch

from headatlas.attention import lanes as module
from headatlas.attention.lanes import Lanes
from headatlas.evidence.run import gather
from headatlas.models.load import load_model
from headatlas.models.threads import ThreadShare
from headatlas.probes import PROBES
from headatlas.scanning.options import ScanSettings
from headatlas.scanning.scanner import scan_model

HOOK = "blocks.0.attn.hook_z"


@pytest.fixture(scope="module")
def model(tiny):
    return load_model(tiny("llama"))


@pytest.mark.slow
def test_tasks_come_in_their_order_and_no_lane_is_used_twice_at_a_time(model, two_threads):
    busy, most, seen = set(), [], []

    def task(number: int, lane: int) -> int:
        assert lane not in busy
        busy.add(lane)
        most.append(len(busy))
        seen.append((lane, torch.get_num_threads(), threading.get_ident()))
        time.sleep(0.02 if number % 3 else 0.06)
        busy.remove(lane)
        return number

    with ThreadShare() as share, Lanes(model.bridge, "cpu", HOOK, share) as lanes:
        given = lanes.map(partial(task, number) for number in range(9))
        assert next(given) == 0
        assert torch.get_num_threads() == 1, "each lane has one of the two"
        assert list(given) == list(range(1, 9))
        assert torch.get_num_threads() == 2
    assert max(most) == 2
    assert {lane for lane, _, _ in seen} == {0, 1}
    assert {n for _, n, _ in seen} == {1}
    assert threading.get_ident() not in {thread for _, _, thread in seen}


@pytest.mark.slow
def test_copies_share_weights_and_nothing_else(model, two_threads):
    with ThreadShare() as share, Lanes(model.bridge, "cpu", HOOK, share) as lanes:
        own, other = lanes.bridges
    assert {id(weight) for weight in own.parameters()} == {id(weight) for weight in other.parameters()}
    assert not {id(part) for part in own.modules()} & {id(part) for part in other.modules()}


@pytest.mark.slow
@pytest.mark.parametrize("why", ["one thread", "another device", "no share", "no copy", "a copy that does otherwise"])
def test_where_there_is_one_lane(model, two_threads, monkeypatch, why):
    share = ThreadShare()
    if why == "one thread":
        torch.set_num_threads(1)
        share = ThreadShare()
    if why == "no copy":
        monkeypatch.setattr(module.copy, "deepcopy", lambda *given: 1 / 0)
    if why == "a copy that does otherwise":
        monkeypatch.setattr(module.copy, "deepcopy", lambda whole, kept: whole)
    device = "cuda" if why == "another device" else "cpu"
    with Lanes(model.bridge, device, HOOK, None if why == "no share" else share) as lanes:
        assert (
            list(lanes.map(lambda lane: (lane, threading.get_ident()) for _ in range(3)))
            == [(0, threading.get_ident())] * 3
        )
    if why != "one thread":
        assert torch.get_num_threads() == 2


@pytest.mark.slow
def test_an_error_ends_what_was_begun(model, two_threads):
    done = []

    def task(number: int, lane: int) -> None:
        if number == 1:
            raise ValueError("no")
        time.sleep(0.05)
        done.append(number)

    with ThreadShare() as share, Lanes(model.bridge, "cpu", HOOK, share) as lanes:
        with pytest.raises(ValueError, match="no"):
            list(lanes.map(partial(task, number) for number in range(8)))
        n_done = len(done)
        time.sleep(0.1)
        assert len(done) == n_done < 7, "what is not begun is let go of, what is begun is waited for"
        assert torch.get_num_threads() == 2
        assert list(lanes.map([lambda lane: "again"] * 3)) == ["again"] * 3


@pytest.mark.slow
def test_evidence_has_the_numbers_of_one_lane(tiny, tmp_path, two_threads, monkeypatch):
    probe = "repeated_random_tokens"
    monkeypatch.setattr("headatlas.evidence.removing.screen.MIN_HEADS", 1)
    used = []
    run = module._run
    monkeypatch.setattr(module, "_run", lambda task, free, n: used.append(n) or run(task, free, n))
    rows = {}
    known = PROBES[probe]
    few = replace(known, generate=lambda context: islice(known.generate(context), 16))
    monkeypatch.setitem(PROBES._items, probe, few)
    scanned = tmp_path / "scanned.db"
    scan_model(str(tiny("llama")), db=scanned, name="tiny", settings=ScanSettings((probe,)))
    with closing(sqlite3.connect(scanned)) as connection, connection:
        # Heads with a label: there are groups, and later heads' patterns to watch.
        connection.execute(
            "insert or ignore into labels (head_id, label, confidence, rank) "
            "select id, 'induction', 0.9, 1 from heads where head < 2"
        )
        connection.commit()
        connection.execute("pragma wal_checkpoint(truncate)")  # the file alone is copied
    for n in (1, 2):
        db = Path(shutil.copy(scanned, tmp_path / f"{n}.db"))
        torch.set_num_threads(n)
        gather(str(tiny("llama")), db=db, name="tiny", probe_names=[probe])
        assert bool(used) == (n == 2)
        with sqlite3.connect(db) as connection:
            rows[n] = [
                connection.execute(f"select * from {view} order by {order}").fetchall()
                for view, order in (
                    ("head_evidence", "kind, probe, layer, head"),
                    ("head_groups", "label"),
                    ("head_edges", "layer, head, label, earlier_layer, earlier_head"),
                )
            ]
    assert len(rows[1][0]) > 20
    assert rows[1][1]
    for alone, beside in zip(rows[1], rows[2], strict=True):
        assert len(alone) == len(beside)
        for row, other in zip(alone, beside, strict=True):
            assert [value if isinstance(value, str) else pytest.approx(value, abs=2e-6) for value in row] == list(other)
