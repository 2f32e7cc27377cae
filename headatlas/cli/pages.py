"""Commands that write pages: `view` and `atlas`."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from headatlas.cli.options import db_option, load_options
from headatlas.cli.progress import progress_bar

if TYPE_CHECKING:
    from headatlas.settings import LoadOptions


@click.command()
@click.argument("model")
@click.argument("text")
@db_option
@click.option("--layer", type=int, help="Only this layer.")
@click.option("--head", type=int, help="Only this head of the layer.")
@click.option("--out", type=click.Path(path_type=Path), help="Page to write; view.html by default.")
@click.option("--svg", type=click.Path(path_type=Path), help="Write the head, or the average, as SVG instead.")
@click.option("--terminal", is_flag=True, help="Print the head, or the average, as coloured blocks instead.")
@load_options("device", "dtype", "revision", "trust_remote_code")
def view(
    model: str, text: str, db: str, layer: int | None, head: int | None, out: Path | None, svg: Path | None,
    terminal: bool, load: LoadOptions,
) -> None:  # fmt: skip
    """Show every head of MODEL on a TEXT of yours, as one page; "-" reads the text from standard input.

    MODEL is what `scan` takes, or the name of a scan: its model is loaded from where the scan had it.

    \b
    headatlas view smollm2-135m "The red fox met a red fox"
    headatlas view smollm2-135m "The red fox met a red fox" --layer 18 --head 6 --terminal
    headatlas view smollm2-135m "The red fox met a red fox" --layer 18 --head 6 --svg fox.svg
    """
    from headatlas.views.text_view import view as view_text

    text = sys.stdin.read() if text == "-" else text
    with progress_bar("reading the text", quiet=False) as progress:
        shown = view_text(model, text, load, layer=layer, head=head, progress=progress, db=db)
    if terminal:
        from rich.console import Console

        Console(soft_wrap=True).print(shown.blocks(), end="")
    if svg is not None:
        click.echo(shown.save(svg.with_suffix(".svg")).resolve())
    if out is not None or not (terminal or svg):
        click.echo(shown.save(out or Path("view.html")).resolve())


@click.command()
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
    from headatlas.atlas.site import build

    with _database(db, catalog) as path, progress_bar("writing pages", quiet) as progress:
        page = build(path, out, models=models, force=force, progress=progress)
    if not quiet:
        click.echo("Open in a browser:", err=True)
    click.echo(page.resolve())


@contextmanager
def _database(db: str, catalog: Path | None) -> Iterator[Path]:
    """The database, or one made of exported folders for the while."""
    if catalog is None:
        yield Path(db)
        return
    from headatlas.share.files import temporary_database

    with temporary_database([catalog]) as path:
        yield path
