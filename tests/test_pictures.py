"""Models that draw pictures: diffusers' pipelines, made on the spot and untrained, through the real loading code."""

from __future__ import annotations

import importlib.util
import io
import json
import re
import sqlite3
import sys
import weakref
import zlib
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import torch
from click.testing import CliRunner
from PIL import Image

import headatlas
from headatlas.atlas.site import build
from headatlas.attention.denoisers import Denoiser
from headatlas.attention.diffusion import DrawingModel, _Blocks
from headatlas.attention.fused import attention_weights, reading
from headatlas.attention.picture_grid import keys_on_grid, queries_on_grid
from headatlas.cli.main import main
from headatlas.errors import HeadatlasError, ModelError
from headatlas.evidence.drawn import effects_of, summary
from headatlas.evidence.removing.drawn_removals import WithoutHead
from headatlas.evidence.run import gather
from headatlas.heads import head_name
from headatlas.inputs.annotated_text import AnnotatedText
from headatlas.inputs.forward_batch import Inputs
from headatlas.inputs.pair_batch import PairBatch
from headatlas.inputs.sequence import TokenSequence
from headatlas.models.info import ModelInfo
from headatlas.models.load import load_model
from headatlas.models.pipelines import Pipeline, load_pipeline
from headatlas.patterns import PATTERNS
from headatlas.probes.own_pictures import N_PICTURES, N_STEPS
from headatlas.probes.scenes import GROUND, N_SCENES, NOISE
from headatlas.scanning.chunk_receiver import ChunkReceiver
from headatlas.scanning.options import ScanSettings
from headatlas.scanning.scanner import texts_of_scenes
from headatlas.scoring.layer_reducer import RowReducer
from headatlas.scoring.targets import contrast_of, targets_of
from tests.browsing import check_fits_and_is_accessible, open_page

if importlib.util.find_spec("diffusers") is None:
    pytest.skip("diffusers is not installed", allow_module_level=True)
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

    import diffusers

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
    import diffusers

    transformer = diffusers.PixArtTransformer2DModel(
        sample_size=8, num_layers=2, patch_size=2, attention_head_dim=8, num_attention_heads=2, caption_channels=16,
        in_channels=3, cross_attention_dim=16, out_channels=6,
    )  # fmt: skip
    return diffusers.PixArtAlphaPipeline(
        TOY.word_tokenizer(), t5(16), None, transformer, diffusers.DDIMScheduler(clip_sample=False, steps_offset=1)
    )


def stable_diffusion_3():
    import diffusers

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
    import diffusers

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
def small(tmp_path_factory):
    """With four heads of each kind among 8 x 8 places, which a scan is quick with."""

    import diffusers

    torch.manual_seed(0)
    pipeline = TOY.untrained(widths=(8, 16))
    unet = diffusers.UNet2DConditionModel(
        sample_size=16, in_channels=3, out_channels=3, block_out_channels=(8, 16), layers_per_block=1,
        down_block_types=("DownBlock2D", "DownBlock2D"), up_block_types=("UpBlock2D", "UpBlock2D"),
        cross_attention_dim=TOY.WIDTH, attention_head_dim=4, norm_num_groups=4,
    )  # fmt: skip
    pipeline.register_modules(unet=unet)
    return saved(pipeline, tmp_path_factory.mktemp("pictures") / "small")


@pytest.fixture(scope="module")
def scan(small, tmp_path_factory):
    return headatlas.scan(str(small), db=tmp_path_factory.mktemp("scan") / "heads.db", name="drawing")


@pytest.fixture(scope="module")
def with_evidence(small, scan):
    gather(str(small), db=scan.path, name="drawing")
    return scan.path


@pytest.fixture(scope="module")
def site(with_evidence, tmp_path_factory):
    folder = tmp_path_factory.mktemp("site") / "drawing"
    build(with_evidence, folder)
    return folder


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


@pytest.mark.slow
def test_attention_is_that_of_diffusers_plain_processor(folder):
    import diffusers

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


@pytest.mark.slow
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
        for patch, thing in sequence.roles["shape"].items():
            colour = prompt.texts[next(k for k, group in prompt.roles["adjective"].items() if group == thing)]
            down, across = divmod(patch, 16)
            assert tuple(picture[down, across]) == TOY.COLOURS[colour]


@pytest.mark.slow
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
def test_memory_does_not_grow_with_the_number_of_steps(small, tmp_path, monkeypatch):
    """Bytes of attention that are alive at once, on as many pictures at 4 and at 16 amounts of noise."""

    def most_alive(noise):
        now, most, received = 0, 0, ChunkReceiver.receive

        def let_go(n_bytes):
            nonlocal now
            now -= n_bytes

        def receive(self, module, attention):
            nonlocal now, most
            n_bytes = attention.untyped_storage().nbytes()
            now, most = now + n_bytes, max(most, now + n_bytes)
            weakref.finalize(attention, let_go, n_bytes)
            received(self, module, attention)

        monkeypatch.setattr("headatlas.probes.scenes.NOISE", noise)
        db = tmp_path / f"{len(noise)}.db"
        with monkeypatch.context() as patched:
            patched.setattr(ChunkReceiver, "receive", receive)
            scan = headatlas.scan(str(small), db=db, name="drawing", probes=["scenes"])
        return most, scan.scores.n_sequences.max()

    monkeypatch.setattr("headatlas.probes.scenes.N_SCENES", 8)
    few, n_few = most_alive(NOISE)
    many, n_many = most_alive(tuple(np.linspace(0.9, 0.3, 16)))
    assert (n_few, n_many) == (32, 128)
    assert 0 < many <= few


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
    of_cross = {pattern.name for pattern in PATTERNS if pattern.probe == "scenes" and pattern.kind == "target"}
    assert of_cross <= scored
    assert not any(name.startswith("source_") or "alignment" in name for name in scored)
    chance = scan.scores.query("pattern == 'noun_localisation'").chance.unique()
    assert len(chance) == 1
    assert 0.03 < chance[0] < 0.12
    bound = scan.scores.query("pattern == 'binding'")
    assert set(bound.attention) == {"cross"}
    assert set(bound.chance) == {0.5}
    assert ((bound.ci_low <= bound.score) & (bound.score <= bound.ci_high)).all()
    assert bound.score.between(0.3, 0.7).all(), "it is untrained"
    labels = set(scan.labels.label)
    assert not any("localisation" in label for label in labels)
    with closing(sqlite3.connect(scan.path)) as db:  # shuffled tokens are not read along keys
        null = "select count(*), count(null_score) from scores join patterns on patterns.id = pattern_id where name = ?"
        (n_rows, n_null) = db.execute(null, ["noun_localisation"]).fetchone()
    assert n_rows
    assert not n_null


@pytest.mark.slow
def test_a_scan_can_be_made_again_and_is_the_same(small, scan, tmp_path):
    again = headatlas.scan(str(small), db=tmp_path / "again.db", name="drawing")
    columns = ["attention", "layer", "head", "pattern", "score", "ci_low", "ci_high"]
    assert np.array_equal(scan.scores[columns].to_numpy(), again.scores[columns].to_numpy())


@pytest.mark.slow
def test_pages_show_a_map_for_each_word(site):
    page = next(site.rglob("heads/X0H0.html")).read_text()
    overlays = page[page.index("class=overlays") :]
    for word in ("&lt;s&gt;", "circle"):
        assert word in overlays
    assert "▸" not in page.partition("<main")[2].partition("overlays")[0]
    assert "own_pictures" not in page  # they have a page of their own


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


@pytest.mark.slow
def test_attention_at_a_step_is_that_of_the_drawing_itself(folder):
    """A step read on its own against all steps read while the pipeline draws: the half with the prompt."""
    source = DrawingModel(load_pipeline(folder))
    met = []

    def keep(path, blocks, _):
        met.append((path, {kind: block[-1] for kind, block in blocks.items()}))

    with reading(source.denoiser.model, source._blocks.of, keep):
        text = texts_of_scenes(source, ScanSettings(probes=("own_pictures",)))[0]
    assert len(text.sequences) == N_PICTURES * N_STEPS
    assert [sequence.drawing.step for sequence in text.sequences[:N_STEPS]] == list(range(N_STEPS))
    noise = [sequence.drawing.noise for sequence in text.sequences[:N_STEPS]]
    assert noise == sorted(noise, reverse=True)
    assert all(np.array_equal(text.sequences[0].image, sequence.image) for sequence in text.sequences[1:N_STEPS])
    certificate = source.certify(text)
    modules = certificate.modules
    for step in (0, N_STEPS - 1, N_STEPS):
        kept = Kept()
        source.run(Inputs([text.sequences[step]], {"cross": False, "vision": False}), modules, kept)
        of_step = dict(met[step * len(modules) : (step + 1) * len(modules)])
        for module, attention in kept.attention.items():
            drawn = of_step[module.hook.partition(":")[2]][module.attention]
            assert (attention[0] - drawn).abs().max() < 1e-5


@pytest.mark.slow
@pytest.mark.parametrize("make", [pixart, stable_diffusion_3, flux])
def test_other_pipelines_draw_too_and_their_heads_can_be_taken_out(make, tmp_path):
    torch.manual_seed(0)
    source = DrawingModel(load_pipeline(saved(make(), tmp_path / "pipeline")))
    painting = source.patch_grid.draw("a red circle left of a blue square", 2, 0)
    assert len(painting.latents) == 2
    assert 1 >= painting.noise[0] > painting.noise[1] > 0
    pictures = WithoutHead(source, sequences_of(source, 2))
    path = next(path for path, module in source.denoiser.model.named_modules() if hasattr(module, "to_q"))
    pictures.prepare([path])
    intact, predicted = pictures.errors(pictures.batches[0])
    assert predicted.shape == source.noisy(pictures.batches[0]).clean.shape
    without, _ = pictures.errors(pictures.batches[0], path, 1)
    assert (without - intact).abs().max() > 0


@pytest.mark.slow
def test_two_by_two_latents_are_put_back_where_they_were(tmp_path):
    source = DrawingModel(load_pipeline(saved(flux(), tmp_path / "pipeline")))
    latents = torch.randn(2, 3, 64, 64, generator=torch.Generator().manual_seed(0))
    assert torch.equal(source.denoiser.unpacked(source.denoiser.pipe._pack_latents(latents, 2, 3, 64, 64)), latents)


@pytest.mark.slow
def test_taking_a_head_out_is_putting_its_mean_before_the_output_weights(small):
    """Against plain hooks on the module that reads what heads give."""
    source = DrawingModel(load_pipeline(small))
    sequences = sequences_of(source, 8)  # two scenes at four amounts of noise
    pictures = WithoutHead(source, sequences, batch_size=5)
    path, head = next(path for path, _ in source.denoiser.model.named_modules() if path.endswith("attn2")), 2
    pictures.prepare([path])
    ours = torch.cat([pictures.errors(batch, path, head)[1] for batch in pictures.batches])

    output = source.denoiser.model.get_submodule(path).to_out[0]
    d_head = output.in_features // 4
    span = slice(head * d_head, (head + 1) * d_head)
    given = []
    with output.register_forward_pre_hook(lambda module, args: given.append(args[0][..., span])):
        noisy = source.noisy(sequences)
        with torch.inference_mode():
            source.denoiser.run(noisy.latents, noisy.noise, noisy.prompts)
    means = given[0].unflatten(0, (2, 4)).mean((0, 2)).repeat(2, 1)[:, None]  # of both scenes, at each amount of noise

    def put(module, args):
        changed = args[0].clone()
        changed[..., span] = means
        return (changed,)

    with output.register_forward_pre_hook(put), torch.inference_mode():
        expected = source.denoiser.run(noisy.latents, noisy.noise, noisy.prompts)
    assert (ours - expected).abs().max() < 1e-5
    assert (ours - source.denoiser.run(noisy.latents, noisy.noise, noisy.prompts)).abs().max() > 1e-4


class Painter(torch.nn.Module):
    """Predicts the clean picture: the ground, and on it what heads bring from the words.

    Head 0 looks from each place with a colour to the word for it and brings that colour: nothing else draws the
    things. Head 1 looks at the start token everywhere and brings the same everywhere; head 2 brings nothing.
    """

    WORDS = ("<s>", *TOY.COLOURS)

    def __init__(self):
        import diffusers

        super().__init__()
        self.attn = diffusers.models.attention_processor.Attention(
            query_dim=5, cross_attention_dim=5, heads=3, dim_head=8, bias=False, out_bias=False
        )
        self.attn.to_out[0] = torch.nn.Linear(24, 3, bias=False)
        ground = torch.tensor(GROUND) / 127.5 - 1
        self.colours = torch.stack([ground, *(torch.tensor(rgb) / 127.5 - 1 for rgb in TOY.COLOURS.values())])
        self.config = SimpleNamespace(sample_size=16, in_channels=3)
        for weights in (self.attn.to_q, self.attn.to_k, self.attn.to_v, self.attn.to_out[0]):
            torch.nn.init.zeros_(weights.weight)
        with torch.no_grad():
            self.attn.to_q.weight[:5] = 60 * torch.eye(5)
            self.attn.to_k.weight[:5] = torch.eye(5)
            self.attn.to_v.weight[:3] = (self.colours - ground).T
            self.attn.to_q.weight[8] = 60
            self.attn.to_k.weight[8, 0] = 1
            self.attn.to_v.weight[8, 0] = 1
            self.attn.to_out[0].weight[:, :3] = torch.eye(3)
            self.attn.to_out[0].weight[:, 8] = 0.5  # the ground is that much darker without it

    def forward(self, noisy, time, encoder_hidden_states):
        pixels = noisy.movedim(1, -1).flatten(1, 2)
        nearest = torch.cdist(pixels, self.colours).argmin(-1)
        seen = torch.nn.functional.one_hot(nearest, 5).float()
        drawn = self.attn(seen, encoder_hidden_states=encoder_hidden_states) + self.colours[0] - 0.5
        return SimpleNamespace(sample=drawn.unflatten(1, (16, 16)).movedim(-1, 1))


def painter():
    import diffusers

    tokenizer = TOY.word_tokenizer()
    ids = torch.tensor(tokenizer.convert_tokens_to_ids(list(Painter.WORDS)))

    def encode_prompt(prompts, *_):
        tokens = tokenizer(prompts, padding="max_length", return_tensors="pt").input_ids
        return (tokens[..., None] == ids).float(), None

    model = Painter()
    pipe = SimpleNamespace(
        tokenizer=tokenizer, encode_prompt=encode_prompt, vae=None, scheduler=diffusers.DDIMScheduler(
            clip_sample=False, prediction_type="sample"
        ),
    )  # fmt: skip
    info = replace(load_model_info(), architecture="StableDiffusionPipeline")
    return DrawingModel(Pipeline(info, pipe, model))


def load_model_info():
    return ModelInfo(
        name="painter", architecture="", source="folder", revision=None, digest=None, n_layers=1, n_heads=3, d_model=5,
        d_vocab=20, context_length=None, n_parameters=1, dtype="float32", device="cpu", tokenizer="", location=None,
    )  # fmt: skip


@pytest.mark.slow
def test_a_planted_head_is_missed_inside_the_things_and_others_nowhere():
    source = painter()
    text = texts_of_scenes(source, SCENES)[0]
    sequences = [
        replace(sequence, drawing=replace(sequence.drawing, noise=0.02))  # so little that colours can be told
        for sequence in text.sequences[:: len(NOISE)]
    ]
    pictures = WithoutHead(source, sequences)
    pictures.prepare(["attn"])
    sums = effects_of(pictures, "attn", 3)
    scenes = np.arange(len(sequences))
    assert sums["intact"].max() < 1e-3 * sums["n_places"].max()
    # Against a fixed loss of 1 at each place, since the painter alone makes no mistakes.
    evidence = summary(sums | {"intact": sums["n_places"], "without": sums["without"] + sums["n_places"]}, scenes, 0)
    inside, beside = evidence["ablation_region_loss"], evidence["ablation_ground_loss"]
    assert inside["ci_low"][0] > 0.2
    assert beside["value"][0] < 0.05
    for head in (1, 2):
        assert abs(inside["value"][head]) < 1e-5
        assert abs(beside["value"][head]) < 1e-5
    share = evidence["ablation_region_change"]
    assert share["value"][0] > 0.8
    assert share["ci_low"][0] > 0.5


@pytest.mark.slow
def test_evidence_says_what_the_things_lose_without_each_head(small, scan, with_evidence):
    with closing(sqlite3.connect(with_evidence)) as db:
        rows = pd.read_sql("select * from head_evidence", db)
        ((heads,),) = db.execute("select count(*) from heads")
    assert set(rows.kind) == {"ablation_region_loss", "ablation_ground_loss", "ablation_region_change"}
    assert len(rows) == 3 * heads
    assert set(rows.probe) == {"scenes"}
    assert (rows.ci_low <= rows.value).all()
    assert (rows.value <= rows.ci_high).all()
    assert rows.query("kind == 'ablation_region_change'").value.between(0, 1).all()
    assert not gather(str(small), db=with_evidence, name="drawing").ran
    with pytest.raises(HeadatlasError, match="but on scenes, where it is known where each thing is to be"):
        gather(str(small), db=with_evidence, name="drawing", probe_names=["own_pictures"])


@pytest.mark.slow
def test_a_word_shows_its_places_and_a_place_its_words(page, site, with_evidence):
    open_page(page, site, "drawing/pictures.html")
    page.wait_for_selector(".picture-large canvas[data-shown='picture-1  -1']")
    shown = "document.querySelector('.picture-large canvas').toDataURL()"
    plain = page.evaluate(shown)
    page.locator(".prompt button").nth(2).hover()
    assert page.evaluate(shown) != plain
    word = page.locator(".prompt button").nth(2).inner_text()
    mean = page.inner_text("#picture-readout")
    assert mean.startswith(f"{word}: ")
    page.mouse.move(0, 0)
    assert page.evaluate(shown) == plain
    # What the page says of a head at a step is what the database holds.
    page.select_option("select[name=head]", "X0H2")
    page.locator("input[name=step]").press("ArrowRight")
    page.wait_for_selector(".picture-large canvas[data-shown='picture-1 X0H2 0']")
    page.locator(".prompt button").nth(2).click()
    with closing(sqlite3.connect(with_evidence)) as db:
        sql = """select key_tokens, weights from heatmaps join examples on examples.id = example_id
                 join heads on heads.id = head_id
                 where step = 0 and attention = 'cross' and layer = 0 and head = 2 order by examples.id limit 1"""
        tokens, weights = db.execute(sql).fetchone()
    stored = np.frombuffer(zlib.decompress(weights), np.uint8).reshape(64, 12) / 255
    assert json.loads(tokens)[2].strip() == word
    most = f"{stored[:, 2].max():.2f}".removeprefix("0")
    assert page.inner_text("#picture-readout").endswith(f"{most} at most")
    assert page.evaluate("location.hash") == "#head=X0H2&step=0&word=2"
    # A place shades the words by what it gives them.
    page.locator(".picture-large canvas").focus()
    page.keyboard.press("ArrowRight")
    patch = 4 * 8 + 5
    best = json.loads(tokens)[int(stored[patch, :11].argmax())].strip()
    assert page.inner_text("#picture-readout").startswith(f"From row 5, column 6: {best} ")
    assert page.locator(".prompt button").first.evaluate("button => button.style.background") != ""
    page.reload()
    page.wait_for_selector(".picture-large canvas[data-shown='picture-1 X0H2 0']")
    assert page.locator(".prompt button[aria-pressed=true]").inner_text() == word


@pytest.mark.slow
def test_heads_by_localisation_lead_to_those_most_like_them(site, with_evidence):
    page = (site / "drawing" / "pictures.html").read_text("utf8")
    rows = dict(re.findall(r'<tr data-head="(X\d+H\d+)">(.*?)(?=<tr|</tbody>|</table>)', page, re.DOTALL))
    with headatlas.open(with_evidence) as catalog:
        best = catalog.rows(
            "select layer, head from head_scores where pattern = 'noun_localisation' order by score desc"
        )
        assert [head_name("cross", *head) for head in best] == [*rows]
        for name, row in rows.items():
            near = catalog.similar("drawing", name, limit=2)
            nearest = [head_name(*own) for own in near[["attention", "layer", "head"]].itertuples(index=False)]
            assert re.findall(r'<a href="heads/(\w+)\.html">', row)[1:] == nearest


@pytest.mark.slow
@pytest.mark.parametrize(("width", "scheme"), [(1440, "light"), (390, "dark")])
def test_words_and_places_fit_and_can_be_read_by_all(page, site, width, scheme):
    page.set_viewport_size({"width": width, "height": 800})
    page.emulate_media(color_scheme=scheme)
    open_page(page, site, "drawing/pictures.html#word=2")
    page.wait_for_selector(".picture-large canvas[data-shown]")
    check_fits_and_is_accessible(page)


@pytest.fixture(scope="module")
def toy(tmp_path_factory):
    """The scan in the catalogue of the toy that was trained."""
    db = tmp_path_factory.mktemp("toy") / "heads.db"
    CliRunner().invoke(
        main, ["import", str(ROOT / "catalog" / "toy-diffusion"), "--db", str(db)], catch_exceptions=False
    )
    with headatlas.open(db) as catalog:
        yield catalog


@pytest.mark.slow
def test_heads_of_the_trained_toy_look_at_the_things_that_words_name(toy):
    """Three times chance by the lower end of the interval, labelled, and missed inside the things."""
    heads = toy.rows("select * from head_scores where pattern = 'noun_localisation' order by score desc")
    best = heads[0]
    assert best["ci_low"] > 3 * best["chance"]
    where = [best[name] for name in ("attention", "layer", "head")]
    labels = toy.rows("select label from head_labels where attention = ? and layer = ? and head = ?", where)
    assert "word_to_region" in {row["label"] for row in labels}
    ((low,),) = toy.rows(
        """select ci_low from head_evidence where attention = ? and layer = ? and head = ?
           and kind = 'ablation_region_loss'""", where,
    )  # fmt: skip
    assert low > 0


@pytest.mark.parametrize("probe", ["scenes", "own_pictures"])
def test_circle_lights_the_circle_that_the_toy_was_given_or_drew(toy, probe):
    """By the pixels of the stored pictures: where the colour is that the sentence gives the circle."""
    maps = toy.rows(
        """select tokens, key_tokens, image, weights from heatmaps join examples on examples.id = example_id
           join heads on heads.id = head_id join probes on probes.id = probe_id
           where attention = 'cross' and layer = 1 and head = 1 and probes.name = ?""", [probe],
    )  # fmt: skip
    shares, areas = [], []
    for own in maps:
        words = [word.strip() for word in json.loads(own["key_tokens"])]
        if "circle" not in words:
            continue
        token = words.index("circle")
        picture = np.asarray(Image.open(io.BytesIO(own["image"])).convert("RGB")).astype(float)
        palette = np.array([TOY.COLOURS[words[token - 1]], GROUND, *TOY.COLOURS.values()])
        coloured = np.linalg.norm(picture[:, :, None] - palette, axis=-1).argmin(-1) == 0
        side = len(coloured) // 8
        circle = coloured.reshape(8, side, 8, side).mean((1, 3)).ravel() > 0.5
        given = np.frombuffer(zlib.decompress(own["weights"]), np.uint8).reshape(64, len(words))[:, token]
        if circle.any():
            shares.append(given[circle].sum() / given.sum())
            areas.append(circle.mean())
    assert len(shares) >= 4
    assert np.mean(shares) > 3 * np.mean(areas)
