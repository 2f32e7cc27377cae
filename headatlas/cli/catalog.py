"""Commands that ask: `query`, `search`, `similar`, `training`, `verify`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import click

import headatlas
from headatlas.catalog.search import KINDS
from headatlas.catalog.user_sql import ROWS, SECONDS
from headatlas.cli.completion import complete_model, complete_pattern, complete_probe, complete_query
from headatlas.cli.options import (
    FOR_PEOPLE,
    GivenPath,
    WholeNumber,
    db_option,
    form_options,
    limit_option,
    pairs,
    rows_wanted,
)
from headatlas.cli.terminal_text import echo
from headatlas.errors import brief

# Columns of a named query, besides the first, that every table has.
MIN_COLUMNS = 3
# How many of the others may be left out of one; where that is not enough, rows become cards.
MAX_DROPPED = 3


@click.command()
@click.argument("sql", required=False, shell_complete=complete_query)
@db_option
@click.option("--list", "listing", is_flag=True, help="List the named queries.")
@click.option("--sql", "show", is_flag=True, help="Print a named query's SQL instead of running it.")
@click.option("--set", "values", multiple=True, metavar="NAME=VALUE", help="A parameter, as in :minimum.")
@limit_option(ROWS)
@click.option(
    "--seconds",
    type=click.FloatRange(min=0, min_open=True),
    default=SECONDS,
    show_default=True,
    help="How long it may take.",
)
@form_options
def query(
    sql: str | None,
    db: str,
    listing: bool,
    show: bool,
    values: tuple[str, ...],
    limit: int | None,
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
    from headatlas.catalog import named_queries
    from headatlas.cli.output import write
    from headatlas.cli.tables import query_rows, with_head_names

    if show:
        if not sql:
            raise click.UsageError("Give the name of a query; --list shows the names.")
        echo(named_queries.find(sql).sql)
        return
    with headatlas.open(db) as catalog:
        if listing:
            write(*query_rows(catalog.connection, form), form, drop=("parameters",))
            return
        if not sql:
            raise click.UsageError("Give SQL or the name of a query; --list shows the names.")
        given = pairs(values)
        answer = catalog.ask(sql, given, limit=rows_wanted(limit, form, ROWS), seconds=seconds)
    if form in FOR_PEOPLE and named_queries.is_name(sql):  # its columns are in the order of their importance
        columns, rows = with_head_names(answer.columns, answer.rows)
        write(columns, rows, form, drop=columns[:MIN_COLUMNS:-1][:MAX_DROPPED], empty=_nothing(sql, given))
    else:
        write(answer.columns, answer.rows, form, empty=_nothing(sql, given))
    if answer.cut:
        echo(f"Only the first {len(answer.rows):,} rows; --limit 0 gives all.", err=True)


def _nothing(sql: str, given: Mapping[str, str]) -> str:
    """What is said of a query without rows: with which values of its parameters there are none."""
    from headatlas.catalog import named_queries

    defaults = named_queries.find(sql.strip()).parameters if named_queries.is_name(sql) else {}
    values = ", ".join(f"{name}={brief(str(value))}" for name, value in {**defaults, **given}.items())
    return f"No rows with {values}." if values else "No rows."


@click.command()
@click.argument("text")
@db_option
@click.option("--kind", type=click.Choice(KINDS), help="Only results of this kind.")
@limit_option()
@form_options
def search(text: str, db: str, kind: str | None, limit: int | None, form: str) -> None:
    """Search patterns, probes, example texts, named queries, literature and columns for words.

    \b
    headatlas search "earlier copy"
    headatlas search sink --kind pattern
    """
    from headatlas.catalog.search import search
    from headatlas.cli.output import say_cut, write

    with headatlas.open(db) as catalog:
        results = search(catalog, text, kind=kind, limit=None)
    shown = results[: rows_wanted(limit, form)]
    write(
        ("kind", "name", "passage"),
        [(result.kind, result.name, result.passage) for result in shown],
        form,
        empty=f"Nothing has all of these words: {brief(text)}",
    )
    say_cut(len(shown), len(results))


@click.command()
@click.argument("model", shell_complete=complete_model)
@click.argument("head")
@db_option
@click.option(
    "--among", metavar="MODEL", shell_complete=complete_model, help="Look among the heads of this model only."
)
@click.option("--limit", type=WholeNumber(1), default=10, show_default=True, help="How many heads.")
@form_options
def similar(model: str, head: str, db: str, among: str | None, limit: int, form: str) -> None:
    """List the heads of all models that behave most like HEAD of MODEL, and say why.

    The distance is a root mean square over all that both were measured on: how far each is above chance for every
    pattern, from 0 (chance) to 1 (a perfect head), and how its attention is spread over distances. Pages show the same.

    \b
    headatlas similar smollm2-135m L18H6
    headatlas similar smollm2-135m L18H6 --among gpt2 --json
    """
    from headatlas.catalog.similar import similar
    from headatlas.cli.output import write
    from headatlas.heads import parse_head

    with headatlas.open(db) as catalog:
        neighbours = similar(catalog, model, *parse_head(head), among=among, limit=limit)
    rows = [(near.model, near.name, round(near.distance, 4), near.explanation) for near in neighbours]
    write(("model", "head", "distance", f"why ({head}/other)" if form in FOR_PEOPLE else "why"), rows, form)


@click.command()
@click.argument("run")
@db_option
@click.option("--pattern", shell_complete=complete_pattern, help="Which pattern instead of the most prominent one.")
@click.option(
    "--probe", shell_complete=complete_probe, help="Scores on this probe instead of the one the pattern was made for."
)
@click.option("--html", type=GivenPath(), help="Also write a page to this file: one curve a head.")
@form_options
def training(run: str, db: str, pattern: str | None, probe: str | None, html: Path | None, form: str) -> None:
    """Show the heads of RUN over its training, from the scans that `scan --checkpoints` stored as RUN@step512.

    The table has a line a head: its first, last and highest score, and the step from which on it stays above the middle
    between its lowest and its highest. JSON and CSV hold the score of every head at every step.

    \b
    headatlas training my-run
    headatlas training my-run --pattern previous_token --html page.html
    """
    from headatlas.catalog.training import training
    from headatlas.cli.comparison_tables import training_rows
    from headatlas.cli.output import say, write

    with headatlas.open(db) as catalog:
        curves = training(catalog, run, pattern=pattern, probe=probe)
    if html is not None:
        from headatlas.views.single_page import write_page
        from headatlas.views.training_page import training_page

        write_page(html, training_page(curves))
    for note in curves.notes:
        say(note)
    write(*training_rows(curves, form), form)


@click.command()
@click.argument("model", shell_complete=complete_model)
@db_option
@click.option("--literature", "file", type=GivenPath(), help="A list of your own (CSV) in place of ours.")
@form_options
def verify(model: str, db: str, file: Path | None, form: str) -> None:
    """Compare a scan of MODEL with what papers say of its heads.

    Prints how many of the published heads are among our highest scores, the rank correlation with published values,
    and every contradiction. JSON and CSV hold each finding beside our measurement. The heads from which a Whisper takes
    the times of words, which its generation settings name, are compared likewise.

    \b
    headatlas verify gpt2
    headatlas verify my-model --literature findings.csv --json
    """
    from headatlas.catalog import literature
    from headatlas.catalog.verify import verify
    from headatlas.cli.comparison_tables import CHECKED, checked_rows, verification_tables
    from headatlas.cli.output import write

    known = literature.read(file) if file else None
    with headatlas.open(db) as catalog:
        verification = verify(catalog, model, known)
    if form not in FOR_PEOPLE:
        write(CHECKED, checked_rows(verification), form)
        return
    for columns, rows, caption, drop in verification_tables(verification):
        write(columns, rows, form, caption, drop)


COMMANDS = (query, search, similar, training, verify)
