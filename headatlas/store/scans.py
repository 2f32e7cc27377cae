"""Writing scans into the database, in transactions that each leave a file worth reading."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from headatlas.patterns import Pattern
from headatlas.probes import Probe, ProbeText
from headatlas.scoring.scores import Scores
from headatlas.scoring.tally import Tally, pack_tallies, unpack_tallies
from headatlas.store import profiles, scan_rows
from headatlas.store.job import Plan
from headatlas.store.writable import WritableDatabase

if TYPE_CHECKING:
    from headatlas.attention.certificate import Certificate
    from headatlas.labels.clusters import Clustering
    from headatlas.labels.label import Label

Head = tuple[str, int, int]  # attention, layer, head

# Tables that belong to a scan, children first, with how their rows are found.
_OF_A_SCAN = (
    ("compositions", "head_id in (select id from heads where scan_id = ?)"),
    ("evidence", "head_id in (select id from heads where scan_id = ?)"),
    ("evidence_parts", "run_id in (select id from evidence_runs where scan_id = ?)"),
    ("evidence_runs", "scan_id = ?"),
    ("head_map", "head_id in (select id from heads where scan_id = ?)"),
    ("kinds", "scan_id = ?"),
    ("distances", "head_id in (select id from heads where scan_id = ?)"),
    ("overlaps", "scan_id = ?"),
    ("labels", "head_id in (select id from heads where scan_id = ?)"),
    ("scores", "head_id in (select id from heads where scan_id = ?)"),
    ("heatmaps", "head_id in (select id from heads where scan_id = ?)"),
    ("examples", "scan_id = ?"),
    ("profiles", "scan_id = ?"),
    ("heads", "scan_id = ?"),
    ("chunks", "scan_id = ?"),
    ("scan_probes", "scan_id = ?"),
    ("certificates", "scan_id = ?"),
    ("layers", "scan_id = ?"),
    ("warnings", "scan_id = ?"),
    ("scans", "id = ?"),
)


@dataclass(frozen=True)
class Heatmap:
    """One head's attention on one example: uint8 [query, key], 255 is 1."""

    probe: str
    sequence: int
    head: Head
    weights: np.ndarray


class Store(WritableDatabase):
    """A headatlas database into which scans are written.

    Raises:
        DatabaseError: the file is something else, comes from a newer version, or cannot be written.
    """

    def finished(self, model: str) -> dict[str, Any] | None:
        """The finished scan of a model."""
        return self.one("select * from scans where model = ? and status = 'done'", [model])

    def unfinished(self, model: str, plan: Plan, digest: str | None) -> dict[str, Any] | None:
        """A scan of the same model with the same plan that was cut off."""
        marks = ", ".join("?" for _ in plan.digests)
        return self.one(
            f"select * from scans where model = ? and digest is ? and plan in ({marks}) and status = 'running'",
            [model, digest, *plan.digests],
        )

    def begin(self, columns: Mapping[str, Any], texts: Iterable[ProbeText], patterns: Iterable[Pattern]) -> int:
        """Starts a scan, instead of any other unfinished one of the same model; returns its number."""
        with self.transaction():
            for row in list(self.db.query("select id from scans where model = ? and status = 'running'",
                                          [columns["model"]])):  # fmt: skip
                self.remove(row["id"])
            scan = self.table("scans").insert({**columns, "status": "running", "started": _now(), "seconds": 0.0})
            number = cast(int, scan.last_pk)
            for one in patterns:
                self._define("patterns", scan_rows.pattern(one))
            for text in texts:
                self._define("probes", scan_rows.probe(text.probe))
                self.table("scan_probes").insert(
                    {
                        "scan_id": number,
                        "probe_id": self._id("probes", text.probe),
                        "n_sequences": len(text.sequences),
                        "n_tokens": sum(map(len, text.sequences)),
                        "note": text.note,
                    }
                )
                self.table("examples").insert_all(
                    {
                        "scan_id": number,
                        "probe_id": self._id("probes", text.probe),
                        "sequence": index,
                        **scan_rows.example(sequence),
                    }
                    for index, sequence in enumerate(text.sequences)
                    if sequence.example
                )
        return number

    def write_certificate(self, scan: int, certificate: Certificate, seconds: float) -> None:
        """Stores the certificate, the layers, the heads to be scored and the warnings, at once."""
        with self.transaction():
            self.table("certificates").insert({"scan_id": scan, **scan_rows.certificate(certificate)})
            self.table("layers").insert_all({"scan_id": scan, **scan_rows.layer(one)} for one in certificate.layers)
            self.table("heads").insert_all(
                {"scan_id": scan, "attention": layer.module.attention, "layer": layer.module.layer, "head": head}
                for layer in certificate.layers
                if layer.scored
                for head in range(layer.n_heads)
            )
            for warning in certificate.warnings:
                self.warn(scan, warning)
            self.db.execute("update scans set seconds = seconds + ? where id = ?", [seconds, scan])

    def warn(self, scan: int, warning: str) -> None:
        """Records a warning, once."""
        self.table("warnings").insert({"scan_id": scan, "warning": warning}, ignore=True)

    def layers(self, scan: int) -> list[dict[str, Any]]:
        """The rows of `layers` of a scan; empty until its certificate is written."""
        return list(self.db.query("select * from layers where scan_id = ? order by rowid", [scan]))

    def chunks_done(self, scan: int) -> set[int]:
        """Numbers of the chunks already written."""
        return {row["chunk"] for row in self.db.query("select chunk from chunks where scan_id = ?", [scan])}

    def write_chunk(
        self, scan: int, chunk: int, tallies: Mapping[str, Tally], heatmaps: Sequence[Heatmap], seconds: float
    ) -> None:
        """Stores a chunk's sums, one tally a kind of attention, and its heatmaps, at once.

        Nothing happens where another process, at work on the same scan, has stored it or finished already.
        """
        with self.transaction():
            if not self._running(scan) or chunk in self.chunks_done(scan):
                return
            heads = self._head_ids(scan)
            examples = {
                (row["name"], row["sequence"]): row["id"]
                for row in self.db.query(
                    "select examples.id, name, sequence from examples join probes on probes.id = probe_id "
                    "where scan_id = ?",
                    [scan],
                )
            }
            self.table("heatmaps").insert_all(
                (
                    {
                        "example_id": examples[one.probe, one.sequence],
                        "head_id": heads[one.head],
                        "weights": zlib.compress(one.weights.tobytes(), 9),
                    }
                    for one in heatmaps
                ),
                replace=True,
            )
            self.table("chunks").insert(
                {"scan_id": scan, "chunk": chunk, "seconds": seconds, "data": pack_tallies(tallies)}
            )
            self.db.execute("update scans set seconds = seconds + ? where id = ?", [seconds, scan])

    def tallies(self, scan: int, chunks: Iterable[int]) -> Iterator[dict[str, Tally]]:
        """The sums of chunks by kind of attention, in the order asked for, one at a time."""
        for chunk in chunks:
            row = self.one("select data from chunks where scan_id = ? and chunk = ?", [scan, chunk])
            assert row is not None
            yield unpack_tallies(row["data"])

    def finish(self, scan: int, results: Iterable[tuple[Probe, Sequence[Head], Sequence[Pattern], Scores]]) -> None:
        """Stores the scores, lets go of the chunks, and puts this scan in the place of an earlier one, at once.

        Nothing happens where another process has finished it already.
        """
        with self.transaction():
            if not self._running(scan):
                return
            ids = self._head_ids(scan)
            for probe, heads, patterns, scores in results:
                probe_id, pattern_ids = self._id("probes", probe), [self._id("patterns", one) for one in patterns]
                head_ids = [ids[head] for head in heads]
                same = {"scan_id": scan, "probe_id": probe_id, "attention": heads[0][0]}
                scored = scan_rows.scores(scores, patterns, pattern_ids, head_ids)
                self.table("scores").insert_all({**row, "probe_id": probe_id} for row in scored)
                self.table("overlaps").insert_all({**same, **row} for row in scan_rows.overlaps(scores, pattern_ids))
                apart = scan_rows.distances(scores, head_ids)
                self.table("distances").insert_all({**row, "probe_id": probe_id} for row in apart)
            self.complete(scan)
            self.db.execute("delete from chunks where scan_id = ?", [scan])
            before = self.one(
                "select id from scans where status = 'done' and model = (select model from scans where id = ?)", [scan]
            )
            if before is not None:
                self.remove(before["id"])
            self.db.execute("update scans set status = 'done', finished = ? where id = ?", [_now(), scan])
        with self.explained():
            self.db.execute("pragma wal_checkpoint(truncate)")

    def complete(self, scan: int) -> None:
        """What is made from a scan's scores, when they are all there."""
        profiles.write(self.db, scan)

    def remove(self, scan: int) -> None:
        """Deletes a scan and all that belongs to it."""
        for table, condition in _OF_A_SCAN:
            self.db.execute(f"delete from {table} where {condition}", [scan])

    def _running(self, scan: int) -> bool:
        return self.one("select 1 from scans where id = ? and status = 'running'", [scan]) is not None

    def write_labels(self, scan: int, version: str, labels: Iterable[Label]) -> None:
        """Puts labels, whose `head` is the head's number in the database, in the place of the scan's old ones."""
        self.db.execute("delete from labels where head_id in (select id from heads where scan_id = ?)", [scan])
        self.table("labels").insert_all(
            {("head_id" if key == "head" else key): value for key, value in asdict(one).items()} for one in labels
        )
        self.db.execute("update scans set calibration = ? where id = ?", [version, scan])

    def write_kinds(self, scan: int, clusterings: Iterable[tuple[Sequence[int], Clustering]]) -> None:
        """Puts clusters and map in the place of the scan's old ones; each clustering comes with its heads' numbers."""
        self.db.execute("delete from head_map where head_id in (select id from heads where scan_id = ?)", [scan])
        self.db.execute("delete from kinds where scan_id = ?", [scan])
        for heads, clustering in clusterings:
            numbers = [
                self.table("kinds")
                .insert(
                    {
                        "scan_id": scan,
                        "name": cluster.name,
                        "n_heads": len(cluster.heads),
                        "label": cluster.label,
                        "share": round(cluster.share, 4),
                        "marks": json.dumps(cluster.marks),
                    }
                )
                .last_pk
                for cluster in clustering.clusters
            ]
            self.table("head_map").insert_all(
                {
                    "head_id": head,
                    "kind_id": numbers[clustering.cluster_of[row]] if clustering.cluster_of[row] >= 0 else None,
                    "typicality": round(float(clustering.typicality[row]), 4),
                    "x": round(float(clustering.positions[row, 0]), 4),
                    "y": round(float(clustering.positions[row, 1]), 4),
                }
                for row, head in enumerate(heads)
            )

    def _head_ids(self, scan: int) -> dict[Head, int]:
        rows = self.db.query("select * from heads where scan_id = ?", [scan])
        return {(row["attention"], row["layer"], row["head"]): row["id"] for row in rows}

    def _define(self, table: str, row: dict[str, Any]) -> None:
        """Writes a definition under its name and version; its words may be improved, its meaning may not."""
        known = self.one(f"select id from {table} where name = ? and version = ?", [row["name"], row["version"]])
        if known is None:
            self.table(table).insert(row)
        else:
            self.table(table).update(known["id"], row)

    def _id(self, table: str, one: Pattern | Probe) -> int:
        row = self.one(f"select id from {table} where name = ? and version = ?", [one.name, one.version])
        assert row is not None
        return cast(int, row["id"])


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
