"""The scores of a scan in arrays: a large model has millions, which as objects would take gigabytes."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from jaxtyping import Bool, Float, Int

# Columns of the table `scores` that are numbers, as `Score` has them, and its counts.
_NUMBERS = (
    "score", "score_nosink", "chance", "ci_low", "ci_high", "null_score", "q_value", "rival_score", "half_a", "half_b",
)  # fmt: skip
_COUNTS = ("n_queries", "n_sequences", "n_sunk")
COLUMNS = ("head_id", "pattern_id", "probe_id", *_NUMBERS, *_COUNTS, "rival")
"""Columns that `ScoreTable` reads, in their order."""
MOST_RANKED = 20  # heads that are listed of a pattern, at most
BATCH = 20_000  # rows of the database that are Python objects at a time


@dataclass(frozen=True)
class Score:
    """One head, one pattern, one probe."""

    score: float | None
    sink_free: float | None
    chance: float | None
    low: float | None
    high: float | None
    n_queries: int
    n_sequences: int
    n_sunk: int
    null: float | None
    q: float | None
    rival: str | None
    rival_score: float | None
    half_a: float | None
    half_b: float | None


class PatternScores(Mapping[int, Score]):
    """The scores of all heads for a pattern on a probe: head id -> `Score`, and as arrays in the order of the heads.

    `numbers` are NaN where the database has nothing; `measured` says which heads have a row in it.
    """

    def __init__(
        self,
        rows: Mapping[int, int],
        measured: Bool[np.ndarray, " head"],
        numbers: Float[np.ndarray, "number head"],
        counts: Int[np.ndarray, "count head"],
        rivals: Int[np.ndarray, " head"],
        names: Sequence[str],
    ) -> None:
        self._rows = rows
        self._measured = measured
        self._numbers = numbers
        self._counts = counts
        self._rivals = rivals
        self._names = names

    @property
    def score(self) -> Float[np.ndarray, " head"]:
        """Scores, NaN where there is none."""
        return self._numbers[0]

    @property
    def sink_free(self) -> Float[np.ndarray, " head"]:
        """Sink-free scores, NaN where there is none."""
        return self._numbers[1]

    def number(self, column: str) -> Float[np.ndarray, " head"]:
        """A column of the table `scores` by its name there, NaN where there is nothing."""
        return self._numbers[_NUMBERS.index(column)]

    @property
    def n_queries(self) -> Int[np.ndarray, " head"]:
        """Queries that were counted."""
        return self._counts[0]

    @property
    def measured(self) -> Bool[np.ndarray, " head"]:
        """Which heads have a row in the database."""
        return self._measured

    def rivals(self, rows: slice = slice(None)) -> list[str | None]:
        """The strongest rival of each head, or of some."""
        return [None if number < 0 else self._names[number] for number in self._rivals[rows].tolist()]

    def chances(self) -> set[float | None]:
        """The different values of chance."""
        values = self.number("chance")[self._measured]
        known = values[~np.isnan(values)]
        none: set[float | None] = {None} if len(known) < len(values) else set()
        return none | set(np.unique(known).tolist())

    def outline(self) -> PatternScores:
        """Every head's score, and all about the `MOST_RANKED` highest heads, which alone are items then."""
        top = np.argsort(-self.score, kind="stable")[:MOST_RANKED]
        ids = list(self._rows)
        return _ScoreOutline(
            self,
            {ids[row]: number for number, row in enumerate(top.tolist())},
            self._measured[top],
            self._numbers[:, top],
            self._counts[:, top],
            self._rivals[top],
            self._names,
        )

    def update(self, digest: hashlib._Hash) -> None:
        """Adds all that is here to a digest."""
        for array in (self._measured, self._numbers, self._counts):
            digest.update(array.tobytes())
        digest.update(repr(self.rivals()).encode())

    def __repr__(self) -> str:
        return f"scores of {len(self)} heads"

    def __getitem__(self, head: int) -> Score:
        row = self._rows[head]
        if not self._measured[row]:
            raise KeyError(head)
        score, sink_free, chance, low, high, null, q, rival_score, half_a, half_b = (
            None if value != value else value for value in self._numbers[:, row].tolist()
        )
        n_queries, n_sequences, n_sunk = self._counts[:, row].tolist()
        rival = None if self._rivals[row] < 0 else self._names[self._rivals[row]]
        return Score(
            score, sink_free, chance, low, high, n_queries, n_sequences, n_sunk, null, q, rival, rival_score,
            half_a, half_b,
        )  # fmt: skip

    def __contains__(self, head: object) -> bool:
        row = self._rows.get(head) if isinstance(head, int) else None
        return row is not None and bool(self._measured[row])

    def __iter__(self) -> Iterator[int]:
        return (head for head, row in self._rows.items() if self._measured[row])

    def __len__(self) -> int:
        return int(self._measured.sum())


class _ScoreOutline(PatternScores):
    """See `PatternScores.outline`; columns besides `score` are those of the highest heads alone."""

    def __init__(self, whole: PatternScores, *of_top: Any) -> None:
        super().__init__(*of_top)
        self._score = whole.score.copy()
        self._chances = whole.chances()

    @property
    def score(self) -> Float[np.ndarray, " head"]:
        return self._score

    def chances(self) -> set[float | None]:
        return set(self._chances)


def read_scores(
    rows: Iterable[sqlite3.Row], heads: Sequence[int], patterns: Mapping[int, str], probes: Mapping[int, str]
) -> tuple[dict[tuple[str, str], PatternScores], set[int]]:
    """Scores by the names of pattern and probe, and the ids of those patterns.

    Args:
        rows: `COLUMNS` of the table `scores`, in any order.
        heads: ids of heads, in the order of the arrays; other heads are an error (KeyError).
        patterns: names by id.
        probes: names by id.
    """
    column_of = {head: number for number, head in enumerate(heads)}
    pairs: dict[tuple[int, int], int] = {}
    rivals: dict[str, int] = {}
    # Room for every pattern on every probe; what is never written to takes no memory.
    room, n_heads = len(patterns) * len(probes), len(heads)
    measured = np.empty((room, n_heads), dtype=bool)
    numbers = np.empty((room, len(_NUMBERS), n_heads))
    counts = np.empty((room, len(_COUNTS), n_heads), dtype=np.int32)
    strongest = np.empty((room, n_heads), dtype=np.int16)
    for batch in _batches(rows):
        ids, of_patterns, of_probes, *values, rival = zip(*batch, strict=True)
        both = list(zip(of_patterns, of_probes, strict=True))
        for pair in dict.fromkeys(both):
            if pair not in pairs:
                new = pairs[pair] = len(pairs)
                measured[new], numbers[new], counts[new], strongest[new] = False, np.nan, 0, -1
        row, at = np.array([pairs[pair] for pair in both]), np.array([column_of[head] for head in ids])
        measured[row, at] = True
        for column, given in enumerate(values[: len(_NUMBERS)]):
            numbers[row, column, at] = np.array(given, dtype=float)
        for column, given in enumerate(values[len(_NUMBERS) :]):
            counts[row, column, at] = [value or 0 for value in given]
        strongest[row, at] = [-1 if name is None else rivals.setdefault(name, len(rivals)) for name in rival]
    names = list(rivals)
    scores = {
        (patterns[pattern], probes[probe]): PatternScores(
            column_of, measured[row], numbers[row], counts[row], strongest[row], names
        )
        for (pattern, probe), row in pairs.items()
    }
    return scores, {pattern for pattern, _ in pairs}


def _batches(rows: Iterable[sqlite3.Row]) -> Iterator[list[sqlite3.Row]]:
    batch: list[sqlite3.Row] = []
    for row in rows:
        batch.append(row)
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch
