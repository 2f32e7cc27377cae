"""Rows of a database as lists that can become frames. Imports no pandas until one is asked for."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    import pandas


class RowList(list[sqlite3.Row]):
    """Rows, whose columns are asked for by name, and which show themselves in a notebook as a table."""

    def __init__(self, rows: Iterable[sqlite3.Row], columns: Sequence[str]) -> None:
        super().__init__(rows)
        self.columns = list(columns)

    def frame(self) -> pandas.DataFrame:
        """The rows as a frame."""
        return _frame(self, self.columns)

    def __repr__(self) -> str:
        return f"{len(self)} rows of {', '.join(self.columns)}; .frame() makes a table of them"

    def _repr_html_(self) -> str:
        return str(self.frame().to_html(index=False, border=0))


class QueryResult(NamedTuple):
    """What a query has given: names of columns, and rows."""

    columns: list[str]
    rows: list[tuple[Any, ...]]

    def frame(self) -> pandas.DataFrame:
        """The rows as a frame."""
        return _frame(self.rows, self.columns)

    def __repr__(self) -> str:
        return f"{len(self.rows)} rows of {', '.join(self.columns)}; .frame() makes a table of them"

    def _repr_html_(self) -> str:
        return str(self.frame().to_html(index=False, border=0))


def _frame(rows: Iterable[Sequence[Any]], columns: Sequence[str]) -> pandas.DataFrame:
    from headatlas.catalog.frames import frame

    return frame(rows, columns)
