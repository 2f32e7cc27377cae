"""The command `headatlas path`: what of one head's effect goes through another."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from headatlas.cli.completion import complete_model, complete_pattern, complete_probe
from headatlas.cli.options import FOR_PEOPLE, WholeNumber, db_option, form_options, load_options
from headatlas.cli.output import write
from headatlas.heads import parse_head

if TYPE_CHECKING:
    from headatlas.evidence.paths.result import Measured
    from headatlas.settings import LoadOptions

_ROUTES = {"q": "queries", "k": "keys", "v": "values", "all": "all three", "total": "taken out"}


@click.command()
@click.argument("model", shell_complete=complete_model)
@click.argument("a")
@click.argument("b")
@db_option
@click.option("--probe", shell_complete=complete_probe, help="Prompts; by default those that test B's first label.")
@click.option(
    "--pattern", shell_complete=complete_pattern, help="Pattern on which B is scored; its first label by default."
)
@click.option("--resample", is_flag=True, help="Replace A's output by some drawn from other prompts, not by its mean.")
@click.option("--seed", type=WholeNumber(most=2**32 - 1), default=0, show_default=True, help="Seed of the prompts.")
@form_options
@load_options("device", "revision", "trust_remote_code")
def path(
    model: str,
    a: str,
    b: str,
    db: str,
    probe: str | None,
    pattern: str | None,
    resample: bool,
    seed: int,
    form: str,
    load: LoadOptions,
) -> None:
    """Say what of head A's effect goes through the queries, keys and values of the later head B.

    A's output is replaced only in what B reads, and only along the residual stream: no head and no feed-forward layer
    in between sees it. Beside it stands what is lost when A is taken out altogether. Of a scanned model the result is
    stored in the view head_paths.

    \b
    headatlas path smollm2-135m L16H0 L18H6
    headatlas path smollm2-135m L16H0 L18H6 --resample --json
    """
    from headatlas.evidence.paths.result import COLUMNS
    from headatlas.evidence.paths.run import measure_path

    result = measure_path(
        model, parse_head(a), parse_head(b), db=db, load=load, probe=probe, pattern=pattern, resampled=resample,
        seed=seed,
    )  # fmt: skip
    if form in FOR_PEOPLE:
        columns: tuple[str, ...] = ("through", "effect", "95% interval")
        rows: list[tuple[Any, ...]] = [
            (_ROUTES[route.route], route.effect.value, _interval(route.effect)) for route in result.routes
        ]
        if result.score is not None:
            columns += (f"{result.pattern} score lost", "95% interval ")
            rows = [
                (*row, route.score and route.score.value, _interval(route.score))
                for row, route in zip(rows, result.routes, strict=True)
            ]
        scored = "" if result.score is None else f" {result.b}'s own score is {result.score:.3f}."
        caption = (
            f"{result.sentence}{scored} Effect: {result.measure.replace('_', ' ')} on {result.n_prompts} prompts of "
            f"{result.probe.replace('_', ' ')}."
        )
        write(columns, rows, form, caption)
        return
    write(COLUMNS, [tuple(row.values()) for row in result.rows()], form)


def _interval(value: Measured | None) -> str | None:
    return None if value is None or value.low is None else f"{value.low:.3f} to {value.high:.3f}"
