"""Which probe a scan is read on where it did not run the one that a pattern was made for."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple, Protocol


class Rows(Protocol):
    """What answers SQL with rows: a `headatlas.catalog.reader.Reader`, which imports this module."""

    def rows(self, sql: str, parameters: Sequence[Any] = ()) -> list[Any]:
        """All rows of a query."""
        ...


class StandIn(NamedTuple):
    """For scans of `model`, patterns made for the probe `own`, which was not run, are read on the probe `probe`."""

    model: str
    own: str
    probe: str


def stand_ins(reader: Rows, model: str | None = None, pattern: str | None = None) -> list[StandIn]:
    """The probes that stand in for others, of one model or of all.

    A scan of one probe, or of none that any pattern was made for (texts of the user's own, recorded attention), has
    nothing else to be read on. Where a pattern is asked for by name, any scan that did not run its probe has a
    stand-in: of the probes with scores for it the one with most queries; otherwise the longest.
    """
    own = _own_probes(reader, pattern)
    ran = _ran(reader, model)
    known = {row[0] for row in reader.rows("select distinct probe from patterns where kind <> 'rival'")}
    result = []
    for name, lengths in ran.items():
        missing = sorted(own - lengths.keys())
        needed = pattern is not None or len(lengths) == 1 or not known & lengths.keys()
        if missing and needed:
            if pattern is not None and len(lengths) > 1:
                lengths = _queries(reader, name, pattern) or lengths
            longest = max(sorted(lengths), key=lambda probe: lengths[probe])
            result += [StandIn(name, probe, longest) for probe in missing]
    return result


def as_parameter(rows: Iterable[StandIn]) -> str:
    """Stand-ins as JSON, for SQL."""
    return json.dumps([list(row) for row in rows])


def _own_probes(reader: Rows, pattern: str | None) -> set[str]:
    """The probes that patterns were made for, by their newest versions."""
    rows = reader.rows(
        "select name, probe, max(version) from patterns where kind <> 'rival' and (?1 is null or name = ?1) "
        "group by name",
        [pattern],
    )
    return {row["probe"] for row in rows}


def _ran(reader: Rows, model: str | None) -> dict[str, dict[str, int]]:
    """The probes that scans ran, each with how many tokens it had."""
    ran: dict[str, dict[str, int]] = defaultdict(dict)
    for row in reader.rows(
        "select model, name, sum(n_tokens) from scan_probes join probes on probes.id = probe_id "
        "join scans on scans.id = scan_id where status = 'done' and n_sequences > 0 and (?1 is null or model = ?1) "
        "group by model, name",
        [model],
    ):
        ran[row[0]][row[1]] = row[2]
    return ran


def _queries(reader: Rows, model: str, pattern: str) -> dict[str, int]:
    """The probes on which a scan has scores for a pattern, each with how many queries they are of."""
    rows = reader.rows(
        "select probe, sum(n_queries) from head_scores where model = ? and pattern = ? and score is not null "
        "group by probe",
        [model, pattern],
    )
    return {row[0]: row[1] for row in rows}
