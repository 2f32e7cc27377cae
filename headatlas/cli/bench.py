"""The command `headatlas bench`."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from headatlas.cli.options import GivenPath, WholeNumber
from headatlas.cli.progress import progress_bar
from headatlas.cli.terminal_text import echo
from headatlas.errors import HeadatlasError
from headatlas.files.given import shown
from headatlas.settings import DEFAULT_SET, PROBE_SETS

if TYPE_CHECKING:
    from headatlas.bench.report import Summary


@click.command()
@click.argument("file", type=GivenPath())
@click.option("--model", default="smollm2-135m", show_default=True, help="Whose tokenizer cuts the probes.")
@click.option("--db", type=GivenPath(), help="Keep the heads there, as a scan one can browse.")
@click.option("--as", "name", default="bench", show_default=True, help="Name of that scan.")
@click.option(
    "--seed",
    type=WholeNumber(most=2**32 - 1),
    default=0,
    show_default=True,
    help="Seed of the probes and of what heads draw.",
)
@click.option(
    "--set",
    "probe_set",
    type=click.Choice(PROBE_SETS),
    default=DEFAULT_SET,
    show_default=True,
    help="Which probes they are scored on.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON: every head, its labels, and the summary.")
@click.option("--quiet", is_flag=True, help="No progress, no messages.")
def bench(
    file: Path, model: str, db: Path | None, name: str, seed: int, probe_set: str, as_json: bool, quiet: bool
) -> None:
    """Send heads whose truth is known through scoring and labelling, and count the errors.

    FILE is a Python file of functions marked with @head: from a probe's tokens to attention (docs/bench.md). It is
    run as a program, so open files that you trust.

    \b
    headatlas bench my_heads.py
    headatlas bench benchmarks/labels/unlisted.py --json
    headatlas bench my_heads.py --db bench.db
    """
    from headatlas.bench import run
    from headatlas.cli.output import write, write_json

    with _streams_kept(file), progress_bar("judging heads", quiet) as progress:
        result = run(file, model=model, db=db, name=name, seed=seed, probe_set=probe_set, progress=progress)
    if as_json:
        write_json(result.to_json())
        return
    for columns, rows, caption in _tables(result.summary):
        if rows:
            write(columns, rows, "table", caption)
    if result.db is not None and not quiet:
        echo(f"The heads are the scan '{name}' in {result.db}.", err=True)


@contextmanager
def _streams_kept(file: Path) -> Iterator[None]:
    """Afterwards standard output and error are what they were before the file was run, which may do anything to them.

    Raises:
        HeadatlasError: the file has closed standard output, so that nothing can be printed.
    """
    own = sys.stdout, sys.stderr
    try:
        yield
    finally:
        sys.stdout, sys.stderr = own
        if sys.stderr.closed:
            sys.stderr = Path(os.devnull).open("w")  # noqa: SIM115 - for the rest of the command
    if sys.stdout.closed:
        raise HeadatlasError(f"{shown(file)} closes standard output, so that no result can be printed. Take that out.")


def _tables(summary: Summary) -> list[tuple[Sequence[str], list[tuple[Any, ...]], str]]:
    kinds: list[tuple[Any, ...]] = [
        (kind.kind, kind.n_heads, kind.n_right, kind.n_wrong, kind.n_surely_wrong) for kind in summary.kinds
    ]
    patterns: list[tuple[Any, ...]] = [
        (pattern.pattern, pattern.n_planted, pattern.n_found, pattern.n_wrong, pattern.f1)
        for pattern in summary.patterns
    ]
    bins: list[tuple[Any, ...]] = [
        (f"{part.low:.1f}-{part.high:.1f}", part.n_labels, part.claimed, part.right) for part in summary.confidence
    ]
    rules: list[tuple[Any, ...]] = [
        (rule, n_heads, n_wrong) for rule, (n_heads, n_wrong) in summary.rules.items() if n_wrong
    ]
    rules.sort(key=lambda row: -row[2] / row[1])
    ways: list[tuple[Any, ...]] = [
        (way.way, way.n_heads, f"{way.n_right} of {way.n_planted}", way.n_wrong, way.macro_f1) for way in summary.ways
    ]
    error = "" if summary.calibration_error is None else f"Expected calibration error {summary.calibration_error:.3f}."
    return [
        (("kind of head", "heads", "named rightly", "wrongly", "surely wrongly"), kinds, ""),
        (("pattern", "planted", "found", "given wrongly", "F1"), patterns, ""),
        (("confidence", "labels", "claimed", "right"), bins, error),
        (("unlisted rule", "heads", "named wrongly"), rules, "Rules that are not named here were never named wrongly."),
        (("way", "heads", "named rightly", "wrongly", "macro F1"), ways, ""),
    ]
