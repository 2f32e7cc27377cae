"""Heads that behave alike, over all models, and what makes them alike.

The distance of two heads is the root mean square difference of their profiles over the patterns that both were
measured on. A profile holds, for each pattern on its own probe, how far the head is above chance, as a share of what
is possible: (score - chance) / (1 - chance). Where the attention sink hides what a head does, the sink-free score is
taken; what the sink itself takes has columns of its own (patterns that are `on_sink`). Statistics of rows that are no
shares (such as a distance in tokens) count by their logarithm; those that this installation does not have, and whose
numbers show that they are no shares, do not count. Where the database has the table `distances` (attention by
distance), the heads nearest by profile are ordered anew with one more column a probe: the Hellinger distance of the
two heads' distributions over distance.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from headatlas.errors import HeadatlasError
from headatlas.heads import head_name
from headatlas.patterns import PATTERNS
from headatlas.store import profiles

if TYPE_CHECKING:
    from jaxtyping import Float

    from headatlas.catalog.catalog import Catalog

# A share of attention that is worth naming, and a difference that is.
NOTABLE, DIFFERENT = 0.2, 0.1
# Two heads must have been measured on at least this share of the patterns.
SHARED = 0.5
# Heads nearest by profile whose attention by distance is compared too.
RERANKED = 200
# Longest distance, in tokens, that the logarithm is scaled by.
_FAR = 256.0


@dataclass(frozen=True)
class Neighbour:
    """A head near another one; `same` and `differs` hold (pattern, value there, value here)."""

    model: str
    attention: str
    layer: int
    head: int
    distance: float
    same: tuple[tuple[str, float, float], ...]
    differs: tuple[tuple[str, float, float], ...]

    @property
    def name(self) -> str:
        """L5H1."""
        return head_name(self.attention, self.layer, self.head)

    @property
    def explanation(self) -> str:
        """`same: induction 0.89/0.91; differs: sink_mass 0.05/0.40`."""
        parts = [
            f"{word}: " + ", ".join(f"{pattern} {first:.2f}/{second:.2f}" for pattern, first, second in found)
            for word, found in (("same", self.same), ("differs", self.differs))
            if found
        ]
        return "; ".join(parts) or "both do little of anything measured"


def shown_values(profile: profiles.Profile) -> Float[np.ndarray, "head column"]:
    """What a head does, in the patterns' own units: the sink-free score where it is higher, else the score."""
    known = [PATTERNS.get(column.pattern) for column in profile.columns]
    free = profile.statistics | np.array([one is not None and one.on_sink for one in known], dtype=bool)
    with np.errstate(invalid="ignore"):
        return np.where(free | ~(profile.sink_free > profile.score), profile.score, profile.sink_free)


def scaled(values: Float[np.ndarray, "head column"], profile: profiles.Profile) -> Float[np.ndarray, "head column"]:
    """Values made comparable: 0 at chance, 1 for a perfect head; distances by their logarithm."""
    chance = np.nan_to_num(profile.chance)
    with np.errstate(divide="ignore", invalid="ignore"):
        found = np.where(chance < 1, (values - chance) / (1 - chance), np.nan)
    for number, column in enumerate(profile.columns):
        known = PATTERNS.get(column.pattern)
        if known is None:  # a plug-in's of elsewhere: a share, unless a statistic's numbers say otherwise
            if profile.statistics[number] and np.nan_to_num(values[:, number]).max(initial=0) > 1:
                found[:, number] = np.nan
        elif known.scale == "log":
            found[:, number] = np.log1p(np.maximum(values[:, number], 0)) / np.log1p(_FAR)
    return found.astype(np.float32)


def similar(
    catalog: Catalog, model: str, attention: str, layer: int, head: int, *, among: str | None = None, limit: int = 10
) -> list[Neighbour]:
    """The heads nearest to one, over all models (or `among` one), nearest first.

    Raises:
        UnknownNameError: a model or head that the database does not hold.
        HeadatlasError: the head was measured on nothing that can be compared.
    """
    scan = catalog.scan(model)
    number = catalog.head_id(model, attention, layer, head)
    own = profiles.read(catalog.connection, scan["id"])
    (row,) = np.flatnonzero(own.heads == number)
    shown = shown_values(own)
    here, here_scaled = shown[row], scaled(shown, own)[row]
    if not np.isfinite(here_scaled).any():
        raise HeadatlasError(f"{head_name(attention, layer, head)} of {model} has no scores to compare.")
    ids, distances, values = [], [], []
    for other in [catalog.scan(among)] if among else catalog.scans():
        profile = own if other["id"] == scan["id"] else profiles.read(catalog.connection, other["id"])
        theirs = shown_values(profile)
        aligned = align(theirs, profile, own)
        distances.append(rms(align(scaled(theirs, profile), profile, own), here_scaled))
        ids.append(profile.heads)
        values.append(aligned)
    all_ids, far, all_values = np.concatenate(ids), np.concatenate(distances), np.concatenate(values)
    far[all_ids == number] = np.inf
    near = np.argsort(far, kind="stable")[: max(RERANKED, limit)]
    near = near[np.isfinite(far[near])]
    far[near] = _with_offsets(catalog, number, all_ids[near], far[near], int(np.isfinite(here_scaled).sum()))
    order = near[np.argsort(far[near], kind="stable")][:limit]
    places = {
        row["id"]: row
        for row in catalog.rows(
            "select heads.id, model, attention, layer, head from heads join scans on scans.id = scan_id "
            f"where heads.id in ({','.join(str(int(all_ids[one])) for one in order)})"
        )
    }
    names = [one.pattern for one in own.columns]
    statistics = own.statistics
    found = []
    for one in order:
        place = places[int(all_ids[one])]
        same, differs = explain(names, here, all_values[one], statistics)
        found.append(
            Neighbour(place["model"], place["attention"], place["layer"], place["head"], float(far[one]), same, differs)
        )
    return found


def _with_offsets(
    catalog: Catalog, head: int, others: np.ndarray, far: Float[np.ndarray, " other"], n_columns: int
) -> Float[np.ndarray, " other"]:
    """Distances with one more column a probe: Hellinger distance between the heads' attention by offset."""
    if not catalog.rows("select 1 from sqlite_master where name = 'distances'"):
        return far
    numbers = ",".join(str(int(one)) for one in (head, *others))
    rows = catalog.rows(f"select head_id, probe_id, first, attention from distances where head_id in ({numbers})")
    by_head: dict[int, dict[tuple[int, int], np.ndarray]] = {}
    for row in rows:
        weights = np.maximum(np.array(json.loads(row["attention"]), dtype=float), 0)
        if weights.sum() > 0:
            by_head.setdefault(row["head_id"], {})[row["probe_id"], row["first"]] = weights / weights.sum()
    own = by_head.get(head, {})
    squares, counts = np.zeros(len(others)), np.zeros(len(others))
    for place, other in enumerate(others):
        for key, theirs in by_head.get(int(other), {}).items():
            mine = own.get(key)
            if mine is not None:
                size = min(len(mine), len(theirs))
                overlap = np.sqrt(mine[:size] * theirs[:size]).sum()
                squares[place] += max(0.0, 1 - overlap)
                counts[place] += 1
    found: np.ndarray = np.sqrt((n_columns * far**2 + squares) / (n_columns + counts))
    return found


def align(
    values: Float[np.ndarray, "head column"], profile: profiles.Profile, own: profiles.Profile
) -> Float[np.ndarray, "head own_column"]:
    """Columns of one profile in the order of another; NaN where it lacks one."""
    if profile.columns == own.columns:
        return values
    places = {column: number for number, column in enumerate(profile.columns)}
    found = np.full((len(values), len(own.columns)), np.nan, np.float32)
    for number, column in enumerate(own.columns):
        if column in places:
            found[:, number] = values[:, places[column]]
    return found


def rms(values: Float[np.ndarray, "head column"], here: Float[np.ndarray, " column"]) -> Float[np.ndarray, " head"]:
    """Root mean square difference over shared columns; infinite where fewer than `SHARED` of them are."""
    difference = values - here
    shared = np.isfinite(difference).sum(-1)
    squares = np.where(np.isfinite(difference), difference, 0) ** 2
    with np.errstate(divide="ignore", invalid="ignore"):
        found = np.sqrt(squares.sum(-1) / shared)
    found[shared < max(1, SHARED * np.isfinite(here).sum())] = np.inf
    return found


def explain(
    names: list[str], here: np.ndarray, there: np.ndarray, statistics: np.ndarray, most: int = 3
) -> tuple[tuple[tuple[str, float, float], ...], tuple[tuple[str, float, float], ...]]:
    """What two heads have in common (both notable, nearly equal) and in what they differ most."""
    gap = np.abs(there - here)
    pairs = [(name, float(a), float(b)) for name, a, b in zip(names, here, there, strict=True)]
    # Statistics of rows are shown where they differ; "both have entropy 0.5" says nothing.
    alike = np.where((gap <= DIFFERENT) & ~statistics, np.minimum(here, there), -1)
    known = [PATTERNS.get(name) for name in names]
    share = np.array([one is None or one.scale == "share" for one in known], dtype=bool)
    apart = np.where(share & np.isfinite(gap), gap, -1)
    same = [pairs[one] for one in np.argsort(-alike, kind="stable")[:most] if alike[one] >= NOTABLE]
    differs = [pairs[one] for one in np.argsort(-apart, kind="stable")[:most] if apart[one] > DIFFERENT]
    return tuple(same), tuple(differs)
