"""A sweep loads the next model while one is scanned, and nothing else is different for it."""

from __future__ import annotations

import shutil
import threading
import time
from functools import partial

import psutil
import pytest

from headatlas.errors import ModelError
from headatlas.scanning import ahead, scanner
from headatlas.scanning.ahead import LoadAhead, may_load_ahead
from headatlas.scanning.options import ScanSettings
from headatlas.scanning.sweep import Listed, sweep
from headatlas.settings import LoadOptions
from tests.helpers import dump

SETTINGS = ScanSettings(("needle_in_filler",))
KINDS = ("gpt2", "llama", "bert")


@pytest.fixture
def loads(monkeypatch):
    """The name of each model that is loaded, and of the thread that does it."""
    seen = []
    load = scanner.load_readable

    def noted(model, name, *options):
        seen.append((name, threading.current_thread().name))
        return load(model, name, *options)

    monkeypatch.setattr(scanner, "load_readable", noted)
    return seen


@pytest.fixture
def listed(tiny):
    return [Listed(kind, str(tiny(kind))) for kind in KINDS]


@pytest.mark.slow
def test_the_next_model_is_loaded_meanwhile(listed, loads, tmp_path):
    in_one, in_turn = tmp_path / "one.db", tmp_path / "turn.db"
    results = list(sweep(listed, db=in_one, settings=SETTINGS))
    assert [(result.name, result.outcome) for result in results] == [(kind, "scanned") for kind in KINDS]
    assert loads == [("gpt2", "MainThread"), ("llama", "load-ahead"), ("bert", "load-ahead")]
    for entry in listed:
        scanner.scan_model(entry.model, db=in_turn, name=entry.name, settings=SETTINGS)
    assert dump(in_one) == dump(in_turn)
    again = list(sweep(listed, db=in_one, settings=SETTINGS))
    assert {result.outcome for result in again} == {"already there"}
    assert len(loads) == 2 * len(KINDS), "what is there is not loaded"


@pytest.mark.slow
def test_a_load_that_fails_is_told_in_its_turn(listed, loads, tmp_path, tiny):
    broken = shutil.copytree(tiny("gpt2"), tmp_path / "broken")
    (broken / "model.safetensors").write_bytes(b"no weights")
    models = [listed[0], Listed("broken", str(broken)), listed[1]]
    results = list(sweep(models, db=tmp_path / "x.db", settings=SETTINGS))
    assert [result.outcome for result in results] == ["scanned", "failed", "scanned"]
    assert "broken" in results[1].failure
    assert loads == [("gpt2", "MainThread"), ("broken", "load-ahead"), ("llama", "MainThread")]


def loaded(name: str, error: Exception | None = None) -> str:
    """What is loaded, or an error where another thread loads it."""
    if error is not None and threading.current_thread() is not threading.main_thread():
        raise error
    return f"the model {name}"


@pytest.mark.parametrize("error", [MemoryError(), RuntimeError("DefaultCPUAllocator: can't allocate memory")])
def test_where_two_do_not_fit_one_is_loaded_in_its_turn(error):
    with LoadAhead(partial(loaded, error=error)) as loading:
        loading.begin("a")
        assert loading.take("a") == "the model a"


def test_an_error_waits_for_its_turn():
    with LoadAhead(partial(loaded, error=ModelError("There is no model 'a'."))) as loading:
        loading.begin("a")
        assert loading.take("b") == "the model b"
        with pytest.raises(ModelError, match="no model 'a'"):
            loading.take("a")


def test_what_is_never_taken_is_let_go():
    with LoadAhead(loaded) as loading:
        loading.begin("a")
        loading.begin("b")
        assert loading.take("b") == "the model b"
        assert loading.take("a") == "the model a"


def interrupted(loading: LoadAhead) -> None:
    loading.begin("a")
    raise KeyboardInterrupt


def test_whoever_stops_does_not_wait_for_a_download(monkeypatch):
    monkeypatch.setattr(ahead, "_PATIENCE", 0.1)
    downloaded = threading.Event()
    started = time.perf_counter()
    loading = LoadAhead(lambda name: downloaded.wait(60))
    with pytest.raises(KeyboardInterrupt), loading:
        interrupted(loading)
    assert time.perf_counter() - started < 30
    downloaded.set()


@pytest.mark.parametrize(
    "options", [{"dtype": "bfloat16"}, {"device_map": "auto"}, {"n_devices": 2}, {"device": "cuda:7"}], ids=str
)
def test_what_is_loaded_in_its_turn(tiny, options):
    assert may_load_ahead(str(tiny("gpt2")), LoadOptions(device="cpu"))
    assert not may_load_ahead(str(tiny("gpt2")), LoadOptions(**options))


def test_two_models_have_to_fit(tiny, monkeypatch):
    folder = tiny("gpt2")
    n_bytes = sum(file.stat().st_size for file in folder.glob("*.safetensors"))
    memory = psutil.virtual_memory()
    for factor, fits in ((7, False), (9, True)):
        monkeypatch.setattr(psutil, "virtual_memory", lambda n=factor * n_bytes: memory._replace(available=n))
        assert may_load_ahead(str(folder), LoadOptions(device="cpu")) is fits
