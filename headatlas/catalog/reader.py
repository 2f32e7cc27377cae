"""A database opened for reading: its rows, its scans, and the scores of heads. Never imports torch, numpy or pandas."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from headatlas.errors import DatabaseError, UnknownNameError
from headatlas.heads import head_name
from headatlas.store import readonly

# The promised columns of the view head_scores.
SCORE_COLUMNS = (
    "model", "attention", "layer", "head", "pattern", "probe", "score", "score_nosink", "chance", "ci_low", "ci_high",
    "n_queries", "n_sequences",
)  # fmt: skip
# What heads can be sorted by, and the SQL that does it.
_ORDERS = {
    "score": "score desc",
    "score_nosink": "score_nosink desc",
    "lift": "score / chance desc",
    "layer": "attention, head_scores.layer, head_scores.head, score desc",
}
SORTABLE = tuple(_ORDERS)

# The probe that the newest version of a pattern is meant to be read on.
_OWN_PROBE = """head_scores.probe = (
    select probe from patterns where name = head_scores.pattern order by version desc limit 1)"""


class Reader:
    """A headatlas database, opened read-only: what every part of the program that reads is built on.

    `headatlas.catalog.catalog.Catalog`, which `headatlas.open` returns, adds SQL of the user's own, frames, similar
    heads and comparisons.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        self.connection = readonly.open_readonly(path)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Closes the file."""
        self.connection.close()

    def rows(self, sql: str, parameters: Sequence[Any] | Mapping[str, Any] = ()) -> list[sqlite3.Row]:
        """All rows of a query that headatlas itself asks; for a user's SQL there is `Catalog.query`.

        Raises:
            DatabaseError: SQLite could not answer (a damaged file, a locked one).
        """
        try:
            return self.connection.execute(sql, parameters).fetchall()
        except sqlite3.Error as error:
            raise DatabaseError(f"{self.path} cannot be read: {error}.") from error

    def scans(self) -> list[sqlite3.Row]:
        """Finished scans, one a model, in the order they were finished."""
        return self.rows("select * from scans where status = 'done' order by finished, id")

    def scan(self, model: str) -> sqlite3.Row:
        """The finished scan of a model.

        Raises:
            UnknownNameError: no finished scan under this name.
        """
        rows = self.rows("select * from scans where status = 'done' and model = ?", [model])
        if not rows:
            known = [row["model"] for row in self.scans()]
            raise UnknownNameError("model", model, known, f"Scan it with `headatlas scan {model}`.")
        return rows[0]

    def head_id(self, model: str, attention: str, layer: int, head: int) -> int:
        """Number of a head in this database (`heads.id`).

        Raises:
            UnknownNameError: no such model or head.
        """
        rows = self.rows("select id, attention, layer, head from heads where scan_id = ?", [self.scan(model)["id"]])
        for row in rows:
            if tuple(row)[1:] == (attention, layer, head):
                return int(row["id"])
        raise UnknownNameError("head", head_name(attention, layer, head), [head_name(*tuple(row)[1:]) for row in rows])

    def head_rows(
        self,
        model: str | None = None,
        *,
        pattern: str | None = None,
        probe: str | None = None,
        label: str | None = None,
        minimum: float | None = None,
        layer: int | None = None,
        sort: str = "score",
        limit: int | None = None,
    ) -> list[sqlite3.Row]:
        """Scores of heads, best first, with the columns of the view `head_scores`.

        Args:
            model: only heads of this model; of all models when None.
            pattern: only scores for this pattern. None gives all patterns, but not the row statistics, which have
                other units.
            probe: scores on this probe. None reads each pattern on the probe it was made for.
            label: only heads that carry this label, with two more columns: label and confidence. The scores are those
                for the pattern of that name unless `pattern` is given.
            minimum: only scores of at least this.
            layer: only heads of this layer.
            sort: "score", "score_nosink", "lift" (score over chance), each from high to low, or "layer".
            limit: how many rows at most; all when None.

        Raises:
            UnknownNameError: a model, pattern, probe or label that the database does not hold, or another sort order.
        """
        if sort not in _ORDERS:
            raise UnknownNameError("sort order", sort, SORTABLE)
        asked, values = self._head_scores(model, pattern, probe, label, minimum, layer)
        with_label = "" if label is None else ", label, confidence"
        return self.rows(
            f"""select head_scores.*{with_label} {asked}
                order by {_ORDERS[sort]}, model, attention, layer, head, pattern limit ?""",
            [*values, -1 if limit is None else limit],
        )

    def count_head_rows(
        self,
        model: str | None = None,
        *,
        pattern: str | None = None,
        probe: str | None = None,
        label: str | None = None,
        minimum: float | None = None,
        layer: int | None = None,
    ) -> int:
        """How many rows `head_rows` has without a limit."""
        asked, values = self._head_scores(model, pattern, probe, label, minimum, layer)
        return int(self.rows(f"select count(*) {asked}", values)[0][0])

    def _head_scores(
        self,
        model: str | None,
        pattern: str | None,
        probe: str | None,
        label: str | None,
        minimum: float | None,
        layer: int | None,
    ) -> tuple[str, list[Any]]:
        """What follows `select ...` where the scores of some heads are asked for, and its parameters."""
        if model is not None:
            self.scan(model)
        if label is not None:
            self._check_label(label)
            pattern = pattern or label
        if pattern is not None:
            self._check_name("pattern", pattern)
        if probe is not None:
            self._check_name("probe", probe)
        elif model is not None:
            probe = self._only_probe(model)
        asked = {
            "head_scores.model = ?": model,
            "head_scores.pattern = ?": pattern,
            "head_scores.probe = ?": probe,
            "score >= ?": minimum,
            "head_scores.layer = ?": layer,
            "label = ?": label,
        }
        values = {condition: value for condition, value in asked.items() if value is not None}
        conditions = ["1", *values]
        if pattern is None:  # a list by score would begin with distances in tokens
            conditions.append("chance is not null")
        if probe is None:
            conditions.append(_OWN_PROBE)
        join = "" if label is None else "join head_labels using (model, attention, layer, head)"
        return f"from head_scores {join} where {' and '.join(conditions)}", list(values.values())

    def _only_probe(self, model: str) -> str | None:
        """The probe of a scan that ran just one, such as a scan on a text of the user's: there is nothing else to read.

        None where it ran several.
        """
        rows = self.rows(
            "select name from probes join scan_probes on probe_id = probes.id join scans on scans.id = scan_id "
            "where model = ? and status = 'done' and n_sequences > 0",
            [model],
        )
        return rows[0]["name"] if len(rows) == 1 else None

    def _check_label(self, label: str) -> None:
        """A label that no head carries is no mistake, as long as there is a pattern of that name."""
        if not self.rows("select 1 from patterns where name = ? and kind = 'target'", [label]):
            known = [row[0] for row in self.rows("select distinct label from head_labels")]
            if label not in known:
                raise UnknownNameError("label", label, known)

    def _check_name(self, kind: str, name: str) -> None:
        known = [row[0] for row in self.rows(f"select distinct name from {kind}s")]
        if name not in known:
            raise UnknownNameError(kind, name, known)
