"""One streaming pass of a model over the probes: every pattern, every head, chunk by chunk, resumable."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from headatlas import probes
from headatlas.attention.certificate import Certificate, merged
from headatlas.attention.diffusion import DrawingModel
from headatlas.attention.recorded import RecordedAttention
from headatlas.attention.source import AttentionSource
from headatlas.attention.towers import source_of
from headatlas.errors import ModelError
from headatlas.inputs.pair_batch import paired
from headatlas.inputs.patch_grid import PatchGrid
from headatlas.inputs.vocabulary import Vocabulary
from headatlas.models.finding import location_of
from headatlas.models.info import ModelInfo
from headatlas.models.load import Model, load_model, name_of, weights_digest
from headatlas.models.memory import oom_as_sentence
from headatlas.models.pipelines import is_pipeline, load_pipeline, pipeline_digest
from headatlas.models.threads import ThreadShare
from headatlas.patterns.lookup import scored_patterns
from headatlas.probes import ProbeText
from headatlas.scanning.chunk_lanes import ChunkLanes
from headatlas.scanning.chunk_scorer import CAPTIONS, Scorer
from headatlas.scanning.options import ScanSettings, digest_of
from headatlas.scanning.stored_scan import StoredScan, is_finished
from headatlas.settings import LoadOptions
from headatlas.store.job import Outcome, Part, Plan, Progress
from headatlas.store.locations import meant_by
from headatlas.store.scans import Store, check_name

if TYPE_CHECKING:
    from headatlas.models.load import AnyModel


@dataclass(frozen=True)
class Readable:
    """A model that is loaded: where its attention comes from, what is known of it, and what it is to read."""

    source: AttentionSource
    info: ModelInfo
    texts: list[ProbeText]


def load_readable(model: AnyModel, name: str, settings: ScanSettings, load: LoadOptions) -> Readable:
    """Loads a model and makes the texts that it is to read.

    Raises:
        ModelError: it cannot be loaded, or none of the probes fits it.
    """
    with oom_as_sentence("load the model"):
        if isinstance(model, str | Path) and is_pipeline(model):
            drawing = DrawingModel(load_pipeline(model, load, name_as=name))
            return Readable(drawing, drawing.info, texts_of_scenes(drawing, settings))
        loaded = load_model(model, load, name_as=name)
        return Readable(source_of(loaded), loaded.info, texts_for(loaded, settings))


def scan_model(
    model: AnyModel,
    *,
    db: str | Path,
    name: str | None = None,
    settings: ScanSettings = ScanSettings(),
    load: LoadOptions = LoadOptions(),
    force: bool = False,
    command: str = "",
    progress: Progress | None = None,
    loaded: Callable[[], Readable] | None = None,
) -> Outcome:
    """Scores every head of a model and stores the result; goes on where an earlier run was cut off.

    A finished scan of the same name is left alone unless `force` is given, and replaced only when the new
    one is complete. `command` is stored with the scan. `progress` is called with tokens done and tokens in all.
    `loaded` gives what `load_readable` would, by whoever has loaded the model already; it is asked where there is
    something to do.

    Raises:
        HeadatlasError: one of its subclasses, with a sentence that says what to do.
    """
    plan = settings.plan(load)
    with Store(db) as store:
        name = name or _stored_name(store, model) or name_of(model)
        check_name(name)  # rather than after the model has been loaded
        digest = partial(pipeline_digest if is_pipeline(model) else weights_digest, model)  # type: ignore[arg-type]
        if is_finished(store, name, plan, force, digest):
            return Outcome(name, ran=False, resumed=False)
        with store.open_to_others():
            ready = load_readable(model, name, settings, load) if loaded is None else loaded()
        scan = StoredScan(
            store, ready.info, ready.texts, scored_patterns(), plan=plan, seed=settings.seed, command=command
        )
        run_scan(scan, ready.source, value_weighted=settings.value_weighted, progress=progress)
        return Outcome(name, ran=True, resumed=scan.resumed)


def _stored_name(store: Store, model: AnyModel) -> str | None:
    """The name of an earlier scan of a folder or file that was named by another of its paths."""
    location = location_of(str(model)) if isinstance(model, str | Path) else None
    stored = None if location is None else meant_by(store.db.conn, str(model))
    return stored.model if stored and location and Path(stored.model).name == Path(location).name else None


def score_recorded(
    recorded: RecordedAttention,
    *,
    db: str | Path,
    name: str,
    seed: int = 0,
    force: bool = False,
    command: str = "",
    progress: Progress | None = None,
) -> Outcome:
    """Scores attention that was recorded elsewhere, with the same patterns and into the same tables as a scan.

    Raises:
        HeadatlasError: the rows are not attention, or the name is taken by another scan.
    """
    patterns = scored_patterns()
    plan = Plan(digest_of(patterns, [recorded.text.probe], seed=seed, digest=recorded.info.digest))
    with Store(db) as store:
        if is_finished(store, name, plan, force):
            return Outcome(name, ran=False, resumed=False)
        info = replace(recorded.info, name=name)
        scan = StoredScan(store, info, [recorded.text], patterns, plan=plan, seed=seed, command=command)
        run_scan(scan, recorded, value_weighted=False, progress=progress)
        return Outcome(name, ran=True, resumed=scan.resumed)


def texts_for(loaded: Model, settings: ScanSettings) -> list[ProbeText]:
    """What the probes give a model to read; where none was chosen, those for other media are left out.

    Raises:
        ModelError: none of the probes fits.
    """
    vocabulary = Vocabulary(loaded.tokenizer, loaded.info.d_vocab, loaded.decoder_start)
    longest = loaded.info.context - len(loaded.decoder_start)
    texts = _fitting(settings, vocabulary, longest, loaded.media, loaded.patch_grid or loaded.captions)
    if loaded.decoder_start:
        texts = [_with_sources(text, loaded.decoder_start, vocabulary) for text in texts]
    return texts


def texts_of_scenes(source: DrawingModel, settings: ScanSettings) -> list[ProbeText]:
    """What the probes give a model that draws pictures.

    Raises:
        ModelError: none of the probes fits.
    """
    n_places = source.patch_grid.grid[0] ** 2
    return _fitting(settings, source.denoiser.prompt.parts[0].vocabulary, n_places, source.media, source.patch_grid)


def _fitting(
    settings: ScanSettings, vocabulary: Vocabulary, longest: int, media: Sequence[str], patch_grid: PatchGrid | None
) -> list[ProbeText]:
    # However long texts may be, a picture has as many tokens as it has.
    alone = patch_grid is not None and patch_grid.medium in ("images", "sounds")
    longest_of = {patch_grid.medium: max(longest, patch_grid.n_tokens)} if patch_grid is not None and alone else {}
    texts = [
        probes.make(
            probe,
            vocabulary,
            longest_of.get(probe.medium, longest),
            settings.seed,
            media,
            patch_grid,
            settings.passages,
            full=settings.full,
        )
        for probe in settings.chosen
        if probe in settings.named or probe.medium in media
    ]
    if not any(text.sequences for text in texts):
        reasons = dict.fromkeys(text.reason for text in texts)
        raise ModelError(f"No probe fits this model: {'; '.join(reasons)}.")
    return texts


def certified(source: AttentionSource, texts: Sequence[ProbeText]) -> Certificate:
    """The certificate of a source's attention on the first text that is there; of two towers, on the first of each.

    Texts that hold pictures come first: what is right on them is right on others.
    """
    readable = sorted((text for text in texts if text.sequences), key=lambda text: text.probe.medium != CAPTIONS)
    first = {text.probe.medium in ("images", "sounds"): text for text in reversed(readable)}
    return merged([source.certify(first[of_signals]) for of_signals in sorted(first)])


def run_scan(scan: StoredScan, source: AttentionSource, *, value_weighted: bool, progress: Progress | None) -> None:
    """Certifies what a source of attention gives, scores the chunks that are missing, and finishes the scan."""
    if not scan.layers:
        started = time.perf_counter()
        with scan.store.open_to_others(), oom_as_sentence("run the model on a few short texts"):
            certificate = certified(source, scan.texts)
        scan.write_certificate(certificate, time.perf_counter() - started)
    scorer = Scorer(source, scan.layout, seed=scan.seed, value_weighted=value_weighted)
    parts = [
        Part(number, chunk.n_tokens, partial(scorer.score_chunk, chunk)) for number, chunk in enumerate(scan.chunks)
    ]
    with ThreadShare() as share, ChunkLanes(scorer, scan.chunks, scan.missing, share) as lanes:
        scan.store.jobs.compute(
            scan.id,
            parts,
            lambda number, scored, seconds: scan.write_chunk(number, *scored, seconds),
            progress,
            lanes.run,
        )
    scan.finish()


def _with_sources(text: ProbeText, start: tuple[int, ...], vocabulary: Vocabulary) -> ProbeText:
    """Every text as the source and the target of an encoder-decoder, unless it is a pair already."""
    return replace(text, sequences=tuple(paired(sequence, start, vocabulary.text) for sequence in text.sequences))
