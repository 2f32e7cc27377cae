"""One streaming pass of a model over the probes: every pattern, every head, chunk by chunk, resumable."""

from __future__ import annotations

import hashlib
import json
import platform
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor

from headatlas import certificate as certificates
from headatlas import models, probes
from headatlas.accumulate import Tally, summarise
from headatlas.attention import AttentionModule, RowCheck, check_rows, find_modules, run
from headatlas.chunks import Chunk, ChunkReducer, chunks_of
from headatlas.errors import HeadatlasError, ModelError
from headatlas.labelling import label_scan
from headatlas.patterns import PATTERNS, Pattern
from headatlas.probes import PROBES, Probe, ProbeText
from headatlas.store import Head, Heatmap, Store
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
    chosen = [*named, *own_text] or list(PROBES)
    patterns = list(PATTERNS)
    plan = _plan(
        patterns, chosen, seed=seed, device=device, dtype=dtype, revision=revision, value_weighted=value_weighted
    )
    with Store(db) as store:
        finished = store.finished(name)
        if finished is not None and not force:
            if finished["plan"] == plan:
                if finished["calibration"] is None:  # cut off between its last two steps
                    label_scan(store, finished["id"])
                return Outcome(name, ran=False, resumed=False)
            raise HeadatlasError(
                f"{store.path} holds a scan of '{name}' made with other settings or another version. "
                "Use --force to scan again, or --as NAME to keep both."
            )
        loaded = models.load(
            model, name_as=name, device=device, dtype=dtype, revision=revision, trust_remote_code=trust_remote_code
        )
        info = loaded.info
        vocabulary = Vocabulary(loaded.tokenizer, info.d_vocab)
        context = info.context_length or DEFAULT_CONTEXT
        texts = [probes.make(one, vocabulary, context, seed) for one in chosen]
        if not any(text.sequences for text in texts):
            raise ModelError(f"No probe fits this model: {'; '.join(text.note for text in texts)}.")
        chunks = [chunk for text in texts for chunk in chunks_of(text)]

        row = store.unfinished(name, plan, info.digest)
        columns: dict[str, Any] = {key: value for key, value in asdict(info).items() if key != "name"}
        if row is None:
            columns |= {"model": name, "plan": plan, "seed": seed, "command": command, "n_chunks": len(chunks)}
            columns["versions"] = json.dumps(_versions())
            scan = store.begin(columns, texts, patterns)
        else:
            scan = int(row["id"])
        run_ = _Run(store, scan, loaded, patterns, chunks, seed=seed, value_weighted=value_weighted)
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
        model: models.Model,
        patterns: list[Pattern],
        chunks: list[Chunk],
        *,
        seed: int,
        value_weighted: bool,
    ) -> None:
        self.store = store
        self.scan = scan
        self.model = model
        self.patterns = patterns
        self.chunks = chunks
        self.seed = seed
        self.value_weighted = value_weighted
        self.modules: list[AttentionModule] = []
        self.heads: list[Head] = []
        self.spans: dict[AttentionModule, slice] = {}
        self.causal = True

    def certify(self, texts: Sequence[ProbeText]) -> None:
        """Makes the certificate unless the database has it; finds out which modules to score."""
        if not self.store.layers(self.scan):
            started = time.perf_counter()
            text = next(text for text in texts if text.sequences)
            sequences = certificates.choose_sequences(text.sequences)
            device = self.model.info.device
            plain = self.model.hf_model
            # Before the first use of `bridge`, which replaces the plain model's modules.
            reference = (
                "not compared: the model was given as a bridge, and its plain form is gone"
                if plain is None
                else certificates.reference_attention(plain, sequences, device)
            )
            done = certificates.certify(
                self.model.bridge,
                find_modules(self.model.bridge),
                sequences,
                reference,
                probe=text.probe.name,
                device=device,
            )
            self.store.write_certificate(self.scan, done, time.perf_counter() - started)
        rows = [row for row in self.store.layers(self.scan) if row["scored"]]
        for row in rows:
            module = AttentionModule(row["attention"], row["layer"], row["hook"])
            start = len(self.heads)
            self.heads += [(module.attention, module.layer, head) for head in range(row["n_heads"])]
            self.modules.append(module)
            self.spans[module] = slice(start, len(self.heads))
        self.causal = all(row["causal"] for row in rows)

    def score(self, progress: Progress) -> None:
        """Runs the chunks that the database does not have."""
        written = self.store.chunks_done(self.scan)
        total = sum(chunk.n_tokens for chunk in self.chunks)
        done = sum(chunk.n_tokens for number, chunk in enumerate(self.chunks) if number in written)
        progress(done, total)
        for number, chunk in enumerate(self.chunks):
            if number in written:
                continue
            started = time.perf_counter()
            tally, heatmaps = self._score_chunk(chunk)
            self.store.write_chunk(self.scan, number, tally, heatmaps, time.perf_counter() - started)
            done += chunk.n_tokens
            progress(done, total)

    def _score_chunk(self, chunk: Chunk) -> tuple[Tally, list[Heatmap]]:
        device = self.model.info.device
        reducer = ChunkReducer(chunk, self.patterns, len(self.heads), causal=self.causal, seed=self.seed, device=device)
        batch = reducer.batch
        examples = [row for row, sequence in enumerate(batch.sequences) if sequence.example]
        heatmaps: list[Heatmap] = []
        check = RowCheck()

        def reduce(module: AttentionModule, attention: Tensor) -> None:
            check_rows(module, attention, batch, check)
            reducer.add(self.spans[module], attention, norms.pop(module, None))
            for row in examples:
                size = batch.lengths[row]
                levels = (attention[row, :, :size, :size].float() * 255).round().clamp(0, 255).to(torch.uint8)
                for head, weights in enumerate(levels.cpu().numpy()):
                    place = (module.attention, module.layer, head)
                    heatmaps.append(Heatmap(chunk.text.probe.name, chunk.indices[row], place, np.array(weights)))

        norms: dict[AttentionModule, Tensor] = {}

        def keep_norms(module: AttentionModule, values: Tensor) -> None:
            # [batch, key, key-value head, d_head]; grouped queries share the values of their group.
            per_head = values.float().norm(dim=-1).movedim(-1, 1)
            n_heads = self.spans[module].stop - self.spans[module].start
            norms[module] = per_head.repeat_interleave(n_heads // per_head.shape[1], 1)

        run(
            self.model.bridge, batch, self.modules, reduce, device=device, masked=not self.causal,
            on_values=keep_norms if self.value_weighted else None,
        )  # fmt: skip
        return reducer.tally, heatmaps

    def results(self) -> Any:
        """Scores of every probe, from the chunks in the database, merged in order."""
        seen: list[Probe] = []
        for chunk in self.chunks:
            if chunk.text.probe in seen:
                continue
            seen.append(chunk.text.probe)
            numbers = [n for n, one in enumerate(self.chunks) if one.text.probe is chunk.text.probe]
            total = Tally.empty(len(self.heads), len(self.patterns))
            for tally in self.store.tallies(self.scan, numbers):
                total.add(tally)
            yield chunk.text.probe, self.heads, self.patterns, summarise(total, self.seed)


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
