"""Commands that list what there is: `heads`, `kinds`, `label`, `models`, `patterns`, `probes`."""

from __future__ import annotations

from typing import Any

import click

import headatlas
from headatlas.catalog.reader import LABEL_COLUMNS, SCORE_COLUMNS, SORTABLE
from headatlas.cli.completion import complete_label, complete_model, complete_pattern, complete_probe
from headatlas.cli.options import FOR_PEOPLE, Number, WholeNumber, db_option, form_options, limit_option, rows_wanted
from headatlas.cli.terminal_text import echo


@click.command()
@click.argument("model", required=False, shell_complete=complete_model)
@db_option
@click.option("--pattern", shell_complete=complete_pattern, help="Only this pattern.")
@click.option(
    "--probe", shell_complete=complete_probe, help="Scores on this probe instead of the one each pattern was made for."
)
@click.option("--label", shell_complete=complete_label, help="Only heads with this label, with its confidence.")
@click.option("--min", "minimum", type=Number(), help="Only scores of at least this.")
@click.option("--layer", type=WholeNumber(), help="Only heads of this layer.")
@click.option("--head", help="Only this head, such as L18H6.")
@click.option(
    "--sort",
    type=click.Choice(SORTABLE),
    default="score",
    show_default=True,
    help="Lift is over chance.",
)
@limit_option()
@form_options
def heads(model: str | None, db: str, sort: str, limit: int | None, form: str, **filters: Any) -> None:
    """List heads and their scores, best first.

    Tables show the first 20 rows, JSON and CSV have all; --limit cuts both.

    \b
    headatlas heads smollm2-135m --pattern induction --limit 5
    headatlas heads smollm2-135m --label induction
    headatlas heads --pattern previous_token --min 0.5 --json
    """
    from headatlas.catalog.no_scores import why_none
    from headatlas.cli.output import say, say_cut, write
    from headatlas.cli.tables import HEAD_DROPS, head_rows, published_by, read_elsewhere

    wanted = rows_wanted(limit, form)
    with headatlas.open(db) as catalog:
        rows = catalog.head_rows(model, sort=sort, limit=wanted, **filters)
        query = catalog.head_query(model, **filters)
        n_rows = len(rows) if wanted is None or len(rows) < wanted else catalog.count_head_rows(query)
        empty = "" if rows else why_none(catalog, query)
        published = published_by(catalog, rows)
    if form in FOR_PEOPLE:
        write(*head_rows(rows, published, one_model=model is not None), form, drop=HEAD_DROPS, empty=empty)
    else:
        n_plain = len(SCORE_COLUMNS) + 2 * bool(filters["label"])
        rests_on = LABEL_COLUMNS[2:] if filters["label"] else ()
        columns = (*SCORE_COLUMNS, *LABEL_COLUMNS)[:n_plain]
        write(
            (*columns, "literature", *rests_on),
            [(*row[:n_plain], text or None, *row[n_plain:]) for row, text in zip(rows, published, strict=True)],
            form,
            empty=empty,
        )
    for remark in read_elsewhere(query, rows):
        say(remark)
    say_cut(len(rows), n_rows)


@click.command()
@click.argument("models", nargs=-1, shell_complete=complete_model)
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
    from headatlas.cli.output import write
    from headatlas.scanning.labelling import LABELLED_COLUMNS, relabel_all

    done = relabel_all(db, models, everything=recompute)
    write(
        LABELLED_COLUMNS,
        [(scan.model, scan.n_heads, scan.n_labelled, scan.n_labels, scan.n_unnamed) for scan in done],
        form,
        empty="All labels are up to date; --recompute makes them again.",
    )


@click.command()
@click.argument("models", nargs=-1, shell_complete=complete_model)
@db_option
@click.option("--wide", is_flag=True, help="A row a label and a column a model.")
@click.option("--min", "minimum", type=Number(), default=0.0, help="Only labels of at least this confidence.")
@form_options
def kinds(models: tuple[str, ...], db: str, wide: bool, minimum: float, form: str) -> None:
    """Count the heads of each kind, by their labels, in all models or the named MODELS.

    Depth is the mean layer: 0 is the first, 1 the last. A head with several labels counts for each of them.

    \b
    headatlas kinds
    headatlas kinds --wide --latex
    headatlas kinds gpt2 smollm2-135m --wide --min 0.9 --csv
    """
    from headatlas.catalog.label_counts import label_counts
    from headatlas.cli.output import write
    from headatlas.cli.tables import kind_rows, wide_kind_rows

    with headatlas.open(db) as catalog:
        counts = label_counts(catalog, models, minimum=minimum)
    rows = wide_kind_rows(counts, form) if wide else kind_rows(counts)
    write(*rows, form, drop=("depth", "confidence", "share"), empty="No head carries such a label.")


@click.command()
@db_option
@form_options
def models(db: str, form: str) -> None:
    """List the models in the database, and the scans that were cut off.

    JSON and CSV have both; `status` is "done", or "unfinished" with how much of it is.

    \b
    headatlas models
    """
    from headatlas.cli.keep import size_line
    from headatlas.cli.output import say, write
    from headatlas.cli.tables import MODEL_DROPS, model_rows, unfinished_line

    with headatlas.open(db) as catalog:
        finished, unfinished = catalog.models(), catalog.unfinished()
    write(*model_rows(finished, unfinished, form), form, drop=MODEL_DROPS, empty=f"{db} holds no finished scan.")
    if form == "table":
        for row in unfinished:
            say(unfinished_line(row))
        say(size_line(catalog.path, len(finished)))


@click.command()
@click.argument("name", required=False, shell_complete=complete_pattern)
@click.option(
    "--imitated-by", "imitated", is_flag=True, help="Which simple rules would pass for them on a model's texts."
)
@click.option(
    "--model", shell_complete=complete_model, help="Whose texts --imitated-by reads.  [default: smollm2-135m]"
)
@click.option("--published", is_flag=True, help="What others call heads, and which patterns say the same.")
@form_options
def patterns(name: str | None, imitated: bool, model: str | None, published: bool, form: str) -> None:
    """List the patterns that a scan measures, or define one.

    --imitated-by says of each what share of attention a head that follows a simple rule alone, such as "the latest
    capitalised word", would put on its keys: a score of that height is no sign of the pattern. No model is run; its
    tokenizer is read, and the rules are tried on the texts of the pattern's own probe.

    --published lists the names of heads in the literature, those of two lists and of single papers, beside ours: what
    is the same here, what is near, and what is not measured.

    \b
    headatlas patterns
    headatlas patterns induction
    headatlas patterns --published
    headatlas patterns --imitated-by
    headatlas patterns name_mover --imitated-by --model gpt2
    """
    from headatlas.cli.output import write
    from headatlas.cli.tables import pattern_card, pattern_rows, published_rows

    if published:
        if name or imitated or model:
            raise click.UsageError("--published stands alone: it lists every name.")
        write(*published_rows(form), form, drop=("fit", "by"))
    elif model is not None and not model.strip():
        raise click.UsageError("An empty name is no model.")
    elif imitated:
        _imitated_by(name, model or "smollm2-135m", form)
    elif model:
        raise click.UsageError("--model goes with --imitated-by: the list of patterns is the same for every model.")
    elif name and form == "table":
        echo(pattern_card(name))
    else:
        write(*pattern_rows(name, form), form, drop=("family",))


def _imitated_by(name: str | None, model: str, form: str) -> None:
    """Prints what simple rules would get on all patterns, or on one.

    Raises:
        HeadatlasError: the pattern has no keys to look at.
    """
    from headatlas.cli.output import say, write
    from headatlas.cli.tables import IMITATION_DROPS, imitation_rows
    from headatlas.errors import HeadatlasError
    from headatlas.patterns import PATTERNS

    if name and PATTERNS[name].kind != "target":
        raise HeadatlasError(
            f"'{name}' is a number of each row of attention: it has no keys that a rule could look at."
        )
    from headatlas.scanning.imitated import imitated_by  # with torch, which a mistyped name does without

    asked = [PATTERNS[name]] if name else [pattern for pattern in PATTERNS if pattern.kind == "target"]
    shares = imitated_by(model, [PATTERNS[name]] if name else None)
    empty = f"Nothing is asked of {name} in the texts that {model} reads." if name else "No rows."
    write(*imitation_rows(shares, form, one_pattern=name is not None), form, drop=IMITATION_DROPS, empty=empty)
    absent = [pattern.name for pattern in asked if pattern.name not in shares]
    if absent and not name and form in FOR_PEOPLE:
        say(f"Nothing is asked of these in the texts that {model} reads: {', '.join(absent)}.")


@click.command()
@click.argument("name", required=False, shell_complete=complete_probe)
@form_options
def probes(name: str | None, form: str) -> None:
    """List the probes that a scan runs, or describe one.

    \b
    headatlas probes
    headatlas probes repeated_random_tokens
    """
    from headatlas.cli.output import write
    from headatlas.cli.tables import probe_card, probe_rows

    if name and form == "table":
        echo(probe_card(name))
    else:
        write(*probe_rows(name, form), form)


COMMANDS = (heads, kinds, label, models, patterns, probes)
