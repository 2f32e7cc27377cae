"""The command `headatlas sweep`."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

import headatlas
from headatlas.cli.options import GivenPath, WholeNumber, command_typed, db_option, load_options, scan_options
from headatlas.cli.terminal_text import echo, spelled_out

if TYPE_CHECKING:
    from headatlas.scanning.options import ScanSettings
    from headatlas.scanning.sweep import Result, SweepProgress
    from headatlas.settings import LoadOptions


@click.command()
@click.argument("models", type=GivenPath())
@db_option
@click.option("--ray", "where", metavar="ADDRESS", help="Work on Ray: the address of a cluster, or auto.")
@click.option("--workers", type=WholeNumber(1, 10_000), help="Ray workers; one a GPU, else one a core, if not given.")
@scan_options
@load_options("device", "dtype", "device_map", "n_devices", "trust_remote_code")
@click.option("--quiet", is_flag=True, help="No progress, no messages but failures.")
def sweep(
    models: Path,
    db: str,
    where: str | None,
    workers: int | None,
    settings: ScanSettings,
    load: LoadOptions,
    force: bool,
    with_evidence: bool,
    quiet: bool,
) -> None:
    """Scan every model of a list that is not in the database yet.

    MODELS is a text file with one model a line, or NAME = MODEL to store it under another name; '#' begins a comment.
    A model that fails does not stop the others; it is reported at the end, the exit code is 1 then, and the same
    command tries it again. With --ray auto, the work goes to the Ray cluster that runs on this machine, or else to
    one that is started for it; evidence is gathered on this machine.

    \b
    headatlas sweep models.txt
    headatlas sweep models.txt --ray auto --db heads.db
    headatlas sweep models.txt --text essay.txt --evidence
    headatlas sweep models.txt --ray 10.0.0.1:6379 --dtype bfloat16
    """
    from headatlas.errors import HeadatlasError
    from headatlas.scanning.sweep import read_list
    from headatlas.scanning.sweep import sweep as in_turn

    listed = read_list(models)
    if where is not None and (load.device_map or load.n_devices):
        raise click.UsageError(
            "--device-map and --n-devices spread a model on this machine; leave them out with --ray."
        )
    if where is not None:
        try:
            from headatlas.scanning.ray_sweep import sweep_on_ray
        except ModuleNotFoundError as error:
            if error.name != "ray":
                raise
            raise HeadatlasError("Ray is not installed. Install it with: pip install 'headatlas[sweep]'") from error
    elif workers is not None:
        raise click.UsageError("--workers are Ray's; give --ray too.")
    results: list[Result] = []
    with _progress(quiet) as progress:
        options: dict[str, Any] = dict(
            db=db, settings=settings, load=load, force=force, progress=progress,
            command=command_typed(),
        )  # fmt: skip
        swept = in_turn(listed, **options) if where is None else sweep_on_ray(listed, where, workers=workers, **options)
        model_of = {model.name: model.model for model in listed}
        for result in swept:
            if with_evidence and not result.failure:
                result = _with_evidence(result, model_of[result.name], db, load, force=force)
            results.append(result)
            if not quiet:
                echo(f"{result.name}: {result.outcome} ({len(results)} of {len(listed)})", err=True)
    failed = [result for result in results if result.failure]
    if not quiet:
        _report(results, db)
    for result in failed:
        echo(f"{result.name}: {result.failure}", err=True)
    if failed:
        sys.exit(1)


def _with_evidence(result: Result, model: str, db: str, load: LoadOptions, *, force: bool) -> Result:
    """What became of a model after evidence was gathered too, or why it was not.

    Raises:
        DatabaseError: nothing can be written any longer.
    """
    from headatlas.errors import DatabaseError
    from headatlas.evidence.run import gather
    from headatlas.scanning.sweep import sentence

    started = time.perf_counter()
    try:
        gather(model, db=db, name=result.name, load=load, force=force)
    except DatabaseError:
        raise
    except Exception as error:
        return replace(result, failure=f"It is scanned, but evidence was not gathered. {sentence(error)}")
    return replace(result, seconds=result.seconds + time.perf_counter() - started)


def _report(results: Sequence[Result], db: str) -> None:
    """A line a model; heads and seconds as the database has them."""
    from headatlas.cli.output import write

    with headatlas.open(db) as catalog:
        heads = {
            row["model"]: row["n"]
            for row in catalog.rows(
                "select model, count(*) as n from scans join heads on scan_id = scans.id where status = 'done' "
                "group by model"
            )
        }
    rows = [
        (
            result.name, result.outcome, None if result.failure else heads[result.name],
            round(result.seconds) if result.ran else None,
        )
        for result in sorted(results, key=lambda result: (bool(result.failure), result.name))
    ]  # fmt: skip
    write(("model", "outcome", "heads", "seconds"), rows, "table")


@contextmanager
def _progress(quiet: bool) -> Iterator[SweepProgress | None]:
    """A bar a model at work, on a terminal."""
    if quiet or not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.markup import escape
    from rich.progress import Progress

    tasks: dict[str, Any] = {}
    with Progress(console=Console(stderr=True), transient=True) as bars:

        def show(name: str, done: int, total: int) -> None:
            if name not in tasks:
                tasks[name] = bars.add_task(escape(spelled_out(name)), total=total)
            bars.update(tasks[name], completed=done, visible=done < total)

        yield show
