"""What reading many scans needs: profiles of heads, and indexes for the named queries."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headatlas.store.schema.base import DESCRIPTIONS, SCAN, foreign_keys, migrations, table_of

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


def _from(table: str, *names: str) -> dict[str, tuple[str, str]]:
    return {name: (table, name) for name in names}


# Columns of the views that are a column of a table under its own name or, where given, another.
_HEAD_COLUMNS = {"model": ("scans", "model"), **_from("heads", "attention", "layer", "head")}
_VIEW_COLUMNS: dict[str, dict[str, tuple[str, str]]] = {
    "head_scores": _HEAD_COLUMNS
    | _from("scores", "score", "score_nosink", "chance", "ci_low", "ci_high", "n_queries", "n_sequences"),
    "head_labels": _HEAD_COLUMNS | _from("labels", "label", "confidence", "rank"),
    "head_evidence": _HEAD_COLUMNS | _from("evidence", "value", "ci_low", "ci_high", "percentile"),
    "head_compositions": _HEAD_COLUMNS | _from("compositions", "kind", "value", "rank"),
}
for _view, _columns in _VIEW_COLUMNS.items():
    DESCRIPTIONS[_view] |= {column: DESCRIPTIONS[table][own] for column, (table, own) in _columns.items()}
for _view, _words in {
    "head_scores": {"pattern": "Name of the pattern.", "probe": "Name of the probe."},
    "head_evidence": {
        "kind": "Name of the kind of evidence.",
        "probe": "Name of the probe; null for evidence from the weights.",
    },
    "head_compositions": {
        "earlier_layer": "Layer of the earlier head, counted from 0.",
        "earlier_head": "Number of the earlier head in its layer, counted from 0.",
    },
}.items():
    DESCRIPTIONS[_view] |= _words


@migrations(name="catalogue_indexes")
def catalogue_indexes(db: Database) -> None:
    """Profiles for `similar`, and indexes for the named queries."""
    table_of(db, "profiles").create(
        dict(scan_id=int, version=int, columns=str, n_heads=int, data=bytes),
        pk="scan_id",
        foreign_keys=foreign_keys("profiles", [SCAN]),
    )
    table_of(db, "labels").create_index(["label"])
    # Answers what asks for nothing but scores without touching their table.
    table_of(db, "scores").create_index(["pattern_id", "probe_id", "head_id", "score"])
