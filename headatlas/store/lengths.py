"""How long the values of a database may be that are printed and drawn again and again: those of tables of few rows.

At least as long as `headatlas.store.rules` lets them be, which are asked of what is imported.
"""

from __future__ import annotations

import sqlite3

from headatlas.store.limits import MAX_JSON, MAX_NAME, MAX_TEXT

# Of each table its columns of names, and of JSON. What else is declared as text may have `MAX_TEXT` characters, and
# numbers as many as names: SQLite keeps what it is given, whatever a column is declared to hold.
_COLUMNS: dict[str, tuple[str, str]] = {
    "scans": ("model architecture source tokenizer dtype device revision digest plan status calibration started "
              "finished", "alignment_heads"),
    "patterns": ("name kind family probe", "rivals"),
    "probes": ("name", ""),
    "evidence_kinds": ("name basis unit", ""),
    "layers": ("attention hook", ""),
    "scan_probes": ("", ""),
    "certificates": ("", ""),
    "warnings": ("", ""),
    "examples": ("", "tokens token_ids special key_tokens key_token_ids key_special"),
    "line_texts": ("attention", "tokens"),
    "labels": ("label explained_by basis probe", ""),
    "sentences": ("", ""),
    "kinds": ("name label", "marks"),
    "label_groups": ("label", ""),
    "edges": ("label", ""),
    "evidence_runs": ("plan status", "settings notes"),
    "profiles": ("", "columns"),
    "descriptions": ("", ""),
}  # fmt: skip
# Tables with rows of all heads, of whose columns of numbers nothing is asked: it would take a tenth of a second.
_OF_HEADS = frozenset({"labels", "sentences", "edges"})


def too_long(connection: sqlite3.Connection) -> tuple[str, str, int, int] | None:
    """A column with a value that is too long, how many characters it has, and how many are allowed; None without one.

    Bytes are counted too, four for a character: of text that holds a NUL SQLite counts no more than what is before it.
    """
    for table, (names, json) in _COLUMNS.items():
        declared = connection.execute(f'pragma table_xinfo("{table}")').fetchall()
        texts_only = table in _OF_HEADS
        most = {row[1]: _most(str(row[2]), row[1], names.split(), json.split()) for row in declared
                if not texts_only or str(row[2]).upper() == "TEXT"}  # fmt: skip
        columns = [name for name, allowed in most.items() if allowed is not None]
        if not columns:
            continue  # of an earlier version
        asked = ", ".join(f'max(length("{name}")), max(length(cast("{name}" as blob))) / 4' for name in columns)
        longest = connection.execute(f'select {asked} from "{table}"').fetchone()
        for position, name in enumerate(columns):
            n, allowed = max(value or 0 for value in longest[2 * position : 2 * position + 2]), most[name]
            if allowed is not None and n > allowed:
                return table, name, n, allowed
    return None


def _most(declared: str, column: str, names: list[str], json: list[str]) -> int | None:
    """How many characters a column's values may have; None of bytes."""
    if declared.upper() == "BLOB":
        return None
    if column in json:
        return MAX_JSON
    return MAX_NAME if column in names or declared.upper() != "TEXT" else MAX_TEXT
