"""Pages of one file with heatmaps: a model on a user's own text, a head of a scan; and blocks for a terminal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np
from markupsafe import Markup

from headatlas.atlas.build.scripts import bundle
from headatlas.atlas.build.templating import environment, templates_folder
from headatlas.atlas.context.components import ExampleSection, MapImage
from headatlas.atlas.draw import colours, images
from headatlas.atlas.draw.glyphs import short, visible
from headatlas.atlas.draw.wording import plural, words
from headatlas.atlas.make.maps import HEAD_ROOM, READING, map_set

if TYPE_CHECKING:
    from headatlas.views.scan_result import HeadResult
    from headatlas.views.text_view import View


THUMB = 64  # CSS pixels of a head in the view of all
LAYER_THUMB = 200  # where only one layer is shown


@dataclass(frozen=True, kw_only=True)
class AlonePage:
    """A page without a site around it."""

    template = "view.html"

    title: Annotated[str, "Title of the page."]
    description: Annotated[str, "The page in a sentence."]
    style: Annotated[Markup, "The style sheet."]
    script: Annotated[Markup, "The scripts."]
    name: Annotated[str, "What the first map shows."]
    examples: Annotated[Sequence[ExampleSection], "Heatmaps, one sequence each."]
    rows: Annotated[Sequence[tuple[str, Sequence[MapImage]]], "Layers and their heads, to choose from."]
    thumb: Annotated[int, "Width of a head there, in CSS pixels."]
    labels: Annotated[Sequence[str], "Labels in words, with confidence."]
    scores: Annotated[Sequence[tuple[str, str, float, float | None]], "Pattern, probe, score, chance."]
    data: Annotated[Any, "Tokens of the heatmaps, for the script."]


def view_page(view: View) -> str:
    """A model on a text: one map large, all heads small beside it."""
    one = view.chosen
    alone = view.layer is not None and view.head is not None
    names = [short(token) for token in view.tokens]
    section = ExampleSection(
        anchor="shown",
        probe="",
        probe_file="",
        sequence=0,
        length=plural(len(view.tokens), "token"),
        reading=READING,
        maps=map_set(0, names, names, [_image(one.title, one.weights, one.causal, "")], HEAD_ROOM, labelled=True),
    )
    rows = []
    for layer in view.layers if not alone else ():
        heads = [
            _image(layer.head_name(number), weights, layer.causal, layer.head_name(number))
            for number, weights in enumerate(layer.weights)
        ]
        mean = images.mean_map(list(layer.weights))
        rows.append((layer.name, [*heads, _image(f"mean of {layer.name}", mean, layer.causal, f"{layer.name}-mean")]))
    n_heads = sum(len(layer.weights) for layer in view.layers)
    return _render(
        title=f"{view.model} on a text of {plural(len(view.tokens), 'token')}",
        description=f"Attention of {one.title if alone else plural(n_heads, 'head')} of {view.model}.",
        name=one.title,
        examples=[section],
        rows=rows,
        thumb=THUMB if view.layer is None else LAYER_THUMB,
        labels=[],
        scores=[],
        data=[{"tokens": [visible(token) for token in view.tokens]}],
    )


def head_result_page(result: HeadResult) -> str:
    """A head of a scan: its labels, the sequences that were kept, its scores where they are furthest above chance."""
    sections = [
        ExampleSection(
            anchor=f"example-{place + 1}",
            probe=one.probe,
            probe_file="",
            sequence=place,
            length=plural(len(one.tokens), "token"),
            reading=READING,
            maps=map_set(
                place,
                [short(token) for token in one.tokens],
                [short(token) for token in one.keys],
                [_image(result.name, one.weights, causal=_looks_back(one.weights), anchor="")],
                HEAD_ROOM,
                labelled=True,
            ),
        )
        for place, one in enumerate(result.examples)
    ]
    found = result.scores
    scored = found[found["chance"].notna()]
    best = scored.assign(lift=scored["score"] - scored["chance"]).sort_values("lift", ascending=False, kind="stable")
    return _render(
        title=f"{result.model} {result.name}",
        description=f"What {result.name} of {result.model} looks at.",
        name=result.name,
        examples=sections,
        rows=[],
        thumb=THUMB,
        labels=[f"{words(row.label)} {row.confidence:.2f}" for row in result.labels.itertuples()],
        scores=[(row.pattern, row.probe, row.score, row.chance) for row in best.head(12).itertuples()],
        data=[_tokens(one.tokens, one.keys) for one in result.examples],
    )


def _looks_back(weights: np.ndarray) -> bool:
    return weights.shape[0] == weights.shape[1] and not np.triu(weights, 1).any()


def _tokens(rows: Sequence[str], columns: Sequence[str]) -> dict[str, list[str]]:
    found = {"tokens": [visible(token) for token in rows]}
    return found if columns == rows else found | {"columns": [visible(token) for token in columns]}


def _image(title: str, weights: np.ndarray, causal: bool, anchor: str) -> MapImage:
    return MapImage(
        title=title,
        uri=images.heatmap(weights, causal),
        alternative=f"Attention of {title}",
        href=anchor and f"#{anchor}",
    )


def _render(**values: Any) -> str:
    folder = templates_folder()
    # Ours, and written for this: they hold quotes and angle brackets on purpose, but no end of a script.
    style = Markup(colours.stylesheet() + (folder / "style.css").read_text(encoding="utf-8"))
    script = Markup(bundle("view"))
    page = AlonePage(style=style, script=script, **values)
    return environment().get_template(page.template).render(vars(page))
