"""`headatlas groups`: what all heads with a label do together."""

from __future__ import annotations

import click

import headatlas
from headatlas.cli.completion import complete_model
from headatlas.cli.options import db_option, form_options
from headatlas.cli.terminal_text import echo


@click.command()
@click.argument("model", shell_complete=complete_model)
@db_option
@form_options
def groups(model: str, db: str, form: str) -> None:
    """Say what breaks when all heads with a label are taken out of MODEL together.

    Beside as many others of the same layers, and beside what the removal of each alone adds up to. `headatlas evidence`
    measures it.

    \b
    headatlas groups smollm2-135m
    headatlas groups smollm2-135m --json
    """
    from headatlas.cli.output import write
    from headatlas.cli.terminal_table import terminal_width, wrap
    from headatlas.evidence.words.group_words import COLUMNS, group_rows, in_words

    with headatlas.open(db) as catalog:
        rows = group_rows(catalog, model)
    if rows and form == "table":
        echo("\n\n".join("\n".join(wrap(in_words(row), terminal_width())) for row in rows))
        return
    empty = f"Nothing about groups of {model}'s heads is stored. `headatlas evidence {model} --force` measures it."
    write(COLUMNS, [tuple(row[name] for name in COLUMNS) for row in rows], form, empty=empty)


COMMANDS = (groups,)
