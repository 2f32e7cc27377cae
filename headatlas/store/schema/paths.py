"""What of one head's effect goes through what another reads."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headatlas.store.schema.base import DESCRIPTIONS, HEAD, PROBE, foreign_keys, migrations, table_of

if TYPE_CHECKING:
    from sqlite_utils import Database

_COLUMNS = {
    "kind": "What `effect` is: the kind of ablation that counts first on the probe.",
    "route": "q, k or v: through the later head's queries, keys or values; all: through all three; total: the earlier "
    "head taken out everywhere.",
    "resampled": "1 where the earlier head's output was replaced by some of other prompts, 0 for its mean.",
    "effect": "How much worse the model does (negative: better), per prediction.",
    "ci_low": "Lower end of its 95% bootstrap interval over prompts.",
    "ci_high": "Upper end of it.",
    "pattern": "The pattern that the later head is scored on; null for none.",
    "score": "The later head's score on it with all heads in place.",
    "score_lost": "What this score falls by.",
    "score_low": "Lower end of the 95% bootstrap interval of that over prompts.",
    "score_high": "Upper end of it.",
    "n_prompts": "Prompts.",
    "seed": "Seed of the prompts and of what is drawn.",
}
DESCRIPTIONS |= {
    "paths": {
        "": "What of an earlier head's effect goes straight through a later head; what `headatlas path` measured.",
        "head_id": "The later head.",
        "earlier_id": "The earlier head.",
        "probe_id": "The probe whose prompts were run.",
        **_COLUMNS,
    },
    "head_paths": {
        "": "The same for every finished scan, heads by layer and number.",
        "model": "Name of the model as given to `scan`, or with --as.",
        "attention": "self, encoder, decoder, cross or vision.",
        "layer": "Layer of the later head, counted from 0.",
        "head": "Number of the later head in its layer, counted from 0.",
        "earlier_layer": "Layer of the earlier head, counted from 0.",
        "earlier_head": "Number of the earlier head in its layer, counted from 0.",
        "probe": "Name of the probe.",
        **_COLUMNS,
    },
}

_VIEW = f"""
    select scans.model, heads.attention, heads.layer, heads.head, earlier.layer as earlier_layer,
           earlier.head as earlier_head, probes.name as probe, {", ".join(f"paths.{name}" for name in _COLUMNS)}
    from paths
    join heads on heads.id = paths.head_id
    join heads as earlier on earlier.id = paths.earlier_id
    join scans on scans.id = heads.scan_id
    join probes on probes.id = paths.probe_id
    where scans.status = 'done'
"""


@migrations(name="paths")
def paths(db: Database) -> None:
    """Adds the table and its view."""
    table_of(db, "paths").create(
        dict(head_id=int, earlier_id=int, probe_id=int, resampled=int, route=str, kind=str, effect=float)
        | dict(ci_low=float, ci_high=float, pattern=str, score=float, score_lost=float, score_low=float)
        | dict(score_high=float, n_prompts=int, seed=int),
        pk=("head_id", "earlier_id", "probe_id", "resampled", "route"),
        foreign_keys=foreign_keys("paths", [HEAD, ("earlier_id", "heads", "id"), PROBE]),
        not_null={"kind", "effect", "n_prompts"},
    )
    table_of(db, "paths").create_index(["earlier_id"])
    db.create_view("head_paths", _VIEW)
