"""How unlike two heads behave: the one measure behind `similar`, the nearest heads of `compare`, and the site's pages.

The distance of two heads is a root mean square difference over everything that both were measured on:

- For each pattern, on its own probe: how far the head is above chance, as a share of what is possible,
  (score - chance) / (1 - chance). Where the attention sink hides what a head does, the sink-free score is taken; what
  the sink itself takes is a pattern of its own (one that is `on_sink`). Statistics of rows that are no shares
  (mean distance, in tokens) count by their logarithm.
- For each probe: the Hellinger distance between the two heads' distributions of attention over the distance from query
  to key (the table `distances`).

0 is a head that does the same. What only one of the two heads was measured on does not count; where that is more than
half of the first one's patterns, the other head is infinitely far.
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from typing import TYPE_CHECKING

import numpy as np

from headatlas.store.limits import MAX_LIST

if TYPE_CHECKING:
    from jaxtyping import Bool, Float, Float32, Int, Num, Shaped

    from headatlas.catalog.head_table import HeadTable
    from headatlas.catalog.reader import Reader

# Two heads must have been measured on at least this share of the first one's patterns.
MIN_SHARED = 0.5
# Distances are rounded, so that heads equally far away stay in the table's order whatever the processor.
DECIMALS = 6
# Heads compared with all others at a time.
_ROWS = 128
# More candidates a head than this are not looked at one by one.
MANY = 64
# Heads whose distances from some are computed at a time: what that takes besides is a few times their scores.
_OTHERS = 4096
# Single pairs whose distances are computed at a time.
_PAIRS = 1024
# A list of numbers as scans write it.
_PLAIN = re.compile(r"\[-?[0-9][-+0-9.eE]*(, ?-?[0-9][-+0-9.eE]*)*\]")
# Heads whose attention by distance is read at a time.
_BATCH = 256


@dataclass(frozen=True)
class Points:
    """Heads as points, between which there are distances; row i of each array but the last is a head.

    `scores` are comparable ones (`HeadTable.scaled`), NaN where a head has none. `roots` are the square roots of the
    distributions of attention over distance, probe after probe, in single precision, since of many heads they take most
    of the memory; `probes` says which of them a head has. The roots of others are 0. `starts`: the column of `roots`
    with which each probe begins.
    """

    scores: Float[np.ndarray, "head column"]
    roots: Float32[np.ndarray, "head offset"]
    probes: Bool[np.ndarray, "head probe"]
    starts: Int[np.ndarray, " probe"]

    def __len__(self) -> int:
        return len(self.scores)

    def __getitem__(self, rows: slice | Int[np.ndarray, " row"]) -> Points:
        return Points(self.scores[rows], self.roots[rows], self.probes[rows], self.starts)

    @cached_property
    def lengths(self) -> Float[np.ndarray, "head probe"]:
        """How long each probe's roots are: 1 but for what they were rounded by, and 1 where a head has none.

        With it they are again those of a distribution, so that a head is no distance from one that does the same.
        """
        blocks = (slice(start, start + _OTHERS) for start in range(0, len(self), _OTHERS))
        squares = [self.by_probe(np.square(self.roots[rows], dtype=float)) for rows in blocks]
        return np.where(self.probes, np.sqrt(np.vstack([np.zeros((0, len(self.starts))), *squares])), 1)

    def by_probe(self, values: Float[np.ndarray, "row offset"]) -> Float[np.ndarray, "row probe"]:
        """Values of all offsets, those of a probe added up."""
        if not len(self.starts):
            return np.zeros((len(values), 0))
        sums: np.ndarray = np.add.reduceat(values, self.starts, axis=1)
        return sums

    def whole_roots(self) -> Float[np.ndarray, "head offset"]:
        """The roots in double precision, those of each probe of length 1."""
        whole = self.roots.astype(float)
        for of_probe, lengths in zip(np.split(whole, self.starts[1:], axis=1), self.lengths.T, strict=False):
            of_probe /= lengths[:, None]
        return whole


def distances(heads: Points, others: Points) -> Float[np.ndarray, "head other"]:
    """The distance of each head to each other, rounded to six decimals; infinite where too little is shared.

    The columns of both have to mean the same, as they do in points of one call of `points`.
    """
    squares, n_shared = _score_squares(heads.scores, others.scores)
    offset_squares, n_probes = _offset_squares(heads, others)
    return _away(squares + offset_squares, n_shared, n_probes, np.isfinite(heads.scores).sum(1, keepdims=True))


def to_candidates(
    heads: Points, rows: slice, candidates: Sequence[Int[np.ndarray, " _"]]
) -> list[Float[np.ndarray, " _"]]:
    """`distances` of the heads in some rows, of each to its own candidates among all heads."""
    lengths = [len(some) for some in candidates]
    if sum(lengths) > MANY * len(lengths):  # heads that are nearly all alike, as those of a model before its training
        starts = range(0, len(heads), _OTHERS)
        whole = np.hstack([distances(heads[rows], heads[start : start + _OTHERS]) for start in starts])
        return [of_head[some] for of_head, some in zip(whole, candidates, strict=True)]
    numbers = np.repeat(np.arange(rows.start, rows.stop), lengths)
    others = np.concatenate(candidates)
    parts = [slice(start, start + _PAIRS) for start in range(0, len(numbers), _PAIRS)]
    away = np.concatenate([np.zeros(0), *(_between(heads, numbers[part], others[part]) for part in parts)])
    return np.split(away, np.cumsum(lengths)[:-1])


def _between(
    heads: Points, rows: Int[np.ndarray, " pair"], others: Int[np.ndarray, " pair"]
) -> Float[np.ndarray, " pair"]:
    """`distances` of single pairs, of the head in a row and the one in another."""
    differences = heads.scores[rows] - heads.scores[others]
    squares, n_shared = np.nansum(differences**2, axis=1), np.isfinite(differences).sum(1)
    n_probes = (heads.probes[rows] & heads.probes[others]).sum(1)
    products = heads.by_probe(np.multiply(heads.roots[rows], heads.roots[others], dtype=float))
    common = (products / (heads.lengths[rows] * heads.lengths[others])).sum(1)
    n_measured = np.isfinite(heads.scores[rows]).sum(1)
    return _away(squares + np.maximum(n_probes - common, 0), n_shared, n_probes, n_measured)


def roughly(heads: Points) -> Iterator[tuple[slice, Float[np.ndarray, "row head"], float]]:
    """Squares of the distances of all heads to all, in single precision: a third of the time that `distances` takes.

    However many heads there are, only one block of rows is in memory.

    Yields:
        Some rows, their squares, infinite from a head to itself and where too little is shared, and how far off a
        square is at most.
    """
    measured = np.isfinite(heads.scores)
    filled = np.where(measured, heads.scores, 0)
    # All terms of a sum of squares, (a - b)^2 = a^2 - 2ab + b^2 where both are measured, in one product of matrices,
    # but for those of roots, which are in single precision already.
    right = _single(measured, filled, filled**2, heads.probes)
    n_scores, shares, n_measured = _single(measured), _single(measured, heads.probes), measured.sum(1)
    # Each of n terms, and each sum, is rounded: in all n times half a unit of what the terms' sizes add up to, at most.
    sizes = 4 * (filled**2).sum(1).max(initial=0) + 2 * heads.probes.shape[1]
    error = float(np.finfo(np.float32).eps / 2 * (right.shape[1] + heads.roots.shape[1] + 2) * sizes)
    for start in range(0, len(heads), _ROWS):
        rows = slice(start, min(start + _ROWS, len(heads)))
        n_shared, n_both = n_scores[rows] @ n_scores.T, shares[rows] @ shares.T
        some = filled[rows]
        left = _single(some**2, -2 * some, measured[rows], heads.probes[rows])
        squares = left @ right.T
        squares -= heads.roots[rows] @ heads.roots.T
        squares /= np.maximum(n_both, 1)
        squares[n_shared < np.maximum(1, MIN_SHARED * n_measured[rows, None])] = np.inf
        squares[np.arange(len(squares)), np.arange(rows.start, rows.stop)] = np.inf
        yield rows, squares, error / float(n_both.min(initial=np.inf, where=np.isfinite(squares)))


def _single(*parts: Shaped[np.ndarray, "head _"]) -> Float[np.ndarray, "head column"]:
    """Arrays side by side in single precision, with no copy in double precision between."""
    return np.hstack(parts, dtype=np.float32, casting="unsafe")


def nearest(
    away: Float[np.ndarray, " head"], among: Int[np.ndarray, " candidate"], limit: int
) -> Int[np.ndarray, " nearest"]:
    """The rows `among` some that are nearest by their distances `away`, at most `limit`; equally far ones in order."""
    rows = np.sort(among)
    if 0 < limit < len(rows):
        # To sort some is enough: those no further than the last that is wanted, and all as far as that one.
        rows = rows[away[rows] <= np.partition(away[rows], limit - 1)[limit - 1]]
    closest = rows[np.argsort(away[rows], kind="stable")][:limit]
    return closest[np.isfinite(away[closest])]


def find_nearest(
    reader: Reader, table: HeadTable, row: int, among: Int[np.ndarray, " candidate"], limit: int
) -> list[tuple[int, float]]:
    """Row and distance of those heads `among` some that are nearest to the head in a row, without that head itself.

    Attention by distance takes long to read, so it is read of as few heads as will do. Scores alone say how near a head
    can be at most, which it is where both look equally far on every probe. Heads are taken in that order, until none
    that is left can be nearer than those found: the answer is exact.
    """
    n_probes = points(reader, table, [row]).probes.sum()
    by_scores = distances(_without_offsets(table.scaled[[row]]), _without_offsets(table.scaled))[0]
    by_scores[row] = np.inf
    n_shared = np.maximum(1, (np.isfinite(table.scaled) & np.isfinite(table.scaled[row])).sum(1))
    at_least = by_scores * np.sqrt(n_shared / (n_shared + n_probes)) - 10.0**-DECIMALS
    candidates = nearest(at_least, among, len(among))
    away = np.full(len(table), np.inf)
    for start in range(0, len(candidates), _BATCH):
        closest = nearest(away, candidates[:start], limit)
        if 0 < limit == len(closest) and away[closest[-1]] < at_least[candidates[start]]:
            break
        batch = candidates[start : start + _BATCH]
        together = points(reader, table, [row, *batch.tolist()])
        away[batch] = distances(together[:1], together[1:])[0]
    return [(int(other), float(away[other])) for other in nearest(away, candidates, limit)]


def points(reader: Reader, table: HeadTable, rows: Sequence[int]) -> Points:
    """Some heads of a table, with their attention by distance, which is read from the database."""
    position = {int(table.ids[row]): number for number, row in enumerate(rows)}
    # By probe and first offset, in which heads have to agree: roots of the distributions, and which heads have one.
    # Large arrays from the start: of many small ones the memory is not given back.
    distributions: dict[tuple[int, int], Float32[np.ndarray, "head offset"]] = {}
    known: dict[tuple[int, int], Bool[np.ndarray, " head"]] = {}
    for (probe, first, _), alike in _distance_rows(reader, list(position)):
        attention = np.maximum(_numbers([row["attention"] for row in alike]), 0)
        sums = attention.sum(1)
        members = [position[row["head_id"]] for row, total in zip(alike, sums.tolist(), strict=True) if total > 0]
        n_offsets, there = attention.shape[1], distributions.get((probe, first), np.zeros((len(rows), 0), np.float32))
        if there.shape[1] < n_offsets:
            there = np.pad(there, ((0, 0), (0, n_offsets - there.shape[1])))
        there[members, :n_offsets] = np.sqrt(attention[sums > 0] / sums[sums > 0, None])
        distributions[probe, first] = there
        known.setdefault((probe, first), np.zeros(len(rows), dtype=bool))[members] = True
    ends = np.cumsum([0, *(there.shape[1] for there in distributions.values())])
    roots, probes = np.zeros((len(rows), ends[-1]), np.float32), np.zeros((len(rows), len(known)), dtype=bool)
    for number, key in enumerate(known):
        roots[:, ends[number] : ends[number + 1]] = distributions.pop(key)
        probes[:, number] = known[key]
    return Points(table.scaled[list(rows)], roots, probes, ends[:-1])


def _distance_rows(reader: Reader, ids: Sequence[int]) -> Iterator[tuple[tuple[int, int, int], list[sqlite3.Row]]]:
    """Rows of the table `distances`, those of one probe, first offset and number of offsets together."""

    def alike(row: sqlite3.Row) -> tuple[int, int, int]:
        return row["probe_id"], row["first"], row["attention"].count(",")

    for start in range(0, len(ids), _BATCH):
        rows = reader.rows(
            f"select head_id, probe_id, first, substr(attention, 1, {MAX_LIST + 1}) as attention from distances "
            "where head_id in (select value from json_each(?))",
            [json.dumps(ids[start : start + _BATCH])],
        )
        yield from ((key, list(of_key)) for key, of_key in groupby(sorted(rows, key=alike), key=alike))


def _numbers(lists: Sequence[str]) -> Float[np.ndarray, "list number"]:
    """Lists in JSON, all of one length, read at once: one by one takes five times as long."""
    inside = [text[1:-1] for text in lists if _PLAIN.fullmatch(text)]
    if len(inside) < len(lists):  # not written by us: whatever JSON makes of it
        return np.array([json.loads(text) for text in lists], dtype=float).reshape(len(lists), -1)
    return np.array([float(number) for text in inside for number in text.split(",")]).reshape(len(lists), -1)


def _without_offsets(scores: Float[np.ndarray, "head column"]) -> Points:
    none = np.zeros((len(scores), 0))
    return Points(scores, none.astype(np.float32), none.astype(bool), np.zeros(0, int))


def _away(
    squares: Float[np.ndarray, "*pairs"],
    n_shared: Num[np.ndarray, "*pairs"],
    n_probes: Num[np.ndarray, "*pairs"],
    n_measured: Int[np.ndarray, "*of_first"],
) -> Float[np.ndarray, "*pairs"]:
    with np.errstate(divide="ignore", invalid="ignore"):
        away = np.sqrt(squares / (n_shared + n_probes))
    away[n_shared < np.maximum(1, MIN_SHARED * n_measured)] = np.inf
    rounded: np.ndarray = away.round(DECIMALS)
    return rounded


def _score_squares(
    heads: Float[np.ndarray, "head column"], others: Float[np.ndarray, "other column"]
) -> tuple[Float[np.ndarray, "head other"], Float[np.ndarray, "head other"]]:
    """Sums of squared differences of scores over the columns that both heads have, and how many these are."""
    # Not at the top: it takes longer to import than everything else that a listing needs.
    from sklearn.metrics.pairwise import nan_euclidean_distances

    n_shared = np.isfinite(heads).astype(float) @ np.isfinite(others).T
    if not heads.size or not others.size:
        return np.zeros_like(n_shared), n_shared
    # scikit-learn enlarges a sum by the share of columns that are there: by n_columns / n_shared.
    enlarged = np.nan_to_num(nan_euclidean_distances(heads, others)) ** 2
    return enlarged * n_shared / heads.shape[1], n_shared


def _offset_squares(
    heads: Points, others: Points
) -> tuple[Float[np.ndarray, "head other"], Float[np.ndarray, "head other"]]:
    """Sums of squared Hellinger distances over the probes that both heads have, and how many these are."""
    n_shared = heads.probes.astype(float) @ others.probes.T
    # The square of a Hellinger distance is 1 less what the roots of the two distributions have in common.
    squares: np.ndarray = np.maximum(n_shared - heads.whole_roots() @ others.whole_roots().T, 0)
    return squares, n_shared
