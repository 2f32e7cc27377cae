"""Mosaics: layers by heads, coloured by label or by a score, large with links or small as pictures."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import groupby

import numpy as np

from headatlas.atlas.context.labels import LabelKey
from headatlas.atlas.context.mosaics import Mosaic, MosaicCell, MosaicRow, Thumbnail
from headatlas.atlas.data.atlas import Atlas
from headatlas.atlas.data.model_data import Head, Layer, ModelData, Pattern
from headatlas.atlas.data.scores import Score
from headatlas.atlas.draw import images
from headatlas.atlas.draw.colours import family_class
from headatlas.atlas.draw.wording import plural, score, two_digits, words
from headatlas.atlas.make.labels import shown_strength
from headatlas.heads import ATTENTION_KINDS

Shade = tuple[str, float]
"""A family, and how full its hue is, from 0 to 1."""

# Heads in a layer up to which a cell has room for letters; see .mosaic.wide in the style sheet.
MAX_LETTERED = 20
# Heads in a model up to which each cell is a link of its own; a browser takes seconds for thousands of them.
MAX_LINKS = 1024


def by_label(model: ModelData, legend: Sequence[LabelKey]) -> list[Mosaic]:
    """One mosaic a kind of attention: a cell has the hue of its first label, as full as the label is strong."""
    keys = {key.text: key for key in legend}

    def cell(head: Head) -> MosaicCell:
        labels = model.labels.get(head.id, [])
        if not labels:
            return MosaicCell(name=head.name, step="v0", text="", said=f"{head.name}, no label", labels="")
        key = keys[words(labels[0].name)]
        percents = [
            round(100 * min(max(label.strength if label.strength is not None else 1.0, 0.0), 1.0)) for label in labels
        ]
        return MosaicCell(
            name=head.name,
            step=f"{key.hue} v{percents[0]}",
            text=key.code,
            said=f"{head.name}, {words(labels[0].name)} {shown_strength(labels[0])}".rstrip(),
            labels=" ".join(
                f"{keys[words(label.name)].number}:{percent}" for label, percent in zip(labels, percents, strict=True)
            ),
        )

    def shade(head: Head) -> Shade:
        labels = model.labels.get(head.id, [])
        if not labels:
            return "other", 0.0
        return families.get(labels[0].name, "other"), 1.0 if labels[0].strength is None else labels[0].strength

    families = {pattern.name: pattern.family for pattern in model.patterns}
    return _mosaics(model, cell, shade)


def by_score(model: ModelData, family: str, scores: Mapping[int, Score], top: float) -> list[Mosaic]:
    """The same, coloured by a score of a pattern of that family."""

    def cell(head: Head) -> MosaicCell:
        value = scores[head.id].score if head.id in scores else None
        step = "none" if value is None else f"v{round(100 * min(max(value / top, 0.0), 1.0))}"
        text = two_digits(value)
        return MosaicCell(name=head.name, step=step, text=text, said=f"{head.name} {text}", labels="")

    def shade(head: Head) -> Shade:
        value = scores[head.id].score if head.id in scores else None
        return family, 0.0 if value is None else value / top

    return _mosaics(model, cell, shade)


def _mosaics(model: ModelData, cell: Callable[[Head], MosaicCell], shade: Callable[[Head], Shade]) -> list[Mosaic]:
    drawn = len(model.heads) > MAX_LINKS
    mosaics = []
    for kind in model.kinds:
        layers = [layer for layer in model.layers if layer.attention == kind]
        mosaics.append(
            Mosaic(
                kind=kind,
                title=ATTENTION_KINDS[kind].title,
                columns=max([len(layer.heads) for layer in layers], default=0),
                rows=[_row(layer, cell) for layer in layers],
                picture=images.shaded([[shade(head) for head in layer.heads] for layer in layers]) if drawn else "",
            )
        )
    return mosaics


def _row(layer: Layer, cell: Callable[[Head], MosaicCell]) -> MosaicRow:
    cells = [cell(head) for head in layer.heads]
    labels = ";".join(each.labels for each in cells)
    return MosaicRow(name=layer.name, scored=bool(layer.heads), cells=cells, labels=labels)


def thumbnail(atlas: Atlas, model: ModelData, pattern: Pattern, height: int, top: float | None = None) -> Thumbnail:
    """A whole model in a few pixels, on the pattern's own probe."""
    probe = model.probes_of(pattern)[0]
    scores = model.scores[pattern.name, probe]
    top = top or model.largest(pattern, probe)
    values: list[list[float | None]] = []
    for _, layers in groupby(model.layers, lambda layer: layer.attention):
        values += [[None]] if values else []  # an empty line between kinds
        for layer in layers:
            of_layer = [float(scores.score[head.position]) / top for head in layer.heads]
            values.append([None if value != value else value for value in of_layer] or [None])
    rows, columns = max(len(values), 1), max([len(row) for row in values], default=1)
    most = float(np.nanmax(scores.score)) if not np.isnan(scores.score).all() else None
    return Thumbnail(
        pattern=pattern.name,
        file=atlas.pattern_files[pattern.name],
        hue=family_class(pattern.family),
        uri=images.mosaic(values or [[None]], pattern.family),
        width=columns * min(max(round(0.6 * height / columns), 1), 10),
        height=rows * min(max(round(height / rows), 1), 10),
        alternative=f"{words(pattern.name)} on {words(probe)}, {plural(rows, 'layer')} top to bottom by "
        f"{plural(columns, 'head')}; highest {score(most)}",
        most=score(most),
    )


def portrait(atlas: Atlas, model: ModelData) -> list[Thumbnail]:
    """The ten patterns that some head of the model follows most, in the usual order."""
    shown = [pattern for pattern in model.patterns if pattern.is_target and model.probes_of(pattern)]

    def most(pattern: Pattern) -> float:
        scores = model.scores[pattern.name, model.probes_of(pattern)[0]].score
        return float(np.max(scores, where=~np.isnan(scores), initial=0.0))

    best = sorted(shown, key=most, reverse=True)[:10]
    return [thumbnail(atlas, model, pattern, 120) for pattern in shown if pattern in best]
