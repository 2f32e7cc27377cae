"""Queries of running text that are kept as lines to read: where each head does most off the sink, and what is typical.

Two lists a head, of a fixed length whatever is read: the queries with the most attention off the sink, few of one
sequence, and a sample of all queries. Both can be merged in any split, since what is kept rests on nothing but the
queries themselves: the most by their share, ties by where they stand; the sample by a number made of the seed, the
sequence and the query, of which the smallest are kept (sampling by priority, as of Vitter's reservoirs (1985), without
a state).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import numpy as np
from jaxtyping import Shaped, UInt64

N_MOST = 10
# Of a probe's text, so many at most of one sequence, unless it has too few sequences to fill the list.
MOST_OF_A_SEQUENCE = 2
N_SAMPLED = 36
# The sample, in the order of attention off the sink, is divided into so many equal parts, of which so many are drawn.
N_BANDS, PER_BAND = 4, 3
N_KEYS = 8  # the strongest keys of a line
MIN_WEIGHT = 2  # percent: keys with less are not kept
# Attention off the sink is counted in such parts: what differs by less comes in the order of the text.
PARTS = 10_000
NOTHING = -1  # share, or key, of what is not there

# A line: where it stands, attention off the sink in `PARTS`, its strongest keys with their weights in percent.
LINE = np.dtype(
    [
        ("sequence", "<i4"), ("query", "<i4"), ("off", "<i2"), ("priority", "<u8"),
        ("keys", "<i4", (N_KEYS,)), ("weights", "u1", (N_KEYS,)),
    ]
)  # fmt: skip

# How long each list is, and in which order: by the last, then by those before it.
_LISTS = {"most": (N_MOST, ("query", "sequence", "off")), "sampled": (N_SAMPLED, ("priority",))}


class DrawnLine(NamedTuple):
    """A line that is stored. `band` is 0 for those with most, 1 to 4 for the upper to the lowest quarter of queries."""

    head: int
    band: int
    rank: int
    sequence: int
    query: int
    off_sink: float
    keys: list[int]
    weights: list[float]


class Lines:
    """The lines of some heads on one probe: the two lists that the module describes."""

    def __init__(self, n_heads: int) -> None:
        self.most = nothing(n_heads, 0)
        self.sampled = nothing(n_heads, 0)

    def add(self, other: Lines) -> None:
        """Adds the lines of other sequences."""
        for name, lines in other.arrays().items():
            if lines.shape[1]:
                self._put(name, slice(None), lines)

    def add_layer(self, lists: Iterable[tuple[str, Shaped[np.ndarray, "head line"]]], heads: slice) -> None:
        """Adds the lines of some heads in a batch, list by list with its name; their order means nothing."""
        for name, lines in lists:
            self._put(name, heads, lines)

    def _put(self, name: str, heads: slice, lines: Shaped[np.ndarray, "head line"]) -> None:
        n, by = _LISTS[name]
        if not getattr(self, name).shape[1]:  # only running text has lines
            setattr(self, name, nothing(len(self.most), n))
        every = getattr(self, name)
        every[heads] = _first(np.concatenate([every[heads], lines], 1), n, by)

    def arrays(self) -> dict[str, Shaped[np.ndarray, "head line"]]:
        """What is to be stored, by name."""
        return {"most": self.most, "sampled": self.sampled}

    def drawn(self) -> Iterator[DrawnLine]:
        """The lines that are stored: those with most attention off the sink, and some of each quarter of the sample."""
        for head, (most, sampled) in enumerate(zip(self.most, self.sampled, strict=True)):
            most = most[most["off"] != NOTHING]
            yield from _numbered(head, 0, most)
            shown = set(zip(most["sequence"].tolist(), most["query"].tolist(), strict=True))
            sampled = sampled[sampled["off"] != NOTHING]
            sampled = sampled[np.lexsort((sampled["priority"], -sampled["off"].astype(int)))]
            for band, quarter in enumerate(np.array_split(sampled, N_BANDS), 1):
                others = [line for line in quarter if (int(line["sequence"]), int(line["query"])) not in shown]
                drawn = sorted(others, key=lambda line: int(line["priority"]))[:PER_BAND]
                yield from _numbered(head, band, sorted(drawn, key=lambda line: -int(line["off"])))


def nothing(n_heads: int, n: int) -> Shaped[np.ndarray, "head line"]:
    """Lists of `n` lines for each head, all empty."""
    lines = np.zeros((n_heads, n), LINE)
    lines["off"] = NOTHING
    lines["priority"] = np.iinfo(np.uint64).max
    return lines


def priorities(
    seed: int, sequences: Sequence[int], queries: Shaped[np.ndarray, " query"]
) -> UInt64[np.ndarray, "sequence query"]:
    """A number of each query, as if drawn at random, that is the same whatever else is read (SplitMix64)."""
    with np.errstate(over="ignore"):
        mixed = _mixed(np.full(1, seed, np.uint64))
        mixed = _mixed(mixed + np.asarray(sequences, np.uint64))
        return _mixed(mixed[:, None] + queries.astype(np.uint64))


def _mixed(state: UInt64[np.ndarray, "*shape"]) -> UInt64[np.ndarray, "*shape"]:
    """The step of SplitMix64 (Steele et al. 2014)."""
    state = state + np.uint64(0x9E3779B97F4A7C15)
    state = (state ^ (state >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    state = (state ^ (state >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.asarray(state ^ (state >> np.uint64(31)))


def _first(lines: Shaped[np.ndarray, "head line"], n: int, by: Sequence[str]) -> Shaped[np.ndarray, "head first"]:
    """The first of each head by some numbers, the last of which decides; of shares the largest come first."""
    keys = [-lines[name].astype(int) if name == "off" else lines[name] for name in by]
    return np.take_along_axis(lines, np.lexsort(keys, axis=-1)[:, :n], 1)


def _numbered(head: int, band: int, lines: Sequence[np.void]) -> Iterator[DrawnLine]:
    for rank, line in enumerate(lines, 1):
        known = [at for at in range(N_KEYS) if line["keys"][at] != NOTHING]
        yield DrawnLine(
            head,
            band,
            rank,
            int(line["sequence"]),
            int(line["query"]),
            int(line["off"]) / PARTS,
            [int(line["keys"][at]) for at in known],
            [int(line["weights"][at]) / 100 for at in known],
        )
