"""Drawn scenes with a sentence that describes each: what models of pictures and words are looked at on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from headatlas.inputs.annotated_text import AnnotatedText
from headatlas.inputs.sequence import Drawing
from headatlas.probes import DoesNotFit, ProbeContext, probe

if TYPE_CHECKING:
    import numpy as np

    from headatlas.inputs.sequence import TokenSequence

N_SCENES = 24
N_EXAMPLES = 2
# How much noise is mixed into a scene, as shares of the way from the clean picture to noise; the order of generation.
NOISE = (0.9, 0.7, 0.5, 0.3)
EARLY = 0.6  # from this much noise on a step is an early one
GROUND = (236, 232, 222)
COLOURS = {"red": (206, 52, 44), "green": (48, 150, 74), "blue": (40, 88, 190), "yellow": (232, 180, 36)}
SHAPES = ("circle", "square", "triangle")
# Rows down and columns right from the middle of the picture to the first thing, in quarters of its size.
RELATIONS = {"left of": (0, -1), "right of": (0, 1), "above": (-1, 0), "below": (1, 0)}


@probe("scenes", version=1, medium="scenes", regions=True, smallest_set="quick")
def scenes(context: ProbeContext) -> Iterator[TokenSequence]:
    """Drawn scenes with the sentence of each, such as "a red circle left of a blue square", at four amounts of noise.

    Two things of different shapes and colours lie in opposite halves of a plain ground. The picture is mixed with
    seeded noise, as in training, so that where each thing is to be drawn is known at every time step. A place more than
    half of which a thing covers has the role `shape` with the thing's number, as have the noun and the adjective that
    name it; places of the two noisier steps have the role `early`, the others `late`. The first two scenes are kept
    as examples, at every step.
    """
    patch_grid = context.patch_grid
    assert patch_grid is not None
    assert patch_grid.prompt is not None
    for index in range(N_SCENES):
        drawn = scene(context.random)
        prompt = patch_grid.prompt.of(drawn.text)
        if prompt is None:
            raise DoesNotFit("left out: the prompts that this model takes are too short for a sentence")
        image, owner = drawn.draw(patch_grid.height, patch_grid.width)
        clean = patch_grid.of_image(image, owner, example=index < N_EXAMPLES)
        for noise in NOISE:
            places = dict.fromkeys(range(len(clean)), 0)
            yield replace(
                clean,
                source=prompt,
                roles={**clean.roles, "early" if noise >= EARLY else "late": places},
                drawing=Drawing(drawn.text.text, noise, seed=index),
            )


@dataclass(frozen=True)
class Thing:
    """A drawn shape: its name and colour, its middle and its radius as shares of the picture's size."""

    shape: str
    colour: str
    down: float
    across: float
    radius: float


@dataclass(frozen=True)
class Scene:
    """Two things of different shapes and colours, and where the first lies, seen from the second."""

    first: Thing
    relation: str
    second: Thing

    @property
    def text(self) -> AnnotatedText:
        """The sentence; nouns have the role `noun`, colours the role `adjective`, both with the number of the thing."""
        text = AnnotatedText()
        for number, thing in enumerate((self.first, self.second)):
            before = "a " if number == 0 else f" {self.relation} a "
            text = text.add(before).add(thing.colour, adjective=number).add(" ").add(thing.shape, noun=number)
        return text

    def draw(self, height: int, width: int) -> tuple[np.ndarray, np.ndarray]:
        """The picture [height, width, 3] in bytes, and the number of the thing at each pixel, -1 for the ground."""
        import numpy as np

        down, across = np.mgrid[0:height, 0:width] + 0.5
        image = np.full((height, width, 3), GROUND, dtype=np.uint8)
        owner = np.full((height, width), -1)
        for number, thing in enumerate((self.first, self.second)):
            inside = _inside(thing, down / height, across / width)
            image[inside], owner[inside] = COLOURS[thing.colour], number
        return image, owner


def scene(random: np.random.Generator) -> Scene:
    """A scene by chance: the things lie in opposite halves of the picture and never touch."""
    shapes = random.choice(SHAPES, 2, replace=False).tolist()
    colours = random.choice([*COLOURS], 2, replace=False).tolist()
    relation = str(random.choice([*RELATIONS]))
    things = []
    for side, shape, colour in zip((1, -1), shapes, colours, strict=True):
        aside, along = random.uniform(0.21, 0.27), random.uniform(-0.2, 0.2)
        rows, columns = RELATIONS[relation]
        down = 0.5 + side * rows * aside + (along if rows == 0 else 0)
        across = 0.5 + side * columns * aside + (along if columns == 0 else 0)
        things.append(Thing(shape, colour, down, across, random.uniform(0.17, 0.2)))
    return Scene(things[0], relation, things[1])


def _inside(thing: Thing, down: np.ndarray, across: np.ndarray) -> np.ndarray:
    """The pixels that a thing covers, [height, width]; `down` and `across` are those of each pixel's middle."""
    down, across = down - thing.down, across - thing.across
    if thing.shape == "circle":
        return down**2 + across**2 <= thing.radius**2
    if thing.shape == "square":
        return (abs(down) <= thing.radius * 0.85) & (abs(across) <= thing.radius * 0.85)
    return (abs(down) <= thing.radius) & (abs(across) <= (down + thing.radius) / 2)
