"""How a head spreads its attention: a share on the keys it looks for, the rest on the first position or all about."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from jaxtyping import Float

from benchmarks.labels.keys import Weights, allowed_pairs, distances
from headatlas.bench.heads import BenchText

# The pattern that attention which fades with distance follows, whatever else the head does.
NEARBY = "nearby_tokens"
Rest = Literal["first", "own"]
Beside = Literal["sink", "fading", "even"]
Shares = Float[np.ndarray, " query"]


@dataclass(frozen=True)
class Spread:
    """What a head does beside and instead of looking at its keys.

    The head puts the share `strength` of its attention on its keys, give or take: `steadiness` is the concentration
    of the Beta distribution that each query's share is drawn from, infinite for the same share everywhere. A query
    without keys puts that share where the head `rest`s, the first position or its own. The other share goes `beside`:
    to the first position, or over all keys, evenly or `fading` with distance, with random weights; `reach` is the
    distance in tokens over which it fades. Where a query has several keys, `unevenness` is the standard deviation of
    the logarithm of their weights.
    """

    strength: float
    beside: Beside = "sink"
    rest: Rest = "first"
    steadiness: float = np.inf
    reach: float = 20.0
    unevenness: float = 0.0

    @property
    def implied(self) -> set[str]:
        """Patterns that a head follows by what it does beside its keys: what fades with distance lies nearby."""
        return {NEARBY} if self.beside == "fading" else set()


def spread(keys: Weights, text: BenchText, how: Spread) -> Weights:
    """Attention of a head from the weights of its keys, rows of which sum to 1 or, without keys, to 0."""
    keyed = uneven(keys, text, how.unevenness)
    share = shares(how, text)[:, None]
    without = keyed.sum(-1) < 0.5
    resting = rest(text, how.rest)
    keyed[without] = resting[without]
    return share * keyed + (1 - share) * background(text, how.beside, how.reach)


def shares(how: Spread, text: BenchText) -> Shares:
    """Of each query the share of attention on the keys."""
    if how.strength == 1 or np.isinf(how.steadiness):
        return np.full(len(text), how.strength)
    return text.rng.beta(how.strength * how.steadiness, (1 - how.strength) * how.steadiness, len(text))


def uneven(keys: Weights, text: BenchText, unevenness: float) -> Weights:
    """The same keys with random weights; a copy."""
    if unevenness == 0:
        return keys.copy()
    weights = keys * np.exp(unevenness * noise(text))
    sums = weights.sum(-1, keepdims=True)
    return np.divide(weights, sums, out=np.zeros_like(weights), where=sums > 0)


def rest(text: BenchText, where: Rest) -> Weights:
    """All attention on the first position, or on the query's own."""
    if where == "own":
        return np.eye(len(text))
    weights = np.zeros((len(text), len(text)))
    weights[:, 0] = 1
    return weights


def background(text: BenchText, beside: Beside, reach: float) -> Weights:
    """What a head does with the attention that it does not spend on its keys."""
    if beside == "sink":
        return rest(text, "first")
    fading = np.abs(distances(len(text))) / reach if beside == "fading" else 0.0
    return softmax(0.7 * noise(text) - fading, text)


def soft(keys: Weights, text: BenchText, gain: float, sharpness: float, where: Rest) -> Weights:
    """Attention as a softmax: keys and, for queries without any, where the head rests win by `gain` over the others.

    How much attention the keys get then depends on how many others there are, as in trained heads. `sharpness`
    multiplies all logits, the noise of standard deviation 1 included.
    """
    marks = (keys > 0).astype(float)
    without = keys.sum(-1) < 0.5
    marks[without] = rest(text, where)[without]
    return softmax(sharpness * (gain * marks + noise(text) - np.abs(distances(len(text))) / 60), text)


def softmax(logits: Weights, text: BenchText) -> Weights:
    """Over the keys that each query may attend to."""
    logits = np.where(allowed_pairs(text), logits, -np.inf)
    weights = np.exp(logits - logits.max(-1, keepdims=True))
    return weights / weights.sum(-1, keepdims=True)


def noise(text: BenchText) -> Weights:
    """Independent standard normal numbers."""
    return text.rng.standard_normal((len(text), len(text)), dtype=np.float32)
