"""The database's tables, the promised views, and the words that describe them inside the file.

Tables change only through migrations (`sqlite_utils.Migrations`): each runs in a transaction together
with the record of having run, so an old file is brought up to date by opening it for a scan. A migration must
do in five years what it does today: it calls no code of ours but what `base` has.
"""

from headatlas.store.schema import (  # noqa: F401, I001 - in the order of their migrations
    scans, evidence, catalog, cascade, locations, off_sink, tasks, screens, groups, edges, outputs,
    paths, drawings, claims, far_lags, windows, lines,
)  # fmt: skip
from headatlas.store.schema.base import describe, migrations

__all__ = ["describe", "migrations"]
