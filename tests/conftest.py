"""Fixtures: tiny models made once a run, and a cache folder of the tests' own."""

from __future__ import annotations

import fcntl
import gc
import io
import logging
import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from unittest.mock import patch

import pytest

from tests import fuzzing, type_checks

pytest_plugins = ["tests.browsing"]

os.environ["HF_HUB_DISABLE_PROGRESS_BARS"] = "1"
# Commands that tests start in folders of their own run this checkout, whatever is installed.
os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [str(Path(__file__).parent.parent), os.getenv("PYTHONPATH")]))

# A shell that starts the tests in the background has them ignore Ctrl-C, which is passed on to what they start.
signal.signal(signal.SIGINT, signal.default_int_handler)

type_checks.install()
fuzzing.install()

# Imports make many objects and next to no garbage; looking for it takes a fifth of their time.
gc.disable()


# Files that take longest come first, so that no worker begins with one when the other has nothing left to do.
LONGEST = (
    "test_docs_blocks", "test_browser", "test_scan", "test_bench_heads", "test_evidence", "test_architectures",
    "test_sweep_ray", "test_export", "test_keeping", "test_labels", "test_evidence_pictures", "test_plugins",
    "test_captions", "test_translator", "test_pictures", "test_packaging", "test_patterns", "test_cli",
    "test_evidence_cli", "test_training", "test_load_ahead", "test_notebook", "test_pages_and_database",
    "test_site_large", "test_similar", "test_bench", "test_evidence_lanes", "test_memory", "test_rivals", "test_speech",
)  # fmt: skip


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Orders the files, and leaves the tests of a file as they stand."""
    position = {name: number for number, name in enumerate(LONGEST)}
    items.sort(key=lambda item: position.get(item.path.stem, len(position)))


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop() -> None:
    """What has been imported is there to stay, and is not looked through again."""
    gc.freeze()
    gc.enable()


@pytest.fixture(scope="session")
def run_folder(tmp_path_factory) -> Path:
    """A folder of this run of the tests; its workers share it."""
    folder = tmp_path_factory.getbasetemp()
    return folder.parent if os.environ.get("PYTEST_XDIST_WORKER") else folder


@pytest.fixture(scope="session", autouse=True)
def cache_folder(run_folder) -> Path:
    """Conversions are kept away from the user's own."""
    os.environ["HEADATLAS_CACHE"] = str(run_folder / "cache")
    return run_folder / "cache"


@pytest.fixture(scope="session")
def once(run_folder) -> Callable[[str, Callable[[Path], object]], Path]:
    """Writes a file or folder once a run, by whichever worker asks first: once("scanned/heads.db", write).

    Nobody may change what is written: others read it.
    """

    def make(name: str, write: Callable[[Path], object]) -> Path:
        path = run_folder / "once" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.with_name(f"{path.name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            done = path.with_name(f"{path.name}.done")
            if not done.exists():
                write(path)
                done.touch()
        return path

    return make


@pytest.fixture
def two_threads(monkeypatch):
    """What runs side by side on processors does so, whatever else the machine does."""
    import torch

    before = torch.get_num_threads()
    monkeypatch.setenv("OMP_NUM_THREADS", "2")
    torch.set_num_threads(2)
    yield
    torch.set_num_threads(before)


@pytest.fixture
def logged() -> Iterator[Callable[[], str]]:
    """What headatlas has logged since the test began."""
    lines = io.StringIO()
    handler = logging.StreamHandler(lines)
    logging.getLogger("headatlas").addHandler(handler)
    yield lines.getvalue
    logging.getLogger("headatlas").removeHandler(handler)


@pytest.fixture(scope="session")
def tiny(once) -> Callable[[str], Path]:
    """Makes, once each, the folder of a tiny model: tiny("llama")."""
    from tests import tiny_models

    return lambda kind: once(f"tiny/{kind}", getattr(tiny_models, f"{kind}_folder"))


@pytest.fixture(scope="session")
def folder(once) -> Callable[[str], Path]:
    """Makes, once each, the folder of a tiny model that reads pictures within text: folder("llava")."""
    from tests import tiny_vlms

    return lambda family: once(f"tiny-vlm/{family}", tiny_vlms.FOLDERS[family])


@pytest.fixture(scope="module")
def words_for_numbers() -> Iterator[None]:
    """SmolVLM's processor is not made without the package num2words, which words the lengths of videos alone."""
    with patch("transformers.models.smolvlm.processing_smolvlm.num2words", str):
        yield


@pytest.fixture(scope="session")
def demonstration(once) -> Path:
    """The catalogue's scan of the demonstration model as a database; nobody may write into it."""
    from tests import warm

    def write(path: Path) -> None:
        folder = Path(__file__).parent.parent / "catalog" / "smollm2-135m"
        done = warm.run("import", folder, "--db", path, timeout=600)
        assert done.returncode == 0, done.stderr

    return once("smollm2-135m.db", write)


@pytest.fixture(scope="session")
def catalogue(once) -> Path:
    """All that lies in catalog/, imported into one database; nobody may write into it."""
    from tests import warm

    def write(path: Path) -> None:
        folders = sorted(scan.parent for scan in (Path(__file__).parent.parent / "catalog").glob("*/scan.json"))
        done = warm.run("import", *folders, "--db", path, timeout=600)
        assert done.returncode == 0, done.stderr

    return once("catalogue.db", write)
