"""Models that draw pictures: diffusers' pipelines, made on the spot and untrained, through the real loading code."""

from __future__ import annotations

import importlib.util
import json
import sqlite3
import sys
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

import headatlas
from headatlas.atlas.site import build
from headatlas.attention.denoisers import Denoiser
from headatlas.attention.diffusion import DrawingModel, _Blocks
from headatlas.attention.fused import attention_weights
from headatlas.attention.picture_grid import keys_on_grid, queries_on_grid
from headatlas.cli.main import main
from headatlas.errors import ModelError
from headatlas.inputs.annotated_text import AnnotatedText
from headatlas.inputs.forward_batch import Inputs
from headatlas.inputs.pair_batch import PairBatch
from headatlas.inputs.sequence import TokenSequence
from headatlas.models.load import load_model
from headatlas.models.pipelines import load_pipeline
from headatlas.patterns import PATTERNS
from headatlas.probes.scenes import N_SCENES, NOISE
from headatlas.scanning.options import ScanSettings
from headatlas.scanning.scanner import texts_of_scenes
from headatlas.scoring.layer_reducer import RowReducer
from headatlas.scoring.targets import contrast_of, targets_of

diffusers = pytest.importorskip("diffusers")
transformers = pytest.importorskip("transformers")

ROOT = Path(__file__).parent.parent
SCENES = ScanSettings(probes=("scenes",))


def example():
    spec = importlib.util.spec_from_file_location("toy_diffusion", ROOT / "examples" / "toy_diffusion.py")
    module = sys.modules["toy_diffusion"] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


TOY = example()


def clip(cls, width):
    config = transformers.CLIPTextConfig(
        vocab_size=len(TOY.word_tokenizer()), hidden_size=width, intermediate_size=16, num_hidden_layers=2,
        num_attention_heads=2, max_position_embeddings=12, projection_dim=width, pad_token_id=0, bos_token_id=1,
        eos_token_id=2,
    )  # fmt: skip
    return cls(config)


def t5(width):
    config = transformers.T5Config(
        vocab_size=len(TOY.word_tokenizer()), d_model=width, d_kv=8, d_ff=16, num_layers=1, num_heads=2
    )
    return transformers.T5EncoderModel(config)


def stable_diffusion():
    """Two resolutions: 8 x 8 places, and 16 x 16 in the blocks around them."""
    pipeline = TOY.untrained(widths=(8, 16))
    unet = diffusers.UNet2DConditionModel(
        sample_size=16, in_channels=3, out_channels=3, block_out_channels=(8, 16), layers_per_block=1,
        down_block_types=("CrossAttnDownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "CrossAttnUpBlock2D"), cross_attention_dim=TOY.WIDTH,
        attention_head_dim=2, norm_num_groups=4,
    )  # fmt: skip
    pipeline.register_modules(unet=unet)
    return pipeline


def pixart():
    transformer = diffusers.PixArtTransformer2DModel(
        sample_size=8, num_layers=2, patch_size=2, attention_head_dim=8, num_attention_heads=2, caption_channels=16,
        in_channels=3, cross_attention_dim=16, out_channels=6,
    )  # fmt: skip
    return diffusers.PixArtAlphaPipeline(
        TOY.word_tokenizer(), t5(16), None, transformer, diffusers.DDIMScheduler(clip_sample=False, steps_offset=1)
    )


def stable_diffusion_3():
    transformer = diffusers.SD3Transformer2DModel(
        sample_size=8, patch_size=2, in_channels=3, num_layers=2, attention_head_dim=8, num_attention_heads=2,
        joint_attention_dim=32, caption_projection_dim=16, pooled_projection_dim=32, out_channels=3,
    )  # fmt: skip
    encoders = [clip(transformers.CLIPTextModelWithProjection, 16) for _ in range(2)]
    return diffusers.StableDiffusion3Pipeline(
        transformer, diffusers.FlowMatchEulerDiscreteScheduler(), None, encoders[0], TOY.word_tokenizer(), encoders[1],
        TOY.word_tokenizer(), None, None,
    )  # fmt: skip


def flux():
    transformer = diffusers.FluxTransformer2DModel(
        in_channels=12, num_layers=1, num_single_layers=1, attention_head_dim=16, num_attention_heads=2,
        joint_attention_dim=16, pooled_projection_dim=16, axes_dims_rope=(4, 4, 8),
    )  # fmt: skip
    return diffusers.FluxPipeline(
        diffusers.FlowMatchEulerDiscreteScheduler(), None, clip(transformers.CLIPTextModel, 16), TOY.word_tokenizer(),
        t5(16), TOY.word_tokenizer(), transformer,
    )  # fmt: skip


def saved(pipeline, folder):
    for part in pipeline.components.values():
        if isinstance(part, torch.nn.Module):
            part.eval()
    pipeline.save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    torch.manual_seed(0)
    return saved(stable_diffusion(), tmp_path_factory.mktemp("pictures") / "pipeline")


@pytest.fixture(scope="module")
def scan(folder, tmp_path_factory):
    return headatlas.scan(str(folder), db=tmp_path_factory.mktemp("scan") / "heads.db", name="drawing")


class Kept:
    """An attention receiver that keeps everything."""

    wants_values = wants_outputs = False

    def __init__(self):
        self.attention = {}

    def receive(self, module, attention):
        self.attention[module] = attention


def read(source, sequences):
    """The attention of all modules on some sequences, by module."""
    certificate = source.certify(texts_of_scenes(source, SCENES)[0])
    kept = Kept()
    source.run(Inputs(sequences, {"cross": False, "vision": False}), certificate.modules, kept)
    return certificate, kept.attention


def sequences_of(source, count):
    return texts_of_scenes(source, SCENES)[0].sequences[:count]


def test_attention_is_that_of_diffusers_plain_processor(folder):
    source = DrawingModel(load_pipeline(folder))
    sequences = sequences_of(source, 3)
    certificate, attention = read(source, sequences)
    assert certificate.passed
    assert certificate.max_difference < 1e-5
    assert {len(places) for places in ([0] * a.shape[2] for a in attention.values())} == {16 * 16}
    own = {}
    unet = source.denoiser.model
    unet.set_attn_processor(diffusers.models.attention_processor.AttnProcessor())
    for path, module in unet.named_modules():
        if hasattr(module, "to_q"):
            scores = module.get_attention_scores
            module.get_attention_scores = lambda *args, _scores=scores, _path=path: own.setdefault(
                _path, _scores(*args)
            )
    source._pass(sequences, lambda *_: None)
    assert len(own) == len(attention) > 8
    for module, ours in attention.items():
        expected = own[module.hook.partition(":")[2]].unflatten(0, (3, 2))
        side = int(expected.shape[2] ** 0.5)
        if side == 8:  # every place of the coarse grid is two by two of the fine one
            expected = expected.unflatten(2, (8, 8)).repeat_interleave(2, 2).repeat_interleave(2, 3).flatten(2, 3)
            if module.attention == "vision":
                expected = expected.unflatten(3, (8, 8)) / 4
                expected = expected.repeat_interleave(2, 3).repeat_interleave(2, 4).flatten(3, 4)
        assert (ours - expected).abs().max() < 1e-5
        assert torch.allclose(ours.sum(-1), torch.ones(3, 2, 256), atol=1e-5)


def test_words_padding_and_gold_regions_are_known(folder):
    source = DrawingModel(load_pipeline(folder))
    text = texts_of_scenes(source, SCENES)[0]
    assert len(text.sequences) == N_SCENES * len(NOISE)
    for sequence in text.sequences[:: len(NOISE)]:
        prompt = sequence.source
        said = [prompt.texts[position] for position in sorted(prompt.roles["noun"])]
        assert [word for word in sequence.drawing.prompt.split() if word in TOY.SHAPES] == said
        n_real = len(sequence.drawing.prompt.split()) + 2
        assert sorted(prompt.roles["padding"]) == list(range(n_real, 12))
        assert (sorted(prompt.roles["start"]), sorted(prompt.roles["end"])) == ([0], [n_real - 1])
        picture = sequence.image.astype(int)
        for place, thing in sequence.roles["shape"].items():
            colour = prompt.texts[next(k for k, group in prompt.roles["adjective"].items() if group == thing)]
            down, across = divmod(place, 16)
            assert tuple(picture[down, across]) == TOY.COLOURS[colour]


def test_noise_is_seeded_and_each_step_its_own_pass(folder):
    source = DrawingModel(load_pipeline(folder))
    sequences = sequences_of(source, 8)
    (_, together), (_, alone) = read(source, sequences), read(source, sequences[5:6])
    for module, attention in alone.items():
        assert torch.allclose(together[module][5:6], attention, atol=1e-5)
    noises = [sequence.drawing.noise for sequence in sequences]
    assert noises == [*NOISE, *NOISE]
    module = next(module for module in together if module.attention == "cross")
    assert (together[module][0] - together[module][3]).abs().max() > 1e-4


@pytest.mark.slow
@pytest.mark.parametrize("make", [pixart, stable_diffusion_3, flux])
def test_transformers_with_cross_and_joint_attention(make, tmp_path):
    torch.manual_seed(0)
    source = DrawingModel(load_pipeline(saved(make(), tmp_path / "pipeline")))
    certificate, attention = read(source, sequences_of(source, 2))
    assert certificate.passed
    assert certificate.max_difference < 1e-5
    by_path = {}
    for module, weights in attention.items():
        by_path.setdefault(module.hook, {})[module.attention] = weights.sum(-1)
    for sums in by_path.values():
        if make is pixart:  # self- and cross-attention are modules of their own; padding is masked
            assert len(sums) == 1
            assert all(torch.allclose(row_sums, torch.ones_like(row_sums), atol=1e-5) for row_sums in sums.values())
        else:  # two blocks of one softmax
            assert set(sums) == {"cross", "vision"}
            assert torch.allclose(sums["cross"] + sums["vision"], torch.ones_like(sums["cross"]), atol=1e-5)
            assert certificate.warnings
    assert {module.attention for module in attention} == {"cross", "vision"}


def test_the_prompts_block_of_joint_attention_is_on_the_right_side(tmp_path):
    """Attention that is all on the prompt's second token, with the prompt before or behind the places."""

    class Joint(Denoiser):
        joint_places, n_text = 4, 3
        prompt = run = None

        def __init__(self, text_first):
            self.text_first = text_first

    for text_first in (True, False):
        weights = torch.zeros(1, 1, 7, 7)
        weights[..., 1 if text_first else 5] = 1
        blocks = _Blocks(Joint(text_first), 2).of(weights)
        assert blocks["cross"][0, 0].tolist() == [[0, 1, 0]] * 4
        assert not blocks["vision"].any()


@pytest.mark.parametrize(("side", "own"), [(16, 8), (8, 16), (12, 16), (16, 12), (5, 3)])
def test_a_grid_keeps_rows_attention(side, own):
    rows = torch.rand(own**2, own**2, generator=torch.Generator().manual_seed(0)).softmax(-1)
    on_grid = queries_on_grid(side, own) @ rows @ keys_on_grid(side, own)
    assert torch.allclose(on_grid.sum(-1), torch.ones(side**2), atol=1e-5)
    even = queries_on_grid(side, own) @ torch.full((own**2, own**2), own**-2.0) @ keys_on_grid(side, own)
    assert torch.allclose(even, torch.full((side**2, side**2), side**-2.0), atol=1e-6)


def test_weights_with_masks_and_scales_are_torchs():
    random = torch.Generator().manual_seed(0)
    query, key = (torch.randn(2, 3, n, 8, generator=random) for n in (5, 7))
    value = torch.eye(7).expand(2, 3, 7, 7)
    allowed = torch.rand(2, 1, 5, 7, generator=random) > 0.4
    allowed[..., 0] = True
    for mask in (None, allowed, torch.randn(2, 3, 5, 7, generator=random)):
        for scale in (None, 0.3):
            expected = torch.nn.functional.scaled_dot_product_attention(query, key, value, mask, scale=scale)
            assert torch.allclose(attention_weights(query, key, mask, scale), expected, atol=1e-6)


def pair(in_region, n_places=4, n_keys=3):
    """A picture of four places, the first of which shows the thing that the prompt's second token names."""
    prompt = TokenSequence(tuple(range(n_keys)), ("<s>", "circle", "</s>"), (True, False, True), {"noun": {1: 0}})
    places = tuple(range(n_places))
    return TokenSequence(
        places, ("p",) * n_places, (False,) * n_places, {"shape": {0: 0}}, source=prompt, grid=(2, 2)
    ), torch.tensor([[1 - share, share, 0] for share in in_region])


def test_localisation_is_the_share_of_a_words_attention_inside_its_thing():
    """Chance is the area, whatever the word gets in all; a head that looks at the word everywhere has chance."""
    for shares, expected in (((0.6, 0.2, 0, 0), 0.75), ((0.1,) * 4, 0.25), ((0, 0.9, 0, 0), 0.0)):
        sequence, attention = pair(shares)
        reducer = RowReducer(PairBatch([sequence]), [PATTERNS["noun_localisation"]])
        assert reducer.counts.n_queries.item() == 1
        assert reducer.counts.chance.item() == pytest.approx(0.25)
        assert reducer(attention[None, None]).scores.item() == pytest.approx(expected)


def test_the_wrong_words_are_those_of_the_other_thing():
    """From a thing the other thing's noun and adjective; from the ground, and of one thing alone, none."""
    roles = {"adjective": {1: 0, 4: 1}, "noun": {2: 0, 5: 1}}
    words = ("<s>", "red", "circle", "blue", "blue", "square")
    prompt = TokenSequence(tuple(range(6)), words, (True, *(False,) * 5), roles)
    places = TokenSequence((0, 1, 2, 3), ("p",) * 4, (False,) * 4, {"shape": {0: 0, 3: 1}}, source=prompt, grid=(2, 2))
    for name, other, own in (("word_to_region", 5, 2), ("adjective_to_region", 4, 1)):
        wrong = contrast_of(PATTERNS[name], PairBatch([places]))[0]
        right = targets_of(PATTERNS[name], PairBatch([places]))[0]
        assert wrong.nonzero().tolist() == [[0, other], [3, own]]
        assert right.nonzero().tolist() == [[0, own], [3, other]]
        of_first = replace(prompt, roles={"adjective": {1: 0}, "noun": {2: 0}})
        alone = replace(places, roles={"shape": {0: 0}}, source=of_first)
        assert not contrast_of(PATTERNS[name], PairBatch([alone])).any()


@pytest.mark.slow
def test_patterns_of_scenes_are_scored_on_nothing_else(scan):
    scored = {name for name in scan.scores.pattern.unique() if PATTERNS[name].kind == "target"}
    of_cross = {pattern.name for pattern in PATTERNS if pattern.probe == "scenes"}
    assert of_cross <= scored
    assert not any(name.startswith("source_") or "alignment" in name for name in scored)
    chance = scan.scores.query("pattern == 'noun_localisation'").chance.unique()
    assert len(chance) == 1
    assert 0.03 < chance[0] < 0.12
    labels = set(scan.labels.label)
    assert not any("localisation" in label for label in labels)
    with closing(sqlite3.connect(scan.path)) as db:  # shuffled tokens are not read along keys
        null = "select count(*), count(null_score) from scores join patterns on patterns.id = pattern_id where name = ?"
        (n_rows, n_null) = db.execute(null, ["noun_localisation"]).fetchone()
    assert n_rows
    assert not n_null


@pytest.mark.slow
def test_a_scan_can_be_made_again_and_is_the_same(folder, scan, tmp_path):
    again = headatlas.scan(str(folder), db=tmp_path / "again.db", name="drawing")
    columns = ["attention", "layer", "head", "pattern", "score", "ci_low", "ci_high"]
    assert np.array_equal(scan.scores[columns].to_numpy(), again.scores[columns].to_numpy())


@pytest.mark.slow
def test_pages_show_a_map_for_each_word(scan, tmp_path):
    build(scan.path, tmp_path / "site")
    page = next((tmp_path / "site").rglob("heads/X0H0.html")).read_text()
    overlays = page[page.index('class="overlays"') :]
    for word in ("&lt;s&gt;", "circle"):
        assert word in overlays
    assert "▸" not in page.partition("<main")[2].partition("overlays")[0]


def test_what_is_missing_or_unfit_is_said_in_a_sentence(folder, tmp_path, monkeypatch, capsys):
    with pytest.raises(ModelError, match="`scan` takes it"):
        load_model(str(folder))
    index = json.loads((folder / "model_index.json").read_text())
    other = tmp_path / "other"
    other.mkdir()
    (other / "model_index.json").write_text(json.dumps(index | {"unet": ["diffusers", "UNet2DConditionModel"]}))
    with pytest.raises(ModelError, match="The pipeline in '.*other' could not be read"):
        load_pipeline(other)
    monkeypatch.setitem(sys.modules, "diffusers", None)
    with pytest.raises(ModelError, match=r"Install it with `pip install 'headatlas\[images\]'`"):
        load_pipeline(folder)
    with pytest.raises(SystemExit) as stopped:
        main(["scan", str(folder), "--db", str(tmp_path / "none.db")])
    assert stopped.value.code == 1
    assert "pip install 'headatlas[images]'" in capsys.readouterr().err


def test_prompts_too_long_are_none():
    parts = TOY.untrained(widths=(8, 16)).tokenizer
    from headatlas.inputs.prompts import PromptPart
    from headatlas.inputs.vocabulary import Vocabulary

    part = PromptPart(Vocabulary(parts, len(parts)), 4)
    assert part.of(AnnotatedText().add("a red circle")) is None
    assert len(part.of(AnnotatedText().add("red circle"))) == 4


def test_a_model_that_writes_down_speech_ends_in_a_sentence(tmp_path):
    config = transformers.WhisperConfig(
        vocab_size=60, d_model=16, encoder_layers=1, decoder_layers=1, encoder_attention_heads=2,
        decoder_attention_heads=2, encoder_ffn_dim=16, decoder_ffn_dim=16, num_mel_bins=8, max_source_positions=20,
        max_target_positions=16, pad_token_id=0, bos_token_id=1, eos_token_id=2, decoder_start_token_id=1,
    )  # fmt: skip
    transformers.WhisperForConditionalGeneration(config).save_pretrained(tmp_path / "whisper")
    with pytest.raises(ModelError, match="WhisperForConditionalGeneration.*Such models cannot be scanned yet"):
        load_model(str(tmp_path / "whisper"))
