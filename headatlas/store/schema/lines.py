"""Lines to read: queries of running text where heads do most, or what is typical, and the texts they stand in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headatlas.store.schema.base import DESCRIPTIONS, HEAD, PROBE, SCAN, foreign_keys, migrations, table_of

if TYPE_CHECKING:
    from sqlite_utils import Database

DESCRIPTIONS |= {
    "head_lines": {
        "": "Tokens of natural text, and of texts of one's own, at which a head does most off the sink, and what is "
        "typical: of each head and probe the ten with most and three of each quarter of all; none in scans of before.",
        "head_id": "The head.",
        "probe_id": "The probe.",
        "band": "0: those with most; 1 to 4: drawn from a sample of all queries, of which 1 is the quarter with most.",
        "rank": "1 for the one with most attention off the sink in its band.",
        "sequence": "Position of its text in the probe.",
        "query": "Position of the token that looks.",
        "off_sink": "Its attention besides the first position, special tokens and other sinks of the layer.",
        "keys": "JSON list: positions of the keys that get most of it, at most 8, the strongest first.",
        "weights": "JSON list: their weights; less than 0.02 is left out.",
    },
    "line_texts": {
        "": "The texts in which lines stand, each once.",
        "scan_id": "The scan.",
        "probe_id": "The probe.",
        "attention": "The kind of attention that reads it so: self, encoder or decoder.",
        "sequence": "Position of the text in the probe.",
        "tokens": "JSON list: what its tokens say.",
    },
}


@migrations(name="lines")
def lines(db: Database) -> None:
    """Adds the tables."""
    table_of(db, "head_lines").create(
        dict(head_id=int, probe_id=int, band=int, rank=int, sequence=int, query=int)
        | dict(off_sink=float, keys=str, weights=str),
        pk=("head_id", "probe_id", "band", "rank"),
        foreign_keys=foreign_keys("head_lines", [HEAD, PROBE]),
        not_null={"sequence", "query", "off_sink", "keys", "weights"},
    )
    table_of(db, "line_texts").create(
        dict(scan_id=int, probe_id=int, attention=str, sequence=int, tokens=str),
        pk=("scan_id", "probe_id", "attention", "sequence"),
        foreign_keys=foreign_keys("line_texts", [SCAN, PROBE]),
        not_null={"tokens"},
    )
