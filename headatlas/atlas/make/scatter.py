"""The page that sets any number of a model's heads against any other: what a head looks like against what it is."""

from __future__ import annotations

from collections.abc import Sequence

from headatlas.atlas.context.models import Measure
from headatlas.atlas.context.pages import ScatterPage
from headatlas.atlas.data.atlas import Atlas, file_names
from headatlas.atlas.data.model_data import ModelData
from headatlas.atlas.draw.wording import words
from headatlas.atlas.make import evidence
from headatlas.atlas.make.facts import facts
from headatlas.evidence.types import CAUSES
from headatlas.patterns import most_prominent

_EVIDENCE = "evidence"


def scatter_page(atlas: Atlas, model: ModelData) -> ScatterPage:
    """The page of one model; the script draws it from the data files that other pages load too."""
    patterns, effects = _patterns(atlas, model), _effects(model)
    x = most_prominent([measure.id for measure in patterns]) or ""
    return ScatterPage(
        title=f"Any number against any other, {model.name}",
        description=f"Every head of {model.name} as a point between two numbers of one's choice: a score, an effect of "
        "its removal, a number read off its weights.",
        root="../",
        trail=[(model.name, "index.html")],
        preview=f"{model.slug}/previews/model.png",
        model=facts(model),
        measures=[*patterns, *effects],
        x=x,
        y=_effect_beside(x, patterns, effects),
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


def _effects(model: ModelData) -> list[Measure]:
    """Each type of evidence on each probe it was gathered on."""
    titles = evidence.titles(model)
    files = file_names(titles)
    measures = []
    for type_, title in titles.items():
        for probe, lines in evidence.values(model, type_).items():
            measures.append(
                Measure(
                    id=f"{type_}:{probe}" if probe else type_,
                    group=_EVIDENCE,
                    title=f"{title}, {words(probe)}" if probe else title,
                    unit=next(iter(lines.values())).unit,
                    probe=probe,
                    file=files[type_],
                    cause=next(iter(lines.values())).basis == CAUSES,
                )
            )
    return measures


def _effect_beside(x: str, patterns: Sequence[Measure], effects: Sequence[Measure]) -> str:
    """What to set a pattern against: what removal does on its probe, or any effect, or else another pattern."""
    probe = next((measure.probe for measure in patterns if measure.id == x), "")
    on_probe = [measure for measure in effects if measure.cause and measure.probe == probe]
    others = [measure for measure in patterns if measure.id != x]
    return next((measure.id for measure in [*on_probe, *effects, *others]), x)
