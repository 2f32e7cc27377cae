"""Writing scans into the database, in transactions that each leave a file worth reading."""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from headatlas.errors import DatabaseError
from headatlas.patterns.definition import Pattern
from headatlas.probes import Probe, ProbeText
from headatlas.scoring.lines import DrawnLine
from headatlas.scoring.scores import Scores
from headatlas.scoring.tally import Tally, pack_tallies
from headatlas.scoring.waking import Waking
from headatlas.store import line_rows, profiles, scan_rows
from headatlas.store.job import Jobs, Plan
from headatlas.store.limits import MAX_NAME
from headatlas.store.writable import WritableDatabase

if TYPE_CHECKING:
    from headatlas.attention.certificate import Certificate
    from headatlas.inputs.sequence import TokenSequence
    from headatlas.labels.clusters import Clustering
    from headatlas.labels.label import Label

Head = tuple[str, int, int]  # attention, layer, head


@dataclass(frozen=True)
class ProbeResult:
    """What a scan found on one probe, for the heads of one kind of attention; `classes` are those of `waking`.

    Where attention slides on the probe's texts they are those of the layers with one `window`. `lines` stand in the
    probe's `sequences`.
    """

    probe: Probe
    heads: Sequence[Head]
    patterns: Sequence[Pattern]
    scores: Scores
    classes: Sequence[str]
    waking: Waking
    window: int | None = None
    lines: Sequence[DrawnLine] = ()
    sequences: Sequence[TokenSequence] = ()


@dataclass(frozen=True)
class Heatmap:
    """One head's attention on one example: uint8 [query, key], 255 is 1."""

    probe: str
    sequence: int
    head: Head
    weights: np.ndarray


# Signs that no listing can show.
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")


def check_name(model: str) -> None:
    """Raises DatabaseError where a scan cannot bear a name: it could not be exported, or printed."""
    if not model.strip() or len(model) > MAX_NAME or _CONTROL.search(model):
        raise DatabaseError(
            f"A scan cannot be named {model[:40]!r}{'...' if len(model) > 40 else ''}: allowed are 1 to "
            f"{MAX_NAME:,} characters, none of them a line break or another sign of control. Choose another name "
            "(--as)."
        )


class Store(WritableDatabase):
    """A headatlas database into which scans are written.

    Raises:
        DatabaseError: the file is something else, comes from a newer version, or cannot be written.
    """

    @cached_property
    def jobs(self) -> Jobs[int]:
        """Scans as jobs: what they are about is a model, and their parts are chunks."""
        return Jobs(self, "scans", subject="model", parts="chunks", owner="scan_id", key="chunk")

    def finished(self, model: str) -> dict[str, Any] | None:
        """The finished scan of a model."""
        return self.jobs.done(model)

    def begin(
        self,
        model: str,
        plan: Plan,
        columns: Mapping[str, Any],
        texts: Iterable[ProbeText],
        patterns: Iterable[Pattern],
    ) -> int:
        """Starts a scan, instead of any other unfinished one of the same model; returns its number."""
        check_name(model)
        with self.transaction():
            scan = self.jobs.begin(model, plan, **columns)
            for pattern in patterns:
                self._define("patterns", scan_rows.pattern_row(pattern))
            for text in texts:
                self._define("probes", scan_rows.probe_row(text.probe))
                own = {"scan_id": scan, "probe_id": self._id("probes", text.probe)}
                n_tokens = sum(map(len, text.sequences))
                self.table("scan_probes").insert(
                    {**own, "n_sequences": len(text.sequences), "n_tokens": n_tokens, "note": text.note}
                )
                self.table("examples").insert_all(
                    {**own, "sequence": index, **scan_rows.example_columns(sequence)}
                    for index, sequence in enumerate(text.sequences)
                    if sequence.example
                )
        return scan

    def write_certificate(self, scan: int, certificate: Certificate, seconds: float) -> None:
        """Stores the certificate, the layers, the heads to be scored and the warnings, at once."""
        with self.transaction():
            self.table("certificates").insert({"scan_id": scan, **scan_rows.certificate_columns(certificate)})
            self.table("layers").insert_all(
                {"scan_id": scan, **scan_rows.layer_columns(layer)} for layer in certificate.layers
            )
            self.table("heads").insert_all(
                {"scan_id": scan, "attention": layer.module.attention, "layer": layer.module.layer, "head": head}
                for layer in certificate.layers
                if layer.scored
                for head in range(layer.n_heads)
            )
            for warning in certificate.warnings:
                self.warn(scan, warning)
            self.jobs.add_seconds(scan, seconds)

    def warn(self, scan: int, warning: str) -> None:
        """Records a warning, once."""
        self.table("warnings").insert({"scan_id": scan, "warning": warning}, ignore=True)

    def warnings(self, scan: int, ending: str) -> set[str]:
        """The warnings of a scan that end in this sentence."""
        rows = self.db.query("select warning from warnings where scan_id = ?", [scan])
        return {row["warning"] for row in rows if row["warning"].endswith(ending)}

    def probes(self, scan: int) -> list[str]:
        """Names of the probes that a scan ran and that gave its model something to read."""
        ran = "from scan_probes join probes on probes.id = probe_id where scan_id = ? and n_sequences"
        return [row["name"] for row in self.db.query(f"select name {ran}", [scan])]

    def layers(self, scan: int) -> list[dict[str, Any]]:
        """The rows of `layers` of a scan; empty until its certificate is written."""
        return list(self.db.query("select * from layers where scan_id = ? order by rowid", [scan]))

    def write_chunk(
        self, scan: int, chunk: int, tallies: Mapping[str, Tally], heatmaps: Sequence[Heatmap], seconds: float
    ) -> None:
        """Stores a chunk's sums, one tally a kind of attention, and its heatmaps, at once.

        Nothing happens where another process, at work on the same scan, has stored it or finished already.
        """
        with self.transaction():
            if not self.jobs.write(scan, chunk, pack_tallies(tallies), seconds):
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
                        "example_id": examples[heatmap.probe, heatmap.sequence],
                        "head_id": heads[heatmap.head],
                        "weights": zlib.compress(heatmap.weights.tobytes(), 9),
                    }
                    for heatmap in heatmaps
                ),
                replace=True,
            )

    def bytes_of(self, scan: int, chunks: Iterable[int]) -> int:
        """How much room the sums of chunks take."""
        of_chunk = "select coalesce(length(data), 0) as n from chunks where scan_id = ? and chunk = ?"
        return sum(row["n"] for chunk in chunks for row in self.db.query(of_chunk, [scan, chunk]))

    def let_go(self, scan: int, chunks: Iterable[int]) -> None:
        """Deletes the sums of chunks, in the transaction that stores what is made of them: that takes their place."""
        self.db.conn.executemany(
            "delete from chunks where scan_id = ? and chunk = ?", [(scan, chunk) for chunk in chunks]
        )

    def finish(self, scan: int, results: Iterable[ProbeResult]) -> None:
        """Stores the scores, lets go of chunks that are left, and puts this scan in an earlier one's place, at once.

        Nothing happens where another process has finished it already.
        """
        with self.transaction():
            if not self.jobs.is_running(scan):
                return
            ids = self._head_ids(scan)
            for result in results:
                self._write_result(scan, result, ids)
            self.complete(scan)
            self.jobs.finish(scan)

    def _write_result(self, scan: int, result: ProbeResult, ids: Mapping[Head, int]) -> None:
        scores, probe_id = result.scores, self._id("probes", result.probe)
        pattern_ids = [self._id("patterns", pattern) for pattern in result.patterns]
        head_ids = [ids[head] for head in result.heads]
        columns = {
            "scores": scan_rows.score_columns(scores, result.patterns, pattern_ids, head_ids),
            "off_sink": scan_rows.off_sink_columns(scores, pattern_ids, head_ids),
        }
        for table, parts in columns.items():
            self.insert_columns(table, ({**part, "probe_id": [probe_id] * len(head_ids)} for part in parts))
        rows = {
            "distances": scan_rows.distance_rows(scores, head_ids),
            "far_lags": scan_rows.far_lag_rows(scores, head_ids),
            "awakenings": scan_rows.awakening_rows(result.waking, result.classes, head_ids),
            "sinks": scan_rows.sink_rows(result.waking, head_ids),
            "head_lines": line_rows.line_rows(result.lines, head_ids),
        }
        for table, of_table in rows.items():
            self.insert_rows(table, ({**row, "probe_id": probe_id} for row in of_table))
        kind = result.heads[0][0]
        texts = line_rows.text_rows(result.lines, result.sequences, kind)
        # Layers of several windows read the same texts.
        self.table("line_texts").insert_all(
            ({"scan_id": scan, "probe_id": probe_id, **row} for row in texts), ignore=True
        )
        same = {"scan_id": scan, "probe_id": probe_id, "attention": kind, "window": result.window}
        self.insert_rows("overlaps", ({**same, **row} for row in scan_rows.overlap_rows(scores, pattern_ids)))

    def complete(self, scan: int) -> None:
        """What is made from a scan's scores, when they are all there."""
        profiles.write(self.db, scan)

    def remove(self, scan: int) -> None:
        """Deletes a scan; the keys of the tables take all that belongs to it along."""
        self.db.execute("delete from scans where id = ?", [scan])

    def forget(self, model: str, *, unfinished: bool = False) -> None:
        """Deletes all scans of a name with what belongs to them, or only those that are not finished."""
        only = " and status <> 'done'" if unfinished else ""
        with self.transaction():
            self.db.execute(f"delete from scans where model = ?{only}", [model])

    def rename(self, model: str, name: str) -> None:
        """Gives the scans of a model another name.

        Raises:
            DatabaseError: another scan has that name, or no scan can.
        """
        check_name(name)
        with self.translate_errors():
            self._check_free(name)  # before the file is touched; asked again below, for another process may write it
        with self.transaction():
            self._check_free(name)
            self.db.execute("update scans set model = ? where model = ?", [name, model])

    def _check_free(self, name: str) -> None:
        if self.first_row("select 1 from scans where model = ?", [name]) is not None:
            raise DatabaseError(
                f"{self.path} already holds a scan of '{name}'. `headatlas rm` deletes it; or choose another name."
            )

    def write_labels(self, scan: int, version: str, labels: Iterable[Label]) -> None:
        """Puts labels, whose `head` is the head's number in the database, in the place of the scan's old ones."""
        self.db.execute("delete from labels where head_id in (select id from heads where scan_id = ?)", [scan])
        self.table("labels").insert_all(
            {("head_id" if key == "head" else key): value for key, value in asdict(label).items()} for label in labels
        )
        self.db.execute("update scans set calibration = ? where id = ?", [version, scan])

    def write_budgets(self, scan: int, parts: Mapping[tuple[int, str], Mapping[str, float]]) -> None:
        """Puts budgets, by head and probe, in the place of the scan's old ones."""
        self.db.execute("delete from budgets where head_id in (select id from heads where scan_id = ?)", [scan])
        probes = {
            row["name"]: row["probe_id"]
            for row in self.db.query(
                "select name, probe_id from scan_probes join probes on probes.id = probe_id where scan_id = ?", [scan]
            )
        }
        self.insert_rows(
            "budgets",
            (
                {"head_id": head, "probe_id": probes[probe], "part": part, "share": round(share, 4)}
                for (head, probe), shares in parts.items()
                for part, share in shares.items()
            ),
        )

    def write_sentences(self, scan: int, sentences: Mapping[int, str]) -> None:
        """Puts sentences, by head, in the place of the scan's old ones."""
        self.db.execute("delete from sentences where head_id in (select id from heads where scan_id = ?)", [scan])
        self.table("sentences").insert_all(
            {"head_id": head, "sentence": sentence} for head, sentence in sentences.items()
        )

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
        known = self.first_row(f"select id from {table} where name = ? and version = ?", [row["name"], row["version"]])
        if known is None:
            self.table(table).insert(row)
        else:
            self.table(table).update(known["id"], row)

    def _id(self, table: str, definition: Pattern | Probe) -> int:
        values = [definition.name, definition.version]
        row = self.first_row(f"select id from {table} where name = ? and version = ?", values)
        assert row is not None
        return cast(int, row["id"])
