"""What `headatlas info` says of a scan, which is also said after a scan, of one of its heads, and of a pattern."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING

import click

import headatlas
from headatlas.cli.completion import complete_model
from headatlas.cli.options import db_option
from headatlas.cli.terminal_text import echo
from headatlas.errors import spelled

if TYPE_CHECKING:
    from headatlas.catalog.reader import Reader
    from headatlas.catalog.summary import Summary

# So that all of it stays within 25 lines.
_MAX_LABELS = 9


@click.command()
@click.argument("model", shell_complete=complete_model)
@click.argument("head", required=False)
@db_option
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def info(model: str, head: str | None, db: str, as_json: bool) -> None:
    """Say in 25 lines what a scan of MODEL found: labels, best heads, certificate, sizes, and what to do next.

    With HEAD, say what that head does, what its attention is divided among, what wakes it, what breaks without it. A
    pattern in the place of MODEL is explained in plain sentences, with its definition.

    \b
    headatlas info smollm2-135m
    headatlas info smollm2-135m L18H6
    headatlas info induction
    """
    from headatlas.catalog.summary import summary
    from headatlas.cli.output import write, write_json

    if head is not None:
        _tell_head(model, head, db, as_json=as_json)
        return
    if _is_pattern(model, db):
        from headatlas.cli.tables import pattern_card, pattern_rows

        if as_json:
            write(*pattern_rows(model, "json"), "json")
        else:
            echo(pattern_card(model))
        return
    with headatlas.open(db) as catalog:
        if as_json:
            write_json(summary(catalog, model).to_json())
        else:
            echo(about(catalog, model, db))


def _tell_head(model: str, head: str, db: str, *, as_json: bool) -> None:
    from headatlas.cli.head_card import card_lines
    from headatlas.cli.output import write_json
    from headatlas.cli.terminal_table import terminal_width
    from headatlas.evidence.head_card import head_card
    from headatlas.heads import parse_head

    with headatlas.open(db) as catalog:
        card = head_card(catalog, model, parse_head(head))
    if as_json:
        write_json(card.to_json())
    else:
        echo("\n".join([*card_lines(card, terminal_width()), "", *_next_of_head(card.model, card.head, db)]))


def _next_of_head(model: str, head: str, db: str) -> list[str]:
    """What can be asked of a head next, as commands to copy."""
    where = _named_database(db)
    name = shlex.quote(model)
    return [f"headatlas similar {name} {head}{where}", f"headatlas heads {name} --head {head}{where}"]


def _is_pattern(name: str, db: str) -> bool:
    """Whether a name is a pattern's and no scan's; a database is not needed for that."""
    from headatlas.patterns import PATTERNS

    if PATTERNS.get(spelled(name)) is None:
        return False
    if not Path(db).is_file():
        return True
    with headatlas.open(db) as catalog:
        return not catalog.rows("select 1 from scans where model = ?", [name])


def about(reader: Reader, model: str, db: str) -> str:
    """What is known of a scan, for people."""
    from headatlas.catalog.summary import summary
    from headatlas.cli.terminal_table import table_lines, terminal_width, wrap

    known = summary(reader, model)
    width = terminal_width()
    lines = [model]
    for name, text in _facts(known):
        first, *others = wrap(text, width - 13)
        lines += [f"{name:<13}{first}", *(" " * 13 + line for line in others)]
    if known.labels:
        rows = [
            (label.label, label.n_heads, label.best, label.confidence, label.score, label.label_score, label.awake)
            for label in known.labels[:_MAX_LABELS]
        ]
        columns = ("label", "heads", "surest", "confidence", "its score", "off the sink", "awake")
        table = table_lines(columns, rows, width, ("awake", "its score", "off the sink"))
    else:
        table = table_lines(("head", "pattern", "score"), known.best, width)
    lines += ["", *table.head, *table.body]
    more = len(known.labels) - _MAX_LABELS
    if known.labels:
        others_ = f"{_many(more, 'more label')}; " if more > 0 else ""
        lines += [f"{others_}{known.n_unlabelled} of {known.n_heads} heads carry none."]
    return "\n".join([*lines, "", *_next(known, db)])


def _facts(known: Summary) -> list[tuple[str, str]]:
    from headatlas.cli.tables import bytes_in_words, count_in_words

    scan, certificate = known.scan, known.certificate
    parts = [
        scan["architecture"],
        f"{scan['n_layers']} layers" if scan["n_layers"] else None,
        f"{known.n_heads} heads",
        f"{count_in_words(scan['n_parameters'])} parameters" if scan["n_parameters"] else None,
        scan["dtype"],
    ]
    tokens = sum(known.probes.values())
    read = f"{_many(len(known.probes), 'probe')}" + (f" (the {known.probe_set} set)" if known.probe_set else "")
    read += f", {tokens:,} tokens" if tokens else ""
    took = "" if scan["seconds"] is None else f" in {scan['seconds']:.0f} s"
    facts = [
        ("model", ", ".join(part for part in parts if part)),
        ("scanned", f"{(scan['finished'] or '')[:10]}{took}: {read}"),
    ]
    if certificate is not None and certificate["passed"] is not None:
        verdict = "passed" if certificate["passed"] else "FAILED"
        facts.append(
            ("certificate", f"{verdict}: {_distance(certificate['max_difference'])} {certificate['compared_with']}")
        )
    elif certificate is not None:
        facts.append(("certificate", f"none: {certificate['compared_with']}"))
    facts += [("warning", warning) for warning in known.warnings[:1]]
    if len(known.warnings) > 1:
        facts.append(("", f"and {_many(len(known.warnings) - 1, 'more warning')}, on the model's page"))
    evidence = "none yet" if known.evidence_seconds is None else "gathered"
    if known.evidence_seconds:
        evidence += f" in {known.evidence_seconds:.0f} s"
    stored = f"{known.path} ({bytes_in_words(known.file_bytes)}"
    # Of several scans in a file people want to know which is the large one.
    stored += (
        f", {known.n_scans} scans; this one holds {bytes_in_words(known.n_bytes)})"
        if known.n_scans > 1
        else ", 1 scan)"
    )
    facts += [
        ("evidence", evidence),
        ("stored in", stored),
    ]
    return facts


def _distance(difference: float) -> str:
    """How far attention is from what it was compared with, before the words for that."""
    return f"within {difference:.1e} of" if difference else "no difference from"


def _many(number: int, noun: str) -> str:
    """`_many(1, "probe")` is "1 probe", `_many(2, "probe")` is "2 probes"."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _next(known: Summary, db: str) -> list[str]:
    """What can be done now, as commands to copy."""
    from headatlas.patterns.lookup import most_prominent

    model = shlex.quote(known.scan["model"])
    where = _named_database(db)
    prominent = most_prominent(label.label for label in known.labels)
    label = f" --label {prominent}" if prominent else ""
    commands = [f"headatlas heads {model}{label}{where}", f"headatlas atlas{where}"]
    if known.evidence_seconds is None and known.certificate is not None and known.certificate["passed"] is not None:
        commands.append(f"headatlas evidence {model}{where}")
    return commands


def _named_database(db: str) -> str:
    """--db, where a command would read another one without it."""
    from headatlas.settings import default_database

    return "" if db == default_database() else f" --db {shlex.quote(db)}"


COMMANDS = (info,)
