"""Options that several commands share."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

import click

import headatlas

F = TypeVar("F", bound=Callable[..., Any])


def db_option(function: F) -> F:
    """`--db`."""
    return click.option(
        "--db", default=headatlas.default_database, show_default="headatlas.db, or $HEADATLAS_DB", help="Database file."
    )(function)


def form_options(function: F) -> F:
    """`--json` and `--csv`, as one argument `form` that is 'table' otherwise."""

    @click.option("--json", "form", flag_value="json", help="Print JSON.")
    @click.option("--csv", "form", flag_value="csv", help="Print CSV.")
    @wraps(function)
    def wrapped(*args: Any, form: str | None, **kwargs: Any) -> Any:
        return function(*args, form=form or "table", **kwargs)

    return wrapped  # type: ignore[return-value]


def pairs(given: tuple[str, ...]) -> dict[str, str]:
    """`("minimum=0.5",)` as a dictionary.

    Raises:
        click.UsageError: one that has no equals sign.
    """
    for one in given:
        if "=" not in one:
            raise click.UsageError(f"'{one}' should be NAME=VALUE.")
    return dict(one.split("=", 1) for one in given)
