"""The blocks in which a batch's attention is reduced."""

from __future__ import annotations

from collections.abc import Iterator

import torch

from headatlas.inputs.block import Block

# Weights that are held together, by device: on a processor they and what is made of them stay in its cache.
WEIGHTS_PER_BLOCK = {"cpu": 2**20, "other": 2**26}
# Queries that are held together in causal attention on a processor, so that keys behind all of them are left out.
QUERIES_PER_BLOCK = 128


def blocks(shape: tuple[int, int, int], n_heads: int, *, causal: bool, device: torch.device) -> Iterator[Block]:
    """Parts of a batch of `shape` (sequences, queries, keys), small enough to be held with what is made of them."""
    n_sequences, n_queries, n_keys = shape
    on_processor = device.type == "cpu"
    most = WEIGHTS_PER_BLOCK["cpu" if on_processor else "other"]
    longest = min(n_queries, QUERIES_PER_BLOCK) if causal and on_processor else n_queries
    rows = max(1, most // (n_heads * n_keys * longest))
    for row in range(0, n_sequences, rows):
        query = 0
        while query < n_queries:
            n = most // (n_heads * n_keys)
            if causal:  # the first queries have few keys
                n = int((-query + (query**2 + 4 * most / n_heads) ** 0.5) / 2)
            end = min(query + max(1, min(n, longest)), n_queries)
            yield Block(
                slice(row, min(row + rows, n_sequences)), slice(query, end), min(end, n_keys) if causal else n_keys
            )
            query = end
