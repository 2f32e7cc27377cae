"""Mosaics: layers by heads, coloured by label or by a score, large with links or small as pictures."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import groupby

from headatlas.atlas.context.components import LabelKey, Mini, Mosaic, MosaicCell, MosaicRow
from headatlas.atlas.data.atlas import Atlas
from headatlas.atlas.data.model_data import Head, ModelData, Pattern, Score
from headatlas.atlas.draw import images
from headatlas.atlas.draw.colours import family_class
from headatlas.atlas.draw.wording import plural, score, two_digits, words
from headatlas.atlas.make.bars import shown_confidence
from headatlas.heads import ATTENTION_KINDS


def by_label(model: ModelData, legend: Sequence[LabelKey]) -> list[Mosaic]:
    """One mosaic a kind of attention: a cell has the hue of its strongest label, as full as the label is strong."""
    keys = {key.text: key for key in legend}

    def cell(head: Head) -> MosaicCell:
        found = model.labels.get(head.id, [])
        if not found:
            return MosaicCell(name=head.name, step="v0", text="", said=f"{head.name}, no label", labels="")
        key = keys[words(found[0].name)]
        percents = [round(100 * min(max(one.strength if one.strength is not None else 1.0, 0.0), 1.0)) for one in found]
        return MosaicCell(
            name=head.name,
            step=f"{key.hue} v{percents[0]}",
            text=key.code,
            said=f"{head.name}, {words(found[0].name)} {shown_confidence(found[0].confidence)}".rstrip(),
            labels=" ".join(
                f"{keys[words(one.name)].number}:{percent}" for one, percent in zip(found, percents, strict=True)
            ),
        )

    return _mosaics(model, cell)


def by_score(model: ModelData, scores: Mapping[int, Score], top: float) -> list[Mosaic]:
    """The same, coloured by a score."""

    def cell(head: Head) -> MosaicCell:
        value = scores[head.id].score if head.id in scores else None
        step = "none" if value is None else f"v{round(100 * min(max(value / top, 0.0), 1.0))}"
        text = two_digits(value)
        return MosaicCell(name=head.name, step=step, text=text, said=f"{head.name} {text}", labels="")

    return _mosaics(model, cell)


def _mosaics(model: ModelData, cell: Callable[[Head], MosaicCell]) -> list[Mosaic]:
    found = []
    for kind in model.kinds:
        layers = [layer for layer in model.layers if layer.attention == kind]
        found.append(
            Mosaic(
                kind=kind,
                title=ATTENTION_KINDS[kind].title,
                columns=max([len(layer.heads) for layer in layers], default=0),
                rows=[
                    MosaicRow(name=layer.name, scored=bool(layer.heads), cells=[cell(head) for head in layer.heads])
                    for layer in layers
                ],
            )
        )
    return found


def mini(atlas: Atlas, model: ModelData, pattern: Pattern, height: int, top: float | None = None) -> Mini:
    """A whole model in a few pixels, on the pattern's own probe."""
    probe = model.probes_of(pattern)[0]
    scores = model.scores[pattern.name, probe]
    top = top or model.largest(pattern, probe)
    values: list[list[float | None]] = []
    for _, layers in groupby(model.layers, lambda layer: layer.attention):
        values += [[None]] if values else []  # an empty line between kinds
        for layer in layers:
            found = [scores[head.id].score if head.id in scores else None for head in layer.heads]
            values.append([None if value is None else value / top for value in found] or [None])
    rows, columns = max(len(values), 1), max([len(row) for row in values], default=1)
    known = [one.score for one in scores.values() if one.score is not None]
    most = max(known, default=None)
    return Mini(
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


def portrait(atlas: Atlas, model: ModelData) -> list[Mini]:
    """The ten patterns that some head of the model follows most, in the usual order."""
    shown = [pattern for pattern in model.patterns if pattern.is_target and model.probes_of(pattern)]

    def most(pattern: Pattern) -> float:
        scores = model.scores[pattern.name, model.probes_of(pattern)[0]].values()
        return max((one.score for one in scores if one.score is not None), default=0.0)

    best = sorted(shown, key=most, reverse=True)[:10]
    return [mini(atlas, model, pattern, 120) for pattern in shown if pattern in best]
