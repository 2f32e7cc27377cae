"""The lock of the cache of converted models, held by another program: what is waited for is said, Ctrl-C is heard."""

from __future__ import annotations

import os
import signal
import threading
from pathlib import Path

import pytest
from filelock import FileLock, Timeout

from headatlas.models import cache_lock
from headatlas.models.cache_lock import locked
from headatlas.models.patching import quiet


@pytest.fixture
def held(tmp_path) -> FileLock:
    """Held as by another program: another object is as good as that."""
    lock = FileLock(tmp_path / "gguf.lock", thread_local=False)
    lock.acquire()
    yield lock
    lock.release()


def path_of(lock: FileLock) -> Path:
    return Path(lock.lock_file)


def test_it_is_said_what_is_waited_for_although_a_model_is_being_loaded(held, monkeypatch, logged):
    monkeypatch.setattr(cache_lock, "TOLD_AFTER", 0.05)
    threading.Timer(0.5, held.release).start()
    with quiet(), locked(path_of(held)):
        assert not held.is_locked
    assert logged().count("Another headatlas is putting a converted model in its place") == 1
    assert "Ctrl-C ends that" in logged()
    with FileLock(held.lock_file, timeout=0):
        pass  # it was given back


def test_a_short_wait_is_no_news(held, logged):
    threading.Timer(0.2, held.release).start()
    with locked(path_of(held)):
        pass
    assert not logged()


def test_it_is_waited_for_so_long_and_no_longer(held, monkeypatch):
    monkeypatch.setattr(cache_lock, "TOLD_AFTER", 0.05)
    monkeypatch.setattr(cache_lock, "PATIENCE", 0.2)
    with pytest.raises(Timeout), locked(path_of(held)):
        pytest.fail("two hold it")


def test_ctrl_c_is_heard_meanwhile(held, monkeypatch):
    monkeypatch.setattr(cache_lock, "TOLD_AFTER", 0.05)
    stop = threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT))
    stop.start()
    with pytest.raises(KeyboardInterrupt), locked(path_of(held)):
        pytest.fail("two hold it")
    stop.join()
    assert held.is_locked
