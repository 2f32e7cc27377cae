"""Edges between a model's heads that were measured: whose removal takes whose pattern away, and what goes straight."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from headatlas.catalog.reader import Reader


class Edge(NamedTuple):
    """What a later head's `score` on the pattern of its `label` changes by while an earlier head is out; head ids."""

    earlier: int
    later: int
    label: str
    score: float
    change: float


class PathPart(NamedTuple):
    """What of an earlier head's effect goes straight through what a later head reads; head ids.

    `route` is q, k, v or all; `effect` how much worse the model does, in the unit of the type of evidence `kind`;
    `score_lost` what the later head's `score` on `pattern` falls by, None where it has no pattern that can be scored.
    """

    earlier: int
    later: int
    route: str
    probe: str
    kind: str
    effect: float
    low: float | None
    high: float | None
    pattern: str | None
    score: float | None
    score_lost: float | None


@dataclass(frozen=True)
class ScanEdges:
    """The edges of a scan, what changes most first; empty where none were measured."""

    edges: Sequence[Edge] = ()
    paths: Sequence[PathPart] = ()

    @cached_property
    def by_later(self) -> dict[int, list[Edge]]:
        """The edges by the head that reads, what changes most first."""
        return _grouped(self.edges, [edge.later for edge in self.edges])

    @cached_property
    def by_earlier(self) -> dict[int, list[Edge]]:
        """The edges by the head that is read, what changes most first."""
        return _grouped(self.edges, [edge.earlier for edge in self.edges])

    def __repr__(self) -> str:
        return f"{len(self.edges)} edges, {len(self.paths)} parts of paths"

    def update(self, digest: hashlib._Hash) -> None:
        """Adds all that is here to a digest."""
        for row in (*self.edges, *self.paths):
            digest.update(repr(tuple(row)).encode("utf-8", "surrogatepass"))


def read_edges(reader: Reader, scan: int) -> ScanEdges:
    """Edges and kept paths between the heads of a scan; nothing in files of before there were any."""
    return ScanEdges(_edges(reader, scan), _paths(reader, scan))


def _grouped(edges: Sequence[Edge], heads: Sequence[int]) -> dict[int, list[Edge]]:
    grouped: dict[int, list[Edge]] = defaultdict(list)
    for head, edge in zip(heads, edges, strict=True):
        grouped[head].append(edge)
    return dict(grouped)


def _edges(reader: Reader, scan: int) -> list[Edge]:
    if not _has(reader, "edges"):
        return []
    rows = reader.each(
        """select earlier_id, head_id, label, score, change from edges join heads on heads.id = head_id
           where scan_id = ? order by abs(change) desc, head_id, label, earlier_id""",
        [scan],
    )
    return [Edge(*row) for row in rows]


def _paths(reader: Reader, scan: int) -> list[PathPart]:
    """Where an edge was measured in both ways of replacing on a probe, the one with the mean."""
    if not _has(reader, "paths"):
        return []
    rows = reader.each(
        """select earlier_id, head_id, route, probes.name, paths.kind, effect, ci_low, ci_high, pattern, score,
                  score_lost
           from paths join heads on heads.id = head_id join probes on probes.id = probe_id
           where scan_id = ? and route <> 'total' and resampled = (
             select min(resampled) from paths as other where (other.head_id, other.earlier_id, other.probe_id)
               = (paths.head_id, paths.earlier_id, paths.probe_id))
           order by abs(effect) desc, head_id, earlier_id, probe_id, route""",
        [scan],
    )
    return [PathPart(*row) for row in rows]


def _has(reader: Reader, table: str) -> bool:
    return bool(reader.rows("select 1 from sqlite_master where name = ?", [table]))
