"""The scores of a stored scan as arrays: what labels, clusters and the map are made of."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float64, Int64

from headatlas.labels.probe_scores import PER_HEAD, ProbeScores
from headatlas.store.scans import Store

_PLAIN = ("score", "ci_low", "half_a", "half_b")
# Columns of a score that do not differ from head to head.
_SHARED = ("chance", "n_queries")
# Rows of a table that are held as tuples together.
_ROWS_AT_ONCE = 20_000


def scores_by_probe(
    store: Store, scan: int, kind: str, heads: list[int], window: int | None = None
) -> dict[str, ProbeScores]:
    """Scores of some heads (of one kind of attention, and of layers with one window) on each probe, as labels need."""
    names = dict(
        store.db.execute(
            "select id, name from patterns where kind <> 'statistic' and id in "
            "(select pattern_id from overlaps where scan_id = ?)",
            [scan],
        ).fetchall()
    )
    off = _by_probe(store, heads, names, "off_sink", (*_SHARED, *PER_HEAD))
    plain = _by_probe(store, heads, names, "scores", (*_SHARED, *_PLAIN, "n_sequences"))
    overlaps = _overlaps(store, scan, kind, window)
    nothing = _OfProbe.empty()
    return {
        probe: _probe_scores(
            plain.get(probe, nothing), off.get(probe, nothing), len(heads), names, overlaps.get(probe, _NO_OVERLAPS)
        )
        for probe in sorted({*off, *plain})
    }


@dataclass(frozen=True)
class _OfProbe:
    """Rows of a table on one probe: the head's place among those asked for, the pattern's number, some columns."""

    heads: Int64[np.ndarray, " row"]
    patterns: Int64[np.ndarray, " row"]
    columns: Mapping[str, Float64[np.ndarray, " row"]]

    @classmethod
    def empty(cls) -> _OfProbe:
        nothing = np.zeros(0)
        return cls(nothing.astype(int), nothing.astype(int), defaultdict(lambda: nothing))

    def of(self, kept: Bool[np.ndarray, " row"]) -> _OfProbe:
        """Some of the rows."""
        columns = {name: column[kept] for name, column in self.columns.items()}
        return _OfProbe(self.heads[kept], self.patterns[kept], columns)

    def first(self, name: str) -> dict[int, float]:
        """A column that all heads share, by pattern."""
        patterns, rows = np.unique(self.patterns, return_index=True)
        return dict(zip(patterns.tolist(), self.columns[name][rows].tolist(), strict=True))


def _by_probe(
    store: Store, heads: Sequence[int], names: Mapping[int, str], table: str, columns: Sequence[str]
) -> dict[str, _OfProbe]:
    """Some columns of a table of scores for patterns with targets, and for rivals, by probe.

    What is read along keys has no overlaps, since there is nothing to unmix it with.
    """
    every = numbers_of(store, table, heads, ("pattern_id", "probe_id", *columns))
    every = every[np.isin(every[:, 1], [*names])]
    places = places_of(heads, every[:, 0])
    by_probe = {}
    for probe, name in store.db.execute("select id, name from probes").fetchall():
        own = every[:, 2] == probe
        if own.any():
            values = every[own, 3:].T
            by_probe[name] = _OfProbe(places[own], every[own, 1].astype(int), dict(zip(columns, values, strict=True)))
    return by_probe


def numbers_of(
    store: Store, table: str, heads: Sequence[int], columns: Sequence[str]
) -> Float64[np.ndarray, "row column"]:
    """The number of the head and some columns of numbers, of a table's rows for some heads; null is not a number.

    A scan has a quarter of a million rows of scores: they are read as plain tuples, some thousand at a time.
    """
    cursor = store.db.execute(
        f"select head_id, {', '.join(columns)} from {table} where head_id between ? and ? order by head_id",
        [min(heads), max(heads)],
    )
    parts = [np.zeros((0, 1 + len(columns)))]
    while rows := cursor.fetchmany(_ROWS_AT_ONCE):
        part = np.array(rows, dtype=float)
        parts.append(part[np.isin(part[:, 0], heads)])
    return np.concatenate(parts)


def places_of(heads: Sequence[int], numbers: Float64[np.ndarray, " row"]) -> Int64[np.ndarray, " row"]:
    """Where each of the heads' numbers stands among `heads`."""
    order = np.argsort(heads)
    return order[np.searchsorted(np.asarray(heads)[order], numbers)]


def _probe_scores(
    plain: _OfProbe, off: _OfProbe, n_heads: int, names: Mapping[int, str], overlaps: _Overlaps
) -> ProbeScores:
    """What is known on one probe: off the sink, or of all attention for patterns that have no other target."""
    ids = np.union1d(plain.patterns, off.patterns)
    on_first = ~np.isin(ids, off.patterns)
    arrays = {name: np.full((n_heads, len(ids)), np.nan) for name in PER_HEAD}
    alone = plain.of(~np.isin(plain.patterns, off.patterns))
    for rows in (alone, off):
        columns = np.searchsorted(ids, rows.patterns)
        for name in PER_HEAD:
            if name in rows.columns:
                arrays[name][rows.heads, columns] = rows.columns[name]
    arrays["mass"][:, on_first], arrays["control"][:, on_first] = 1, 0
    shared = {name: alone.first(name) | off.first(name) for name in _SHARED}
    n_sequences = plain.first("n_sequences")
    # Rivals have no scores of all attention; they are found in the sequences of everybody.
    most = max(n_sequences.values(), default=0)
    of_all, off_sink = overlaps.between(ids)
    return ProbeScores(
        patterns=tuple(names[pattern] for pattern in ids.tolist()),
        on_first=on_first,
        **arrays,
        chance=np.array([shared["chance"][pattern] for pattern in ids.tolist()], dtype=float),
        n_queries=np.array([shared["n_queries"][pattern] for pattern in ids.tolist()], dtype=float),
        n_sequences=np.array([n_sequences.get(pattern, most) for pattern in ids.tolist()], dtype=float),
        overlaps=np.where(np.outer(on_first, on_first), of_all, off_sink),
    )


@dataclass(frozen=True)
class _Overlaps:
    """Overlaps of pairs of patterns, by their numbers: of all attention and off the sink."""

    patterns: Float64[np.ndarray, " pair"]
    others: Float64[np.ndarray, " pair"]
    values: Float64[np.ndarray, "pair 2"]

    def between(self, ids: Int64[np.ndarray, " pattern"]) -> Float64[np.ndarray, "2 pattern pattern"]:
        """Those of some patterns, in ascending order, of all attention and off the sink; 0 where there is none."""
        overlaps = np.zeros((2, len(ids), len(ids)))
        known = np.isin(self.patterns, ids) & np.isin(self.others, ids)
        rows, columns = (np.searchsorted(ids, numbers[known]) for numbers in (self.patterns, self.others))
        overlaps[:, rows, columns] = self.values[known].T
        return overlaps


_NO_OVERLAPS = _Overlaps(np.zeros(0), np.zeros(0), np.zeros((0, 2)))


def _overlaps(store: Store, scan: int, kind: str, window: int | None) -> dict[str, _Overlaps]:
    """The overlaps of patterns on each probe.

    Where no text of a probe is longer than the window, its layers see what others see.
    """
    rows = store.db.execute(
        "select probe_id, window, pattern_id, other_id, score, coalesce(off_sink, 0) from overlaps "
        "where scan_id = ? and attention = ?",
        [scan, kind],
    ).fetchall()
    every = np.array(rows, dtype=float).reshape(-1, 6)
    overlaps = {}
    for probe, name in store.db.execute("select id, name from probes").fetchall():
        own = every[every[:, 0] == probe]
        slides = own[:, 1] == (np.nan if window is None else window)
        own = own[slides] if slides.any() else own[np.isnan(own[:, 1])]
        if len(own):
            overlaps[name] = _Overlaps(own[:, 2], own[:, 3], own[:, 4:])
    return overlaps
