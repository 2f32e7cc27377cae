"""Every score once more, by plain loops over queries: shares no code with headatlas.

Attention comes as one array [head, query, key] for each sequence, without padding; heads are the only
axis that is not looped over.
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Callable, Sequence

import numpy as np


def previous_copy(ids: Sequence[int], special: Sequence[bool], q: int) -> int | None:
    if special[q]:
        return None
    for k in range(q - 1, -1, -1):
        if ids[k] == ids[q] and not special[k]:
            return k
    return None


def _offset(n: int) -> Callable[..., list[int]]:
    return lambda ids, special, texts, q: [q - n] if q >= n else []


def _current(ids, special, texts, q):
    return [q] if q >= 1 else []


def _first(ids, special, texts, q):
    return [0] if q >= 1 else []


def _duplicate(ids, special, texts, q):
    k = previous_copy(ids, special, q)
    return [] if k is None else [k]


def _induction(ids, special, texts, q):
    k = previous_copy(ids, special, q)
    return [] if k is None or k + 1 >= q else [k + 1]


def _is_punctuation(text: str) -> bool:
    stripped = text.strip()
    if not stripped:
        return False
    return not [letter for letter in stripped if unicodedata.category(letter)[0] != "P"]


def _punctuation(ids, special, texts, q, n=None):
    keys = range(q + 1) if n is None else range(n)
    return [k for k in keys if k != q and not special[k] and _is_punctuation(texts[k])]


TARGETS = {
    "previous_token": _offset(1),
    "fixed_offset_2": _offset(2),
    "fixed_offset_3": _offset(3),
    "fixed_offset_4": _offset(4),
    "current_token": _current,
    "first_token": _first,
    "duplicate_token": _duplicate,
    "induction": _induction,
    "punctuation": _punctuation,
}


def _statistics(row: np.ndarray, q: int, without_first: bool) -> dict[str, float]:
    """One head's row over the keys it may see; its numbers, or nothing when there is a single key."""
    keys = list(range(1 if without_first else 0, len(row)))
    if len(keys) < 2:
        return {}
    entropy = -sum(row[k] * math.log(row[k]) for k in keys if row[k] > 0) / math.log(len(keys))
    return {
        "entropy": entropy,
        "mean_distance": sum(row[k] * abs(q - k) for k in keys),
        "largest_weight": max(row[k] for k in keys),
    }


def scores(sequences, attentions, causal: bool = True) -> dict[str, dict[str, np.ndarray]]:
    """pattern -> {score, score_nosink, chance, n}; arrays over heads.

    `sequences` have ids, special and texts; `attentions` one [head, query, key] array each.
    """
    n_heads = attentions[0].shape[0]
    total: dict[str, dict[str, np.ndarray]] = {}

    def entry(name: str) -> dict[str, np.ndarray]:
        return total.setdefault(
            name,
            {"sum": np.zeros(n_heads), "n": np.zeros(n_heads), "chance": np.zeros(1),
             "sum_rest": np.zeros(n_heads), "n_rest": np.zeros(n_heads)},
        )  # fmt: skip

    for sequence, attention in zip(sequences, attentions, strict=True):
        length = len(sequence.ids)
        for q in range(length):
            visible = q + 1 if causal else length
            rows = attention[:, q, :visible].astype(np.float64)
            sink = rows[:, 0]
            rest = rows[:, 1:].sum(1)
            awake = sink <= 0.99
            for name, target in TARGETS.items():
                if name == "punctuation" and not causal:
                    keys = _punctuation(sequence.ids, sequence.special, sequence.texts, q, length)
                else:
                    keys = target(sequence.ids, sequence.special, sequence.texts, q)
                if not keys:
                    continue
                one = entry(name)
                one["sum"] += sum(rows[:, k] for k in keys)
                one["n"] += 1
                one["chance"] += len(keys) / visible
                besides = [k for k in keys if k != 0]
                if besides:
                    mass = sum(rows[:, k] for k in besides)
                    one["sum_rest"] += np.where(awake, mass / np.where(awake, rest, 1), 0)
                    one["n_rest"] += awake
            for head in range(n_heads):
                for name, value in _statistics(rows[head], q, without_first=False).items():
                    entry(name)["sum"][head] += value
                    entry(name)["n"][head] += 1
                if visible > 1:
                    one = entry("sink_mass")
                    one["sum"][head] += sink[head] + 1 - rows[head].sum()
                    one["n"][head] += 1
                if awake[head]:
                    renormalised = rows[head] / rest[head]
                    for name, value in _statistics(renormalised, q, without_first=True).items():
                        entry(name)["sum_rest"][head] += value
                        entry(name)["n_rest"][head] += 1
    with np.errstate(invalid="ignore", divide="ignore"):
        return {
            name: {
                "score": one["sum"] / one["n"],
                "score_nosink": one["sum_rest"] / one["n_rest"],
                "chance": one["chance"] / one["n"],
                "n": one["n"],
            }
            for name, one in total.items()
        }
