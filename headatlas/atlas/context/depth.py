"""The figure of kinds of heads against relative depth, over all models."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, ClassVar

from headatlas.atlas.context.template import Template


@dataclass(frozen=True, kw_only=True)
class DepthPanel:
    """One kind of head: its share of a layer's heads from the first layer to the last."""

    name: Annotated[str, "The label in words."]
    hue: Annotated[str, "CSS class of its family."]
    colour: Annotated[str, "The family's colour on paper, #rrggbb."]
    file: Annotated[str, "The pattern's page in the folder patterns/; empty for none."]
    top: Annotated[str, "Upper end of the scale: '40%'."]
    mean: Annotated[str, "Path of the mean over models."]
    models: Annotated[Sequence[tuple[str, str]], "Name of each model and its path."]
    shares: Annotated[Sequence[str], "The mean in each tenth of the depth, in percent."]
    said: Annotated[str, "The same in words."]


@dataclass(frozen=True, kw_only=True)
class DepthFigure(Template):
    """The figure as a file of its own; pages show the same panels."""

    template: ClassVar[str] = "kinds_by_depth.html"

    title: Annotated[str, "Its title."]
    panels: Annotated[Sequence[DepthPanel], "One a kind, the commonest first, where heads rest last."]
    columns: Annotated[Sequence[str], "Tenths of the depth: '0–10%'."]
    n_models: Annotated[int, "Models it is made of."]
    last_of_run: Annotated[bool, "Whether of runs over training the last checkpoint alone is among them."]
    citation: Annotated[str, "How to cite it, as BibTeX."]
