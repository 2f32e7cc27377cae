"""Scores to labels: what a head is called, how sure that is, and what else could explain its scores.

A label is the claim that the head spends at least `STRENGTH` of its attention on a pattern's keys *for the
pattern's sake*. Raw scores do not say so: a previous-token head also lands on determiners of nouns. The scores of
all patterns on one probe are therefore unmixed. What a head that follows pattern j perfectly would score on
pattern i is known from the texts alone (the overlaps, stored with every scan), so the head's scores are
explained by non-negative strengths of all patterns, of the sink and of uniform attention, together. A logistic model,
fitted on heads whose truth is known (benchmarks/planted), turns strength and doubts into a confidence.

Needs neither torch nor scikit-learn nor the model: labels are made again from a database at any time.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from headatlas.labels.calibration import Calibration, calibration
from headatlas.labels.confidence import confidences
from headatlas.labels.probe_scores import ProbeScores
from headatlas.labels.thresholds import HIGH_CONFIDENCE, MIN_CONFIDENCE
from headatlas.labels.unmixing import unmix
from headatlas.patterns import PATTERNS


@dataclass(frozen=True)
class Label:
    """One claim about one head (its number in the scores' order); `rank` 1 is the head's primary label."""

    head: int
    label: str
    confidence: float
    rank: int
    strength: float
    explained: float
    explained_by: str


@dataclass(frozen=True)
class _Claim:
    """A label that a head may be given, before its labels are ranked."""

    label: str
    confidence: float
    strength: float
    explained: float
    explained_by: str


def label(
    by_probe: Mapping[str, ProbeScores], own_probe: Mapping[str, str], model: Calibration | None = None
) -> list[Label]:
    """Labels of all heads, each pattern read on its own probe; heads that follow nothing have none.

    Sure labels come before unsure ones, then the strongest first: that is the primary label. Resting on the first
    token, which most heads do when they have nothing to do, comes after whatever else is as sure.
    """
    claims: dict[int, list[_Claim]] = {}
    for probe, scores in by_probe.items():
        for head, claim in _claims(scores, model or calibration()):
            if own_probe[claim.label] == probe:
                claims.setdefault(head, []).append(claim)
    return [
        Label(head, claim.label, claim.confidence, rank, claim.strength, claim.explained, claim.explained_by)
        for head, of_head in sorted(claims.items())
        for rank, claim in enumerate(_ranked(of_head), start=1)
    ]


def _claims(scores: ProbeScores, model: Calibration) -> Iterator[tuple[int, _Claim]]:
    """Every claim about a head that is likely enough, on one probe."""
    unmixed = unmix(scores)
    confidence = confidences(scores, unmixed, model)
    for head, column in zip(*np.nonzero(confidence >= MIN_CONFIDENCE), strict=True):
        yield (
            int(head),
            _Claim(
                scores.patterns[column],
                float(confidence[head, column]),
                float(unmixed.strength[head, column]),
                float(unmixed.explained[head, column]),
                unmixed.explained_by[head][column],
            ),
        )


def _ranked(claims: Sequence[_Claim]) -> list[_Claim]:
    def rank(claim: _Claim) -> tuple[bool, bool, float, str]:
        pattern = PATTERNS.get(claim.label)
        last = pattern is not None and pattern.label_last
        return claim.confidence < HIGH_CONFIDENCE, last, -claim.strength, claim.label

    return sorted(claims, key=rank)
