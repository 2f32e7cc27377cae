"""The front page and the page that compares two models."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

import numpy as np

from headatlas.atlas.context.heatmaps import MapImage, MapSet
from headatlas.atlas.context.labels import Chip
from headatlas.atlas.context.models import ModelCard, ModelLine
from headatlas.atlas.context.pages import HeadsPage, IndexPage, PairPage
from headatlas.atlas.data.atlas import Atlas
from headatlas.atlas.data.model_data import ModelData
from headatlas.atlas.draw import images
from headatlas.atlas.draw.colours import family_class
from headatlas.atlas.draw.glyphs import visible
from headatlas.atlas.draw.wording import words
from headatlas.atlas.make import curves, definitions, depth, effects, first_look, labels, mosaics, previews
from headatlas.atlas.make.facts import drawn_head, facts
from headatlas.catalog.training import Training
from headatlas.patterns.lookup import comes_last, most_prominent

NEWEST = 5
MAX_CARDS = 6  # models that have a card each; more are a table
COMMONEST = 6

# An invented map that shows how to read one: a head that looks for what followed the same word before.
_WORKED_TOKENS = ("The", " red", " fox", " met", " a", " red", " fox")
_WORKED_WEIGHTS = (
    (1.00, 0, 0, 0, 0, 0, 0),
    (0.92, 0.08, 0, 0, 0, 0, 0),
    (0.88, 0.05, 0.07, 0, 0, 0, 0),
    (0.85, 0.04, 0.06, 0.05, 0, 0, 0),
    (0.83, 0.05, 0.03, 0.05, 0.04, 0, 0),
    (0.10, 0.03, 0.82, 0.02, 0.01, 0.02, 0),
    (0.09, 0.02, 0.04, 0.80, 0.02, 0.01, 0.02),
)


def index_page(atlas: Atlas, maps: first_look.Maps, trainings: Mapping[str, Training]) -> IndexPage:
    """The front page; `maps` gives the kept maps of a model's layer, `trainings` are runs by their pages."""
    models = atlas.models
    label = first_look.prominent_label(atlas)
    real = first_look.reading_example(atlas, maps)
    needed = first_look.needed_heads(atlas, label) if label else []
    newest = sorted(models, key=lambda model: (model.scan["finished"] or "", model.name), reverse=True)[:NEWEST]
    many = len(models) > MAX_CARDS
    tokens = [visible(token) for token in _WORKED_TOKENS]
    return IndexPage(
        title="An atlas of attention heads",
        description="What every attention head of a language model looks at, measured and drawn.",
        root="",
        trail=[],
        preview="previews/atlas.png",
        models=[_card(atlas, model, pictures=not many) for model in models],
        lines=[_model_line(model) for model in models] if many else [],
        runs=[(run.run, file, curves.description(run)) for file, run in trainings.items()],
        n_heads=sum(len(model.heads) for model in models),
        drawn=drawn_head(models),
        newest=[(model.name, model.slug, (model.scan["finished"] or "")[:10]) for model in newest],
        families=definitions.families(atlas),
        probes=definitions.probe_facts(atlas),
        example=real[0] if real else None,
        worked=None if real else _worked(tokens),
        label=label,
        label_file=atlas.pattern_files.get(label, ""),
        depth=depth.depth_figure(atlas),
        needed=needed,
        n_without=len(atlas.ends) - len(needed),
        data=[{"tokens": real[1] if real else tokens}],
    )


def _model_line(model: ModelData) -> ModelLine:
    counted = labels.counts_of(model)
    named = [(name, number) for name, number in counted if not comes_last(name)]
    shades = previews.shades(model)
    widest = max([len(row) for row in shades], default=1) or 1
    return ModelLine(
        facts=facts(model),
        mosaic=images.shaded(shades),  # over the page, light or dark
        width=min(max(round(28 * widest / max(len(shades), 1)), 14), 84),
        n_named=sum(number for _, number in named),
        commonest=f"{words(named[0][0])} {named[0][1]}" if named else "",
    )


def _card(atlas: Atlas, model: ModelData, *, pictures: bool) -> ModelCard:
    counted = labels.counts(atlas, model)
    return ModelCard(
        facts=facts(model),
        thumbnails=mosaics.portrait(atlas, model) if pictures else [],
        labels=[count.chip for count in counted[:COMMONEST]],
        coverage=labels.coverage(model, counted),
    )


def heads_page(atlas: Atlas) -> HeadsPage:
    """Two heads side by side; the script draws them from the data files of their layers."""
    return HeadsPage(
        title="Two heads side by side",
        description="Any two heads, of any models of this atlas: their maps on one text, and what differs.",
        root="",
        trail=[],
        preview="previews/atlas.png",
        models=[facts(model) for model in atlas.models if model.heads],
    )


def pair_page(atlas: Atlas) -> PairPage:
    """Two models side by side: without the script the labels of all of them."""
    counted = [
        Counter(labels_of_head[0].name for head in model.heads if (labels_of_head := model.labels.get(head.id, [])))
        for model in atlas.models
    ]
    names = sorted(
        {name for counts in counted for name in counts},
        key=lambda name: (-sum(counts[name] for counts in counted), name),
    )
    return PairPage(
        title="Compare two models",
        description="Two models side by side: labels, patterns, and head by head where their shapes agree.",
        root="",
        trail=[],
        preview="previews/atlas.png",
        models=[facts(model) for model in atlas.models],
        pair=_telling_pair(atlas),
        rows=[
            (
                Chip(text=words(name), value="", hue=atlas.hue(name), file=atlas.pattern_files.get(name, "")),
                [str(counts[name]) if counts[name] else "–" for counts in counted],
            )
            for name in names
        ],
        data={
            "models": [{"name": model.name, "slug": model.slug} for model in atlas.models],
            "evidence": {
                model.slug: {measure.id: [measure.file, measure.probe] for measure in effects.measures(model)}
                for model in atlas.models
            },
            "effects": [
                {
                    "name": column.id,
                    "title": column.title,
                    "hue": family_class("content"),
                    "file": "",
                    "summary": f"In {column.unit}; the other hue is below zero.",
                }
                for column in effects.columns(atlas.models)
            ],
            "patterns": [
                {"name": name, "file": atlas.pattern_files[name], "hue": atlas.hue(name), "summary": pattern.summary}
                for name, pattern in atlas.newest.items()
            ],
            "first": most_prominent(atlas.newest) or "",
        },
    )


def _telling_pair(atlas: Atlas) -> tuple[str, str]:
    """The first and the last of the models whose heads can be set side by side, or else of all; larger models first."""
    alike: dict[tuple[tuple[str, int], ...], list[str]] = {}
    for model in atlas.models:
        alike.setdefault(tuple(model.sizes.items()), []).append(model.slug)
    groups = [(sum(size for _, size in shape), slugs) for shape, slugs in alike.items() if len(slugs) > 1]
    slugs = max(groups, key=lambda group: group[0])[1] if groups else [model.slug for model in atlas.models]
    return slugs[0], slugs[-1]


def _worked(tokens: list[str]) -> MapSet:
    weights = np.round(np.array(_WORKED_WEIGHTS) * 255).astype(np.uint8)
    axis = "\n".join(tokens)
    return MapSet(
        number=0,
        rows=len(tokens),
        columns=len(tokens),
        cell=32,
        row_axis=axis,
        column_axis=axis,
        step=1,
        tall=1,
        maps=[
            MapImage(
                title="",
                uri=images.heatmap(weights, causal=True),
                alternative="An invented attention map of seven tokens: the second ' red' looks at the first ' fox', "
                "the second ' fox' at ' met', all others at the first token.",
            )
        ],
    )
