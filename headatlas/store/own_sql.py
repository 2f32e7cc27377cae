"""What a database brings of its own that SQLite runs: views, indexes on expressions, conditions on rows."""

from __future__ import annotations

import hashlib
import re
import sqlite3

# Of a view's text; see `digest`. A test makes them anew from the schema of all versions.
KNOWN_VIEWS = frozenset(
    """
    1188c2ffa62f6111 2396dc1d22479380 29e4c276dc97a00e 777f8a00e7cf02e4 9647c06801258743 a964b3a028d7f7f7
    b3ed3b6ea9ca5c01 c62b066a7c34c71e cb0926680126778c e45ac71cbdd0671b f8f73992d91d8e58
    """.split()
)
TABLES = frozenset(
    """
    _sqlite_migrations awakenings budgets certificates chunks compositions descriptions distances edges
    evidence evidence_costs evidence_kinds evidence_parts evidence_runs examples far_lags head_lines head_map
    heads heatmaps kinds label_groups labels layers line_texts off_sink overlaps paths patterns probes
    profiles scan_probes scans scores sentences sinks task_parts task_runs tasks warnings
    """.split()
)
# Indexes of ours that compute something, beside those on columns.
_COMPUTED = {
    "create unique index one_done_scan_per_model on scans(model) where status = 'done'",
    "create unique index one_value_of_a_kind on evidence(head_id, kind_id, coalesce(probe_id, 0))",
}
_NAME = r"""(?:"[^"]*"|\[[^\]]*\]|`[^`]*`|\w+)"""
_COLUMN = rf"{_NAME}(?: (?:asc|desc))?"
_OF_COLUMNS = re.compile(rf"create (?:unique )?index {_NAME} on {_NAME} ?\( ?{_COLUMN}(?:, ?{_COLUMN})* ?\)")
_CONDITION = re.compile(r"\b(?:check|default)\b")


def digest(sql: str) -> str:
    """Sixteen digits for a statement, however it is broken into lines."""
    return hashlib.sha256(_on_one_line(sql).encode("utf-8", "backslashreplace")).hexdigest()[:16]


def computed(connection: sqlite3.Connection) -> str | None:
    """What would be computed whenever a row of a table of ours is written, in words; None where nothing is."""
    owned = connection.execute("select type, name, tbl_name, sql from sqlite_master where sql is not null")
    for kind, name, table, sql in owned:
        text = _on_one_line(str(sql))
        if str(table).lower() not in TABLES:
            continue
        if kind == "index" and text not in _COMPUTED and _OF_COLUMNS.fullmatch(text) is None:
            return f"the index '{str(name)[:40]}', which is not on columns alone"
        if kind == "table" and _CONDITION.search(text):
            return f"conditions or defaults in '{name}'"
    return None


def _on_one_line(sql: str) -> str:
    return " ".join(sql.lower().split())
