"""Two scans side by side: head by head where their shapes agree, by kind and by nearest head where not.

The interval of a change joins the intervals of the two scores by the method of variance estimates recovery (Zou &
Donner 2008, doi:10.1002/sim.3095): no half of it is wider or narrower than the two scores' own halves allow. It takes
the two scans as independent; on the same probes they share sequences, so it errs on the careful side. A change is
called real when it passes a test made from that interval at a false discovery rate of 5% over all heads and patterns
(Benjamini & Hochberg 1995) and is larger than `SMALLEST`, which is what rounding in published scans can do.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from headatlas.catalog import similar
from headatlas.errors import HeadatlasError
from headatlas.heads import head_name
from headatlas.store import profiles

if TYPE_CHECKING:
    from headatlas.catalog.catalog import Catalog

Head = tuple[str, int, int]
Given = tuple[float, float | None]  # a label's confidence and strength

SMALLEST = 0.001
FALSE_DISCOVERIES = 0.05
# Above this share of attention a head counts as following a pattern, where no labels say so (ARENA, Gu et al.).
FOLLOWS = 0.4
_NORMAL = 1.959964  # half-width of a 95% interval, in standard deviations


@dataclass(frozen=True)
class Change:
    """A score in both scans; `low` and `high` bound the difference."""

    attention: str
    layer: int
    head: int
    pattern: str
    probe: str
    first: float
    second: float
    low: float
    high: float
    real: bool

    @property
    def difference(self) -> float:
        """Second minus first."""
        return self.second - self.first

    @property
    def name(self) -> str:
        """L5H1."""
        return head_name(self.attention, self.layer, self.head)


@dataclass(frozen=True)
class LabelChange:
    """A label that one scan gives a head and the other does not.

    `first` and `second` are its confidence, `first_strength` and `second_strength` the share of attention that only it
    explains (None where it is not given, or was made without). `change` is that of the score of the label's pattern;
    None where the label is not named after a pattern.
    """

    attention: str
    layer: int
    head: int
    label: str
    first: float | None
    second: float | None
    first_strength: float | None
    second_strength: float | None
    change: Change | None

    @property
    def name(self) -> str:
        """L5H1."""
        return head_name(self.attention, self.layer, self.head)

    @property
    def beyond_interval(self) -> bool:
        """Whether the score behind the label has really changed; a label without a pattern counts as changed."""
        return self.change is None or self.change.real


@dataclass(frozen=True)
class Kind:
    """Heads of one kind in both scans: how many, and how deep (0 first layer, 1 last; None where there are none)."""

    kind: str
    first: int
    second: int
    first_depth: float | None
    second_depth: float | None


@dataclass(frozen=True)
class Match:
    """The head of the second scan that is nearest to a head of the first; `mutual` when that holds both ways."""

    attention: str
    layer: int
    head: int
    neighbour: similar.Neighbour
    mutual: bool

    @property
    def name(self) -> str:
        """L5H1."""
        return head_name(self.attention, self.layer, self.head)


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
    _profiles: tuple[profiles.Profile, profiles.Profile] | None = None
    _heads: tuple[dict[int, Head], dict[int, Head]] = ({}, {})

    @property
    def real(self) -> list[Change]:
        """Changes that are more than chance."""
        return [one for one in self.changes if one.real]

    @property
    def changed_labels(self) -> list[LabelChange]:
        """Labels that came or went with a real change of score."""
        return [one for one in self.labels if one.beyond_interval]

    @cached_property
    def matches(self) -> list[Match]:
        """For each head of the first scan the nearest of the second."""
        assert self._profiles is not None
        return _matches(self.second, *self._profiles, *self._heads)


def compare(catalog: Catalog, first: str, second: str) -> Comparison:
    """Compares two scans of a database.

    Raises:
        UnknownNameError: a model that the database does not hold.
        HeadatlasError: both are the same scan, or nothing was measured in both.
    """
    scans = catalog.scan(first), catalog.scan(second)
    if scans[0]["id"] == scans[1]["id"]:
        raise HeadatlasError("Give two different scans; these are one. `headatlas scan --as NAME` keeps another.")
    heads = _heads(catalog, scans[0]["id"]), _heads(catalog, scans[1]["id"])
    same_shape = set(heads[0].values()) == set(heads[1].values())
    labels = _labels(catalog, scans[0]["id"]), _labels(catalog, scans[1]["id"])
    found = (
        profiles.read(catalog.connection, scans[0]["id"]),
        profiles.read(catalog.connection, scans[1]["id"]),
    )
    notes = _notes(first, second, scans, found)
    if not set(found[0].columns) & set(found[1].columns):
        raise HeadatlasError(
            f"{first} and {second} share no pattern measured on the same probe in the same version. Scan both again."
        )
    # A scan whose labels were made may have none to give.
    labelled = [bool(some) or scan["calibration"] is not None for some, scan in zip(labels, scans, strict=True)]
    has_labels = all(labelled)
    if not has_labels:
        missing = [name for name, some in zip((first, second), labelled, strict=True) if not some]
        notes.append(f"No labels for {' and '.join(missing)}; heads count as of a kind from a score of {FOLLOWS}.")
        kinds = tuple(_kinds_by_score(one, two) for one, two in zip(found, heads, strict=True))
    else:
        kinds = tuple(
            {head: {name: one[0] for name, one in some.items()} for head, some in own.items()} for own in labels
        )
    result = Comparison(
        first=first,
        second=second,
        same_shape=same_shape,
        has_labels=has_labels,
        shapes=(_shape(scans[0], heads[0]), _shape(scans[1], heads[1])),
        n_heads=(len(heads[0]), len(heads[1])),
        kinds=_count_kinds(kinds, heads),
        notes=notes,
        _profiles=found,
        _heads=heads,
    )
    if same_shape:
        result.changes = _changes(catalog, scans[0]["id"], scans[1]["id"])
        if has_labels:
            result.labels = _label_changes(*labels, result.changes)
    return result


def difference_interval(first: tuple[float, float, float], second: tuple[float, float, float]) -> tuple[float, float]:
    """Interval of `second - first` from two (estimate, low, high): Zou & Donner's MOVER.

    `difference_interval((.5, .4, .6), (.8, .7, .9))` is about (.16, .44).
    """
    (a, a_low, a_high), (b, b_low, b_high) = first, second
    difference = b - a
    return (
        difference - float(np.hypot(b - b_low, a_high - a)),
        difference + float(np.hypot(b_high - b, a - a_low)),
    )


def _changes(catalog: Catalog, first: int, second: int) -> list[Change]:
    """All scores that both scans have on a pattern's own probe, the largest difference first."""
    # A scan of one text has no other probe to read.
    rows = catalog.rows(
        """select one.attention, one.layer, one.head, patterns.name as pattern, probes.name as probe,
                  a.score, a.ci_low, a.ci_high, b.score as score_b, b.ci_low as ci_low_b, b.ci_high as ci_high_b
           from heads one
           join heads two on two.scan_id = :second and two.attention = one.attention and two.layer = one.layer
                and two.head = one.head
           join scores a on a.head_id = one.id
           join scores b on b.head_id = two.id and b.pattern_id = a.pattern_id and b.probe_id = a.probe_id
           join patterns on patterns.id = a.pattern_id
           join probes on probes.id = a.probe_id
           where one.scan_id = :first and a.score is not null and b.score is not null
             and (probes.name = patterns.probe
                  or 1 = (select count(*) from scan_probes where scan_id = :first and n_sequences > 0))""",
        {"first": first, "second": second},
    )
    if not rows:
        return []
    found = []
    p_values = []
    for row in rows:
        a = _estimate(row["score"], row["ci_low"], row["ci_high"])
        b = _estimate(row["score_b"], row["ci_low_b"], row["ci_high_b"])
        low, high = difference_interval(a, b)
        difference = b[0] - a[0]
        # The half of the interval that lies towards no change.
        half = difference - low if difference > 0 else high - difference
        p_values.append(_p_value(difference, half))
        found.append((row, a[0], b[0], low, high))
    rejected = _discoveries(np.array(p_values))
    changes = [
        Change(
            row["attention"],
            row["layer"],
            row["head"],
            row["pattern"],
            row["probe"],
            one,
            two,
            low,
            high,
            bool(real and abs(two - one) >= SMALLEST),
        )
        for (row, one, two, low, high), real in zip(found, rejected, strict=True)
    ]
    return sorted(changes, key=lambda one: (-one.real, -_weight(one), one.attention, one.layer, one.head, one.pattern))


def _weight(change: Change) -> float:
    """Tokens of distance count for less than shares of attention."""
    most = max(abs(change.first), abs(change.second), 1.0)
    return abs(change.difference) / most


def _estimate(score: float, low: float | None, high: float | None) -> tuple[float, float, float]:
    # A bootstrap interval of few sequences may miss its own mean by a hair; one sequence has none.
    return score, min(score if low is None else low, score), max(score if high is None else high, score)


def _p_value(difference: float, half: float) -> float:
    from scipy.special import ndtr

    if half <= 0:
        return 0.0 if difference else 1.0
    return float(2 * ndtr(-abs(difference) / (half / _NORMAL)))


def _discoveries(p_values: np.ndarray) -> np.ndarray:
    from scipy.stats import false_discovery_control

    found: np.ndarray = false_discovery_control(p_values) <= FALSE_DISCOVERIES
    return found


def _label_changes(
    first: dict[Head, dict[str, Given]], second: dict[Head, dict[str, Given]], changes: list[Change]
) -> list[LabelChange]:
    by_key = {((one.attention, one.layer, one.head), one.pattern): one for one in changes}
    found = []
    for head in sorted(first.keys() | second.keys()):
        before, after = first.get(head, {}), second.get(head, {})
        for label in sorted(before.keys() ^ after.keys()):
            change = by_key.get((head, label))
            a, b = before.get(label, (None, None)), after.get(label, (None, None))
            found.append(LabelChange(*head, label, a[0], b[0], a[1], b[1], change))
    return sorted(found, key=lambda one: (-one.beyond_interval, -abs(one.change.difference) if one.change else -1.0))


def _labels(catalog: Catalog, scan: int) -> dict[Head, dict[str, Given]]:
    found: dict[Head, dict[str, Given]] = defaultdict(dict)
    for row in catalog.rows(
        "select attention, layer, head, label, confidence, strength from labels join heads on heads.id = head_id "
        "where scan_id = ? order by head_id, label",
        [scan],
    ):
        found[row["attention"], row["layer"], row["head"]][row["label"]] = row["confidence"], row["strength"]
    return dict(found)


def _kinds_by_score(profile: profiles.Profile, heads: dict[int, Head]) -> dict[Head, dict[str, float]]:
    values = similar.shown_values(profile)
    found: dict[Head, dict[str, float]] = defaultdict(dict)
    for column, one in enumerate(profile.columns):
        # No statistic, and nothing so common that 0.4 says little.
        for row in np.flatnonzero((values[:, column] >= FOLLOWS) & (profile.chance[:, column] < FOLLOWS / 2)):
            found[heads[int(profile.heads[row])]][one.pattern] = float(values[row, column])
    return dict(found)


def _count_kinds(labels: Any, heads: tuple[dict[int, Head], dict[int, Head]]) -> list[Kind]:
    names = sorted({name for one in labels for some in one.values() for name in some})
    counted = []
    for name in names:
        depths = []
        for mine, all_heads in zip(labels, heads, strict=True):
            last = max(max((layer for _, layer, _ in all_heads.values()), default=0), 1)
            depths.append([head[1] / last for head, some in mine.items() if name in some])
        mean = [sum(one) / len(one) if one else None for one in depths]
        counted.append(Kind(name, len(depths[0]), len(depths[1]), *mean))
    return sorted(counted, key=lambda one: (-max(one.first, one.second), one.kind))


def _matches(
    second: str, first: profiles.Profile, other: profiles.Profile, heads: dict[int, Head], others: dict[int, Head]
) -> list[Match]:
    shown, theirs = similar.shown_values(first), similar.shown_values(other)
    aligned = similar.align(theirs, other, first)
    here = similar.scaled(shown, first)
    there = similar.align(similar.scaled(theirs, other), other, first)
    far = np.stack([similar.rms(there, row) for row in here])
    if not far.size or not np.isfinite(far).any():
        return []
    nearest, back = far.argmin(1), far.argmin(0)
    names = [one.pattern for one in first.columns]
    statistics = first.statistics
    found = []
    for row, column in enumerate(nearest):
        if np.isfinite(far[row, column]):
            same, differs = similar.explain(names, shown[row], aligned[column], statistics)
            neighbour = similar.Neighbour(
                second, *others[int(other.heads[column])], float(far[row, column]), same, differs
            )
            found.append(Match(*heads[int(first.heads[row])], neighbour, bool(back[column] == row)))
    return found


def _notes(
    first: str, second: str, scans: tuple[Any, Any], found: tuple[profiles.Profile, profiles.Profile]
) -> list[str]:
    notes = []
    one, two = set(found[0].columns), set(found[1].columns)
    alone = {column.pattern for column in one ^ two}
    if alone:
        listed = ", ".join(sorted(alone)[:6]) + (", ..." if len(alone) > 6 else "")
        notes.append(f"Left out, since only one scan has them in this version and on this probe: {listed}.")
    if scans[0]["calibration"] != scans[1]["calibration"] and all(scan["calibration"] for scan in scans):
        notes.append("The labels were made with different calibrations; `headatlas label` makes them alike.")
    for column, word in (("dtype", "number format"), ("seed", "seed"), ("tokenizer", "tokenizer class")):
        if scans[0][column] != scans[1][column]:
            notes.append(f"The {word} differs: {first} {scans[0][column]}, {second} {scans[1][column]}.")
    return notes


def _heads(catalog: Catalog, scan: int) -> dict[int, Head]:
    rows = catalog.rows("select id, attention, layer, head from heads where scan_id = ? order by id", [scan])
    return {row["id"]: (row["attention"], row["layer"], row["head"]) for row in rows}


def _shape(scan: Any, heads: dict[int, Head]) -> str:
    layers = len({(attention, layer) for attention, layer, _ in heads.values()})
    return f"{layers} layers, {len(heads)} heads"
