"""One scan in the database: what of it is there, and what is missing."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict
from functools import cached_property, partial
from typing import Any

from headatlas.attention.certificate import Certificate
from headatlas.errors import HeadatlasError, WeightsChangedError
from headatlas.models.info import ModelInfo
from headatlas.patterns.definition import Pattern
from headatlas.probes import Probe, ProbeText
from headatlas.scanning.chunk_scorer import Layout
from headatlas.scanning.labelling import label_scan
from headatlas.scanning.options import installed_versions
from headatlas.scanning.rehearsal import LEFT_OUT, failing
from headatlas.scoring.chunks import chunks_of
from headatlas.scoring.query_classes import class_names
from headatlas.scoring.scores import summarise
from headatlas.scoring.tally import Tally, unpack_tallies
from headatlas.scoring.waking import waking
from headatlas.store.job import Plan
from headatlas.store.scans import Heatmap, ProbeResult, Store, check_name

# Bytes of a probe's sums that are held at once, so that another thread can go on from them.
MOST_AHEAD = 2**27


def is_finished(
    store: Store, name: str, plan: Plan, force: bool, digest: Callable[[], str | None] = lambda: None
) -> bool:
    """Whether this very scan is there already.

    `digest` gives that of the model's weights as they are now, None where they are not at hand; it is asked only
    where it decides.

    Raises:
        WeightsChangedError: it is there, but of other weights.
        HeadatlasError: another one of the same name is.
    """
    finished = store.finished(name)
    if finished is None or force:
        return False
    if finished["plan"] == plan.digest:
        if finished["digest"] is not None and digest() not in (None, finished["digest"]):
            raise WeightsChangedError(
                f"{store.path} holds a scan of '{name}' already. The weights changed since; --force replaces the scan, "
                "--as NAME keeps both."
            )
        if finished["calibration"] is None:  # cut off between its last two steps
            label_scan(store, finished["id"])
        return True
    raise HeadatlasError(
        f"{store.path} holds a scan of '{name}' made with other settings or another version. "
        "Use --force to scan again, or --as NAME to keep both."
    )


class StoredScan:
    """One scan in the database: what of it is there, and what is missing. Nothing here runs a model.

    `info.name` is the name under which it is stored. A scan that is not there yet is begun with its certificate: of a
    model whose attention cannot be had nothing is stored.

    Raises:
        DatabaseError: no scan can have this name.
    """

    def __init__(
        self,
        store: Store,
        info: ModelInfo,
        texts: Sequence[ProbeText],
        patterns: Sequence[Pattern],
        *,
        plan: Plan,
        seed: int,
        command: str,
    ) -> None:
        check_name(info.name)
        self.store = store
        self.name = info.name
        self.texts = texts
        self.patterns = patterns
        self.seed = seed
        self.chunks = [chunk for text in texts for chunk in chunks_of(text)]
        columns: dict[str, Any] = {key: value for key, value in asdict(info).items() if key != "name"}
        columns |= {"seed": seed, "command": command, "n_chunks": len(self.chunks)}
        columns |= {"versions": json.dumps(installed_versions())}
        begin = partial(store.begin, info.name, plan, columns, texts, patterns)
        self._take_up = partial(store.jobs.take_up, info.name, plan, begin, digest=info.digest)
        self._unfinished = partial(store.jobs.unfinished, info.name, plan, digest=info.digest)

    @cached_property
    def _taken_up(self) -> tuple[int, bool]:
        return self._take_up()

    @property
    def id(self) -> int:
        """Number of the scan, which is begun if it has not been."""
        return self._taken_up[0]

    @property
    def resumed(self) -> bool:
        """Whether an earlier run had begun it."""
        return self._taken_up[1]

    @property
    def layers(self) -> list[dict[str, Any]]:
        """The rows of `layers`; none before there is a certificate."""
        if "_taken_up" not in vars(self) and self._unfinished() is None:
            return []
        return self.store.layers(self.id)

    @property
    def missing(self) -> list[int]:
        """Numbers of the chunks that are not written yet, in order; none where another process has finished the scan.

        Raises:
            DatabaseError: another process has begun a scan of the same name in its place.
        """
        return self.store.jobs.missing(self.id, range(len(self.chunks)))

    @property
    def n_tokens(self) -> int:
        """Tokens of all chunks."""
        return sum(chunk.n_tokens for chunk in self.chunks)

    def tokens_done(self) -> int:
        """Tokens of the chunks that are written."""
        return self.n_tokens - sum(self.chunks[number].n_tokens for number in self.missing)

    @cached_property
    def layout(self) -> Layout:
        """What is scored, known once there is a certificate; to be asked for before the first chunk is scored.

        Patterns of plug-ins that fail are left out, with a warning.

        Raises:
            HeadatlasError: others fail than did in the run that is taken up, so that half of their scores are missing.
        """
        layout = Layout(self.layers, self.patterns)
        sentences = failing(layout, self.chunks, self.seed)
        layout.leave_out(sentences)
        before = self.store.warnings(self.id, LEFT_OUT)
        if self.store.jobs.written(self.id) and before != set(sentences.values()):
            raise HeadatlasError(
                f"A plug-in was changed since the scan of '{self.name}' was begun: other patterns fail than did then. "
                f"Begin it anew: `headatlas rm {self.name} --unfinished`, and the same command."
            )
        for sentence in sentences.values():
            self.store.warn(self.id, sentence)
        return layout

    def write_certificate(self, certificate: Certificate, seconds: float) -> None:
        """Begins the scan with its certificate, at once; nothing where another process has been quicker."""
        with self.store.transaction():
            if not self.store.layers(self.id):
                self.store.write_certificate(self.id, certificate, seconds)

    def write_chunk(
        self, number: int, tallies: Mapping[str, Tally], heatmaps: Sequence[Heatmap], seconds: float
    ) -> None:
        """Stores a chunk's sums and heatmaps."""
        self.store.write_chunk(self.id, number, tallies, heatmaps, seconds)

    def finish(self) -> None:
        """Makes scores and labels of the chunks, which must all be there."""
        self.store.finish(self.id, self._results(self.layout))
        label_scan(self.store, self.id)
        self.store.give_back()

    def _results(self, layout: Layout) -> Iterator[ProbeResult]:
        """Scores of every probe and kind of attention, from the chunks in the database, merged in order.

        While those of one probe are stored, those of the next are made by another thread, unless their chunks take so
        much room that they are better read one at a time.
        """
        numbers_of: dict[Probe, list[int]] = {}
        for number, chunk in enumerate(self.chunks):
            numbers_of.setdefault(chunk.text.probe, []).append(number)
        ahead: Future[list[ProbeResult]] | None = None
        with ThreadPoolExecutor(1) as thread:
            for numbers in numbers_of.values():
                text = self.chunks[numbers[0]].text
                packed = (self.store.jobs.read(self.id, number) for number in numbers)
                made, ahead = ahead, None
                if self.store.bytes_of(self.id, numbers) <= MOST_AHEAD:
                    # Read here: the database is for the thread that opened it.
                    ahead = thread.submit(self._of_probe, layout, text, [*packed])
                    self.store.let_go(self.id, numbers)
                yield from made.result() if made is not None else ()
                if ahead is None:
                    results = self._of_probe(layout, text, packed)
                    self.store.let_go(self.id, numbers)
                    yield from results
            yield from ahead.result() if ahead is not None else ()

    def _of_probe(self, layout: Layout, text: ProbeText, packed: Iterable[bytes]) -> list[ProbeResult]:
        """The scores of a probe by kind of attention, from the sums of its chunks."""
        patterns_of = layout.patterns_on(text)
        groups = layout.groups_on(text)
        classes = {group.name: class_names(text.sequences, group.kind) for group in groups}
        totals = {
            group.name: Tally.empty(len(group.heads), len(patterns_of[group.kind]), len(classes[group.name]))
            for group in groups
        }
        for chunk in packed:
            for name, tally in unpack_tallies(chunk).items():
                totals[name].add(tally)
        return [
            ProbeResult(
                text.probe,
                group.heads,
                patterns_of[group.kind],
                summarise(totals[group.name], self.seed),
                classes[group.name],
                waking(totals[group.name], self.seed, classes[group.name]),
                group.window,
                [*totals[group.name].lines.drawn()],
                text.sequences,
            )
            for group in groups
        ]
