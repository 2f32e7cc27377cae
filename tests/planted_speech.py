"""A Whisper whose heads are planted: what each looks at is known, whatever its weights are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import torch

from headatlas.attention.certify import certify
from headatlas.attention.modules import AttentionModule
from headatlas.inputs.frames import FrameBatch
from headatlas.inputs.pair_batch import PairBatch
from headatlas.inputs.sequence import PADDING
from headatlas.inputs.token_batch import TokenBatch
from headatlas.models.load import Model
from headatlas.patterns.lookup import scored_patterns
from headatlas.scanning.options import ScanSettings
from headatlas.scanning.scanner import run_scan, texts_for
from headatlas.scanning.stored_scan import StoredScan
from headatlas.settings import LoadOptions
from headatlas.store.scans import Store

ON_TARGET = 0.85  # of a planted head's attention; the rest is even

# What the heads of each kind of attention look at, in the order of their numbers.
PLANTED: Mapping[str, tuple[str, ...]] = {
    "cross": ("coming word", "word", "in step", "padding", "start", "even"),
    "encoder": ("frame before", "frame after", "same word", "padding", "even", "first"),
    "decoder": ("before", "even", "even", "even", "even", "even"),
}


def _wanted(rule: str, batch: TokenBatch | PairBatch, row: int, q: int) -> list[int]:
    """The keys of a query of one sequence by a rule, in plain loops; none where the rule says nothing."""
    sequence = batch.sequences[row]
    keys = sequence.source if isinstance(batch, PairBatch) else sequence
    n_keys = len(keys.ids)
    sound, padding = keys.roles.get("sound", {}), keys.roles.get(PADDING, {})
    if rule in ("word", "coming word"):
        number = sequence.roles["spoken"].get(q + (rule == "coming word"))
        return [] if number is None else [k for k in range(n_keys) if sound.get(k) == number]
    if rule == "in step":
        tokens = [p for p, special in enumerate(sequence.special) if not special]
        frames = n_keys - len(padding)
        i = tokens.index(q) if q in tokens else -1
        return [k for k in range(frames) if i >= 0 and i <= k * len(tokens) / frames < i + 1]
    if rule == "same word":
        return [k for k in range(n_keys) if k != q and sound.get(k, -1) == sound.get(q, -2)]
    if rule == "padding":
        return list(padding)
    before = {"start": 0, "first": 0, "frame before": q - 1, "before": q - 1, "frame after": q + 1}.get(rule, -1)
    return [before] if 0 <= before < n_keys else []


def attention_of(rule: str, batch: TokenBatch | PairBatch) -> torch.Tensor:
    """[batch, query, key] of a planted head, even where its rule says nothing."""
    n_sequences, n_queries, n_keys = batch.shape
    attention = torch.zeros(n_sequences, n_queries, n_keys)
    for row in range(n_sequences):
        length, width = batch.shape_of(row)
        length = width if isinstance(batch, FrameBatch) else length
        for q in range(length):
            seen = min(q + 1, width) if batch.causal else width
            keys = _wanted(rule, batch, row, q)
            attention[row, q, :seen] = (1 - ON_TARGET if keys else 1) / seen
            attention[row, q, keys] += ON_TARGET / max(1, len(keys))
    return attention


class Planted:
    """The attention of planted heads: an `AttentionSource`."""

    device = "cpu"

    def __init__(self) -> None:
        self.modules = [AttentionModule(kind, 0, f"planted.{kind}") for kind in PLANTED]

    def certify(self, text):
        def one_pass(inputs, modules, on_attention, *, masked):
            self._hand_over(inputs, modules, on_attention)

        return certify(one_pass, self.modules, text.sequences[:2], "not compared: planted", probe=text.probe.name)

    def run(self, inputs, modules, receiver) -> None:
        self._hand_over(inputs, modules, receiver.receive)

    def _hand_over(self, inputs, modules, on_attention) -> None:
        for module in modules:
            batch = inputs.batch(module.attention)
            if module.attention == "decoder" and not batch.causal:  # while causality is being measured
                batch = TokenBatch(batch.sequences, causal=True)
            rules = PLANTED[module.attention]
            on_attention(module, torch.stack([attention_of(rule, batch) for rule in rules], 1))


def scan_planted(model: Model, db: Path, name: str, n_sounds: int) -> None:
    """Scans planted heads on the first sounds that a model of speech is given."""
    settings = ScanSettings(probes=("spoken_words",))
    texts = [replace(text, sequences=text.sequences[:n_sounds]) for text in texts_for(model, settings)]
    with Store(db) as store:
        scan = StoredScan(
            store, replace(model.info, name=name), texts, scored_patterns(), plan=settings.plan(LoadOptions()), seed=0,
            command="",
        )  # fmt: skip
        run_scan(scan, Planted(), value_weighted=False, progress=None)
