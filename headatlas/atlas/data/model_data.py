"""What the pages show of a model, as plain values; `load` fills them from the database."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from headatlas.atlas.data.budgets import BudgetsByHead
from headatlas.atlas.data.edges import ScanEdges
from headatlas.atlas.data.scores import PatternScores, Score
from headatlas.evidence.load import ScanEvidence
from headatlas.heads import OfHead, layer_name
from headatlas.inputs.patch_grid import is_placed_beside, patch_names
from headatlas.patterns.lookup import comes_last

if TYPE_CHECKING:
    from jaxtyping import Float, Int


HEADS_A_FILE = 32  # of the layers that share a file of maps and tables, at most, if no layer has more


@dataclass(frozen=True)
class Pattern:
    """A pattern or statistic as the database defines it."""

    id: int
    name: str
    version: int
    kind: str
    family: str
    probe: str
    summary: str
    description: str
    example: str
    formula: str
    unit: str
    source: str
    rivals: tuple[str, ...]

    @property
    def is_target(self) -> bool:
        """True for a share of attention on target keys, False for a statistic of rows."""
        return self.kind == "target"


@dataclass(frozen=True)
class Probe:
    """Input texts; `n_sequences`, `n_tokens` and `note` say how a scan ran them."""

    name: str
    version: int
    summary: str
    description: str
    n_sequences: int = 0
    n_tokens: int = 0
    note: str = ""


@dataclass(frozen=True)
class Label:
    """What a head is called, and what else could explain it; see the tables `labels` and `off_sink`.

    Labels of a scan that was made before headatlas looked off the sink lack what is None here.
    """

    name: str
    confidence: float | None
    strength: float | None
    explained: float | None
    explained_by: str | None
    basis: str | None
    awake: float | None
    score: float | None
    low: float | None
    high: float | None
    half_a: float | None
    half_b: float | None
    chance: float | None
    control: float | None
    contrast: float | None
    probe: str | None


@dataclass(frozen=True)
class Distances:
    """Mean attention by distance between query and key: `attention[i]` at `first + i` tokens back."""

    first: int
    attention: tuple[float, ...]


class DistancesByHead(Mapping[int, dict[str, Distances]]):
    """Head id -> probe -> distances, kept as the database has them: as numbers they take five times the room.

    Args:
        rows: of each head the probes, first distances and lists of attention in JSON.
    """

    def __init__(self, rows: Mapping[int, list[tuple[str, int, str]]]) -> None:
        self._rows = rows

    def __getitem__(self, head: int) -> dict[str, Distances]:
        return {probe: Distances(first, tuple(json.loads(text))) for probe, first, text in self._rows[head]}

    def __iter__(self) -> Iterator[int]:
        return iter(self._rows)

    def __len__(self) -> int:
        return len(self._rows)

    def __repr__(self) -> str:
        return f"distances of {len(self)} heads"

    def update(self, digest: hashlib._Hash) -> None:
        """Adds all that is here to a digest."""
        for item in self._rows.items():
            digest.update(repr(item).encode())


@dataclass(frozen=True)
class Kind:
    """Heads grouped by profile; `heads` ids, the most typical first."""

    name: str
    label: str | None
    share: float
    marks: tuple[tuple[str, str, float, float], ...]
    heads: tuple[int, ...]


@dataclass(frozen=True)
class Head(OfHead):
    """A head; `position` is where it stands in the model's order (kind of attention, layer, head)."""

    id: int
    position: int
    attention: str
    layer: int
    head: int

    @property
    def layer_name(self) -> str:
        """L5."""
        return layer_name(self.attention, self.layer)


@dataclass(frozen=True)
class Layer:
    """An attention module and its part of the certificate."""

    attention: str
    layer: int
    hook: str
    n_heads: int
    causal: bool
    scored: bool
    max_difference: float | None
    row_sum_min: float | None
    row_sum_max: float | None
    above_diagonal: float | None
    heads: tuple[Head, ...]

    @property
    def name(self) -> str:
        """L5."""
        return layer_name(self.attention, self.layer)


@dataclass(frozen=True)
class Example:
    """A sequence whose attention is kept; `resting` are positions besides the first on which a layer's heads rest.

    Of a picture with a sentence there are the `prompt`, and the share of diffusion's time that is `noise`; `step` is
    that of a picture which the model drew itself.
    """

    id: int
    probe: str
    sequence: int
    tokens: tuple[str, ...]
    special: tuple[bool, ...]
    source: tuple[str, ...] = ()
    image: bytes | None = None
    grid: tuple[int, int] | None = None
    resting: tuple[int, ...] = ()
    prompt: str | None = None
    noise: float | None = None
    step: int | None = None

    def read_by(self, attention: str) -> bool:
        """Whether a kind of attention reads it, in a model that has one tower for texts and one for images."""
        is_picture = self.image is not None and not self.behind
        return self.image is not None if attention == "vision" else attention == "cross" or not is_picture

    @property
    def patches(self) -> slice:
        """Where the tokens of its image stand, at the end where they have no names.

        Nothing of one without an image, or whose image is looked at by cross-attention.
        """
        if self.grid is None or self.image is None or self.crossed is not None:
            return slice(0, 0)
        n, (name,) = self.grid[0] * self.grid[1], patch_names((1, 1))
        first = min(self.tokens.index(name) if name in self.tokens else len(self.tokens), len(self.tokens) - n)
        return slice(first, first + n)

    @property
    def crossed(self) -> slice | None:
        """Where the patches stand in the source of a text that looks at an image by cross-attention; None of others."""
        (name,) = patch_names((1, 1))
        if self.grid is None or self.image is None or name not in self.source:
            return None
        first = self.source.index(name)
        return slice(first, first + self.grid[0] * self.grid[1])

    @property
    def behind(self) -> list[int]:
        """Positions of the words behind an image that stands within a text."""
        behind = range(self.patches.stop, len(self.tokens))
        return [n for n in behind if not self.special[n] and not is_placed_beside(self.tokens[n])]

    def sides(self, attention: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Query and key tokens of a kind of attention; `source` is what the encoder of an encoder-decoder reads."""
        queries = self.source if self.source and attention == "encoder" else self.tokens
        return queries, self.source if self.source and attention == "cross" else queries


@dataclass
class ModelData:
    """Everything of one finished scan except the heatmaps; `budgets` are lists of part and share, by head and probe.

    `paintings` are the steps of pictures that the model drew itself; only attention to the prompt is kept of them.
    """

    scan: sqlite3.Row
    slug: str
    layers: list[Layer]
    patterns: list[Pattern]
    probes: list[Probe]
    examples: list[Example]
    paintings: list[Example]
    certificate: sqlite3.Row | None
    warnings: list[str]
    labels: dict[int, list[Label]]
    sentences: dict[int, str]
    budgets: BudgetsByHead = field(repr=False)
    grouped: list[Kind]
    positions: dict[int, tuple[float, float]]
    distances: DistancesByHead = field(repr=False)
    evidence: ScanEvidence
    edges: ScanEdges = field(repr=False)
    scores: dict[tuple[str, str], PatternScores] = field(repr=False)

    @property
    def name(self) -> str:
        """The model's name."""
        return str(self.scan["model"])

    @cached_property
    def heads(self) -> list[Head]:
        """All heads of scored layers, in order."""
        return [head for layer in self.layers for head in layer.heads]

    @cached_property
    def names(self) -> dict[int, str]:
        """Head id -> name."""
        return {head.id: head.name for head in self.heads}

    @cached_property
    def ids(self) -> dict[str, int]:
        """Name of a head -> its id."""
        return {name: head for head, name in self.names.items()}

    @cached_property
    def layer_groups(self) -> list[list[Layer]]:
        """Layers that share a file of maps and tables, and a picture of small maps: neighbours with few heads."""
        groups: list[list[Layer]] = []
        n_heads = HEADS_A_FILE
        for layer in self.layers:
            if n_heads + len(layer.heads) > HEADS_A_FILE:
                groups.append([])
                n_heads = 0
            groups[-1].append(layer)
            n_heads += len(layer.heads)
        return groups

    @cached_property
    def group_of(self) -> dict[str, int]:
        """Name of a layer -> the number of its group."""
        return {layer.name: number for number, group in enumerate(self.layer_groups) for layer in group}

    @cached_property
    def sizes(self) -> dict[str, int]:
        """Name of a layer -> its heads."""
        return {layer.name: len(layer.heads) for layer in self.layers}

    @cached_property
    def shown_small(self) -> dict[str, str]:
        """Kind of attention -> name of the sequence that small maps show, "" for none; filled in when it is asked."""
        return {}

    @cached_property
    def chips(self) -> dict[int, list[Any]]:
        """Head id -> its labels as pages show them; filled in when they are asked for."""
        return {}

    @cached_property
    def kinds(self) -> list[str]:
        """Kinds of attention, in order."""
        return list(dict.fromkeys(layer.attention for layer in self.layers))

    @cached_property
    def lifts(self) -> list[tuple[Pattern, np.ndarray]]:
        """Patterns that are shares of attention, with how far above chance heads score, [head]; NaN without a score."""
        lifts = []
        for pattern in self.patterns:
            probes = self.probes_of(pattern)
            if pattern.is_target and probes:
                scores = self.scores[pattern.name, probes[0]]
                lifts.append((pattern, scores.score - np.nan_to_num(scores.number("chance"))))
        return lifts

    def furthest(self, n: int) -> tuple[Int[np.ndarray, "n head"], Float[np.ndarray, "n head"]]:
        """For each head the `n` patterns it is furthest above chance for, as positions in `lifts`, and how far.

        The furthest first, those as far by name; fewer where there are fewer, and NaN for one without a score.
        """
        if n not in self._furthest:
            names = [pattern.name for pattern, _ in self.lifts]
            by_name = np.array(sorted(range(len(names)), key=names.__getitem__))
            lifts = np.stack([self.lifts[number][1] for number in by_name])
            top = np.argsort(-lifts, axis=0, kind="stable")[:n]  # NaN last
            self._furthest[n] = by_name[top], np.take_along_axis(lifts, top, axis=0)
        return self._furthest[n]

    def score_of(self, pattern: str, probe: str, head: Head) -> Score | None:
        """A head's score for a pattern on a probe; None where that was not measured."""
        scores = self.scores.get((pattern, probe))
        return None if scores is None else scores.get(head.id)

    def probes_of(self, pattern: Pattern) -> list[str]:
        """Probes a pattern was measured on; the one it is meant to be read on comes first."""
        if pattern.id not in self._probes_of:
            measured = [probe.name for probe in self.probes if (pattern.name, probe.name) in self.scores]
            self._probes_of[pattern.id] = sorted(measured, key=lambda name: name != pattern.probe)
        return self._probes_of[pattern.id]

    def ranks(self, pattern: str, probe: str) -> Int[np.ndarray, " head"]:
        """Ranks of the heads by score, 1 for the highest, 0 for no score; equal scores share a rank."""
        key = (pattern, probe)
        if key not in self._ranks:
            scores = self.scores[key].score
            known = np.flatnonzero(~np.isnan(scores))
            ranks = np.zeros(len(scores), dtype=np.int32)
            # How many are higher, and 1.
            ranks[known] = len(known) - np.searchsorted(np.sort(scores[known]), scores[known], side="right") + 1
            self._ranks[key] = ranks
        return self._ranks[key]

    def largest(self, pattern: Pattern, probe: str) -> float:
        """Upper end of a pattern's scale: 1 for shares, else the largest score or interval seen."""
        key = (pattern.name, probe)
        if pattern.is_target:
            return 1.0
        if key not in self._largest:
            scores = self.scores[key]
            values = np.concatenate([scores.score, scores.number("ci_high"), scores.sink_free])
            largest = float(np.max(values, where=~np.isnan(values), initial=-np.inf))
            self._largest[key] = max(largest, 1.0)
        return self._largest[key]

    def keep_largest(self, pattern: Pattern, probe: str, largest: float) -> None:
        """Says what `largest` is where not all scores are here."""
        self._largest[pattern.name, probe] = largest

    @cached_property
    def does(self) -> dict[int, list[str]]:
        """Head id -> its labels besides those that say where it rests; heads without any are left out."""
        named = {
            head: [label.name for label in labels if not comes_last(label.name)] for head, labels in self.labels.items()
        }
        return {head: names for head, names in named.items() if names}

    @cached_property
    def families(self) -> dict[str, str]:
        """The family of each pattern."""
        return {pattern.name: pattern.family for pattern in self.patterns}

    @cached_property
    def _furthest(self) -> dict[int, tuple[Int[np.ndarray, "n head"], Float[np.ndarray, "n head"]]]:
        return {}

    @cached_property
    def _probes_of(self) -> dict[int, list[str]]:
        return {}

    @cached_property
    def _largest(self) -> dict[tuple[str, str], float]:
        return {}

    @cached_property
    def _ranks(self) -> dict[tuple[str, str], Int[np.ndarray, " head"]]:
        return {}
