"""What each head does, as one row of numbers: the matrix behind `similar` and best matches.

A column is a pattern on the probe it was made for, or where that was not run on the probe that has most queries for it;
what heads are not compared by (see `is_compared`) has none. The matrix of a scan is kept in the table `profiles`,
since reading two million scores row by row takes seconds; it holds nothing that `scores` does not.
"""

from __future__ import annotations

import json
import sqlite3
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, runtime_checkable

from headatlas.patterns.lookup import is_compared
from headatlas.store.blobs import inflate

if TYPE_CHECKING:
    import numpy as np
    from jaxtyping import Bool, Float, Int

# Goes up when the stored matrix would be made otherwise; other versions are made anew when read.
VERSION = 2
# Of one that is unpacked: 100,000 heads on 200 patterns and probes.
MAX_BYTES = 2**28

_COLUMNS = """
with ran as (
    select probes.id, name, version from scan_probes join probes on probes.id = probe_id
    where scan_id = ?1 and (n_sequences > 0 or n_sequences is null))
select patterns.name, patterns.version, probes.name, probes.version, patterns.id, probes.id
from ran as probes
join patterns on patterns.probe = probes.name or patterns.probe not in (select name from ran) and probes.id = (
    select probe_id from scores
    where pattern_id = patterns.id and head_id in (select id from heads where scan_id = ?1)
    order by n_queries desc, probe_id limit 1)
where exists (
    select 1 from scores where pattern_id = patterns.id and probe_id = probes.id
    and head_id in (select id from heads where scan_id = ?1))
order by 1, 2, 3, 4
"""


class Column(NamedTuple):
    """What a column of a profile measures; scores of different versions are not compared."""

    pattern: str
    version: int
    probe: str
    probe_version: int


@runtime_checkable
class Connection(Protocol):
    """What reading and writing connections share."""

    def execute(self, sql: str, parameters: Sequence[Any] = ...) -> sqlite3.Cursor:
        """Runs one statement."""
        ...


@dataclass(frozen=True)
class Profile:
    """Scores of a scan's heads on the patterns' own probes; NaN where there is none.

    All are [head, column]; `chance`, which depends on what a kind of attention may look at, is NaN for a statistic.
    """

    columns: tuple[Column, ...]
    heads: Int[np.ndarray, " head"]
    score: Float[np.ndarray, "head column"]
    sink_free: Float[np.ndarray, "head column"]
    chance: Float[np.ndarray, "head column"]

    @property
    def statistics(self) -> Bool[np.ndarray, " column"]:
        """Columns that are a statistic of rows, not a share on target keys."""
        import numpy as np

        without_chance: np.ndarray = np.isnan(self.chance).all(0)
        return without_chance


def read(connection: Connection, scan: int) -> Profile:
    """A scan's profile: the stored one, or made from the scores where none of these heads is stored."""
    import numpy as np

    row = connection.execute(
        "select columns, n_heads, data from profiles where scan_id = ? and version = ?", [scan, VERSION]
    ).fetchone()
    if row is None:
        return make(connection, scan)
    columns, n_heads = tuple(Column(*values) for values in json.loads(row[0])), row[1]
    data = inflate(row[2], n_heads * (8 + 12 * len(columns)), "A stored profile", MAX_BYTES)
    heads = np.frombuffer(data, "<i8", n_heads)
    if heads.tolist() != _heads_of(connection, scan):
        return make(connection, scan)  # somebody has changed the heads since
    numbers = np.frombuffer(data, "<f4", offset=heads.nbytes)
    return Profile(columns, heads, *numbers.reshape(3, n_heads, len(columns)))


def make(connection: Connection, scan: int, *, every: bool = False) -> Profile:
    """A scan's profile from its scores; with `every` also of what heads are not compared by."""
    import numpy as np

    ids = _heads_of(connection, scan)
    row_of = {head: row for row, head in enumerate(ids)}
    columns = {
        Column(*row[:4]): row[4:]
        for row in connection.execute(_COLUMNS, [scan]).fetchall()
        if every or is_compared(row[0])
    }
    score = np.full((len(ids), len(columns)), np.nan, "<f4")
    sink_free = score.copy()
    chance = score.copy()
    for column, key in enumerate(columns.values()):
        # One column at a time through the primary key: only this scan's rows are touched.
        for head, value, free, expected in connection.execute(
            "select head_id, score, score_nosink, chance from heads cross join scores on head_id = heads.id "
            "where scan_id = ? and pattern_id = ? and probe_id = ?",
            [scan, *key],
        ):
            row = row_of[head]
            score[row, column] = np.nan if value is None else value
            sink_free[row, column] = np.nan if free is None else free
            chance[row, column] = np.nan if expected is None else expected
    return Profile(tuple(columns), np.array(ids, "<i8"), score, sink_free, chance)


def _heads_of(connection: Connection, scan: int) -> list[int]:
    return [row[0] for row in connection.execute("select id from heads where scan_id = ? order by id", [scan])]


def write_missing(connection: Connection) -> None:
    """Stores the profiles of finished scans that have none in this form: the file is of an older version."""
    missing = connection.execute(
        "select id from scans where status = 'done' and id not in (select scan_id from profiles where version = ?)",
        [VERSION],
    ).fetchall()
    for (scan,) in missing:
        write(connection, scan)


def write(connection: Connection, scan: int) -> None:
    """Stores a scan's profile; to be called whenever its scores were written."""
    profile = make(connection, scan)
    parts = (profile.heads, profile.score, profile.sink_free, profile.chance)
    connection.execute(
        "insert or replace into profiles(scan_id, version, columns, n_heads, data) values (?, ?, ?, ?, ?)",
        [scan, VERSION, json.dumps(profile.columns), len(profile.heads),
         zlib.compress(b"".join(part.tobytes() for part in parts), 6)],
    )  # fmt: skip
