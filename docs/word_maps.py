"""The figure of docs/pictures.md: pictures that a model drew itself, and where each noun and adjective is looked at.

.venv/bin/python docs/word_maps.py heads.db docs/images/word-maps.png
"""

from __future__ import annotations

import io
import sys
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from headatlas.atlas.data.load import load_model, prompt_maps
from headatlas.atlas.draw.images import tinted
from headatlas.atlas.make.pictures import looking, pictures_of
from headatlas.catalog.reader import Reader
from headatlas.probes.scenes import COLOURS, SHAPES

SIDE, GAP, TEXT = 128, 8, 16  # pixels


def main() -> None:
    """Draws the figure of the only scan in a database."""
    database, out = map(Path, sys.argv[1:3])
    with Reader(database) as reader:
        (scan,) = reader.scans()
        model = load_model(reader, scan, "model")
        rows = []
        for picture in (picture for picture in pictures_of(model) if picture[0].step is not None):
            first = picture[0]
            image = Image.open(io.BytesIO(first.image or b"")).convert("RGB")
            mean = np.mean([prompt_maps(reader, step, looking(model)).mean(0) for step in picture], 0)
            tiles = [("", image.resize((SIDE, SIDE), Image.Resampling.NEAREST))]
            for token, name in enumerate(first.source):
                if name.strip() in (*COLOURS, *SHAPES):
                    seen = mean[:, token].reshape(first.grid or (1, 1))
                    tiles.append((name.strip(), tinted(image, seen, SIDE)))
            rows.append(tiles)
    figure = Image.new(
        "RGB", (max(map(len, rows)) * (SIDE + GAP) + GAP, len(rows) * (SIDE + TEXT + GAP) + GAP), "white"
    )
    pen = ImageDraw.Draw(figure)
    for down, tiles in enumerate(rows):
        for across, (name, tile) in enumerate(tiles):
            corner = (GAP + across * (SIDE + GAP), GAP + down * (SIDE + TEXT + GAP))
            figure.paste(tile, (corner[0], corner[1] + TEXT))
            pen.text(corner, name, fill="black")
    figure.save(out, optimize=True)


if __name__ == "__main__":
    main()
