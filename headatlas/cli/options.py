"""Options that several commands share."""

from __future__ import annotations

import math
import re
import shlex
import sys
from collections.abc import Callable, Sequence
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from headatlas.files.given import shown
from headatlas.heads import parse_head
from headatlas.settings import DEFAULT_SET, PROBE_SETS, LoadOptions, default_database

if TYPE_CHECKING:
    from headatlas.probes import Probe

F = TypeVar("F", bound=Callable[..., Any])


# Where the database of a command is kept, for what is said when it is stopped.
DATABASE = "headatlas.database"


def db_option(function: F) -> F:
    """`--db`."""

    def kept(ctx: click.Context, _: click.Parameter, path: str) -> str:
        if not path:
            raise click.BadParameter("An empty name is no path.")
        ctx.meta[DATABASE] = path
        return path

    return click.option(
        "--db", default=default_database, show_default="headatlas.db, or $HEADATLAS_DB", help="Database file.",
        callback=kept,
    )(function)  # fmt: skip


class WholeNumber(click.types.IntParamType):
    """A whole number in a range; click's own type would show the upper end in every help."""

    def __init__(self, least: int = 0, most: int = 10**9) -> None:
        self.least = least
        self.most = most

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """The number; a usage error where it is none, or out of range."""
        number: int = super().convert(value, param, ctx)
        if number < self.least:
            self.fail(f"{number} is less than {self.least}.", param, ctx)
        if number > self.most:
            self.fail(f"{number} is more than {self.most}.", param, ctx)
        return number


class Number(click.types.FloatParamType):
    """A finite number: nothing is above or below what is none."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """The number; a usage error where it is none."""
        number: float = super().convert(value, param, ctx)
        if not math.isfinite(number):
            self.fail(f"{number} is no number that a score can have.", param, ctx)
        return number


def layer_and_head(layer: int | None, head: str | None) -> tuple[int | None, int | None]:
    """What --layer and --head say together, where a head is a number of the layer, or has both in its name: L18H6.

    Raises:
        HeadatlasError: the head is neither.
        click.UsageError: they name two layers, or a head that looks from one text at another, or at a picture.
    """
    if head is None or re.fullmatch(r"\d{1,9}", head):
        return layer, None if head is None else int(head)
    named = parse_head(head)
    if layer not in (None, named.layer):
        raise click.UsageError(f"--layer {layer} and --head {named} name two layers; {named} alone says both.")
    if named.attention not in ("self", "encoder"):
        raise click.UsageError(f"{named} does not look from a text at itself; only such heads are shown on a text.")
    return named.layer, named.head


def command_typed() -> str:
    """The command as it was typed, in a form that can be stored; bytes that are no text stand as \\xff."""
    return shlex.join(["headatlas", *map(shown, sys.argv[1:])])


# Rows that a table on the screen has where --limit does not say.
TABLE_ROWS = 20


def limit_option(rows: int = TABLE_ROWS) -> Callable[[F], F]:
    """`--limit`, None where it is not given; see `rows_wanted`."""
    return click.option(
        "--limit", type=WholeNumber(), help=f"How many rows; 0 for all.  [default: {rows} in tables, else all]"
    )


def rows_wanted(limit: int | None, form: str, rows: int = TABLE_ROWS) -> int | None:
    """How many rows are printed: as --limit says; else of a table on the screen the first, for programs all (None)."""
    if limit is not None:
        return limit or None
    return rows if form == "table" else None


class GivenPath(click.Path):
    """A path; an empty one, which would be the folder one stands in, is a usage error."""

    def __init__(self) -> None:
        super().__init__(path_type=Path)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The path."""
        if not str(value):
            self.fail("An empty name is no path.", param, ctx)
        return super().convert(value, param, ctx)


class Device(click.types.StringParamType):
    """auto, cpu, mps, cuda, or a certain GPU as cuda:1."""

    name = "device"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The device in lower case; a usage error where there is none of this name."""
        device = str(value).lower()
        if not re.fullmatch(r"auto|cpu|mps|cuda(:[0-9]{1,4})?", device, re.ASCII):
            self.fail(f"'{value}' is no device. Use auto, cpu, mps, cuda, or cuda:1 for a certain GPU.", param, ctx)
        return device


_LOAD_OPTIONS = {
    "device": click.option(
        "--device", type=Device(), default="auto", show_default=True, help="auto, cpu, mps, cuda, or cuda:1."
    ),
    "dtype": click.option(
        "--dtype", type=click.Choice(["float32", "bfloat16", "float16"]), default="float32", show_default=True
    ),
    "device_map": click.option("--device-map", help="Spread the weights over devices: auto, balanced or sequential."),
    "n_devices": click.option(
        "--n-devices", type=WholeNumber(1, 1024), help="Spread the weights evenly over this many GPUs."
    ),
    "revision": click.option("--revision", help="Branch, tag or commit on the hub."),
    "trust_remote_code": click.option(
        "--trust-remote-code", is_flag=True, help="Run code that comes with the model."
    ),
}  # fmt: skip


def load_options(*names: str) -> Callable[[F], F]:
    """The options of these fields of `LoadOptions`, as one argument `load`."""

    def decorate(function: F) -> F:
        @wraps(function)
        def wrapped(*args: Any, **kwargs: Any) -> Any:
            load = LoadOptions(**{name: kwargs.pop(name) for name in names})
            return function(*args, load=load, **kwargs)

        for name in reversed(names):
            wrapped = _LOAD_OPTIONS[name](wrapped)
        return wrapped  # type: ignore[return-value]

    return decorate


def scan_options(function: F) -> F:
    """What a scan of one model and of many have in common.

    `ScanSettings` as one argument `settings`, `force`, and `with_evidence`.
    """

    @click.option(
        "--set",
        "probe_set",
        type=click.Choice(PROBE_SETS),
        help="Which probes to run; full draws more texts of each.  "
        f"[default: {DEFAULT_SET}, if neither --probe nor own text is given]",
    )
    @click.option(
        "--probe",
        "probes",
        multiple=True,
        help="Run this probe only, or beside those of --set; may be given several times.",
    )
    @click.option(
        "--seed",
        type=WholeNumber(most=2**32 - 1),
        default=0,
        show_default=True,
        help="Seed of the probes and of the bootstrap.",
    )
    @click.option(
        "--value-weighted", is_flag=True, help="Also store scores weighted by the norms of the value vectors."
    )
    @click.option("--text", "texts", multiple=True, type=GivenPath(), help="Scan on a text file of yours.")
    @click.option(
        "--dataset", "datasets", multiple=True, help="Scan on a dataset, a folder or .jsonl file: NAME or NAME:COLUMN."
    )
    @click.option("--window", type=WholeNumber(2), help="Tokens in a sequence of your own text.  [default: 256]")
    @click.option("--passages", type=WholeNumber(2), help="Passages of natural text to draw, of 160.  [default: 60]")
    @click.option("--force", is_flag=True, help="Scan again what has been scanned.")
    @click.option(
        "--evidence", "with_evidence", is_flag=True, help="Then gather evidence, as `headatlas evidence` does."
    )
    @wraps(function)
    def wrapped(
        *args: Any, probes: tuple[str, ...], seed: int, value_weighted: bool, texts: tuple[Path, ...],
        datasets: tuple[str, ...], window: int | None, probe_set: str | None, passages: int | None,
        **kwargs: Any,
    ) -> Any:  # fmt: skip
        from headatlas.scanning.options import ScanSettings

        own_text = _own_text(texts, datasets, window)
        settings = ScanSettings(probes, own_text, seed, value_weighted, probe_set, passages)
        return function(*args, settings=settings, **kwargs)

    return wrapped  # type: ignore[return-value]


# Forms that are read by people: what is for them is shorter than what is for programs.
FOR_PEOPLE = ("table", "markdown", "latex")


def _own_text(texts: Sequence[Path], datasets: Sequence[str], window: int | None) -> tuple[Probe, ...]:
    """Probes of files and of datasets, in sequences of `window` tokens.

    Raises:
        click.UsageError: there is a window, but nothing to cut.
        HeadatlasError: a file or a dataset cannot be read.
    """
    from headatlas.probes.own_text import WINDOW, dataset_probe, text_probe

    if window is not None and not texts and not datasets:
        raise click.UsageError("--window is for your own text; give --text or --dataset too.")
    window = window or WINDOW
    if twice := [given for given in (*texts, *datasets) if [*texts, *datasets].count(given) > 1]:
        raise click.UsageError(f"{twice[0]} is given twice.")
    of_files = [text_probe(path, window=window) for path in texts]
    return (*of_files, *(dataset_probe(*name.split(":", 1), window=window) for name in datasets))


def form_options(function: F) -> F:
    """`--json`, `--csv`, `--markdown` and `--latex`, as one argument `form` that is 'table' otherwise."""

    @click.option("--json", "form", flag_value="json", help="Print JSON.")
    @click.option("--csv", "form", flag_value="csv", help="Print CSV.")
    @click.option("--markdown", "form", flag_value="markdown", help="Print a table in Markdown.")
    @click.option("--latex", "form", flag_value="latex", help="Print a table in LaTeX, for the package booktabs.")
    @wraps(function)
    def wrapped(*args: Any, form: str | None, **kwargs: Any) -> Any:
        return function(*args, form=form or "table", **kwargs)

    return wrapped  # type: ignore[return-value]


def pairs(given: tuple[str, ...]) -> dict[str, str]:
    """`("minimum=0.5",)` as a dictionary.

    Raises:
        click.UsageError: one that has no equals sign.
    """
    for pair in given:
        if "=" not in pair:
            raise click.UsageError(f"'{pair}' should be NAME=VALUE.")
    return dict(pair.split("=", 1) for pair in given)
