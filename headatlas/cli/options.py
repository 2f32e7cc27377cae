"""Options that several commands share."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

import click

from headatlas.settings import default_database

F = TypeVar("F", bound=Callable[..., Any])


def db_option(function: F) -> F:
    """`--db`."""
    return click.option(
        "--db", default=default_database, show_default="headatlas.db, or $HEADATLAS_DB", help="Database file."
    )(function)


def scan_options(function: F) -> F:
    """What a scan of one model and of many have in common; `--probe` as an argument `probes`."""
    for option in reversed(
        (
            click.option("--probe", "probes", multiple=True, help="Run this probe only; may be given several times."),
            click.option("--seed", default=0, show_default=True, help="Seed of the probes and of the bootstrap."),
            click.option(
                "--device", type=click.Choice(["auto", "cpu", "cuda", "mps"]), default="auto", show_default=True
            ),
            click.option(
                "--dtype", type=click.Choice(["float32", "bfloat16", "float16"]), default="float32", show_default=True
            ),
            click.option("--trust-remote-code", is_flag=True, help="Run code that comes with the model."),
            click.option(
                "--value-weighted", is_flag=True,
                help="Also store scores weighted by the norms of the value vectors.",
            ),
            click.option("--force", is_flag=True, help="Scan again what has been scanned."),
        )
    ):  # fmt: skip
        function = option(function)
    return function


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
