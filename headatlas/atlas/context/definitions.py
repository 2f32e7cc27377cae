"""What patterns and probes are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated


@dataclass(frozen=True, kw_only=True)
class Definition:
    """What a pattern is."""

    name: Annotated[str, "Pattern."]
    file: Annotated[str, "Its page in the folder patterns/."]
    version: Annotated[int, "Version of the definition."]
    family: Annotated[str, "Its family."]
    hue: Annotated[str, "CSS class of the family."]
    kind: Annotated[str, "target or statistic."]
    summary: Annotated[str, "First line."]
    description: Annotated[Sequence[str], "The other paragraphs, without the worked example."]
    example: Annotated[str, "Worked example in words."]
    formula: Annotated[str, "Formula."]
    unit: Annotated[str, "Unit."]
    source: Annotated[str, "Paper."]
    rivals: Annotated[Sequence[tuple[str, str]], "Patterns that could explain the same score, with their pages."]
    probe: Annotated[str, "Probe it is meant to be read on."]
    probe_file: Annotated[str, "That probe's page in the folder probes/; empty when it is not in this atlas."]
    same_as: Annotated[
        Sequence[tuple[str, str, str]], "Published names that mean the same, each with who uses it and where."
    ]
    near: Annotated[Sequence[tuple[str, str, str]], "Published names that mean nearly the same."]


@dataclass(frozen=True, kw_only=True)
class Ideal:
    """The attention of a head that follows a pattern perfectly, on the worked example."""

    rows: Annotated[Sequence[str], "Tokens that look."]
    columns: Annotated[Sequence[str], "Tokens looked at; in cross-attention others than the rows."]
    targets: Annotated[Sequence[tuple[int, int, str]], "Row, column and CSS class of each cell that gets attention."]
    rests: Annotated[Sequence[tuple[int, int]], "Cells where a query without a target may rest."]
    query: Annotated[int, "The row that the example names; -1 for none."]
    causal: Annotated[bool, "True when later tokens cannot be seen."]
    side: Annotated[int, "Width of a cell."]
    margin: Annotated[int, "Room for the tokens beside the grid."]


@dataclass(frozen=True, kw_only=True)
class PatternChoice:
    """A pattern in the list one picks from."""

    name: Annotated[str, "Pattern."]
    family: Annotated[str, "Its family."]


@dataclass(frozen=True, kw_only=True)
class ProbeFacts:
    """A probe in a list."""

    name: Annotated[str, "Probe."]
    file: Annotated[str, "Its page in the folder probes/."]
    version: Annotated[int, "Version."]
    summary: Annotated[str, "First line."]
    patterns: Annotated[Sequence[tuple[str, str, str]], "Patterns meant to be read on it: name, page, CSS class."]


@dataclass(frozen=True, kw_only=True)
class ProbeRun:
    """How a scan ran a probe, with the sequences it kept."""

    model: Annotated[str, "Model."]
    slug: Annotated[str, "Folder of the model's pages."]
    n_sequences: Annotated[int, "Sequences run."]
    n_tokens: Annotated[int, "Tokens run."]
    note: Annotated[str, "What was cut or left out."]
    sequences: Annotated[Sequence[tuple[int, Sequence[str]]], "Number and visible tokens of each kept sequence."]
