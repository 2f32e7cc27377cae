"""Scores of two scans of models of one shape, head by head, and which of the differences are more than chance.

The interval of a change joins the intervals of the two scores by the method of variance estimates recovery (Zou &
Donner 2008, doi:10.1002/sim.3095): no half of it is wider or narrower than the two scores' own halves allow. It takes
the two scans as independent; on the same probes they share sequences, so it errs on the careful side. A change is
called real when it passes a test made from that interval at a false discovery rate of 5% over all heads and patterns
(Benjamini & Hochberg 1995) and is larger than `MIN_DIFFERENCE`, which is what rounding in published scans can do.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from headatlas.catalog import headvis_metrics
from headatlas.heads import OfHead

if TYPE_CHECKING:
    from jaxtyping import Bool, Float

    from headatlas.catalog.reader import Reader

MIN_DIFFERENCE = 0.001
FALSE_DISCOVERY_RATE = 0.05
_NORMAL = 1.959964  # half-width of a 95% interval, in standard deviations

# A number, or an array of them.
Numbers = TypeVar("Numbers", float, np.ndarray)


@dataclass(frozen=True)
class Change(OfHead):
    """A head's score for a pattern on a probe in both scans; `low` and `high` bound the difference (None: unknown)."""

    attention: str
    layer: int
    head: int
    pattern: str
    probe: str
    first: float
    second: float
    low: float | None
    high: float | None
    real: bool

    @property
    def difference(self) -> float:
        """Second minus first."""
        return self.second - self.first


def score_changes(reader: Reader, first: int, second: int) -> list[Change]:
    """All scores that both scans (`scans.id`) have on a pattern's own probe: real changes first, large ones first."""
    # A scan of one text has no other probe to read.
    rows = reader.rows(
        """select heads.attention, heads.layer, heads.head, patterns.name as pattern, probes.name as probe,
                  a.score, a.ci_low, a.ci_high, b.score as score_b, b.ci_low as ci_low_b, b.ci_high as ci_high_b
           from heads
           join heads others on others.scan_id = :second and others.attention = heads.attention
                and others.layer = heads.layer and others.head = heads.head
           join scores a on a.head_id = heads.id
           join scores b on b.head_id = others.id and b.pattern_id = a.pattern_id and b.probe_id = a.probe_id
           join patterns on patterns.id = a.pattern_id
           join probes on probes.id = a.probe_id
           where heads.scan_id = :first and a.score is not null and b.score is not null
             and (probes.name = patterns.probe
                  or 1 = (select count(*) from scan_probes where scan_id = :first and n_sequences > 0))""",
        {"first": first, "second": second},
    )
    if not rows:
        return []
    before = _estimates(rows, ("score", "ci_low", "ci_high"))
    after = _estimates(rows, ("score_b", "ci_low_b", "ci_high_b"))
    low, high = difference_interval(before, after)
    difference = after[0] - before[0]
    # The half of the interval that lies towards no change.
    half = np.where(difference > 0, difference - low, high - difference)
    real = _discoveries(difference, half) & (np.abs(difference) >= MIN_DIFFERENCE)
    # What was measured elsewhere has no interval; that it differs may be chance, and nobody can say.
    unknown = np.array([row["probe"] == headvis_metrics.PROBE for row in rows])
    bounds = [[None if row else end for row, end in zip(unknown, ends.tolist(), strict=True)] for ends in (low, high)]
    real &= ~unknown
    # Tokens of distance count for less than shares of attention.
    size = np.abs(difference) / np.maximum(1, np.maximum(np.abs(before[0]), np.abs(after[0])))
    changes = [
        (-weight, Change(row["attention"], row["layer"], row["head"], row["pattern"], row["probe"], *values))
        for row, weight, *values in zip(
            rows, size.tolist(), before[0].tolist(), after[0].tolist(), *bounds, real.tolist(),
            strict=True,
        )
    ]  # fmt: skip
    changes.sort(key=lambda pair: (not pair[1].real, pair[0], *_identity(pair[1])))
    return [change for _, change in changes]


def difference_interval(
    first: tuple[Numbers, Numbers, Numbers], second: tuple[Numbers, Numbers, Numbers]
) -> tuple[Numbers, Numbers]:
    """Interval of `second - first` from two (estimate, low, high): Zou & Donner's MOVER.

    `difference_interval((.5, .4, .6), (.8, .7, .9))` is about (.16, .44).
    """
    (a, a_low, a_high), (b, b_low, b_high) = first, second
    difference = b - a
    return difference - np.hypot(b - b_low, a_high - a), difference + np.hypot(b_high - b, a - a_low)


def _estimates(rows: Sequence[sqlite3.Row], columns: tuple[str, str, str]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Scores with the ends of their intervals, one array each."""
    score, low, high = (np.array([row[column] for row in rows], dtype=float) for column in columns)
    # A bootstrap interval of few sequences may miss its own mean by a hair; one sequence has none (NaN).
    return score, np.fmin(low, score), np.fmax(high, score)


def _discoveries(
    difference: Float[np.ndarray, " change"], half: Float[np.ndarray, " change"]
) -> Bool[np.ndarray, " change"]:
    """Which differences are more than chance, given the halves of their intervals that lie towards no change."""
    from scipy.special import ndtr  # not at the top: scipy takes longer to import than numpy
    from scipy.stats import false_discovery_control

    with np.errstate(divide="ignore", invalid="ignore"):
        p_values = 2 * ndtr(-np.abs(difference) / (half / _NORMAL))
    p_values = np.where(half > 0, p_values, np.where(difference == 0, 1.0, 0.0))
    discovered: np.ndarray = false_discovery_control(p_values) <= FALSE_DISCOVERY_RATE
    return discovered


def _identity(change: Change) -> tuple[str, int, int, str]:
    return change.attention, change.layer, change.head, change.pattern
