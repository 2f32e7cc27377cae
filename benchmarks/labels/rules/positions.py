"""Rules of the family "position": where a key stands, by distances and places that no pattern has."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float

from benchmarks.labels.keys import Numbers, Pairs, distances, earlier_pairs, latest
from benchmarks.labels.rules.rule import rule
from headatlas.bench.heads import BenchText

BEYOND = 8  # patterns of fixed offsets end here


def _positions(text: BenchText) -> Numbers:
    return np.arange(len(text))


@rule("position", kin="fraction")
def middle(text: BenchText) -> Numbers:
    """Attends to the middle of what has been read: half as far from the start."""
    positions = _positions(text)
    return np.where(positions >= 4, positions // 2, -1)


@rule("position", kin="fraction")
def third_of_the_way(text: BenchText) -> Numbers:
    """Attends to the end of the first third of what has been read."""
    positions = _positions(text)
    return np.where(positions >= 6, positions // 3, -1)


@rule("position", kin="fraction")
def oldest_quarter(text: BenchText) -> Pairs:
    """Attends to the first quarter of what has been read, the first token aside."""
    positions = _positions(text)
    return (4 * positions < positions[:, None]) & (positions > 0)


@rule("position", kin="fraction", seldom=True)
def newest_quarter(text: BenchText) -> Pairs:
    """Attends to the last quarter of what has been read, from the 40th token on."""
    positions = _positions(text)
    return (4 * positions >= 3 * positions[:, None]) & earlier_pairs(len(text)) & (positions[:, None] >= 40)


@rule("position", kin="distance_series")
def powers_of_two(text: BenchText) -> Pairs:
    """Attends to the tokens 16, 32, 64, 128, ... positions back."""
    return np.isin(distances(len(text)), 2 ** np.arange(4, 13))


@rule("position", kin="distance_series")
def squares(text: BenchText) -> Pairs:
    """Attends to the tokens 9, 16, 25, 36, ... positions back."""
    return np.isin(distances(len(text)), np.arange(3, 65) ** 2)


@rule("position", kin="start")
def second_token(text: BenchText) -> Numbers:
    """Attends to the second token of the text."""
    return np.where(_positions(text) > 1, 1, -1)


@rule("position", kin="start")
def third_token(text: BenchText) -> Numbers:
    """Attends to the third token of the text."""
    return np.where(_positions(text) > 2, 2, -1)


@rule("position", kin="modulo")
def every_fourth(text: BenchText) -> Pairs:
    """Attends to every fourth position of the text, alike from everywhere."""
    positions = _positions(text)
    return (positions % 4 == 0) & (positions > 0) & earlier_pairs(len(text))


@rule("position", kin="modulo")
def latest_tenth(text: BenchText) -> Numbers:
    """Attends to the latest position that is a multiple of ten."""
    positions = _positions(text)
    return latest((positions % 10 == 0) & (positions > 0))


@rule("position", kin="modulo")
def alternate(text: BenchText) -> Pairs:
    """Attends to every other position back from its own, from nine tokens away on."""
    distance = distances(len(text))
    return (distance > BEYOND) & (distance % 2 == 1)


@rule("position", kin="far_offset")
def offset_twelve(text: BenchText) -> Numbers:
    """Attends to the token twelve positions back."""
    positions = _positions(text)
    return np.where(positions >= 12, positions - 12, -1)


@rule("position", kin="far_offset")
def around_seventeen(text: BenchText) -> Float[np.ndarray, "query key"]:
    """Attends to the tokens around 17 positions back, less the farther from there."""
    distance = distances(len(text))
    return np.where(distance > BEYOND, np.exp(-np.abs(distance - 17) / 3), 0)


@rule("position", kin="far_offset")
def around_twenty_nine(text: BenchText) -> Float[np.ndarray, "query key"]:
    """Attends to the tokens around 29 positions back, less the farther from there."""
    distance = distances(len(text))
    return np.where(distance > BEYOND, np.exp(-(((distance - 29) / 4) ** 2)), 0)


@rule("position", kin="far_offset")
def ten_to_twenty_back(text: BenchText) -> Pairs:
    """Attends to all tokens 10 to 20 positions back."""
    distance = distances(len(text))
    return (distance >= 10) & (distance <= 20)


@rule("position", kin="far_offset")
def twenty_to_forty_back(text: BenchText) -> Pairs:
    """Attends to all tokens 21 to 40 positions back."""
    distance = distances(len(text))
    return (distance >= 21) & (distance <= 40)
