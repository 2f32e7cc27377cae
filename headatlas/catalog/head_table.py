"""What heads score, as numbers that can be compared between heads, scans and models."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from headatlas.catalog import headvis_metrics
from headatlas.heads import Head
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
        return str(self.of_model)

    @property
    def of_model(self) -> Head:
        """The head without the name of its model."""
        return Head(self.attention, self.layer, self.head)


@dataclass(frozen=True)
class ScanProfile:
    """The profile of a model's finished scan."""

    model: str
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
            theirs = headvis_metrics.scaled(column.pattern, self.shown[:, number])
            if theirs is not None and column.probe == headvis_metrics.PROBE:
                scaled[:, number] = theirs
            elif pattern is None:  # a plug-in's of elsewhere: a share, unless a statistic's numbers say otherwise
                own = self.shown[:, number]
                if self.profile.statistics[number] and np.nan_to_num(own).max(initial=0) > 1:
                    scaled[:, number] = np.nan
            elif pattern.scale == "log":
                scaled[:, number] = np.log1p(np.maximum(self.shown[:, number], 0)) / np.log1p(_MAX_DISTANCE)
        return scaled


@dataclass(frozen=True)
class HeadTable:
    """The scores of all heads of some scans.

    Row i of each array is the head with the number `ids[i]` (`heads.id`), of the model `models[model_of[i]]`. Rows are
    in the order of the models' names, then of those numbers; columns are patterns, each on its own probe, in the order
    of their names. `shown` is what a head does in the patterns' own units, `scaled` the same made comparable (see
    `ScanProfile`); both are NaN where a head has no score. `statistics` says which columns are no share of attention.
    """

    models: tuple[str, ...]
    model_of: Int[np.ndarray, " head"]
    ids: Int[np.ndarray, " head"]
    columns: tuple[Column, ...]
    shown: Float[np.ndarray, "head column"]
    scaled: Float[np.ndarray, "head column"]
    statistics: Bool[np.ndarray, " column"]

    def __len__(self) -> int:
        return len(self.ids)

    @cached_property
    def shares(self) -> Bool[np.ndarray, " column"]:
        """Which columns' numbers are shares, as those of patterns that this installation does not have are held for."""
        known = [PATTERNS.get(column.pattern) for column in self.columns]
        return np.array([pattern is None or pattern.scale == "share" for pattern in known], dtype=bool)

    def row_of(self, head: int) -> int:
        """Row of the head with a number."""
        return int(np.flatnonzero(self.ids == head)[0])

    def rows_of(self, model: str) -> Int[np.ndarray, " row"]:
        """Rows of a model's heads."""
        return np.flatnonzero(self.model_of == self.models.index(model))


def read_scan(reader: Reader, model: str) -> ScanProfile:
    """The profile of a model's finished scan.

    Raises:
        UnknownNameError: a model that the database does not hold.
    """
    return ScanProfile(model, profiles.read(reader.connection, reader.scan(model)["id"]))


def head_table(scans: Sequence[ScanProfile]) -> HeadTable:
    """The heads of several scans in one table."""
    scans = sorted(scans, key=lambda scan: scan.model)
    columns = tuple(sorted({column for scan in scans for column in scan.profile.columns}))
    statistics = {
        column
        for scan in scans
        for column, is_statistic in zip(scan.profile.columns, scan.profile.statistics, strict=True)
        if is_statistic
    }
    none = np.zeros((0, len(columns)))
    return HeadTable(
        models=tuple(scan.model for scan in scans),
        model_of=np.repeat(np.arange(len(scans)), [len(scan.profile.heads) for scan in scans]),
        ids=np.concatenate([np.zeros(0, int), *(scan.profile.heads for scan in scans)]),
        columns=columns,
        shown=np.concatenate([none, *(_aligned(scan.shown, scan.profile.columns, columns) for scan in scans)]),
        scaled=np.concatenate([none, *(_aligned(scan.scaled, scan.profile.columns, columns) for scan in scans)]),
        statistics=np.array([column in statistics for column in columns], dtype=bool),
    )


def read_heads(reader: Reader, ids: Sequence[int]) -> dict[int, ScannedHead]:
    """What the heads with some numbers are called."""
    rows = reader.rows(
        "select heads.id, model, attention, layer, head from heads join scans on scans.id = scan_id "
        "where heads.id in (select value from json_each(?))",
        [json.dumps([int(number) for number in ids])],
    )
    return {row["id"]: ScannedHead(*tuple(row)[1:]) for row in rows}


def _aligned(
    values: Float[np.ndarray, "head column"], columns: Sequence[Column], wanted: Sequence[Column]
) -> Float[np.ndarray, "head wanted"]:
    """Values in the order of other columns; NaN for those that are not there."""
    position = {column: number for number, column in enumerate(wanted)}
    aligned = np.full((len(values), len(wanted)), np.nan)
    aligned[:, [position[column] for column in columns]] = values
    return aligned
