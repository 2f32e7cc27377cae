"""What the shell offers when Tab is pressed: models of the database, patterns, probes and labels."""

from __future__ import annotations

import click
from click.shell_completion import CompletionItem

from headatlas.errors import HeadatlasError
from headatlas.settings import default_database


def complete_model(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The models in the database."""
    return _items(_names(ctx, "select model, architecture from scans where status = 'done' order by model"), incomplete)


def complete_label(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The labels that heads in the database carry."""
    return _items(_names(ctx, "select distinct label, null from labels order by label"), incomplete)


def complete_pattern(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The patterns that are installed."""
    from headatlas.patterns import PATTERNS

    return _items([(pattern.name, pattern.summary) for pattern in PATTERNS], incomplete)


def complete_probe(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The probes that are installed."""
    from headatlas.probes import PROBES

    return _items([(probe.name, probe.summary) for probe in PROBES], incomplete)


def complete_query(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The named queries."""
    from headatlas.catalog.named_queries import QUERIES

    return _items([(query.name, query.title) for query in QUERIES.values()], incomplete)


def _names(ctx: click.Context, sql: str) -> list[tuple[str, str | None]]:
    """Names in the database, with what they are; none where it cannot be read, since a shell shows no errors."""
    from headatlas.catalog.reader import Reader

    try:
        with Reader(ctx.params.get("db") or default_database()) as reader:
            return [(row[0], row[1]) for row in reader.rows(sql)]
    except HeadatlasError:
        return []


def _items(names: list[tuple[str, str | None]], incomplete: str) -> list[CompletionItem]:
    return [CompletionItem(name, help=what or None) for name, what in names if name.startswith(incomplete)]
