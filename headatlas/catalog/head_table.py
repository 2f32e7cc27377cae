"""What heads score, as numbers that can be compared between heads, scans and models."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from headatlas.heads import ATTENTION_KINDS, head_name
from headatlas.patterns import PATTERNS
from headatlas.store import profiles

if TYPE_CHECKING:
    from jaxtyping import Bool, Float, Int

    from headatlas.catalog.reader import Reader
    from headatlas.store.profiles import Column, Profile

# Tokens of mean distance that count as 1.
_MAX_DISTANCE = 256.0


class ScannedHead(NamedTuple):
    """A head of a scan."""

    model: str
    attention: str
    layer: int
    head: int

    @property
    def name(self) -> str:
        """L5H1."""
        return head_name(self.attention, self.layer, self.head)


@dataclass(frozen=True)
class ScanProfile:
    """A scan's profile, and what the heads of its rows are called."""

    heads: tuple[ScannedHead, ...]
    profile: Profile

    @cached_property
    def shown(self) -> Float[np.ndarray, "head column"]:
        """What a head does, in the patterns' own units: the sink-free score where it is higher, else the score."""
        profile = self.profile
        known = [PATTERNS.get(column.pattern) for column in profile.columns]
        of_the_sink = np.array([pattern is not None and pattern.on_sink for pattern in known], dtype=bool)
        with np.errstate(invalid="ignore"):
            is_hidden = (profile.sink_free > profile.score) & ~(profile.statistics | of_the_sink)
        return np.where(is_hidden, profile.sink_free, profile.score).astype(float)

    @cached_property
    def scaled(self) -> Float[np.ndarray, "head column"]:
        """The same made comparable: 0 at chance, 1 for a perfect head; distances in tokens by their logarithm.

        A statistic that this installation does not have, and whose numbers are no shares, does not count (NaN).
        """
        chance = np.nan_to_num(self.profile.chance).astype(float)
        with np.errstate(divide="ignore", invalid="ignore"):
            scaled: np.ndarray = np.where(chance < 1, (self.shown - chance) / (1 - chance), np.nan)
        for number, column in enumerate(self.profile.columns):
            pattern = PATTERNS.get(column.pattern)
            if pattern is None:  # a plug-in's of elsewhere: a share, unless a statistic's numbers say otherwise
                own = self.shown[:, number]
                if self.profile.statistics[number] and np.nan_to_num(own).max(initial=0) > 1:
                    scaled[:, number] = np.nan
            elif pattern.scale == "log":
                scaled[:, number] = np.log1p(np.maximum(self.shown[:, number], 0)) / np.log1p(_MAX_DISTANCE)
        return scaled


@dataclass(frozen=True)
class HeadTable:
    """The scores of all heads of some scans.

    Row i of each array is `heads[i]`, whose number in the database (`heads.id`) is `ids[i]`. Rows are in the order of
    models, kinds of attention, layers and heads; columns are patterns, each on its own probe, in the order of their
    names. `shown` is what a head does in the patterns' own units, `scaled` the same made comparable (`ScanProfile` says
    how); both are NaN where a head has no score. `statistics` says which columns are no share of attention.
    """

    heads: tuple[ScannedHead, ...]
    ids: Int[np.ndarray, " head"]
    columns: tuple[Column, ...]
    shown: Float[np.ndarray, "head column"]
    scaled: Float[np.ndarray, "head column"]
    statistics: Bool[np.ndarray, " column"]

    def rows_of(self, model: str) -> Int[np.ndarray, " row"]:
        """Rows of a model's heads."""
        return np.flatnonzero([head.model == model for head in self.heads])


def read_scan(reader: Reader, model: str) -> ScanProfile:
    """The profile of a model's finished scan.

    Raises:
        UnknownNameError: a model that the database does not hold.
    """
    scan = reader.scan(model)["id"]
    profile = profiles.read(reader.connection, scan)
    heads = {
        row["id"]: ScannedHead(model, row["attention"], row["layer"], row["head"])
        for row in reader.rows("select id, attention, layer, head from heads where scan_id = ?", [scan])
    }
    return ScanProfile(tuple(heads[number] for number in profile.heads.tolist()), profile)


def head_table(scans: Sequence[ScanProfile]) -> HeadTable:
    """The heads of several scans in one table."""
    columns = tuple(sorted({column for scan in scans for column in scan.profile.columns}))
    heads = [head for scan in scans for head in scan.heads]
    kinds = list(ATTENTION_KINDS)
    order = sorted(
        range(len(heads)), key=lambda row: (heads[row].model, kinds.index(heads[row].attention), heads[row][2:])
    )
    statistics = {
        column
        for scan in scans
        for column, is_statistic in zip(scan.profile.columns, scan.profile.statistics, strict=True)
        if is_statistic
    }
    none = np.zeros((0, len(columns)))
    return HeadTable(
        heads=tuple(heads[row] for row in order),
        ids=np.concatenate([np.zeros(0, int), *(scan.profile.heads for scan in scans)])[order],
        columns=columns,
        shown=np.concatenate([none, *(_aligned(scan.shown, scan.profile.columns, columns) for scan in scans)])[order],
        scaled=np.concatenate([none, *(_aligned(scan.scaled, scan.profile.columns, columns) for scan in scans)])[order],
        statistics=np.array([column in statistics for column in columns], dtype=bool),
    )


def _aligned(
    values: Float[np.ndarray, "head column"], columns: Sequence[Column], wanted: Sequence[Column]
) -> Float[np.ndarray, "head wanted"]:
    """Values in the order of other columns; NaN for those that are not there."""
    position = {column: number for number, column in enumerate(wanted)}
    aligned = np.full((len(values), len(wanted)), np.nan)
    aligned[:, [position[column] for column in columns]] = values
    return aligned
