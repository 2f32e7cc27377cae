"""One streaming pass of a model over the probes: every pattern, every head, chunk by chunk, resumable."""

from __future__ import annotations

import hashlib
import json
import logging
import platform
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from headatlas import models, probes
from headatlas.accumulate import Tally, summarise
from headatlas.attention import AttentionModule
from headatlas.attention_source import AttentionSource, HookedModel
from headatlas.chunks import Chunk, ChunkReducer, chunks_of
from headatlas.errors import HeadatlasError, ModelError
from headatlas.labelling import label_scan
from headatlas.memory import out_of_memory, release
from headatlas.pairs import paired
from headatlas.patterns import PATTERNS, Pattern
from headatlas.probes import PROBES, Probe, ProbeText
from headatlas.recorded import RecordedAttention
from headatlas.store import Head, Heatmap, Store
from headatlas.taker import ChunkTaker
from headatlas.vocabulary import Vocabulary

if TYPE_CHECKING:
    from transformer_lens.model_bridge import TransformerBridge

log = logging.getLogger("headatlas")

# Goes up when the same patterns and probes would give other numbers than before.
METHOD_VERSION = 2
# Models without a stated context length are taken to hold this many tokens.
DEFAULT_CONTEXT = 512
_PACKAGES = ("headatlas", "torch", "transformers", "transformer-lens", "tokenizers", "numpy")

_OF_PLACES = ("positional", "layout", "statistic")

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
    plan = _plan(
        patterns, chosen, seed=seed, device=device, dtype=dtype, revision=revision, value_weighted=value_weighted
    )
    with Store(db) as store:
        if _finished(store, name, plan, force):
            return Outcome(name, ran=False, resumed=False)
        loaded = models.load(
            model, name_as=name, device=device, device_map=device_map, n_devices=n_devices, dtype=dtype,
            revision=revision, trust_remote_code=trust_remote_code,
        )  # fmt: skip
        info = loaded.info
        vocabulary = Vocabulary(loaded.tokenizer, info.d_vocab, loaded.decoder_start)
        context = info.context_length or DEFAULT_CONTEXT
        texts = [
            probes.make(one, vocabulary, context - len(loaded.decoder_start), seed, loaded.media, loaded.canvas)
            for one in chosen
            if asked or one.medium in loaded.media
        ]
        if not any(text.sequences for text in texts):
            raise ModelError(f"No probe fits this model: {'; '.join(text.note for text in texts)}.")
        if loaded.decoder_start:
            texts = [_with_sources(text, loaded.decoder_start, vocabulary) for text in texts]
        return _scan(
            store, HookedModel(loaded), info, texts, patterns, name=name, plan=plan, seed=seed,
            value_weighted=value_weighted, command=command, progress=progress,
        )  # fmt: skip


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
    plan = _plan(patterns, [recorded.text.probe], seed=seed, digest=recorded.info.digest)
    with Store(db) as store:
        if _finished(store, name, plan, force):
            return Outcome(name, ran=False, resumed=False)
        return _scan(
            store, recorded, recorded.info, [recorded.text], patterns, name=name, plan=plan, seed=seed,
            value_weighted=False, command=command, progress=progress,
        )  # fmt: skip


def _finished(store: Store, name: str, plan: str, force: bool) -> bool:
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
    chunks = [chunk for text in texts for chunk in chunks_of(text)]
    row = store.unfinished(name, plan, info.digest)
    columns: dict[str, Any] = {key: value for key, value in asdict(info).items() if key != "name"}
    if row is None:
        columns |= {"model": name, "plan": plan, "seed": seed, "command": command, "n_chunks": len(chunks)}
        columns["versions"] = json.dumps(_versions())
        scan = store.begin(columns, texts, patterns)
    else:
        scan = int(row["id"])
    run_ = _Run(store, scan, source, patterns, chunks, seed=seed, value_weighted=value_weighted)
    run_.certify(texts)
    run_.score(progress or (lambda done, total: None))
    store.finish(scan, run_.results())
    label_scan(store, scan)
    return Outcome(name, ran=True, resumed=row is not None)


class _Run:
    """The steps of one scan, each of which finds out what is already in the database."""

    def __init__(
        self,
        store: Store,
        scan: int,
        source: AttentionSource,
        patterns: list[Pattern],
        chunks: list[Chunk],
        *,
        seed: int,
        value_weighted: bool,
    ) -> None:
        self.store = store
        self.scan = scan
        self.source = source
        self.patterns = patterns
        self.chunks = chunks
        self.seed = seed
        self.value_weighted = value_weighted
        self.modules: list[AttentionModule] = []
        # By kind of attention, each of which has patterns of its own.
        self.heads: dict[str, list[Head]] = {}
        self.patterns_of: dict[str, list[Pattern]] = {}
        self.causal: dict[str, bool] = {}
        self.spans: dict[AttentionModule, slice] = {}

    def certify(self, texts: Sequence[ProbeText]) -> None:
        """Makes the certificate unless the database has it; finds out which modules to score."""
        if not self.store.layers(self.scan):
            started = time.perf_counter()
            done = self.source.certify(next(text for text in texts if text.sequences))
            self.store.write_certificate(self.scan, done, time.perf_counter() - started)
        for row in self.store.layers(self.scan):
            if not row["scored"]:
                continue
            module = AttentionModule(row["attention"], row["layer"], row["hook"])
            heads = self.heads.setdefault(module.attention, [])
            start = len(heads)
            heads += [(module.attention, module.layer, head) for head in range(row["n_heads"])]
            self.modules.append(module)
            self.spans[module] = slice(start, len(heads))
            self.causal[module.attention] = self.causal.get(module.attention, True) and bool(row["causal"])
        # What an image or a sound has is places, not words.
        signal = any(one.signal is not None for text in texts for one in text.sequences)
        families = {one.family for one in self.patterns if not signal or one.family in _OF_PLACES}
        self.patterns_of = {
            kind: [one for one in self.patterns if one.family in families and kind in one.attention]
            for kind in self.heads
        }

    def score(self, progress: Progress) -> None:
        """Runs the chunks that the database does not have."""
        written = self.store.chunks_done(self.scan)
        total = sum(chunk.n_tokens for chunk in self.chunks)
        done = sum(chunk.n_tokens for number, chunk in enumerate(self.chunks) if number in written)
        progress(done, total)
        for number, chunk in enumerate(self.chunks):
            if number in written or number in self.store.chunks_done(self.scan):  # perhaps by another process
                continue
            started = time.perf_counter()
            tallies, heatmaps = self._score_chunk(chunk)
            self.store.write_chunk(self.scan, number, tallies, heatmaps, time.perf_counter() - started)
            done += chunk.n_tokens
            progress(done, total)

    def _score_chunk(self, chunk: Chunk) -> tuple[dict[str, Tally], list[Heatmap]]:
        """A chunk's sums and heatmaps; where memory runs out, of one half of it after the other.

        Raises:
            ModelError: there is not enough memory for a single sequence.
        """
        try:
            return self._score_batch(chunk)
        except (MemoryError, RuntimeError) as error:
            if not out_of_memory(error):
                raise
        # Only here, outside the handler, nothing holds the tensors of the failed pass any longer.
        release()
        n = len(chunk.indices)
        if n == 1:
            raise ModelError(
                f"There is not enough memory to run the model on one sequence of {chunk.n_tokens} tokens "
                f"(probe {chunk.text.probe.name}). Use --dtype bfloat16, another --device, or a "
                "machine with more memory; the same command goes on from here."
            )
        log.warning("Memory ran out on %d sequences together; they are run as two halves.", n)
        tallies, heatmaps = self._score_chunk(replace(chunk, indices=chunk.indices[: n // 2]))
        others, more = self._score_chunk(replace(chunk, indices=chunk.indices[n // 2 :]))
        for kind, tally in others.items():
            tallies[kind].add(tally)
        return tallies, heatmaps + more

    def _score_batch(self, chunk: Chunk) -> tuple[dict[str, Tally], list[Heatmap]]:
        n_heads = {kind: len(heads) for kind, heads in self.heads.items()}
        reducer = ChunkReducer(
            chunk, self.patterns_of, n_heads, causal=self.causal, seed=self.seed, device=self.source.device
        )
        taker = ChunkTaker(reducer, self.spans, wants_values=self.value_weighted)
        self.source.run(reducer.inputs, self.modules, taker)
        heatmaps = [
            Heatmap(chunk.text.probe.name, chunk.indices[row], (module.attention, module.layer, head), weights)
            for module, row, levels in taker.pictures()
            for head, weights in enumerate(levels)
        ]
        return reducer.tallies, heatmaps

    def results(self) -> Any:
        """Scores of every probe and kind of attention, from the chunks in the database, merged in order."""
        seen: list[Probe] = []
        for chunk in self.chunks:
            if chunk.text.probe in seen:
                continue
            seen.append(chunk.text.probe)
            numbers = [n for n, one in enumerate(self.chunks) if one.text.probe is chunk.text.probe]
            totals = {
                kind: Tally.empty(len(self.heads[kind]), len(patterns)) for kind, patterns in self.patterns_of.items()
            }
            for tallies in self.store.tallies(self.scan, numbers):
                for kind, tally in tallies.items():
                    totals[kind].add(tally)
            for kind, total in totals.items():
                yield chunk.text.probe, self.heads[kind], self.patterns_of[kind], summarise(total, self.seed)


def _with_sources(text: ProbeText, start: tuple[int, ...], vocabulary: Vocabulary) -> ProbeText:
    """Every text as the source and the target of an encoder-decoder, unless it is a pair already."""
    return replace(text, sequences=tuple(paired(one, start, vocabulary.text) for one in text.sequences))


def _plan(patterns: Sequence[Pattern], chosen: Sequence[Probe], **settings: Any) -> str:
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
