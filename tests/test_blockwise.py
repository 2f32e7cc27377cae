"""Attention computed in blocks of queries gives the sums that whole attention, from the hooks, gives."""

from __future__ import annotations

from dataclasses import fields
from functools import partial

import numpy as np
import pytest
import torch
from torch import nn
from transformers.models.llama import modeling_llama

from headatlas.attention import block_attention, blockwise, outputs, pieces
from headatlas.attention import source as attention_source
from headatlas.attention.feed_forward import reads_positions_alone
from headatlas.attention.modules import find_modules
from headatlas.attention.source import HookedModel
from headatlas.attention.spent import ATTENTION_INPUT, BEFORE_NORM, BLOCK_INPUT, KEYS_AND_VALUES
from headatlas.inputs.sequence import TokenSequence
from headatlas.models.load import load_model
from headatlas.patterns import PATTERNS
from headatlas.probes import PROBES, ProbeText
from headatlas.scanning.chunk_receiver import ChunkReceiver
from headatlas.scoring import blocks, by_distance, distances
from headatlas.scoring.chunk_reducer import ChunkReducer
from headatlas.scoring.chunks import Chunk
from headatlas.scoring.forms import gathered
from headatlas.scoring.tally import Tally

WORDS = "the ferry , the baker . a the ( quay ) 7 \n the cat".split(" ")


def text_of(n: int, step: int) -> TokenSequence:
    """Words that come back at changing distances."""
    words = [i * i % (7 + step) % len(WORDS) for i in range(n)]
    return TokenSequence(tuple(word + 5 for word in words), tuple(WORDS[word] for word in words), (False,) * n)


def tally(source: HookedModel, sequences: list[TokenSequence], kind: str) -> Tally:
    """The tally of a chunk of these sequences."""
    bridge = source.model.bridge
    modules = find_modules(bridge, kind)
    n_heads = source.model.info.n_heads
    spans = {module: slice(i * n_heads, (i + 1) * n_heads) for i, module in enumerate(modules)}
    chunk = Chunk(ProbeText(PROBES["natural_text"], tuple(sequences), ""), tuple(range(len(sequences))))
    patterns = [pattern for pattern in PATTERNS if kind in pattern.attention]
    reducer = ChunkReducer(
        chunk, {kind: patterns}, {kind: len(modules) * n_heads}, causal={kind: kind == "self"}, seed=0
    )
    source.run(reducer.inputs, modules, ChunkReceiver(reducer, spans))
    return reducer.tallies[kind]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "kind", "lengths"),
    [
        ("gpt2", "self", (120, 70, 3)),
        ("llama", "self", (120, 70, 1)),
        ("llama", "self", (900,)),  # rotary positions go on beyond what the model was made for
        ("neox", "self", (100, 100)),
    ],
)
def test_blocks_give_what_the_hooks_give(tiny, name, kind, lengths, monkeypatch):
    monkeypatch.setattr(blocks, "QUERIES_PER_BLOCK", 32)
    monkeypatch.setitem(blocks.WEIGHTS_PER_BLOCK, "cpu", 2**14)
    source = HookedModel(load_model(tiny(name)))
    sequences = [text_of(n, step) for step, n in enumerate(lengths)]
    ways = []
    for module, function in ((blockwise, "run"), (attention_source, "run")):
        real = getattr(module, function)
        monkeypatch.setattr(
            module, function, lambda *args, real=real, name=module.__name__, **options: (
                ways.append(name), real(*args, **options)
            )
        )  # fmt: skip
    in_blocks = tally(source, sequences, kind)
    assert ways == ["headatlas.attention.blockwise"] * 2, "once to compare, once to score"
    source._blocks_agree = False
    whole = tally(source, sequences, kind)
    assert ways[2:] == ["headatlas.attention.source"]
    for part in fields(Tally):
        np.testing.assert_allclose(
            getattr(in_blocks, part.name), getattr(whole, part.name), rtol=1e-4, atol=1e-4, err_msg=part.name
        )


@pytest.mark.slow
def test_where_blocks_give_something_else_the_hooks_are_used(tiny, monkeypatch):
    monkeypatch.setattr(block_attention, "mask_of", lambda *_: lambda scores, block: scores)  # looks ahead
    source = HookedModel(load_model(tiny("llama")))
    sequences = [text_of(60, 0)]
    from_hooks = tally(source, sequences, "self")
    assert source._blocks_agree is False
    monkeypatch.undo()
    source._blocks_agree = None
    np.testing.assert_allclose(from_hooks.scores, tally(source, sequences, "self").scores, rtol=1e-4, atol=1e-4)
    assert source._blocks_agree is True


@pytest.mark.slow
@pytest.mark.parametrize("name", ["gpt2", "llama", "neox"])
def test_feed_forward_parts_in_pieces_of_a_text_give_the_same(tiny, name, monkeypatch):
    source = HookedModel(load_model(tiny(name)))
    sequences = [text_of(n, step) for step, n in enumerate((60, 41))]
    whole = tally(source, sequences, "self")
    sizes, projected, normed = [], [], []
    piecewise = pieces._piece_by_piece

    def seen(part, most, hidden, in_place=False):
        is_norm = pieces._is_norm(getattr(part, "__self__", None))
        seen_of = projected if in_place else normed if is_norm else sizes
        return piecewise(
            lambda piece: (seen_of.append(piece.shape[1]), part(piece))[1], most, hidden, in_place=in_place
        )

    monkeypatch.setattr(pieces, "_piece_by_piece", seen)
    rotate = modeling_llama.apply_rotary_pos_emb
    rotated = pieces._rotated
    monkeypatch.setattr(pieces, "_rotated", lambda *given: (sizes.append("rotated"), rotated(*given))[1])
    monkeypatch.setattr(blockwise, "run", partial(blockwise.run, most_positions=17))
    in_pieces = tally(source, sequences, "self")
    assert ("rotated" in sizes) == (name != "gpt2")
    assert [size for size in sizes if size != "rotated"][:6] == [17, 17, 17, 17, 17, 16], "101 tokens of 120 positions"
    assert projected[:4] == [17, 17, 17, 9]
    assert name != "llama" or normed[:4] == [17, 17, 17, 9]
    assert modeling_llama.apply_rotary_pos_emb is rotate, "left as it was"
    for part in fields(Tally):
        np.testing.assert_allclose(
            getattr(in_pieces, part.name), getattr(whole, part.name), rtol=1e-6, atol=1e-6, err_msg=part.name
        )


def test_no_feed_forward_part_is_run_on_padding(tiny):
    """Attention is that of a pass on all positions, and the padding comes to nothing."""
    model = load_model(tiny("llama"))
    layer = model.bridge.blocks[0].mlp
    hidden = torch.rand(2, 5, model.info.d_model)
    real = torch.tensor([[True] * 5, [True, True, False, False, False]])
    (module, *_) = find_modules(model.bridge)
    with torch.inference_mode():
        whole = layer(hidden)
        with pieces.in_pieces(model.bridge, [module], real=real):
            assert torch.allclose(layer(hidden)[real], whole[real], atol=1e-6)
            assert not layer(hidden)[~real].any()
            assert torch.allclose(layer(hidden[:1]), whole[:1], atol=1e-6), "of another shape: whole"
        assert torch.equal(layer(hidden), whole), "left as it was"


def test_what_looks_beside_a_position_is_run_whole():
    """A shift or a convolution over positions, a size taken over all of them, and what gives more than one thing."""

    class Shifted(nn.Linear):
        def forward(self, hidden):
            return super().forward(hidden + hidden.roll(1, 1))

    class Scaled(nn.Linear):
        def forward(self, hidden):
            return super().forward(hidden / hidden.abs().max())

    class Both(nn.Linear):
        def forward(self, hidden):
            return super().forward(hidden), None

    for part in (Shifted(4, 4), Scaled(4, 4), Both(4, 4), nn.Linear(4, 3), nn.ReLU()):
        assert not reads_positions_alone(part)
    assert not reads_positions_alone(nn.Sequential(nn.Linear(4, 4), nn.Conv1d(4, 4, 2)))
    for dtype in (torch.float32, torch.bfloat16):
        assert reads_positions_alone(nn.Sequential(nn.LayerNorm(64), nn.Linear(64, 99), nn.Linear(99, 64)).to(dtype))
    hidden, sizes = torch.rand(1, 5, 4), []
    given = pieces._piece_by_piece(lambda all_: (sizes.append(all_.shape[1]), (all_, None))[1], 2, hidden)
    assert given[0] is hidden
    assert sizes == [2, 5]


def test_outputs_take_the_place_of_queries_that_nobody_else_holds():
    room = block_attention._room_for_output
    query, key, value = (torch.rand(2, 5, n, 8).transpose(1, 2) for n in (4, 2, 2))
    assert room(query, key, value).data_ptr() == query.data_ptr()
    assert room(query, key, value).shape == (2, 5, 4, 8)
    wider = torch.rand(2, 2, 5, 9)
    assert room(query, key, wider).shape == (2, 5, 4, 9)
    for other in (query, torch.rand(2, 5, 12, 8).transpose(1, 2)[:, :4], torch.rand(2, 4, 5, 8)):
        given = (other, other[:, :2], value) if other is query else (other, key, value)
        assert room(*given).data_ptr() != other.data_ptr()


def test_what_is_put_in_place_of_hidden_states_is_the_same_and_no_number_is_overwritten_twice():
    layer, hidden = nn.Linear(4, 4), torch.rand(2, 7, 4)
    with torch.inference_mode():
        whole = layer(hidden)
        expanded = hidden[:1].expand(2, -1, -1)
        given = pieces._piece_by_piece(layer, 3, expanded, in_place=True)
        assert given.data_ptr() != hidden.data_ptr()
        assert torch.allclose(given, whole[:1].expand(2, -1, -1), atol=1e-6)
        given = pieces._piece_by_piece(layer, 3, hidden, in_place=True)
        assert given.data_ptr() == hidden.data_ptr()
        assert torch.allclose(given, whole, atol=1e-6)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["gpt2", "llama", "neox"])
def test_what_nobody_reads_any_more_is_given_up_and_numbers_stay(tiny, name, monkeypatch):
    source = HookedModel(load_model(tiny(name)))
    block = source.model.bridge.blocks[0]
    left = []

    def seen(part, args, output):
        left.append(args[0].numel())

    whole = tally(source, [text_of(60, 0)], "self")
    monkeypatch.setattr(attention_source, "MOST_POSITIONS", 16)
    handle = block.register_forward_hook(seen)
    long = tally(source, [text_of(60, 0)], "self")
    handle.remove()
    # In GPT-NeoX the feed-forward part stands beside attention, and the block's input is added to both at the end.
    parts = {part for hook, part in source._spent if hook == "blocks.0.attn.hook_pattern"}
    assert {BLOCK_INPUT, BEFORE_NORM} & parts == ({BLOCK_INPUT, BEFORE_NORM} if name != "neox" else set())
    # GPT-2 and GPT-NeoX make queries, keys and values in one product, whose memory outputs then lie in.
    assert ATTENTION_INPUT in parts
    assert KEYS_AND_VALUES in parts or name != "llama"
    assert (left[-1] == 0) == (name != "neox"), "of the pass itself, after those on a few tokens"
    for part in fields(Tally):
        assert np.array_equal(getattr(long, part.name), getattr(whole, part.name), equal_nan=True), part.name


@pytest.mark.slow
def test_what_is_read_later_on_is_kept(tiny, monkeypatch):
    source = HookedModel(load_model(tiny("llama")))
    monkeypatch.setattr(attention_source, "MOST_POSITIONS", 16)
    block = source.model.bridge.blocks[0]
    # A block that adds its input once more when it is done.
    handle = block.register_forward_hook(
        lambda part, args, output: (output[0] + args[0], *output[1:]) if isinstance(output, tuple) else output + args[0]
    )
    tally(source, [text_of(60, 0)], "self")
    handle.remove()
    assert {part for _, part in source._spent} == {ATTENTION_INPUT, KEYS_AND_VALUES}


@pytest.mark.slow
def test_states_that_are_read_beside_the_heads_are_kept(tiny, monkeypatch):
    source = HookedModel(load_model(tiny("llama")))
    monkeypatch.setattr(attention_source, "MOST_POSITIONS", 16)

    def add_input(part, args, named, output):
        return (output[0] + named["hidden_states"], *output[1:])

    handle = source.model.bridge.blocks[0].attn.register_forward_hook(add_input, with_kwargs=True)
    tally(source, [text_of(60, 0)], "self")
    handle.remove()
    assert {hook for hook, part in source._spent if part == ATTENTION_INPUT} == {"blocks.1.attn.hook_pattern"}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("module", "name", "few"), [(by_distance, "_MOST_AT_ONCE", 1), (distances, "MOST_IN_TABLE", 8)]
)
def test_what_is_done_of_long_texts_is_the_same(tiny, monkeypatch, module, name, few):
    source = HookedModel(load_model(tiny("llama")))
    whole = tally(source, [text_of(60, 0)], "self")
    monkeypatch.setattr(module, name, few)
    long = tally(source, [text_of(60, 0)], "self")
    for part in fields(Tally):
        np.testing.assert_allclose(
            getattr(long, part.name), getattr(whole, part.name), rtol=1e-6, atol=1e-6, err_msg=part.name
        )


def test_rotations_in_pieces_are_the_same_to_the_last_bit():
    queries, keys, angles = torch.rand(1, 4, 21, 8), torch.rand(1, 2, 21, 8), torch.rand(1, 21, 8)
    given = queries, keys, angles.cos(), angles.sin()
    rotate = modeling_llama.apply_rotary_pos_emb
    expected = rotate(*given)
    # Heads that share their memory are not written to.
    same = (queries[:, :1].expand(-1, 4, -1, -1), keys.clone(), *given[2:])
    for whole, piecewise in zip(rotate(*same), pieces._rotated(rotate, 5, *same), strict=True):
        assert torch.equal(whole, piecewise)
    for whole, piecewise in zip(expected, pieces._rotated(rotate, 5, *given), strict=True):
        assert torch.equal(whole, piecewise)


@pytest.mark.slow
def test_listed_keys_of_a_long_text_are_summed_piece_by_piece(tiny, monkeypatch):
    source = HookedModel(load_model(tiny("llama")))
    whole = tally(source, [text_of(60, 0)], "self")
    monkeypatch.setattr(blocks, "QUERIES_PER_BLOCK", 7)
    monkeypatch.setattr(gathered, "MOST_QUERIES", 16)
    summed = tally(source, [text_of(60, 0)], "self")
    for part in fields(Tally):
        np.testing.assert_allclose(
            getattr(summed, part.name), getattr(whole, part.name), rtol=1e-5, atol=1e-5, err_msg=part.name
        )


def test_norms_of_outputs_in_pieces_are_the_same(monkeypatch):
    own = outputs.HeadOutputs(nn.Identity(), torch.rand(3, 4, 4))
    z = torch.rand(2, 21, 12)
    whole = own.norms(z)
    monkeypatch.setattr(outputs, "MOST_POSITIONS", 5)
    assert torch.allclose(own.norms(z), whole, rtol=1e-6)
