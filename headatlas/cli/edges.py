"""`headatlas edges`: whose removal takes whose pattern away."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

import headatlas
from headatlas.cli.completion import complete_label, complete_model
from headatlas.cli.options import FOR_PEOPLE, db_option, form_options, limit_option, rows_wanted

if TYPE_CHECKING:
    from headatlas.catalog.catalog import Catalog


@click.command()
@click.argument("model", shell_complete=complete_model)
@db_option
@click.option("--from", "from_label", shell_complete=complete_label, help="Only where a head with this label is out.")
@click.option("--to", "to_label", shell_complete=complete_label, help="Only what happens to heads with this label.")
@limit_option()
@form_options
def edges(model: str, db: str, from_label: str | None, to_label: str | None, limit: int | None, form: str) -> None:
    """List whose removal takes whose pattern away in MODEL, the largest loss first.

    A row is an earlier head that was taken out and a later head with a label: its score on the label's pattern, and
    what that changes by without the earlier head. `headatlas evidence` measures it.

    \b
    headatlas edges smollm2-135m
    headatlas edges smollm2-135m --from previous_token --to induction --json
    """
    from headatlas.catalog.edges import COLUMNS, edge_rows, in_words
    from headatlas.cli.output import say_cut, write

    with headatlas.open(db) as catalog:
        rows = edge_rows(catalog, model, from_label=from_label, to_label=to_label)
        empty = "" if rows else _why_none(catalog, model)
    wanted = rows_wanted(limit, form)
    shown = rows if wanted is None else rows[:wanted]
    columns = COLUMNS[1:] if form in FOR_PEOPLE else COLUMNS
    write(
        columns, [tuple(row[name] for name in columns) for row in shown], form,
        caption=in_words(rows[0]) if rows and form in FOR_PEOPLE and rows[0]["change"] < 0 else "",
        drop=("earlier_labels", "probe"), empty=empty,
    )  # fmt: skip
    say_cut(len(shown), len(rows))


def _why_none(catalog: Catalog, model: str) -> str:
    """Why there are no such edges."""
    from headatlas.catalog.edges import edge_rows

    if edge_rows(catalog, model):
        return "No edge between heads with these labels changes a score by 0.01 or more."
    scan = catalog.scan(model)
    if not catalog.rows("select 1 from heads where scan_id = ? and attention = 'self' limit 1", [scan["id"]]):
        return f"{model} is no decoder; edges are measured between a decoder's heads."
    return f"No edges between {model}'s heads are stored. `headatlas evidence {model} --force` measures them."


COMMANDS = (edges,)
