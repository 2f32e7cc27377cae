"""Heads that follow nothing: every label they get is a false one."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from transformers import AutoModelForCausalLM

from benchmarks.planted.measure import KIND, Setting, target_patterns, text_batch, texts_of
from headatlas.attention.hooks import run
from headatlas.attention.modules import AttentionModule, find_modules
from headatlas.catalog.catalog import Catalog
from headatlas.inputs.forward_batch import Inputs
from headatlas.inputs.token_batch import TokenBatch
from headatlas.inputs.vocabulary import Vocabulary
from headatlas.labels.label import label
from headatlas.labels.probe_scores import ProbeScores
from headatlas.models.load import load_model
from headatlas.patterns import RIVALS
from headatlas.scanning.labelling import relabel_all
from headatlas.scanning.options import METHOD_VERSION, ScanSettings
from headatlas.scanning.scanner import scan_model
from headatlas.scoring.chunk_reducer import ChunkReducer
from headatlas.scoring.chunks import chunks_of
from headatlas.scoring.query_classes import class_names
from headatlas.scoring.scores import summarise
from headatlas.scoring.tally import Tally

DEMO = "smollm2-135m"
# Seed and standard deviation of the weights: as before training, and two that attend more sharply.
RANDOM_MODELS = [(0, 0.02), (1, 0.02), (0, 0.05), (0, 0.1)]


@dataclass(frozen=True)
class NullResult:
    """Labels that heads without any pattern were given."""

    name: str
    n_heads: int
    labels: tuple[tuple[int, str, float], ...]

    @property
    def n_labelled(self) -> int:
        """Heads with a false label."""
        return len({head for head, _, _ in self.labels})


def random_model(seed: int, scale: float, cache: Path) -> NullResult:
    """A model of the demonstration model's shape with random weights, through the whole scan; its database is kept."""
    db = cache / f"random-{scale}-{seed}-{METHOD_VERSION}.db"
    if not db.exists():
        demo = load_model(DEMO)
        assert demo.hf_model is not None
        assert demo.tokenizer is not None
        config = demo.hf_model.config
        config.initializer_range = scale
        torch.manual_seed(seed)
        with tempfile.TemporaryDirectory() as folder:
            AutoModelForCausalLM.from_config(config).eval().save_pretrained(folder)
            demo.tokenizer.save_pretrained(folder)
            scan_model(folder, db=Path(folder) / "null.db", name="null", settings=ScanSettings(seed=seed))
            shutil.copy(Path(folder) / "null.db", db)
    relabel_all(db, everything=True)
    with Catalog(db) as catalog:
        (count,) = catalog.rows("select count(*) from heads")[0]
        labels = catalog.rows("select head_id, label, confidence from labels")
    return NullResult(f"random weights, scale {scale}, seed {seed}", count, tuple(tuple(row) for row in labels))


Change = Callable[[Tensor, TokenBatch], Tensor]


def permuted_rows() -> NullResult:
    """The demonstration model's attention with the keys of every row shuffled."""
    generator = torch.Generator().manual_seed(0)

    def shuffle(attention: Tensor, batch: TokenBatch) -> Tensor:
        order = torch.rand(attention.shape, generator=generator).masked_fill(~batch.allowed[:, None], 2.0).argsort(-1)
        # Sorting puts the allowed keys first, in random order; in causal rows without padding they are the first keys.
        return torch.zeros_like(attention).scatter(-1, order.argsort(-1), attention)

    return _changed("rows permuted", shuffle, random_text=False)


def random_text() -> NullResult:
    """The demonstration model on random tokens, scored as if it had read the probes.

    Only patterns that depend on what the tokens say count: order is the same in any text.
    """
    return _changed("random-token text", lambda attention, batch: attention, random_text=True)


def _changed(name: str, change: Change, *, random_text: bool) -> NullResult:
    demo = load_model(DEMO)
    patterns = target_patterns()
    every = [*patterns, *RIVALS]
    modules = find_modules(demo.bridge)
    rng = np.random.default_rng(0)
    by_probe = {}
    by_order: set[str] = set()
    causal = {KIND: True}
    n_heads = demo.info.n_layers * demo.info.n_heads
    setting = Setting(name, Vocabulary(demo.tokenizer, demo.info.d_vocab), demo.info.context, causal=True)
    for text in texts_of(setting, 0):
        total = Tally.empty(n_heads, len(every), len(class_names(text.sequences, KIND)))
        for chunk in chunks_of(text):
            reducer = ChunkReducer(chunk, {KIND: every}, {KIND: n_heads}, causal=causal, seed=0)
            batch = text_batch(reducer.inputs)
            inputs = Inputs(batch.sequences, causal)
            if random_text:
                read = text_batch(inputs)
                drawn = torch.from_numpy(rng.choice(setting.vocabulary.ordinary_ids, tuple(read.tokens.shape)))
                read.tokens = torch.where(read.ordinary, drawn, read.tokens)

            def reduce(
                module: AttentionModule,
                attention: Tensor,
                reducer: ChunkReducer = reducer,
                batch: TokenBatch = batch,
            ) -> None:
                width = attention.shape[1]
                heads = slice(module.layer * width, (module.layer + 1) * width)
                reducer.add_whole(KIND, heads, change(attention.float(), batch))

            run(demo.bridge, inputs, modules, reduce, device="cpu", masked=False)
            total.add(reducer.tallies[KIND])
        scores = summarise(total, 0)
        by_probe[text.probe.name] = ProbeScores.of([pattern.name for pattern in every], scores)
        # Where shuffling the tokens changes nothing, order alone decides.
        unmoved = (scores.null == scores.score).all(0)
        by_order |= {pattern.name for pattern, is_unmoved in zip(every, unmoved, strict=True) if is_unmoved}
    given = label(by_probe, {pattern.name: pattern.probe for pattern in patterns})
    if random_text:
        given = [claim for claim in given if claim.label not in by_order]
    return NullResult(name, n_heads, tuple((claim.head, claim.label, claim.confidence) for claim in given))
