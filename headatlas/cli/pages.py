"""Commands that write pages: `view` and `atlas`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from headatlas.cli.completion import complete_model
from headatlas.cli.options import GivenPath, WholeNumber, db_option, layer_and_head, load_options
from headatlas.cli.progress import progress_bar
from headatlas.cli.streams import given_text
from headatlas.cli.terminal_text import echo

if TYPE_CHECKING:
    from headatlas.settings import LoadOptions


open_option = click.option("--open", "opens", is_flag=True, help="Then open it in the browser.")


def open_page(page: Path) -> None:
    """Opens a page in the browser, or says on standard error that there is none."""
    import webbrowser

    if not webbrowser.open(page.resolve().as_uri()):
        echo("There is no browser that could be started here.", err=True)


@click.command()
@click.argument("model")
@click.argument("text")
@db_option
@click.option("--layer", type=WholeNumber(), help="Only this layer.")
@click.option("--head", help="Only this head of the layer; L18H6 says both.")
@click.option("--out", type=GivenPath(), help="Page to write; view.html by default.")
@click.option("--svg", type=GivenPath(), help="Write the head, or the average, as SVG instead.")
@click.option("--png", type=GivenPath(), help="Write the head, or the average, as PNG instead.")
@click.option("--terminal", is_flag=True, help="Print the head, or the average, as coloured numbers instead.")
@open_option
@load_options("device", "dtype", "revision", "trust_remote_code")
def view(
    model: str, text: str, db: str, layer: int | None, head: str | None, out: Path | None, svg: Path | None,
    png: Path | None, terminal: bool, opens: bool, load: LoadOptions,
) -> None:  # fmt: skip
    """Show every head of MODEL on a TEXT of yours, as one page; "-" reads the text from standard input.

    MODEL is what `scan` takes, or the name of a scan: its model is loaded from where the scan had it.

    \b
    headatlas view smollm2-135m "The red fox met a red fox"
    headatlas view smollm2-135m "The red fox met a red fox" --head L18H6 --terminal
    headatlas view smollm2-135m "The red fox met a red fox" --layer 18 --head 6 --svg fox.svg
    """
    from headatlas.views.single_page import check_place
    from headatlas.views.text_view import view as view_text

    svg, png = _with_suffix(svg, ".svg"), _with_suffix(png, ".png")
    layer, number = layer_and_head(layer, head)
    text = given_text() if text == "-" else text
    files = [file for file in (svg, png, out) if file is not None]
    if not files and (opens or not terminal):
        files = [Path("view.html")]
    for file in files:
        check_place(file)
    with progress_bar("reading the text", quiet=False) as progress:
        shown = view_text(model, text, load, layer=layer, head=number, progress=progress, db=db)
    if terminal:
        from rich.console import Console

        console = Console(soft_wrap=True)
        console.print(shown.blocks(console.width), end="")
    for file in files:
        echo(shown.save(file).resolve())
    if opens:
        open_page(files[-1])


def _with_suffix(file: Path | None, suffix: str) -> Path | None:
    """A file's name with the suffix of its format.

    Raises:
        click.UsageError: it has another.
    """
    if file is None or file.suffix.lower() == suffix:
        return file
    if not file.name:
        raise click.UsageError(f"--{suffix[1:]} writes a file, and {file} is a folder.")
    if file.suffix.lower() in (".svg", ".png", ".pdf", ".html", ".jpg", ".jpeg"):
        raise click.UsageError(f"--{suffix[1:]} writes {suffix[1:].upper()}, and {file} would be something else.")
    return file.with_name(file.name + suffix)


@click.command()
@click.argument("models", nargs=-1, shell_complete=complete_model)
@db_option
@click.option("--catalog", type=GivenPath(), help="Take the scans from exported folders instead.")
@click.option("--out", default="atlas", show_default=True, type=GivenPath(), help="Folder to write.")
@click.option("--force", is_flag=True, help="Write into a folder that holds other files.")
@click.option("--downloads", is_flag=True, help="Also each scan as CSV files and as a database, to take away.")
@click.option("--url", default="", help="Where the site will stand: links to its pages then have previews.")
@open_option
@click.option("--quiet", is_flag=True, help="No progress, no messages.")
def atlas(
    models: tuple[str, ...],
    db: str,
    catalog: Path | None,
    out: Path,
    force: bool,
    downloads: bool,
    url: str,
    opens: bool,
    quiet: bool,
) -> None:
    """Write the static site, for all scans in the database or the named MODELS.

    \b
    headatlas atlas
    headatlas atlas smollm2-135m --out site/
    headatlas atlas --catalog catalog/
    headatlas atlas --out site/ --url https://example.org/heads/ --downloads
    """
    from headatlas.atlas.site import build

    with _database(db, catalog) as path, progress_bar("writing pages", quiet) as progress:
        page = build(path, out, models=models, force=force, url=url, downloads=downloads, progress=progress)
    if not quiet and not opens:
        echo("Open in a browser (--open does):", err=True)
    echo(page.resolve())
    if opens:
        open_page(page)


@contextmanager
def _database(db: str, catalog: Path | None) -> Iterator[Path]:
    """The database, or one made of exported folders for the while."""
    if catalog is None:
        yield Path(db)
        return
    from headatlas.share.files import temporary_database

    with temporary_database([catalog]) as path:
        yield path
