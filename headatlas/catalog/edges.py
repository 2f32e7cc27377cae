"""Whose removal takes whose pattern away: the edges that evidence measured, with the labels at both ends."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from headatlas.heads import head_name

if TYPE_CHECKING:
    from headatlas.catalog.reader import Reader

COLUMNS = ("model", "earlier", "earlier_labels", "later", "label", "probe", "score", "change")

_EDGES = """
    select head_edges.*, (
      select group_concat(label, ', ') from (
        select label from head_labels as own
        where (own.model, own.attention, own.layer, own.head)
          = (head_edges.model, head_edges.attention, earlier_layer, earlier_head) order by own.rank)
      ) as earlier_labels
    from head_edges where model = :model and (:later is null or label = :later) and (:earlier is null or exists (
      select 1 from head_labels as own
      where (own.model, own.attention, own.layer, own.head, own.label)
        = (head_edges.model, head_edges.attention, earlier_layer, earlier_head, :earlier)))
    order by change, layer, head, earlier_layer, earlier_head
"""


def edge_rows(
    reader: Reader, model: str, *, from_label: str | None = None, to_label: str | None = None
) -> list[dict[str, Any]]:
    """The edges of a model's finished scan, with `COLUMNS`, what takes most away first; none in files of before.

    Args:
        reader: the database.
        model: name of the scan.
        from_label: a label that the earlier head, which is taken out, has to carry.
        to_label: the label of the later head whose pattern is scored.

    Raises:
        UnknownNameError: no finished scan under this name.
    """
    name = reader.scan(model)["model"]
    if not reader.rows("select 1 from sqlite_master where name = 'head_edges'"):
        return []
    rows = reader.rows(_EDGES, {"model": name, "earlier": from_label, "later": to_label})
    return [
        {
            "model": name,
            "earlier": head_name(row["attention"], row["earlier_layer"], row["earlier_head"]),
            "earlier_labels": row["earlier_labels"],
            "later": head_name(row["attention"], row["layer"], row["head"]),
            **{column: row[column] for column in COLUMNS[4:]},
        }
        for row in rows
    ]


def in_words(row: dict[str, Any]) -> str:
    """ "Without L16H0 L18H6's induction score is 0.29 in place of 0.90"."""
    label = row["label"].replace("_", " ")
    without = max(0.0, row["score"] + row["change"])
    return f"Without {row['earlier']} {row['later']}'s {label} score is {without:.2f} in place of {row['score']:.2f}."
