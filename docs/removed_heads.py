"""What a toy that draws makes of sentences when heads are taken out while it draws: the numbers of docs/pictures.md.

.venv/bin/python docs/removed_heads.py toy-diffusion heads.db docs/images/removed-heads.png

The scan in the database says which heads of cross-attention have the label `word_to_region`. They are taken out
together, and, five times, as many other heads of cross-attention; alone are taken out the one that localises best and
the one that is missed most beside the things. What a head gives is replaced
by its mean over places and pictures, in each half of guidance by its own. All pictures begin from the same noise.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image, ImageDraw
from scipy import ndimage

import headatlas
from headatlas.attention.fused import HeadOutputs, fused_calls
from headatlas.evidence.removing.drawn_removals import path_of
from headatlas.models.pipelines import load_pipeline
from headatlas.probes.scenes import COLOURS, GROUND, RELATIONS, Scene, scene

N_SCENES, N_STEPS, GUIDANCE, SEED, N_DRAWS, N_SHOWN = 60, 25, 5.0, 7, 5, 4
AREA = 8  # pixels of 16 x 16 in a thing's colour, from which on it is there; the smallest drawn ones have 12
SIDE, GAP, TEXT = 128, 8, 16  # pixels
Heads = Sequence[tuple[str, int]]  # as the path of their module and their number within it


@contextmanager
def without(model: Any, heads: Heads) -> Iterator[None]:
    """Inside, each of the heads gives its mean over places and pictures, each half of a batch its own."""

    def change(path: str, output: HeadOutputs, given: dict[str, Any]) -> HeadOutputs:
        own = [head for at, head in heads if at == path]
        if not own:
            return output
        halves = output[:, own].unflatten(0, (2, -1))
        changed = output.clone()
        changed[:, own] = halves.mean((1, 3), keepdim=True).expand_as(halves).flatten(0, 1)
        return changed

    with fused_calls(model, change):
        yield


def drawn(pipe: Any, scenes: Sequence[Scene], heads: Heads) -> np.ndarray:
    """Pictures [scene, row, column, colour] of the scenes' sentences, drawn without some heads."""
    with without(pipe.unet, heads):
        latents = pipe(
            prompt=[own.text.text for own in scenes], num_inference_steps=N_STEPS, guidance_scale=GUIDANCE,
            generator=torch.Generator().manual_seed(SEED), output_type="latent",
        ).images  # fmt: skip
    return ((latents.clamp(-1, 1) + 1) * 127.5).movedim(1, -1).numpy()


def masks(pictures: np.ndarray, scenes: Sequence[Scene]) -> np.ndarray:
    """Where each scene's things are [scene, thing, row, column]: pixels nearer to their colour than to any other."""
    palette = np.array([GROUND, *COLOURS.values()])
    nearest = np.linalg.norm(pictures[..., None, :] - palette, axis=-1).argmin(-1)
    numbers = [[1 + [*COLOURS].index(thing.colour) for thing in (own.first, own.second)] for own in scenes]
    return nearest[:, None] == np.array(numbers)[:, :, None, None]


def said(intact: np.ndarray, changed: np.ndarray, scenes: Sequence[Scene]) -> str:
    """Of the things that were there, how many still are, how many of these lie elsewhere, and how many have the shape.

    Elsewhere is by two pixels or more. The shape is told by how much of the box around it a thing fills: of
    scenes as they are drawn most triangles fill 0.58 to 0.60, circles 0.68 to 0.89, and squares 1.
    """
    was, still = intact.sum((2, 3)) >= AREA, changed.sum((2, 3)) >= AREA
    both = was & still
    moved = np.linalg.norm(middles(intact)[both] - middles(changed)[both], axis=-1) >= 2
    shaped = sum(
        shape_of(where) == (own.first, own.second)[thing].shape
        for own, masks_of, there in zip(scenes, changed, both, strict=True)
        for thing, where in enumerate(masks_of)
        if there[thing]
    )
    return f"{both.sum()} of {was.sum()} things are there, {moved.sum()} of them elsewhere, {shaped} of the right shape"


def on_its_side(where: np.ndarray, scenes: Sequence[Scene]) -> int:
    """In how many pictures that show both things the first lies on the side that the sentence says, by two pixels."""
    there = (where.sum((2, 3)) >= AREA).all(1)
    sides = np.array([RELATIONS[own.relation] for own in scenes])
    apart = middles(where)[:, 0] - middles(where)[:, 1]
    return int(((apart * sides).sum(-1) >= 2)[there].sum())


def middles(where: np.ndarray) -> np.ndarray:
    """The mean row and column of each mask."""
    rows, columns = np.mgrid[: where.shape[2], : where.shape[3]]
    n = np.maximum(1, where.sum((2, 3)))
    return np.stack([(where * axis).sum((2, 3)) / n for axis in (rows, columns)], -1)


def shape_of(where: np.ndarray) -> str:
    """The shape of the largest part of a mask that hangs together."""
    parts, n = ndimage.label(where)
    largest = parts == 1 + np.bincount(parts.ravel(), minlength=n + 1)[1:].argmax()
    rows, columns = np.nonzero(largest)
    fills = len(rows) / (np.ptp(rows) + 1) / (np.ptp(columns) + 1)
    return "triangle" if fills < 0.64 else "circle" if fills < 0.93 else "square"


def named_heads(database: Path) -> tuple[dict[str, tuple[str, int]], list[str], list[str]]:
    """All heads of cross-attention by name, those labelled `word_to_region`, and the two that are taken out alone."""
    with headatlas.open(database) as catalog:
        (own,) = catalog.rows("select id from scans")
        heads = {
            f"X{row['layer']}H{row['head']}": (path_of(row["hook"]), int(row["head"]))
            for row in catalog.rows(
                """select heads.layer, head, hook from heads join layers using (scan_id, attention, layer)
                   where attention = 'cross' and heads.scan_id = ?""", [own["id"]],
            )
        }  # fmt: skip
        labelled = [
            f"X{row['layer']}H{row['head']}"
            for row in catalog.rows("select layer, head from head_labels where label = 'word_to_region'")
        ]
        alone = [
            *catalog.rows(
                "select layer, head from head_scores where pattern = 'noun_localisation' order by score desc limit 1"
            ),
            *catalog.rows(
                """select layer, head from head_evidence where kind = 'ablation_ground_loss' and attention = 'cross'
                   order by value desc limit 1"""
            ),
        ]
    return heads, labelled, [f"X{row['layer']}H{row['head']}" for row in alone]


def main() -> None:
    """Draws, prints and saves."""
    folder, database, out = map(Path, sys.argv[1:4])
    pipe = load_pipeline(folder).pipe
    pipe.set_progress_bar_config(disable=True)
    heads, labelled, alone = named_heads(database)
    random = np.random.default_rng(SEED)
    scenes = [scene(random) for _ in range(N_SCENES)]
    others = [name for name in heads if name not in labelled]
    draws = [sorted(random.choice(others, len(labelled), replace=False)) for _ in range(N_DRAWS)]
    sets = {"all heads": [], **{f"without {name}": [name] for name in alone}, "without the labelled": labelled}
    sets |= {f"without {' '.join(own)}": own for own in draws}
    pictures = {title: drawn(pipe, scenes, [heads[name] for name in names]) for title, names in sets.items()}
    intact = masks(pictures["all heads"], scenes)
    sides = on_its_side(intact, scenes)
    sys.stdout.write(f"labelled: {' '.join(labelled)}; in {sides} of {N_SCENES} the first thing is on its side\n")
    for title, made in pictures.items():
        sys.stdout.write(f"{title}: {said(intact, masks(made, scenes), scenes)}\n")
    shown = dict([*pictures.items()][: 1 + len(alone) + 1])
    figure = Image.new("RGB", (len(shown) * (SIDE + GAP) + GAP, N_SHOWN * (SIDE + TEXT + GAP) + GAP), "white")
    pen = ImageDraw.Draw(figure)
    for down in range(N_SHOWN):
        for across, (title, made) in enumerate(shown.items()):
            corner = (GAP + across * (SIDE + GAP), GAP + down * (SIDE + TEXT + GAP))
            tile = Image.fromarray(made[down].round().astype(np.uint8)).resize((SIDE, SIDE), Image.Resampling.NEAREST)
            figure.paste(tile, (corner[0], corner[1] + TEXT))
            pen.text(corner, title, fill="black")
    figure.save(out, optimize=True)


if __name__ == "__main__":
    main()
