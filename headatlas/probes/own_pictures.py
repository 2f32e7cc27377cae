"""Pictures that a model draws itself, step by step: where each word is looked at while they come about."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from headatlas.inputs.sequence import Drawing
from headatlas.probes import DoesNotFit, ProbeContext, probe
from headatlas.probes.scenes import scene

if TYPE_CHECKING:
    from headatlas.inputs.sequence import TokenSequence

N_PICTURES = 3
N_STEPS = 8


@probe("own_pictures", version=1, medium="scenes")
def own_pictures(context: ProbeContext) -> Iterator[TokenSequence]:
    """Three pictures that the model draws itself, of sentences such as "a red circle left of a blue square".

    Each is drawn in eight steps from seeded noise, with the pipeline's own guidance, and attention is read at every
    step, in the half that has the prompt. Where things are to be is not known, so nothing is said of regions; nouns
    and adjectives have the roles `noun` and `adjective`. All steps are kept as examples.
    """
    import numpy as np

    patch_grid = context.patch_grid
    assert patch_grid is not None
    assert patch_grid.prompt is not None
    if patch_grid.draw is None:
        raise DoesNotFit("left out: this model does not draw pictures by itself")
    blank = np.zeros((patch_grid.height, patch_grid.width, 3), dtype=np.uint8)
    places = patch_grid.of_image(blank, np.full(blank.shape[:2], -1), example=True)
    for index in range(N_PICTURES):
        text = scene(context.random).text
        prompt = patch_grid.prompt.of(text)
        if prompt is None:
            raise DoesNotFit("left out: the prompts that this model takes are too short for a sentence")
        painting = patch_grid.draw(text.text, N_STEPS, index)
        for step, (latents, noise) in enumerate(zip(painting.latents, painting.noise, strict=True)):
            drawing = Drawing(text.text, noise, seed=index, step=step)
            yield replace(places, source=prompt, signal=latents, image=painting.image, drawing=drawing)
