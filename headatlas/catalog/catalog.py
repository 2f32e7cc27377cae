"""A database as `headatlas.open` returns it: models, heads, frames, SQL, similar heads, comparisons. No torch."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from headatlas.catalog import named_queries, user_sql
from headatlas.catalog.compare import compare
from headatlas.catalog.reader import SCORE_COLUMNS, Reader
from headatlas.catalog.similar import similar
from headatlas.errors import DatabaseError, HeadatlasError
from headatlas.heads import parse_head

if TYPE_CHECKING:
    import pandas

_SIMILAR_COLUMNS = ("model", "attention", "layer", "head", "distance", "explanation")
_CHANGE_COLUMNS = (
    "attention", "layer", "head", "pattern", "probe", "first", "second", "difference", "low", "high", "real",
)  # fmt: skip


class Catalog(Reader):
    """A headatlas database, opened read-only.

    ```python
    with Catalog("headatlas.db") as catalog:
        catalog.scores("smollm2-135m")
    ```
    """

    def query(self, sql: str, parameters: Mapping[str, Any] | None = None) -> tuple[list[str], list[tuple[Any, ...]]]:
        """Column names and rows of a user's SQL, or of a named query (see `headatlas.catalog.named_queries`).

        Raises:
            DatabaseError: the SQL is wrong, would do something else than read, or takes too long.
        """
        answer = self.ask(sql, parameters)
        return answer.columns, answer.rows

    def ask(
        self,
        sql: str,
        parameters: Mapping[str, Any] | None = None,
        *,
        limit: int | None = None,
        seconds: float = user_sql.SECONDS,
    ) -> user_sql.Answer:
        """Like `query`, with a limit of rows and of time; parameters of a named query have defaults.

        Raises:
            DatabaseError: the SQL is wrong, would do something else than read, or takes too long; the database
                lacks what a named query needs.
            UnknownNameError: a name or a parameter that no named query has.
        """
        if named_queries.is_name(sql):
            named = named_queries.find(sql.strip())
            lack = named_queries.lacking(self.connection, named)
            if lack:
                raise DatabaseError(f"'{named.name}' cannot be answered: {lack}.")
            sql, parameters = named.sql, named_queries.bind(named, {k: str(v) for k, v in (parameters or {}).items()})
            if "pattern" in parameters:
                parameters = {**parameters, "pattern": self.known_name("pattern", str(parameters["pattern"]))}
        return user_sql.run(self.path, sql, parameters, limit=limit, seconds=seconds)

    def models(self) -> list[sqlite3.Row]:
        """One row a model: name, architecture, layers, heads, parameters, when and how long it was scanned."""
        return self.rows(
            """select model, architecture, n_layers as layers, n_parameters as parameters,
                      (select count(*) from heads where heads.scan_id = scans.id) as heads,
                      dtype, substr(finished, 1, 10) as scanned, round(seconds, 1) as seconds
               from scans where status = 'done' order by model"""
        )

    def heads(
        self,
        model: str | None = None,
        *,
        pattern: str | None = None,
        probe: str | None = None,
        label: str | None = None,
        minimum: float | None = None,
        layer: int | None = None,
        head: str | None = None,
        sort: str = "score",
        limit: int | None = None,
    ) -> pandas.DataFrame:
        """Scores of heads as a frame with the columns of the view `head_scores`, best first.

        Args:
            model: only heads of this model; of all models when None.
            pattern: only scores for this pattern. None gives all patterns, but not the row statistics, which have
                other units.
            probe: scores on this probe. None reads each pattern on the probe it was made for, or, where a scan did not
                run it, on one that stands in for it (see `headatlas.catalog.stand_ins`).
            label: only heads that carry this label, with two more columns: label and confidence. The scores are those
                for the pattern of that name unless `pattern` is given.
            minimum: only scores of at least this.
            layer: only heads of this layer.
            head: only this head, such as "L18H6".
            sort: "score", "score_nosink", "lift" (score over chance), each from high to low, or "layer".
            limit: how many rows at most; all when None.

        Raises:
            UnknownNameError: a model, pattern, probe, label, layer or head that the database does not hold, or another
                sort order.
            HeadatlasError: `head` is not a head's name.
        """
        rows = self.head_rows(
            model,
            pattern=pattern,
            probe=probe,
            label=label,
            minimum=minimum,
            layer=layer,
            head=head,
            sort=sort,
            limit=limit,
        )
        return _frame(rows, (*SCORE_COLUMNS, *(("label", "confidence") if label is not None else ())))

    def scores(self, model: str | None = None) -> pandas.DataFrame:
        """All scores, of all models or of one, as a frame with the columns of `head_scores`."""
        return self._view("head_scores", model)

    def labels(self, model: str | None = None) -> pandas.DataFrame:
        """All labels, of all models or of one, as a frame with the columns of `head_labels`."""
        return self._view("head_labels", model)

    def evidence(self, model: str | None = None) -> pandas.DataFrame:
        """All evidence, of all models or of one, as a frame with the columns of `head_evidence`."""
        return self._view("head_evidence", model)

    def similar(self, model: str, head: str, *, among: str | None = None, limit: int = 10) -> pandas.DataFrame:
        """The heads that behave most like a head ("L18H6") of a model, nearest first.

        They are looked for in all models, or in the model `among`. The distance is that of
        `headatlas.catalog.head_distances`, which the pages of the site show too.

        Columns: model, attention, layer, head, distance, explanation.

        Raises:
            UnknownNameError: a model or head that the database does not hold.
            HeadatlasError: the head was measured on nothing that can be compared.
        """
        neighbours = similar(self, model, *parse_head(head), among=among, limit=limit)
        return _frame([[getattr(near, name) for name in _SIMILAR_COLUMNS] for near in neighbours], _SIMILAR_COLUMNS)

    def compare(self, first: str, second: str) -> pandas.DataFrame:
        """Scores that two scans of models of one shape both have, the largest difference first.

        Columns: attention, layer, head, pattern, probe, first, second, difference, low, high (of the difference) and
        real, whether it is more than chance. `headatlas.catalog.compare.compare` tells more, also of other shapes.

        Raises:
            UnknownNameError: a model that the database does not hold.
            HeadatlasError: the models have other shapes.
        """
        comparison = compare(self, first, second)
        if not comparison.same_shape:
            raise HeadatlasError(
                f"{first} has {comparison.shapes[0]}, {second} {comparison.shapes[1]}: their heads do not correspond. "
                "Use headatlas.catalog.compare.compare for what there is to say, or similar() head by head."
            )
        rows = [[getattr(change, name) for name in _CHANGE_COLUMNS] for change in comparison.changes]
        return _frame(rows, _CHANGE_COLUMNS)

    def _view(self, view: str, model: str | None) -> pandas.DataFrame:
        """A view of the database as a frame."""
        if model is not None:
            self.scan(model)
        cursor = self.connection.execute(f"select * from {view} where ?1 is null or model = ?1", [model])
        return _frame(cursor.fetchall(), [column[0] for column in cursor.description])


def _frame(rows: Iterable[Sequence[Any]], columns: Sequence[str]) -> pandas.DataFrame:
    import pandas  # not at the top: listings do without it

    return pandas.DataFrame([tuple(row) for row in rows], columns=list(columns))
