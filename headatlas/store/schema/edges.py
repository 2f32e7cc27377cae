"""How far later heads still follow their patterns while an earlier head is out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headatlas.store.schema.base import DESCRIPTIONS, HEAD, PROBE, foreign_keys, migrations, table_of

if TYPE_CHECKING:
    from sqlite_utils import Database

_COLUMNS = {
    "label": "The later head's label, whose pattern is scored.",
    "score": "The later head's score on these prompts with all heads in place.",
    "change": "What it changes by while the earlier head is out; below zero where the later head rests on it.",
}
DESCRIPTIONS |= {
    "edges": {
        "": "How far labelled heads still follow their pattern while an earlier head is out; changes of 0.01 and more.",
        "head_id": "The later head.",
        "earlier_id": "The earlier head.",
        "probe_id": "The probe that tests the label.",
        **_COLUMNS,
    },
    "head_edges": {
        "": "The same for every finished scan, heads by layer and number.",
        "model": "Name of the model as given to `scan`, or with --as.",
        "attention": "self, encoder, decoder, cross or vision.",
        "layer": "Layer of the later head, counted from 0.",
        "head": "Number of the later head in its layer, counted from 0.",
        "probe": "Name of the probe.",
        "earlier_layer": "Layer of the earlier head, counted from 0.",
        "earlier_head": "Number of the earlier head in its layer, counted from 0.",
        **_COLUMNS,
    },
}

_VIEW = """
    select scans.model, heads.attention, heads.layer, heads.head, edges.label, probes.name as probe,
           earlier.layer as earlier_layer, earlier.head as earlier_head, edges.score, edges.change
    from edges
    join heads on heads.id = edges.head_id
    join heads as earlier on earlier.id = edges.earlier_id
    join scans on scans.id = heads.scan_id
    join probes on probes.id = edges.probe_id
    where scans.status = 'done'
"""


@migrations(name="edges")
def edges(db: Database) -> None:
    """Adds the table and its view."""
    table_of(db, "edges").create(
        dict(head_id=int, earlier_id=int, label=str, probe_id=int, score=float, change=float),
        pk=("head_id", "label", "earlier_id"),
        foreign_keys=foreign_keys("edges", [HEAD, ("earlier_id", "heads", "id"), PROBE]),
        not_null={"score", "change"},
    )
    table_of(db, "edges").create_index(["earlier_id"])
    db.create_view("head_edges", _VIEW)
