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

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Bool, Float
from scipy.optimize import nnls

if TYPE_CHECKING:
    from headatlas.accumulate import Scores

# The claim of a label: this share of attention, on the queries that have a target.
STRENGTH = 0.25
# Labels less likely than this are not given.
SURE = 0.5
# A label at least as likely as this comes before any that is less likely.
QUITE_SURE = 0.9
# The calibration has too few cases to tell certainty from this.
SUREST = 0.999
# A pattern that others imitate this well is taken as their union; PRICE is what a unit of strength costs.
UNION = 0.95
# Two patterns are the same where perfect heads of each score this much on the other.
SAME = 0.99
PRICE = 0.1
# The pattern of heads at rest.
RESTING = "first_token"
SINK, CHANCE = "resting on the first token", "chance"

# What the calibrated model sees of a head and a pattern, in the order of its weights.
FEATURES = (
    "strength",  # unmixed share of attention
    "excess",  # score less what everything else explains
    "excess_low",  # the same at the lower end of the interval
    "excess_half",  # the same on the worse half of the probe
    "halves_apart",  # how far the two halves disagree
    "blur",  # share of the pattern that a mixture of the others can imitate
    "few",  # one over the square root of the number of sequences
)


@dataclass(frozen=True)
class ProbeScores:
    """Scores of heads for every pattern that has targets on one probe; not a number where there is none.

    `overlaps[i, j]` is what a head that follows pattern j perfectly scores on pattern i; its last column is a
    head that rests on the first token. `null` is not a number where order alone decides a pattern's targets.
    """

    patterns: tuple[str, ...]
    score: Float[np.ndarray, "head pattern"]
    ci_low: Float[np.ndarray, "head pattern"]
    half_a: Float[np.ndarray, "head pattern"]
    half_b: Float[np.ndarray, "head pattern"]
    null: Float[np.ndarray, "head pattern"]
    chance: Float[np.ndarray, " pattern"]
    n_queries: Float[np.ndarray, " pattern"]
    n_sequences: Float[np.ndarray, " pattern"]
    overlaps: Float[np.ndarray, "pattern other"]


@dataclass(frozen=True)
class Unmixed:
    """Strengths that together explain the scores of one probe.

    `strength` of each pattern; `explained`, what everything but the pattern itself would score on it;
    `explained_by`, the name of what explains most of that, empty where nothing does; `blur`, how well the other
    patterns imitate it (1: entirely).
    """

    strength: Float[np.ndarray, "head pattern"]
    explained: Float[np.ndarray, "head pattern"]
    explained_by: tuple[tuple[str, ...], ...]
    blur: Float[np.ndarray, " pattern"]


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
class Calibration:
    """Weights of the calibrated model: confidence = 1 / (1 + exp(-(bias + weights . features)))."""

    version: str
    bias: float
    weights: Mapping[str, float]

    @classmethod
    def from_json(cls, text: str) -> Calibration:
        """Reads what `make calibrate` writes."""
        parts = json.loads(text)
        return cls(parts["version"], parts["bias"], {name: parts["weights"][name] for name in FEATURES})

    def confidence(self, values: Float[np.ndarray, "head pattern feature"]) -> Float[np.ndarray, "head pattern"]:
        """Probability that the claim holds."""
        logit = self.bias + values @ np.array([self.weights[name] for name in FEATURES])
        return np.clip(1 / (1 + np.exp(-np.clip(logit, -50, 50))), 0, SUREST)


@cache
def calibration() -> Calibration:
    """The calibration that comes with headatlas."""
    return Calibration.from_json(files("headatlas").joinpath("calibration.json").read_text("utf8"))


def unmix(scores: ProbeScores) -> Unmixed:
    """Non-negative least squares of each head's scores on what perfect heads would score (Lawson & Hanson 1974).

    Patterns with few queries weigh less. Some patterns are a union of others (the local window is the current, the
    previous and the token before that), and least squares cannot choose between the union and its parts: a slight
    price on strength, lower for unions, makes the simpler account win.
    """
    n_patterns = len(scores.patterns)
    columns = [scores.overlaps[:, :n_patterns].copy(), scores.chance[:, None]]
    twins = alike(scores)
    for pattern in twins:  # stands for nothing that its twin does not stand for
        columns[0][:, scores.patterns.index(pattern)] = 0
    names = [*scores.patterns, CHANCE]
    sink = scores.overlaps[:, -1]
    if not any(np.allclose(sink, column) for column in columns[0].T):  # else a pattern of its own stands for it
        columns.append(sink[:, None])
        names.append(SINK)
    mixing = np.concatenate(columns, 1)
    weight = np.sqrt(scores.n_queries / (scores.n_queries + 30))
    weighted = mixing * weight[:, None]
    blur = np.array(
        [1.0 if name in twins else _imitable(weighted, place) for place, name in enumerate(scores.patterns)]
    )
    price = np.ones(len(names))
    price[:n_patterns][blur > UNION] = 0.5
    priced = np.vstack([weighted, PRICE * price])
    parts = np.array([nnls(priced, [*(head * weight), 0])[0] for head in scores.score])
    shares = parts[:, None, :] * mixing
    own = np.arange(n_patterns)
    shares[:, own, own] = 0
    return Unmixed(
        strength=parts[:, :n_patterns],
        explained=shares.sum(-1),
        explained_by=tuple(
            tuple(names[best] if most > 0 else "" for best, most in zip(*head, strict=True))
            for head in zip(shares.argmax(-1), shares.max(-1), strict=True)
        ),
        blur=blur,
    )


def alike(scores: ProbeScores) -> dict[str, str]:
    """Patterns that have the same targets as an earlier one on these texts, with that one's name.

    Where every text begins with a BOS, to look at special tokens is to look at the first token: no score can tell
    them apart, and the earlier pattern's label stands for both.
    """
    n_patterns = len(scores.patterns)
    mutual = np.minimum(scores.overlaps[:, :n_patterns], scores.overlaps[:, :n_patterns].T)
    found: dict[str, str] = {}
    for later in range(n_patterns):
        for earlier in range(later):
            if mutual[later, earlier] >= SAME and scores.patterns[earlier] not in found:
                found[scores.patterns[later]] = scores.patterns[earlier]
                break
    return found


def _imitable(mixing: Float[np.ndarray, "pattern part"], pattern: int) -> float:
    """How much of a pattern's column a mixture of the other columns can imitate: 1 is all."""
    own = mixing[:, pattern]
    _, left = nnls(np.delete(mixing, pattern, 1), own)
    return 1 - min(1.0, left / float(np.linalg.norm(own)))


def features(scores: ProbeScores, unmixed: Unmixed) -> Float[np.ndarray, "head pattern feature"]:
    """What the calibrated model sees, in the order of `FEATURES`."""
    worse = np.minimum(scores.half_a, scores.half_b)
    found = {
        "strength": unmixed.strength,
        "excess": scores.score - unmixed.explained,
        "excess_low": scores.ci_low - unmixed.explained,
        "excess_half": worse - unmixed.explained,
        "halves_apart": np.abs(scores.half_a - scores.half_b),
        "blur": np.broadcast_to(unmixed.blur, scores.score.shape),
        "few": np.broadcast_to(1 / np.sqrt(scores.n_sequences), scores.score.shape),
    }
    return np.nan_to_num(np.stack([found[name] for name in FEATURES], -1))


def deserving(scores: ProbeScores, unmixed: Unmixed) -> Bool[np.ndarray, "head pattern"]:
    """Heads that may carry a label: the interval and each half lie above chance and above what others explain."""
    floor = np.maximum(scores.chance, unmixed.explained)
    with np.errstate(invalid="ignore"):
        return (scores.ci_low > floor) & (scores.half_a > floor) & (scores.half_b > floor)


def confidences(scores: ProbeScores, unmixed: Unmixed, model: Calibration) -> Float[np.ndarray, "head pattern"]:
    """Calibrated probability of every claim; 0 where a head may not carry the label."""
    return np.where(deserving(scores, unmixed), model.confidence(features(scores, unmixed)), 0.0)


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
