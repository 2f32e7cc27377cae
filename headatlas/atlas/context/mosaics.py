"""Mosaics: a model's layers by its heads, large or as thumbnails."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated


@dataclass(frozen=True, kw_only=True)
class MosaicCell:
    """A head in the mosaic."""

    name: Annotated[str, "L5H1."]
    step: Annotated[str, "CSS classes of its colour: the family where cells differ in it, v0 to v100 or 'none'."]
    text: Annotated[str, "The code of its label, or its value in two digits."]
    said: Annotated[str, "What the cell says in words."]
    labels: Annotated[str, "Labels as the script reads them: 'number:strength in percent', blanks between."]


@dataclass(frozen=True, kw_only=True)
class MosaicRow:
    """A layer in the mosaic."""

    name: Annotated[str, "L5."]
    scored: Annotated[bool, "False when the layer's attention could not be read."]
    cells: Annotated[Sequence[MosaicCell], "Its heads."]
    labels: Annotated[str, "Labels of all of them, semicolons between heads."]


@dataclass(frozen=True, kw_only=True)
class Mosaic:
    """Layers by heads of one kind of attention."""

    kind: Annotated[str, "self, encoder, ..."]
    title: Annotated[str, "Kind in words."]
    columns: Annotated[int, "Heads in the widest layer."]
    rows: Annotated[Sequence[MosaicRow], "Layers, the first on top."]
    picture: Annotated[str, "A pixel a head, as a data URI, where they are too many for a link each; else empty."]


@dataclass(frozen=True, kw_only=True)
class Thumbnail:
    """A mosaic of a whole model in a few pixels."""

    pattern: Annotated[str, "Pattern it shows."]
    file: Annotated[str, "Page of the pattern in the folder patterns/."]
    hue: Annotated[str, "CSS class of the family."]
    uri: Annotated[str, "Pictures, one a kind of attention joined top to bottom, as a data URI."]
    width: Annotated[int, "Width in CSS pixels."]
    height: Annotated[int, "Height in CSS pixels."]
    alternative: Annotated[str, "What the picture shows."]
    most: Annotated[str, "Largest value in it."]


@dataclass(frozen=True, kw_only=True)
class ModelMosaic:
    """A model's mosaic of one pattern, beside those of other models."""

    model: Annotated[str, "Model."]
    slug: Annotated[str, "Folder of its pages."]
    thumbnail: Annotated[Thumbnail, "The mosaic."]
    n_labelled: Annotated[int, "Heads that carry the pattern as a label."]


@dataclass(frozen=True, kw_only=True)
class SmallMap:
    """A head's map in a few pixels: a part of a picture, in which a row has the heads of a layer."""

    href: Annotated[str, "The picture, from the site's root."]
    x: Annotated[int, "Where the part begins, in pixels from the left."]
    y: Annotated[int, "The same from the top."]
    side: Annotated[int, "Width and height of the part."]
    width: Annotated[int, "Width of the whole picture."]
    height: Annotated[int, "Height of the whole picture."]
    said: Annotated[str, "What it shows, in words."]
