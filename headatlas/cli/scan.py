"""Commands that measure: `scan`, `evidence` and `score`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

import headatlas
from headatlas.cli.options import GivenPath, command_typed, db_option, load_options, scan_options
from headatlas.cli.progress import progress_bar
from headatlas.cli.terminal_text import echo

if TYPE_CHECKING:
    from headatlas.scanning.options import ScanSettings
    from headatlas.settings import LoadOptions
    from headatlas.store.job import Outcome


@click.command()
@click.argument("model", required=False)
@db_option
@click.option("--as", "name", help="Name under which the scan is stored; MODEL by default.")
@scan_options
@load_options("device", "dtype", "device_map", "n_devices", "revision", "trust_remote_code")
@click.option("--generate", is_flag=True, help="With evidence, also of what heads copy, and carry from examples.")
@click.option("--checkpoints", help="Scan a run over its training: steps, revisions or folders, with commas between.")
@click.option("--quiet", is_flag=True, help="No progress, no messages.")
def scan(
    model: str | None,
    db: str,
    name: str | None,
    settings: ScanSettings,
    load: LoadOptions,
    checkpoints: str | None,
    force: bool,
    with_evidence: bool,
    generate: bool,
    quiet: bool,
) -> None:
    """Run MODEL over the probes, score every head and store the result.

    MODEL is a Hugging Face id, a folder, a .gguf file, or smollm2-135m. A scan that was cut off goes on where it was.
    With --checkpoints each step is a scan of its own, named MODEL@step512; those that are there already are left alone.

    \b
    headatlas scan smollm2-135m
    headatlas scan ./my-finetune --as finetune --db heads.db
    headatlas scan gpt2 --text essay.txt --as gpt2-essay
    headatlas scan smollm2-135m --generate
    headatlas scan EleutherAI/pythia-70m --checkpoints 0,512,1000 --probe repeated_random_tokens
    headatlas scan --checkpoints ./my-run
    """
    if model is None and checkpoints is None:
        raise click.UsageError("Give a MODEL, or folders with --checkpoints.")
    if checkpoints is not None and load.revision:
        raise click.UsageError("--checkpoints are revisions themselves; leave out --revision.")
    run = _Run(db, settings, force, with_evidence or generate, generate, quiet)
    if checkpoints is None:
        assert model is not None
        run.scan(model, name, load)
        return
    from headatlas.models.checkpoints import checkpoints as checkpoints_of

    for checkpoint in checkpoints_of(model, checkpoints, name):
        run.scan(checkpoint.model, checkpoint.name, replace(load, revision=checkpoint.revision))


@dataclass(frozen=True)
class _Run:
    """What one call of `headatlas scan` does to each of its models."""

    db: str
    settings: ScanSettings
    force: bool
    with_evidence: bool
    generate: bool
    quiet: bool

    def scan(self, model: str, name: str | None, load: LoadOptions) -> None:
        """Scans a model, gathers evidence where that was asked for, and says so."""
        say = _say(self.quiet)
        say(f"Loading {model}{'@' + load.revision if load.revision else ''} ...")
        from headatlas.scanning.scanner import scan_model

        with progress_bar("scanning", self.quiet) as progress:
            outcome = scan_model(
                model, db=self.db, name=name, settings=self.settings, load=load, force=self.force,
                command=command_typed(), progress=progress,
            )  # fmt: skip
        if not outcome.ran:
            say(f"{outcome.model} is already in {self.db}; nothing to do (--force scans it again).")
        else:
            self._report(outcome, say)
        if self.with_evidence:
            _gather(model, self.db, name, (), load, generate=self.generate, force=self.force, quiet=self.quiet)
        if outcome.ran:
            self._say_what_was_found(outcome, say)

    def _report(self, outcome: Outcome, say: Callable[[str], None]) -> None:
        with headatlas.open(self.db) as catalog:
            scan = catalog.scan(outcome.model)
            for row in catalog.rows("select warning from warnings where scan_id = ?", [scan["id"]]):
                say(f"Warning: {row['warning']}")
            (count,) = catalog.rows("select count(*) from heads where scan_id = ?", [scan["id"]])[0]
        again = " (an earlier run was taken up)" if outcome.resumed else ""
        say(f"{outcome.model}: {count} heads scored in {scan['seconds']:.0f} s{again}, stored in {self.db}.")

    def _say_what_was_found(self, outcome: Outcome, say: Callable[[str], None]) -> None:
        from headatlas.cli.info import about
        from headatlas.models.checkpoints import run_and_step

        # A run over its training has too many scans to say so much of each.
        if not run_and_step(outcome.model):
            with headatlas.open(self.db) as catalog:
                say(f"\n{about(catalog, outcome.model, self.db)}")


def _say(quiet: bool) -> Callable[[str], None]:
    """Prints a message on standard error, or nothing."""
    return (lambda text: None) if quiet else (lambda text: echo(text, err=True))


@click.command()
@click.argument("model")
@db_option
@click.option("--as", "name", help="Name under which the scan is stored; MODEL by default.")
@click.option("--probe", "probes", multiple=True, help="Ablate on this probe only; may be given several times.")
@load_options("device", "revision", "trust_remote_code")
@click.option("--exact", is_flag=True, help="Remove every head, also those whose effect promises to be small.")
@click.option(
    "--generate", is_flag=True, help="Also let the model write: what its heads copy, and carry from examples."
)
@click.option("--force", is_flag=True, help="Gather again what has been gathered.")
@click.option("--quiet", is_flag=True, help="No progress, no messages.")
def evidence(
    model: str,
    db: str,
    name: str | None,
    probes: tuple[str, ...],
    load: LoadOptions,
    exact: bool,
    generate: bool,
    force: bool,
    quiet: bool,
) -> None:
    """Say of every head of a scanned MODEL what its weights do and what breaks without it.

    MODEL is what was scanned, or the name of its scan: the model is loaded from where the scan had it.

    Removes one head at a time, on prompts whose answer is known: those whose effect promises to be large, those with a
    label, and a tenth at random, which tells how far the estimates of the others can be trusted. Evidence that was cut
    off goes on where it was.

    \b
    headatlas evidence smollm2-135m
    headatlas evidence ./my-finetune --as finetune --probe repeated_random_tokens
    headatlas query "select * from head_evidence where kind = 'ablation_loss' order by value desc limit 5"
    """
    _gather(model, db, name, probes, load, exact=exact, generate=generate, force=force, quiet=quiet)


def _gather(
    model: str,
    db: str,
    name: str | None,
    probes: tuple[str, ...],
    load: LoadOptions,
    *,
    exact: bool = False,
    generate: bool = False,
    force: bool,
    quiet: bool,
) -> None:
    import json

    from headatlas.evidence.run import gather

    say = _say(quiet)
    say(f"Loading {model} ...")
    with progress_bar("gathering evidence", quiet) as progress:
        outcome = gather(model, db=db, name=name, probe_names=probes, load=load, exact=exact, generate=generate,
                         force=force, progress=progress)  # fmt: skip
    if outcome.relabelled:
        say(
            f"Evidence about {outcome.model} is already in {db}, but its labels have changed since: groups, edges and "
            "the heads that are taken out for their label are those of the labels before (--force gathers it again)."
        )
        return
    if not outcome.ran:
        say(f"Evidence about {outcome.model} is already in {db}; nothing to do (--force gathers it again).")
        return
    with headatlas.open(db) as catalog:
        scan = catalog.scan(outcome.model)["id"]
        run = catalog.rows(
            "select id, notes, seconds from evidence_runs where scan_id = ? and status = 'done'", [scan]
        )[0]
        costs = catalog.rows(
            """select probes.name as probe, evidence_costs.* from evidence_costs
               left join probes on probes.id = probe_id where run_id = ? order by evidence_costs.id""",
            [run["id"]],
        )
    for note in json.loads(run["notes"]):
        say(f"Note: {note}.")
    for row in costs:
        say(_cost(dict(row)))
    again = " (an earlier run was taken up)" if outcome.resumed else ""
    say(f"{outcome.model}: evidence gathered in {run['seconds']:.0f} s{again}, stored in {db}.")


def _cost(row: Mapping[str, Any]) -> str:
    """What a probe cost and how far its estimates can be trusted, in a sentence."""
    text = f"{row['probe'] or 'weights'}: {row['seconds']:.0f} s"
    if row["n_exact"] is not None:
        text += f", {row['n_exact']} of {row['n_heads']} heads removed"
    if row["n_random"] is not None:
        text += f", the others estimated; by {row['n_random']} heads drawn at random"
        if row["correlation"] is not None:
            text += f", estimated and measured sizes rank alike with {row['correlation']:.2f} and"
        text += (
            " nobody can say how much of what matters was found"
            if row["recall"] is None
            else f" {100 * row['recall']:.0f}% of the tenth of the heads that matter most were chosen"
        )
    return f"{text}."


@click.command()
@click.argument("file", type=GivenPath())
@db_option
@click.option("--as", "name", help="Name under which the scores are stored; the file's name by default.")
@click.option("--out", type=GivenPath(), help="Page to write from log-probabilities; FILE.html if not given.")
@click.option("--force", is_flag=True, help="Score again what has been scored.")
@click.option("--quiet", is_flag=True, help="No messages.")
def score(file: Path, db: str, name: str | None, out: Path | None, force: bool, quiet: bool) -> None:
    """Score attention recorded elsewhere; no model is needed.

    FILE is a .npz or .safetensors file with `attention` [layer, batch, head, query, key] and `token_ids`
    [batch, position], -1 where a sequence has ended; of an encoder-decoder `encoder`, `decoder`, `cross` and
    `source_ids`. `tokens` says what the tokens say.

    A .json or .jsonl file may hold sequences with `attention`, or responses of vLLM with `attn_capture_data`.

    A .json or .jsonl file with `tokens` and `logprobs` has no attention to score. It becomes a page of its own: how
    surprising each token was, and how much less so where the text repeats itself.

    \b
    headatlas score attention.npz
    headatlas score attention.safetensors --as my-model --db heads.db
    headatlas score logprobs.json --out surprise.html
    """
    if file.suffix in (".json", ".jsonl") and not _has_attention(file):
        _write_surprise(file, out or file.with_suffix(".html"), name)
        return
    from headatlas.attention.recorded_files import read
    from headatlas.scanning.scanner import score_recorded

    recorded = read(file)
    outcome = score_recorded(recorded, db=db, name=name or recorded.info.name, force=force, command=command_typed())
    if not quiet:
        done = f"stored in {db}" if outcome.ran else f"already in {db}; nothing to do (--force scores it again)"
        echo(f"{outcome.model}: {done}.", err=True)


def _has_attention(file: Path) -> bool:
    from headatlas.attention.converters import holds_attention

    return holds_attention(file)


def _write_surprise(file: Path, out: Path, name: str | None) -> None:
    from headatlas.views import surprise
    from headatlas.views.single_page import write_page
    from headatlas.views.surprise_page import surprise_page

    echo(write_page(out, surprise_page(name or file.stem, surprise.read(file))).resolve())


COMMANDS = (scan, evidence, score)
