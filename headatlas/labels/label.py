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

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from headatlas.labels.confidence import Calibration, calibration, confidences
from headatlas.labels.unmixing import ProbeScores, unmix

if TYPE_CHECKING:
    from headatlas.scoring.scores import Scores


# The claim of a label: this share of attention, on the queries that have a target.
STRENGTH = 0.25
# Labels less likely than this are not given.
SURE = 0.5
# A label at least as likely as this comes before any that is less likely.
QUITE_SURE = 0.9
# The pattern of heads at rest.
RESTING = "first_token"


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


def label(
    by_probe: Mapping[str, ProbeScores], own_probe: Mapping[str, str], model: Calibration | None = None
) -> list[Label]:
    """Labels of all heads, each pattern read on its own probe; heads that follow nothing have none.

    Sure labels come before unsure ones, then the strongest first: that is the primary label. Resting on the first
    token, which most heads do when they have nothing to do, comes after whatever else is as sure.
    """
    model = model or calibration()
    given: dict[int, list[tuple[float, float, float, str, str]]] = {}
    for probe, scores in by_probe.items():
        unmixed = unmix(scores)
        sure = confidences(scores, unmixed, model)
        for head, column in zip(*np.nonzero(sure >= SURE), strict=True):
            name = scores.patterns[column]
            if own_probe[name] == probe:
                given.setdefault(int(head), []).append(
                    (
                        float(unmixed.strength[head, column]),
                        float(sure[head, column]),
                        float(unmixed.explained[head, column]),
                        unmixed.explained_by[head][column],
                        name,
                    )
                )
    return [
        Label(head, name, sure, rank, strength, explained, by)
        for head, claims in sorted(given.items())
        for rank, (strength, sure, explained, by, name) in enumerate(_ranked(claims), start=1)
    ]


def _ranked(claims: Sequence[tuple[float, float, float, str, str]]) -> list[tuple[float, float, float, str, str]]:
    return sorted(claims, key=lambda claim: (claim[1] < QUITE_SURE, claim[-1] == RESTING, -claim[0], claim[-1]))


def probe_scores(patterns: Sequence[str], scores: Scores) -> ProbeScores:
    """What labels need of a scan's scores on one probe, for the patterns that have targets there."""
    there = np.flatnonzero(scores.n_queries > 0)
    null = scores.null.copy()
    for column in there:
        if np.array_equal(null[:, column], scores.score[:, column]):  # shuffling the tokens changes nothing
            null[:, column] = np.nan
    return ProbeScores(
        patterns=tuple(patterns[int(column)] for column in there),
        **{name: getattr(scores, name)[:, there] for name in ("score", "ci_low", "half_a", "half_b")},
        null=null[:, there],
        chance=scores.chance[there],
        n_queries=scores.n_queries[there].astype(float),
        n_sequences=scores.n_sequences[there].astype(float),
        overlaps=scores.overlaps[there][:, [*there, -1]],
    )
