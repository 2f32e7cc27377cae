"""Where memory runs out, the batch is halved and the scan goes on."""

from __future__ import annotations

import mmap
import os
import subprocess
import sys
from dataclasses import replace
from itertools import islice
from pathlib import Path

import numpy as np
import pytest
import torch

import headatlas
from headatlas.attention.source import HookedModel
from headatlas.errors import ModelError
from headatlas.models.load import load_model
from headatlas.models.memory import give_back, out_of_memory, set_apart, sparing
from headatlas.probes import PROBES
from headatlas.scanning.options import ScanSettings
from headatlas.scanning.scanner import scan_model
from headatlas.settings import LoadOptions

REFUSALS = []
SETTINGS = ScanSettings(probes=("repeated_random_tokens",))


def limited(folder, most: int, error: Exception):
    """A tiny model that runs out of memory with more than `most` sequences in a batch."""
    bridge = load_model(folder, LoadOptions(device="cpu")).bridge

    def refuse(module, args, kwargs):
        batch = len(kwargs.get("input_ids") if "input_ids" in kwargs else args[0])
        refuse.seen.append(batch)
        if refuse.armed and batch > most:
            raise error

    refuse.seen, refuse.armed = [], True
    REFUSALS.append(refuse)
    bridge.original_model.register_forward_pre_hook(refuse, with_kwargs=True)
    bridge.register_forward_pre_hook(refuse, with_kwargs=True)
    return bridge, refuse


@pytest.fixture(autouse=True)
def room_for_the_certificate(monkeypatch):
    """Memory runs out in the scan's own passes only."""
    certify = HookedModel.certify

    def in_peace(self, text):
        armed, REFUSALS[-1].armed = REFUSALS[-1].armed, False
        try:
            return certify(self, text)
        finally:
            REFUSALS[-1].armed = armed

    monkeypatch.setattr(HookedModel, "certify", in_peace)


@pytest.fixture
def few_sequences(monkeypatch):
    """Enough for batches of more than four; where only two fit, each of the others is tried and halved again."""
    (name,) = SETTINGS.probes
    probe = PROBES[name]
    few = replace(probe, generate=lambda context: islice(probe.generate(context), 6))
    monkeypatch.setitem(PROBES._items, name, few)


def scores(db, name):
    with headatlas.open(db) as catalog:
        return catalog.rows(
            "select score, score_nosink, chance, ci_low, ci_high, n_queries, n_sequences from head_scores "
            "where model = ? order by layer, head, pattern, probe", [name],
        )  # fmt: skip


@pytest.mark.slow
def test_batch_is_halved(tiny, tmp_path, few_sequences):
    db = tmp_path / "heads.db"
    bridge, plain = limited(tiny("gpt2"), 2, MemoryError())
    plain.armed = False
    scan_model(bridge, db=db, name="undisturbed", settings=SETTINGS)
    assert max(plain.seen) > 4
    plain.seen, plain.armed = [], True
    scan_model(bridge, db=db, name="halved", settings=SETTINGS)
    assert max(plain.seen) > 2  # it was tried
    expected, halved = (np.array([tuple(row) for row in scores(db, name)], float) for name in ("undisturbed", "halved"))
    assert len(expected) > 100
    np.testing.assert_allclose(halved, expected, atol=1e-6, equal_nan=True)


@pytest.mark.slow
def test_one_sequence_too_large_is_said(tiny, tmp_path, few_sequences):
    bridge, _ = limited(tiny("gpt2"), 0, MemoryError())
    with pytest.raises(ModelError, match="not enough memory"):
        scan_model(bridge, db=tmp_path / "heads.db", settings=SETTINGS)


@pytest.mark.slow
def test_no_memory_for_the_certificate_is_said(tiny, tmp_path, monkeypatch):
    monkeypatch.undo()  # the certificate is not left in peace
    bridge, _ = limited(tiny("gpt2"), 0, RuntimeError("CUDA out of memory"))
    with pytest.raises(ModelError, match="not enough memory to run the model on a few short texts"):
        scan_model(bridge, db=tmp_path / "heads.db", settings=SETTINGS)


def test_no_memory_for_the_model_is_said(tmp_path, monkeypatch):
    def load(*_, **__):
        raise MemoryError

    monkeypatch.setattr("headatlas.scanning.scanner.load_model", load)
    with pytest.raises(ModelError, match="not enough memory to load the model. Use --dtype bfloat16"):
        scan_model("some/model", db=tmp_path / "heads.db", settings=SETTINGS)


@pytest.mark.parametrize(
    "error",
    [
        MemoryError(),
        torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2 GiB"),
        RuntimeError("[enforce fail at alloc_cpu.cpp:117] . DefaultCPUAllocator: can't allocate memory: you tried"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_what_is_taken_for_it(error):
    assert out_of_memory(error)


def test_other_errors_are_not_taken_for_it():
    assert not out_of_memory(RuntimeError("The size of tensor a (3) must match the size of tensor b (4)"))
    assert not out_of_memory(ValueError("out of memory"))


GLIBC = pytest.mark.skipif("CS_GNU_LIBC_VERSION" not in os.confstr_names, reason="other C libraries are left alone")


@GLIBC
@pytest.mark.skipif(sys.platform != "linux", reason="memory is read from /proc")
def test_what_lies_free_between_what_is_held_is_given_back():
    with sparing():
        give_back()
        kept, freed = [], []
        for _ in range(96):
            freed.append(torch.ones(2**18))
            kept.append(torch.ones(2**17))
        most = resident()
        del freed
        left = resident()
        give_back(more_than=2**30)
        assert abs(left - resident()) < 8
        give_back(more_than=2**25)
        assert most - resident() > 80
        assert all((tensor == 1).all() for tensor in kept)


@GLIBC
def test_what_is_set_apart_keeps_its_numbers():
    tensors = [torch.arange(5), torch.rand(4, 3).T, torch.zeros(0), torch.tensor(True), torch.rand(70)]
    numbers, places = [tensor.clone() for tensor in tensors], [tensor.data_ptr() for tensor in tensors]
    set_apart(tensors)
    assert [tensor.data_ptr() for tensor in tensors] == places
    with sparing():
        set_apart(tensors)
    assert all(torch.equal(*pair) and pair[0].dtype == pair[1].dtype for pair in zip(tensors, numbers, strict=True))
    first, turned, _, truth, last = (tensor.data_ptr() for tensor in tensors)
    assert first % mmap.PAGESIZE == 0
    assert (turned - first, truth - turned, last - truth) == (64, 64, 64)


def resident() -> float:
    """The megabytes of memory of this process."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * mmap.PAGESIZE / 2**20


FREED = """
from pathlib import Path
import torch
from headatlas.models.memory import keep_freed
held = lambda: int(Path("/proc/self/statm").read_text().split()[1]) * 4096 // 2**20
torch.ones(1)
for begin in (lambda: None, keep_freed):
    begin()
    before = held()
    tensors = [torch.ones(2 * 2**20) for _ in range(10)]
    assert held() - before > 70
    del tensors
    print(held() - before)
"""


def still_held(**environment: str) -> list[int]:
    """The megabytes of 80 that a process holds after it let them go: before `keep_freed` and after it."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("MALLOC_")}
    done = subprocess.run(
        [sys.executable, "-c", FREED], env={**inherited, **environment}, capture_output=True, text=True, check=True
    )
    return [int(line) for line in done.stdout.split()]


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="memory is read from /proc")
@GLIBC
def test_what_is_freed_is_kept_unless_the_environment_says_otherwise():
    before, after = still_held()
    assert before < 20
    assert after > 60
    # As the environment has it: large tensors are always given back. Left to itself, glibc learns to keep some.
    assert max(still_held(MALLOC_MMAP_THRESHOLD_="131072")) < 20
