"""A database opened for reading: its rows, its scans, and the scores of heads. Never imports torch, numpy or pandas."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from headatlas.catalog.head_query import SCORE_OF_LABEL, HeadQuery
from headatlas.catalog.stand_ins import stand_ins
from headatlas.errors import OutOfRangeError, UnknownNameError, brief, spelled
from headatlas.heads import ATTENTION_KINDS, head_name, parse_head
from headatlas.store import guard, readonly

# The promised columns of the view head_scores.
SCORE_COLUMNS = (
    "model", "attention", "layer", "head", "pattern", "probe", "score", "score_nosink", "chance", "ci_low", "ci_high",
    "n_queries", "n_sequences",
)  # fmt: skip
# What stands beside them where a label is asked for; on what it rests comes last, in files too.
LABEL_COLUMNS = ("label", "confidence", "basis", "awake", "label_score")
# Rows that `Reader.batches` gives at a time.
BATCH = 20_000
# What heads can be sorted by, and the SQL that does it.
_ORDERS = {
    "score": "score desc",
    "score_nosink": "score_nosink desc",
    "lift": "score / chance desc",
    "layer": "attention, head_scores.layer, head_scores.head, score desc",
}
SORTABLE = tuple(_ORDERS)


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
            with self.connection.stopped():
                return self.connection.execute(sql, parameters).fetchall()
        except sqlite3.Error as error:
            raise guard.refusal(self.path, error) from error

    def each(self, sql: str, parameters: Sequence[Any] | Mapping[str, Any] = ()) -> Iterator[sqlite3.Row]:
        """The rows of a query one after the other, where there may be too many to hold.

        Raises:
            DatabaseError: SQLite could not answer (a damaged file, a locked one).
        """
        try:
            with self.connection.stopped():
                yield from self.connection.execute(sql, parameters)
        except sqlite3.Error as error:
            raise guard.refusal(self.path, error) from error

    def batches(self, sql: str, parameters: Sequence[Any] | Mapping[str, Any] = ()) -> Iterator[list[tuple[Any, ...]]]:
        """The rows of a query as plain tuples, `BATCH` at a time: of millions it is the objects that take the time.

        Raises:
            DatabaseError: SQLite could not answer (a damaged file, a locked one).
        """
        try:
            cursor = self.connection.execute(sql, parameters)
            cursor.row_factory = None
            while batch := cursor.fetchmany(BATCH):
                yield batch
        except sqlite3.Error as error:
            raise guard.refusal(self.path, error) from error

    def rows_of_scan(self, table: str, scan: int) -> str:
        """SQL for the rows of a scan in a table with a `head_id`: "from ... where ...", in the order of the file.

        What is found by the index of heads is looked up row by row, which takes three times as long where there are
        hundreds of thousands. A scan's rows lie together; what lies between them is looked at and left out.
        """
        of_scan = f"select id from heads where scan_id = {scan}"
        first, last = self.rows(f"select min(rowid), max(rowid) from {table} where head_id in ({of_scan})")[0]
        return f"from {table} where rowid between {first or 0} and {last or 0} and +head_id in ({of_scan})"

    def scans(self) -> list[sqlite3.Row]:
        """Finished scans, one a model, in the order they were finished."""
        return self.rows("select * from scans where status = 'done' order by finished, id")

    def unfinished(self) -> list[sqlite3.Row]:
        """Scans that were cut off, or are being made now.

        Columns: those of `scans`, `chunks_done` and `bytes`, what has been kept of them so far.
        """
        return self.rows(
            "select scans.*, count(chunk) as chunks_done, coalesce(sum(length(data)), 0) as bytes from scans "
            "left join chunks on chunks.scan_id = scans.id where status <> 'done' group by scans.id order by model"
        )

    def scan(self, model: str) -> sqlite3.Row:
        """The finished scan of a model.

        Raises:
            UnknownNameError: no finished scan under this name.
        """
        rows = self.rows("select * from scans where status = 'done' and model = ?", [model])
        if not rows:
            known = [row["model"] for row in self.scans()]
            hint = f"Scan it with `headatlas scan {brief(model)}`." if model.strip() else "Name one."
            raise UnknownNameError("model", model, known, hint)
        return rows[0]

    def head_id(self, model: str, attention: str, layer: int, head: int) -> int:
        """Number of a head in this database (`heads.id`).

        Raises:
            UnknownNameError: no such model or head.
        """
        rows = self.rows(
            "select id from heads where scan_id = ? and attention = ? and layer = ? and head = ?",
            [self.scan(model)["id"], attention, layer, head],
        )
        if not rows:
            raise OutOfRangeError("head", head_name(attention, layer, head), model, self._ranges(model))
        return int(rows[0]["id"])

    def head_rows(
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
    ) -> list[sqlite3.Row]:
        """Scores of heads, best first, with the columns of the view `head_scores`.

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
        if sort not in _ORDERS:
            raise UnknownNameError("sort order", sort, SORTABLE)
        query = self.head_query(
            model, pattern=pattern, probe=probe, label=label, minimum=minimum, layer=layer, head=head
        )
        asked, values = query.sql
        with_label = "" if label is None else f", label, confidence, basis, awake, ({SCORE_OF_LABEL}) as label_score"
        return self.rows(
            f"""select head_scores.*{with_label} {asked}
                order by {_ORDERS[sort]}, model, attention, layer, head, pattern limit ?""",
            [*values, -1 if limit is None else limit],
        )

    def count_head_rows(self, query: HeadQuery) -> int:
        """How many rows `head_rows` has for a query without a limit."""
        asked, values = query.sql
        return int(self.rows(f"select count(*) {asked}", values)[0][0])

    def head_query(
        self,
        model: str | None = None,
        *,
        pattern: str | None = None,
        probe: str | None = None,
        label: str | None = None,
        minimum: float | None = None,
        layer: int | None = None,
        head: str | None = None,
    ) -> HeadQuery:
        """What `head_rows` is asked for, checked against what the database holds."""
        if model is not None:
            self.scan(model)
        if label is not None:
            label = self.known_name("label", label)
            pattern = pattern or label
        if pattern is not None and pattern != label:
            pattern = self.known_name("pattern", pattern)
        if probe is not None:
            probe = self.known_name("probe", probe)
        if layer is not None:
            self._check_layer(model, layer)
        parsed = None if head is None else parse_head(head)
        if parsed is not None and model is not None:
            self.head_id(model, *parsed)
        absent = stand_ins(self, model, pattern) if probe is None else []
        return HeadQuery(model, pattern, probe, label, minimum, layer, parsed, absent)

    def _check_layer(self, model: str | None, layer: int) -> None:
        """A layer that no model has, or not this one, is a mistake."""
        rows = self.rows(
            "select model, max(layer) as last from heads join scans on scans.id = scan_id "
            "where status = 'done' and (?1 is null or model = ?1) group by model order by last desc, model",
            [model],
        )
        if rows and layer > rows[0]["last"]:
            raise OutOfRangeError("layer", str(layer), rows[0]["model"], f"layers 0-{rows[0]['last']}")

    def _ranges(self, model: str) -> str:
        """The layers and heads of a model, as "layers 0-29, heads 0-8"."""
        rows = self.rows(
            "select attention, max(layer), max(head) from heads where scan_id = ? group by attention",
            [self.scan(model)["id"]],
        )
        letter = "" if len(rows) == 1 else "{} "
        return "; ".join(
            f"{letter.format(ATTENTION_KINDS[row[0]].letter)}layers 0-{row[1]}, heads 0-{row[2]}" for row in rows
        )

    def known_name(self, kind: str, name: str) -> str:
        """The name of a pattern, probe or label as the database has it; see `headatlas.errors.spelled`.

        A label that no head carries is no mistake, as long as there is a pattern of that name.

        Raises:
            UnknownNameError: there is none.
        """
        asked = {
            "pattern": "select distinct name from patterns where kind <> 'rival'",
            "probe": "select distinct name from probes",
            "label": "select name from patterns where kind = 'target' union select label from head_labels",
        }
        return name_among(kind, name, {row[0] for row in self.rows(asked[kind])})


def name_among(kind: str, name: str, known: Collection[str]) -> str:
    """The one of the `known` patterns, probes or labels that a name means; see `headatlas.errors.spelled`.

    Raises:
        UnknownNameError: it means none of them.
    """
    for spelling in (name, spelled(name)):
        if spelling in known:
            return spelling
    if kind == "probe":
        raise UnknownNameError(kind, name, known)
    from headatlas.patterns import PATTERNS  # not at the top: it takes numpy, and most commands do without

    raise UnknownNameError(kind, name, known, synonyms=PATTERNS.synonyms(), elsewhere=PATTERNS.elsewhere(name))
