"""Pages of one file with heatmaps: a model on a user's own text, a head of a scan."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

import numpy as np
from markupsafe import Markup

from headatlas.atlas.build.scripts import bundle
from headatlas.atlas.build.templating import render
from headatlas.atlas.context.heatmaps import ExampleSection, MapImage
from headatlas.atlas.draw import images
from headatlas.atlas.draw.glyphs import short, visible
from headatlas.atlas.draw.running_text import first_words
from headatlas.atlas.draw.wording import plural, words
from headatlas.atlas.make.maps import HEAD_ROOM, READING, map_set
from headatlas.views.attention_maps import Example, HeadMap, LayerAttention
from headatlas.views.contexts import HeatmapPage
from headatlas.views.single_page import inline_style

THUMB = 64  # CSS pixels of a head in the view of all, at least
LAYER_THUMB = 200  # at most
ROOM = 1180  # CSS pixels across the page, beside the names of layers
MAX_SCORES = 12

# Pattern, probe, score, chance.
ScoreRow = tuple[str, str, float, float]


def view_page(
    model: str,
    tokens: Sequence[str],
    shown: HeadMap,
    layers: Sequence[LayerAttention],
    called: Mapping[str, str] = MappingProxyType({}),
) -> str:
    """A model on a text: the map `shown` large, under it every head of `layers` to choose from, across the page.

    Without layers the map stands by itself. `called` are labels by the heads' names.
    """
    names = [short(token) for token in tokens]
    section = _section(
        0, "shown", "", first_words(tokens), names, names, _image(shown.title, shown.weights, shown.causal, "")
    )
    n_heads = sum(len(layer.weights) for layer in layers)
    widest = max((len(layer.weights) for layer in layers), default=0)
    return _render(
        title=f"{model} on a text of {plural(len(tokens), 'token')}",
        description=f"Attention of {plural(n_heads, 'head') if layers else shown.title} of {model}.",
        name=shown.title,
        sentence="",
        examples=[section],
        rows=[(layer.name, _thumbnails(layer)) for layer in layers],
        columns=[*map(str, range(widest)), "mean"],
        thumb=max(THUMB, min(LAYER_THUMB, ROOM // (widest + 1))),
        called=called,
        called_of=model if called else "",
        labels=[],
        scores=[],
        data=[{"tokens": [visible(token) for token in tokens]}],
    )


def head_page(
    model: str,
    name: str,
    examples: Sequence[Example],
    labels: Sequence[tuple[str, float]],
    scores: Sequence[ScoreRow],
    sentence: str = "",
) -> str:
    """A head of a scan: what it does, its labels with their confidence, its maps, the scores furthest above chance."""
    sections = [
        _section(
            number,
            f"example-{number + 1}",
            example.probe,
            first_words(example.tokens) or str(number),
            [short(token) for token in example.tokens],
            [short(token) for token in example.keys],
            _image(name, example.weights, causal=_looks_back(example.weights), anchor=""),
        )
        for number, example in enumerate(examples)
    ]
    return _render(
        title=f"{model} {name}",
        description=f"What {name} of {model} looks at.",
        name=name,
        sentence=sentence,
        examples=sections,
        rows=[],
        columns=[],
        thumb=THUMB,
        called={},
        called_of="",
        labels=[f"{words(label)} {confidence:.2f}" for label, confidence in labels],
        scores=sorted(scores, key=lambda row: row[3] - row[2])[:MAX_SCORES],
        data=[_tokens(example.tokens, example.keys) for example in examples],
    )


def _section(
    number: int, anchor: str, probe: str, name: str, rows: Sequence[str], columns: Sequence[str], image: MapImage
) -> ExampleSection:
    return ExampleSection(
        anchor=anchor,
        probe=probe,
        probe_file="",
        sequence=number,
        name=name,
        length=plural(len(rows), "token"),
        reading=READING,
        number=number,
        maps=map_set(number, rows, columns, [image], HEAD_ROOM, labelled=True),
    )


def _thumbnails(layer: LayerAttention) -> list[MapImage]:
    """Every head of a layer, and their mean last."""
    heads = [
        _image(name, weights, layer.causal, name) for name, weights in zip(layer.names, layer.weights, strict=True)
    ]
    mean = images.mean_map(list(layer.weights))
    return [*heads, _image(f"mean of {layer.name}", mean, layer.causal, f"{layer.name}-mean")]


def _looks_back(weights: np.ndarray) -> bool:
    return weights.shape[0] == weights.shape[1] and not np.triu(weights, 1).any()


def _tokens(rows: Sequence[str], columns: Sequence[str]) -> dict[str, list[str]]:
    labels = {"tokens": [visible(token) for token in rows]}
    return labels if columns == rows else labels | {"columns": [visible(token) for token in columns]}


def _image(title: str, weights: np.ndarray, causal: bool, anchor: str) -> MapImage:
    return MapImage(
        title=title,
        uri=images.heatmap(weights, causal),
        alternative=f"Attention of {title}",
        href=anchor and f"#{anchor}",
    )


def _render(**values: Any) -> str:
    # The scripts are ours and written for this: they hold quotes and angle brackets, but no end of a script.
    page = HeatmapPage(style=inline_style(), script=Markup(bundle("view")), **values)
    return render(page).decode("utf-8")
