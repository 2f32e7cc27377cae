"""At which far lags heads look: distances in tokens beyond those whose attention is stored whole."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headatlas.store.schema.base import DESCRIPTIONS, HEAD, PROBE, foreign_keys, migrations, table_of

if TYPE_CHECKING:
    from sqlite_utils import Database

DESCRIPTIONS |= {
    "far_lags": {
        "": "Lags beyond 63 tokens at which a head of causal attention has the most: the best few of each head and "
        "probe, where the mean is at least 0.02, over at least 64 queries and 16 a text; none in scans of before.",
        "head_id": "The head.",
        "probe_id": "The probe it was measured on.",
        "lag": "How many tokens back the key is.",
        "score": "Mean attention of the queries on the key so many tokens back, the first position aside.",
        "n_queries": "Queries that have such a key.",
    },
}


@migrations(name="far_lags")
def far_lags(db: Database) -> None:
    """Adds the table."""
    table_of(db, "far_lags").create(
        dict(head_id=int, probe_id=int, lag=int, score=float, n_queries=int),
        pk=("head_id", "probe_id", "lag"),
        foreign_keys=foreign_keys("far_lags", [HEAD, PROBE]),
        not_null={"score", "n_queries"},
    )
