"""Heatmaps, their tokens, and attention drawn over an image."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, NamedTuple


@dataclass(frozen=True, kw_only=True)
class MapImage:
    """One heatmap."""

    title: Annotated[str, "Short name over the map: the head, or 'mean of layer 5'."]
    uri: Annotated[str, "The picture, one pixel a weight, as a data URI."]
    alternative: Annotated[str, "What the picture shows, for those who do not see it."]
    href: Annotated[str, "Page the title leads to; empty for none."] = ""


@dataclass(frozen=True, kw_only=True)
class MapSet:
    """Heatmaps of one sequence, on one scale, that are read together."""

    number: Annotated[int, "Position in the page's token data."]
    rows: Annotated[int, "Number of query tokens."]
    columns: Annotated[int, "Number of key tokens; differs from `rows` in cross-attention."]
    cell: Annotated[int, "Width of a cell in CSS pixels."]
    row_axis: Annotated[str, "One line a query token (or each tenth, ...); empty for none."]
    column_axis: Annotated[str, "One line a key token."]
    step: Annotated[int, "Tokens a line of an axis stands for."]
    tall: Annotated[int, "How many times as high as wide a cell is: more than once for words beside frames of a sound."]
    maps: Annotated[Sequence[MapImage], "The maps, left to right."]


@dataclass(frozen=True, kw_only=True)
class Overlay:
    """Attention of one token over the image."""

    title: Annotated[str, "The token, and its largest weight on a patch."]
    uri: Annotated[str, "The picture as a data URI."]
    width: Annotated[int, "Pixels."]
    height: Annotated[int, "Pixels."]
    alternative: Annotated[str, "What the picture shows, for those who do not see it."]


@dataclass(frozen=True, kw_only=True)
class PatchPicture:
    """The image of a sequence, which a script tints as the map's row or column that is pointed at."""

    uri: Annotated[str, "The image as a data URI."]
    rows: Annotated[int, "Rows of patches."]
    columns: Annotated[int, "Patches in a row."]
    queries: Annotated[int, "The map's row of the first patch; -1 where no patch is a query."]
    keys: Annotated[int, "The map's column of the first patch; -1 where no patch is a key."]


class WildPiece(NamedTuple):
    """A piece of running text that is shaded alike; of these a large model has hundreds of thousands."""

    text: Annotated[str, "The text."]
    step: Annotated[str, "CSS class of the weight that its token gets; empty for next to none."]
    query: Annotated[bool, "Whether it is the token that looks."]


@dataclass(frozen=True, kw_only=True)
class WildLine:
    """A token of natural text in its context, and what it looks at."""

    awake: Annotated[float, "Its attention off the sink and off special tokens."]
    href: Annotated[str, "Its row in the map, after the #; empty where no map of its text was kept."]
    pieces: Annotated[Sequence[WildPiece], "The text, left to right."]


@dataclass(frozen=True, kw_only=True)
class WildText:
    """Lines of one probe."""

    probe: Annotated[str, "The probe; empty for all natural text together."]
    most: Annotated[Sequence[WildLine], "Where the head is most awake, the most awake first; may be empty."]
    typical: Annotated[Sequence[WildLine], "What is typical: one of each quarter of the order; may be empty."]
    more_most: Annotated[Sequence[WildLine], "Others like `most`, which a script draws."]
    more_typical: Annotated[Sequence[WildLine], "Others like `typical`, which a script draws."]
    from_maps: Annotated[bool, "Whether they are of the kept maps alone, as of scans that kept no lines."]


@dataclass(frozen=True, kw_only=True)
class ExampleSection:
    """One sequence on a head or layer page."""

    anchor: Annotated[str, "Id of the section."]
    probe: Annotated[str, "Probe the sequence is from."]
    probe_file: Annotated[str, "Its page in the folder probes/."]
    sequence: Annotated[int, "Position of the sequence in the probe."]
    name: Annotated[str, "Its first words, or 'picture 3'."]
    length: Annotated[str, "How many tokens look at how many."]
    reading: Annotated[str, "How rows and columns are to be read."]
    number: Annotated[int, "Position in the page's token data."]
    maps: Annotated[MapSet | None, "The heatmaps; None where a script draws them from the layer's data."]
    overlays: Annotated[Sequence[Overlay], "Attention over the image, for vision models."] = ()
    picture: Annotated[PatchPicture | None, "The image itself, on pages of heads; None without one."] = None
