"""What reading many scans needs: profiles of heads, and indexes for the named queries."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headatlas import profiles
from headatlas.schema import _SCAN, DESCRIPTIONS, _table, describe, migrations

if TYPE_CHECKING:
    from sqlite_utils import Database

DESCRIPTIONS |= {
    "profiles": {
        "": "The scores of each scan on the patterns' own probes as one matrix, for `similar`; made from scores.",
        "scan_id": "The scan.",
        "version": "Form of the data.",
        "columns": "JSON list: pattern, its version, probe, its version.",
        "n_heads": "Number of heads.",
        "data": "zlib-compressed: head ids (int64), then score, score_nosink and chance (float32, row-major by head).",
    },
}


@migrations(name="catalogue_indexes")
def catalogue_indexes(db: Database) -> None:
    """Profiles for `similar`, and indexes for the named queries."""
    _table(db, "profiles").create(
        dict(scan_id=int, version=int, columns=str, n_heads=int, data=bytes), pk="scan_id", foreign_keys=[_SCAN]
    )
    _table(db, "labels").create_index(["label"])
    # Answers what asks for nothing but scores without touching their table.
    _table(db, "scores").create_index(["pattern_id", "probe_id", "head_id", "score"])
    describe(db)
    for (scan,) in db.execute("select id from scans where status = 'done'").fetchall():
        profiles.write(db, scan)
