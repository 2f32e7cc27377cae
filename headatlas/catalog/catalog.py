"""A database as `headatlas.open` returns it: models, heads, frames, SQL, similar heads, comparisons. No torch."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from headatlas.catalog import named_queries, user_sql
from headatlas.catalog.compare import compare
from headatlas.catalog.reader import LABEL_COLUMNS, SCORE_COLUMNS, Reader
from headatlas.catalog.rows import QueryResult, RowList
from headatlas.catalog.similar import similar
from headatlas.catalog.sizes import bytes_by_scan
from headatlas.errors import DatabaseError, HeadatlasError, UnknownNameError
from headatlas.heads import parse_head

if TYPE_CHECKING:
    import pandas

    from headatlas.catalog.frames import HeadFrame

_SIMILAR_COLUMNS = ("model", "attention", "layer", "head", "distance", "explanation")
_CHANGE_COLUMNS = (
    "attention", "layer", "head", "pattern", "probe", "first", "second", "difference", "low", "high", "real",
)  # fmt: skip

_VERIFIED_COLUMNS = (
    "attention", "layer", "head", "role", "source", "published", "pattern", "score", "chance", "rank", "n_heads",
    "confidence", "contradiction",
)  # fmt: skip


class Catalog(Reader):
    """A headatlas database, opened read-only.

    ```python
    with Catalog("headatlas.db") as catalog:
        catalog.scores("smollm2-135m")
    ```
    """

    def __repr__(self) -> str:
        return f"Catalog({str(self.path)!r}, {len(self.scans())} models)"

    def _repr_html_(self) -> str:
        from headatlas.catalog.frames import titled

        return titled(str(self.path), self.models().frame())

    def query(self, sql: str, parameters: Mapping[str, Any] | None = None) -> QueryResult:
        """Column names and rows of a user's SQL, or of a named query (see `headatlas.catalog.named_queries`).

        A pair; `.frame()` makes a frame of it.

        Raises:
            DatabaseError: the SQL is wrong, would do something else than read, or takes too long.
        """
        answer = self.ask(sql, parameters)
        return QueryResult(answer.columns, answer.rows)

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
            sql = named.sql_for(self.connection)
            parameters = named_queries.bind(named, {k: str(v) for k, v in (parameters or {}).items()})
            if "pattern" in parameters:
                parameters = {**parameters, "pattern": self.known_name("pattern", str(parameters["pattern"]))}
        return user_sql.run(self.path, sql, parameters, limit=limit, seconds=seconds)

    def models(self) -> RowList:
        """One row a model: name, architecture, layers, heads, parameters, when and how long it was scanned, its size.

        A list; `.frame()` makes a frame of it. `bytes` are those of `headatlas.catalog.sizes`.
        """
        return self._listed(
            """select model, architecture, n_layers as layers, n_parameters as parameters,
                      (select count(*) from heads where heads.scan_id = scans.id) as heads,
                      dtype, substr(finished, 1, 10) as scanned, round(seconds, 1) as seconds,
                      coalesce(sizes.value, 0) as bytes
               from scans left join json_each(?) as sizes on sizes.key = cast(scans.id as text)
               where status = 'done' order by model""",
            [json.dumps(bytes_by_scan(self))],
        )

    def scans(self) -> RowList:
        """Finished scans, one a model, in the order they were finished, with everything that is known of them.

        A list; `.frame()` makes a frame of it.
        """
        return self._listed("select * from scans where status = 'done' order by finished, id")

    def patterns(self) -> pandas.DataFrame:
        """The patterns that the scans measured, in their newest version, as a frame.

        Columns: name, version, kind ("target" or "statistic"), family, probe, unit, summary, source.
        """
        return self._newest("patterns", "name, version, kind, family, probe, unit, summary, source")

    def probes(self) -> pandas.DataFrame:
        """The probes that the scans ran, in their newest version, as a frame: name, version, summary."""
        return self._newest("probes", "name, version, summary")

    def search(self, text: str, *, kind: str | None = None, limit: int = 20) -> pandas.DataFrame:
        """What the database says in words, of patterns, probes, texts, columns and the literature, best first.

        Columns: kind, name, passage. `kind` keeps one of `headatlas.catalog.search.KINDS`.

        Raises:
            UnknownNameError: there is no such kind.
        """
        from headatlas.catalog.search import KINDS, search

        if kind is not None and kind not in KINDS:
            raise UnknownNameError("kind", kind, KINDS)
        hits = search(self, text, kind=kind, limit=limit)
        return _frame([(hit.kind, hit.name, hit.passage) for hit in hits], ("kind", "name", "passage"))

    def verify(self, model: str, *, literature: str | Path | None = None) -> HeadFrame:
        """What papers say of a model's heads beside our measurement, a row a finding.

        Columns: attention, layer, head, role, source, published, pattern, score, chance, rank, n_heads, confidence,
        contradiction (empty where there is none). `literature` is a list of your own, in the form of
        catalog/literature.csv. `headatlas.catalog.verify.verify` tells more.

        Raises:
            UnknownNameError: a model that the database does not hold.
            HeadatlasError: nothing is known of the model.
        """
        from headatlas.catalog.literature import read
        from headatlas.catalog.verify import verify

        known = None if literature is None else read(Path(literature))
        rows = [
            (
                row.finding.attention, row.finding.layer, row.finding.head, row.finding.role, row.finding.source,
                row.finding.value, row.pattern, row.score, row.chance, row.rank, row.n_heads, row.confidence,
                row.contradiction,
            )
            for row in verify(self, model, known).checked
        ]  # fmt: skip
        return _head_frame(rows, _VERIFIED_COLUMNS)

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
    ) -> HeadFrame:
        """Scores of heads as a frame with the columns of the view `head_scores`, best first.

        `.pairs()` gives the heads as [(layer, head), ...], `.hooks()` as TransformerLens hooks with heads' numbers.

        Args:
            model: only heads of this model; of all models when None.
            pattern: only scores for this pattern. None gives all patterns, but not the row statistics, which have
                other units.
            probe: scores on this probe. None reads each pattern on the probe it was made for, or, where a scan did not
                run it, on one that stands in for it (see `headatlas.catalog.stand_ins`).
            label: only heads that carry this label, with more columns: label, confidence, basis, awake and label_score,
                the score off the sink that the label rests on. The scores are those for the pattern of that name unless
                `pattern` is given.
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
        columns = (*SCORE_COLUMNS, *(LABEL_COLUMNS if label is not None else ()))
        return _head_frame(rows, columns, self._hooks({row["model"] for row in rows}))

    def scores(self, model: str | None = None) -> HeadFrame:
        """All scores, of all models or of one, as a frame with the columns of `head_scores`."""
        return self._view("head_scores", model)

    def labels(self, model: str | None = None) -> HeadFrame:
        """All labels, of all models or of one, as a frame with the columns of `head_labels`."""
        return self._view("head_labels", model)

    def evidence(self, model: str | None = None) -> HeadFrame:
        """All evidence, of all models or of one, as a frame with the columns of `head_evidence`."""
        return self._view("head_evidence", model)

    def groups(self, model: str | None = None) -> pandas.DataFrame:
        """What all heads with a label do together, of all models or of one, with the columns of `head_groups`.

        Empty, and without columns, in files made before that was measured and not opened for writing since.

        Raises:
            UnknownNameError: a model that the database does not hold.
        """
        return self._later_view("head_groups", model)

    def edges(self, model: str | None = None) -> pandas.DataFrame:
        """How far labelled heads still follow their pattern while an earlier head is out; as `head_edges` has it.

        Empty, and without columns, in files made before that was measured and not opened for writing since.

        Raises:
            UnknownNameError: a model that the database does not hold.
        """
        return self._later_view("head_edges", model)

    def paths(self, model: str | None = None) -> pandas.DataFrame:
        """What of heads' effects goes straight through later heads, as `headatlas path` measured, from `head_paths`.

        Empty, and without columns, in files made before that was stored and not opened for writing since.

        Raises:
            UnknownNameError: a model that the database does not hold.
        """
        return self._later_view("head_paths", model)

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

    def _listed(self, sql: str, parameters: Sequence[Any] = ()) -> RowList:
        empty = self.connection.execute(f"select * from ({sql}) limit 0", parameters)
        return RowList(self.rows(sql, parameters), [column[0] for column in empty.description])

    def _newest(self, table: str, columns: str) -> pandas.DataFrame:
        """Definitions in their newest version."""
        rows = self.rows(f"select {columns}, max(version) from {table} group by name order by name")
        names = columns.split(", ")
        return _frame([tuple(row)[: len(names)] for row in rows], names)

    def _view(self, view: str, model: str | None) -> HeadFrame:
        """A view of the database as a frame."""
        if model is not None:
            self.scan(model)
        cursor = self.connection.execute(f"select * from {view} where ?1 is null or model = ?1", [model])
        rows = cursor.fetchall()
        hooks = self._hooks({row["model"] for row in rows})
        return _head_frame(rows, [column[0] for column in cursor.description], hooks)

    def _later_view(self, view: str, model: str | None) -> pandas.DataFrame:
        """A view that files of earlier versions lack: of these a frame without rows or columns."""
        if not self.rows("select 1 from sqlite_master where name = ?", [view]):
            return _frame([], ())
        return self._view(view, model)

    def _hooks(self, models: Collection[str]) -> list[Any]:
        """Model, attention, layer and hook of each layer of some models."""
        return self.rows(
            "select model, attention, layer, hook from layers join scans on scans.id = scan_id "
            "where status = 'done' and model in (select value from json_each(?))",
            [json.dumps(sorted(models))],
        )


# Pandas is not imported at the top: listings do without it.


def _frame(rows: Iterable[Sequence[Any]], columns: Sequence[str]) -> pandas.DataFrame:
    from headatlas.catalog.frames import frame

    return frame(rows, columns)


def _head_frame(
    rows: Iterable[Sequence[Any]], columns: Sequence[str], hooks: Iterable[Sequence[Any]] = ()
) -> HeadFrame:
    from headatlas.catalog.frames import head_frame

    return head_frame(rows, columns, hooks)
