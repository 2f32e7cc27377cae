"""Figures drawn as SVG paths."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated


@dataclass(frozen=True, kw_only=True)
class DotGroup:
    """Heads on the map that carry the same primary label, drawn as one path."""

    text: Annotated[str, "The label in words, or 'unclassified'."]
    number: Annotated[int, "Position of the label in the model's list; -1 for none."]
    hue: Annotated[str, "CSS class of the label's family; 'nameless' for none."]
    n_heads: Annotated[int, "Heads."]
    path: Annotated[str, "SVG path of one dot a head."]


@dataclass(frozen=True, kw_only=True)
class LayerStack:
    """How many heads of a layer carry a label of each family, as a stacked bar."""

    name: Annotated[str, "L5."]
    parts: Annotated[Sequence[tuple[str, str, int, int]], "CSS class, family, first head and number of heads."]
    aside: Annotated[Sequence[tuple[str, str, int, int]], "The same without labels that say where heads rest."]
    said: Annotated[str, "The bar in words."]


@dataclass(frozen=True, kw_only=True)
class DepthChart:
    """A statistic of all heads by layer."""

    name: Annotated[str, "Statistic."]
    file: Annotated[str, "Its page in the folder patterns/."]
    unit: Annotated[str, "Unit."]
    probe: Annotated[str, "Probe."]
    line: Annotated[str, "SVG path of the layers' means."]
    band: Annotated[str, "SVG path around the middle 80% of heads."]
    ticks: Annotated[Sequence[tuple[str, str]], "Place and text of the marks of the value axis."]
    said: Annotated[str, "The chart in words."]
