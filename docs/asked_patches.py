"""The figure of docs/pictures.md: what the end of a question looks at in pictures that the toy was not trained on.

.venv/bin/python docs/asked_patches.py toy-vision-language L1H2 docs/images/asked-patches.png
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageDraw
from transformers import AutoProcessor, LlavaForConditionalGeneration

from headatlas.atlas.draw.images import tinted
from headatlas.heads import parse_head
from headatlas.probes.scenes import scene

N_SCENES, SEED = 4, 7
SIDE, GAP, TEXT = 128, 8, 16  # pixels


def main() -> None:
    """Draws each scene, and for a question about each of its things where a head looks from the question's last token."""
    folder, name, out = sys.argv[1:4]
    _, layer, head = parse_head(name)
    model = LlavaForConditionalGeneration.from_pretrained(folder, attn_implementation="eager").eval()
    processor = AutoProcessor.from_pretrained(folder)
    side = model.config.vision_config.image_size
    rows = side // model.config.vision_config.patch_size
    random = np.random.default_rng(SEED)
    figure = Image.new("RGB", (3 * (SIDE + GAP) + GAP, N_SCENES * (SIDE + TEXT + GAP) + GAP), "white")
    pen = ImageDraw.Draw(figure)
    for down in range(N_SCENES):
        drawn = scene(random)
        picture = Image.fromarray(drawn.draw(side, side)[0])
        tiles = [("", picture.resize((SIDE, SIDE), Image.Resampling.NEAREST))]
        for thing in (drawn.first, drawn.second):
            text = f"<image>\nQuestion: what colour is the {thing.shape}? Answer:"
            inputs = processor(images=picture, text=text, return_tensors="pt")
            with torch.no_grad():
                given = model(**inputs, output_attentions=True)
            answer = processor.tokenizer.decode(given.logits[0, -1].argmax())
            on_picture = (inputs.input_ids[0] == model.config.image_token_id).nonzero()[:, 0]
            seen = given.attentions[layer][0, head, -1, on_picture].reshape(rows, rows).numpy()
            tiles.append((f"{thing.shape}?{answer}", tinted(picture, seen, SIDE)))
        for across, (title, tile) in enumerate(tiles):
            corner = (GAP + across * (SIDE + GAP), GAP + down * (SIDE + TEXT + GAP))
            figure.paste(tile, (corner[0], corner[1] + TEXT))
            pen.text(corner, title, fill="black")
    figure.save(Path(out), optimize=True)


if __name__ == "__main__":
    main()
