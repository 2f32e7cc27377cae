"""One streaming pass of a model over the probes: every pattern, every head, chunk by chunk, resumable."""

from __future__ import annotations

import hashlib
import json
import platform
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from headatlas import models, probes
from headatlas.accumulate import Tally, summarise
from headatlas.attention_source import AttentionSource, HookedModel
from headatlas.certificate import Certificate
from headatlas.chunks import chunks_of
from headatlas.errors import HeadatlasError, ModelError
from headatlas.labelling import label_scan
from headatlas.memory import enough
from headatlas.pairs import paired
from headatlas.patterns import PATTERNS, Pattern
from headatlas.probes import PROBES, Probe, ProbeText
from headatlas.recorded import RecordedAttention
from headatlas.scorer import Layout, Scorer
from headatlas.store import Heatmap, Store
from headatlas.vocabulary import Vocabulary

if TYPE_CHECKING:
    from transformer_lens.model_bridge import TransformerBridge

# Goes up when the same patterns and probes would give other numbers than before.
METHOD_VERSION = 2
# Models without a stated context length are taken to hold this many tokens.
DEFAULT_CONTEXT = 512
_PACKAGES = ("headatlas", "torch", "transformers", "transformer-lens", "tokenizers", "numpy")

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Outcome:
    """What `scan_model` did: the name under which the scan is stored, and whether it had to run."""

    model: str
    ran: bool
    resumed: bool


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
    one is complete. `probe_names` and `own_text` (see `headatlas.own_text`) replace the probes that are
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
            loaded = models.load(
                model, name_as=name, device=device, device_map=device_map, n_devices=n_devices, dtype=dtype,
                revision=revision, trust_remote_code=trust_remote_code,
            )  # fmt: skip
        texts = texts_for(loaded, chosen, seed, everything=not asked)
        return _scan(
            store, HookedModel(loaded), loaded.info, texts, patterns, name=name, plan=plan, seed=seed,
            value_weighted=value_weighted, command=command, progress=progress,
        )  # fmt: skip


def texts_for(loaded: models.Model, chosen: Sequence[Probe], seed: int, *, everything: bool) -> list[ProbeText]:
    """What the probes give a model to read; with `everything`, those for other media are left out.

    Raises:
        ModelError: none of the probes fits.
    """
    info = loaded.info
    vocabulary = Vocabulary(loaded.tokenizer, info.d_vocab, loaded.decoder_start)
    context = info.context_length or DEFAULT_CONTEXT
    texts = [
        probes.make(one, vocabulary, context - len(loaded.decoder_start), seed, loaded.media, loaded.canvas)
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
        return _scan(
            store, recorded, recorded.info, [recorded.text], patterns, name=name, plan=plan, seed=seed,
            value_weighted=False, command=command, progress=progress,
        )  # fmt: skip


def is_finished(store: Store, name: str, plan: str, force: bool) -> bool:
    """Whether this very scan is there already.

    Raises:
        HeadatlasError: another one of the same name is.
    """
    finished = store.finished(name)
    if finished is None or force:
        return False
    if finished["plan"] == plan:
        if finished["calibration"] is None:  # cut off between its last two steps
            label_scan(store, finished["id"])
        return True
    raise HeadatlasError(
        f"{store.path} holds a scan of '{name}' made with other settings or another version. "
        "Use --force to scan again, or --as NAME to keep both."
    )


def _scan(
    store: Store,
    source: AttentionSource,
    info: models.ModelInfo,
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


class StoredScan:
    """One scan in the database: what of it is there, and what is missing. Nothing here runs a model."""

    def __init__(
        self,
        store: Store,
        info: models.ModelInfo,
        texts: Sequence[ProbeText],
        patterns: Sequence[Pattern],
        *,
        name: str,
        plan: str,
        seed: int,
        command: str,
    ) -> None:
        self.store = store
        self.texts = texts
        self.patterns = patterns
        self.seed = seed
        self.chunks = [chunk for text in texts for chunk in chunks_of(text)]
        row = store.unfinished(name, plan, info.digest)
        self.resumed = row is not None
        if row is None:
            columns: dict[str, Any] = {key: value for key, value in asdict(info).items() if key != "name"}
            columns |= {"model": name, "plan": plan, "seed": seed, "command": command, "n_chunks": len(self.chunks)}
            columns["versions"] = json.dumps(_versions())
            self.id = store.begin(columns, texts, patterns)
        else:
            self.id = int(row["id"])

    @property
    def layers(self) -> list[dict[str, Any]]:
        """The rows of `layers`; none before there is a certificate."""
        return self.store.layers(self.id)

    @property
    def missing(self) -> list[int]:
        """Numbers of the chunks that are not written yet, perhaps by another process."""
        written = self.store.chunks_done(self.id)
        return [number for number in range(len(self.chunks)) if number not in written]

    @property
    def n_tokens(self) -> int:
        """Tokens of all chunks."""
        return sum(chunk.n_tokens for chunk in self.chunks)

    def tokens_done(self) -> int:
        """Tokens of the chunks that are written."""
        return self.n_tokens - sum(self.chunks[number].n_tokens for number in self.missing)

    def write_certificate(self, certificate: Certificate, seconds: float) -> None:
        """Stores the certificate."""
        self.store.write_certificate(self.id, certificate, seconds)

    def write_chunk(
        self, number: int, tallies: Mapping[str, Tally], heatmaps: Sequence[Heatmap], seconds: float
    ) -> None:
        """Stores a chunk's sums and heatmaps."""
        self.store.write_chunk(self.id, number, tallies, heatmaps, seconds)

    def finish(self) -> None:
        """Makes scores and labels of the chunks, which must all be there."""
        self.store.finish(self.id, self._results(Layout(self.layers, self.texts, self.patterns)))
        label_scan(self.store, self.id)

    def _results(self, layout: Layout) -> Any:
        """Scores of every probe and kind of attention, from the chunks in the database, merged in order."""
        seen: list[Probe] = []
        for chunk in self.chunks:
            if chunk.text.probe in seen:
                continue
            seen.append(chunk.text.probe)
            numbers = [n for n, one in enumerate(self.chunks) if one.text.probe is chunk.text.probe]
            totals = {
                kind: Tally.empty(len(layout.heads[kind]), len(patterns))
                for kind, patterns in layout.patterns_of.items()
            }
            for tallies in self.store.tallies(self.id, numbers):
                for kind, tally in tallies.items():
                    totals[kind].add(tally)
            for kind, total in totals.items():
                yield chunk.text.probe, layout.heads[kind], layout.patterns_of[kind], summarise(total, self.seed)


def _with_sources(text: ProbeText, start: tuple[int, ...], vocabulary: Vocabulary) -> ProbeText:
    """Every text as the source and the target of an encoder-decoder, unless it is a pair already."""
    return replace(text, sequences=tuple(paired(one, start, vocabulary.text) for one in text.sequences))


def plan_of(patterns: Sequence[Pattern], chosen: Sequence[Probe], **settings: Any) -> str:
    """Digest of what decides the numbers, the model's weights aside."""
    parts = {
        "method": METHOD_VERSION,
        "patterns": [(one.name, one.version) for one in patterns],
        "probes": [(one.name, one.version) for one in chosen],
        **settings,
    }
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def _name_of(model: object) -> str:
    if isinstance(model, str | Path):
        return str(model)
    return str(getattr(getattr(model, "cfg", None), "model_name", None) or "bridge")


def _versions() -> dict[str, str]:
    found = {"python": platform.python_version(), "platform": f"{sys.platform} {platform.machine()}"}
    for package in _PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found
