"""Reading the database: models, heads, scores, SQL. Never imports torch."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

from headatlas.catalog import named_queries, user_sql
from headatlas.errors import DatabaseError, HeadatlasError, UnknownNameError
from headatlas.heads import head_name, parse_head
from headatlas.store import readonly

if TYPE_CHECKING:
    import pandas

# The promised columns of the view head_scores.
SCORE_COLUMNS = (
    "model", "attention", "layer", "head", "pattern", "probe", "score", "score_nosink", "chance", "ci_low", "ci_high",
    "n_queries", "n_sequences",
)  # fmt: skip
SORTABLE = ("score", "score_nosink", "lift", "layer")


class Catalog:
    """A headatlas database, opened read-only.

    ```python
    with Catalog("headatlas.db") as catalog:
        catalog.scores("smollm2-135m")
    ```
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        self.connection = readonly.open_readonly(path)

    def __enter__(self) -> Catalog:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Closes the file."""
        self.connection.close()

    def rows(self, sql: str, parameters: Sequence[Any] | Mapping[str, Any] = ()) -> list[sqlite3.Row]:
        """All rows of a query of ours.

        Raises:
            DatabaseError: SQLite could not answer (a damaged file, a locked one).
        """
        try:
            return self.connection.execute(sql, parameters).fetchall()
        except sqlite3.Error as error:
            raise DatabaseError(f"{self.path} cannot be read: {error}.") from error

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
        """The same with a limit of rows and of time; parameters of a named query have defaults.

        Raises:
            DatabaseError: the SQL is wrong, would do something else than read, or takes too long; the database
                lacks what a named query needs.
            UnknownNameError: a name or a parameter that no named query has.
        """
        if sql.strip() and not any(letter in sql.strip() for letter in " \n\t;(*"):
            named = named_queries.find(sql.strip())
            lack = named_queries.lacking(self.connection, named)
            if lack:
                raise DatabaseError(f"'{named.name}' cannot be answered: {lack}.")
            sql, parameters = named.sql, named_queries.bind(named, {k: str(v) for k, v in (parameters or {}).items()})
        return user_sql.run(self.path, sql, parameters, limit=limit, seconds=seconds)

    def scans(self) -> list[sqlite3.Row]:
        """Finished scans, one a model, in the order they were finished."""
        return self.rows("select * from scans where status = 'done' order by finished, id")

    def scan(self, model: str) -> sqlite3.Row:
        """The finished scan of a model.

        Raises:
            UnknownNameError: no finished scan under this name.
        """
        found = self.rows("select * from scans where status = 'done' and model = ?", [model])
        if not found:
            known = [row["model"] for row in self.scans()]
            raise UnknownNameError("model", model, known, f"Scan it with `headatlas scan {model}`.")
        return found[0]

    def head_id(self, model: str, attention: str, layer: int, head: int) -> int:
        """Number of a head in this database.

        Raises:
            UnknownNameError: no such model or head.
        """
        rows = self.rows("select id, attention, layer, head from heads where scan_id = ?", [self.scan(model)["id"]])
        for row in rows:
            if tuple(row)[1:] == (attention, layer, head):
                return int(row["id"])
        raise UnknownNameError("head", head_name(attention, layer, head), [head_name(*tuple(row)[1:]) for row in rows])

    def models(self) -> list[sqlite3.Row]:
        """One row a model: name, architecture, layers, heads, parameters, when and how long it was scanned."""
        return self.rows(
            """select model, architecture, n_layers as layers, n_parameters as parameters,
                      (select count(*) from heads where heads.scan_id = scans.id) as heads,
                      dtype, substr(finished, 1, 10) as scanned, round(seconds, 1) as seconds
               from scans where status = 'done' order by model"""
        )

    def heads(self, model: str | None = None, **filters: Any) -> pandas.DataFrame:
        """`head_rows` as a frame, with the same filters."""
        import pandas

        rows = self.head_rows(model, **filters)
        with_label = ("label", "confidence") if filters.get("label") is not None else ()
        return pandas.DataFrame([tuple(row) for row in rows], columns=[*SCORE_COLUMNS, *with_label])

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
        """Scores of heads, best first.

        Without `pattern`, all patterns but the row statistics, whose units differ. Without `probe`, each is read
        on the probe it was made for. `minimum` bounds the score;
        `sort` is one of score, score_nosink, lift (score over chance) and layer. With `label` only heads that carry
        it, on the pattern of that name unless another is given, and two more columns: label and confidence.

        Raises:
            UnknownNameError: a model, pattern, probe or label that the database does not hold.
        """
        if model is not None:
            self.scan(model)
        if label is not None:
            self._known_label(label)
            pattern = pattern or label
        where, values = ["1"], []
        for value, clause, check in (
            (model, "head_scores.model = ?", None),
            (pattern, "head_scores.pattern = ?", "pattern"),
            (probe, "head_scores.probe = ?", "probe"),
            (minimum, "score >= ?", None),
            (layer, "head_scores.layer = ?", None),
        ):
            if value is not None:
                if check:
                    self._known(check, str(value))
                where.append(clause)
                values.append(value)
        if pattern is None:  # statistics have other units; a list by score would begin with distances
            where.append("chance is not null")
        if probe is None and model is not None:
            ran = self.rows(
                "select name from probes join scan_probes on probe_id = probes.id join scans on scans.id = scan_id "
                "where model = ? and status = 'done' and n_sequences > 0",
                [model],
            )
            if len(ran) == 1:  # a scan on one text has nothing else to read
                probe = ran[0]["name"]
                where.append("head_scores.probe = ?")
                values.append(probe)
        if probe is None:
            where.append(
                "head_scores.probe = (select probe from patterns where name = head_scores.pattern"
                " order by version desc limit 1)"
            )
        join, columns = "", "head_scores.*"
        if label is not None:
            join = "join head_labels using (model, attention, layer, head)"
            columns += ", label, confidence"
            where.append("label = ?")
            values.append(label)
        if sort not in SORTABLE:
            raise UnknownNameError("sort order", sort, SORTABLE)
        order = {
            "layer": "attention, head_scores.layer, head_scores.head, score desc",
            "lift": "score / chance desc",
        }.get(sort, f"{sort} desc")
        return self.rows(
            f"""select {columns} from head_scores {join} where {" and ".join(where)}
                order by {order}, model, attention, layer, head, pattern limit ?""",
            [*values, -1 if limit is None else limit],
        )

    def scores(self, model: str | None = None) -> pandas.DataFrame:
        """All scores as a frame with the columns of `head_scores`."""
        return self._frame("head_scores", model)

    def labels(self, model: str | None = None) -> pandas.DataFrame:
        """All labels as a frame with the columns of `head_labels`."""
        return self._frame("head_labels", model)

    def evidence(self, model: str | None = None) -> pandas.DataFrame:
        """All evidence as a frame with the columns of `head_evidence`."""
        return self._frame("head_evidence", model)

    def similar(self, model: str, head: str, *, among: str | None = None, limit: int = 10) -> pandas.DataFrame:
        """The heads nearest to one ("L18H6") in all models or `among` one, nearest first.

        Columns: model, attention, layer, head, distance, explanation.

        Raises:
            HeadatlasError: the database does not hold the head, or it was measured on nothing that can be compared.
        """
        import pandas

        from headatlas.catalog.similar import similar

        found = similar(self, model, *parse_head(head), among=among, limit=limit)
        rows = [(one.model, one.attention, one.layer, one.head, one.distance, one.explanation) for one in found]
        return pandas.DataFrame(rows, columns=["model", "attention", "layer", "head", "distance", "explanation"])

    def compare(self, first: str, second: str) -> pandas.DataFrame:
        """Scores that two scans of models of one shape have both, the largest difference first.

        Columns: attention, layer, head, pattern, probe, first, second, difference, low, high (of the difference) and
        real, whether it is more than chance. `headatlas.catalog.compare.compare` tells more, also of other shapes.

        Raises:
            UnknownNameError: a model that the database does not hold.
            HeadatlasError: the models have other shapes.
        """
        import pandas

        from headatlas.catalog.compare import compare

        found = compare(self, first, second)
        if not found.same_shape:
            raise HeadatlasError(
                f"{first} has {found.shapes[0]}, {second} {found.shapes[1]}: their heads do not correspond. "
                "Use headatlas.catalog.compare.compare for what there is to say, or similar() head by head."
            )
        columns = ("attention", "layer", "head", "pattern", "probe", "first", "second", "difference", "low", "high",
                   "real")  # fmt: skip
        rows = [[getattr(one, name) for name in columns] for one in found.changes]
        return pandas.DataFrame(rows, columns=list(columns))

    def _frame(self, view: str, model: str | None) -> pandas.DataFrame:
        import pandas

        if model is not None:
            self.scan(model)
        columns, rows = _columns_and_rows(
            self.connection.execute(f"select * from {view} where ?1 is null or model = ?1", [model])
        )
        return pandas.DataFrame(rows, columns=columns)

    def _known_label(self, label: str) -> None:
        """A label that no head carries is no mistake, as long as there is a pattern of that name."""
        if not self.rows("select 1 from patterns where name = ? and kind = 'target'", [label]):
            known = [row[0] for row in self.rows("select distinct label from head_labels")]
            if label not in known:
                raise UnknownNameError("label", label, known)

    def _known(self, kind: str, name: str) -> None:
        known = [row[0] for row in self.rows(f"select distinct name from {kind}s")]
        if name not in known:
            raise UnknownNameError(kind, name, known)


def _columns_and_rows(cursor: sqlite3.Cursor) -> tuple[list[str], Iterable[tuple[Any, ...]]]:
    return [column[0] for column in cursor.description], [tuple(row) for row in cursor.fetchall()]
