"""The page that sets any number of a model's heads against any other: what a head looks like against what it is."""

from __future__ import annotations

from collections.abc import Sequence

from headatlas.atlas.context.models import Measure
from headatlas.atlas.context.pages import ScatterPage
from headatlas.atlas.data.atlas import Atlas
from headatlas.atlas.data.model_data import ModelData
from headatlas.atlas.draw.wording import words
from headatlas.atlas.make import effects
from headatlas.atlas.make.facts import facts
from headatlas.patterns.lookup import most_prominent


def scatter_page(atlas: Atlas, model: ModelData) -> ScatterPage:
    """The page of one model; the script draws it from the data files that other pages load too."""
    patterns, measured = _patterns(atlas, model), effects.measures(model)
    x = most_prominent([measure.id for measure in patterns]) or ""
    return ScatterPage(
        title=f"Any number against any other, {model.name}",
        description=f"Every head of {model.name} as a point between two numbers of one's choice: a score, an effect of "
        "its removal, a number read off its weights.",
        root="../",
        trail=[(model.name, "index.html")],
        preview=f"{model.slug}/previews/model.png",
        model=facts(model),
        measures=[*patterns, *measured],
        x=x,
        y=_effect_beside(x, patterns, measured),
    )


def _patterns(atlas: Atlas, model: ModelData) -> list[Measure]:
    """Each pattern on the probe it is meant to be read on."""
    return [
        Measure(
            id=pattern.name,
            group=pattern.family,
            title=words(pattern.name),
            unit=pattern.unit,
            probe=model.probes_of(pattern)[0],
            file="",
        )
        for pattern in model.patterns
        if model.probes_of(pattern)
    ]


def _effect_beside(x: str, patterns: Sequence[Measure], measured: Sequence[Measure]) -> str:
    """What to set a pattern against: what removal does on its probe, or any effect, or else another pattern."""
    probe = next((measure.probe for measure in patterns if measure.id == x), "")
    on_probe = [measure for measure in measured if measure.cause and measure.probe == probe]
    others = [measure for measure in patterns if measure.id != x]
    return next((measure.id for measure in [*on_probe, *measured, *others]), x)
