"""How far labels can be believed: what heads whose truth is known were called, counted.

A label is *right* when its pattern was planted with at least `STRENGTH`, *wrong* when the head follows it in no way; in
between it is neither. A head without any truth is *named wrongly* by whatever label it gets.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from headatlas.labels.thresholds import STRENGTH
from headatlas.patterns.lookup import comes_last

# A label at least this sure is called a sure one.
HIGH_CONFIDENCE = 0.9
BINS = 10


@dataclass(frozen=True)
class GivenLabel:
    """A label that a head was given, as `headatlas.labels.label.Label` says."""

    label: str
    confidence: float
    rank: int
    basis: str
    awake: float | None
    score: float | None
    control: float | None


@dataclass(frozen=True)
class JudgedHead:
    """A head of the bench and what it was called."""

    name: str
    kind: str
    rule: str | None
    truth: Mapping[str, float]
    labels: tuple[GivenLabel, ...]
    also: tuple[str, ...] = ()

    @property
    def wrong_labels(self) -> tuple[GivenLabel, ...]:
        """Labels of patterns that the head follows in no way.

        Where a head rests is said beside its name, and not judged.
        """
        known = {*self.truth, *self.also}
        return tuple(given for given in self.labels if given.label not in known and not comes_last(given.label))

    def wrong(self, confidence: float = 0.0) -> bool:
        """Whether a label of at least this confidence names a pattern that the head does not follow."""
        return any(given.confidence >= confidence for given in self.wrong_labels)

    @property
    def named_rightly(self) -> bool:
        """Whether the first label is the pattern that was planted most strongly."""
        strongest = max(self.truth, key=lambda name: self.truth[name], default=None)
        return bool(self.labels) and strongest is not None and self.labels[0].label == strongest


@dataclass(frozen=True)
class KindSummary:
    """What heads of one kind were called: heads in all, with a wrong label, with a sure wrong one, named rightly."""

    kind: str
    n_heads: int
    n_wrong: int
    n_surely_wrong: int
    n_right: int


@dataclass(frozen=True)
class PatternSummary:
    """Heads that a pattern was planted in with at least `STRENGTH`, and what became of its label."""

    pattern: str
    n_planted: int
    n_found: int
    n_wrong: int

    @property
    def f1(self) -> float | None:
        """F1 of the label; None where it was neither planted nor given."""
        n_right, missed = self.n_found, self.n_planted - self.n_found
        counted = 2 * n_right + missed + self.n_wrong
        return 2 * n_right / counted if counted else None


@dataclass(frozen=True)
class ConfidenceBin:
    """Labels between two confidences: how many there are, their mean confidence, and the share that is right."""

    low: float
    high: float
    n_labels: int
    claimed: float
    right: float


@dataclass(frozen=True)
class WaySummary:
    """What one way to name heads makes of them all: named rightly, with a wrong label, and its macro F1.

    Rightly: its first label is the pattern that was planted most strongly; `n_planted` heads have one.
    """

    way: str
    n_heads: int
    n_planted: int
    n_right: int
    n_wrong: int
    macro_f1: float | None


@dataclass(frozen=True)
class Summary:
    """All counts of a run of the bench; `calibration_error` is the expected one (Naeini et al. 2015).

    `ways` has headatlas first, then the usual ways on the same heads, where they were tried.
    """

    kinds: tuple[KindSummary, ...]
    patterns: tuple[PatternSummary, ...]
    confidence: tuple[ConfidenceBin, ...]
    rules: Mapping[str, tuple[int, int]]
    macro_f1: float | None
    calibration_error: float | None
    ways: tuple[WaySummary, ...] = ()


def summarise(heads: Sequence[JudgedHead], usual: Mapping[str, Sequence[JudgedHead]] | None = None) -> Summary:
    """Counts what the heads were called; `rules` has heads and wrongly named heads of each unlisted rule.

    `usual` has the same heads as other ways name them.
    """
    kinds = dict.fromkeys(head.kind for head in heads)
    patterns = _by_pattern(heads)
    bins = _by_confidence(heads)
    n_labels = sum(part.n_labels for part in bins)
    rules: dict[str, tuple[int, int]] = {}
    for head in heads:
        if head.rule is not None and not head.truth:
            n_heads, n_wrong = rules.get(head.rule, (0, 0))
            rules[head.rule] = n_heads + 1, n_wrong + head.wrong()
    return Summary(
        kinds=tuple(_of_kind(kind, [head for head in heads if head.kind == kind]) for kind in kinds),
        patterns=patterns,
        confidence=bins,
        rules=rules,
        macro_f1=_macro_f1(patterns),
        calibration_error=sum(part.n_labels * abs(part.claimed - part.right) for part in bins) / n_labels
        if n_labels
        else None,
        ways=tuple(_of_way(way, named) for way, named in {"headatlas": heads, **(usual or {})}.items()),
    )


def _of_way(way: str, heads: Sequence[JudgedHead]) -> WaySummary:
    return WaySummary(
        way=way,
        n_heads=len(heads),
        n_planted=sum(bool(head.truth) for head in heads),
        n_right=sum(head.named_rightly for head in heads),
        n_wrong=sum(head.wrong() for head in heads),
        macro_f1=_macro_f1(_by_pattern(heads)),
    )


def _macro_f1(patterns: Sequence[PatternSummary]) -> float | None:
    """The mean F1 of the patterns that were planted; None where none was."""
    scores = [pattern.f1 for pattern in patterns if pattern.n_planted and pattern.f1 is not None]
    return float(np.mean(scores)) if scores else None


def _of_kind(kind: str, heads: Sequence[JudgedHead]) -> KindSummary:
    return KindSummary(
        kind=kind,
        n_heads=len(heads),
        n_wrong=sum(head.wrong() for head in heads),
        n_surely_wrong=sum(head.wrong(HIGH_CONFIDENCE) for head in heads),
        n_right=sum(head.named_rightly for head in heads),
    )


def _by_pattern(heads: Sequence[JudgedHead]) -> tuple[PatternSummary, ...]:
    names = sorted({name for head in heads for name in (*head.truth, *(given.label for given in head.labels))})
    summaries = []
    for name in names:
        planted = [head for head in heads if head.truth.get(name, 0.0) >= STRENGTH]
        n_found = sum(any(given.label == name for given in head.labels) for head in planted)
        n_wrong = sum(any(given.label == name for given in head.wrong_labels) for head in heads)
        summaries.append(PatternSummary(name, len(planted), n_found, n_wrong))
    return tuple(summaries)


def _by_confidence(heads: Sequence[JudgedHead]) -> tuple[ConfidenceBin, ...]:
    judged = [
        (given.confidence, head.truth.get(given.label, 0.0) >= STRENGTH)
        for head in heads
        for given in head.labels
        if given in head.wrong_labels or head.truth.get(given.label, 0.0) >= STRENGTH
    ]
    confidence = np.array([pair[0] for pair in judged])
    right = np.array([pair[1] for pair in judged], dtype=bool)
    number = np.minimum((confidence * BINS).astype(int), BINS - 1)
    return tuple(
        ConfidenceBin(
            part / BINS, (part + 1) / BINS, int(rows.sum()), float(confidence[rows].mean()), float(right[rows].mean())
        )
        for part in range(BINS)
        if (rows := number == part).any()
    )
