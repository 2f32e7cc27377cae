"""The scores of a scan in arrays: a large model has millions, which as objects would take gigabytes."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from jaxtyping import Bool, Float, Int

# Columns of the table `scores` that are numbers, as `Score` has them, and its counts.
_NUMBERS = (
    "score", "score_nosink", "chance", "ci_low", "ci_high", "null_score", "q_value", "rival_score", "half_a", "half_b",
)  # fmt: skip
_COUNTS = ("n_queries", "n_sequences", "n_sunk")
_N_BRIEF = 3  # numbers that are read of every pattern on every probe
_KEYS = ("head_id", "pattern_id", "probe_id")
BRIEF = (*_KEYS, *_NUMBERS[:_N_BRIEF])
"""Columns that `read_scores` wants of every pattern on every probe, in their order."""
DETAILS = (*_KEYS, *_NUMBERS[_N_BRIEF:], *_COUNTS, "rival")
"""Columns that it wants of those of which pages show all."""
MOST_RANKED = 20  # heads that are listed of a pattern, at most

Pair = tuple[int, int]  # numbers of a pattern and a probe in the database
Batch = Sequence[tuple[Any, ...]]  # rows of the database, some of many


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

    `brief` and `details` are the numbers among the columns `BRIEF` and `DETAILS`, NaN where the database has nothing;
    `measured` says which heads have a row in it. Where only `BRIEF` was read there are no items, no details, no counts
    and no rivals.
    """

    def __init__(
        self,
        rows: Mapping[int, int],
        measured: Bool[np.ndarray, " head"],
        brief: Float[np.ndarray, "number head"],
        details: Float[np.ndarray, "detail counted"],
        counts: Int[np.ndarray, "count counted"],
        rivals: Int[np.ndarray, " counted"],
        names: Sequence[str],
    ) -> None:
        self._rows = rows
        self._measured = measured
        self._is_item = measured if details.size else np.zeros_like(measured)
        self._brief = brief
        self._details = details
        self._counts = counts
        self._rivals = rivals
        self._names = names

    @property
    def score(self) -> Float[np.ndarray, " head"]:
        """Scores, NaN where there is none."""
        return self._brief[0]

    @property
    def sink_free(self) -> Float[np.ndarray, " head"]:
        """Sink-free scores, NaN where there is none."""
        return self._brief[1]

    def number(self, column: str) -> Float[np.ndarray, " head"]:
        """A column of the table `scores` by its name there, NaN where there is nothing."""
        at = _NUMBERS.index(column)
        return self._brief[at] if at < _N_BRIEF else self._details[at - _N_BRIEF]

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
            self._brief[:, top],
            self._details[:, top],
            self._counts[:, top],
            self._rivals[top],
            self._names,
        )

    def update(self, digest: hashlib._Hash) -> None:
        """Adds all that is here to a digest."""
        for array in (self._measured, self._brief, self._details, self._counts):
            digest.update(array.tobytes())
        digest.update(repr(self.rivals()).encode())

    def __repr__(self) -> str:
        return f"scores of {len(self)} heads"

    def __getitem__(self, head: int) -> Score:
        row = self._rows[head]
        if not self._is_item[row]:
            raise KeyError(head)
        score, sink_free, chance, low, high, null, q, rival_score, half_a, half_b = (
            None if value != value else value
            for value in (*self._brief[:, row].tolist(), *self._details[:, row].tolist())
        )
        n_queries, n_sequences, n_sunk = self._counts[:, row].tolist()
        rival = None if self._rivals[row] < 0 else self._names[self._rivals[row]]
        return Score(
            score, sink_free, chance, low, high, n_queries, n_sequences, n_sunk, null, q, rival, rival_score,
            half_a, half_b,
        )  # fmt: skip

    def __contains__(self, head: object) -> bool:
        row = self._rows.get(head) if isinstance(head, int) else None
        return row is not None and bool(self._is_item[row])

    def __iter__(self) -> Iterator[int]:
        return (head for head, row in self._rows.items() if self._is_item[row])

    def __len__(self) -> int:
        return int(self._is_item.sum())


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
    brief: Iterable[Batch],
    details: Callable[[Collection[Pair]], Iterable[Batch]],
    heads: Sequence[int],
    patterns: Mapping[int, str],
    probes: Mapping[int, str],
) -> tuple[dict[tuple[str, str], PatternScores], set[int]]:
    """Scores by the names of pattern and probe, and the ids of those patterns.

    Args:
        brief: `BRIEF` of the table `scores`, rows in any order.
        details: from the pairs that `brief` has, `DETAILS` of those of which all is wanted, in any order.
        heads: ids of heads, in the order of the arrays; other heads are an error (KeyError).
        patterns: names by id.
        probes: names by id.
    """
    rows_of = {head: number for number, head in enumerate(heads)}
    # Room for every pattern on every probe; what is never written to takes no memory.
    room = len(patterns) * len(probes)
    pairs = _Pairs(rows_of)
    measured = np.empty((room, len(heads)), dtype=bool)
    numbers = np.empty((room, _N_BRIEF, len(heads)))
    for batch in brief:
        row, at, columns, new = pairs.places(batch)
        measured[new], numbers[new] = False, np.nan
        measured[row, at] = True
        for number, column in enumerate(columns):
            numbers[row, number, at] = np.array(column, dtype=float)
    whole, rest = _read_details(details(pairs.number_of), rows_of, room)
    names, scores = [*rest.names], {}
    for pair, index in pairs.number_of.items():
        if pair in whole:
            number = whole[pair]
            of_heads = rest.numbers[number], rest.counts[number], rest.rivals[number]
        else:
            of_heads = _NO_DETAILS, _NO_COUNTS, _NO_RIVALS
        pattern, probe = pair
        # Parts of the arrays as they were read: copies of them would be there beside these.
        scores[patterns[pattern], probes[probe]] = PatternScores(
            rows_of, measured[index], numbers[index], *of_heads, names
        )
    return scores, {pattern for pattern, _ in pairs.number_of}


_NO_DETAILS = np.empty((0, 0))
_NO_COUNTS, _NO_RIVALS = np.empty((len(_COUNTS), 0), dtype=np.int32), np.empty(0, dtype=np.int16)


class _Pairs:
    """Where rows of the database belong in arrays [pair, head]: pairs are numbered as they come."""

    def __init__(self, rows_of: Mapping[int, int]) -> None:
        self._rows_of = rows_of
        self.number_of: dict[Pair, int] = {}

    def places(
        self, batch: Batch
    ) -> tuple[Int[np.ndarray, " row"], Int[np.ndarray, " row"], list[tuple[Any, ...]], slice]:
        """Pair and head of each row, the columns beside `_KEYS`, and which pairs are new."""
        heads, patterns, probes, *columns = zip(*batch, strict=True)
        known = len(self.number_of)
        row = [self.number_of.setdefault(pair, len(self.number_of)) for pair in zip(patterns, probes, strict=True)]
        at = np.fromiter(map(self._rows_of.__getitem__, heads), int, len(heads))
        return np.array(row), at, columns, slice(known, len(self.number_of))


class _Details(NamedTuple):
    """Arrays [pair, column, head], of rivals [pair, head] positions in `names`, -1 for none."""

    numbers: Float[np.ndarray, "pair number head"]
    counts: Int[np.ndarray, "pair count head"]
    rivals: Int[np.ndarray, "pair head"]
    names: dict[str, int]


def _read_details(batches: Iterable[Batch], rows_of: Mapping[int, int], room: int) -> tuple[dict[Pair, int], _Details]:
    """The rows of `DETAILS` as arrays, and which pair is where."""
    n_numbers = len(_NUMBERS) - _N_BRIEF
    pairs = _Pairs(rows_of)
    read = _Details(
        np.empty((room, n_numbers, len(rows_of))),
        np.empty((room, len(_COUNTS), len(rows_of)), dtype=np.int32),
        np.empty((room, len(rows_of)), dtype=np.int16),
        {},
    )
    for batch in batches:
        row, at, [*values, rival], new = pairs.places(batch)
        read.numbers[new], read.counts[new], read.rivals[new] = np.nan, 0, -1
        for column, given in enumerate(values[:n_numbers]):
            read.numbers[row, column, at] = np.array(given, dtype=float)
        for column, given in enumerate(values[n_numbers:]):
            read.counts[row, column, at] = [value or 0 for value in given]
        read.rivals[row, at] = [-1 if name is None else read.names.setdefault(name, len(read.names)) for name in rival]
    return pairs.number_of, read
