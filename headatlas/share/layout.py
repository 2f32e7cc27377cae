"""Which tables of a database belong to a scan, found from its foreign keys.

Rows that refer to a scan, to its heads or to other rows of a scan belong to it. A table added to the schema, with its
foreign keys, is thus carried along when scans are exported, imported or merged.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

from headatlas.errors import HeadatlasError

# Not carried: what is carried otherwise, belongs to the file, or is made anew.
_NOT_CARRIED = {"scans", "heads", "descriptions", "chunks", "profiles"}


class Connection(Protocol):
    """What reading and writing connections share."""

    def execute(self, sql: str, parameters: Sequence[Any] = ...) -> sqlite3.Cursor:
        """Runs one statement."""
        ...


@dataclass(frozen=True)
class Table:
    """A table of a scan's rows: `types` of its columns, `references` of columns to tables, `where` its rows are.

    `required` are the columns that may not be null, `unique` those that no two rows have alike.
    """

    name: str
    types: Mapping[str, str]
    references: Mapping[str, str]
    where: str
    required: frozenset[str] = frozenset()
    unique: tuple[tuple[str, ...], ...] = ()

    @cached_property
    def short(self) -> dict[str, str]:
        """Names of references outside the database, by column: `pattern` for `pattern_id`."""
        return {
            column: column.removesuffix("_id")
            for column, table in self.references.items()
            if table != "scans" and column.removesuffix("_id") not in self.types
        }

    @property
    def listed(self) -> bool:
        """Whether its rows are so many, one a head or pattern, that they make a list of their own."""
        return bool({"heads", "patterns"} & set(self.references.values()))


@dataclass(frozen=True)
class Layout:
    """Tables of definitions (rows with a name and a version), and of rows of scans, those referred to first.

    `types` of the columns of the definitions, and of `scans`.
    """

    definitions: tuple[str, ...]
    tables: Mapping[str, Table]
    types: Mapping[str, Mapping[str, str]]


def newer(what: str) -> HeadatlasError:
    """What is said of a table or a column that this version does not know."""
    return HeadatlasError(
        f"This scan was written by a newer headatlas, or changed by hand: it has a {what} that this one does not know. "
        "Upgrade headatlas, or take the files as they were exported."
    )


def columns(connection: Connection, table: str) -> dict[str, str]:
    """Column names of a table with their declared types, in order."""
    return {row[1]: row[2].upper() for row in connection.execute(f'pragma table_info("{table}")')}


def _required(connection: Connection, table: str) -> frozenset[str]:
    """Columns that are not null, or of the key by which a row is known."""
    rows = connection.execute(f'pragma table_info("{table}")').fetchall()
    return frozenset(row[1] for row in rows if row[3] or row[5])


def _unique(connection: Connection, table: str) -> tuple[tuple[str, ...], ...]:
    """Columns of its unique indexes, of those that are of columns alone, and of a key that is no number of its own."""
    rows = connection.execute(f'pragma table_info("{table}")').fetchall()
    key = tuple(row[1] for row in rows if row[5])
    indexes = connection.execute(f'pragma index_list("{table}")').fetchall()
    whole = [row[1] for row in indexes if row[2] and not row[4]]
    named = (connection.execute(f'pragma index_info("{index}")').fetchall() for index in whole)
    unique = {tuple(row[2] for row in rows) for rows in named if all(row[2] for row in rows)}
    return tuple(sorted(unique | ({key} if key and key != ("id",) else set())))


def layout_of(connection: Connection) -> Layout:
    """What the tables of a database hold, from their foreign keys."""
    names = [
        row[0]
        for row in connection.execute("select name from sqlite_master where type = 'table' order by name")
        if row[0] not in _NOT_CARRIED and not row[0].startswith(("sqlite_", "_sqlite_"))
    ]
    references = {
        name: {row[3]: row[2] for row in connection.execute(f'pragma foreign_key_list("{name}")')} for name in names
    }
    types = {name: columns(connection, name) for name in names}
    definitions = tuple(name for name in names if not references[name] and {"name", "version"} <= set(types[name]))
    # A column that leads to the scan, and the rows of the table it leads to.
    ways = {"scans": "select ?1", "heads": "select id from heads where scan_id = ?1"}
    tables: dict[str, Table] = {}
    waiting = [name for name in names if name not in definitions]
    while waiting:
        ready = [name for name in waiting if not set(references[name].values()) & set(waiting)]
        for name in ready:
            waiting.remove(name)
            leads = [column for to in ways for column in types[name] if references[name].get(column) == to]
            if leads:
                column = leads[0]
                where = f'"{column}" in ({ways[references[name][column]]})'
                if "status" in types[name]:  # what is still being made is not carried
                    where += " and status = 'done'"
                tables[name] = Table(name, types[name], {c: references[name][c] for c in types[name]
                                                        if c in references[name]}, where,
                                     _required(connection, name), _unique(connection, name))  # fmt: skip
                if "id" in types[name]:
                    ways[name] = f'select id from "{name}" where {where}'
        if not ready:
            break
    return Layout(definitions, tables, {name: columns(connection, name) for name in ("scans", *definitions)})
