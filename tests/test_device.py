"""Reducing a layer's attention asks its device for nothing: a GPU that is asked makes the processor wait for it.

On torch's device "meta" tensors have shapes and no numbers, so that whatever would look at one raises an error.
"""

from __future__ import annotations

import pytest
import torch

from headatlas.attention.modules import AttentionModule
from headatlas.inputs.sequence import TokenSequence
from headatlas.patterns.lookup import scored_patterns
from headatlas.probes import PROBES, ProbeText
from headatlas.scanning.chunk_receiver import ChunkReceiver
from headatlas.scoring.chunk_reducer import ChunkReducer
from headatlas.scoring.chunks import Chunk

N_HEADS, N_LAYERS = 4, 2


WORDS = "the ferry left the quay .".split()


def text_of(n: int) -> TokenSequence:
    """A sentence again and again."""
    words = [i % len(WORDS) for i in range(n)]
    return TokenSequence(tuple(word + 5 for word in words), tuple(f" {WORDS[word]}" for word in words), (False,) * n)


@pytest.mark.parametrize("ask", [torch.Tensor.item, torch.nonzero, torch.Tensor.cpu, torch.Tensor.tolist, bool])
def test_meta_refuses_to_be_asked(ask):
    with pytest.raises((RuntimeError, NotImplementedError)):
        ask(torch.ones(1, device="meta"))


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["self", "encoder"])
def test_nothing_is_read_back_within_a_layer(kind):
    sequences = [text_of(n) for n in (200, 130, 3)]
    chunk = Chunk(ProbeText(PROBES["natural_text"], tuple(sequences), ""), (0, 1, 2))
    modules = [AttentionModule(kind, layer, f"blocks.{layer}.attn.hook_pattern") for layer in range(N_LAYERS)]
    # Targets are made on the processor, and taken to the device once a batch.
    reducer = ChunkReducer(
        chunk,
        {kind: [pattern for pattern in scored_patterns() if kind in pattern.attention]},
        {kind: N_LAYERS * N_HEADS},
        causal={kind: kind == "self"},
        seed=0,
        device="meta",
        wants_outputs=True,
    )
    own = reducer._reducers[kind]
    assert own.later, "there are sentences enough"
    assert own.lines, "lines are looked for"
    spans = {module: slice(layer * N_HEADS, (layer + 1) * N_HEADS) for layer, module in enumerate(modules)}
    receiver = ChunkReceiver(reducer, spans, wants_values=True)
    n_texts, n_tokens, _ = own.shape
    for module in modules:
        values = torch.empty(n_texts, N_HEADS, n_tokens, 8, device="meta")
        for block in receiver.blocks(module, N_HEADS):
            shape = (block.rows.stop - block.rows.start, N_HEADS, block.queries.stop - block.queries.start)
            weights, scores = torch.empty(2, *shape, block.n_keys, device="meta")
            receiver.receive_block(module, block, weights, values, scores)
        receiver.receive_outputs(module, torch.empty(n_texts, N_HEADS, n_tokens, device="meta"))
    assert len(reducer._sums) == N_LAYERS
    assert not reducer._open
