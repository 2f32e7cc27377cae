"""Scores to labels: what a head is called, how sure that is, on what it rests, and what else could explain its scores.

A label is the claim that the head, of the attention that it does not leave on the sink, spends at least `STRENGTH` on a
pattern's keys *for the pattern's sake*. Raw scores do not say so. Most heads rest most of the time: what they do is
seen off the sink; a previous-token head also lands on determiners of nouns; and whoever looks at names lands on
indirect objects. Therefore the scores off the sink of all patterns on one probe are unmixed: what a head that follows
pattern j perfectly would score on pattern i is known from the texts alone (the overlaps, stored with every scan), so
that the head's scores are explained by non-negative strengths of all patterns, of simple rules that are nobody's
pattern (rivals), and of uniform attention, together. What the head's habits would score anyway, its control, has to be
exceeded as well. A model fitted on heads whose truth is known (benchmarks/planted) turns strength and doubts into a
confidence.

Needs neither torch nor scikit-learn nor the model: labels are made again from a database at any time.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float

from headatlas.labels.calibration import Calibration, calibration
from headatlas.labels.confidence import confidences, elsewhere
from headatlas.labels.probe_scores import ProbeScores
from headatlas.labels.thresholds import ABOUT_AS_MUCH, MIN_CONFIDENCE, STRENGTH
from headatlas.labels.unmixing import Unmixed, unmix
from headatlas.patterns.lookup import comes_last, place_of, prominence_of

ALWAYS, AWAKE = "always", "awake"


@dataclass(frozen=True)
class Label:
    """One claim about one head (its number in the scores' order); `rank` 1 is the head's primary label.

    `basis` is "always" where the claim holds of all of the head's attention, "awake" where it holds of what the head
    does off the sink, and `awake` the share of queries on which it has much of that. `strength` is the share of
    attention, on that basis, which only this label explains. `score`, `control` and `explained` are off the sink. The
    label was read on `probe`.
    """

    head: int
    label: str
    confidence: float
    rank: int
    strength: float
    explained: float
    explained_by: str
    basis: str
    awake: float | None
    score: float
    control: float
    probe: str


@dataclass(frozen=True)
class _Claim:
    """A label that a head may be given, before its labels are ranked; `strength` is off the sink."""

    label: str
    confidence: float
    strength: float
    mass: float
    rest: Mapping[str, Any]


def label(
    by_probe: Mapping[str, ProbeScores],
    own_probe: Mapping[str, str],
    model: Calibration | None = None,
    unmixed: Mapping[str, Unmixed] | None = None,
) -> list[Label]:
    """Labels of all heads, each pattern read on its own probe; heads that follow nothing have none.

    `unmixed` are the scores unmixed, by probe, for a caller that has them. Where a pattern's own probe was not run it
    is read on the probe that has most queries for it. Sure labels come before unsure ones, then the strongest first:
    that is the primary label. Resting on the first token, which most heads do when they have nothing to do, comes
    last, always.
    """
    claims: dict[int, list[_Claim]] = {}
    probe_of, others = reading_probes(by_probe, own_probe), elsewhere(by_probe)
    for probe, scores in by_probe.items():
        strengths = unmix(scores) if unmixed is None else unmixed[probe]
        for head, claim in _claims(probe, scores, strengths, others[probe], model or calibration()):
            if probe_of.get(claim.label) == probe:
                claims.setdefault(head, []).append(claim)
    return [
        Label(head=head, label=claim.label, confidence=claim.confidence, rank=rank, **_strength(claim), **claim.rest)
        for head, of_head in sorted(claims.items())
        for rank, claim in enumerate(_ranked(of_head), start=1)
    ]


def reading_probes(by_probe: Mapping[str, ProbeScores], own_probe: Mapping[str, str]) -> dict[str, str]:
    """The probe that each pattern's label is read on: its own, or where that was not run the one with most queries."""
    n_queries: dict[str, dict[str, float]] = {}
    for probe, scores in by_probe.items():
        for pattern, count in zip(scores.patterns, scores.n_queries, strict=True):
            if pattern in own_probe:
                n_queries.setdefault(pattern, {})[probe] = float(count)
    return {
        pattern: own_probe[pattern] if own_probe[pattern] in by_probe else max(counts, key=lambda name: counts[name])
        for pattern, counts in n_queries.items()
    }


def _claims(
    probe: str, scores: ProbeScores, unmixed: Unmixed, other: Float[np.ndarray, "head pattern"], model: Calibration
) -> Iterator[tuple[int, _Claim]]:
    """Every claim about a head that is likely enough, on one probe."""
    confidence = confidences(scores, unmixed, other, model)
    for head, column in zip(*np.nonzero(confidence >= MIN_CONFIDENCE), strict=True):
        awake = scores.awake[head, column]
        yield (
            int(head),
            _Claim(
                label=scores.patterns[column],
                confidence=float(confidence[head, column]),
                strength=float(unmixed.strength[head, column]),
                mass=float(scores.mass[head, column]),
                rest={
                    "explained": float(unmixed.explained[head, column]),
                    "explained_by": unmixed.explained_by[head][column],
                    "awake": None if np.isnan(awake) else float(awake),
                    "score": float(scores.score[head, column]),
                    "control": float(scores.control[head, column]),
                    "probe": probe,
                },
            ),
        )


def _strength(claim: _Claim) -> dict[str, Any]:
    """Basis and strength: a claim that is large enough of all attention holds always, as does where a head rests."""
    of_all = claim.strength * claim.mass
    if of_all >= STRENGTH or claim.rest["awake"] is None:
        return {"basis": ALWAYS, "strength": of_all}
    return {"basis": AWAKE, "strength": claim.strength}


def _ranked(claims: Sequence[_Claim]) -> list[_Claim]:
    """The strongest and surest first; of those that are about as much so, the one that the list of patterns has first.

    Otherwise the texts that were drawn would decide which of two names a head gets. Where it rests comes last.
    """

    def listed(claim: _Claim) -> tuple[int, int, str]:
        return -prominence_of(claim.label), place_of(claim.label), claim.label

    ranked = []
    for resting in (False, True):
        left = [claim for claim in claims if comes_last(claim.label) == resting]
        while left:
            most = max(claim.strength * claim.confidence for claim in left)
            best = min(
                (claim for claim in left if claim.strength * claim.confidence >= ABOUT_AS_MUCH * most), key=listed
            )
            ranked.append(best)
            left.remove(best)
    return ranked
