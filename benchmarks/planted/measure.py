"""Planted heads through the scan's own reduction, for one tokenizer and layout; what comes out is what labels see."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from benchmarks.planted.composed import HEADS_A_LAYER, Composer, Planted
from headatlas import probes
from headatlas.inputs.forward_batch import Inputs
from headatlas.inputs.token_batch import TokenBatch
from headatlas.inputs.vocabulary import Vocabulary
from headatlas.labels.probe_scores import ProbeScores
from headatlas.patterns import PATTERNS, RIVALS
from headatlas.patterns.definition import Pattern
from headatlas.probes import PROBES
from headatlas.scoring.chunk_reducer import ChunkReducer
from headatlas.scoring.chunks import chunks_of
from headatlas.scoring.query_classes import class_names
from headatlas.scoring.scores import summarise
from headatlas.scoring.tally import Tally

# Planted heads are those of a single stack that reads one text.
KIND = "self"


@dataclass(frozen=True)
class Setting:
    """Where planted heads live: a tokenizer, the longest sequence, and whether they may look ahead."""

    name: str
    vocabulary: Vocabulary
    max_length: int
    causal: bool


def texts_of(setting: Setting, seed: int, *, full: bool = False) -> list[probes.ProbeText]:
    """The probes as this setting's tokenizer cuts them; those that do not fit are left out."""
    made = [probes.make(probe, setting.vocabulary, setting.max_length, seed, full=full) for probe in PROBES]
    return [text for text in made if text.sequences]


def target_patterns() -> list[Pattern]:
    """Patterns that can be a label."""
    return [pattern for pattern in PATTERNS if pattern.kind == "target" and KIND in pattern.attention]


def text_batch(inputs: Inputs) -> TokenBatch:
    """What planted heads have as queries and keys."""
    batch = inputs.batch(KIND)
    assert isinstance(batch, TokenBatch)
    return batch


@dataclass(frozen=True)
class Measured:
    """Scores of planted heads, probe by probe, and the truth: strengths in fact, on each pattern's own probe.

    Strengths are shares of the attention off the sink, as scores are. `truth` is not a number for patterns that have no
    targets in this setting.
    """

    scores: dict[str, ProbeScores]
    truth: Float[np.ndarray, "head pattern"]


def measure(
    setting: Setting, heads: Sequence[Planted], patterns: Sequence[Pattern], seed: int, *, full: bool = False
) -> Measured:
    """Scores of planted heads on every probe, of the standard or the full set."""
    rng = np.random.default_rng([seed, *setting.name.encode()])
    every = [*patterns, *(rival for rival in RIVALS if KIND in rival.attention)]
    columns = {pattern.name: column for column, pattern in enumerate(patterns)}
    truth = np.full((len(heads), len(patterns)), np.nan)
    by_probe: dict[str, ProbeScores] = {}
    for text in texts_of(setting, seed, full=full):
        total = Tally.empty(len(heads), len(every), len(class_names(text.sequences, KIND)))
        followed = np.zeros((2, *truth.shape))
        for chunk in chunks_of(text):
            reducer = ChunkReducer(chunk, {KIND: every}, {KIND: len(heads)}, causal={KIND: setting.causal}, seed=seed)
            compose = Composer(text_batch(reducer.inputs), patterns, rng)
            for start in range(0, len(heads), HEADS_A_LAYER):
                block = slice(start, min(start + HEADS_A_LAYER, len(heads)))
                attention, sums = compose(heads[block])
                reducer.add_whole(KIND, block, attention)
                for head, shares in enumerate(sums, start):
                    for name, share in shares.items():
                        followed[:, head, columns[name]] += share
            total.add(reducer.tallies[KIND])
        scores = ProbeScores.of([pattern.name for pattern in every], summarise(total, seed))
        for number, name in enumerate(scores.patterns):
            if name in columns and patterns[columns[name]].probe == text.probe.name:
                own = followed[0 if scores.on_first[number] else 1, :, columns[name]]
                truth[:, columns[name]] = own / np.maximum(scores.mass[:, number] * scores.n_queries[number], 1e-9)
        by_probe[text.probe.name] = scores
    return Measured(by_probe, truth)
