"""Chunks of one scan side by side, each on a copy of the model and with a share of the threads."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from functools import partial
from typing import TypeAlias

from headatlas.attention.lanes import Lanes
from headatlas.attention.source import HookedModel
from headatlas.inputs.forward_batch import Inputs
from headatlas.models.threads import ThreadShare
from headatlas.scanning.chunk_scorer import Scorer
from headatlas.scoring.chunks import Chunk
from headatlas.scoring.tally import Tally
from headatlas.store.job import Part, one_by_one
from headatlas.store.scans import Heatmap

Scored: TypeAlias = tuple[dict[str, Tally], list[Heatmap]]


class ChunkLanes:
    """Runs the parts of a scan, whose keys are the numbers of its chunks; used as a context.

    Args:
        scorer: on the model itself.
        chunks: all chunks of the scan.
        missing: numbers of those that are to be scored.
        share: says how many threads there are.
    """

    def __init__(self, scorer: Scorer, chunks: Sequence[Chunk], missing: Sequence[int], share: ThreadShare) -> None:
        self.scorer = scorer
        self.chunks = chunks
        self.missing = missing
        self.share = share
        self._open = ExitStack()

    def __enter__(self) -> ChunkLanes:
        return self

    def __exit__(self, *error: object) -> None:
        self._open.close()

    def run(self, parts: Iterable[Part[int, Scored]]) -> Iterator[tuple[Part[int, Scored], Scored, float]]:
        """What parts give, in their order, and how long it took beside the others: in all as long as by the clock."""
        lanes = self._lanes()
        if lanes is None or len(lanes.bridges) < 2:
            for given in one_by_one(parts):
                self.share.adjust()
                yield given
            return
        source = self.scorer.source
        assert isinstance(source, HookedModel)
        scorers = [self.scorer.on(source, lanes.stopping.is_set)]
        scorers += [self.scorer.on(source.on(bridge), lanes.stopping.is_set) for bridge in lanes.bridges[1:]]

        def score(part: Part[int, Scored], lane: int) -> tuple[Part[int, Scored], Scored]:
            return part, scorers[lane].score_chunk(self.chunks[part.key])

        started = time.perf_counter()
        for part, scored in lanes.map(partial(score, part) for part in parts):
            ended = time.perf_counter()
            yield part, scored, ended - started
            started = time.perf_counter()
            self.share.adjust()

    def _lanes(self) -> Lanes | None:
        source = self.scorer.source
        if self.share.most < 2 or len(self.missing) < 2 or not isinstance(source, HookedModel):
            return None
        layout = self.scorer.layout
        causal = {kind: layout.causal[kind] for kind in layout.heads}
        passes = [Inputs(self.chunks[number].sequences, causal) for number in self.missing]
        lanes = source.lanes(passes, layout.modules, self.share, wants_outputs=layout.wants_outputs)
        return None if lanes is None else self._open.enter_context(lanes)
