"""The toy that answers questions about drawn scenes: a short training run through the real loading code."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

import headatlas
from headatlas.models.load import load_model
from headatlas.probes.scenes import scene
from headatlas.scanning.options import ScanSettings
from headatlas.scanning.scanner import texts_for

ROOT = Path(__file__).parent.parent

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def toy():
    spec = importlib.util.spec_from_file_location("toy_vision_language", ROOT / "examples" / "toy_vision_language.py")
    module = sys.modules["toy_vision_language"] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def trained(toy):
    return toy.train(looking=20, steps=20)


@pytest.fixture(scope="module")
def folder(trained, tmp_path_factory):
    path = tmp_path_factory.mktemp("toy") / "model"
    trained.model.save_pretrained(path)
    trained.processor.save_pretrained(path)
    return path


def test_a_short_run_gives_a_folder_that_is_scanned_with_pictures(folder, tmp_path):
    scan = headatlas.scan(str(folder), db=tmp_path / "heads.db", name="toy", probes=["captions"])
    scores = scan.scores.set_index(["layer", "head", "pattern"]).sort_index()
    assert len(scores.loc[0, 0]) > 10
    assert {"asked_patches", "named_patches", "asked_localisation"} <= set(scores.index.get_level_values("pattern"))
    chance = scores.loc[0, 0, "asked_localisation"].chance
    assert 0.04 < chance < 0.12, "a thing's area"


def test_training_is_the_same_again_and_learns(toy, trained):
    again = toy.train(looking=20, steps=20)
    for name, value in again.model.state_dict().items():
        assert torch.equal(value, trained.model.state_dict()[name]), name
    assert trained.losses[-1] < trained.losses[0] / 2
    shares = toy.accuracy(trained, count=5)
    assert set(shares) == {"colour", "shape", "place"}
    assert all(0 <= share <= 1 for share in shares.values())


def test_it_learns_on_what_the_processor_and_the_probe_give(toy, folder):
    """Pixels as the processor makes them, tokens as the probe's questions have them; each text sees its own alone."""
    loaded = load_model(str(folder))
    processor = toy.untrained()[1]
    pictures = toy.pictures(np.random.default_rng(3), 1)
    made = toy.texts(pictures.scenes, processor.tokenizer)
    drawn = scene(np.random.default_rng(3))
    text = f"{toy.IMAGE}\nQuestion: what colour is the {drawn.first.shape}? Answer:"
    inputs = processor(images=Image.fromarray(drawn.draw(toy.SIZE, toy.SIZE)[0]), text=text, return_tensors="pt")
    assert torch.allclose(pictures.pixels, inputs.pixel_values, atol=1e-6)
    (probe,) = texts_for(loaded, ScanSettings(probes=("captions",)))
    question = probe.sequences[1]
    assert question.ids[: toy.N_PATCHES + 2] == tuple(inputs.input_ids[0, : toy.N_PATCHES + 2].tolist())
    (right,) = processor.tokenizer(f" {drawn.first.colour}", add_special_tokens=False).input_ids
    n = toy.N_PATCHES + 2
    asked = inputs.input_ids[0, n:].tolist()
    ids = made.ids[0].tolist()
    (start,) = [start for start in range(n, len(ids)) if ids[start : start + len(asked)] == asked]
    last = start + len(asked) - 1
    assert made.labels[0, last] == right
    seen = made.allowed[0, 0, last].nonzero()[:, 0].tolist()
    assert seen == [*range(n), *range(start, last + 1)]
    assert made.places[0, start] == n
    assert question.answers, "whose colours are single tokens"
