"""The next model of a list, loaded in a thread while the one before it is scanned.

Only where that can change no number and costs no memory that is not there. While transformers makes a model it sets
the process's default number format to the model's, so that one that is not float32 is loaded in its turn. Two models
are in memory at once: of a model whose files promise more than half of what is free, that would be too many. On a GPU,
whose memory is dear, models are loaded in their turn as well, and so are pipelines that draw.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Generic, TypeVar

import psutil

from headatlas.errors import ModelError
from headatlas.models.devices import choose_device
from headatlas.models.finding import PACKAGED, location_of
from headatlas.models.memory import out_of_memory
from headatlas.models.pipelines import is_pipeline
from headatlas.models.source import WEIGHTS
from headatlas.settings import LoadOptions

# Bytes of memory for each byte of a file: weights of 8 bits become numbers of 32.
_UNPACKED = 4
# Seconds that are waited for a load nobody needs any more; at its end the process would stop it in the middle.
_PATIENCE = 5.0

Loaded = TypeVar("Loaded")


@dataclass
class _Load(Generic[Loaded]):
    """One load: its thread, and what came of it."""

    name: str
    thread: threading.Thread | None = None
    loaded: list[Loaded] = field(default_factory=list)
    error: Exception | None = None


class LoadAhead(Generic[Loaded]):
    """Loads one model ahead of its turn; a context that waits a little for what is still being loaded at its end.

    Args:
        load: loads the model of a name.
    """

    def __init__(self, load: Callable[[str], Loaded]) -> None:
        self._load = load
        self._ahead: _Load[Loaded] | None = None

    def __enter__(self) -> LoadAhead[Loaded]:
        return self

    def __exit__(self, *error: object) -> None:
        if self._ahead is not None and self._ahead.thread is not None:
            self._ahead.thread.join(_PATIENCE)

    def begin(self, name: str) -> None:
        """Begins to load a model; one that was never taken is let go."""
        if self._ahead is not None and self._ahead.name == name:
            return
        ahead = self._ahead = _Load(name)

        def run() -> None:
            try:
                ahead.loaded.append(self._load(name))
            except Exception as error:
                ahead.error = error

        # A daemon: whoever stops the command is not to wait for a download.
        ahead.thread = threading.Thread(target=run, name="load-ahead", daemon=True)
        ahead.thread.start()

    def take(self, name: str) -> Loaded:
        """The model of a name, loaded now where it was not ahead, or where memory was too short for two.

        Raises:
            Exception: whatever `load` raised, in the turn of its model.
        """
        ahead = self._ahead
        if ahead is None or ahead.name != name:
            return self._load(name)
        self._ahead = None
        assert ahead.thread is not None
        ahead.thread.join()
        if ahead.loaded:
            return ahead.loaded.pop()
        assert ahead.error is not None
        if _of_memory(ahead.error):
            return self._load(name)
        raise ahead.error


def may_load_ahead(model: str, options: LoadOptions) -> bool:
    """Whether a model can be loaded while another one is scanned.

    How large a model on the hub or of a package is, is not known before it is read; it is taken to be as large as all
    that the process holds.
    """
    spread = options.device_map is not None or options.n_devices is not None
    if spread or options.dtype not in ("auto", "float32") or is_pipeline(model):
        return False
    try:
        if choose_device(options.device) != "cpu":
            return False
        n_bytes = _bytes_of(model)
    except (ModelError, OSError):
        return False  # in its turn it is said what is wrong
    return 2 * n_bytes < psutil.virtual_memory().available


def _bytes_of(model: str) -> int:
    location = None if model in PACKAGED else location_of(model)
    if location is None:
        return int(psutil.Process().memory_info().rss)
    path = Path(location)
    files = [path] if path.is_file() else [file for shape in WEIGHTS for file in path.rglob(shape)]
    return _UNPACKED * sum(file.stat().st_size for file in files)


def _of_memory(error: Exception) -> bool:
    cause = error.__cause__
    return out_of_memory(error) or (cause is not None and out_of_memory(cause))
