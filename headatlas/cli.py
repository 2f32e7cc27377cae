"""The command line: parse, call, print."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

import headatlas
from headatlas.cli_catalogue import COMMANDS
from headatlas.cli_options import db_option, form_options, scan_options
from headatlas.cli_sweep import sweep
from headatlas.errors import HeadatlasError

if TYPE_CHECKING:
    from headatlas.probes import Probe
    from headatlas.scanner import Progress

INTERRUPTED = 130
# Commands that keep their work as it is done.
GO_ON = ("scan", "evidence", "sweep")


class _Group(click.Group):
    """Turns our errors and Ctrl-C into one sentence and an exit code."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except HeadatlasError as error:
            raise click.ClickException(str(error)) from error
        except KeyboardInterrupt:
            kept = " What was done is kept; the same command goes on from there."
            click.echo(f"\nStopped.{kept if ctx.invoked_subcommand in GO_ON else ''}", err=True)
            sys.exit(INTERRUPTED)


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(headatlas.__version__, prog_name="headatlas")
def main() -> None:
    """Which known patterns do a transformer's attention heads follow?

    \b
    headatlas scan smollm2-135m
    headatlas heads smollm2-135m --pattern induction --limit 5
    headatlas atlas
    """


@main.command()
@click.argument("model", required=False)
@db_option
@click.option("--as", "name", help="Name under which the scan is stored; MODEL by default.")
@scan_options
@click.option("--text", "texts", multiple=True, type=click.Path(path_type=Path), help="Scan on a text file of yours.")
@click.option("--dataset", "datasets", multiple=True, help="Scan on a dataset: NAME or NAME:COLUMN.")
@click.option("--window", type=click.IntRange(2), help="Tokens in a sequence of your own text.  [default: 256]")
@click.option("--device-map", help="Spread the weights over devices: auto, balanced or sequential.")
@click.option("--n-devices", type=click.IntRange(1), help="Spread the weights evenly over this many GPUs.")
@click.option("--revision", help="Branch, tag or commit on the hub.")
@click.option("--checkpoints", help="Scan a run over its training: steps, revisions or folders, with commas between.")
@click.option("--evidence", "with_evidence", is_flag=True, help="Then gather evidence, as `headatlas evidence` does.")
@click.option("--quiet", is_flag=True, help="No progress, no messages.")
def scan(
    model: str | None,
    db: str,
    name: str | None,
    checkpoints: str | None,
    texts: tuple[Path, ...],
    datasets: tuple[str, ...],
    window: int | None,
    **options: Any,
) -> None:
    """Run MODEL over the probes, score every head and store the result.

    MODEL is a Hugging Face id, a folder, a .gguf file, or smollm2-135m. A scan that was cut off goes on where it was.
    With --checkpoints each step is a scan of its own, named MODEL@step512; those that are there already are left alone.

    \b
    headatlas scan smollm2-135m
    headatlas scan ./my-finetune --as finetune --db heads.db
    headatlas scan gpt2 --text essay.txt --as gpt2-essay
    headatlas scan EleutherAI/pythia-70m --checkpoints 0,512,1000 --probe repeated_random_tokens
    headatlas scan --checkpoints ./my-run
    """
    from headatlas.own_text import WINDOW, dataset_probe, text_probe

    if model is None and checkpoints is None:
        raise click.UsageError("Give a MODEL, or folders with --checkpoints.")
    if checkpoints is not None and options["revision"]:
        raise click.UsageError("--checkpoints are revisions themselves; leave out --revision.")
    if window is not None and not texts and not datasets:
        raise click.UsageError("--window is for your own text; give --text or --dataset too.")
    cut = window or WINDOW
    own_text = [text_probe(one, window=cut) for one in texts]
    own_text += [dataset_probe(*one.split(":", 1), window=cut) for one in datasets]
    if checkpoints is None:
        assert model is not None
        _scan_one(model, db, name, own_text=own_text, **options)
        return
    from headatlas.checkpoints import checkpoints as found_by

    for one in found_by(model, checkpoints, name):
        _scan_one(one.model, db, one.name, own_text=own_text, **options | {"revision": one.revision})


def _scan_one(
    model: str,
    db: str,
    name: str | None,
    *,
    probes: tuple[str, ...],
    own_text: Sequence[Probe],
    with_evidence: bool,
    quiet: bool,
    **options: Any,
) -> None:
    say = (lambda text: None) if quiet else (lambda text: click.echo(text, err=True))
    say(f"Loading {model}{'@' + options['revision'] if options['revision'] else ''} ...")
    from headatlas.scanner import scan_model  # after the message, since it takes seconds

    with _progress("scanning", quiet) as progress:
        outcome = scan_model(
            model, db=db, name=name, probe_names=probes, own_text=own_text, progress=progress,
            command=shlex.join(["headatlas", *sys.argv[1:]]), **options,
        )  # fmt: skip
    if not outcome.ran:
        say(f"{outcome.model} is already in {db}; nothing to do (--force scans it again).")
    else:
        with headatlas.open(db) as catalog:
            found = catalog.scan(outcome.model)
            for row in catalog.rows("select warning from warnings where scan_id = ?", [found["id"]]):
                say(f"Warning: {row['warning']}")
            (count,) = catalog.rows("select count(*) from heads where scan_id = ?", [found["id"]])[0]
        again = " (an earlier run was taken up)" if outcome.resumed else ""
        say(f"{outcome.model}: {count} heads scored in {found['seconds']:.0f} s{again}, stored in {db}.")
    if with_evidence:
        shared = {key: options[key] for key in ("device", "revision", "trust_remote_code", "force")}
        _gather(model, db, name, (), quiet, **shared)


@main.command()
@click.argument("model")
@db_option
@click.option("--as", "name", help="Name under which the scan is stored; MODEL by default.")
@click.option("--probe", "probes", multiple=True, help="Ablate on this probe only; may be given several times.")
@click.option("--device", type=click.Choice(["auto", "cpu", "cuda", "mps"]), default="auto", show_default=True)
@click.option("--revision", help="Branch, tag or commit on the hub.")
@click.option("--trust-remote-code", is_flag=True, help="Run code that comes with the model.")
@click.option("--force", is_flag=True, help="Gather again what has been gathered.")
@click.option("--quiet", is_flag=True, help="No progress, no messages.")
def evidence(model: str, db: str, name: str | None, probes: tuple[str, ...], quiet: bool, **options: Any) -> None:
    """Say of every head of a scanned MODEL what its weights do and what breaks without it.

    Removes one head at a time, on prompts whose answer is known. Evidence that was cut off goes on where it was.

    \b
    headatlas evidence smollm2-135m
    headatlas evidence ./my-finetune --as finetune --probe repeated_random_tokens
    headatlas query "select * from head_evidence where kind = 'ablation_loss' order by value desc limit 5"
    """
    _gather(model, db, name, probes, quiet, **options)


def _gather(model: str, db: str, name: str | None, probes: tuple[str, ...], quiet: bool, **options: Any) -> None:
    import json

    from headatlas.evidence.run import gather

    say = (lambda text: None) if quiet else (lambda text: click.echo(text, err=True))
    say(f"Loading {model} ...")
    with _progress("gathering evidence", quiet) as progress:
        outcome = gather(model, db=db, name=name, probe_names=probes, progress=progress, **options)
    if not outcome.ran:
        say(f"Evidence about {outcome.model} is already in {db}; nothing to do (--force gathers it again).")
        return
    with headatlas.open(db) as catalog:
        scan = catalog.scan(outcome.model)["id"]
        run = catalog.rows("select notes, seconds from evidence_runs where scan_id = ? and status = 'done'", [scan])[0]
    for note in json.loads(run["notes"]):
        say(f"Note: {note}.")
    again = " (an earlier run was taken up)" if outcome.resumed else ""
    say(f"{outcome.model}: evidence gathered in {run['seconds']:.0f} s{again}, stored in {db}.")


@main.command()
@click.argument("file", type=click.Path(path_type=Path))
@db_option
@click.option("--as", "name", help="Name under which the scores are stored; the file's name by default.")
@click.option(
    "--out", type=click.Path(path_type=Path), help="Page to write from log-probabilities; FILE.html if not given."
)
@click.option("--force", is_flag=True, help="Score again what has been scored.")
@click.option("--quiet", is_flag=True, help="No messages.")
def score(file: Path, db: str, name: str | None, out: Path | None, force: bool, quiet: bool) -> None:
    """Score attention recorded elsewhere; no model is needed.

    FILE is a .npz or .safetensors file with `attention` [layer, batch, head, query, key] and `token_ids`
    [batch, position], -1 where a sequence has ended; of an encoder-decoder `encoder`, `decoder`, `cross` and
    `source_ids`. `tokens` says what the tokens say.

    A .json or .jsonl file with `tokens` and `logprobs` has no attention to score. It becomes a page of its own: how
    surprising each token was, and how much less so where the text repeats itself.

    \b
    headatlas score attention.npz
    headatlas score attention.safetensors --as my-model --db heads.db
    headatlas score logprobs.json --out surprise.html
    """
    if file.suffix in (".json", ".jsonl"):
        _write_surprise(file, out or file.with_suffix(".html"), name)
        return
    from headatlas.recorded import read
    from headatlas.scanner import score_recorded

    recorded = read(file)
    outcome = score_recorded(
        recorded, db=db, name=name or recorded.info.name, force=force, command=shlex.join(["headatlas", *sys.argv[1:]])
    )
    if not quiet:
        done = f"stored in {db}" if outcome.ran else f"already in {db}; nothing to do (--force scores it again)"
        click.echo(f"{outcome.model}: {done}.", err=True)


def _write_surprise(file: Path, out: Path, name: str | None) -> None:
    from headatlas import surprise
    from headatlas.atlas.surprise import page
    from headatlas.errors import OutputError

    text = page(name or file.stem, surprise.read(file))
    try:
        out.write_text(text, "utf-8")
    except OSError as error:
        raise OutputError(f"{out} cannot be written: {error.strerror}. Choose another --out.") from error
    click.echo(out.resolve())


@main.command()
@click.argument("model")
@click.argument("text")
@click.option("--layer", type=int, help="Only this layer.")
@click.option("--head", type=int, help="Only this head of the layer.")
@click.option("--out", type=click.Path(path_type=Path), help="Page to write; view.html by default.")
@click.option("--svg", type=click.Path(path_type=Path), help="Write the head, or the average, as SVG instead.")
@click.option("--terminal", is_flag=True, help="Print the head, or the average, as coloured blocks instead.")
@click.option("--device", type=click.Choice(["auto", "cpu", "cuda", "mps"]), default="auto", show_default=True)
@click.option("--dtype", type=click.Choice(["float32", "bfloat16", "float16"]), default="float32", show_default=True)
@click.option("--revision", help="Branch, tag or commit on the hub.")
@click.option("--trust-remote-code", is_flag=True, help="Run code that comes with the model.")
def view(model: str, text: str, out: Path | None, svg: Path | None, terminal: bool, **options: Any) -> None:
    """Show every head of MODEL on a TEXT of yours, as one page; "-" reads the text from standard input.

    \b
    headatlas view smollm2-135m "The red fox met a red fox"
    headatlas view smollm2-135m "The red fox met a red fox" --layer 18 --head 6 --terminal
    headatlas view smollm2-135m "The red fox met a red fox" --layer 18 --head 6 --svg fox.svg
    """
    found = headatlas.view(model, sys.stdin.read() if text == "-" else text, **options)
    if terminal:
        from rich.console import Console

        Console(soft_wrap=True).print(found.blocks(), end="")
    if svg is not None:
        click.echo(found.save(svg.with_suffix(".svg")).resolve())
    if out is not None or not (terminal or svg):
        click.echo(found.save(out or Path("view.html")).resolve())


@main.command()
@click.argument("models", nargs=-1)
@db_option
@click.option("--catalog", type=click.Path(path_type=Path), help="Take the scans from exported folders instead.")
@click.option("--out", default="atlas", show_default=True, type=click.Path(path_type=Path), help="Folder to write.")
@click.option("--force", is_flag=True, help="Write into a folder that holds other files.")
@click.option("--quiet", is_flag=True, help="No progress, no messages.")
def atlas(models: tuple[str, ...], db: str, catalog: Path | None, out: Path, force: bool, quiet: bool) -> None:
    """Write the static site, for all scans in the database or the named MODELS.

    \b
    headatlas atlas
    headatlas atlas smollm2-135m --out site/
    headatlas atlas --catalog catalog/
    """
    from headatlas.atlas import build

    with _database(db, catalog) as path, _progress("writing pages", quiet) as progress:
        page = build(path, out, models=models, force=force, progress=progress)
    if not quiet:
        click.echo("Open in a browser:", err=True)
    click.echo(page.resolve())


@main.command()
@click.argument("model", required=False)
@db_option
@click.option("--pattern", help="Only this pattern.")
@click.option("--probe", help="Scores on this probe instead of the one each pattern was made for.")
@click.option("--label", help="Only heads with this label, with its confidence.")
@click.option("--min", "minimum", type=float, help="Only scores of at least this.")
@click.option("--layer", type=int, help="Only heads of this layer.")
@click.option("--sort", default="score", show_default=True, help="score, score_nosink, lift (over chance) or layer.")
@click.option("--limit", default=20, show_default=True, help="How many rows; 0 for all.")
@form_options
def heads(model: str | None, db: str, limit: int, form: str, **filters: Any) -> None:
    """List heads and their scores, best first.

    \b
    headatlas heads smollm2-135m --pattern induction --limit 5
    headatlas heads smollm2-135m --label induction
    headatlas heads --pattern previous_token --min 0.5 --json
    """
    from headatlas.catalog import SCORE_COLUMNS
    from headatlas.listing import head_rows, published_by
    from headatlas.output import write

    with headatlas.open(db) as catalog:
        rows = catalog.head_rows(model, limit=limit or None, **filters)
        published = published_by(catalog, rows)
    if form == "table":
        write(*head_rows(rows, published, one_model=model is not None), form)
    else:
        labelled = ("label", "confidence") if filters["label"] else ()
        columns = (*SCORE_COLUMNS, *labelled, "literature")
        write(columns, [(*row, text or None) for row, text in zip(rows, published, strict=True)], form)


@main.command()
@click.argument("models", nargs=-1)
@db_option
@click.option("--recompute", is_flag=True, help="Also where the labels were made with the present calibration.")
@form_options
def label(models: tuple[str, ...], db: str, recompute: bool, form: str) -> None:
    """Make labels from stored scores, for all scans or the named MODELS; the model is not needed.

    A scan ends with labels. This command is for databases whose labels were made with another calibration.

    \b
    headatlas label --recompute
    headatlas heads smollm2-135m --label induction
    """
    from headatlas.labelling import LISTED, relabel_all
    from headatlas.output import write

    done = relabel_all(db, models, everything=recompute)
    if not done:
        click.echo("All labels are up to date; --recompute makes them again.", err=True)
    write(LISTED, [(one.model, one.n_heads, one.n_labelled, one.n_labels, one.n_unnamed) for one in done], form)


@main.command()
@db_option
@form_options
def models(db: str, form: str) -> None:
    """List the models in the database.

    \b
    headatlas models
    """
    from headatlas.output import write

    with headatlas.open(db) as catalog:
        rows = catalog.models()
    columns = ["model", "architecture", "layers", "heads", "parameters", "scanned", "seconds"]
    write(columns, [tuple(row[column] for column in columns) for row in rows], form)


@main.command()
@click.argument("name", required=False)
@form_options
def patterns(name: str | None, form: str) -> None:
    """List the patterns that a scan measures, or define one.

    \b
    headatlas patterns
    headatlas patterns induction
    """
    from headatlas.listing import pattern_card, pattern_rows
    from headatlas.output import write

    if name and form == "table":
        click.echo(pattern_card(name))
    else:
        write(*pattern_rows(name, form), form)


@main.command()
@click.argument("name", required=False)
@form_options
def probes(name: str | None, form: str) -> None:
    """List the probes that a scan runs, or describe one.

    \b
    headatlas probes
    headatlas probes repeated_random_tokens
    """
    from headatlas.listing import probe_card, probe_rows
    from headatlas.output import write

    if name and form == "table":
        click.echo(probe_card(name))
    else:
        write(*probe_rows(name, form), form)


@contextmanager
def _database(db: str, catalog: Path | None) -> Iterator[Path]:
    """The database, or one made of exported folders for the while."""
    if catalog is None:
        yield Path(db)
        return
    from headatlas.export import temporary_database

    with temporary_database([catalog]) as path:
        yield path


@contextmanager
def _progress(task: str, quiet: bool) -> Iterator[Progress | None]:
    """A bar with the time left on a terminal; nothing in a pipe."""
    if quiet or not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        number = bar.add_task(task, total=None)
        yield lambda done, total: bar.update(number, completed=done, total=total)


for _command in (sweep, *COMMANDS):
    main.add_command(_command)
