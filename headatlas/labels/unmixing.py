"""What of a head's scores each pattern explains, once all patterns are explained together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Float
from scipy.optimize import nnls

if TYPE_CHECKING:
    pass


# A pattern that others imitate this well is taken as their union; PRICE is what a unit of strength costs.
UNION = 0.95
# Two patterns are the same where perfect heads of each score this much on the other.
SAME = 0.99
PRICE = 0.1
SINK, CHANCE = "resting on the first token", "chance"


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
