"""What the front page shows first: a real head on a short text, and whether models need such heads."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from headatlas.atlas.context.guide import NeededHeads, ReadingExample
from headatlas.atlas.context.heatmaps import MapImage
from headatlas.atlas.data.atlas import Atlas
from headatlas.atlas.data.model_data import Example, Head, Label, Layer, ModelData
from headatlas.atlas.draw import images
from headatlas.atlas.draw.glyphs import short, visible
from headatlas.atlas.draw.running_text import running_text
from headatlas.atlas.make import labels
from headatlas.atlas.make.maps import FRONT_ROOM, labels_of, map_set, reading_rank
from headatlas.atlas.make.names import strongest_heads
from headatlas.atlas.make.wild import in_context
from headatlas.evidence.words.verdicts import UNTESTED
from headatlas.patterns.lookup import most_prominent

MAX_TOKENS = 48  # of a text whose tokens can be read beside the map
MIN_WEIGHT = 0.5  # that a row shows what the head does
MAX_HEADS = 5

Heatmaps = Mapping[tuple[int, int], np.ndarray]  # (example, head) -> [query, key] bytes
Maps = Callable[[ModelData, Layer], Heatmaps]
_TONES = {True: "good", False: "bad", None: "open"}


@dataclass(frozen=True)
class _Row:
    """The row of a map that shows best what a head does."""

    example: Example
    weights: np.ndarray
    query: int
    key: int


def prominent_label(atlas: Atlas) -> str:
    """The label to begin with: of those that some head carries the most prominent; empty where there is none."""
    carried = {label.name for model in atlas.models for of_head in model.labels.values() for label in of_head}
    return most_prominent([name for name in atlas.newest if name in carried]) or ""


def reading_example(atlas: Atlas, maps: Maps) -> tuple[ReadingExample, list[str]] | None:
    """The head that carries the most prominent label most strongly, on a short text; models with natural ones first.

    Returns:
        What the page shows and the tokens of the text; None where no head with that label has a map that shows it.
    """
    label = prominent_label(atlas)
    carriers = [
        (strength.strength or 0.0, model, head)
        for model in atlas.models
        for head, strength in strongest_heads(model).get(label, [])[:MAX_HEADS]
    ]
    most_natural = {
        model.slug: min((reading_rank(example.probe) for example in model.examples), default=0)
        for model in atlas.models
    }
    for _, model, head in sorted(carriers, key=lambda item: (most_natural[item[1].slug], -item[0])):
        layer = next(layer for layer in model.layers if head in layer.heads)
        row = _clearest_row(model, head, maps(model, layer))
        if row is not None:
            return _example(atlas, model, layer, head, row), labels_of(row.example, layer.attention)[0]
    return None


def _clearest_row(model: ModelData, head: Head, maps: Heatmaps) -> _Row | None:
    """Of the short texts the first kind on which a row of the map leaves the first key for another; the clearest."""
    rows = []
    for example in model.examples:
        weights = maps.get((example.id, head.id))
        queries, keys = example.sides(head.attention)
        if weights is None or queries != keys or len(queries) > MAX_TOKENS or example.grid is not None:
            continue
        beside = weights.astype(int)
        beside[:, 0] = 0
        np.fill_diagonal(beside, 0)  # a token that looks at itself shows a newcomer little
        query, key = (int(position) for position in np.unravel_index(np.argmax(beside), beside.shape))
        if beside[query, key] >= 255 * MIN_WEIGHT:
            rows.append((reading_rank(example.probe), -int(beside[query, key]), _Row(example, weights, query, key)))
    return min(rows, key=lambda item: item[:2])[2] if rows else None


def _example(atlas: Atlas, model: ModelData, layer: Layer, head: Head, row: _Row) -> ReadingExample:
    queries, keys = labels_of(row.example, layer.attention, short)
    weight = row.weights[row.query, row.key] / 255
    tokens = [visible(token) for token in row.example.sides(layer.attention)[0]]
    picture = MapImage(
        title="",
        uri=images.heatmap(row.weights, layer.causal),
        alternative=f"Attention of {head.name} of {model.name} on {len(tokens)} tokens: {tokens[row.query]} at "
        f"{row.query} looks at {tokens[row.key]} at {row.key} with {weight:.2f}.",
    )
    known = model.evidence.heads.get(head.id)
    return ReadingExample(
        maps=map_set(0, queries, keys, [picture], FRONT_ROOM, labelled=True),
        head=head.name,
        href=f"{model.slug}/heads/{head.name}.html",
        model=model.name,
        slug=model.slug,
        label=labels.chips(atlas, model, head)[0],
        sentence=model.sentences.get(head.id, ""),
        effect="" if known is None else known.verdicts[0].sentence,
        query=tokens[row.query],
        row=row.query,
        key=tokens[row.key],
        column=row.key,
        weight=float(weight),
        context=in_context(running_text(row.example.sides(layer.attention)[0]), row.query, {row.key: float(weight)}),
        causal=layer.causal,
    )


def needed_heads(atlas: Atlas, label: str) -> list[NeededHeads]:
    """For each model that has heads with a label, these heads, and what the model loses without them.

    Models of which that is known come first; of a run over training there is the last checkpoint.
    """
    of_models = [(model, strongest_heads(model).get(label, [])) for model in atlas.ends]
    rows = [_needed(model, label, carriers) for model, carriers in of_models if carriers]
    return sorted(rows, key=lambda row: not row.n_tested)


def _needed(model: ModelData, label: str, carriers: Sequence[tuple[Head, Label]]) -> NeededHeads:
    verdicts = [
        verdict
        for head, _ in carriers
        if head.id in model.evidence.heads
        for verdict in model.evidence.heads[head.id].verdicts
        if verdict.label == label and verdict.verdict != UNTESTED
    ]
    first = verdicts[0] if verdicts else None
    return NeededHeads(
        model=model.name,
        slug=model.slug,
        heads=[(head.name, labels.shown_strength(carried)) for head, carried in carriers[:MAX_HEADS]],
        more=max(len(carriers) - MAX_HEADS, 0),
        n_needed=sum(verdict.agrees is True for verdict in verdicts),
        n_tested=len(verdicts),
        verdict="" if first is None else first.verdict,
        tone="" if first is None else _TONES[first.agrees],
        sentence="" if first is None else first.sentence,
    )
