"""Paths in a database: beside the finished scan of the model, one for each edge, probe and way of replacing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from headatlas.evidence.paths.result import PathResult
from headatlas.evidence.store import EvidenceStore, check_weights, has_scan
from headatlas.heads import Head
from headatlas.probes import Probe
from headatlas.store.scans import Store

if TYPE_CHECKING:
    from headatlas.models.info import ModelInfo


@contextmanager
def open_scan(db: str | Path, name: str, given: object, info: ModelInfo) -> Iterator[EvidenceStore | None]:
    """The finished scan of a model, to store results with; None where there is no such scan.

    Args:
        db: the database, which need not exist.
        name: name of the scan.
        given: the model as it was given.
        info: what is known of it since it was loaded.

    Raises:
        HeadatlasError: the scan is of other weights than the loaded model's.
    """
    if not has_scan(db, name):
        yield None
        return
    with Store(db) as store:
        scan = store.finished(name)
        assert scan is not None
        check_weights(given, info, scan, store)
        yield EvidenceStore(store, scan["id"])


def keep(kept: EvidenceStore, result: PathResult, a: Head, b: Head, probe: Probe, seed: int) -> None:
    """Stores a result in the place of an earlier one of the same edge, probe and way of replacing."""
    store = kept.store
    with store.transaction():
        later, earlier = (
            store.db.execute(
                "select id from heads where scan_id = ? and attention = ? and layer = ? and head = ?",
                [kept.scan, *head],
            ).fetchone()[0]
            for head in (b, a)
        )
        key = {"head_id": later, "earlier_id": earlier, "probe_id": kept.probe_id(probe),
               "resampled": int(result.resampled)}  # fmt: skip
        where = " and ".join(f"{column} = ?" for column in key)
        store.db.execute(f"delete from paths where {where}", list(key.values()))
        store.table("paths").insert_all(
            {**key, "route": row["route"], "kind": row["kind"], "effect": row["effect"], "ci_low": row["effect_low"],
             "ci_high": row["effect_high"], "pattern": row["pattern"], "score": result.score,
             "score_lost": row["score_lost"], "score_low": row["score_low"], "score_high": row["score_high"],
             "n_prompts": result.n_prompts, "seed": seed}
            for row in result.rows()
        )  # fmt: skip
