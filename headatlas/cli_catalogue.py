"""Commands that ask, compare and share: `query` and its neighbours."""

from __future__ import annotations

import click

import headatlas
from headatlas.cli_options import db_option, form_options, pairs
from headatlas.guarded import ROWS, SECONDS


@click.command()
@click.argument("sql", required=False)
@db_option
@click.option("--list", "listing", is_flag=True, help="List the named queries.")
@click.option("--sql", "show", is_flag=True, help="Print a named query's SQL instead of running it.")
@click.option("--set", "values", multiple=True, metavar="NAME=VALUE", help="A parameter, as in :minimum.")
@click.option("--limit", default=ROWS, show_default=True, help="How many rows at most; 0 for all.")
@click.option("--seconds", default=SECONDS, show_default=True, help="How long it may take.")
@form_options
def query(
    sql: str | None,
    db: str,
    listing: bool,
    show: bool,
    values: tuple[str, ...],
    limit: int,
    seconds: float,
    form: str,
) -> None:
    """Run read-only SQL, or a named query, on the database.

    \b
    headatlas query --list
    headatlas query induction-heads --set minimum=0.6
    headatlas query "select pattern, max(score) from head_scores group by pattern"
    headatlas query "select * from descriptions"
    """
    from headatlas import queries
    from headatlas.listing import query_rows
    from headatlas.output import write

    if show:
        click.echo(queries.find(sql or "").sql)
        return
    with headatlas.open(db) as catalog:
        if listing:
            write(*query_rows(catalog.connection, form), form)
            return
        if not sql:
            raise click.UsageError("Give SQL or the name of a query; --list shows the names.")
        answer = catalog.ask(sql, pairs(values), limit=limit or None, seconds=seconds)
    write(answer.columns, answer.rows, form)
    if answer.cut:
        click.echo(f"Only the first {limit} rows; --limit 0 gives all.", err=True)


COMMANDS = (query,)
