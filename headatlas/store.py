"""Writing scans into the database, in transactions that each leave a file worth reading."""

from __future__ import annotations

import io
import json
import os
import sqlite3
import threading
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import sqlite_utils

from headatlas import chunk_data, database, profiles
from headatlas.accumulate import N_DISTANCES, Scores, Tally
from headatlas.errors import DatabaseError
from headatlas.patterns import Pattern, rivals_of
from headatlas.probes import Probe, ProbeText
from headatlas.schema import migrations

if TYPE_CHECKING:
    from sqlite_utils.db import Table

    from headatlas.certificate import Certificate
    from headatlas.kinds import Grouping
    from headatlas.labels import Label
    from headatlas.tokens import TokenSequence

Head = tuple[str, int, int]  # attention, layer, head
# Overlaps smaller than this are not stored.
LEAST = 0.001

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

# Seconds for which another program's writing is waited for.
PATIENCE = 60.0


@dataclass(frozen=True)
class Heatmap:
    """One head's attention on one example: uint8 [query, key], 255 is 1."""

    probe: str
    sequence: int
    head: Head
    weights: np.ndarray


class Store:
    """A headatlas database opened for writing; made, or brought up to date, when needed.

    Raises:
        DatabaseError: the file is something else, comes from a newer version, or cannot be written.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        if self.path.is_dir():
            raise DatabaseError(f"{self.path} is a folder. Give the path of a file with --db.")
        if not self.path.parent.is_dir():
            raise DatabaseError(f"The folder {self.path.parent} does not exist. Make it, or choose another --db.")
        if not self.path.exists():
            self._make()
        try:
            connection = sqlite3.connect(self.path, timeout=PATIENCE)
        except sqlite3.Error as error:
            raise DatabaseError(f"{self.path} cannot be opened for writing: {error}.") from error
        try:
            known = None
            if self.path.stat().st_size:
                known = database.applied_migrations(connection, self.path)
                if known is None and connection.execute("select 1 from sqlite_master").fetchone():
                    raise DatabaseError(
                        f"{self.path} is a SQLite database of something else; headatlas does not write into it. "
                        "Choose another --db."
                    )
            self.db = sqlite_utils.Database(connection)
            with self._explained():
                # Readers go on reading while a scan writes.
                connection.execute("pragma journal_mode = wal")
                connection.execute("pragma foreign_keys = on")
                if known is None or set(known) != set(database.MIGRATIONS):
                    migrations.apply(self.db)
        except BaseException:
            connection.close()
            raise

    def _make(self) -> None:
        """Makes the file under another name and puts it in place whole: another process may be making it too."""
        part = self.path.with_name(f"{self.path.name}.{os.getpid()}-{threading.get_ident()}.part")
        try:
            part.touch(exist_ok=False)
            Store(part).close()
            with suppress(FileExistsError):  # the other was first
                try:
                    os.link(part, self.path)
                except PermissionError:  # a file system without links
                    part.rename(self.path)
        except OSError as error:
            raise DatabaseError(f"{self.path} cannot be opened for writing: {error.strerror}.") from error
        except DatabaseError as error:
            raise DatabaseError(str(error).replace(str(part), str(self.path))) from error
        finally:
            for left in (part, *(part.with_name(part.name + end) for end in ("-wal", "-shm", "-journal"))):
                left.unlink(missing_ok=True)

    def close(self) -> None:
        """Closes the file."""
        self.db.conn.close()

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing.

        Raises:
            DatabaseError: the disk is full, the file is locked or read-only.
        """
        with self._explained():
            if self.db.conn.in_transaction:
                with self.db.atomic():
                    yield
                return
            # At once for writing: what is read here must not be overtaken by another process before it is written.
            self.db.execute("begin immediate")
            try:
                yield
                self.db.commit()
            except BaseException:
                self.db.rollback()
                raise

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            text = str(error)
            if "full" in text or "disk I/O" in text:
                advice = "The disk is full or failing; free some space and run the same command again to go on."
            elif "locked" in text:
                advice = "Another program is writing to it; run the same command again when it is done."
            elif "readonly" in text or "unable to open" in text:
                advice = "It cannot be written; check its permissions, or choose another --db."
            else:
                advice = "Check the file, or choose another --db."
            raise DatabaseError(f"{self.path}: {text}. {advice}") from error

    def table(self, name: str) -> Table:
        """A table, for rows."""
        return cast("Table", self.db[name])

    def one(self, sql: str, values: Sequence[Any] = ()) -> dict[str, Any] | None:
        """The first row of a query, or None."""
        return next(self.db.query(sql, values), None)

    def finished(self, model: str) -> dict[str, Any] | None:
        """The finished scan of a model."""
        return self.one("select * from scans where model = ? and status = 'done'", [model])

    def unfinished(self, model: str, plan: str, digest: str | None) -> dict[str, Any] | None:
        """A scan of the same model with the same plan that was cut off."""
        return self.one(
            "select * from scans where model = ? and plan = ? and digest is ? and status = 'running'",
            [model, plan, digest],
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
                self._define("patterns", _pattern_row(one))
            for text in texts:
                self._define("probes", _probe_row(text.probe))
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
                        **_example_columns(sequence),
                    }
                    for index, sequence in enumerate(text.sequences)
                    if sequence.example
                )
        return number

    def write_certificate(self, scan: int, certificate: Certificate, seconds: float) -> None:
        """Stores the certificate, the layers, the heads to be scored and the warnings, at once."""
        with self.transaction():
            rows = [layer.rows for layer in certificate.layers if layer.scored]
            self.table("certificates").insert(
                {
                    "scan_id": scan,
                    "passed": certificate.passed,
                    "compared_with": certificate.compared_with,
                    "probe": certificate.probe,
                    "n_sequences": certificate.n_sequences,
                    "n_tokens": certificate.n_tokens,
                    "max_difference": certificate.max_difference,
                    "tolerance": certificate.tolerance,
                    "row_sum_min": min(row.row_sum_min for row in rows),
                    "row_sum_max": max(row.row_sum_max for row in rows),
                    "above_diagonal": max(
                        (one.rows.above_diagonal for one in certificate.layers if one.causal), default=None
                    ),
                }
            )
            self.table("layers").insert_all(
                {
                    "scan_id": scan,
                    "attention": layer.module.attention,
                    "layer": layer.module.layer,
                    "hook": layer.module.hook,
                    "n_heads": layer.n_heads,
                    "causal": layer.causal,
                    "scored": layer.scored,
                    "max_difference": layer.max_difference,
                    "row_sum_min": layer.rows.row_sum_min,
                    "row_sum_max": layer.rows.row_sum_max,
                    "above_diagonal": layer.rows.above_diagonal,
                }
                for layer in certificate.layers
            )
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
                {"scan_id": scan, "chunk": chunk, "seconds": seconds, "data": chunk_data.to_bytes(tallies)}
            )
            self.db.execute("update scans set seconds = seconds + ? where id = ?", [seconds, scan])

    def tallies(self, scan: int, chunks: Iterable[int]) -> Iterator[dict[str, Tally]]:
        """The sums of chunks by kind of attention, in the order asked for, one at a time."""
        for chunk in chunks:
            row = self.one("select data from chunks where scan_id = ? and chunk = ?", [scan, chunk])
            assert row is not None
            yield chunk_data.from_bytes(row["data"])

    def finish(self, scan: int, results: Iterable[tuple[Probe, Sequence[Head], Sequence[Pattern], Scores]]) -> None:
        """Stores the scores, lets go of the chunks, and puts this scan in the place of an earlier one, at once.

        Nothing happens where another process has finished it already.
        """
        with self.transaction():
            if not self._running(scan):
                return
            ids = self._head_ids(scan)
            for probe, heads, patterns, scores in results:
                self.table("scores").insert_all(self._score_rows(ids, probe, heads, patterns, scores))
                self.table("overlaps").insert_all(self._overlap_rows(scan, probe, heads[0][0], patterns, scores))
                self.table("distances").insert_all(self._distance_rows(ids, probe, heads, scores))
            self.complete(scan)
            self.db.execute("delete from chunks where scan_id = ?", [scan])
            before = self.one(
                "select id from scans where status = 'done' and model = (select model from scans where id = ?)", [scan]
            )
            if before is not None:
                self.remove(before["id"])
            self.db.execute("update scans set status = 'done', finished = ? where id = ?", [_now(), scan])
        with self._explained():
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

    def _score_rows(
        self,
        ids: Mapping[Head, int],
        probe: Probe,
        heads: Sequence[Head],
        patterns: Sequence[Pattern],
        scores: Scores,
    ) -> Iterator[dict[str, Any]]:
        probe_id = self._id("probes", probe)
        places = {one.name: column for column, one in enumerate(patterns) if scores.n_queries[column]}
        for one in patterns:
            column = places.get(one.name)
            if column is None:
                continue
            pattern_id = self._id("patterns", one)
            columns = _score_columns(one, column, scores)
            rivals = [name for name in rivals_of(one) if name in places]
            rival_scores = scores.score[:, [places[name] for name in rivals]]
            for row, head in enumerate(heads):
                best = int(rival_scores[row].argmax()) if rivals else None
                yield {
                    "head_id": ids[head],
                    "pattern_id": pattern_id,
                    "probe_id": probe_id,
                    **{name: _number(values[row]) for name, values in columns.items()},
                    "rival": None if best is None else rivals[best],
                    "rival_score": None if best is None else float(rival_scores[row, best]),
                }

    def _overlap_rows(
        self, scan: int, probe: Probe, attention: str, patterns: Sequence[Pattern], scores: Scores
    ) -> Iterator[dict[str, Any]]:
        probe_id = self._id("probes", probe)
        ids = [self._id("patterns", one) for one in patterns]
        for row, other in zip(*np.nonzero(np.nan_to_num(scores.overlaps) > LEAST), strict=True):
            yield {
                "scan_id": scan,
                "probe_id": probe_id,
                "attention": attention,
                "pattern_id": ids[row],
                "other_id": ids[other] if other < len(ids) else None,
                "score": round(float(scores.overlaps[row, other]), 5),
            }

    def _distance_rows(
        self, ids: Mapping[Head, int], probe: Probe, heads: Sequence[Head], scores: Scores
    ) -> Iterator[dict[str, Any]]:
        probe_id = self._id("probes", probe)
        known = np.flatnonzero(~np.isnan(scores.distance[0]))
        first, last = int(known[0]), int(known[-1]) + 1
        for row, head in enumerate(heads):
            values = np.nan_to_num(scores.distance[row, first:last]).round(5).tolist()
            yield {
                "head_id": ids[head],
                "probe_id": probe_id,
                "first": first - (N_DISTANCES - 1),
                "attention": json.dumps(values),
            }

    def write_labels(self, scan: int, version: str, labels: Iterable[Label]) -> None:
        """Puts labels, whose `head` is the head's number in the database, in the place of the scan's old ones."""
        self.db.execute("delete from labels where head_id in (select id from heads where scan_id = ?)", [scan])
        self.table("labels").insert_all(
            {("head_id" if key == "head" else key): value for key, value in asdict(one).items()} for one in labels
        )
        self.db.execute("update scans set calibration = ? where id = ?", [version, scan])

    def write_kinds(self, scan: int, groupings: Iterable[tuple[Sequence[int], Grouping]]) -> None:
        """Puts kinds and map in the place of the scan's old ones; each grouping comes with its heads' numbers."""
        self.db.execute("delete from head_map where head_id in (select id from heads where scan_id = ?)", [scan])
        self.db.execute("delete from kinds where scan_id = ?", [scan])
        for heads, grouping in groupings:
            numbers = [
                self.table("kinds")
                .insert(
                    {
                        "scan_id": scan,
                        "name": kind.name,
                        "n_heads": len(kind.heads),
                        "label": kind.label,
                        "share": round(kind.share, 4),
                        "marks": json.dumps(kind.marks),
                    }
                )
                .last_pk
                for kind in grouping.kinds
            ]
            self.table("head_map").insert_all(
                {
                    "head_id": head,
                    "kind_id": numbers[grouping.kind_of[row]] if grouping.kind_of[row] >= 0 else None,
                    "typicality": round(float(grouping.typicality[row]), 4),
                    "x": round(float(grouping.places[row, 0]), 4),
                    "y": round(float(grouping.places[row, 1]), 4),
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


def _example_columns(sequence: TokenSequence) -> dict[str, Any]:
    columns: dict[str, Any] = {}
    for prefix, one in (("", sequence), ("key_", sequence.source)):
        if one is not None:
            columns |= {
                f"{prefix}token_ids": json.dumps(one.ids),
                f"{prefix}tokens": json.dumps(one.texts, ensure_ascii=False),
                f"{prefix}special": json.dumps([int(special) for special in one.special]),
            }
    if sequence.image is not None and sequence.grid is not None:
        columns |= {"image": _png(sequence.image), "grid_rows": sequence.grid[0], "grid_columns": sequence.grid[1]}
    return columns


def _png(image: np.ndarray) -> bytes:
    from PIL import Image

    buffer = io.BytesIO()
    Image.fromarray(image).save(buffer, "PNG")
    return buffer.getvalue()


def _score_columns(one: Pattern, column: int, scores: Scores) -> dict[str, np.ndarray]:
    """A pattern's columns of the table, each with one entry a head."""
    shared: tuple[str, ...] = ("n_queries", "n_sequences")
    per_head = ("score", "score_nosink", "ci_low", "ci_high", "half_a", "half_b", "n_sunk")
    found = {name: getattr(scores, name)[:, column] for name in per_head}
    if one.kind == "target":
        shared = (*shared, "chance", "best_offset", "offset_score")
        found |= {name: getattr(scores, name)[:, column] for name in ("p_value", "q_value")}
        null = scores.null[:, column]
        if not np.array_equal(null, scores.score[:, column]):  # else shuffling the tokens changes nothing
            found["null_score"] = null
        if scores.value_weighted[:, column].any():
            found["value_weighted"] = scores.value_weighted[:, column]
    n_heads = len(scores.score)
    return found | {name: np.full(n_heads, getattr(scores, name)[column]) for name in shared}


def _pattern_row(one: Pattern) -> dict[str, Any]:
    return {
        "name": one.name,
        "version": one.version,
        "kind": one.kind,
        "family": one.family,
        "probe": one.probe,
        "summary": one.summary,
        "description": one.description,
        "example": one.example,
        "formula": one.formula,
        "unit": one.unit,
        "source": one.source,
        "rivals": json.dumps(rivals_of(one)),
    }


def _probe_row(one: Probe) -> dict[str, Any]:
    return {"name": one.name, "version": one.version, "summary": one.summary, "description": one.description}


def _number(value: Any) -> float | int | None:
    return None if np.isnan(value) else value.item()


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
