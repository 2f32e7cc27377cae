"""What every head's removal would do, estimated for all heads at once; which heads are then removed in fact.

Attribution patching (Nanda 2023; Syed et al. 2023, arXiv:2310.10348) takes one pass forward and one back: the gradient
of a reading with respect to a head's output, times the change that mean ablation makes to it. It misses heads whose
removal changes norms, attention or feed-forward layers too much for a gradient. AtP* (Kramár et al. 2024,
arXiv:2403.00745) mends what saturated attention hides behind queries and keys, which are not changed here, and drops
gradients a layer at a time, which costs a pass back for each layer. Here instead the change of a head that is not
large to first order, and that moves the residual stream, is carried through the next blocks exactly, and only what
these hand on meets the gradient.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float64
from scipy import stats

# Models with fewer heads are measured without a screen: it would leave out next to nothing.
MIN_HEADS = 65
# Shares of the heads: the largest to first order, the largest of the rest when carried, those drawn at random.
FIRST_ORDER_FRACTION = 1 / 8
CARRIED_FRACTION = 1 / 8
RANDOM_FRACTION = 1 / 10
# Of the heads that are not chosen to first order, the share that is carried: those that move the residual stream most.
# What hardly moves it stays near first order.
MOVING_FRACTION = 3 / 5
# Blocks, from the head's own on, that a change is carried through: from the first half of the blocks through more,
# since more blocks follow that a gradient would have to see through.
CARRIED_BLOCKS = 2
CARRIED_BLOCKS_EARLY = 4
# The share of the heads, largest effects first, that the screen is to find.
TOP_FRACTION = 1 / 10


@dataclass(frozen=True)
class Trust:
    """How far a screen can be trusted, from heads that were drawn at random and removed whatever it said of them.

    `correlation` is Spearman's, of sizes as estimated and as measured over these heads. `recall` is the share that the
    screen chose of the tenth of all heads with the largest effects; a head that it did not choose and that was drawn
    stands for all that were not drawn. Not a number where nothing can be said.
    """

    n_random: int
    correlation: float
    recall: float


def carried_to(layer: int, n_blocks: int) -> int:
    """The block whose input a head's change is carried to, exactly."""
    return min(layer + (CARRIED_BLOCKS_EARLY if 2 * layer < n_blocks else CARRIED_BLOCKS), n_blocks)


def choose(
    first_order: Float64[np.ndarray, "prompt head"],
    expected: Bool[np.ndarray, " head"],
    carry: Callable[
        [Bool[np.ndarray, " head"]], tuple[Float64[np.ndarray, "prompt head"], Float64[np.ndarray, " head"]]
    ],
    random: np.random.Generator,
    moves: Float64[np.ndarray, " head"] | None = None,
) -> dict[str, np.ndarray]:
    """Which heads are to be removed, and what the others are estimated to do.

    Args:
        first_order: effects to first order.
        expected: heads that are removed in any case.
        carry: the effects, not a number elsewhere, of some heads when carried through blocks, and how far each moves
            the residual stream.
        random: draws heads that are removed whatever is estimated.
        moves: how far the removal of each head moves the residual stream where the head writes to it; only heads that
            move it far are carried. All are where None.

    Returns:
        `chosen`: heads that the screen chooses or that are expected; `drawn`: at random, besides; both are removed.
        `estimates`, [prompt, head]: the best there is for each head.
    """
    n_heads = first_order.shape[1]
    sizes = np.abs(first_order.sum(0))
    drawn = np.zeros(n_heads, dtype=bool)
    drawn[random.choice(n_heads, _count(n_heads, RANDOM_FRACTION), replace=False)] = True
    chosen = expected | _largest(sizes, _count(n_heads, FIRST_ORDER_FRACTION))
    far = np.ones(n_heads, dtype=bool)
    if moves is not None and not chosen.all():
        n_far = _count(int((~chosen).sum()), MOVING_FRACTION)
        far = moves >= np.sort(moves[~chosen])[-n_far]
    # Those drawn are treated as heads that are not removed, so that estimates are judged as they are for these.
    carried, moved = carry((~chosen | drawn) & far)
    estimates = np.where(np.isnan(carried), first_order, carried)
    # What goes beyond first order grows with how far the head's removal moves the stream.
    # Heads that were not carried come last.
    scores = np.fmax(sizes, np.abs(carried.sum(0))) * np.nan_to_num(moved, nan=1e-30)
    scores[chosen] = -1.0
    chosen = chosen | (_largest(scores, _count(n_heads, CARRIED_FRACTION)) & (scores >= 0))
    return {"chosen": chosen, "drawn": drawn, "estimates": estimates}


def trust(
    estimates: Float64[np.ndarray, " head"],
    measured: Float64[np.ndarray, " head"],
    chosen: Bool[np.ndarray, " head"],
    drawn: Bool[np.ndarray, " head"],
) -> Trust:
    """How far a screen can be trusted.

    Args:
        estimates: effects as estimated, in any unit.
        measured: as measured on the same prompts, not a number where a head was not removed.
        chosen: heads that the screen chose.
        drawn: heads drawn at random, among all.
    """
    sizes, guesses = np.abs(measured), np.abs(estimates)
    both = drawn & ~np.isnan(sizes)
    correlation = np.nan
    if both.sum() > 2 and np.ptp(sizes[both]) > 0 and np.ptp(guesses[both]) > 0:
        correlation = float(stats.spearmanr(sizes[both], guesses[both]).statistic)
    # Each head that was drawn and not chosen stands for its share of all that were not chosen.
    others = both & ~chosen
    weights = np.where(chosen, 1.0, 0.0)
    if others.any():
        weights[others] = (~chosen).sum() / others.sum()
    elif not chosen.all():
        return Trust(int(drawn.sum()), correlation, np.nan)
    order = np.argsort(-np.nan_to_num(sizes, nan=-1.0), kind="stable")
    before = np.cumsum(weights[order]) - weights[order]
    room = np.clip(len(sizes) * TOP_FRACTION - before, 0, weights[order])
    return Trust(int(drawn.sum()), correlation, float(room[chosen[order]].sum() / room.sum()))


def _count(n_heads: int, fraction: float) -> int:
    return max(1, round(fraction * n_heads))


def _largest(sizes: Float64[np.ndarray, " head"], n: int) -> Bool[np.ndarray, " head"]:
    largest = np.zeros(len(sizes), dtype=bool)
    largest[np.argsort(-sizes, kind="stable")[:n]] = True
    return largest
