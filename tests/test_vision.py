"""Models of images: what their heads are scored on, and attention drawn over the picture."""

from __future__ import annotations

import base64
import io
import json
import re

import numpy as np
import pytest
import torch
from PIL import Image
from transformers import ViTConfig, ViTModel

import headatlas
from headatlas.atlas.data.model_data import Example
from headatlas.atlas.make.overlays import overlays
from headatlas.atlas.site import build

PATCHES = 6  # a side


def decoded(uri: str) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(uri.partition(",")[2]))).convert("RGB")).astype(int)


@pytest.fixture(scope="module")
def scan(tmp_path_factory):
    """A ViT whose first layer looks at the patch to the left or above, by its position embeddings, or at [CLS]."""
    folder = tmp_path_factory.mktemp("vit")
    n_tokens = PATCHES**2 + 1
    config = ViTConfig(
        hidden_size=64, num_hidden_layers=1, num_attention_heads=1, intermediate_size=64, image_size=8 * PATCHES,
        patch_size=8, hidden_act="relu",
    )  # fmt: skip
    torch.manual_seed(0)
    model = ViTModel(config).eval()
    with torch.no_grad():
        attention = model.get_submodule("layers.0.attention") if hasattr(model, "layers") else model.encoder.layer[0]
        parts = dict(attention.named_modules())
        query = next(part for name, part in parts.items() if name.endswith(("query", "q_proj")))
        key = next(part for name, part in parts.items() if name.endswith(("key", "k_proj")))
        embedding = next(weights for name, weights in model.named_parameters() if "position_embeddings" in name)
        embedding.zero_()
        embedding[0, :, :n_tokens] = 50 * torch.eye(n_tokens)
        for part in (query, key):
            part.weight.zero_()
            part.bias.zero_()
        key.weight[:n_tokens, :n_tokens] = torch.eye(n_tokens)
        for position in range(n_tokens):
            column = (position - 1) % PATCHES
            wanted = position - 1 if position and column else 0  # the left neighbour; [CLS] at the edge
            query.weight[wanted, position] = 10
    config.architectures = ["ViTModel"]
    model.save_pretrained(folder / "model")
    return headatlas.scan(str(folder / "model"), db=folder / "heads.db", name="vit")


@pytest.mark.slow
def test_a_head_that_looks_to_the_left_is_found(scan):
    assert set(scan.scores.attention) == {"vision"}
    scores = scan.scores.set_index("pattern").score
    neighbours = {name: score for name, score in scores.items() if name.startswith("patch_")}
    assert neighbours, "there are patterns of single neighbours"
    assert max(neighbours, key=neighbours.get) == "patch_left"
    assert neighbours["patch_left"] > 0.95
    assert scores["same_row"] > 0.95 * (PATCHES - 1) / PATCHES
    assert scores["same_column"] < 0.1
    assert "patch_left" in set(scan.labels.label)


@pytest.mark.slow
def test_the_page_shows_the_picture_with_the_attention_on_it(scan, tmp_path):
    build(scan.path, tmp_path / "site")
    page = (tmp_path / "site" / "vit" / "heads" / "V0H0.html").read_text("utf8")
    data = (tmp_path / "site" / "vit" / "data" / "tokens-vision.js").read_text("utf8")
    tokens = json.loads(re.search(r"\]=(.*);", data, re.DOTALL)[1])[0]["tokens"]
    assert tokens[:3] == ["[CLS]", "r1c1", "r1c2"]
    pictures = re.findall(
        r'<li><img src="(data:.*?)" width="(\d+)" height="(\d+)" alt="The image, tinted where (\S+)', page
    )
    assert [picture[3] for picture in pictures[:4]] == ["[CLS]", "r2c2", "r4c4", "r5c5"]
    pixels = decoded(pictures[1][0])
    assert pixels.shape == (int(pictures[1][2]), int(pictures[1][1]), 3)
    side = pixels.shape[0] // PATCHES
    tint = (pixels[..., 0] - pixels[..., 2]).reshape(PATCHES, side, PATCHES, side)[:, 4:-4, :, 4:-4].mean((1, 3))
    assert np.unravel_index(tint.argmax(), tint.shape) == (1, 0), "r2c2 looks at r2c1"


def test_the_tint_follows_the_weights_and_the_outline_the_query():
    buffer = io.BytesIO()
    Image.fromarray(np.full((20, 40, 3), 128, np.uint8)).save(buffer, "PNG")
    tokens = ("[CLS]", "r1c1", "r1c2", "r1c3", "r1c4", "r2c1", "r2c2", "r2c3", "r2c4")
    example = Example(1, "pictures", 0, tokens, (True, *[False] * 8), image=buffer.getvalue(), grid=(2, 4))
    weights = np.zeros((9, 9), np.uint8)
    weights[0, 4] = 200  # the class token looks at r1c4
    weights[0, 5] = 100  # and half as much at r2c1
    pictures = overlays(example, weights, "V0H0")
    assert pictures[0].title == "[CLS]: up to 0.78"
    pixels = decoded(pictures[0].uri)
    assert pixels.shape[1] == 160
    blocks = (pixels[..., 0] - pixels[..., 2]).reshape(2, pixels.shape[0] // 2, 4, 40).mean((1, 3))
    assert np.unravel_index(blocks.argmax(), blocks.shape) == (0, 3)
    assert blocks[1, 0] == pytest.approx(blocks[0, 3] / 2, abs=2)
    assert (np.delete(blocks.ravel(), [3, 4]) == 0).all()
    # The next picture is of the patch a quarter down and across, outlined.
    assert pictures[1].title.startswith("r1c2")
    outlined = decoded(pictures[1].uri)
    assert tuple(outlined[0, 40]) == (20, 90, 200)
    assert tuple(outlined[20, 60]) == (128, 128, 128)


def test_text_has_no_picture():
    assert overlays(Example(1, "natural_text", 0, ("a", "b"), (False, False)), np.zeros((2, 2), np.uint8), "L0H0") == []
