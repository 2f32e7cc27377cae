"""The page of words and places: where in a picture each word is looked at, by head and by step (after DAAM).

Tang et al. 2022, arXiv:2210.04885, draw the sum over all heads and steps; here both can be taken apart.
"""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from itertools import groupby
from typing import Any

import numpy as np
from PIL import Image

from headatlas.atlas.context.models import Localisation, PictureChoice, PictureHead
from headatlas.atlas.context.pages import PicturesPage
from headatlas.atlas.data.atlas import Atlas
from headatlas.atlas.data.load import prompt_maps
from headatlas.atlas.data.model_data import Example, Head, ModelData
from headatlas.atlas.data.neighbours import Neighbours
from headatlas.atlas.draw import images
from headatlas.atlas.draw.glyphs import visible
from headatlas.atlas.make import bars, evidence, labels
from headatlas.atlas.make.facts import facts
from headatlas.catalog.reader import Reader
from headatlas.evidence.types import REGION_LOSS
from headatlas.evidence.words.effect_words import Line
from headatlas.patterns import PATTERNS

Picture = list[Example]
N_SIMILAR = 2  # of a head of the table


def pictures_of(model: ModelData) -> list[Picture]:
    """Pictures with a sentence, each as its steps from noise on; those that the model drew itself come first."""
    pictures: list[Picture] = []
    for examples in (model.paintings, model.examples):
        of_sentences = [example for example in examples if example.prompt is not None and example.image is not None]
        for _, steps in groupby(of_sentences, lambda example: (example.probe, example.prompt)):
            pictures.append(sorted(steps, key=lambda example: -(example.noise or 0.0)))
    return pictures


def pictures_page(atlas: Atlas, model: ModelData, neighbours: Neighbours) -> PicturesPage:
    """The page of one model; the script draws it from one data file a picture."""
    patterns = _patterns(model)
    effects = evidence.values(model, REGION_LOSS)
    by_head = next(iter(effects.values()), {})
    heads = [_head(atlas, model, head, patterns, by_head.get(head.id), neighbours) for head in looking(model)]
    heads.sort(key=lambda head: -(head.scores[0][0] if head.scores and head.scores[0] else 0.0))
    return PicturesPage(
        title=f"Words and places, {model.name}",
        description=f"Where in a picture each word of its sentence is looked at by the heads of {model.name}, step by "
        "step.",
        root="../",
        trail=[(model.name, "index.html")],
        preview=f"{model.slug}/previews/model.png",
        model=facts(model),
        pictures=[
            PictureChoice(file=file_name(number), sentence=picture[0].prompt or "", own=picture[0].step is not None)
            for number, picture in enumerate(pictures_of(model))
        ],
        patterns=[
            Localisation(pattern=name, file=atlas.pattern_files[name], chance=bars.common_chance(model, name, probe))
            for name, probe in patterns
        ],
        heads=heads,
        effects=bool(effects),
    )


def file_name(number: int) -> str:
    """The data file of a picture."""
    return f"picture-{number + 1}"


def picture_data(reader: Reader, model: ModelData, picture: Picture) -> dict[str, Any]:
    """What the script draws a picture with: `maps` are bytes, [head, step, token, place], 255 for all attention."""
    first, heads = picture[0], looking(model)
    assert first.image is not None
    tokens = shown_tokens(first.source)
    maps = np.stack([prompt_maps(reader, step, heads) for step in picture], 1)[..., tokens].swapaxes(2, 3)
    return {
        "sentence": first.prompt,
        "own": first.step is not None,
        "tokens": [visible(first.source[token]).strip() for token in tokens],
        "image": images.uri(Image.open(io.BytesIO(first.image)).convert("RGB")),
        "grid": list(first.grid or ()),
        "noise": [round(step.noise or 0.0, 3) for step in picture],
        "heads": [head.name for head in heads],
        "maps": base64.b64encode(np.ascontiguousarray(maps).tobytes()).decode("ascii"),
    }


def shown_tokens(source: Sequence[str]) -> list[int]:
    """All tokens of a prompt but its padding, of which the last is enough: it is one token over and over."""
    last = len(source) - 1
    return [token for token, name in enumerate(source) if name != source[-1] or token == last]


def looking(model: ModelData) -> list[Head]:
    """Heads that look from places at the prompt, in the model's order."""
    return [head for head in model.heads if head.attention == "cross"]


def _patterns(model: ModelData) -> list[tuple[str, str]]:
    """Patterns that are read along keys, with the probe of each: what a word gets, and from where. Nouns come first."""
    scored = {pattern.name: model.probes_of(pattern) for pattern in model.patterns}
    return [(own.name, scored[own.name][0]) for own in PATTERNS if own.by_key and scored.get(own.name)]


def _head(
    atlas: Atlas,
    model: ModelData,
    head: Head,
    patterns: Sequence[tuple[str, str]],
    effect: Line | None,
    neighbours: Neighbours,
) -> PictureHead:
    scores = [model.score_of(pattern, probe, head) for pattern, probe in patterns]
    known = [None if score is None else _with_interval(score.score, score.low, score.high) for score in scores]
    measured = None if effect is None else _with_interval(effect.value, effect.low, effect.high)
    own = [near.name for other, near, _ in neighbours.of(model, head) if other.slug == model.slug]
    chips = labels.chips(atlas, model, head)[:2]
    return PictureHead(name=head.name, chips=chips, scores=known, effect=measured, similar=own[:N_SIMILAR])


def _with_interval(value: float | None, low: float | None, high: float | None) -> tuple[float, float, float] | None:
    return None if value is None or low is None or high is None else (value, low, high)
