"""What of a head's scores each pattern explains, once all patterns are explained together."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from scipy.optimize import nnls

from headatlas.labels.probe_scores import ProbeScores
from headatlas.labels.thresholds import STRENGTH
from headatlas.patterns import PATTERNS, RIVALS
from headatlas.patterns.families import Control

# A pattern that others imitate this well is taken as their union, for which a unit of strength costs less.
UNION = 0.95
PRICE, PRICE_OF_A_UNION = 0.1, 0.5
# A pattern is a part of another where this share of its keys, over its queries, are keys of the other as well.
PART = 0.98
# Two patterns are the same where perfect heads of each score this much on the other.
SAME = 0.99
# A pattern with so many queries weighs half as much as one with very many.
HALF_WEIGHT = 30
# Of a pattern weaker than this it is not asked how well the scores would be explained without it.
WEAKEST = 0.12
# What is never told apart from nothing, in sums of squared scores: more of a head than noise, and what is left of it.
LEAST_GAIN, LEAST_LEFT = 1e-5, 1e-4
# Of a head that spends less than this off the sink, on a pattern's queries, the score is what rounding makes it.
LEAST_MASS = 1e-6
NO_GAIN = -2.0
CHANCE = "chance"


@dataclass(frozen=True)
class Unmixed:
    """Strengths that together explain the scores of one probe.

    `strength` of each pattern, parts of a union counted in, and `alone` without; `explained`, what everything else
    would score on it; `explained_by`, the name of what explains most of that, empty where nothing does; `redundancy`,
    how well the other patterns imitate it (1: entirely); `needed`, how much worse this head's scores would be explained
    without the pattern, beside what is left unexplained with it (log10 of the ratio of squares; see `_needed`).
    """

    strength: Float[np.ndarray, "head pattern"]
    alone: Float[np.ndarray, "head pattern"]
    explained: Float[np.ndarray, "head pattern"]
    explained_by: tuple[tuple[str, ...], ...]
    redundancy: Float[np.ndarray, " pattern"]
    needed: Float[np.ndarray, "head pattern"]


def unmix(scores: ProbeScores) -> Unmixed:
    """Non-negative least squares of each head's scores on what perfect heads would score (Lawson & Hanson 1974).

    Patterns with few queries weigh less. Some patterns are a union of others (the local window is the current, the
    previous and the token before that), and least squares cannot choose between the union and its parts: a slight
    price on strength, lower for unions, makes the simpler account win.
    """
    n_patterns = len(scores.patterns)
    identical = identical_patterns(scores)
    names, mixing = _mixing(scores, identical)
    weight = np.sqrt(scores.n_queries / (scores.n_queries + HALF_WEIGHT))
    weighted = mixing * weight[:, None]
    redundancy = np.array(
        [1.0 if name in identical else _redundancy(weighted, column) for column, name in enumerate(scores.patterns)]
    )
    price = np.ones(len(names))
    price[:n_patterns][redundancy > UNION] = PRICE_OF_A_UNION
    priced = np.vstack([weighted, PRICE * price])
    # Of a head that spends nothing off the sink nothing is known.
    measured = np.where(scores.mass > LEAST_MASS, np.nan_to_num(scores.score), 0).clip(0, 1)
    wanted = np.column_stack([measured * weight, np.zeros(len(measured))])
    strengths = np.array([nnls(priced, head)[0] for head in wanted])
    shares = strengths[:, None, :] * mixing  # [head, pattern, what explains it]
    own = np.arange(n_patterns)
    shares[:, own, own] = 0
    strength = strengths[:, :n_patterns].copy()
    parts_of = unions(scores)
    for union, parts in parts_of.items():
        # Of a head that follows a part for its own sake, the part's name says more.
        patterns = [part for part in parts if RIVALS.get(scores.patterns[part]) is None]
        counts = strengths[:, patterns].max(1, initial=0) < STRENGTH
        strength[counts, union] += strengths[counts][:, parts].sum(1)
        shares[np.ix_(counts, [union], parts)] = 0
    return Unmixed(
        strength=strength,
        alone=strengths[:, :n_patterns],
        explained=shares.sum(-1),
        explained_by=tuple(
            tuple(names[best] if most > 0 else "" for best, most in zip(*head, strict=True))
            for head in zip(shares.argmax(-1), shares.max(-1), strict=True)
        ),
        redundancy=redundancy,
        needed=_needed(priced, wanted, strengths, strength, parts_of),
    )


def _needed(
    priced: Float[np.ndarray, "row explanation"],
    wanted: Float[np.ndarray, "head row"],
    strengths: Float[np.ndarray, "head explanation"],
    strength: Float[np.ndarray, "head pattern"],
    parts_of: dict[int, list[int]],
) -> Float[np.ndarray, "head pattern"]:
    """How much less is explained without a pattern, as a multiple of what is left unexplained with it, in log10.

    A head that follows a rule that is nobody's pattern scores on patterns whose keys the rule happens to hit. What
    explains these scores best explains them badly, and hardly better than the second best does. A union is left out
    with its parts, which could stand for it. The last row, the price, does not count.
    """

    def left(matrix: Float[np.ndarray, "row some"], head: int, solved: Float[np.ndarray, " some"]) -> float:
        return float(((wanted[head] - matrix @ solved)[:-1] ** 2).sum())

    with_it = [left(priced, head, solved) for head, solved in enumerate(strengths)]
    needed = np.full(strength.shape, NO_GAIN)
    for column in np.flatnonzero((strength >= WEAKEST).any(0)).tolist():
        others = np.delete(priced, [column, *parts_of.get(column, ())], 1)
        for head in np.flatnonzero(strength[:, column] >= WEAKEST).tolist():
            gain = left(others, head, nnls(others, wanted[head])[0]) - with_it[head]
            needed[head, column] = np.log10((max(gain, 0) + LEAST_GAIN) / (with_it[head] + LEAST_LEFT))
    return np.maximum(needed, NO_GAIN)


def unions(scores: ProbeScores) -> dict[int, list[int]]:
    """The columns of patterns whose keys hold those of others, which are their parts: whoever follows these follows it.

    Half of a head's attention on commas and half on full stops is all of it on punctuation, and so for what looks at
    the latest mark. A habit of looking nearby has other habits as parts, and no rule whose keys happen to be near.
    """
    counts = np.maximum(scores.n_queries, 1)
    # Of the queries of pattern j, how much of its attention a perfect head has on keys of pattern i.
    within = scores.overlaps * counts[:, None] / counts
    known = [PATTERNS.get(name) for name in scores.patterns]
    habits = np.array([pattern is not None and pattern.family.of_places for pattern in known])
    nearby = np.array([pattern is not None and pattern.control is Control.IRREGULAR for pattern in known])
    # Habits of places are followed by all queries, of which some are too early in a text to say that a key is near.
    is_part = (within >= PART) | (nearby[:, None] & habits & (scores.overlaps >= PART))
    holds = is_part & ~is_part.T & ~scores.on_first & ~scores.on_first[:, None]
    holds &= habits | ~nearby[:, None]
    return {union: np.flatnonzero(parts).tolist() for union, parts in enumerate(holds) if parts.any()}


def _mixing(
    scores: ProbeScores, identical: dict[str, str]
) -> tuple[list[str], Float[np.ndarray, "pattern explanation"]]:
    """What explains scores (all patterns and rivals, chance), and what each scores on every pattern."""
    by_patterns = scores.overlaps.copy()
    for name in identical:  # stands for nothing that the earlier pattern does not stand for
        by_patterns[:, scores.patterns.index(name)] = 0
    return [*scores.patterns, CHANCE], np.concatenate([by_patterns, scores.chance[:, None]], 1)


def identical_patterns(scores: ProbeScores) -> dict[str, str]:
    """Patterns that have the same targets as an earlier one on these texts, with that one's name.

    Where every text begins with a BOS, to look at special tokens is to look at the first token: no score can tell
    them apart, and the earlier pattern's label stands for both.
    """
    n_patterns = len(scores.patterns)
    mutual = np.minimum(scores.overlaps, scores.overlaps.T)
    identical: dict[str, str] = {}
    for later in range(n_patterns):
        for earlier in range(later):
            if mutual[later, earlier] >= SAME and scores.patterns[earlier] not in identical:
                identical[scores.patterns[later]] = scores.patterns[earlier]
                break
    return identical


def _redundancy(mixing: Float[np.ndarray, "pattern explanation"], column: int) -> float:
    """How much of a pattern's column a mixture of the other columns can imitate: 1 is all."""
    own = mixing[:, column]
    _, left = nnls(np.delete(mixing, column, 1), own)
    size = float(np.linalg.norm(own))
    return 1 - min(1.0, left / size) if size > 0 else 1.0
