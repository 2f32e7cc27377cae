"""Commands that share scans: `export`, `import`, `merge`, `publish`, `serve`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from functools import partial, wraps
from pathlib import Path
from typing import Any, TypeVar

import click

import headatlas
from headatlas.cli.completion import complete_model
from headatlas.cli.options import GivenPath, db_option
from headatlas.cli.terminal_text import echo
from headatlas.errors import HeadatlasError, ScanConflictError
from headatlas.files.given import exists, shown

F = TypeVar("F", bound=Callable[..., Any])


@click.command()
@click.argument("models", nargs=-1, shell_complete=complete_model)
@db_option
@click.option("--out", default="catalog", show_default=True, type=GivenPath(), help="Catalogue folder.")
@click.option(
    "--own-probes", is_flag=True, help="Only scores of each pattern on the probe it was made for: 5x smaller."
)
@click.option("--no-heatmaps", is_flag=True, help="Leave out the attention on examples.")
@click.option("--headvis", type=GivenPath(), metavar="DIR", help="Instead write what HeadVis' front end reads.")
@click.option("--parquet", type=GivenPath(), metavar="DIR", help="Instead write a Parquet file a view.")
def export(
    models: tuple[str, ...],
    db: str,
    out: Path,
    own_probes: bool,
    no_heatmaps: bool,
    headvis: Path | None,
    parquet: Path | None,
) -> None:
    """Write scans as plain files that diff well: one folder a model, all models unless some are named.

    \b
    headatlas export
    headatlas export smollm2-135m --out catalog/ --own-probes
    headatlas export smollm2-135m --headvis trees/
    headatlas export --parquet tables/
    """
    if headvis is not None and parquet is not None:
        raise click.UsageError("Give --headvis or --parquet, not both.")
    from headatlas.share.files import export

    with headatlas.open(db) as catalog:
        if headvis is not None:
            from headatlas.share.headvis.writing import write_trees

            for folder in write_trees(catalog, headvis, models):
                echo(folder)
            return
        if parquet is not None:
            from headatlas.share.parquet import write_views

            for file in write_views(catalog, parquet, models):
                echo(file)
            return
        for folder in export(catalog, out, models, own_probes=own_probes, heatmaps=not no_heatmaps):
            echo(folder)


def conflict_options(function: F) -> F:
    """`--replace` and `--skip`, what is to happen to scans whose names are taken, as one argument `conflicts`."""

    @click.option("--replace", is_flag=True, help="Put scans in the place of others of the same name.")
    @click.option("--skip", is_flag=True, help="Leave out scans whose names are taken, and count that as a success.")
    @wraps(function)
    def wrapped(*args: Any, replace: bool, skip: bool, **kwargs: Any) -> Any:
        if replace and skip:
            raise click.UsageError("Give --replace or --skip, not both.")
        return function(*args, conflicts=_Conflicts(replace, skip), **kwargs)

    return wrapped  # type: ignore[return-value]


class _Conflicts:
    """Says what became of each scan, and which were left out because another has the name."""

    def __init__(self, replace: bool, skip: bool) -> None:
        self.replace = replace
        self.skip = skip
        self.left: list[str] = []

    def write(self, model: str, write: Callable[[], bool], done: str) -> None:
        """Writes a scan, unless it is there already or its name is taken."""
        try:
            new = write()
        except ScanConflictError as error:
            self.left.append(model)
            echo(f"{model}: left out. {error}", err=True)
        else:
            echo(f"{model}: {done if new else 'already there'}", err=True)

    def end(self) -> None:
        """A failure where scans were left out that nobody said to skip."""
        if self.left and not self.skip:
            raise HeadatlasError(
                f"{len(self.left)} left out: {', '.join(self.left)}. --replace puts them in the place of the others of "
                "the same name, --skip leaves them out without a failure, `headatlas rename` gives another name."
            )


@click.command(name="import")
@click.argument("given", metavar="FOLDERS...", nargs=-1, required=True)
@db_option
@click.option(
    "--examples", type=click.IntRange(min=0), help="Sequences of each head to keep of a HeadVis tree.  [default: 3]"
)
@conflict_options
def import_(given: tuple[str, ...], db: str, examples: int | None, conflicts: _Conflicts) -> None:
    """Read exported scans (FOLDERS, or catalogues that hold some) into the database.

    A scan whose name another one has is left out, and named; the rest is read. Folders of HeadVis (config.json,
    scatter_data.json, heads/) are known by their files: its metrics become scores, its sequences examples.
    hf:OWNER/NAME is a data set on the hub that `headatlas publish` made.

    \b
    headatlas import catalog/
    headatlas import catalog/smollm2-135m --db heads.db
    headatlas import trees/gpt2-small/headvis/openwebtext
    headatlas import hf:owner/heads
    """
    with ExitStack() as stack:
        folders = [_local(name, stack) for name in given]
        _import(folders, db, examples, conflicts)
    conflicts.end()


def _local(name: str, stack: ExitStack) -> Path:
    """A folder as it was named, or what was downloaded for hf:OWNER/NAME, for as long as the stack is open."""
    from headatlas.share.hub import PREFIX, downloaded

    is_local = not name.startswith(PREFIX) or exists(name)
    return Path(name) if is_local else stack.enter_context(downloaded(name))


def _import(folders: Sequence[Path], db: str, examples: int | None, conflicts: _Conflicts) -> None:
    from headatlas.share import files
    from headatlas.share.headvis.reading import find_trees, read_tree
    from headatlas.share.writing import write_record
    from headatlas.store.scans import Store
    from headatlas.store.writable import SHORT_PATIENCE

    trees = [tree for folder in folders for tree in find_trees(folder)]
    scans = files.folders([folder for folder in folders if not find_trees(folder)])
    with Store(db, patience=SHORT_PATIENCE) as store:
        for model, folder in trees:
            record = read_tree(store, folder, model, examples=examples)
            conflicts.write(model, partial(write_record, store, record, replace=conflicts.replace), done="imported")
        for folder in scans:
            record = files.read_folder(store, folder)
            conflicts.write(
                record.model, partial(write_record, store, record, replace=conflicts.replace), done="imported"
            )


@click.command()
@click.argument("models", nargs=-1, shell_complete=complete_model)
@db_option
@click.option("--to", "repo", required=True, metavar="OWNER/NAME", help="The data set on the hub.")
@click.option("--license", "licence", help="Under which licence, as the hub writes it: cc-by-4.0, apache-2.0, ...")
@click.option("--push", is_flag=True, help="Upload it; without this only what would be uploaded is listed.")
def publish(models: tuple[str, ...], db: str, repo: str, licence: str | None, push: bool) -> None:
    """Publish scans as a data set on the Hugging Face hub: a card, Parquet tables, and the folders of `export`.

    Nothing is uploaded without --push. All models, unless some are named. `headatlas import hf:OWNER/NAME` reads it.

    \b
    headatlas publish --to me/heads
    headatlas publish smollm2-135m --to me/heads --license cc-by-4.0 --push
    """
    from headatlas.cli.tables import bytes_in_words
    from headatlas.share import hub

    name = hub.repository(repo)
    if push and licence is None:
        raise click.UsageError("Say under which licence with --license.")
    with headatlas.open(db) as catalog, hub.prepared(catalog, name, models, licence=licence) as folder:
        for file in sorted(path for path in folder.rglob("*") if path.is_file()):
            echo(f"{file.relative_to(folder)}  {bytes_in_words(file.stat().st_size)}")
        if push:
            echo(f"Published: {hub.upload(folder, name)}", err=True)
        else:
            echo(f"Nothing was uploaded; --push writes this into {name}.", err=True)


@click.command()
@click.argument("into", type=GivenPath())
@click.argument("databases", nargs=-1, required=True, type=GivenPath())
@conflict_options
def merge(into: Path, databases: tuple[Path, ...], conflicts: _Conflicts) -> None:
    """Copy the finished scans of DATABASES into the database INTO, which is made when it is not there.

    A scan whose name another one has is left out, and named; the rest is copied.

    \b
    headatlas merge all.db laptop.db cluster.db
    headatlas merge all.db laptop.db --skip
    """
    from headatlas.catalog.reader import Reader
    from headatlas.share.check import check_record
    from headatlas.share.layout import layout_of
    from headatlas.share.record import read_record
    from headatlas.share.writing import write_record
    from headatlas.store.scans import Store
    from headatlas.store.writable import SHORT_PATIENCE

    same = [database for database in databases if exists(into) and exists(database) and into.samefile(database)]
    for database in same:
        echo(f"{shown(database)} is the database that is copied into; nothing of it is copied.", err=True)
    # All can be read, or nothing is written.
    sources = [Reader(database) for database in databases if database not in same]
    if not sources:
        return
    with Store(into, patience=SHORT_PATIENCE) as store:
        for source in sources:
            for row in source.scans():
                record = read_record(source, row["model"])
                check_record(record, layout_of(source.connection), source.path)
                conflicts.write(
                    record.model, partial(write_record, store, record, replace=conflicts.replace), done="copied"
                )
            source.close()
    conflicts.end()


@click.command()
@db_option
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on; 0.0.0.0 for all.")
@click.option("--port", type=click.IntRange(0, 65535), default=8001, show_default=True, help="Port; 0 for a free one.")
@click.option("--open", "browse", is_flag=True, help="Open it in the browser.")
def serve(db: str, host: str, port: int, browse: bool) -> None:
    """Show the database in Datasette, read-only, with the named queries and all descriptions.

    Needs Datasette: pip install 'headatlas[serve]'. Prints the address; Ctrl-C stops it.

    \b
    headatlas serve
    headatlas serve --db heads.db --port 0 --open
    """
    from headatlas.catalog.datasette import serve

    def ready(address: str) -> None:
        echo(address)
        echo(f"Serving {db}; Ctrl-C stops it.", err=True)
        if browse:
            click.launch(address)

    serve(db, host=host, port=port, ready=ready)


COMMANDS = (export, import_, merge, publish, serve)
