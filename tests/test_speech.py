"""Models that write down speech: a tiny Whisper, made on the spot, through the real loading code."""

from __future__ import annotations

import shutil
import sqlite3
import zlib
from contextlib import closing
from itertools import pairwise
from unittest.mock import patch

import numpy as np
import pytest
import torch
from click.testing import CliRunner
from transformers import (
    Speech2TextConfig,
    Speech2TextForConditionalGeneration,
    WhisperConfig,
    WhisperFeatureExtractor,
    WhisperForAudioClassification,
    WhisperForConditionalGeneration,
)

import headatlas
from headatlas import probes
from headatlas.atlas.site import build
from headatlas.attention.source import HookedModel
from headatlas.catalog.verify import verify
from headatlas.cli.main import main
from headatlas.errors import ModelError
from headatlas.evidence.run import gather
from headatlas.inputs.forward_batch import Inputs
from headatlas.inputs.frames import FrameBatch, fold_keys, fold_queries
from headatlas.inputs.patch_grid import SAMPLING_RATE
from headatlas.inputs.sequence import PADDING, n_frames_shown, with_folded_padding
from headatlas.models.load import load_model
from headatlas.patterns import PATTERNS
from headatlas.probes.speaking import LEXICON, SOUNDS, speak
from headatlas.probes.spoken_words import N_SOUNDS
from headatlas.scanning.options import ScanSettings
from headatlas.scanning.scanner import texts_for
from headatlas.scoring.targets import targets_of
from headatlas.views.scan_result import Scan
from tests.browsing import check_fits_and_is_accessible, open_page
from tests.helpers import batch_of
from tests.planted_speech import ON_TARGET, PLANTED, scan_planted
from tests.tiny_models import HEADS, LAYERS, whisper_folder

SPOKEN = ScanSettings(probes=("spoken_words",))
KINDS = ("encoder", "decoder", "cross")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return whisper_folder(tmp_path_factory.mktemp("speech") / "whisper")


@pytest.fixture(scope="module")
def model(folder):
    return load_model(str(folder))


@pytest.fixture(scope="module")
def sequences(model):
    (text,) = texts_for(model, SPOKEN)
    return text.sequences


@pytest.fixture(scope="module")
def scan(folder, tmp_path_factory):
    with patch.object(probes.spoken_words, "N_SOUNDS", 8):
        return headatlas.scan(str(folder), db=tmp_path_factory.mktemp("scan") / "heads.db", name="whisper")


@pytest.fixture(scope="module")
def planted(model, tmp_path_factory):
    db = tmp_path_factory.mktemp("planted") / "heads.db"
    scan_planted(model, db, "planted", n_sounds=8)
    return Scan(db, "planted")


class Kept:
    """An attention receiver that keeps everything."""

    wants_values = wants_outputs = False

    def __init__(self):
        self.attention = {}

    def receive(self, module, attention):
        self.attention[module.attention, module.layer] = attention


@pytest.mark.slow
def test_attention_is_the_models_own(folder, sequences):
    source = HookedModel(load_model(str(folder)))
    (text,) = texts_for(source.model, SPOKEN)
    certificate = source.certify(text)
    assert certificate.passed
    assert certificate.max_difference < 1e-5
    kept = Kept()
    source.run(Inputs(sequences[:3], {"encoder": False, "decoder": True, "cross": False}), certificate.modules, kept)
    assert set(kept.attention) == {(kind, layer) for kind in KINDS for layer in range(LAYERS)}
    plain = WhisperForConditionalGeneration.from_pretrained(folder, attn_implementation="eager").eval()
    for row, sequence in enumerate(sequences[:3]):
        with torch.inference_mode():
            own = plain(
                input_features=torch.from_numpy(sequence.source.signal)[None],
                decoder_input_ids=torch.tensor([sequence.ids]), output_attentions=True,
            )  # fmt: skip
        given = {"encoder": own.encoder_attentions, "decoder": own.decoder_attentions, "cross": own.cross_attentions}
        for (kind, layer), attention in kept.attention.items():
            expected = given[kind][layer][0]
            n_queries, n_keys = expected.shape[1:]
            assert (attention[row, :, :n_queries, :n_keys] - expected).abs().max() < 1e-5, (kind, layer)
            sums = attention[row, :, :n_queries].sum(-1)
            assert torch.allclose(sums, torch.ones_like(sums), atol=1e-5)
    assert kept.attention["cross", 0].shape[1:] == (HEADS, max(map(len, sequences[:3])), 200)


@pytest.mark.slow
def test_the_sound_is_what_the_feature_extractor_makes_of_it(folder, sequences):
    extractor = WhisperFeatureExtractor.from_pretrained(folder)
    sound = speak("see", np.random.default_rng(0), pitch=120, speed=1)
    listened = load_model(str(folder)).patch_grid.listen(sound)
    assert np.array_equal(listened, extractor(sound, sampling_rate=16000, return_tensors="np").input_features[0])
    assert all(sequence.source.signal.shape == (20, 400) for sequence in sequences)


@pytest.mark.slow
def test_it_is_known_which_frames_say_which_word(model, sequences):
    assert len(sequences) == N_SOUNDS
    for sequence in sequences:
        heard = sequence.source
        assert len(heard) == 200
        assert sequence.texts[:4] == ("<|startoftranscript|>", "<|en|>", "<|transcribe|>", "<|notimestamps|>")
        assert sum(sequence.special) == 4
        said = "".join(text for text, mark in zip(sequence.texts, sequence.special, strict=True) if not mark).split()
        assert set(said) <= set(LEXICON)
        assert 2 <= len(said) <= 8
        spans = [[frame for frame, number in heard.roles["sound"].items() if number == n] for n in range(len(said))]
        assert all(span == list(range(span[0], span[-1] + 1)) for span in spans), "a word is one stretch"
        assert all(before[-1] < after[0] for before, after in pairwise(spans))
        spoken = [[p for p, number in sequence.roles["spoken"].items() if number == n] for n in range(len(said))]
        assert ["".join(sequence.texts[p] for p in own).strip() for own in spoken] == said
        # What is no word is a pause or padding, and padding is behind everything.
        parts = [set(heard.roles[name]) for name in ("sound", "pause", PADDING)]
        assert set().union(*parts) == set(range(200))
        assert sum(map(len, parts)) == 200
        assert sorted(parts[2]) == list(range(200 - len(parts[2]), 200))
        # Frames of words are loud, padding and pauses are not.
        loud = heard.signal.reshape(20, 200, 2).max((0, 2))
        assert loud[sorted(parts[0])].mean() > loud[sorted(parts[2])].mean() + 0.5
    assert heard.texts[:2] == ("0.00s", "0.02s")
    again = texts_for(model, SPOKEN)[0].sequences
    assert all(np.array_equal(a.source.signal, b.source.signal) for a, b in zip(sequences, again, strict=True))


def test_every_sound_of_the_lexicon_can_be_said():
    random = np.random.default_rng(0)
    assert {name for word in LEXICON.values() for name in word} <= set(SOUNDS)
    lengths = {word: len(speak(word, random, pitch=120, speed=1)) / SAMPLING_RATE for word in LEXICON}
    assert all(0.15 < seconds < 0.6 for seconds in lengths.values())
    assert np.isfinite(speak("ship", random, pitch=180, speed=1.5)).all()


@pytest.mark.slow
def test_padding_is_a_key_and_never_a_query(sequences):
    batch = FrameBatch([sequence.source for sequence in sequences[:2]])
    n = [n_frames_shown(sequence.source) for sequence in sequences[:2]]
    assert [batch.shape_of(row) for row in range(2)] == [(n[0], 200), (n[1], 200)]
    assert batch.real.sum(-1).tolist() == n
    assert batch.allowed.sum(-1)[0].tolist() == [200] * n[0] + [0] * (200 - n[0])
    assert torch.equal(batch.n_allowed, batch.allowed.sum(-1))


@pytest.mark.slow
def test_maps_have_the_padding_as_one(scan, sequences):
    frames = with_folded_padding(sequences[0].source)
    n = n_frames_shown(sequences[0].source)
    assert len(frames) == n + 1
    assert frames.texts[-2:] == (f"{(n - 1) / 50:.2f}s", "[padding]")
    weights = torch.rand(2, 200, 200, generator=torch.Generator().manual_seed(0)).softmax(-1)
    folded = fold_queries(fold_keys(weights, n), n)
    assert folded.shape == (2, n + 1, n + 1)
    assert torch.allclose(folded.sum(-1), torch.ones(2, n + 1), atol=1e-5)
    assert torch.allclose(folded[:, :n, n], weights[:, :n, n:].sum(-1), atol=1e-6)
    assert torch.allclose(folded[:, n, :n], weights[:, n:, :n].mean(1), atol=1e-6)
    wanted = (
        "select weights from heatmaps join heads on heads.id = head_id join examples on examples.id = example_id "
        "where attention = ? and layer = 1 and head = 2 and sequence = 0"
    )
    with closing(sqlite3.connect(scan.path)) as db:
        for kind, shape in {"cross": (len(sequences[0]), n + 1), "encoder": (n + 1, n + 1)}.items():
            (packed,) = db.execute(wanted, [kind]).fetchone()
            kept = np.frombuffer(zlib.decompress(packed), np.uint8).reshape(shape)
            assert np.abs(kept.sum(-1) / 255 - 1).max() < 0.2  # small weights are rounded


@pytest.mark.slow
def test_all_kinds_of_heads_are_scored(scan):
    scores = scan.scores
    assert {kind: len(own.groupby(["layer", "head"])) for kind, own in scores.groupby("attention")} == dict.fromkeys(
        KINDS, LAYERS * HEADS
    )
    patterns = {kind: set(own.pattern) for kind, own in scores.groupby("attention")}
    # The decoder reads words, the encoder frames, which say nothing; neither looks like a prompt for a picture.
    assert "duplicate_token" in patterns["decoder"] - patterns["encoder"] - patterns["cross"]
    assert {"previous_token", "next_token"} <= patterns["encoder"]
    assert not any(name.startswith("prompt_") for names in patterns.values() for name in names)
    chance = scores[(scores.attention == "encoder") & (scores.pattern == "next_token")].chance
    assert chance.iloc[0] == pytest.approx(1 / 200), "padding is among the keys"


@pytest.mark.slow
def test_what_cannot_be_heard_is_said_in_a_sentence(folder, tmp_path):
    plain = WhisperForConditionalGeneration.from_pretrained(folder)
    plain.save_pretrained(tmp_path / "bare")
    bare = load_model(str(tmp_path / "bare"))
    assert bare.patch_grid.listen(np.zeros(1600)).shape == (20, 400), "as all Whispers have it"
    with pytest.raises(ModelError, match="the model has no tokenizer, so words cannot be read"):
        texts_for(bare, SPOKEN)
    WhisperFeatureExtractor(feature_size=80).save_pretrained(tmp_path / "bare")
    with pytest.raises(ModelError, match="80 bands and 3,000 columns, and the model reads 20 and 400"):
        load_model(str(tmp_path / "bare"))
    small = {"d_model": 8, "encoder_layers": 1, "decoder_layers": 1, "vocab_size": 20, "num_mel_bins": 20}
    half = WhisperForAudioClassification(WhisperConfig(**small, encoder_attention_heads=2, max_source_positions=20))
    half.save_pretrained(tmp_path / "half")
    with pytest.raises(ModelError, match="the encoder or the decoder of a Whisper alone; scan the whole model"):
        load_model(str(tmp_path / "half"))
    config = Speech2TextConfig(d_model=8, encoder_layers=1, decoder_layers=1, vocab_size=20, encoder_attention_heads=2,
                               decoder_attention_heads=2)  # fmt: skip
    Speech2TextForConditionalGeneration(config).save_pretrained(tmp_path / "other")
    with pytest.raises(ModelError, match="writes down speech.*Of such models only Whisper can be scanned"):
        load_model(str(tmp_path / "other"))


LABELS = {
    "cross": ["coming_spoken_word", "spoken_word", "speech_in_step", "speech_padding", "speech_start", None],
    "encoder": ["previous_token", "next_token", "same_word_frames", "frame_padding", None, "first_token"],
    "decoder": ["previous_token", None, None, None, None, None],
}


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_planted_heads_are_called_what_they_are(planted, kind):
    labels = planted.labels.query("attention == @kind and rank == 1").set_index("head")
    given = [labels.label.get(head) for head in range(len(PLANTED[kind]))]
    assert given == LABELS[kind]
    assert (labels.confidence > 0.9).all()


@pytest.mark.slow
def test_chance_is_the_share_of_frames_and_the_score_what_was_planted(planted, sequences):
    """By plain loops over what the probe says of its frames."""
    shares = []
    for sequence in sequences[:8]:
        for position in range(len(sequence) - 1):
            number = sequence.roles["spoken"].get(position + 1)
            if number is not None:
                frames = [frame for frame, word in sequence.source.roles["sound"].items() if word == number]
                shares.append(len(frames) / len(sequence.source))
    chance = np.mean(shares)
    own = planted.scores.query("pattern == 'coming_spoken_word'").set_index("head")
    assert own.chance.iloc[0] == pytest.approx(chance, rel=1e-4)
    assert own.n_queries.iloc[0] == len(shares)
    assert own.score[0] == pytest.approx(ON_TARGET + (1 - ON_TARGET) * chance, abs=1e-4)
    assert own.score[PLANTED["cross"].index("even")] == pytest.approx(chance, abs=1e-4)
    # Padding is where most of even attention is.
    padding = planted.scores.query("pattern == 'speech_padding'").set_index("head")
    shares = [len(sequence.source.roles[PADDING]) / 200 for sequence in sequences[:8] for _ in sequence.ids]
    assert padding.chance.iloc[0] == pytest.approx(np.mean(shares), rel=1e-3)


@pytest.mark.slow
def test_models_of_text_are_asked_nothing_of_sounds(tiny):
    settings = ScanSettings()
    media = {text.probe.medium for text in texts_for(load_model(str(tiny("llama"))), settings)}
    assert media == {"text"}
    of_speech = [own for own in PATTERNS if own.probe == "spoken_words"]
    assert {own.name for own in of_speech} > {name for names in LABELS.values() for name in names if name} - {
        "previous_token", "next_token", "first_token"
    }  # fmt: skip
    for definition in of_speech:
        batch = batch_of(definition, ["S* the cat , the dog ; a cat . the end"], causal=False)
        assert not targets_of(definition, batch).any(), definition.name


@pytest.mark.slow
def test_the_heads_that_the_settings_name_are_compared_with_ours(folder, scan, planted, tmp_path):
    """The tiny model names X1H0 and X1H2; of the planted heads the first two align, and the fourth does not."""
    with headatlas.open(scan.path) as catalog:
        checked = verify(catalog, "whisper").checked
    assert [claim.finding.name for claim in checked] == ["X1H0", "X1H2"]
    assert {claim.pattern for claim in checked} == {"coming_spoken_word"}
    db = tmp_path / "heads.db"
    shutil.copy(planted.path, db)
    with closing(sqlite3.connect(db)) as connection, connection:
        connection.execute("update scans set alignment_heads = '[[0, 0], [0, 1], [0, 3]]'")
    with headatlas.open(db) as catalog:
        result = verify(catalog, "planted")
    (agreement,) = result.agreements
    assert (agreement.role, agreement.n_heads, agreement.overlap) == ("alignment head", 3, 2)
    assert [claim.contradiction for claim in result.checked] == ["", "", "we measure no more than chance"]
    assert result.checked[0].confidence > 0.9
    with pytest.raises(ModelError, match="'whisper' writes down speech, and heads are not removed from such models"):
        gather(str(folder), db=scan.path, name="whisper")
    named = CliRunner().invoke(main, ["verify", "planted", "--db", str(db)])
    assert named.exit_code == 0
    assert "2 of 3" in named.stdout
    assert "1 of 3 findings contradict our measurement." in named.stdout
    with closing(sqlite3.connect(db)) as connection, connection:
        connection.execute("update scans set alignment_heads = '[[7, 0]]'")
    beyond = CliRunner().invoke(main, ["verify", "planted", "--db", str(db)])
    assert beyond.exit_code == 1
    assert "the model's generation settings speaks of X7H0" in beyond.stderr


@pytest.mark.slow
def test_settings_that_name_no_heads_are_left_out(folder, tmp_path, logged):
    shutil.copytree(folder, tmp_path / "model")
    settings = tmp_path / "model" / "generation_config.json"
    settings.write_text(settings.read_text().replace("alignment_heads", "others"))
    assert load_model(str(tmp_path / "model")).info.alignment_heads is None
    settings.write_text(settings.read_text().replace('"others": [', '"alignment_heads": ["a", '))
    assert load_model(str(tmp_path / "model")).info.alignment_heads is None
    assert "alignment_heads are no list of [layer, head]" in logged()


@pytest.mark.slow
@pytest.mark.parametrize("width", [1440, 390])
def test_the_page_has_words_down_and_time_across(page, planted, tmp_path_factory, sequences, width):
    site = tmp_path_factory.mktemp("site")
    build(planted.path, site)
    page.set_viewport_size({"width": width, "height": 900})
    open_page(page, site, "planted/heads/X0H0.html")
    page.wait_for_selector(".map-set[data-ready] canvas.pixels")
    words = page.locator(".axis-rows").first.text_content().split("\n")
    assert len(words) == len(sequences[0])
    seconds = page.locator(".axis-columns").first.text_content().split("\n")
    assert seconds[:3] == ["0.00s", "0.10s", "0.20s"]
    canvas = page.locator("canvas.pixels").first
    box = canvas.bounding_box()
    row, n_columns = words.index("·f ▸ i"), n_frames_shown(sequences[0].source) + 1
    assert box["height"] / len(words) > 10, "words can be read"
    assert page.locator(".axis-rows").first.bounding_box()["height"] == pytest.approx(box["height"], abs=2)
    # In the row before the word's second letter, at the middle of its first frame.
    first = min(frame for frame, number in sequences[0].source.roles["sound"].items() if number == 0)
    at = {"x": (first + 0.5) * box["width"] / n_columns, "y": (row + 0.5) * box["height"] / len(words)}
    canvas.hover(position=at)
    said = page.locator(".map-set .readout").first.text_content()
    assert f"{first / 50:.2f}s" in said
    mark = page.locator(".map .mark-row").first.bounding_box()
    assert mark["y"] == pytest.approx(box["y"] + row * box["height"] / len(words), abs=3)
    check_fits_and_is_accessible(page)
