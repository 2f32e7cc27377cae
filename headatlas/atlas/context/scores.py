"""Scores: as pictures of a line, and in lists of heads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from headatlas.atlas.context.mosaics import SmallMap


@dataclass(frozen=True, kw_only=True)
class Bar:
    """A score with its interval on a scale of 100 units."""

    at: Annotated[str, "Place of the score."]
    low: Annotated[str, "Place of the lower end of the interval; empty when there is none."]
    high: Annotated[str, "Place of the upper end of the interval."]
    chance: Annotated[str, "Place of the chance mark; empty when there is none."]


@dataclass(frozen=True, kw_only=True)
class ScoreLine:
    """A head's score for one pattern on the probe it is meant to be read on."""

    name: Annotated[str, "Pattern."]
    hue: Annotated[str, "CSS class of its family."]
    file: Annotated[str, "Its page in the folder patterns/."]
    probe: Annotated[str, "Probe it was measured on."]
    score: Annotated[float | None, "The score."]
    low: Annotated[float | None, "Lower end of the 95% interval."]
    high: Annotated[float | None, "Upper end of the 95% interval."]
    chance: Annotated[float | None, "What uniform attention scores."]


@dataclass(frozen=True, kw_only=True)
class TopHead:
    """A line of a pattern's table of top heads."""

    name: Annotated[str, "L5H1."]
    score: Annotated[float | None, "The score."]
    low: Annotated[float | None, "Lower end of the 95% interval."]
    high: Annotated[float | None, "Upper end of the 95% interval."]


@dataclass(frozen=True, kw_only=True)
class TopHeads:
    """The heads that score highest for a pattern."""

    name: Annotated[str, "Pattern."]
    file: Annotated[str, "Its page in the folder patterns/."]
    probe: Annotated[str, "Probe."]
    unit: Annotated[str, "Unit of the score."]
    chance: Annotated[float | None, "What uniform attention scores."]
    scale: Annotated[str, "Upper end of its scale: 1 for shares of attention."]
    heads: Annotated[Sequence[TopHead], "Highest first."]


@dataclass(frozen=True, kw_only=True)
class RankedHead:
    """A head in a list over all models."""

    model: Annotated[str, "Model."]
    slug: Annotated[str, "Folder of the model's pages."]
    name: Annotated[str, "L5H1."]
    score: Annotated[float | None, "Score."]
    low: Annotated[float | None, "Lower end of the 95% interval."]
    high: Annotated[float | None, "Upper end of the 95% interval."]
    bar: Annotated[Bar | None, "The score as a picture."]
    strength: Annotated[float | None, "Strength of the label; None without it."]
    confidence: Annotated[str, "Confidence of the label; empty without it."]
    map: Annotated[SmallMap | None, "Its map in a few pixels."] = None
    effects: Annotated[Sequence[str], "Its evidence, one a column of the table; empty where the table has none."] = ()
