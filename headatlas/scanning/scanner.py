"""One streaming pass of a model over the probes: every pattern, every head, chunk by chunk, resumable."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from headatlas import probes
from headatlas.attention.recorded import RecordedAttention
from headatlas.attention.source import AttentionSource, HookedModel
from headatlas.errors import ModelError
from headatlas.inputs.pair_batch import paired
from headatlas.inputs.vocabulary import Vocabulary
from headatlas.models.load import Model, ModelInfo, load_model
from headatlas.models.memory import enough
from headatlas.patterns import PATTERNS, Pattern
from headatlas.probes import PROBES, Probe, ProbeText
from headatlas.scanning.chunk_scorer import Layout, Scorer
from headatlas.scanning.options import DEFAULT_CONTEXT, Outcome, Progress, plan_of
from headatlas.scanning.stored_scan import StoredScan, is_finished
from headatlas.store.scans import Store

if TYPE_CHECKING:
    from transformer_lens.model_bridge import TransformerBridge


def scan_model(
    model: str | Path | TransformerBridge,
    *,
    db: str | Path,
    name: str | None = None,
    probe_names: Sequence[str] | None = None,
    own_text: Sequence[Probe] = (),
    seed: int = 0,
    device: str = "auto",
    device_map: str | None = None,
    n_devices: int | None = None,
    dtype: str = "float32",
    revision: str | None = None,
    trust_remote_code: bool = False,
    value_weighted: bool = False,
    force: bool = False,
    command: str = "",
    progress: Progress | None = None,
) -> Outcome:
    """Scores every head of a model and stores the result; goes on where an earlier run was cut off.

    A finished scan of the same name is left alone unless `force` is given, and replaced only when the new
    one is complete. `probe_names` and `own_text` (see `headatlas.probes.own_text`) replace the probes that are
    otherwise all run. `progress` is called with tokens done and tokens in all.

    Raises:
        HeadatlasError: in one of its kinds, with a sentence that says what to do.
    """
    name = name or _name_of(model)
    named = [PROBES[one] for one in probe_names or ()]
    asked = [*named, *own_text]
    chosen = asked or list(PROBES)
    patterns = list(PATTERNS)
    plan = plan_of(
        patterns, chosen, seed=seed, device=device, dtype=dtype, revision=revision, value_weighted=value_weighted
    )
    with Store(db) as store:
        if is_finished(store, name, plan, force):
            return Outcome(name, ran=False, resumed=False)
        with enough("load the model"):
            loaded = load_model(
                model, name_as=name, device=device, device_map=device_map, n_devices=n_devices, dtype=dtype,
                revision=revision, trust_remote_code=trust_remote_code,
            )  # fmt: skip
        texts = texts_for(loaded, chosen, seed, everything=not asked)
        return scan_source(
            store, HookedModel(loaded), loaded.info, texts, patterns, name=name, plan=plan, seed=seed,
            value_weighted=value_weighted, command=command, progress=progress,
        )  # fmt: skip


def texts_for(loaded: Model, chosen: Sequence[Probe], seed: int, *, everything: bool) -> list[ProbeText]:
    """What the probes give a model to read; with `everything`, those for other media are left out.

    Raises:
        ModelError: none of the probes fits.
    """
    info = loaded.info
    vocabulary = Vocabulary(loaded.tokenizer, info.d_vocab, loaded.decoder_start)
    context = info.context_length or DEFAULT_CONTEXT
    texts = [
        probes.make(one, vocabulary, context - len(loaded.decoder_start), seed, loaded.media, loaded.patch_grid)
        for one in chosen
        if not everything or one.medium in loaded.media
    ]
    if not any(text.sequences for text in texts):
        raise ModelError(f"No probe fits this model: {'; '.join(text.note for text in texts)}.")
    if loaded.decoder_start:
        texts = [_with_sources(text, loaded.decoder_start, vocabulary) for text in texts]
    return texts


def first_text(texts: Sequence[ProbeText]) -> ProbeText:
    """The text on which attention is certified."""
    return next(text for text in texts if text.sequences)


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
    patterns = list(PATTERNS)
    plan = plan_of(patterns, [recorded.text.probe], seed=seed, digest=recorded.info.digest)
    with Store(db) as store:
        if is_finished(store, name, plan, force):
            return Outcome(name, ran=False, resumed=False)
        return scan_source(
            store, recorded, recorded.info, [recorded.text], patterns, name=name, plan=plan, seed=seed,
            value_weighted=False, command=command, progress=progress,
        )  # fmt: skip


def scan_source(
    store: Store,
    source: AttentionSource,
    info: ModelInfo,
    texts: Sequence[ProbeText],
    patterns: list[Pattern],
    *,
    name: str,
    plan: str,
    seed: int,
    value_weighted: bool,
    command: str,
    progress: Progress | None,
) -> Outcome:
    """Certifies, scores and stores what a source of attention gives on some texts; goes on where it was cut off."""
    scan = StoredScan(store, info, texts, patterns, name=name, plan=plan, seed=seed, command=command)
    if not scan.layers:
        started = time.perf_counter()
        with enough("run the model on a few short texts"):
            certificate = source.certify(first_text(texts))
        scan.write_certificate(certificate, time.perf_counter() - started)
    scorer = Scorer(source, Layout(scan.layers, texts, patterns), seed=seed, value_weighted=value_weighted)
    progress = progress or (lambda done, total: None)
    done = scan.tokens_done()
    progress(done, scan.n_tokens)
    for number in scan.missing:
        if number not in scan.missing:  # written by another process meanwhile
            continue
        started = time.perf_counter()
        tallies, heatmaps = scorer.score_chunk(scan.chunks[number])
        scan.write_chunk(number, tallies, heatmaps, time.perf_counter() - started)
        done += scan.chunks[number].n_tokens
        progress(done, scan.n_tokens)
    scan.finish()
    return Outcome(name, ran=True, resumed=scan.resumed)


def _with_sources(text: ProbeText, start: tuple[int, ...], vocabulary: Vocabulary) -> ProbeText:
    """Every text as the source and the target of an encoder-decoder, unless it is a pair already."""
    return replace(text, sequences=tuple(paired(one, start, vocabulary.text) for one in text.sequences))


def _name_of(model: object) -> str:
    if isinstance(model, str | Path):
        return str(model)
    return str(getattr(getattr(model, "cfg", None), "model_name", None) or "bridge")
