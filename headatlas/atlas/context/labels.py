"""Labels of heads: with their reasons, counted, and in the mosaic's legend."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, NamedTuple

from headatlas.atlas.context.mosaics import SmallMap


@dataclass(frozen=True, kw_only=True)
class Chip:
    """A label or a score worth a chip."""

    text: Annotated[str, "What it says."]
    value: Annotated[str, "Number beside it, a label's strength; may be empty."]
    hue: Annotated[str, "CSS class of the family."]
    file: Annotated[str, "The pattern's page in the folder patterns/; empty for none."] = ""
    hint: Annotated[str, "What is said where one points at it; may be empty."] = ""


@dataclass(frozen=True, kw_only=True)
class LabelReason:
    """A label and why the head carries it."""

    chip: Annotated[Chip, "The label with its strength."]
    confidence: Annotated[str, ".98; empty where it is not known."]
    name: Annotated[str, "The label, as the database has it."]
    probe: Annotated[str, "Probe it was read on."]
    probe_file: Annotated[str, "The probe's page in the folder probes/; empty for none."]
    basis: Annotated[str, "On what it rests: 'always', or 'when awake (12% of queries)'; may be empty."]
    score: Annotated[float | None, "Score there, off the sink."]
    low: Annotated[float | None, "Lower end of the 95% interval."]
    high: Annotated[float | None, "Upper end."]
    chance: Annotated[float | None, "What uniform attention scores."]
    half_a: Annotated[float | None, "Score on one half of the probe."]
    half_b: Annotated[float | None, "Score on the other half."]
    strength: Annotated[float | None, "Share of attention that only this label explains."]
    explained: Annotated[float | None, "What everything else would score."]
    explained_by: Annotated[str, "What explains most of it; may be empty."]
    control: Annotated[float | None, "What the head's habits alone would score."]
    contrast: Annotated[float | None, "What it would score if it looked at right keys as at wrong ones; None without."]


class BudgetPart(NamedTuple):
    """A part of a head's attention; of these a large model has hundreds of thousands."""

    name: Annotated[str, "'sink', 'unexplained', or a pattern's name."]
    hue: Annotated[str, "CSS class."]
    share: Annotated[float, "Share of all attention."]


@dataclass(frozen=True, kw_only=True)
class Budget:
    """What a head divides its attention among on a probe."""

    probe: Annotated[str, "The probe."]
    probe_file: Annotated[str, "The probe's page in the folder probes/; empty for none."]
    parts: Annotated[Sequence[BudgetPart], "The sink first, what is unexplained last."]


@dataclass(frozen=True, kw_only=True)
class LabelCount:
    """A label and the heads of a model that carry it first."""

    chip: Annotated[Chip, "The label with the number of heads."]
    name: Annotated[str, "The label."]
    heads: Annotated[Sequence[tuple[str, str]], "Names of heads, strongest first, with strength."]
    more: Annotated[int, "Heads left out of the list."]
    by_layer: Annotated[Sequence[int], "Heads with this label in each layer."]


@dataclass(frozen=True, kw_only=True)
class LabelKey:
    """A label in the mosaic's legend."""

    number: Annotated[int, "Position in the list that cells refer to."]
    code: Annotated[str, "Two or three letters that stand in the cells."]
    text: Annotated[str, "The label in words."]
    hue: Annotated[str, "CSS class of its family."]
    first: Annotated[int, "Heads whose first label it is."]
    all: Annotated[int, "Heads that carry it at all."]
    summary: Annotated[str, "Its definition in a sentence."]


@dataclass(frozen=True, kw_only=True)
class UnnamedKind:
    """Heads that are alike and carry no common label."""

    name: Annotated[str, "unnamed kind 1."]
    n_heads: Annotated[int, "Heads in it."]
    typical: Annotated[Sequence[tuple[str, SmallMap | None]], "Its most typical heads: name, and its map, small."]
    marks: Annotated[Sequence[tuple[str, str, float, float]], "Pattern, probe, mean here, mean of all heads."]
