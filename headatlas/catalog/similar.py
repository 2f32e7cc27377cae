"""The heads of a database that behave most like a given one, and what makes them alike."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from headatlas.catalog.head_distances import find_nearest
from headatlas.catalog.head_table import HeadTable, ScannedHead, head_table, read_heads, read_scan
from headatlas.errors import HeadatlasError
from headatlas.heads import OfHead, head_name

if TYPE_CHECKING:
    from headatlas.catalog.reader import Reader

# Both heads score at least this for a pattern that they are said to share.
MIN_SHARED_SCORE = 0.2
# Scores that are nearer than this are the same, others differ.
MAX_SAME_DIFFERENCE = 0.1
# Patterns named as shared, and as different.
TOP_K = 3

PatternScores = tuple[str, float, float]


@dataclass(frozen=True)
class Neighbour(OfHead):
    """A head near another one; `same` and `differs` hold (pattern, score of that other one, score of this one)."""

    model: str
    attention: str
    layer: int
    head: int
    distance: float
    same: tuple[PatternScores, ...]
    differs: tuple[PatternScores, ...]

    @property
    def explanation(self) -> str:
        """`same: induction 0.89/0.91; differs: sink_mass 0.05/0.40`."""
        parts = [
            f"{word}: " + ", ".join(f"{pattern} {first:.2f}/{second:.2f}" for pattern, first, second in scores)
            for word, scores in (("same", self.same), ("differs", self.differs))
            if scores
        ]
        return "; ".join(parts) or "both do little of anything measured"


def similar(
    reader: Reader, model: str, attention: str, layer: int, head: int, *, among: str | None = None, limit: int = 10
) -> list[Neighbour]:
    """The heads nearest to one, over all models (or `among` one), nearest first.

    The distance is that of `headatlas.catalog.head_distances`; equally near heads are in the order of their models'
    names, then of their numbers in the database.

    Raises:
        UnknownNameError: a model or head that the database does not hold.
        HeadatlasError: the head was measured on nothing that can be compared.
    """
    number = reader.head_id(model, attention, layer, head)
    models = {model, reader.scan(among)["model"]} if among else {scan["model"] for scan in reader.scans()}
    table = head_table([read_scan(reader, name) for name in models])
    row = table.row_of(number)
    if not np.isfinite(table.scaled[row]).any():
        raise HeadatlasError(f"{head_name(attention, layer, head)} of {model} has no scores to compare.")
    candidates = table.rows_of(among) if among else np.arange(len(table))
    nearest = find_nearest(reader, table, row, candidates, limit)
    heads = read_heads(reader, [int(table.ids[other]) for other, _ in nearest])
    return [neighbour(table, row, other, heads[int(table.ids[other])], distance) for other, distance in nearest]


def neighbour(table: HeadTable, row: int, other: int, head: ScannedHead, distance: float) -> Neighbour:
    """The head in row `other`, which is called `head`, as a neighbour of the one in `row`."""
    same, differs = explain(table, row, other)
    return Neighbour(*head, distance, same, differs)


def explain(table: HeadTable, row: int, other: int) -> tuple[tuple[PatternScores, ...], tuple[PatternScores, ...]]:
    """What two heads have in common (both scores notable and nearly equal), and in what they differ most."""
    here, there = table.shown[row], table.shown[other]
    names = [column.pattern for column in table.columns]
    scores = [(name, float(a), float(b)) for name, a, b in zip(names, here, there, strict=True)]
    gap = np.abs(there - here)
    # Statistics of rows are named where they differ; "both have entropy 0.5" says nothing.
    common = np.where((gap <= MAX_SAME_DIFFERENCE) & ~table.statistics, np.minimum(here, there), -1)
    apart = np.where(table.shares & np.isfinite(gap), gap, -1)
    same = [scores[i] for i in np.argsort(-common, kind="stable")[:TOP_K] if common[i] >= MIN_SHARED_SCORE]
    differs = [scores[i] for i in np.argsort(-apart, kind="stable")[:TOP_K] if apart[i] > MAX_SAME_DIFFERENCE]
    return tuple(same), tuple(differs)
