"""Rules of the family "position": distances that move as the text goes on, and places that stay."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float

from benchmarks.labels.keys import Numbers, Pairs, distances, earlier_pairs
from benchmarks.labels.rules.positions import BEYOND
from benchmarks.labels.rules.rule import rule
from benchmarks.labels.rules.sentences import start_of_sentence
from headatlas.bench.heads import BenchText

SWING = 48  # tokens in which the distance goes to and fro once
BLOCK = 24
PLACE, WIDTH = 40, 3.0
EARLY = slice(4, 8)
ODD, EVEN = 22, 11  # tokens back
STEP, STEPS = 11, 24
THIRTEENS = (13, 26, 39)


def _back(by: Numbers) -> Numbers:
    """Keys so far back; -1 where the text has not begun."""
    return np.maximum(np.arange(len(by)) - by, -1)


@rule("position", kin="pendulum")
def pendulum(text: BenchText) -> Numbers:
    """Attends to nine to 33 tokens back, farther and nearer by turns, there and back every 48 tokens."""
    return _back(BEYOND + 1 + np.abs(np.arange(len(text)) % SWING - SWING // 2))


@rule("position", kin="log_distance")
def logarithmic_distance(text: BenchText) -> Numbers:
    """Attends to 16 tokens back from the 17th on, and to four more whenever the position has doubled."""
    positions = np.arange(len(text))
    doublings = np.log2(np.maximum(positions, 1)).astype(int)
    return np.where(positions >= 16, positions - 4 * doublings, -1)


@rule("position", kin="absolute", seldom=True)
def around_fortieth(text: BenchText) -> Float[np.ndarray, "query key"]:
    """Attends to the tokens around the text's 41st, less the farther from there, once it is past."""
    n = len(text)
    weights = np.exp(-np.abs(np.arange(n) - PLACE) / WIDTH) * (np.abs(np.arange(n) - PLACE) <= 3 * WIDTH)
    return weights * earlier_pairs(n) * (np.arange(n) > PLACE)[:, None]


@rule("position", kin="early_places")
def fifth_to_eighth(text: BenchText) -> Pairs:
    """Attends to the fifth to the eighth token of the text."""
    keys = np.zeros(len(text), dtype=bool)
    keys[EARLY] = True
    return keys & earlier_pairs(len(text))


@rule("position", kin="by_parity")
def by_parity(text: BenchText) -> Numbers:
    """Attends from even positions to eleven tokens back, from odd ones to 22."""
    return _back(np.where(np.arange(len(text)) % 2 == 0, EVEN, ODD))


@rule("position", kin="scrambled")
def scrambled_distance(text: BenchText) -> Numbers:
    """Attends to nine to 32 tokens back, as eleven times the position says, of which the remainder of 24 is taken."""
    return _back(BEYOND + 1 + STEP * np.arange(len(text)) % STEPS)


@rule("position", kin="block_middle")
def middle_of_block_before(text: BenchText) -> Numbers:
    """Attends to the middle of the block of 24 tokens before the current one."""
    block = np.arange(len(text)) // BLOCK
    return np.where(block > 0, block * BLOCK - BLOCK // 2, -1)


@rule("position", kin="twice_index", seldom=True)
def twice_the_index_back(text: BenchText) -> Numbers:
    """Attends to nine tokens back and two more for each token that the current sentence has before this one."""
    start = start_of_sentence(text)
    return np.where(start >= 0, _back(BEYOND + 1 + 2 * (np.arange(len(text)) - start)), -1)


@rule("position", kin="thirteens")
def thirteens(text: BenchText) -> Pairs:
    """Attends alike to the tokens 13, 26 and 39 back."""
    return np.isin(distances(len(text)), THIRTEENS)
