"""A Ray worker: holds a model and computes chunks."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass, replace
from typing import Any

from headatlas.attention.towers import source_of
from headatlas.models.info import ModelInfo
from headatlas.models.load import load_model
from headatlas.patterns.lookup import scored_patterns
from headatlas.probes import ProbeText
from headatlas.scanning.chunk_scorer import Layout, Scorer
from headatlas.scanning.options import ScanSettings
from headatlas.scanning.rehearsal import failing
from headatlas.scanning.scanner import certified, texts_for
from headatlas.scanning.sweep import Listed, sentence
from headatlas.scoring.chunks import Chunk, chunks_of
from headatlas.scoring.tally import pack_tallies
from headatlas.settings import LoadOptions
from headatlas.store.scans import Heatmap


@dataclass(frozen=True)
class Prepared:
    """What the driver learns of a model; the probes' functions do not travel, but their names do."""

    info: ModelInfo
    probes: list[str]
    texts: list[ProbeText]


@dataclass(frozen=True)
class Computed:
    """A chunk's tallies as bytes and its heatmaps."""

    tallies: bytes
    heatmaps: list[Heatmap]


@dataclass(frozen=True)
class Answer:
    """What a worker gives back: a value and the seconds it took, or the sentence that says why there is none.

    Exceptions stay in the worker: not all of them survive the way.
    """

    value: Any = None
    seconds: float = 0.0
    failure: str | None = None


class Worker:
    """One process that holds one model at a time and knows no database."""

    def __init__(self, settings: ScanSettings, load: LoadOptions) -> None:
        self._settings = settings
        self._load = load
        self._held: Listed | None = None
        self._info: ModelInfo
        self._texts: list[ProbeText]
        self._chunks: list[Chunk]
        self._source: Any = None
        self._scorer: Scorer | None = None

    def process(self) -> int:
        """The number of the process."""
        return os.getpid()

    def prepare(self, model: Listed) -> Answer:
        """Loads a model; see `Prepared`."""
        return self._answer(model, lambda: Prepared(
            self._info, [text.probe.name for text in self._texts],
            [replace(text, probe=None) for text in self._texts],  # type: ignore[arg-type]
        ))  # fmt: skip

    def certify(self, model: Listed) -> Answer:
        """The certificate of its attention."""
        return self._answer(model, lambda: certified(self._source, self._texts))

    def score(self, model: Listed, layers: list[dict[str, Any]], number: int) -> Answer:
        """One of its chunks; see `Computed`."""

        def compute() -> Computed:
            if self._scorer is None:
                layout = Layout(layers, scored_patterns())
                layout.leave_out(failing(layout, self._chunks, self._settings.seed))
                self._scorer = Scorer(
                    self._source, layout, seed=self._settings.seed, value_weighted=self._settings.value_weighted
                )
            tallies, heatmaps = self._scorer.score_chunk(self._chunks[number])
            return Computed(pack_tallies(tallies), heatmaps)

        return self._answer(model, compute)

    def _answer(self, model: Listed, work: Any) -> Answer:
        try:
            self._hold(model)
            started = time.perf_counter()
            return Answer(work(), time.perf_counter() - started)
        except Exception as error:
            return Answer(failure=sentence(error))

    def _hold(self, model: Listed) -> None:
        if self._held == model:
            return
        self._held = self._scorer = self._source = None  # the model before is let go first
        loaded = load_model(model.model, self._load, name_as=model.name)
        self._texts = texts_for(loaded, self._settings)
        self._chunks = [chunk for text in self._texts for chunk in chunks_of(text)]
        self._info, self._source = loaded.info, source_of(loaded)
        self._held = model
