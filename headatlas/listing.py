"""What the listings say: rows for tables, cards for single definitions."""

from __future__ import annotations

import sqlite3
import textwrap
from collections.abc import Iterable, Sequence
from typing import Any

from headatlas.names import head_name
from headatlas.patterns import PATTERNS, Pattern, rivals_of
from headatlas.probes import PROBES
from headatlas.queries import QUERIES, NamedQuery, lacking

Listing = tuple[Sequence[str], list[tuple[Any, ...]]]


def head_rows(rows: Iterable[Any], *, one_model: bool) -> Listing:
    """Rows of `Catalog.heads` for people; the model is left out where it is the same in all."""
    columns = ("head", "pattern", "score", "95% interval", "chance", "sink-free")
    listed = [
        (
            row["model"],
            head_name(row["attention"], row["layer"], row["head"]),
            row["pattern"],
            row["score"],
            f"{row['ci_low']:.3f}-{row['ci_high']:.3f}" if row["ci_low"] is not None else None,
            row["chance"],
            row["score_nosink"],
        )
        for row in rows
    ]
    return (columns, [row[1:] for row in listed]) if one_model else (("model", *columns), listed)


def pattern_rows(name: str | None, form: str) -> Listing:
    """All patterns, or one: short for tables, complete for programs."""
    chosen = [PATTERNS[name]] if name else list(PATTERNS)
    if form == "table":
        return ("pattern", "family", "what it says"), [(one.name, one.family, one.summary) for one in chosen]
    columns = ("name", "version", "kind", "family", "probe", "unit", "formula", "source", "description")
    return columns, [tuple(getattr(one, column) for column in columns) for one in chosen]


def probe_rows(name: str | None, form: str) -> Listing:
    """All probes, or one."""
    chosen = [PROBES[name]] if name else list(PROBES)
    if form == "table":
        return ("probe", "what it is"), [(one.name, one.summary) for one in chosen]
    columns = ("name", "version", "description")
    return columns, [tuple(getattr(one, column) for column in columns) for one in chosen]


def query_rows(connection: sqlite3.Connection, form: str) -> Listing:
    """The named queries; in tables those that this database cannot answer come last, with the reason."""
    listed = [(one, lacking(connection, one)) for one in QUERIES.values()]
    if form == "table":
        listed.sort(key=lambda pair: bool(pair[1]))
        shown = [(one.name, f"{one.title} ({lack})" if lack else one.title, _defaults(one)) for one, lack in listed]
        return ("query", "what it answers", "parameters"), shown
    columns = ("name", "title", "parameters", "unavailable", "sql")
    return columns, [(one.name, one.title, _defaults(one), lack, one.sql) for one, lack in listed]


def _defaults(one: NamedQuery) -> str:
    return " ".join(f"{name}={value}" for name, value in one.parameters.items())


def pattern_card(name: str) -> str:
    """Everything about a pattern."""
    one = PATTERNS[name]
    facts = [
        ("family", one.family),
        ("formula", one.formula),
        ("unit", one.unit),
        ("example", one.example),
        ("probe", one.probe),
        ("rivals", _rivals(one)),
        ("source", one.source),
        ("version", str(one.version)),
    ]
    text = one.description.replace(one.example, "") if one.example else one.description
    return _card(one.name, text, facts)


def probe_card(name: str) -> str:
    """Everything about a probe."""
    one = PROBES[name]
    served = [item.name for item in PATTERNS if item.probe == one.name]
    return _card(one.name, one.description, [("serves", ", ".join(served)), ("version", str(one.version))])


def _rivals(one: Pattern) -> str:
    return ", ".join(rivals_of(one)) or "none"


def _card(name: str, text: str, facts: Iterable[tuple[str, str]]) -> str:
    paragraphs = [" ".join(part.split()) for part in text.split("\n\n") if part.strip()]
    lines = [name, "", *("\n".join(textwrap.wrap(part, 78)) + "\n" for part in paragraphs)]
    for label, value in facts:
        if value:
            lines += textwrap.wrap(value, 78, initial_indent=f"{label:<9}", subsequent_indent=" " * 9)
    return "\n".join(lines)
