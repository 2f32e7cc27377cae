"""Dual encoders: a tower of texts and one of images, scanned together, each on what it reads."""

from __future__ import annotations

import pytest
import torch
from transformers import CLIPModel, SiglipModel

import headatlas
from headatlas.atlas.site import build
from headatlas.attention.certificate import Certificate, merged
from headatlas.attention.towers import source_of
from headatlas.errors import ModelError
from headatlas.inputs.forward_batch import Inputs
from headatlas.models.load import load_model
from headatlas.scanning.options import ScanSettings
from headatlas.scanning.scanner import certified, texts_for
from tests import tiny_models
from tests.helpers import Kept

PROBES = ("few_shot_labels", "pictures")  # texts of different lengths, and pictures
MODELS = {
    "clip": (tiny_models.clip_folder, CLIPModel, "self"),
    "siglip": (tiny_models.siglip_folder, SiglipModel, "encoder"),
}


@pytest.fixture(scope="module", params=MODELS)
def dual(request, tmp_path_factory):
    make, model_class, text_kind = MODELS[request.param]
    return make(tmp_path_factory.mktemp(request.param) / "model"), model_class, text_kind


@pytest.fixture(scope="module")
def scan(dual, tmp_path_factory):
    return headatlas.scan(str(dual[0]), db=tmp_path_factory.mktemp("dual") / "heads.db", name="dual", probes=PROBES)


@pytest.mark.slow
def test_both_towers_are_scored_on_what_each_reads(scan, dual):
    _, _, text_kind = dual
    heads = scan.scores.groupby("attention").apply(lambda rows: len(rows[["layer", "head"]].drop_duplicates()))
    assert dict(heads) == {text_kind: 8, "vision": 8}
    assert set(scan.scores[["attention", "probe"]].itertuples(index=False, name=None)) == {
        (text_kind, "few_shot_labels"),
        ("vision", "pictures"),
    }
    of = {kind: set(rows.pattern) for kind, rows in scan.scores.groupby("attention")}
    assert "previous_token" in of[text_kind]
    assert {"same_row", "same_shape"} <= of["vision"]
    assert not of["vision"] & {"previous_occurrence", "same_token"}
    assert not of[text_kind] & {"same_row", "class_token"}
    assert ("class_token" in of["vision"]) == (text_kind == "self"), "SigLIP has no class token"


@pytest.mark.slow
def test_attention_is_that_of_the_whole_model(dual):
    """What the two towers give in padded batches, against `output_attentions` of the model on pairs of both."""
    folder, model_class, text_kind = dual
    loaded = load_model(str(folder))
    texts, pictures = texts_for(loaded, ScanSettings(probes=PROBES))
    source = source_of(loaded)
    certificate = certified(source, [texts, pictures])
    assert certificate.passed
    assert certificate.max_difference < 1e-5
    model = model_class.from_pretrained(folder, attn_implementation="eager").eval()
    causal = {text_kind: text_kind == "self"}
    short, long = (sorted(texts.sequences, key=len)[index] for index in (0, -1))
    assert len(short) < len(long)
    of_texts, of_images = Kept(), Kept()
    modules = certificate.modules
    source.run(Inputs([short, long], causal), [m for m in modules if m.attention == text_kind], of_texts)
    source.run(
        Inputs(pictures.sequences[:2], {"vision": False}), [m for m in modules if m.attention == "vision"], of_images
    )
    assert len(of_texts.attention) == len(of_images.attention) == 2
    for row, sequence in enumerate((short, long)):
        with torch.no_grad():
            output = model(
                input_ids=torch.tensor([sequence.ids]),
                pixel_values=torch.tensor(pictures.sequences[row].signal)[None],
                output_attentions=True,
            )
        for kept, own in ((of_texts, output.text_model_output), (of_images, output.vision_model_output)):
            for module, attention in kept.attention.items():
                expected = own.attentions[module.layer][0]
                n = expected.shape[1]
                assert (attention[row, :, :n, :n] - expected).abs().max() < 1e-5
                assert (attention[row, :, :n, n:] == 0).all(), "padding gets nothing"
                assert torch.allclose(attention[row, :, :n].sum(-1), torch.ones(n), atol=1e-5)


def test_what_cannot_read_towers_says_so(dual):
    with pytest.raises(ModelError, match="one tower for texts and one for images"):
        headatlas.view(str(dual[0]), "a cat")


@pytest.mark.slow
def test_pages_show_texts_to_one_tower_and_pictures_to_the_other(scan, dual, tmp_path):
    build(scan.path, tmp_path / "site")
    letter = "L" if dual[2] == "self" else "E"
    of_text = (tmp_path / "site" / "dual" / "heads" / f"{letter}0H0.html").read_text("utf8")
    of_image = (tmp_path / "site" / "dual" / "heads" / "V0H0.html").read_text("utf8")
    assert "class=overlays" in of_image
    assert "class=overlays" not in of_text
    assert "pictures" not in of_text.partition("<main")[2]
    assert "few_shot_labels" not in of_image.partition("<main")[2]


def test_certificates_are_put_together():
    def certificate(passed, difference, compared="the model's own"):
        return Certificate(passed, compared, "p", 2, 10, difference, 1e-4, (), ("a warning",))

    assert merged([certificate(True, 0.0)]) == certificate(True, 0.0)
    both = merged([certificate(True, 1e-6), certificate(True, 3e-6)])
    assert (both.passed, both.max_difference, both.n_sequences, both.warnings) == (True, 3e-6, 4, ("a warning",))
    assert merged([certificate(True, 0.0), certificate(False, 0.1)]).passed is False
    half = merged([certificate(True, 1e-6), certificate(None, None, "not compared: it gives none")])
    assert (half.passed, half.max_difference) == (None, 1e-6)
    assert half.compared_with == "the model's own; not compared: it gives none"
