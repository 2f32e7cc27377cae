"""Encoders of sound and of images: statistics and patterns on attention given as arrays, and on models made here."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from transformers import (
    ASTConfig,
    ASTModel,
    Dinov2WithRegistersConfig,
    Dinov2WithRegistersModel,
    HubertConfig,
    HubertModel,
    ViTConfig,
    ViTModel,
    Wav2Vec2Config,
    Wav2Vec2Model,
)

import headatlas
from headatlas.attention.towers import source_of
from headatlas.inputs.forward_batch import Inputs
from headatlas.inputs.sequence import TokenSequence
from headatlas.inputs.token_batch import TokenBatch
from headatlas.inputs.vocabulary import Vocabulary
from headatlas.models.load import load_model
from headatlas.patterns import PATTERNS
from headatlas.patterns.lookup import scored_patterns
from headatlas.probes import PROBES, ProbeText, make
from headatlas.scanning.chunk_scorer import Layout
from headatlas.scanning.options import ScanSettings
from headatlas.scanning.scanner import certified, texts_for
from headatlas.scoring.layer_reducer import RowReducer
from tests.helpers import Kept

YANG = ("globalness", "verticality", "diagonality")
FRAMES = (12, 9)  # of two sounds


def as_yang(attention: np.ndarray) -> dict[str, float]:
    """The three numbers of one sound as the paper defines them, from its attention [query, key]."""
    n = len(attention)

    def entropy(row: np.ndarray) -> float:
        return -sum(float(weight) * np.log(weight) for weight in row if weight > 0)

    apart = np.abs(np.arange(n)[:, None] - np.arange(n))
    return {
        "globalness": float(np.mean([entropy(row) for row in attention])),
        "verticality": -entropy(attention.mean(0)),
        "diagonality": -float((apart * attention).sum()) / n**2,
    }


def measured(heads: list[list[np.ndarray]]) -> dict[str, np.ndarray]:
    """What is stored of heads, each given as the attention of each sound: [head, sound] by name."""
    sequences = [TokenSequence(tuple(range(n)), tuple(f"{i}" for i in range(n)), (False,) * n) for n in FRAMES]
    attention = torch.zeros(len(FRAMES), len(heads), max(FRAMES), max(FRAMES))
    for head, sounds in enumerate(heads):
        for row, (n, weights) in enumerate(zip(FRAMES, sounds, strict=True)):
            attention[row, head, :n, :n] = torch.from_numpy(weights)
            attention[row, head, n:, 0] = 1  # padding, which counts for nothing
    reducer = RowReducer(TokenBatch(sequences, causal=False), [PATTERNS[name] for name in YANG])
    scores = reducer(attention).scores / reducer.counts.n_queries[:, None]
    return {name: scores[:, :, column].T.numpy() for column, name in enumerate(YANG)}


def test_heads_are_as_global_vertical_and_diagonal_as_yang_says():
    random = np.random.default_rng(0)
    heads = []
    for sharpness in (0.5, 2, 6):
        logits = [sharpness * random.normal(size=(n, n)) for n in FRAMES]
        heads.append([np.exp(own) / np.exp(own).sum(-1, keepdims=True) for own in logits])
    ours = measured(heads)
    for head, sounds in enumerate(heads):
        for row, weights in enumerate(sounds):
            theirs = as_yang(weights.astype(np.float32))
            assert ours["globalness"][head, row] == pytest.approx(theirs["globalness"], abs=1e-4)
            # V and D with their ends at 0 and 1.
            verticality = (ours["verticality"][head, row] - 1) * np.log(FRAMES[row])
            assert verticality == pytest.approx(theirs["verticality"], abs=1e-4)
            assert ours["diagonality"][head, row] - 1 == pytest.approx(theirs["diagonality"], abs=1e-4)


def test_perfect_heads_are_at_the_ends():
    even = [np.full((n, n), 1 / n) for n in FRAMES]
    diagonal = [np.eye(n) for n in FRAMES]
    vertical = [np.eye(n)[np.full(n, 4)] for n in FRAMES]
    ours = measured([even, diagonal, vertical])
    assert ours["globalness"][0] == pytest.approx(np.log(FRAMES), abs=1e-5)
    assert ours["globalness"][1:] == pytest.approx(0, abs=1e-5)
    assert ours["verticality"] == pytest.approx(np.array([[0, 0], [0, 0], [1, 1]]), abs=1e-5)
    assert ours["diagonality"][1] == pytest.approx(1, abs=1e-6)
    assert (ours["diagonality"][1] > ours["diagonality"][[0, 2]]).all()


SMALL = dict(hidden_size=16, num_hidden_layers=2, num_attention_heads=2, intermediate_size=16)
WAVE = dict(
    vocab_size=20, num_conv_pos_embedding_groups=2, conv_dim=(8, 8), conv_stride=(20, 32), conv_kernel=(20, 32),
    num_conv_pos_embeddings=4, **SMALL,
)  # fmt: skip
IMAGE = dict(hidden_size=16, num_hidden_layers=2, num_attention_heads=2, image_size=32, patch_size=4)
# Encoders by family: the model, what is of its own in a configuration, and the kind of its attention.
ENCODERS = {
    "vit": (ViTModel, ViTConfig(**IMAGE, intermediate_size=16), "vision"),
    "dinov2 with registers": (
        Dinov2WithRegistersModel, Dinov2WithRegistersConfig(**IMAGE, num_register_tokens=2), "vision",
    ),
    "ast": (ASTModel, ASTConfig(**SMALL, max_length=64, num_mel_bins=16, patch_size=8), "vision"),
    "wav2vec2": (Wav2Vec2Model, Wav2Vec2Config(**WAVE), "encoder"),
    "hubert": (HubertModel, HubertConfig(**WAVE), "encoder"),
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("family", ENCODERS)
def test_attention_of_encoders_is_their_own(family, tmp_path):
    """Against `output_attentions` of the plain model on each image or sound by itself."""
    model_class, config, kind = ENCODERS[family]
    torch.manual_seed(0)
    model_class(config).save_pretrained(tmp_path / "model")
    loaded = load_model(str(tmp_path / "model"))
    (text,) = (text for text in texts_for(loaded, ScanSettings()) if text.sequences)
    source = source_of(loaded)
    certificate = certified(source, [text])
    assert certificate.passed
    assert certificate.max_difference < 1e-5
    kept, some = Kept(), text.sequences[:3]
    source.run(Inputs(some, {kind: False}), certificate.modules, kept)
    assert [module.attention for module in kept.attention] == [kind] * 2
    plain = model_class.from_pretrained(tmp_path / "model", attn_implementation="eager").eval()
    for row, sequence in enumerate(some):
        with torch.no_grad():
            own = plain(torch.from_numpy(sequence.signal)[None], output_attentions=True).attentions
        for module, attention in kept.attention.items():
            assert attention[row].shape == own[module.layer][0].shape == (2, len(sequence), len(sequence))
            assert (attention[row] - own[module.layer][0]).abs().max() < 1e-5
            assert torch.allclose(attention[row].sum(-1), torch.ones(2, len(sequence)), atol=1e-5)


@pytest.mark.slow
def test_a_model_of_sound_has_them(tmp_path):
    torch.manual_seed(0)
    Wav2Vec2Model(Wav2Vec2Config(**WAVE)).save_pretrained(tmp_path / "model")
    scan = headatlas.scan(str(tmp_path / "model"), db=tmp_path / "heads.db", name="sound")
    scores = scan.scores[scan.scores.probe == "sounds"]
    assert set(YANG) <= set(scores.pattern)
    assert scores[scores.pattern.isin(["verticality", "diagonality"])].score.between(0, 1).all()


def test_encoders_of_text_are_not_asked_how_diagonal_they_are():
    text = ProbeText(PROBES["natural_text"], (TokenSequence((1, 2), ("a", "b"), (False, False)),), "")
    row = {"attention": "encoder", "layer": 0, "hook": "", "n_heads": 1, "causal": 0, "scored": 1, "outputs": 0}
    names = {own.name for own in Layout([row], scored_patterns()).patterns_on(text)["encoder"]}
    assert "entropy" in names
    assert not set(YANG) & names


@pytest.fixture(scope="module")
def dino(tmp_path_factory):
    """A DINOv2 with two registers behind its class token."""
    folder = tmp_path_factory.mktemp("dino") / "model"
    config = Dinov2WithRegistersConfig(
        hidden_size=16, num_hidden_layers=1, num_attention_heads=2, image_size=32, patch_size=4, num_register_tokens=2
    )
    torch.manual_seed(0)
    Dinov2WithRegistersModel(config).save_pretrained(folder)
    return folder


@pytest.mark.slow
def test_registers_figure_and_ground_are_told_apart(dino):
    """Planted heads on the drawn pictures that the model is given, whose shapes are known."""
    patch_grid = load_model(str(dino)).patch_grid
    sequences = make(PROBES["pictures"], Vocabulary(None, 0), 100, 0, ("images",), patch_grid).sequences[:6]
    assert all(sequence.texts[:4] == ("[CLS]", "[extra 1]", "[extra 2]", "r1c1") for sequence in sequences)
    batch = TokenBatch(sequences, causal=False)
    n = batch.shape[1]
    figure = torch.tensor([[p in sequence.roles["shape"] for p in range(n)] for sequence in sequences])
    ground = ~figure & (torch.arange(n) >= 3)
    looked_at = {
        "registers": ((torch.arange(n) == 1) | (torch.arange(n) == 2)).expand(len(sequences), n),
        "figure": figure, "ground": ground, "all": torch.ones_like(figure),
    }  # fmt: skip
    attention = torch.stack([keys.float() / keys.sum(-1, keepdim=True) for keys in looked_at.values()], 1)
    names = ["register_tokens", "class_to_figure", "class_to_ground", "ground_to_figure", "same_ground"]
    reducer = RowReducer(batch, [PATTERNS[name] for name in names])
    attention = attention[:, :, None].expand(-1, -1, n, -1)
    scores = reducer(attention).scores.sum(0) / reducer.counts.n_queries.sum(0)
    by_head = dict(zip(looked_at, scores.tolist(), strict=True))
    assert by_head["registers"] == pytest.approx([1, 0, 0, 0, 0], abs=1e-5)
    assert by_head["figure"] == pytest.approx([0, 1, 0, 1, 0], abs=1e-5)
    assert by_head["ground"][:4] == pytest.approx([0, 0, 1, 0], abs=1e-5)
    assert by_head["ground"][4] == pytest.approx(1, abs=0.05), "all but the patch itself"
    chance = (reducer.counts.chance.sum(0) / reducer.counts.n_queries.sum(0)).tolist()
    assert by_head["all"] == pytest.approx(chance, abs=1e-5)
    assert chance[0] == pytest.approx(2 / n)


@pytest.mark.slow
def test_a_model_with_registers_is_scanned(dino, tmp_path):
    scan = headatlas.scan(str(dino), db=tmp_path / "heads.db", name="dino")
    scores = scan.scores
    assert {"class_token", "register_tokens", "class_to_figure", "same_ground"} <= set(scores.pattern)
    own = scores.set_index("pattern")
    assert (own.loc["class_token"].score.to_numpy() > own.loc["register_tokens"].score.to_numpy()).all()
