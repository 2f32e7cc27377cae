"""Commands that keep house: `rm`, `rename`, `cache`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

import headatlas
from headatlas.cli.completion import complete_model
from headatlas.cli.options import FOR_PEOPLE, db_option, form_options
from headatlas.cli.terminal_text import echo, spelled_out
from headatlas.errors import HeadatlasError

if TYPE_CHECKING:
    from headatlas.catalog.reader import Reader


@click.command()
@click.argument("models", nargs=-1, required=True, shell_complete=complete_model)
@db_option
@click.option("--unfinished", is_flag=True, help="Only scans that were cut off, not the finished ones.")
@click.option("--yes", is_flag=True, help="Do not ask.")
def rm(models: tuple[str, ...], db: str, unfinished: bool, yes: bool) -> None:
    """Delete the scans of MODELS, finished or not, with all that was made from them; asks first.

    \b
    headatlas rm gpt2
    headatlas rm gpt2 --unfinished --yes
    """
    from headatlas.store.scans import Store
    from headatlas.store.writable import SHORT_PATIENCE

    with headatlas.open(db) as catalog:
        scans = [line for model in models for line in _scans_of(catalog, model, unfinished)]
    for line in scans:
        echo(line, err=True)
    if not yes:
        if sys.stdin is None:
            raise HeadatlasError("Standard input is closed, so that nobody can be asked. --yes deletes without asking.")
        question = f"Delete {'these' if len(scans) > 1 else 'this'} from {db}?"
        click.confirm(spelled_out(question), abort=True, err=True)
    with Store(db, patience=SHORT_PATIENCE) as store:
        for model in models:
            store.forget(model, unfinished=unfinished)
        store.give_back()


def _scans_of(reader: Reader, model: str, unfinished: bool) -> list[str]:
    """The scans under a name, a line each.

    Raises:
        UnknownNameError: there are none.
    """
    from headatlas.errors import UnknownNameError

    left = [row for row in reader.unfinished() if row["model"] == model]
    lines = [f"{model}: unfinished, {row['chunks_done']} of {row['n_chunks']} chunks" for row in left]
    if unfinished and not left:
        raise UnknownNameError("unfinished scan", model, {row["model"] for row in reader.unfinished()})
    if unfinished or (left and model not in {row["model"] for row in reader.scans()}):
        return lines
    known = {row["model"] for row in reader.scans()}
    if model not in known:
        raise UnknownNameError("model", model, known)
    scan = reader.scan(model)
    n_heads = reader.rows("select count(*) from heads where scan_id = ?", [scan["id"]])[0][0]
    return [f"{model}: {n_heads} heads, scanned {(scan['finished'] or '')[:10]}", *lines]


@click.command()
@click.argument("model", shell_complete=complete_model)
@click.argument("name")
@db_option
def rename(model: str, name: str, db: str) -> None:
    """Give the scans of MODEL another NAME.

    \b
    headatlas rename ./runs/17 tuned
    """
    from headatlas.store.scans import Store
    from headatlas.store.writable import SHORT_PATIENCE

    with headatlas.open(db) as catalog:
        catalog.scan(model)
    with Store(db, patience=SHORT_PATIENCE) as store:
        store.rename(model, name)


@click.command()
@click.option("--clear", is_flag=True, help="Delete all of it; what is needed again is made again.")
@form_options
def cache(clear: bool, form: str) -> None:
    """List what lies in the cache folder, $HEADATLAS_CACHE or the user's own, with sizes: converted .gguf files.

    \b
    headatlas cache
    headatlas cache --clear
    """
    from headatlas.cli.output import say, write
    from headatlas.cli.tables import bytes_in_words
    from headatlas.models.gguf import cache_root, cached, clear_cache

    root = cache_root()
    if clear:
        echo(f"{bytes_in_words(clear_cache())} deleted from {root}.", err=True)
        return
    entries = cached()
    people = form in FOR_PEOPLE
    write(
        ("content", "size", "since", "folder"),
        [
            (entry.content, bytes_in_words(entry.n_bytes) if people else entry.n_bytes, entry.since,
             f"gguf/{entry.folder.name[:8]}" if people else str(entry.folder))
            for entry in entries
        ],
        form,
        drop=("since", "folder"),
        empty=f"Nothing lies in {root}.",
    )  # fmt: skip
    if entries and people:
        total = bytes_in_words(sum(entry.n_bytes for entry in entries))
        say(f"{total} in {root}; --clear deletes it.")


def size_line(path: Path, n_scans: int) -> str:
    """How large a database is: "headatlas.db: 20.5 MB, 2 scans."."""
    from headatlas.catalog.summary import bytes_of
    from headatlas.cli.tables import bytes_in_words

    return f"{path}: {bytes_in_words(bytes_of(path))}, {n_scans} scan{'s' if n_scans != 1 else ''}."


COMMANDS = (rm, rename, cache)
