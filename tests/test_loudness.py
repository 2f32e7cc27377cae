"""How loud heads are: what the blocks and the hooks give, against plain weights and full vectors of what heads add."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from transformers import AutoModel

import headatlas
from headatlas.attention import outputs as head_outputs
from headatlas.attention.modules import find_modules
from headatlas.attention.source import HookedModel
from headatlas.inputs.sequence import TokenSequence
from headatlas.models.load import load_model
from headatlas.patterns import PATTERNS
from headatlas.probes import PROBES, ProbeText
from headatlas.scanning.chunk_receiver import ChunkReceiver
from headatlas.scoring.chunk_reducer import ChunkReducer
from headatlas.scoring.chunks import Chunk
from tests.tiny_models import HEADS, LAYERS

# Where each architecture's attention is projected back, by layer.
PROJECTIONS = {
    "gpt2": "h.{}.attn.c_proj",
    "llama": "layers.{}.self_attn.o_proj",
    "bert": "encoder.layer.{}.attention.output.dense",
}
LENGTHS = (40, 23)


def sequences() -> list[TokenSequence]:
    rng = np.random.default_rng(3)
    return [
        TokenSequence(tuple(rng.integers(5, 60, n).tolist()), tuple("a" * n), (False,) * n) for n in LENGTHS
    ]  # fmt: skip


def slowly(folder: Path, name: str, *, causal: bool) -> np.ndarray:
    """Loudness [layer, head] from the plain model: one vector of d_model a head and token, through its own weights."""
    model = AutoModel.from_pretrained(folder, attn_implementation="eager").eval()
    norms: dict[int, list[torch.Tensor]] = {layer: [] for layer in range(LAYERS)}

    def look(layer: int, weight: torch.Tensor):
        def hook(_module, args):
            z = args[0][0]
            width = z.shape[-1] // HEADS
            parts = [slice(head * width, (head + 1) * width) for head in range(HEADS)]
            norms[layer].append(torch.stack([(z[:, part] @ weight[part]).norm(dim=-1) for part in parts]))

        return hook

    for layer in range(LAYERS):
        module = model.get_submodule(PROJECTIONS[name].format(layer))
        weight = module.weight if name == "gpt2" else module.weight.T
        module.register_forward_pre_hook(look(layer, weight.detach()))
    with torch.inference_mode():
        for sequence in sequences():
            model(torch.tensor([sequence.ids]))
    first = 1 if causal else 0  # a query with one key says nothing
    share = [torch.cat([(own / own.mean(0))[:, first:] for own in of_layer], 1) for of_layer in norms.values()]
    return torch.stack([own.mean(1) for own in share]).numpy()


@pytest.mark.slow
@pytest.mark.parametrize("name", ["gpt2", "llama", "bert"])
def test_loudness_is_that_of_whole_vectors(tiny, name, monkeypatch):
    kind = "encoder" if name == "bert" else "self"
    expected = slowly(tiny(name), name, causal=kind == "self")
    assert expected.min() < 0.95 < 1.05 < expected.max(), "heads differ"
    source = HookedModel(load_model(tiny(name)))
    modules = find_modules(source.model.bridge, kind)
    chunk = Chunk(ProbeText(PROBES["natural_text"], tuple(sequences()), ""), (0, 1))
    for in_blocks in (None, False):  # found out by itself (not for BERT), then through hooks
        monkeypatch.setattr(source, "_blocks_agree", in_blocks)
        reducer = ChunkReducer(
            chunk, {kind: [PATTERNS["loudness"]]}, {kind: LAYERS * HEADS}, causal={kind: kind == "self"}, seed=0,
            wants_outputs=True,
        )  # fmt: skip
        spans = {module: slice(i * HEADS, (i + 1) * HEADS) for i, module in enumerate(modules)}
        source.run(reducer.inputs, modules, ChunkReceiver(reducer, spans))
        assert source._blocks_agree is (in_blocks is None and name != "bert")
        tally = reducer.tallies[kind]
        loudness = tally.scores.sum(0)[:, 0] / tally.n_queries.sum()
        np.testing.assert_allclose(loudness.reshape(LAYERS, HEADS), expected, rtol=1e-4)
        np.testing.assert_allclose(loudness.reshape(LAYERS, HEADS).mean(1), 1, rtol=1e-5)


@pytest.mark.slow
def test_a_silent_head_is_told_from_one_that_rests(tiny, tmp_path):
    model = load_model(tiny("llama"))
    width = model.info.d_model // HEADS
    with torch.no_grad():
        model.hf_model.model.layers[1].self_attn.o_proj.weight[:, 2 * width : 3 * width] = 0
    db = tmp_path / "scan.db"
    scan = {"db": db, "name": "silent", "probes": ["repeated_random_tokens"]}
    headatlas.scan(model.bridge, **scan)
    with headatlas.open(db) as catalog:
        listed = catalog.head_rows("silent", pattern="loudness", probe="repeated_random_tokens", layer=1)
        loudness = {row["head"]: row for row in listed}
        assert catalog.connection.execute("select min(outputs) from layers").fetchone()[0] == 1
        compared = catalog.connection.execute("select columns from profiles").fetchone()[0]
        assert "loudness" not in compared, "heads are compared by where they look"
        assert "entropy" in compared
    assert loudness[2]["score"] == 0
    assert all(loudness[head]["score"] > 0.5 for head in (0, 1, 3))
    assert loudness[0]["ci_low"] <= loudness[0]["score"] <= loudness[0]["ci_high"]


@pytest.mark.slow
def test_where_weights_are_not_what_the_model_reads_it_is_left_out(tiny, tmp_path, monkeypatch):
    real = head_outputs._projection

    def elsewhere(*module):
        projection, weights = real(*module)
        return projection, weights.flip(0)  # heads in other places

    monkeypatch.setattr(head_outputs, "_projection", elsewhere)
    db = tmp_path / "scan.db"
    headatlas.scan(str(tiny("gpt2")), db=db, name="unread", probes=["repeated_random_tokens"])
    with headatlas.open(db) as catalog:
        warnings = [row[0] for row in catalog.connection.execute("select warning from warnings")]
        patterns = {row[0] for row in catalog.connection.execute("select distinct pattern from head_scores")}
    assert (
        "How loud heads are was not measured: what the heads of L0 give is not what its output weights make of it."
        in warnings
    )
    assert "loudness" not in patterns
    assert "entropy" in patterns
