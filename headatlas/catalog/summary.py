"""What is known of a scan, in short: the model, what was found in it, whether it can be trusted, what it takes up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from headatlas.catalog.head_query import SCORE_OF_LABEL
from headatlas.catalog.sizes import bytes_by_scan
from headatlas.heads import head_name
from headatlas.patterns.lookup import comes_last
from headatlas.probes import set_of

if TYPE_CHECKING:
    import sqlite3

    from headatlas.catalog.reader import Reader

# Scores that are named where there are no labels.
_BEST = 5


@dataclass(frozen=True)
class LabelCount:
    """A label, how many heads carry it, and the one that does so most surely, with its score for that pattern.

    `label_score` is that head's score off the sink, which the label rests on, `basis` whether it holds of all of the
    head's attention ("always") or off the sink, and `awake` the share of queries on which the head has any to speak of
    there; None in labels that were made before these were kept.
    """

    label: str
    n_heads: int
    best: str
    confidence: float
    score: float | None
    basis: str | None = None
    awake: float | None = None
    label_score: float | None = None


@dataclass(frozen=True)
class Summary:
    """A finished scan.

    `certificate` is a row of `certificates`, or None of attention that was recorded elsewhere; `best` are the highest
    scores as (head, pattern, score) where there are no labels; `n_bytes` is what the scan's rows and maps hold,
    `file_bytes` the size of the whole database; `probe_set` is the set of probes that was read, empty for others.
    """

    scan: sqlite3.Row
    n_heads: int
    n_unlabelled: int
    labels: list[LabelCount]
    best: list[tuple[str, str, float]]
    certificate: sqlite3.Row | None
    warnings: list[str]
    probes: dict[str, int]
    evidence_seconds: float | None
    n_scans: int
    n_bytes: int
    path: Path
    file_bytes: int
    probe_set: str

    def to_json(self) -> dict[str, Any]:
        """For programs."""
        columns = ("model", "architecture", "source", "revision", "digest", "n_layers", "n_parameters", "dtype",
                   "finished", "seconds", "command")  # fmt: skip
        certificate = self.certificate
        checked = ("passed", "compared_with", "max_difference", "tolerance")
        return {
            **{column: self.scan[column] for column in columns},
            "n_heads": self.n_heads,
            "n_unlabelled": self.n_unlabelled,
            "labels": [vars(label) for label in self.labels],
            "certificate": None if certificate is None else {column: certificate[column] for column in checked},
            "warnings": self.warnings,
            "probes": self.probes,
            "evidence_seconds": self.evidence_seconds,
            "scan_bytes": self.n_bytes,
            "database": str(self.path),
            "database_bytes": self.file_bytes,
            "probe_set": self.probe_set,
        }


def summary(reader: Reader, model: str) -> Summary:
    """What is known of the finished scan of a model.

    Raises:
        UnknownNameError: a model that the database does not hold.
    """
    scan = reader.scan(model)
    number = [scan["id"]]
    labels = _labels(reader, model)
    best = [] if labels else reader.head_rows(model, limit=_BEST)
    heads = reader.rows(
        "select count(*) as n, sum(not exists (select 1 from labels where head_id = heads.id)) as bare "
        "from heads where scan_id = ?",
        number,
    )[0]
    probes = reader.rows(
        "select name, n_tokens, n_sequences, note from scan_probes join probes on probes.id = probe_id "
        "where scan_id = ? order by probes.id",
        number,
    )
    return Summary(
        scan=scan,
        n_heads=heads["n"],
        n_unlabelled=heads["bare"] or 0,
        labels=labels,
        best=[(head_name(row["attention"], row["layer"], row["head"]), row["pattern"], row["score"]) for row in best],
        certificate=next(iter(reader.rows("select * from certificates where scan_id = ?", number)), None),
        warnings=[row[0] for row in reader.rows("select warning from warnings where scan_id = ?", number)],
        probes={row["name"]: row["n_tokens"] or 0 for row in probes if row["n_sequences"] > 0},
        evidence_seconds=_evidence_seconds(reader, number),
        n_scans=len(reader.scans()),
        n_bytes=bytes_by_scan(reader).get(scan["id"], 0),
        path=reader.path,
        file_bytes=bytes_of(reader.path),
        probe_set=set_of({row["name"]: row["note"] or "" for row in probes}),
    )


def bytes_of(path: Path) -> int:
    """The size of a database with what SQLite has not written into it yet."""
    files = (path, path.with_name(f"{path.name}-wal"))
    return sum(file.stat().st_size for file in files if file.exists())


def _labels(reader: Reader, model: str) -> list[LabelCount]:
    """The labels of a model, the commonest first; where heads rest is said last."""
    rows = reader.rows(
        "select head_labels.*, (select score from head_scores where head_scores.model = head_labels.model "
        "and head_scores.attention = head_labels.attention and head_scores.layer = head_labels.layer "
        "and head_scores.head = head_labels.head and pattern = label and probe = "
        "(select probe from patterns where name = label order by version desc limit 1)) as score, "
        f"({SCORE_OF_LABEL}) as label_score "
        "from head_labels where model = ? order by label, confidence desc, score desc",
        [model],
    )
    by_label: dict[str, list[sqlite3.Row]] = {}
    for row in rows:
        by_label.setdefault(row["label"], []).append(row)
    counts = [_count(label, carriers) for label, carriers in by_label.items()]
    return sorted(counts, key=lambda count: (comes_last(count.label), -count.n_heads, count.label))


def _count(label: str, carriers: Sequence[sqlite3.Row]) -> LabelCount:
    best = carriers[0]
    name = head_name(best["attention"], best["layer"], best["head"])
    return LabelCount(
        label, len(carriers), name, best["confidence"], best["score"], best["basis"], best["awake"], best["label_score"]
    )


def _evidence_seconds(reader: Reader, number: list[int]) -> float | None:
    """How long the gathering of evidence took; None where there is none, as in a database of an earlier version."""
    if not reader.rows("select 1 from sqlite_master where name = 'evidence_runs'"):
        return None
    rows = reader.rows("select seconds from evidence_runs where scan_id = ? and status = 'done'", number)
    return rows[0]["seconds"] if rows else None
