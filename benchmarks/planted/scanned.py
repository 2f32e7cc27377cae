"""Scans of the demonstration model with other texts, and how far their labels agree."""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.planted import nulls
from benchmarks.planted.calibrate import CACHE
from headatlas.catalog.catalog import Catalog
from headatlas.labels.thresholds import HIGH_CONFIDENCE
from headatlas.scanning.labelling import relabel_all
from headatlas.scanning.options import METHOD_VERSION, ScanSettings
from headatlas.scanning.scanner import scan_model


@dataclass(frozen=True)
class Scanned:
    """What a scan of the demonstration model says of its heads."""

    first: dict[tuple[int, int], str | None]
    given: dict[tuple[int, int, str], float]
    contrasts: dict[tuple[int, int, str], float]


def scanned(name: str, settings: ScanSettings) -> Scanned:
    """The demonstration model scanned so, or the scan that is kept under that name, with today's labels."""
    db = CACHE / f"{nulls.DEMO}-{name}-{METHOD_VERSION}.db"
    if not db.exists():
        with tempfile.TemporaryDirectory() as folder:
            scan_model(nulls.DEMO, db=Path(folder) / "scan.db", settings=settings)
            shutil.move(Path(folder) / "scan.db", db)
    relabel_all(db, everything=True)
    with Catalog(db) as catalog:
        rows = catalog.rows("select layer, head, label, rank, confidence from heads left join labels on head_id = id")
        contrasts = _contrasts(catalog)
    return Scanned(
        {(row["layer"], row["head"]): row["label"] for row in rows if row["rank"] in (None, 1)},
        {(row["layer"], row["head"], row["label"]): row["confidence"] for row in rows if row["rank"]},
        contrasts,
    )


def again(a: Scanned, b: Scanned) -> str:
    """How many of either's labels that are sure the other gives too."""
    given = [
        claim in other.given
        for own, other in ((a, b), (b, a))
        for claim, confidence in own.given.items()
        if confidence >= HIGH_CONFIDENCE
    ]
    sure = f"labels that are sure in one ({HIGH_CONFIDENCE} and more)"
    return f"{len(given)} {sure} {np.mean(given):.1%} are given in the other."


def _contrasts(catalog: Catalog) -> dict[tuple[int, int, str], float]:
    """By layer, head and pattern, how much more right keys get than wrong ones, at the lower end of the interval."""
    rows = catalog.rows(
        """select layer, head, patterns.name as pattern, contrast_low from off_sink
           join heads on heads.id = head_id join patterns on patterns.id = pattern_id
           join probes on probes.id = probe_id
           where contrast_low is not null and patterns.probe = probes.name"""
    )
    return {(row["layer"], row["head"], row["pattern"]): row["contrast_low"] for row in rows}
