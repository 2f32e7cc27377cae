"""What log-probabilities alone can show: how surprising each token was, and how much less where it is a repetition.

No attention is seen here and no head is named. Induction heads make a model expect, after a token that was said
before, what followed it then (Olsson et al. 2022, arXiv:2209.11895); so would anything else that remembers the text.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from headatlas.errors import HeadatlasError
from headatlas.files.given import MOST_TEXT, MOST_VALUES, read_json_rows, shown

N_RESAMPLES = 1000
# How many tokens of a repetition went before, in groups: a model cannot know at the first that it is one.
DEPTHS = ((1, 1), (2, 2), (3, 4), (5, 8), (9, None))
# A lower log-probability is none: a model's smallest, of 64 bits, are not below -745.
LOWEST = -10_000.0
LONGEST_TOKEN = 10_000
# Sequences of a file, each of which is drawn in every resample.
MOST_SEQUENCES = 50_000
# Numbers of them that are drawn together.
_DRAWN = 2**21
_FORM = (
    'It has to be JSON: {"sequences": [{"tokens": ["The", " cat", ...], "logprobs": [null, -3.2, ...]}, ...]}, or one '
    "such sequence a line (.jsonl); natural logarithms, null where there is none."
)


@dataclass(frozen=True)
class LogprobSequence:
    """One sequence: its tokens, and the surprise of each in bits (not a number where it is not known)."""

    tokens: tuple[str, ...]
    bits: tuple[float, ...]

    @cached_property
    def copied(self) -> tuple[int, ...]:
        """For each token the position an induction head would have it from: after the last earlier copy of the token
        before it, if that says the same; -1 for none.

        A B C A B: the second B has it from position 1.
        """
        last: dict[str, int] = {}
        copied = [-1] * len(self.tokens)
        for position in range(1, len(self.tokens)):
            before = self.tokens[position - 1]
            source = last.get(before, -2) + 1
            if 0 < source < position and self.tokens[source] == self.tokens[position]:
                copied[position] = source
            last[before] = position - 1
        return tuple(copied)

    @cached_property
    def depth(self) -> tuple[int, ...]:
        """How many tokens of a repetition went before each token: 1 where it can first be known, 0 outside.

        A B C A B C: the second B is 1, the second C is 2.
        """
        depth = [0] * len(self.tokens)
        for position, source in enumerate(self.copied):
            if source >= 0:
                goes_on = position > 0 and self.copied[position - 1] == source - 1
                depth[position] = depth[position - 1] + 1 if goes_on else 1
        return tuple(depth)

    def pairs(self) -> list[tuple[float, float, int]]:
        """Bits at a token when it was first said, bits at its repetition, and depth; both known."""
        return [
            (self.bits[source], self.bits[position], self.depth[position])
            for position, source in enumerate(self.copied)
            if source >= 0
            and self.copied[source] < 0
            and not (math.isnan(self.bits[source]) or math.isnan(self.bits[position]))
        ]


@dataclass(frozen=True)
class Drop:
    """Mean surprise in bits of tokens first said and of the same tokens repeated, over `n` of them.

    `low` and `high` are the 95% bootstrap interval of the difference, over sequences; None with fewer than two.
    """

    name: str
    n: int
    first: float
    repeated: float
    low: float | None
    high: float | None

    @property
    def bits(self) -> float:
        """By how much the repetition is less surprising."""
        return self.first - self.repeated


def read(path: str | Path) -> list[LogprobSequence]:
    """Tokens and log-probabilities from a .json or .jsonl file.

    Raises:
        HeadatlasError: the file is not there, is no JSON, or holds something else.
    """
    path = Path(path)
    content = read_json_rows(path, MOST_TEXT, _FORM, MOST_VALUES)
    rows = content.get("sequences", [content]) if isinstance(content, dict) else content
    if not isinstance(rows, list) or not rows:
        raise HeadatlasError(f"{shown(path)} holds no sequences. {_FORM}")
    if len(rows) > MOST_SEQUENCES:
        raise HeadatlasError(
            f"{shown(path)} holds {len(rows):,} sequences; at most {MOST_SEQUENCES:,} are read. Draw some at random."
        )
    return [_sequence(number, row) for number, row in enumerate(rows)]


def _sequence(number: int, row: Any) -> LogprobSequence:
    if (
        not isinstance(row, dict)
        or not isinstance(row.get("tokens"), list)
        or not isinstance(row.get("logprobs"), list)
    ):
        raise HeadatlasError(f"Sequence {number} has no `tokens` and `logprobs`. {_FORM}")
    tokens, logprobs = row["tokens"], row["logprobs"]
    if len(tokens) != len(logprobs) or not tokens:
        raise HeadatlasError(f"Sequence {number} has {len(tokens)} tokens and {len(logprobs)} log-probabilities.")
    for value in logprobs:
        if value is not None and (
            not isinstance(value, int | float) or isinstance(value, bool) or not LOWEST <= value <= 1e-6
        ):
            raise HeadatlasError(
                f"Sequence {number} has the log-probability {_short(value)}; they are numbers of at most 0 and at "
                f"least {LOWEST:,.0f}, or null where there is none."
            )
    for token in tokens:
        if not isinstance(token, str | int | float) or (isinstance(token, str) and len(token) > LONGEST_TOKEN):
            raise HeadatlasError(
                f"Sequence {number} has the token {_short(token)}; tokens are texts of at most {LONGEST_TOKEN:,} "
                "letters."
            )
    bits = tuple(math.nan if value is None else max(0.0, -float(value)) / math.log(2) for value in logprobs)
    # Half a character, as JSON can spell it, is no text that could be written.
    texts = (str(token).encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace") for token in tokens)
    return LogprobSequence(tuple(texts), bits)


def _short(value: Any) -> str:
    """A value in a few letters, whatever it is."""
    if isinstance(value, int | float | str):
        text = json.dumps(value if not isinstance(value, str) else value[:60])
        return text if len(text) <= 60 else f"{text[:57]}..."
    return f"a {type(value).__name__}"


def drops(sequences: Sequence[LogprobSequence], seed: int = 0) -> list[Drop]:
    """The drop over all repeated tokens, then by how much of the repetition went before; empty without repetitions."""
    pairs = [sequence.pairs() for sequence in sequences]
    groups: list[tuple[str, int, int | None]] = [("all repeated tokens", 1, None)]
    for low, high in DEPTHS:
        extent = f"{low}" if high == low else f"{low} to {high}" if high else f"{low} or more"
        groups.append((f"after {extent} {'token' if high == 1 else 'tokens'} of it", low, high))
    result = []
    for name, low, high in groups:
        in_group = [[pair[:2] for pair in own if low <= pair[2] <= (high or pair[2])] for own in pairs]
        in_group = [own for own in in_group if own]
        if in_group:
            result.append(_drop(name, in_group, seed))
    return result


def _drop(name: str, pairs: Sequence[Sequence[tuple[float, float]]], seed: int) -> Drop:
    sums = np.array([np.sum(own, axis=0) for own in pairs])
    counts = np.array([len(own) for own in pairs])
    first, repeated = sums.sum(0) / counts.sum()
    low = high = None
    if len(pairs) > 1:
        rng, own = np.random.default_rng(seed), sums[:, 0] - sums[:, 1]
        sizes = np.diff([*range(0, N_RESAMPLES, max(_DRAWN // len(pairs), 1)), N_RESAMPLES])
        drawn = (rng.integers(len(pairs), size=(size, len(pairs))) for size in sizes)
        differences = np.concatenate([own[draws].sum(1) / counts[draws].sum(1) for draws in drawn])
        low, high = (float(end) for end in np.quantile(differences, (0.025, 0.975)))
    return Drop(name, int(counts.sum()), float(first), float(repeated), low, high)
