"""Patterns of plug-ins, tried on a scan's texts before anything is scored: one that fails is left out as a whole.

What a pattern looks for depends on the texts alone, so that a pattern that fails on any of them is known beforehand, in
every process that works on the scan. Patterns of no plug-in are not tried: what they raise is a mistake of ours.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch

from headatlas.errors import HeadatlasError, one_line
from headatlas.models.memory import out_of_memory
from headatlas.patterns import PATTERNS
from headatlas.patterns.definition import Pattern
from headatlas.scanning.chunk_scorer import Layout
from headatlas.scoring.chunk_reducer import ChunkReducer
from headatlas.scoring.chunks import Chunk

# The end of each sentence about such a pattern.
LEFT_OUT = "The pattern is left out of this scan."


def failing(layout: Layout, chunks: Sequence[Chunk], seed: int) -> dict[str, str]:
    """The patterns of plug-ins that fail on some of the chunks, by name, with a sentence that names the plug-in."""
    sentences: dict[str, str] = {}
    for chunk in chunks:
        for kind, patterns in layout.patterns_on(chunk.text).items():
            for pattern in patterns:
                plugin = PATTERNS.plugin_of(pattern.name)
                if plugin is None or pattern.is_rival or pattern.name in sentences:
                    continue
                reason = _failure(pattern, kind, chunk, layout, seed)
                if reason is not None:
                    sentences[pattern.name] = (
                        f"{plugin}: the pattern '{pattern.name}' ({pattern.defined_in}) fails: {reason}. {LEFT_OUT}"
                    )
    return sentences


def _failure(pattern: Pattern, kind: str, chunk: Chunk, layout: Layout, seed: int) -> str | None:
    """What a pattern raises on a chunk, on one line; None where it does not, or where only memory runs out."""
    try:
        _try(pattern, kind, chunk, layout, seed)
    except Exception as error:  # whatever somebody else's function does
        if out_of_memory(error):
            return None  # the scan itself goes on with halves of the chunk
        # Around what a function raises stands our sentence for a scan that ends.
        cause = error.__cause__ or error
        return one_line(cause, named=not isinstance(cause, HeadatlasError)).rstrip(".")
    return None


def _try(pattern: Pattern, kind: str, chunk: Chunk, layout: Layout, seed: int) -> None:
    """Finds a pattern's targets in a chunk, or computes its number of one head that spreads its attention evenly."""
    reducer = ChunkReducer(
        chunk, {kind: [pattern]}, {kind: 1}, causal=layout.causal, seed=seed, wants_outputs=pattern.of_outputs
    )
    if pattern.statistic is None:
        return
    if pattern.of_outputs:
        n_sequences, n_queries, _ = reducer.inputs.batch(kind).shape
        reducer.add_outputs(kind, slice(0, 1), torch.ones(n_sequences, 1, n_queries))
    for block in reducer.blocks(kind, 1):
        n_rows, n_queries = block.rows.stop - block.rows.start, block.queries.stop - block.queries.start
        attention = torch.ones(n_rows, 1, n_queries, block.n_keys)
        if layout.causal[kind]:
            attention = attention.tril(block.queries.start)
        reducer.add(kind, slice(0, 1), block, attention / attention.sum(-1, keepdim=True))
