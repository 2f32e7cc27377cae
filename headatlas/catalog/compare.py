"""Two scans side by side: head by head where their shapes agree, by label and by nearest head where not."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from headatlas.catalog.head_distances import Points, distances, points
from headatlas.catalog.head_table import HeadTable, ScannedHead, ScanProfile, head_table, read_heads, read_scan
from headatlas.catalog.label_changes import LabelChange, label_changes, read_labels
from headatlas.catalog.reader import name_among
from headatlas.catalog.score_changes import Change, score_changes
from headatlas.catalog.similar import Neighbour, neighbour
from headatlas.errors import HeadatlasError
from headatlas.heads import Head, OfHead

if TYPE_CHECKING:
    import sqlite3

    from headatlas.catalog.reader import Reader

# Above this share of attention a head counts as following a pattern, where no labels say so (ARENA, Gu et al.).
MIN_FOLLOWING = 0.4
# Patterns named that only one of two scans has.
_MAX_NAMED = 6


@dataclass(frozen=True)
class Kind:
    """Heads with one label in both scans: how many, and how deep (0 first layer, 1 last; None where there are none)."""

    kind: str
    first: int
    second: int
    first_depth: float | None
    second_depth: float | None


@dataclass(frozen=True)
class Match(OfHead):
    """The head of the second scan that is nearest to a head of the first; `mutual` when that holds both ways."""

    attention: str
    layer: int
    head: int
    neighbour: Neighbour
    mutual: bool


@dataclass
class Comparison:
    """What differs between two scans.

    `changes` and `labels` are of scans of the same shape, largest difference first; `kinds` of all.
    """

    first: str
    second: str
    same_shape: bool
    has_labels: bool
    shapes: tuple[str, str]
    n_heads: tuple[int, int]
    kinds: list[Kind]
    notes: list[str]
    changes: list[Change] = field(default_factory=list)
    labels: list[LabelChange] = field(default_factory=list)
    _nearest: tuple[HeadTable, Points, dict[int, ScannedHead]] | None = None

    @property
    def real(self) -> list[Change]:
        """Changes that are more than chance."""
        return [change for change in self.changes if change.real]

    @property
    def listed(self) -> list[Change]:
        """The changes worth listing: the real ones, or all where no score has an interval to tell them by."""
        return self.real if any(change.low is not None for change in self.changes) else self.changes

    @property
    def changed_labels(self) -> list[LabelChange]:
        """Labels that came or went with a real change of score."""
        return [label for label in self.labels if label.beyond_interval]

    @cached_property
    def matches(self) -> list[Match]:
        """For each head of the first scan the nearest of the second, by the distance of `similar`."""
        assert self._nearest is not None
        return _matches(self.first, self.second, *self._nearest)

    def only(self, labels: Collection[str] = (), patterns: Collection[str] = ()) -> Comparison:
        """The same comparison, of these labels and these patterns alone; of all where none are named.

        Raises:
            UnknownNameError: a label that neither scan gives, or a pattern that they do not share.
        """
        known_patterns = {change.pattern for change in self.changes}
        known_labels = {kind.kind for kind in self.kinds} | known_patterns
        labels = [name_among("label", name, known_labels) for name in labels]
        patterns = [name_among("pattern", name, known_patterns) for name in patterns]
        return replace(
            self,
            labels=[label for label in self.labels if not labels or label.label in labels],
            changes=[change for change in self.changes if not patterns or change.pattern in patterns],
            kinds=[kind for kind in self.kinds if not labels or kind.kind in labels],
        )


def compare(reader: Reader, first: str, second: str) -> Comparison:
    """Compares two scans of a database.

    Raises:
        UnknownNameError: a model that the database does not hold.
        HeadatlasError: both are the same scan, or nothing was measured in both.
    """
    scans = reader.scan(first), reader.scan(second)
    if scans[0]["id"] == scans[1]["id"]:
        raise HeadatlasError("Give two different scans; these are one. `headatlas scan --as NAME` keeps another.")
    measured = read_scan(reader, first), read_scan(reader, second)
    if not set(measured[0].profile.columns) & set(measured[1].profile.columns):
        raise HeadatlasError(
            f"{first} and {second} share no pattern measured on the same probe in the same version. Scan both again."
        )
    labels = read_labels(reader, scans[0]["id"]), read_labels(reader, scans[1]["id"])
    # A scan whose labels were made may have none to give.
    labelled = [bool(given) or scan["calibration"] is not None for given, scan in zip(labels, scans, strict=True)]
    notes = _notes(first, second, scans, measured)
    if not all(labelled):
        missing = [name for name, has_labels in zip((first, second), labelled, strict=True) if not has_labels]
        unlabelled = " and ".join(missing)
        notes.append(f"No labels for {unlabelled}; heads count as of a kind from a score of {MIN_FOLLOWING}.")
    table = head_table(measured)
    names = read_heads(reader, table.ids.tolist())
    heads = _heads(measured[0], names), _heads(measured[1], names)
    carriers = labels if all(labelled) else (_followed(measured[0], heads[0]), _followed(measured[1], heads[1]))
    result = Comparison(
        first=first,
        second=second,
        same_shape=set(heads[0]) == set(heads[1]),
        has_labels=all(labelled),
        shapes=(_shape(heads[0]), _shape(heads[1])),
        n_heads=(len(heads[0]), len(heads[1])),
        kinds=_kinds(carriers, heads),
        notes=notes,
        _nearest=(table, points(reader, table, range(len(table))), names),
    )
    if result.same_shape:
        result.changes = score_changes(reader, scans[0]["id"], scans[1]["id"])
        if result.has_labels:
            result.labels = label_changes(*labels, result.changes)
    return result


def _heads(scan: ScanProfile, names: Mapping[int, ScannedHead]) -> list[Head]:
    """The heads of a scan, in the order of its profile."""
    return [names[number].of_model for number in scan.profile.heads.tolist()]


def _followed(scan: ScanProfile, heads: Sequence[Head]) -> dict[Head, set[str]]:
    """Patterns that heads follow by their scores: what stands for labels where there are none."""
    followed: dict[Head, set[str]] = defaultdict(set)
    for number, column in enumerate(scan.profile.columns):
        # No statistic, and nothing so common that 0.4 says little.
        rare = scan.profile.chance[:, number] < MIN_FOLLOWING / 2
        for row in np.flatnonzero((scan.shown[:, number] >= MIN_FOLLOWING) & rare):
            followed[heads[int(row)]].add(column.pattern)
    return dict(followed)


def _kinds(
    carriers: tuple[Mapping[Head, Any], Mapping[Head, Any]], heads: tuple[Sequence[Head], Sequence[Head]]
) -> list[Kind]:
    """How many heads of two scans carry each label, and how deep; the commonest first."""
    names = sorted({name for labels in carriers for given in labels.values() for name in given})
    counted = []
    for name in names:
        depths = []
        for labels, every in zip(carriers, heads, strict=True):
            last = max(max((head.layer for head in every), default=0), 1)
            depths.append([head.layer / last for head, given in labels.items() if name in given])
        mean = [sum(of_scan) / len(of_scan) if of_scan else None for of_scan in depths]
        counted.append(Kind(name, len(depths[0]), len(depths[1]), *mean))
    return sorted(counted, key=lambda kind: (-max(kind.first, kind.second), kind.kind))


def _matches(
    first: str, second: str, table: HeadTable, placed: Points, names: Mapping[int, ScannedHead]
) -> list[Match]:
    rows, others = table.rows_of(first), table.rows_of(second)
    away = distances(placed[rows], placed[others])
    if not away.size:
        return []
    heads = [names[number] for number in table.ids.tolist()]
    nearest, back = away.argmin(1), away.argmin(0)
    matches = []
    for position, closest in enumerate(nearest.tolist()):
        if np.isfinite(away[position, closest]):
            row, other, distance = int(rows[position]), int(others[closest]), float(away[position, closest])
            near = neighbour(table, row, other, heads[other], distance)
            matches.append(Match(*heads[row].of_model, near, mutual=bool(back[closest] == position)))
    return matches


def _notes(
    first: str, second: str, scans: tuple[sqlite3.Row, sqlite3.Row], measured: tuple[ScanProfile, ScanProfile]
) -> list[str]:
    notes = []
    in_one_scan = {column.pattern for column in set(measured[0].profile.columns) ^ set(measured[1].profile.columns)}
    if in_one_scan:
        more = len(in_one_scan) - _MAX_NAMED
        listed = ", ".join(sorted(in_one_scan)[:_MAX_NAMED]) + (f" and {more} more" if more > 0 else "")
        notes.append(f"Left out, since only one scan has them in this version and on this probe: {listed}.")
    if scans[0]["calibration"] != scans[1]["calibration"] and all(scan["calibration"] for scan in scans):
        notes.append("The labels were made with different calibrations; `headatlas label` makes them alike.")
    for column, word in (("dtype", "number format"), ("seed", "seed"), ("tokenizer", "tokenizer class")):
        if scans[0][column] != scans[1][column]:
            notes.append(f"The {word} differs: {first} {scans[0][column]}, {second} {scans[1][column]}.")
    return notes


def _shape(heads: Sequence[Head]) -> str:
    layers = len({(head.attention, head.layer) for head in heads})
    return f"{layers} layers, {len(heads)} heads"
