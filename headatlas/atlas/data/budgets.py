"""What the heads of a scan divide their attention among, in arrays: lists of pairs would take far more room."""

from __future__ import annotations

import hashlib
from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby, islice

BATCH = 20_000  # rows of the database that are Python objects at a time


class BudgetsByHead(Mapping[int, dict[str, list[tuple[str, float]]]]):
    """Head id -> probe -> parts with their shares, in the order in which the database has them.

    Args:
        rows: head id, probe, part and share; those of a head on a probe together.
    """

    def __init__(self, rows: Iterable[Sequence[int | str | float]] = ()) -> None:
        self._names: dict[str, int] = {}
        self._probes, self._parts, self._shares = array("h"), array("h"), array("d")
        # Of each head the first row and the one after the last, pair after pair: they need not lie together.
        self._spans: dict[int, list[int]] = {}
        rows = iter(rows)
        while batch := list(islice(rows, BATCH)):
            self._add(batch)
        self._called = list(self._names)

    def _add(self, batch: Sequence[Sequence[int | str | float]]) -> None:
        """Column by column: there are a million rows."""
        heads, probes, parts, shares = zip(*batch, strict=True)
        start, names = len(self._shares), self._names
        for name in dict.fromkeys((*probes, *parts)):
            names.setdefault(str(name), len(names))
        self._probes.extend(names[str(probe)] for probe in probes)
        self._parts.extend(names[str(part)] for part in parts)
        self._shares.extend(map(float, shares))
        for head, rows in groupby(heads):
            end = start + sum(1 for _ in rows)
            spans = self._spans.setdefault(int(head), [start, start])
            if spans[-1] == start:
                spans[-1] = end
            else:
                spans += [start, end]
            start = end

    def __getitem__(self, head: int) -> dict[str, list[tuple[str, float]]]:
        budgets: dict[str, list[tuple[str, float]]] = {}
        spans = self._spans[head]
        for start, end in zip(spans[::2], spans[1::2], strict=True):
            for row in range(start, end):
                parts = budgets.setdefault(self._called[self._probes[row]], [])
                parts.append((self._called[self._parts[row]], self._shares[row]))
        return budgets

    def __iter__(self) -> Iterator[int]:
        return iter(self._spans)

    def __len__(self) -> int:
        return len(self._spans)

    def __repr__(self) -> str:
        return f"budgets of {len(self)} heads"

    def update(self, digest: hashlib._Hash) -> None:
        """Adds all that is here to a digest."""
        digest.update(repr((self._called, self._spans)).encode("utf-8", "surrogatepass"))
        for numbers in (self._probes, self._parts, self._shares):
            digest.update(numbers.tobytes())
