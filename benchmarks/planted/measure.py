"""Planted heads through the scan's own reduction, for one tokenizer and layout; what comes out is what labels see."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from benchmarks.planted.composed import Composer, Planted
from headatlas import probes
from headatlas.inputs.forward_batch import Inputs
from headatlas.inputs.token_batch import TokenBatch
from headatlas.inputs.vocabulary import Vocabulary
from headatlas.labels.probe_scores import ProbeScores
from headatlas.patterns import PATTERNS, Pattern
from headatlas.probes import PROBES
from headatlas.scoring.chunk_reducer import ChunkReducer
from headatlas.scoring.chunks import chunks_of
from headatlas.scoring.scores import summarise
from headatlas.scoring.tally import Tally

# Heads composed at a time.
BLOCK = 8
# Planted heads are those of a single stack that reads one text.
KIND = "self"


@dataclass(frozen=True)
class Setting:
    """Where planted heads live: a tokenizer, the longest sequence, and whether they may look ahead."""

    name: str
    vocabulary: Vocabulary
    max_length: int
    causal: bool


def texts_of(setting: Setting, seed: int) -> list[probes.ProbeText]:
    """The probes as this setting's tokenizer cuts them; those that do not fit are left out."""
    made = [probes.make(one, setting.vocabulary, setting.max_length, seed) for one in PROBES]
    return [text for text in made if text.sequences]


def target_patterns() -> list[Pattern]:
    """Patterns that can be a label."""
    return [one for one in PATTERNS if one.kind == "target" and KIND in one.attention]


def text_batch(inputs: Inputs) -> TokenBatch:
    """What planted heads have as queries and keys."""
    batch = inputs.batch(KIND)
    assert isinstance(batch, TokenBatch)
    return batch


@dataclass(frozen=True)
class Measured:
    """Scores of planted heads, probe by probe, and the truth: strengths in fact, on each pattern's own probe.

    `truth` is not a number for patterns that have no targets in this setting.
    """

    scores: dict[str, ProbeScores]
    truth: Float[np.ndarray, "head pattern"]


def measure(setting: Setting, heads: Sequence[Planted], patterns: Sequence[Pattern], seed: int) -> Measured:
    """Scores of planted heads on every probe."""
    rng = np.random.default_rng([seed, *setting.name.encode()])
    columns = {one.name: column for column, one in enumerate(patterns)}
    truth = np.full((len(heads), len(patterns)), np.nan)
    found: dict[str, ProbeScores] = {}
    for text in texts_of(setting, seed):
        total = Tally.empty(len(heads), len(patterns))
        followed = np.zeros_like(truth)
        n_queries = np.zeros(len(patterns))
        for chunk in chunks_of(text):
            reducer = ChunkReducer(
                chunk, {KIND: patterns}, {KIND: len(heads)}, causal={KIND: setting.causal}, seed=seed
            )
            compose = Composer(text_batch(reducer.inputs), patterns, rng)
            for name, count in compose.n_queries.items():
                n_queries[columns[name]] += count
            for start in range(0, len(heads), BLOCK):
                block = slice(start, min(start + BLOCK, len(heads)))
                attention, sums = compose(heads[block])
                reducer.add_whole(KIND, block, attention)
                for head, shares in enumerate(sums, start):
                    for name, share in shares.items():
                        followed[head, columns[name]] += share
            total.add(reducer.tallies[KIND])
        for one in patterns:
            if one.probe == text.probe.name and n_queries[columns[one.name]]:
                truth[:, columns[one.name]] = followed[:, columns[one.name]] / n_queries[columns[one.name]]
        found[text.probe.name] = ProbeScores.of([one.name for one in patterns], summarise(total, seed))
    return Measured(found, truth)
