"""The figure and the last numbers of the toy that answers questions, in docs/pictures.md.

.venv/bin/python docs/asked_patches.py toy-vision-language L1H3 docs/images/asked-patches.png

Draws where a head looks from the end of questions about scenes that the toy was not trained on, and prints what each
head gives the thing that is asked for and the other one, and how many questions for a colour are answered without it.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import torch
from jaxtyping import Bool, Float
from PIL import Image, ImageDraw
from torch import Tensor
from transformers import AutoProcessor, LlavaForConditionalGeneration

from headatlas.atlas.draw.images import tinted
from headatlas.heads import parse_head
from headatlas.models.picture_tokens import in_a_square
from headatlas.probes.scenes import COLOURS, SHAPES, Scene, scene

N_DRAWN, N_ASKED, SEED = 4, 100, 7  # scenes
SIDE, GAP, TEXT = 128, 8, 16  # pixels


def inputs_of(processor: Any, side: int, scenes: list[Scene]) -> dict[str, Tensor]:
    """Each scene twice, with a question about the colour of its first and its second thing."""
    asked = [(drawn, thing) for drawn in scenes for thing in (drawn.first, drawn.second)]
    images = [Image.fromarray(drawn.draw(side, side)[0]) for drawn, _ in asked]
    texts = [f"<image>\nQuestion: what colour is the {thing.shape}? Answer:" for _, thing in asked]
    return dict(processor(images=images, text=texts, return_tensors="pt"))


@contextmanager
def without(model: Any, layer: int, head: int) -> Iterator[None]:
    """Inside, a head's output is its mean over the batch and its tokens."""
    projection = model.model.language_model.layers[layer].self_attn.o_proj
    size = projection.in_features // model.config.text_config.num_attention_heads
    part = slice(head * size, (head + 1) * size)

    def replace(_: Any, args: tuple[Float[Tensor, "batch position width"], ...]) -> tuple[Tensor]:
        changed = args[0].clone()
        changed[..., part] = changed[..., part].mean((0, 1))
        return (changed,)

    handle = projection.register_forward_pre_hook(replace)
    try:
        yield
    finally:
        handle.remove()


def answered(model: Any, processor: Any, scenes: list[Scene]) -> Bool[Tensor, " question"]:
    """Which of the questions about scenes get the right colour as the likeliest next token."""
    colours = [thing.colour for drawn in scenes for thing in (drawn.first, drawn.second)]
    right = torch.tensor([processor.tokenizer.convert_tokens_to_ids(f"Ġ{colour}") for colour in colours])
    with torch.no_grad():
        logits = model(**inputs_of(processor, model.config.vision_config.image_size, scenes)).logits[:, -1]
    return logits.argmax(-1) == right


def looked_at(model: Any, processor: Any, scenes: list[Scene]) -> Float[Tensor, "layer head question 2"]:
    """Attention from the end of questions to the patches of the thing that is asked for, and of the other one.

    Each scene is asked about both of its things, so that a head that does not know the question gives both the same.
    """
    side = model.config.vision_config.image_size
    n_rows = side // model.config.vision_config.patch_size
    inputs = inputs_of(processor, side, scenes)
    with torch.no_grad():
        given = model(**inputs, output_attentions=True).attentions
    on_picture = (inputs["input_ids"][0] == model.config.image_token_id).nonzero()[:, 0]
    owners = [in_a_square(n_rows**2).owners(drawn.draw(side, side)[1]) for drawn in scenes]
    on = torch.zeros(2 * len(scenes), 2, n_rows**2)  # [question, asked or other, patch]
    for number, owner in enumerate(owners):
        for patch, thing in owner.items():
            for asked in (0, 1):
                on[2 * number + asked, int(thing != asked), patch] = 1
    return torch.stack([torch.einsum("qhp,qtp->hqt", layer[:, :, -1, on_picture], on) for layer in given])


def draw(model: Any, processor: Any, layer: int, head: int, scenes: list[Scene]) -> Image.Image:
    """A row a scene: the picture, and where the head looks from the end of each question, with the answer."""
    side = model.config.vision_config.image_size
    rows = side // model.config.vision_config.patch_size
    inputs = inputs_of(processor, side, scenes)
    with torch.no_grad():
        given = model(**inputs, output_attentions=True)
    answers = processor.tokenizer.batch_decode(given.logits[:, -1].argmax(-1)[:, None])
    on_picture = (inputs["input_ids"][0] == model.config.image_token_id).nonzero()[:, 0]
    seen = given.attentions[layer][:, head, -1, on_picture].reshape(-1, rows, rows).numpy()
    figure = Image.new("RGB", (3 * (SIDE + GAP) + GAP, len(scenes) * (SIDE + TEXT + GAP) + GAP), "white")
    pen = ImageDraw.Draw(figure)
    for down, drawn in enumerate(scenes):
        picture = Image.fromarray(drawn.draw(side, side)[0])
        tiles = [("", picture.resize((SIDE, SIDE), Image.Resampling.NEAREST))]
        for number, thing in enumerate((drawn.first, drawn.second)):
            of_question = 2 * down + number
            weights = seen[of_question]
            # As strong as the share of the head's attention that the picture gets; the rest goes to the text.
            tile = Image.blend(tinted(picture, 0 * weights, SIDE), tinted(picture, weights, SIDE), weights.sum())
            tiles.append((f"{thing.shape}?{answers[of_question]} ({weights.sum():.2f})", tile))
        for across, (title, tile) in enumerate(tiles):
            corner = (GAP + across * (SIDE + GAP), GAP + down * (SIDE + TEXT + GAP))
            figure.paste(tile, (corner[0], corner[1] + TEXT))
            pen.text(corner, title, fill="black")
    return figure


def main() -> None:
    """Writes the figure, and the shares of questions that are answered."""
    folder, name, out = sys.argv[1:4]
    _, layer, head = parse_head(name)
    model = LlavaForConditionalGeneration.from_pretrained(folder, attn_implementation="eager").eval()
    processor = AutoProcessor.from_pretrained(folder)
    random = np.random.default_rng(SEED)
    scenes = [scene(random) for _ in range(N_ASKED)]
    draw(model, processor, layer, head, scenes[:N_DRAWN]).save(Path(out), optimize=True)
    sys.stdout.write(
        f"whole: {answered(model, processor, scenes).float().mean():.3f} (chance {1 / len(COLOURS):.2f})\n"
    )
    looked = looked_at(model, processor, scenes)
    asked_for = [thing.shape for drawn in scenes for thing in (drawn.first, drawn.second)]
    for number, block in enumerate(model.model.language_model.layers):
        for other in range(block.self_attn.config.num_attention_heads):
            with without(model, number, other):
                share = answered(model, processor, scenes).float().mean()
            asked, beside = looked[number, other].mean(0).tolist()
            by_shape = ", ".join(
                f"{shape} {looked[number, other, torch.tensor([own == shape for own in asked_for]), 0].mean():.3f}"
                for shape in SHAPES
            )
            sys.stdout.write(
                f"L{number}H{other}: asked {asked:.3f} ({by_shape}), other {beside:.3f}; without it {share:.3f}\n"
            )


if __name__ == "__main__":
    main()
