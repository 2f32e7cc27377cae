"""Heatmaps as pages show them: pictures with their tokens, of a head or of a whole layer."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from types import MappingProxyType
from typing import Any, TypeVar

import numpy as np

from headatlas.atlas.context.heatmaps import ExampleSection, MapImage, MapSet
from headatlas.atlas.data.lines import StoredLine
from headatlas.atlas.data.model_data import Example, Head, Layer, ModelData
from headatlas.atlas.draw import images
from headatlas.atlas.draw.glyphs import short, visible
from headatlas.atlas.draw.running_text import first_words
from headatlas.atlas.draw.wording import plural, words
from headatlas.atlas.make.labels import NATURAL
from headatlas.atlas.make.overlays import overlays, patch_picture
from headatlas.inputs.patch_grid import is_placed_beside
from headatlas.probes import is_own_text
from headatlas.scoring.sink_rule import sinks_of

HEAD_ROOM, FRONT_ROOM, MULTIPLE_ROOM = 560, 440, 224  # CSS pixels for a map: of a head, on the front page, of a layer
_CELL_LIMITS = {HEAD_ROOM: 20, FRONT_ROOM: 20, MULTIPLE_ROOM: 12}
_LABELLED_CELL = 8  # narrower cells have no room for a token each
_TALL_ROW = 14  # height of a row of words beside frames of a sound
_FRAME = re.compile(r"\d+\.\d\ds")
_STEPS = (1, 5, 10, 20, 50, 100, 1000)
READING = "Row: the token that looks; column: the token looked at."
_CROSS_READING = "Row: the token the decoder has read ▸ the one that comes next; column: the source token looked at."


_FRAMES = "Tokens are frames of the sound, named by the second at which they begin; the last is all padding behind it."
_FRAME_READING = f"Row: the token the decoder has read ▸ the one that comes next; column: time. {_FRAMES}"
_PICTURE_READING = "Row: the token that has been read ▸ the one that comes next; column: the patch looked at."
_PROMPT_READING = "Row: the place of the picture that looks; column: the token of the prompt, or the place, looked at."

T = TypeVar("T")


class LayerMaps:
    """A layer's maps. A head's page has the first as a picture; a script draws all others from the layer's data.

    `lines` are what the scan kept to be read, by the head's id, and `running` their texts.
    """

    def __init__(
        self,
        model: ModelData,
        layer: Layer,
        maps: Mapping[tuple[int, int], np.ndarray],
        probe_files: Mapping[str, str],
        lines: Mapping[int, Sequence[StoredLine]] = MappingProxyType({}),
    ) -> None:
        self.layer = layer
        self.lines = lines
        self.running: dict[tuple[str, int], list[str]] = {}
        self._once: dict[tuple[str, int], Any] = {}
        self.probe_files = probe_files
        self.numbers = {example.id: number for number, example in enumerate(model.examples)}
        self.anchors = {example.id: f"{probe_files[example.probe]}-{example.sequence}" for example in model.examples}
        self.examples: list[tuple[Example, dict[int, np.ndarray]]] = []
        for example in model.examples:
            kept = {head.id: maps[example.id, head.id] for head in layer.heads if (example.id, head.id) in maps}
            if kept and all(example.sides(layer.attention)):
                self.examples.append((replace(example, resting=_sinks(example, kept)), kept))
        self._sections: dict[int, ExampleSection] = {}
        self.examples.sort(key=lambda kept: reading_rank(kept[0].probe))  # the number of an example stays

    def once(self, what: str, head: Head, make: Callable[[], T]) -> T:
        """What the page of a head and the data of its layer both show, made for whichever comes first."""
        if (what, head.id) not in self._once:
            self._once[what, head.id] = make()
        made: T = self._once[what, head.id]
        return made

    def of_head(self, head: Head) -> list[ExampleSection]:
        """The head on each sequence."""
        sections = []
        for number, (example, weights) in enumerate(self.kept(head)):
            section, drawn = self._section(example), overlays(example, weights, head.name)
            if number == 0 or drawn:  # all others are the same for every head
                first = None if number else self._first_map(example, head, weights)
                section = replace(section, maps=first, overlays=drawn, picture=patch_picture(example, weights))
            sections.append(section)
        return sections

    def of_layer(self) -> list[ExampleSection]:
        """Sequences of which any head's map was kept."""
        return [self._section(example) for example, _ in self.examples]

    def kept(self, head: Head) -> list[tuple[Example, np.ndarray]]:
        """Each sequence with the head's map of it, [query, key] bytes."""
        return [(example, weights[head.id]) for example, weights in self.examples if head.id in weights]

    def kept_of_all(self) -> list[tuple[Example, Mapping[int, np.ndarray]]]:
        """Each sequence with all maps of it, [query, key] bytes by the id of the head, in the order of the scan."""
        return sorted(self.examples, key=lambda kept: self.numbers[kept[0].id])

    def _section(self, example: Example) -> ExampleSection:
        """What is said of a sequence, made once for all heads."""
        if example.id not in self._sections:
            attention = self.layer.attention
            self._sections[example.id] = ExampleSection(
                anchor=self.anchors[example.id],
                probe=example.probe,
                probe_file=self.probe_files[example.probe],
                sequence=example.sequence,
                name=sequence_name(example),
                length=_length(example, attention),
                reading=_reading(example, attention),
                overlays=(),
                number=self.numbers[example.id],
                maps=None,
            )
        return self._sections[example.id]

    def _first_map(self, example: Example, head: Head, weights: np.ndarray) -> MapSet:
        rows, columns = labels_of(example, self.layer.attention, short)
        number, maps = self.numbers[example.id], [self._head(example, head, weights)]
        return map_set(number, rows, columns, maps, HEAD_ROOM, labelled=True)

    def _head(self, example: Example, head: Head, weights: np.ndarray) -> MapImage:
        return MapImage(
            title=head.name,
            uri=images.heatmap(weights, self.layer.causal),
            alternative=f"Attention of {head.name} on {on_sequence(example, self.layer.attention)}",
        )


def on_sequence(example: Example, attention: str) -> str:
    """What a map is of, for those who do not see it."""
    length = _length(example, attention)
    return f"{words(example.probe)}, sequence {example.sequence}: {length}, rows are queries, columns are keys"


def reading_rank(probe: str) -> int:
    """Which sequences come first: a user's own text, then natural text, then texts made for a question."""
    return 0 if is_own_text(probe) else 1 if probe in NATURAL else 2


def sequence_name(example: Example) -> str:
    """The first words of a sequence, or behind its picture; its number where it has none, as pictures."""
    if example.image is not None and example.behind:
        return first_words([example.tokens[position] for position in example.behind])
    if example.image is not None or example.grid is not None:
        return f"picture {example.sequence}"
    special = [own or is_placed_beside(token) for token, own in zip(example.tokens, example.special, strict=True)]
    return first_words(example.tokens, special) or str(example.sequence)


def labels_of(example: Example, attention: str, show: Callable[[str], str] = visible) -> tuple[list[str], list[str]]:
    """What stands at rows and columns.

    In cross-attention a row is named by the token the decoder has just read and, after a mark, the one that comes
    next: what the model computes there is the latter, and it is mostly the latter whose source it looks at.
    """
    queries, keys = example.sides(attention)
    rows = [show(token) for token in queries]
    if attention == "cross" and not _drawing(example):
        rows = [" ▸ ".join(pair) for pair in pairwise(rows)] + rows[-1:]
    return rows, [show(token) for token in keys]


def token_data(model: ModelData, attention: str) -> list[dict[str, Any]]:
    """Labels of each sequence's rows, for the script.

    Where they differ also those of the columns (`columns`) and what the rows say in running text (`text`).
    """
    data = []
    for example in model.examples:
        rows, columns = labels_of(example, attention)
        labels: dict[str, Any] = {"tokens": rows}
        if columns != rows:
            labels["columns"] = columns
        if attention == "cross":
            labels["text"] = [visible(token) for token in example.sides(attention)[0]]
        data.append(labels)
    return data


def sequence_data(model: ModelData, attention: str, probe_files: Mapping[str, str]) -> list[dict[str, Any]]:
    """`token_data`, and what a script needs to draw the maps of each sequence as the first one is in the page."""
    data = token_data(model, attention)
    for number, (example, known) in enumerate(zip(model.examples, data, strict=True)):
        rows, columns = labels_of(example, attention, short)
        large = map_set(number, rows, columns, [], HEAD_ROOM, labelled=True)
        small = map_set(number, rows, columns, [], MULTIPLE_ROOM, labelled=False)
        known |= {
            "name": sequence_name(example),
            "probe": words(example.probe),
            "file": probe_files[example.probe],
            "sequence": example.sequence,
            "rank": reading_rank(example.probe),
            "length": _length(example, attention),
            "on": on_sequence(example, attention),
            "axes": [large.row_axis, large.column_axis],
            "step": large.step,
            "cells": [large.cell, small.cell],
            "tall": [large.tall, small.tall],
        }
    return data


def map_set(
    number: int, rows: Sequence[str], columns: Sequence[str], maps: Sequence[MapImage], room: int, labelled: bool
) -> MapSet:
    """Maps of one sequence with cells as large as the room allows; labels on the axes where they can be read."""
    longest = max(len(rows), len(columns), 1)
    cell = max(1, min(_CELL_LIMITS[room], room // longest))
    step = next(step for step in _STEPS if step * cell >= _LABELLED_CELL * min(step, 2))
    # Words are few beside the frames of the sound that says them.
    tall = max(1, min(-(-_TALL_ROW // cell), room // (cell * len(rows)))) if _are_frames(columns) and rows else 1

    def axis(tokens: Sequence[str], step: int) -> str:
        names = tokens if step == 1 or _are_frames(tokens) else [str(i) for i in range(len(tokens))]
        return "\n".join(names[::step])

    return MapSet(
        number=number,
        rows=len(rows),
        columns=len(columns),
        cell=cell,
        row_axis=axis(rows, 1 if tall > 1 else step) if labelled else "",
        column_axis=axis(columns, step) if labelled else "",
        step=step if labelled else 1,
        tall=tall,
        maps=maps,
    )


def _are_frames(tokens: Sequence[str]) -> bool:
    """Whether these are frames of a sound, named by the second at which they begin, and what is behind them."""
    return len(tokens) > 1 and all(map(_FRAME.fullmatch, tokens[:-1]))


def _sinks(example: Example, maps: Mapping[int, np.ndarray]) -> tuple[int, ...]:
    """The positions besides the first on which the heads of a layer rest, on the mean; none of pictures."""
    mean = np.mean([*maps.values()], axis=0) / 255
    if example.grid is not None or mean.shape[0] != mean.shape[1]:
        return ()
    return tuple(sinks_of(mean).tolist())


def _reading(example: Example, attention: str) -> str:
    """What rows and columns are."""
    if _drawing(example):
        return _PROMPT_READING
    if attention == "cross" and example.crossed is not None:
        return _PICTURE_READING
    reading = _CROSS_READING if attention == "cross" else READING
    if not _are_frames(example.sides(attention)[1]):
        return reading
    return _FRAME_READING if attention == "cross" else f"{reading} {_FRAMES}"


def _drawing(example: Example) -> bool:
    """Whether it is a picture with the prompt from which it is drawn."""
    return bool(example.source) and example.grid is not None and example.crossed is None


def _length(example: Example, attention: str) -> str:
    queries, keys = example.sides(attention)
    of = "picture" if example.crossed is not None else "source"
    return plural(len(queries), "token") + (f" and {len(keys)} of the {of}" if attention == "cross" else "")
